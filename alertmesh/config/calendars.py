"""The form of `rules/calendars`: which days are worked, and at which hours."""

from datetime import date, time
from typing import Literal, Self

from pydantic import model_validator

from alertmesh.config.maintenance import ClockTime
from alertmesh.config.values import Model, Name, Zone
from alertmesh.core.oncall import Calendar
from alertmesh.core.silence import Weekday

BUILT_IN = "calendars: [{name: default}]"
"""What is there even if no file says so: whoever names no calendar means this one."""


class CalendarEntry(Model):
    """One calendar; days of `workdays` and `holidays` overrule country and weekend."""

    name: Name
    country: Literal["", "cn"] = ""
    weekend: tuple[Weekday, ...] = (Weekday.SAT, Weekday.SUN)
    workdays: tuple[date, ...] = ()
    holidays: tuple[date, ...] = ()
    zone: Zone = "UTC"
    begins: ClockTime = time(9)
    ends: ClockTime = time(18)

    @model_validator(mode="after")
    def _some_day_is_worked(self) -> Self:
        if set(Weekday) <= set(self.weekend):
            raise ValueError("`weekend` should leave a day to work on")
        both = sorted({*self.workdays} & {*self.holidays})
        if both:
            raise ValueError(f"{both[0]} cannot be both in `workdays` and in `holidays`")
        return self

    def calendar(self) -> Calendar:
        """Return what the stages go by."""
        return Calendar(**self.model_dump())


class CalendarsFile(Model):
    """`rules/calendars.yaml`, or a file of `rules/calendars`."""

    calendars: tuple[CalendarEntry, ...] = ()
