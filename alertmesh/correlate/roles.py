"""Bring series in line with the inhibition rules: who is hidden by what, and in whose group it belongs."""

from collections.abc import Sequence
from datetime import datetime

from alertmesh.core.group import GroupEvent, Join, Reroled, Role
from alertmesh.core.series import Series
from alertmesh.correlate.explain import Wording, told
from alertmesh.correlate.inhibit import Inhibitor
from alertmesh.correlate.live import Belonging, Live
from alertmesh.correlate.memory import Memory
from alertmesh.correlate.online import conflicts


class Roles:
    """Keep the roles of members as the firing sources of the rules have them."""

    def __init__(self, inhibitor: Inhibitor, memory: Memory, wording: Wording) -> None:
        self._inhibitor = inhibitor
        self._memory = memory
        self._wording = wording
        self._is_reviewed = False

    def stand(self, series: Series, belonging: Belonging) -> list[str]:
        """Put a firing series where the inhibition rules see it; return who is hidden by that."""
        sources, targets = self._inhibitor.slots(series.labels, belonging.profile)
        if belonging.firing and (sources, targets) == (belonging.rules, belonging.targets):
            return []
        freed: list[str] = []
        if belonging.firing:
            freed = self.leave(series.id, belonging)
        belonging.rules, belonging.targets = sources, targets
        return sorted({*freed, *self._inhibitor.enter(series.id, sources, targets)})

    def leave(self, series: str, belonging: Belonging) -> list[str]:
        """Take a series out of the sight of the rules; return whom that frees."""
        return self._inhibitor.leave(series, belonging.rules, belonging.targets)

    def place_of(self, series: str) -> tuple[int, str | None]:
        """Return the group of a series, 0 for none, and the firing series that hides it by a rule."""
        belonging = self._memory.members.get(series)
        if belonging is None:
            return 0, None
        found = self._inhibitor.source_of(series, belonging.rules, belonging.targets)
        return belonging.group, None if found is None else found[0]

    def source_group(self, series: str, belonging: Belonging) -> tuple[Live, Join] | None:
        """Return the group of what explains a series by a rule, and why."""
        found = self._inhibitor.source_of(series, belonging.rules, belonging.targets)
        if found is None:
            return None
        source = self._memory.members[found[0]]
        live = self._memory.groups.groups.get(source.group)
        if live is None or conflicts(self._memory.judged(series), live):
            return None
        text = f"{source.name} on {source.profile.subject} explains it by rule {found[1]}"
        return live, told(text, "explained")

    def assign(self, series: str, belonging: Belonging) -> bool:
        """Bring the role in line with the firing sources; tell whether it changed."""
        found = self._inhibitor.source_of(series, belonging.rules, belonging.targets)
        if found is None and belonging.join.role is Role.MEMBER:
            return False
        if found is None:
            join = self._wording.shown(belonging.join)
        else:
            source = self._memory.members[found[0]]
            text = f"{source.name} on {source.profile.subject} hides it by rule {found[1]}"
            join = self._wording.hidden(belonging.join, text)
        changed = join != belonging.join
        belonging.join = join
        return changed

    def reassign(self, targets: Sequence[str], at: datetime, events: list[GroupEvent]) -> None:
        """Bring the roles of some series in line, adding an event for each that changed.

        The first time those of all that are hidden are: the rule that hid them may be gone.
        """
        events += self.reassigned(targets, at)

    def reassigned(self, targets: Sequence[str], at: datetime) -> list[GroupEvent]:
        """Bring the roles of some series in line; return an event for each that changed."""
        if not self._is_reviewed:
            self._is_reviewed = True
            targets = (*targets, *self._hidden())
        events: list[GroupEvent] = []
        for series in sorted(set(targets)) if targets else ():
            belonging = self._memory.members.get(series)
            if belonging is not None and belonging.group and self.assign(series, belonging):
                self._memory.members.put(series, belonging)
                events.append(Reroled(group=belonging.group, series=series, join=belonging.join, at=at))
        return events

    def _hidden(self) -> list[str]:
        members = self._memory.members
        return [series for series in members if members[series].join.role is Role.SUPPRESSED]
