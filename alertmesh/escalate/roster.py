"""Who is on duty at a moment: a pure function of rosters, overrides and the moment."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from alertmesh.core.oncall import OnCall, Override, Roster, User
from alertmesh.escalate.duties import Duty, Shift
from alertmesh.escalate.shifts import Timetable

__all__ = ["Duty", "Resolved", "Rota", "Shift"]
USER = "user:"


class Resolved(Struct, frozen=True):
    """The people behind some targets, and the targets behind which nobody can be reached."""

    people: tuple[str, ...]
    missing: tuple[str, ...] = ()


class Rota:
    """Every roster with its overrides; answers who has duty when."""

    def __init__(self, oncall: OnCall, overrides: Iterable[Override] = ()) -> None:
        self._users: Mapping[str, User] = oncall.users
        self._rosters: Mapping[str, Roster] = oncall.rosters
        self._overrides: dict[str, list[Override]] = {}
        for override in overrides:
            self._overrides.setdefault(override.roster, []).append(override)
        self._timetables: dict[str, Timetable] = {}

    def names(self) -> list[str]:
        """Return the name of each roster."""
        return list(self._rosters)

    def roster(self, name: str) -> Roster | None:
        """Return a roster as it is configured, None when there is none of that name."""
        return self._rosters.get(name)

    def duty(self, roster: str, now: datetime) -> Duty:
        """Return who has duty; a roster that is not there has nobody."""
        timetable = self._timetable(roster)
        return Duty() if timetable is None else timetable.duty(now)

    def shifts(self, roster: str, start: datetime, end: datetime) -> list[Shift]:
        """Return who has duty from `start` until `end`, in shifts that follow one another.

        While nobody has it there is a shift with an empty duty, whose `why` says the reason.
        """
        timetable = self._timetable(roster)
        if timetable is None:
            return [Shift(start=start, end=end, duty=Duty())] if start < end else []
        return timetable.shifts(start, end)

    def next_change(self, roster: str, now: datetime) -> datetime | None:
        """Return when the duty is next another one; None when nothing changes within two years."""
        timetable = self._timetable(roster)
        return None if timetable is None else timetable.next_change(now)

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

    def has(self, roster: str, person: str, now: datetime) -> bool:
        """Tell whether a person belongs to a roster, on duty or not, or stands in there now."""
        found = self._rosters.get(roster)
        if found is None:
            return False
        belongs = person == found.lead or any(person in layer.members for layer in found.layers)
        return belongs or person in self.duty(roster, now).everybody

    def _timetable(self, roster: str) -> Timetable | None:
        """Return a roster made ready to be asked, once it is asked for."""
        made = self._timetables.get(roster)
        if made is None and roster in self._rosters:
            made = self._timetables[roster] = Timetable(
                self._rosters[roster], self._overrides.get(roster, ())
            )
        return made

    def _names(self, target: str, roster: str, now: datetime) -> tuple[str, ...]:
        if target.startswith(USER):
            return (target.removeprefix(USER),)
        found = self._rosters.get(roster)
        if found is None:
            return ()
        if target == "lead":
            return (found.lead,)
        duty = self.duty(roster, now)
        chosen = {"primary": (duty.primary,), "secondary": (duty.secondary,), "all": duty.everybody}
        return chosen.get(target, ())
