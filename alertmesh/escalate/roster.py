"""Who is on duty at a moment: a pure function of rosters, overrides and the moment."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from alertmesh.core.oncall import Layer, OnCall, Override, Roster, Rotation, User
from alertmesh.escalate.wallclock import instant

_FIRST_MONDAY = datetime(2024, 1, 1)  # noqa: DTZ001  # a wall-clock time, read in the layer's zone
_TURN_DAYS = {Rotation.DAILY: 1, Rotation.WEEKLY: 7}
_USER = "user:"


class Duty(Struct, frozen=True, kw_only=True):
    """Who has duty at one moment, the primary first; `others` come after in the order of their turns.

    `why` says in one sentence what makes the primary the primary: a layer, or an override.
    """

    primary: str = ""
    secondary: str = ""
    others: tuple[str, ...] = ()
    why: str = ""

    @property
    def everybody(self) -> tuple[str, ...]:
        """Return all of them once."""
        return tuple(dict.fromkeys(name for name in (self.primary, self.secondary, *self.others) if name))


class Shift(Struct, frozen=True, kw_only=True):
    """From `start` until just before `end` the same people have duty, for the same reason."""

    start: datetime
    end: datetime
    duty: Duty


class Resolved(Struct, frozen=True):
    """The people behind some targets, and the targets behind which nobody can be reached."""

    people: tuple[str, ...]
    missing: tuple[str, ...] = ()


class Rota:
    """Every roster with its overrides; answers who has duty when."""

    def __init__(self, oncall: OnCall, overrides: Iterable[Override] = ()) -> None:
        self._users: Mapping[str, User] = oncall.users
        self._rosters: Mapping[str, Roster] = oncall.rosters
        self._overrides = tuple(overrides)

    def duty(self, roster: str, now: datetime) -> Duty:
        """Return who has duty; a roster that is not there has nobody."""
        found = self._rosters.get(roster)
        if found is None or not found.layers:
            return Duty()
        order = _order(found.layers[-1], now)
        return Duty(primary="".join(order[:1]), secondary="".join(order[1:2]), others=order[2:])

    def resolve(self, targets: tuple[str, ...], roster: str, now: datetime) -> Resolved:
        """Return each reachable person behind `targets` once, in order.

        Somebody unknown or without a channel counts as nobody.
        """
        people: dict[str, None] = {}
        missing: list[str] = []
        for target in targets:
            named = self._names(target, roster, now)
            reachable = [name for name in named if self.is_reachable(name)]
            people.update(dict.fromkeys(reachable))
            if not reachable:
                missing.append(target)
        return Resolved(tuple(people), tuple(missing))

    def is_reachable(self, name: str) -> bool:
        """Tell whether a person is known and has a channel."""
        user = self._users.get(name)
        return user is not None and bool(user.channels)

    def has(self, roster: str, person: str) -> bool:
        """Tell whether a person belongs to a roster, on duty or not."""
        found = self._rosters.get(roster)
        return found is not None and (
            person == found.lead or any(person in layer.members for layer in found.layers)
        )

    def _names(self, target: str, roster: str, now: datetime) -> tuple[str, ...]:
        if target.startswith(_USER):
            return (target.removeprefix(_USER),)
        found = self._rosters.get(roster)
        if found is None:
            return ()
        if target == "lead":
            return (found.lead,)
        duty = self.duty(roster, now)
        chosen = {"primary": (duty.primary,), "secondary": (duty.secondary,), "all": duty.everybody}
        return chosen.get(target, ())


def _order(layer: Layer, now: datetime) -> tuple[str, ...]:
    turn_days = _TURN_DAYS.get(layer.rotation)
    if turn_days is None or not layer.members:
        return layer.members
    first = (_days_passed(layer, now) // turn_days) % len(layer.members)
    return layer.members[first:] + layer.members[:first]


def _days_passed(layer: Layer, now: datetime) -> int:
    zone = ZoneInfo(layer.zone)
    start = _FIRST_MONDAY if layer.start is None else layer.start.astimezone(zone)
    today = now.astimezone(zone).date()
    days = (today - start.date()).days
    return days - (now < instant(today, start.time(), zone))
