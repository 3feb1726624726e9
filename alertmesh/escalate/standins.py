"""Put those who stand in for others into their places: what agreed overrides make of a duty."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.oncall import Override, OverrideState
from alertmesh.escalate.duties import Duty


class _Place(Struct):
    """One place of a duty: who would have it, the one who has it last, and the override that says so."""

    names: list[str]
    override: str = ""

    def take(self, one: "StandIn") -> bool:
        """Let a stand-in have the place if it is theirs to take; a swap is not undone by its own return."""
        if one.covered not in self.names or one.override == self.override:
            return False
        self.names.append(one.person)
        self.override = one.override
        return True


class StandIn(Struct, frozen=True):
    """From `start` until just before `end`, `person` has the place of `covered`, or the primary's."""

    start: datetime
    end: datetime
    covered: str
    person: str
    override: str


def stand_ins(overrides: Iterable[Override], roster: str) -> tuple[StandIn, ...]:
    """Return what the agreed overrides of a roster come to, the one that was made last at the end."""
    agreed = [
        override
        for override in overrides
        if override.roster == roster and override.state is OverrideState.AGREED and override.person
    ]
    found: list[StandIn] = []
    for one in sorted(agreed, key=lambda override: (override.created_at, override.id)):
        found.append(StandIn(one.starts_at, one.ends_at, one.covered, one.person, one.id))
        if one.in_return is not None and one.covered:
            found.append(StandIn(*one.in_return, one.person, one.covered, one.id))
    return tuple(one for one in found if one.start < one.end)


def stand_in(duty: Duty, active: Sequence[StandIn], *, layered: bool) -> Duty:
    """Return the duty with those who stand in now; of two for one place the later has it.

    `layered` tells that a layer of its own provides the secondary. A person who would have two
    places keeps the foremost, and whoever comes after moves up.
    """
    primary, rest = _Place([duty.primary]), [_Place([name]) for name in (duty.secondary, *duty.others)]
    made, changed = duty, False
    for one in active:
        if not one.covered:
            rest.insert(1, primary)
            primary = _Place([one.person], one.override)
            made, changed = _made(duty, one, "whoever is primary"), True
            continue
        taken = [place.take(one) for place in (primary, *rest)]
        if taken[0]:
            made = _made(duty, one, one.covered)
        changed = changed or any(taken)
    if not changed:
        return duty
    return _settled(made, primary.names[-1], [place.names[-1] for place in rest], layered=layered)


def _made(duty: Duty, one: StandIn, whom: str) -> Duty:
    """Return a duty whose primary is so by an override."""
    why = f"{one.person} stands in for {whom}, by override {one.override}"
    return replace(duty, why=why, override=one.override, covered=one.covered)


def _settled(made: Duty, primary: str, after: list[str], *, layered: bool) -> Duty:
    names = [name for name in dict.fromkeys(after) if name and name != primary]
    nobody = layered and not after[0]
    secondary = "" if nobody or not names else names.pop(0)
    return replace(made, primary=primary, secondary=secondary, others=tuple(names))
