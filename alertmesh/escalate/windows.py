"""When a maintenance window holds, by wall-clock time in its zone."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from alertmesh.core.silence import Weekday, Window
from alertmesh.escalate.wallclock import instant

_DAY = timedelta(days=1)
_WEEKDAYS = tuple(Weekday)
_LOOK_AHEAD = 16  # days: two weeks and a day, since a change of the clock can swallow one occurrence


class Occurrence(Struct, frozen=True):
    """One time that a window holds: from `start` until just before `end`."""

    start: datetime
    end: datetime


def occurrence(window: Window, now: datetime) -> Occurrence | None:
    """Return the occurrence that holds at `now`, else the next one, None when none comes any more.

    A beginning or end at a wall-clock time that occurs twice means the first; one that is skipped
    means the end of the gap, so that a window inside the gap does not take place.
    """
    if window.starts_at is not None and window.ends_at is not None:
        return Occurrence(window.starts_at, window.ends_at) if now < window.ends_at else None
    if window.begins is None or window.ends is None:
        return None
    zone = ZoneInfo(window.zone)
    for day in _days(window, now.astimezone(zone).date()):
        found = _on(day, window.begins, window.ends, zone)
        if found.start < found.end and now < found.end:
            return found
    return None


def _days(window: Window, today: date) -> Iterator[date]:
    """Yield the days on which the window may begin, from yesterday on."""
    first = max(today - _DAY, window.first_day or date.min)
    for day in (first + number * _DAY for number in range(_LOOK_AHEAD)):
        if window.last_day is not None and day > window.last_day:
            return
        if _WEEKDAYS[day.weekday()] in window.days:
            yield day


def _on(day: date, begins: time, ends: time, zone: ZoneInfo) -> Occurrence:
    last = day if ends > begins else day + _DAY
    return Occurrence(instant(day, begins, zone), instant(last, ends, zone))
