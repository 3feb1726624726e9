"""Read moments as people type them, and write them as people read them, in the zone of their roster."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alertmesh.config.values import parse_duration
from alertmesh.escalate.wallclock import instant

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_FORMS = "write a moment such as 2026-12-24T18:00, 18:00 (the next one) or +8h"


def read(text: str, base: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment that is meant, counted from `base`; ValueError says how to write one.

    >>> base = datetime(2026, 11, 23, 4, tzinfo=UTC)  # it is noon in Shanghai
    >>> [f"{read(text, base, ZoneInfo('Asia/Shanghai')):%d %H:%M}" for text in ("18:00", "08:00", "+1h30m")]
    ['23 10:00', '24 00:00', '23 05:30']
    """
    try:
        clock = _CLOCK.fullmatch(text)
        if clock is not None:
            return _next(time(int(clock[1]), int(clock[2])), base, zone)
        if text.startswith("+"):
            return base + parse_duration(text[1:])
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
        return instant(at.date(), at.time(), zone)
    except (ValueError, OverflowError) as error:
        raise ValueError(_FORMS) from error


def read_span(text: str, base: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the two moments of `FROM..TO`, the second counted from the first; may raise ValueError."""
    first, dots, last = text.partition("..")
    if not dots:
        raise ValueError(f"write FROM..TO; {_FORMS}")
    start = read(first, base, zone)
    return start, read(last, start, zone)


def told(at: datetime, zone: ZoneInfo) -> str:
    """Return a moment as the clock on the wall shows it.

    >>> told(datetime(2026, 11, 23, 4, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
    'Mon 2026-11-23 12:00'
    """
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}"


def _next(at: time, base: datetime, zone: ZoneInfo) -> datetime:
    today = base.astimezone(zone).date()
    days = (today + timedelta(days=number) for number in range(3))
    return next(moment for day in days if (moment := instant(day, at, zone)) >= base)
