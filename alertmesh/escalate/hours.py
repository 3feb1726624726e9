"""When a step or a tier counts, by the calendar of the policy."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alertmesh.core.oncall import Calendar, Step, When
from alertmesh.escalate.wallclock import instant
from alertmesh.escalate.workdays import is_working, next_working

_A_MINUTE = timedelta(minutes=1)


def counts(when: When, calendar: Calendar, now: datetime) -> bool:
    """Tell whether what has `when` counts at `now`."""
    return when is When.ALWAYS or (when is When.WORKING) == is_working(calendar, now)


def next_counting(when: When, calendar: Calendar, now: datetime) -> datetime:
    """Return when what does not count at `now` does again; always later than `now`."""
    if when is When.WORKING:
        return max(next_working(calendar, now), now + _A_MINUTE)
    zone = ZoneInfo(calendar.zone)
    today = now.astimezone(zone).date()
    ends = (instant(today + timedelta(days=later), calendar.ends, zone) for later in range(2))
    return min((end for end in ends if end > now), default=now + _A_MINUTE)


def first_counting(steps: Sequence[Step], start: int, calendar: Calendar, now: datetime) -> int | None:
    """Return the first step from `start` on that counts at `now`, None when none does."""
    return next((at for at in range(start, len(steps)) if counts(steps[at].when, calendar, now)), None)
