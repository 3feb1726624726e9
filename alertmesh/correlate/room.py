"""Let go of closed groups, and of what is over the bounds; whom that frees is told, and so is its end."""

from collections.abc import Iterable
from datetime import datetime

from alertmesh.core.group import Grouped, GroupEvent, Reroled, Role
from alertmesh.core.series import Change
from alertmesh.correlate.explain import Wording
from alertmesh.correlate.judgement import People
from alertmesh.correlate.live import Belonging
from alertmesh.correlate.memory import Memory
from alertmesh.correlate.roles import Roles
from alertmesh.correlate.strays import Stray


class Room:
    """Forget groups and members wherever something is kept of them."""

    def __init__(self, memory: Memory, people: People, roles: Roles, wording: Wording) -> None:
        self._memory = memory
        self._people = people
        self._roles = roles
        self._wording = wording

    def retire(self, groups: Iterable[int], at: datetime) -> list[GroupEvent]:
        """Forget closed groups, whose series are judged anew when they come back; tell whom that frees."""
        gone = list(groups)
        self._memory.strays.closed(gone)
        return self._close(gone, at)

    def make(self, at: datetime) -> list[GroupEvent]:
        """Forget what is over the bounds: whole groups that are clear, then members, firing ones last."""
        memory = self._memory
        excess = memory.excess()
        events = self._stray(excess, at) + self._close(excess, at) if excess else []
        over = memory.overflow()
        if over:
            events += self._remember(over, at)
            freed = self._left(over)
            self._people.forget(over)
            events += self._close(memory.let_go(over), at)
            events += self._roles.reassigned(freed, at)
        return events

    def heard(self, change: Change) -> list[GroupEvent]:
        """Pass on what becomes of a series that was let go while it fired, to the group that it was in."""
        series, strays = change.series, self._memory.strays
        stray = strays.table.get(series.id)
        if stray is None:
            return []
        if not series.is_on:
            strays.take(series.id)
        return [Grouped(group=stray.group, change=change, join=stray.join, usual=stray.usual)]

    def _close(self, groups: Iterable[int], at: datetime) -> list[GroupEvent]:
        freed: list[str] = []
        for group in groups:
            live = self._memory.groups.groups.get(group)
            freed += self._left(sorted(live.members) if live is not None else ())
            self._people.forget(self._memory.retire([group]))
        return self._roles.reassigned(freed, at)

    def _stray(self, groups: Iterable[int], at: datetime) -> list[GroupEvent]:
        live = self._memory.groups.groups
        return [event for group in groups for event in self._remember(sorted(live[group].members), at)]

    def _remember(self, leaving: Iterable[str], at: datetime) -> list[GroupEvent]:
        """Remember where series belong that fire or flap: their incident waits for their end.

        Nobody will know when what hides one of them is over: so it is hidden no more.
        """
        events: list[GroupEvent] = []
        for series in leaving:
            belonging = self._memory.members[series]
            if not belonging.group or not self._is_on(series, belonging):
                continue
            join = belonging.join
            if join.role is Role.SUPPRESSED:
                join = self._wording.shown(join)
                events.append(Reroled(group=belonging.group, series=series, join=join, at=at))
            self._memory.strays.note(series, Stray(belonging.group, join, belonging.times))
        return events

    def _is_on(self, series: str, belonging: Belonging) -> bool:
        known = None if belonging.firing else self._roles.known(series)
        return belonging.firing or (known is not None and known.is_on)

    def _left(self, series: Iterable[str]) -> list[str]:
        """Take series out of the sight of the inhibition rules; return whom that frees."""
        members = self._memory.members
        return [freed for one in series for freed in self._roles.leave(one, members[one])]
