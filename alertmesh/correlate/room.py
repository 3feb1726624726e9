"""Let go of closed groups, and of what is over the bounds; whom that frees is told."""

from collections.abc import Iterable
from datetime import datetime

from alertmesh.core.group import GroupEvent
from alertmesh.correlate.judgement import People
from alertmesh.correlate.memory import Memory
from alertmesh.correlate.roles import Roles


class Room:
    """Forget groups and members wherever something is kept of them."""

    def __init__(self, memory: Memory, people: People, roles: Roles) -> None:
        self._memory = memory
        self._people = people
        self._roles = roles

    def retire(self, groups: Iterable[int], at: datetime) -> list[GroupEvent]:
        """Forget groups, whose series are judged anew when they come back; tell whom that frees."""
        freed: list[str] = []
        for group in groups:
            live = self._memory.groups.groups.get(group)
            freed += self._left(sorted(live.members) if live is not None else ())
            self._people.forget(self._memory.retire([group]))
        return self._roles.reassigned(freed, at)

    def make(self, at: datetime) -> list[GroupEvent]:
        """Forget what is over the bounds: whole groups that are clear, then members, firing ones last."""
        memory = self._memory
        events = self.retire(memory.excess(), at)
        over = memory.overflow()
        if over:
            freed = self._left(over)
            self._people.forget(over)
            events += self.retire(memory.let_go(over), at)
            events += self._roles.reassigned(freed, at)
        return events

    def _left(self, series: Iterable[str]) -> list[str]:
        """Take series out of the sight of the inhibition rules; return whom that frees."""
        members = self._memory.members
        return [freed for one in series for freed in self._roles.leave(one, members[one])]
