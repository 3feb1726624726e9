"""Which days a calendar counts as worked, and when work goes on next: pure functions."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar

from alertmesh.core.oncall import Calendar
from alertmesh.core.silence import Weekday
from alertmesh.escalate.wallclock import instant

_CHINA = "cn"
_WEEK = tuple(Weekday)
_DAY = timedelta(days=1)
_LOOK_AHEAD = 400  # days; a calendar that works on none of them never works
# The State Council names the days of a year late in the year before.
_PUBLISHED = range(min(chinese_calendar.holidays).year, max(chinese_calendar.holidays).year + 1)


def weekday(day: date) -> Weekday:
    """Return which day of the week it is.

    >>> weekday(date(2028, 2, 29)).value
    'tue'
    """
    return _WEEK[day.weekday()]


def known_years(calendar: Calendar) -> range:
    """Return the years whose public holidays are known; none for a calendar without a country."""
    return _PUBLISHED if calendar.country == _CHINA else range(0)


@lru_cache(maxsize=16_384)
def is_workday(calendar: Calendar, day: date) -> bool:
    """Tell whether `day` is worked.

    In years whose holidays are not known yet the weekend alone decides.
    """
    if day in calendar.workdays:
        return True
    if day in calendar.holidays:
        return False
    if day.year in known_years(calendar):
        is_off, festival = chinese_calendar.get_holiday_detail(day)
        if festival is not None:
            return not is_off
    return weekday(day) not in calendar.weekend


def is_working(calendar: Calendar, moment: datetime) -> bool:
    """Tell whether `moment` is within the hours of a day that is worked."""
    today = moment.astimezone(ZoneInfo(calendar.zone)).date()
    return any(begin <= moment < end for begin, end in _work(calendar, today - _DAY, 2))


def next_working(calendar: Calendar, moment: datetime) -> datetime:
    """Return the first working moment from `moment` on, which may be `moment` itself.

    A calendar that never works keeps nobody waiting: the answer is `moment`.
    """
    today = moment.astimezone(ZoneInfo(calendar.zone)).date()
    for begin, end in _work(calendar, today - _DAY, _LOOK_AHEAD):
        if moment < end:
            return max(moment, begin).astimezone(UTC)
    return moment


def _work(calendar: Calendar, first: date, days: int) -> Iterator[tuple[datetime, datetime]]:
    """Yield begin and end of work on each worked day among `days` from `first` on."""
    zone = ZoneInfo(calendar.zone)
    overnight = _DAY if calendar.ends <= calendar.begins else timedelta()
    for number in range(days):
        day = first + number * _DAY
        if is_workday(calendar, day):
            yield instant(day, calendar.begins, zone), instant(day + overnight, calendar.ends, zone)
