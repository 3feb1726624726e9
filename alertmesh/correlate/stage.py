"""Put every change of a series into a group, and say why."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from alertmesh.core.entries import Action, Command
from alertmesh.core.errors import BadCommand
from alertmesh.core.group import Cause, Grouped, GroupEvent, GroupsMerged, GroupSplit, Join, Reroled, Role
from alertmesh.core.matchers import matches_all, parse_matchers
from alertmesh.core.records import Records
from alertmesh.core.series import Change, ChangeKind, Mark, Series
from alertmesh.correlate.attributes import Describer, pod_attribute, pod_token
from alertmesh.correlate.explain import ALONE, Wording, linked, told
from alertmesh.correlate.inhibit import Inhibitor, InhibitRule
from alertmesh.correlate.live import Belonging, Live
from alertmesh.correlate.memory import Memory, leaving_series
from alertmesh.correlate.online import Near, Scorer, are_apart, conflicts
from alertmesh.correlate.rarity import Rarity
from alertmesh.correlate.rootcause import rank
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.topology import Edge, Topology
from alertmesh.correlate.weighing import Candidate, Subject

# Of a series whose group was closed while it fired, better news begins nothing.
_NEWS = frozenset((ChangeKind.OPENED, ChangeKind.GREW, ChangeKind.WORSE))


class CorrelateStage:
    """Group series by what they share, by known topology, by inhibition and by people's word.

    A series stays in its group until the group is retired. What people merge or split is not
    undone here. `dropped` counts what was forgotten because of a bound.
    """

    def __init__(
        self, settings: CorrelateSettings, inhibits: Sequence[InhibitRule], edges: Sequence[Edge] = ()
    ) -> None:
        self._settings = settings
        self._memory = Memory(settings)
        self._rarity = Rarity(settings)
        self._topology = Topology(edges)
        self._inhibitor = Inhibitor(inhibits)
        self._inhibits = tuple(inhibits)
        self._ignored = [parse_matchers(text) for text in settings.ignored]
        self._scorer = Scorer(settings, self._memory.groups, self._rarity, self._topology)
        self._describer = Describer(settings)
        self._wording = Wording(settings.max_reasons)

    @property
    def tables(self) -> tuple[Records[Any, Any], ...]:
        """Return the durable state."""
        memory = self._memory
        own = (memory.members, memory.standings, memory.sessions, memory.verdicts, memory.counters)
        return (*own, self._rarity.table)

    @property
    def dropped(self) -> int:
        """Return how many groups, values and verdicts were forgotten because of a bound."""
        return self._memory.dropped + self._rarity.dropped

    @property
    def open_groups(self) -> int:
        """Return how many groups are not retired."""
        return len(self._memory.groups.groups)

    def join_of(self, series: str) -> Join | None:
        """Return why a series is in its group; None for one that is in none."""
        belonging = self._memory.members.get(series)
        return belonging.join if belonging is not None and belonging.group else None

    def adopt(self, settings: CorrelateSettings, inhibits: Sequence[InhibitRule]) -> None:
        """Go by other settings and inhibition rules from here on; nothing is judged anew."""
        self._settings = settings
        self._inhibits = tuple(inhibits)
        self._ignored = [parse_matchers(text) for text in settings.ignored]
        self._describer = Describer(settings)
        self._wording = Wording(settings.max_reasons)
        self.restored()

    def restored(self) -> None:
        """Rebuild what is kept in memory only, after the tables were restored."""
        memory = self._memory
        memory.restored()
        self._rarity.restored()
        self._inhibitor = Inhibitor(self._inhibits)
        self._scorer = Scorer(self._settings, memory.groups, self._rarity, self._topology)
        for series in sorted(memory.members):
            belonging = memory.members[series]
            belonging.profile = self._describer.shared(belonging.profile)
            belonging.join = self._wording.shared(belonging.join)
            belonging.rules = self._inhibitor.known(belonging.rules)
            belonging.targets = self._inhibitor.known(belonging.targets)
            if belonging.firing:
                self._inhibitor.enter(series, belonging.rules, belonging.targets)

    def deadline(self) -> datetime | None:
        """Return None: nothing here happens by time alone."""
        return None

    def feed(self, changes: Sequence[Change], now: datetime) -> list[GroupEvent]:
        """Take changes in order; the time of each is its own, so batches may be cut anywhere."""
        events: list[GroupEvent] = []
        for change in changes:
            belonging = self._memory.members.get(change.series.id)
            if belonging is not None:
                self._again(change, belonging, events)
            elif change.kind in _NEWS or _is_noise_no_more(change):
                self._place(change, events)
        return events

    def command(self, command: Command, group: int, other: int | None, now: datetime) -> list[GroupEvent]:
        """Do what a person asks of `group`: merge it into `other`, or split series off it."""
        live = self._live(group)
        if command.action is Action.MERGE:
            return [self._merged(live, self._live(other), command, now)]
        if command.action is Action.SPLIT:
            return [self._split(live, command, now)]
        raise BadCommand(f"{command.action} is not something that groups know")

    def causes(self, group: int) -> tuple[Cause, ...]:
        """Return the ranked root candidates of a group, best first; none for an unknown group."""
        live = self._memory.groups.groups.get(group)
        if live is None:
            return ()
        return rank(live, self._memory.groups, self._topology, self._settings.place_labels)

    def retire(self, groups: Iterable[int]) -> None:
        """Forget closed groups; their series are judged anew when they come back."""
        members = self._memory.members
        for group in groups:
            live = self._memory.groups.groups.get(group)
            for series in sorted(live.members) if live is not None else ():
                belonging = members[series]
                self._inhibitor.leave(series, belonging.rules, belonging.targets)
            self._memory.retire([group])

    def _again(self, change: Change, belonging: Belonging, events: list[GroupEvent]) -> None:
        series, memory = change.series, self._memory
        firing = series.firing > 0
        if firing and not belonging.firing and self._may_be_another(series, belonging, change.at):
            memory.leave(series.id, belonging)
            self._place(change, events)
            return
        freed: list[str] = []
        if belonging.firing and not firing:
            freed = self._inhibitor.leave(series.id, belonging.rules, belonging.targets)
        hidden = self._stand(series, belonging) if firing else []
        belonging.priority = series.priority
        if belonging.group:
            memory.refire(series.id, belonging, firing, change.at)
            if firing:
                self._assign_role(series.id, belonging)
            events.append(Grouped(group=belonging.group, change=change, join=belonging.join))
        else:
            belonging.firing = firing
            memory.members.put(series.id, belonging)
            if not firing:
                memory.members.drop(series.id)
        self._rerole((*freed, *hidden), change.at, events)

    def _may_be_another(self, series: Series, belonging: Belonging, at: datetime) -> bool:
        """Tell whether a series was clear for so long that it may be another trouble now.

        What is alone in its group, or nearly so, is the same trouble; so is what flaps.
        """
        live = self._memory.groups.groups.get(belonging.group)
        if live is None or belonging.cleared_at is None or Mark.FLAPPING in series.marks:
            return False
        long_ago = (at - belonging.cleared_at).total_seconds() > self._settings.renew_s
        return long_ago and len(live.members) > self._settings.same_series

    def _stand(self, series: Series, belonging: Belonging) -> list[str]:
        """Put a firing series where the inhibition rules see it; return who is hidden by that."""
        sources, targets = self._inhibitor.slots(series.labels, belonging.profile)
        if belonging.firing and (sources, targets) == (belonging.rules, belonging.targets):
            return []
        freed: list[str] = []
        if belonging.firing:
            freed = self._inhibitor.leave(series.id, belonging.rules, belonging.targets)
        belonging.rules, belonging.targets = sources, targets
        return sorted({*freed, *self._inhibitor.enter(series.id, sources, targets)})

    def _place(self, change: Change, events: list[GroupEvent]) -> None:
        series, at = change.series, change.at
        profile = self._describer.profile(series)
        ignored = any(matches_all(matchers, series.labels) for matchers in self._ignored)
        sources, targets = self._inhibitor.slots(series.labels, profile)
        belonging = Belonging(
            group=0,
            join=ALONE,
            joined_at=at,
            name=series.name,
            profile=profile,
            priority=series.priority,
            rules=sources,
            targets=targets,
            pod=pod_token(series, profile),
        )
        hidden = self._inhibitor.enter(series.id, sources, targets)
        if ignored:
            self._memory.members.put(series.id, belonging)
        else:
            self._rarity.observe(profile, at)
            self._enter(change, belonging, events)
        self._rerole(hidden, at, events)

    def _enter(self, change: Change, belonging: Belonging, events: list[GroupEvent]) -> None:
        memory, series, at = self._memory, change.series.id, change.at
        source = self._source_group(series, belonging)
        candidates: list[Candidate] = []
        if source is not None:
            live, belonging.join = source
        else:
            candidates = self._candidates(series, belonging, at)
            live = candidates[0].live if candidates else memory.open(belonging.profile.cluster, at)
            if candidates:
                best = candidates[0]
                belonging.weak = best.weak
                belonging.join = self._wording.joined(best.evidence, best.score)
        opened = not live.members
        belonging.group = live.id
        self._assign_role(series, belonging)
        bound = [other for other in candidates[1:] if self._scorer.are_bound(candidates[0], other, at)]
        memory.join(live, series, belonging)
        events.append(Grouped(group=live.id, change=change, join=belonging.join, opened=opened))
        for other in bound:
            live = self._bind(live, other, change, events)
        if opened:
            self.retire(memory.excess())

    def _candidates(self, series: str, belonging: Belonging, at: datetime) -> list[Candidate]:
        profile, settings = belonging.profile, self._settings
        judged = self._memory.judged(series)
        scope = profile.session
        if profile.cluster and self._rarity.is_one_system(profile.cluster, at):
            scope = f"{profile.cluster}/"
        near = Near(scope, self._memory.session(scope))
        pod = (pod_attribute(belonging.pod, profile),) if belonging.pod else ()
        subject = Subject(profile, belonging.name, (*pod, *profile.attributes))
        return [
            candidate
            for candidate in self._scorer.candidates(subject, at, near)
            if (at - candidate.live.standing.opened_at).total_seconds() <= settings.max_age_s
            and not conflicts(judged, candidate.live)
        ]

    def _bind(self, live: Live, other: Candidate, change: Change, events: list[GroupEvent]) -> Live:
        if are_apart(live, other.live):
            return live
        winner, loser = sorted((live, other.live), key=lambda group: group.id)
        join = linked(self._wording.joined(other.evidence, other.score), change.series.name)
        self._memory.merge(winner, loser)
        events.append(GroupsMerged(winner=winner.id, loser=loser.id, join=join, at=change.at))
        return winner

    def _source_group(self, series: str, belonging: Belonging) -> tuple[Live, Join] | None:
        found = self._inhibitor.source_of(series, belonging.rules, belonging.targets)
        if found is None:
            return None
        source = self._memory.members[found[0]]
        live = self._memory.groups.groups.get(source.group)
        if live is None or conflicts(self._memory.judged(series), live):
            return None
        text = f"{source.name} on {source.profile.subject} explains it by rule {found[1]}"
        return live, told(text, "explained")

    def _assign_role(self, series: str, belonging: Belonging) -> bool:
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

    def _rerole(self, targets: Sequence[str], at: datetime, events: list[GroupEvent]) -> None:
        for series in sorted(set(targets)) if targets else ():
            belonging = self._memory.members[series]
            if belonging.group and self._assign_role(series, belonging):
                self._memory.members.put(series, belonging)
                events.append(Reroled(group=belonging.group, series=series, join=belonging.join, at=at))

    def _live(self, group: int | None) -> Live:
        live = self._memory.groups.groups.get(group) if group is not None else None
        if live is None:
            raise BadCommand(f"group {group} is not open")
        return live

    def _merged(self, live: Live, into: Live, command: Command, now: datetime) -> GroupsMerged:
        if live is into:
            raise BadCommand("an incident cannot be merged into itself")
        join = told(f"{command.actor} said that they are one")
        self._memory.merge(into, live)
        self._memory.reconcile(into)
        return GroupsMerged(winner=into.id, loser=live.id, join=join, at=now, actor=command.actor)

    def _split(self, live: Live, command: Command, now: datetime) -> GroupSplit:
        leaving = leaving_series(live, command.args.get("series", ""))
        part = self._memory.split(live, leaving, now)
        return GroupSplit(group=live.id, part=part.id, series=tuple(leaving), at=now, actor=command.actor)


def _is_noise_no_more(change: Change) -> bool:
    """Tell whether a series whose group was closed over it, as known noise, turned out to be none."""
    return change.kind is ChangeKind.MARKED and change.series.firing > 0 and not change.series.is_quiet
