"""The form of rosters: who takes turns, when, and at which hours."""

from datetime import UTC, datetime, time
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from alertmesh.config.maintenance import ClockTime
from alertmesh.config.values import Model, Name, Zone
from alertmesh.core.oncall import Calendar, DayKind, DutyRole, Hours, Layer, Roster, Rotation
from alertmesh.core.silence import Weekday

_SHORT = ("members", "rotation", "zone", "start")
_YEARS = range(1970, 2200)


def _near(moment: datetime) -> datetime:
    if moment.year not in _YEARS:
        raise ValueError(f"should be a moment of the years {_YEARS[0]} to {_YEARS[-1]}")
    return moment


Moment = Annotated[datetime, AfterValidator(_near)]


class HoursEntry(Model):
    """Hours on certain days; an end that is not later is on the next day."""

    begins: ClockTime = time(0)
    ends: ClockTime = time(0)
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = tuple(Weekday)
    on: DayKind = DayKind.ANY


class LayerEntry(Model):
    """People who take turns; a later layer stands over the earlier ones while it holds."""

    members: tuple[str, ...]
    name: Name | None = None
    role: DutyRole = DutyRole.PRIMARY
    rotation: Rotation = Rotation.NONE
    every: Annotated[int, Field(ge=1, le=1_000)] = 1
    zone: Zone = "UTC"
    start: Moment | None = None
    begins_then: bool = False
    until: Moment | None = None
    hours: Annotated[tuple[HoursEntry, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _has_a_beginning_and_an_end(self) -> Self:
        start, until = self._utc(self.start), self._utc(self.until)
        if self.begins_then and start is None:
            raise ValueError("`begins_then` needs a `start`")
        if self.begins_then and start and until and until <= start:
            raise ValueError("`until` should be after `start`")
        return self

    def layer(self) -> Layer:
        """Return what the stages go by; a moment without an offset is one of the zone."""
        return Layer(
            **self.model_dump(exclude={"name", "start", "until", "hours"}),
            name=self.name or "",
            start=self._utc(self.start),
            until=self._utc(self.until),
            hours=tuple(Hours(**entry.model_dump()) for entry in self.hours),
        )

    def _utc(self, moment: datetime | None) -> datetime | None:
        if moment is None:
            return None
        local = moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(self.zone))
        return local.astimezone(UTC)


class RosterEntry(Model):
    """Who has duty for one tier of one team: people who take turns, or layers of such."""

    name: Name
    members: tuple[str, ...] = ()
    rotation: Rotation = Rotation.NONE
    zone: Zone = "UTC"
    start: Moment | None = None
    layers: tuple[LayerEntry, ...] = ()
    lead: str = ""
    calendar: str = "default"

    @model_validator(mode="after")
    def _short_or_layers(self) -> Self:
        short = [f"`{key}`" for key in _SHORT if key in self.model_fields_set]
        if self.layers and short:
            raise ValueError(f"write {' and '.join(short)} inside the layers, or no `layers`")
        if not self.layers and not self.members:
            raise ValueError("should name one of `members` at least, or have `layers`")
        names = [layer.name for layer in self.layers if layer.name]
        if len(set(names)) < len(names):
            raise ValueError("`layers` should have different names")
        return self

    def written_layers(self) -> tuple[LayerEntry, ...]:
        """Return the layers; the short form is one layer."""
        if self.layers:
            return self.layers
        return (LayerEntry(members=self.members, rotation=self.rotation, zone=self.zone, start=self.start),)

    def roster(self, calendar: Calendar) -> Roster:
        """Return what the stages go by."""
        layers = tuple(entry.layer() for entry in self.written_layers())
        return Roster(name=self.name, layers=layers, lead=self.lead, calendar=calendar)


def dead_targets(roster: RosterEntry) -> set[str]:
    """Return the targets behind which a roster never has anybody.

    >>> sorted(dead_targets(RosterEntry(name="r", members=("a",))))
    ['lead', 'secondary']
    """
    primaries = [set(entry.members) for entry in roster.written_layers() if entry.role is DutyRole.PRIMARY]
    seconds = [set(entry.members) for entry in roster.written_layers() if entry.role is DutyRole.SECONDARY]
    alive = {
        "primary": any(primaries),
        "secondary": any(seconds) or any(len(members) > 1 for members in primaries),
        "all": any(primaries) or any(seconds),
        "lead": bool(roster.lead),
    }
    return {target for target, some in alive.items() if not some}
