"""The form of `rules/maintenance`: planned windows in which alerts page nobody."""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from alertmesh.config.values import Model, Name, SomeMatchers, Zone
from alertmesh.core.silence import Weekday, Window

_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00"
_RECURRING = frozenset({"days", "begins", "ends", "first_day", "last_day"})
_ONCE = frozenset({"starts_at", "ends_at"})
_SHAPE = "write either `begins` and `ends`, such as 02:00 and 04:00, or `starts_at` and `ends_at`"


def _time(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(_CLOCK, value):
        raise ValueError("should be a time of day such as 02:00 or 23:30, in quotes")
    return time.fromisoformat(value.replace("24:00", "00:00"))


ClockTime = Annotated[
    time, BeforeValidator(_time), WithJsonSchema({"type": "string", "pattern": f"^(?:{_CLOCK})$"})
]


class WindowEntry(Model):
    """One window: on `days` from `begins` to `ends`, or once from `starts_at` to `ends_at`."""

    name: Name
    matchers: SomeMatchers
    comment: str = ""
    zone: Zone = "UTC"
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = tuple(Weekday)
    begins: ClockTime | None = None
    ends: ClockTime | None = None
    first_day: date | None = None
    last_day: date | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @model_validator(mode="after")
    def _recurring_or_once(self) -> Self:
        given = self.model_fields_set
        recurs = None not in (self.begins, self.ends) and not given & _ONCE
        once = None not in (self.starts_at, self.ends_at) and not given & _RECURRING
        if not recurs and not once:
            raise ValueError(_SHAPE)
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError("`last_day` should not be before `first_day`")
        window = self.window()
        if window.starts_at and window.ends_at and window.ends_at <= window.starts_at:
            raise ValueError("`ends_at` should be after `starts_at`")
        return self

    def window(self) -> Window:
        """Return what the stage goes by; a moment without an offset is one of the zone."""
        given = self.model_dump(exclude={"starts_at", "ends_at"})
        return Window(
            **given,
            starts_at=None if self.starts_at is None else self._utc(self.starts_at),
            ends_at=None if self.ends_at is None else self._utc(self.ends_at),
        )

    def _utc(self, moment: datetime) -> datetime:
        local = moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(self.zone))
        return local.astimezone(UTC)


class MaintenanceFile(Model):
    """A file of `rules/maintenance`."""

    windows: tuple[WindowEntry, ...] = ()
