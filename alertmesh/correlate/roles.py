"""Bring series in line with the inhibition rules: who is hidden by what, and in whose group it belongs."""

from collections.abc import Callable, Sequence
from datetime import datetime

from alertmesh.core.group import GroupEvent, Join, Reroled, Role
from alertmesh.core.series import Series
from alertmesh.correlate.explain import Wording, told
from alertmesh.correlate.inhibit import Inhibitor
from alertmesh.correlate.live import Belonging, Live
from alertmesh.correlate.memory import Memory
from alertmesh.correlate.online import conflicts

_RULES = "inhibit_rules"

Known = Callable[[str], Series | None]
"""Returns a series as it is now, None when nothing is known of it."""


class Roles:
    """Keep the roles of members as the firing sources of the rules have them.

    `known` is asked for the labels of what fires when the rules changed.
    """

    def __init__(self, inhibitor: Inhibitor, memory: Memory, wording: Wording, known: Known) -> None:
        self.known = known
        self._inhibitor = inhibitor
        self._memory = memory
        self._wording = wording

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
        """Bring the roles of some series in line, adding an event for each that changed."""
        events += self.reassigned(targets, at)

    def reassigned(self, targets: Sequence[str], at: datetime) -> list[GroupEvent]:
        """Bring the roles of some series in line; return an event for each that changed."""
        events: list[GroupEvent] = []
        for series in sorted(set(targets)) if targets else ():
            belonging = self._memory.members.get(series)
            if belonging is not None and belonging.group and self.assign(series, belonging):
                self._memory.members.put(series, belonging)
                events.append(Reroled(group=belonging.group, series=series, join=belonging.join, at=at))
        return events

    def overdue(self) -> datetime | None:
        """Return a moment since which a review is due, because the rules are others than at the last one."""
        return max((one.began for _, one in self._firing()), default=None) if self._is_due else None

    def review(self, at: datetime) -> list[GroupEvent]:
        """Bring all that fires in line with the rules, once after they were changed."""
        if not self._is_due:
            return []
        self._memory.counters.put(_RULES, self._inhibitor.fingerprint)
        firing = self._firing()
        for series, belonging in firing:
            known, before = self.known(series), (belonging.rules, belonging.targets)
            if known is not None:
                self.stand(known, belonging)
            if before != (belonging.rules, belonging.targets):
                self._memory.members.put(series, belonging)
        return self.reassigned([series for series, _ in firing], at)

    @property
    def _is_due(self) -> bool:
        return (self._memory.counters.get(_RULES) or 0) != self._inhibitor.fingerprint

    def _firing(self) -> list[tuple[str, Belonging]]:
        members = self._memory.members
        return [(series, members[series]) for series in members if members[series].firing]
