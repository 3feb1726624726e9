"""Put every change of a series into a group, and say why."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from alertmesh.core.entries import Action, Command, Feedback
from alertmesh.core.errors import BadCommand
from alertmesh.core.group import Cause, Departed, Grouped, GroupEvent, GroupsMerged, Join
from alertmesh.core.matchers import matches_all, parse_matchers
from alertmesh.core.records import Records
from alertmesh.core.series import Change, ChangeKind, Mark, Series
from alertmesh.correlate.adapt import Adapter
from alertmesh.correlate.attributes import Describer, pod_token
from alertmesh.correlate.batch_window import Lookout
from alertmesh.correlate.changes import Changes
from alertmesh.correlate.choosing import AttributeChooser, Choice, Chooser, LearnedChooser
from alertmesh.correlate.decisions import Decisions
from alertmesh.correlate.explain import ALONE, Wording, linked
from alertmesh.correlate.features import Newcomer, Reader
from alertmesh.correlate.inhibit import Inhibitor, InhibitRule
from alertmesh.correlate.judge import Judge
from alertmesh.correlate.judgement import People
from alertmesh.correlate.live import Belonging, Live
from alertmesh.correlate.memory import Memory
from alertmesh.correlate.model import GroupingModel
from alertmesh.correlate.online import Scorer, are_apart
from alertmesh.correlate.rarity import Rarity
from alertmesh.correlate.relation_scene import kind as kind_of
from alertmesh.correlate.relation_scene import scene
from alertmesh.correlate.relations import Relations
from alertmesh.correlate.roles import Known, Roles
from alertmesh.correlate.room import Room
from alertmesh.correlate.roots import Roots
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.suggestions import ANSWERS, Suggestions
from alertmesh.correlate.teach import Teacher
from alertmesh.correlate.tempo import Tempo
from alertmesh.correlate.topology import Edge, Topology
from alertmesh.correlate.vocabulary import Vocabulary
from alertmesh.correlate.why import Called, Explainer, Sources
from alertmesh.correlate.witnesses import SharedChanges, Texts

# Of a series whose group was closed while it fired, better news begins nothing.
_NEWS = frozenset((ChangeKind.OPENED, ChangeKind.GREW, ChangeKind.WORSE))


class CorrelateStage:
    """Group series by what they share, by known topology, by inhibition and by people's word.

    A series stays in its group until the group is retired. What people merge or split is not
    undone here. `dropped` counts what was forgotten because of a bound, `describer` reads what a
    series is about.
    """

    def __init__(
        self,
        settings: CorrelateSettings,
        inhibits: Sequence[InhibitRule],
        edges: Sequence[Edge] = (),
        model: GroupingModel | None = None,
    ) -> None:
        self._take(settings, inhibits, model)
        self._known: Known = dict[str, Series]().get
        self._memory = Memory(settings)
        self._people = People(settings, self._memory)
        self._rarity = Rarity(settings)
        self._vocabulary = Vocabulary(settings, self._rarity)
        self._topology = Topology(edges, settings)
        self.relations = Relations()
        self._tempo = Tempo(settings.learned.max_beats)
        self._adapter = Adapter()
        self._decisions = Decisions(settings.learned.max_decisions)
        self._teacher = Teacher(self._decisions, self._adapter)
        self.changes = Changes(settings)
        self._roots = Roots(settings, self._topology, self.changes)
        self._begin()
        lookout = Lookout(self._memory, self._rarity, self._topology, self.relations)
        self.suggestions = Suggestions(settings.batch, self._memory, self._people, lookout)
        learning: tuple[Any, ...] = (self._rarity, self._vocabulary, self._topology, self.changes)
        self._parts = (self._memory, self._people, *learning)

    @property
    def tables(self) -> tuple[Records[Any, Any], ...]:
        """Return the durable state."""
        learned = (self._rarity.table, *self._topology.tables, *self.relations.tables, self._tempo.table)
        weighed = (self._adapter.table, self._decisions.table, self.changes.table, self._vocabulary.table)
        return (
            *self._memory.tables,
            *learned,
            *weighed,
            self._roots.table,
            *self._people.tables,
            *self.suggestions.tables,
        )

    @property
    def dropped(self) -> int:
        """Return how many groups, members, values, verdicts and the like made room because of a bound.

        What `relations` forgets is told apart: kinds that hardly meet are let go of all the time.
        """
        return sum(part.dropped for part in (*self._parts, self._tempo, self._decisions, self.suggestions))

    @property
    def topology(self) -> Topology:
        """Return what is known of who stands next to whom."""
        return self._topology

    @property
    def open_groups(self) -> int:
        """Return how many groups are not retired."""
        return len(self._memory.groups.groups)

    def join_of(self, series: str) -> Join | None:
        """Return why a series is in its group; None for one that is in none."""
        belonging = self._memory.members.get(series)
        return belonging.join if belonging is not None and belonging.group else None

    def explainer(self, called: Called) -> Explainer:
        """Return who says why series are where they are; asking changes nothing."""
        memory, decisions, people = self._memory, self._decisions, self._people
        return Explainer(Sources(memory, decisions, people, self._tempo, self._chooser, called))

    def look_at(self, known: Known) -> None:
        """Ask there for the labels of a series when inhibition rules are others than they were."""
        self._known = self.roles.known = known

    def adopt(
        self, settings: CorrelateSettings, inhibits: Sequence[InhibitRule], model: GroupingModel | None
    ) -> None:
        """Go by other settings, inhibition rules and another model from here on; no group is judged anew."""
        self._take(settings, inhibits, model)
        for part in (*self._parts, self._roots):
            part.adopt(settings)
        self._tempo.limit, self._decisions.limit = settings.learned.max_beats, settings.learned.max_decisions
        self.suggestions.adopt(settings.batch)
        self.restored()

    def _take(
        self, settings: CorrelateSettings, inhibits: Sequence[InhibitRule], model: GroupingModel | None
    ) -> None:
        self._settings, self._model, self._inhibits = settings, model, tuple(inhibits)
        self._ignored = [parse_matchers(text) for text in settings.ignored]
        self.describer = Describer(settings)
        self._wording = Wording(settings.max_reasons)

    def jump(self, by: timedelta) -> None:
        """Go along with a jump of the clock by `by`: all that happened stays as long ago as it was.

        What was told of changes to things goes by the clock.
        """
        counted = (self._tempo, self._vocabulary, self._topology, self.relations)
        for part in (self._memory, self._decisions, self.suggestions, *counted):
            part.jump(by)
        self.restored()

    def distrust(self, family: str) -> None:
        """Let a family of evidence count nothing from here on, to see what it is worth."""
        self._adapter.table.put(family, 0.0)

    def restored(self) -> None:
        """Rebuild what is kept in memory only, after the tables were restored."""
        memory = self._memory
        memory.restored()
        self._people.restored()
        self._rarity.restored()
        self._vocabulary.repace(memory.repaced())
        self._topology.restored()
        self.relations.restored()
        self.changes.restored()
        self.suggestions.restored()
        self._begin()
        for series in sorted(memory.members):
            belonging = memory.members[series]
            belonging.profile = self.describer.shared(belonging.profile)
            belonging.join = self._wording.shared(belonging.join)
            belonging.rules = self._inhibitor.known(belonging.rules)
            belonging.targets = self._inhibitor.known(belonging.targets)
            if belonging.firing:
                self._inhibitor.enter(series, belonging.rules, belonging.targets)

    def _begin(self) -> None:
        """Make the parts that hold nothing of their own, or only what follows from the tables."""
        self._inhibitor = Inhibitor(self._inhibits)
        self._chooser = self._new_chooser()
        self.roles = Roles(self._inhibitor, self._memory, self._wording, self._known)
        self._room = Room(self._memory, self._people, self.roles, self._wording)

    def _new_chooser(self) -> Chooser:
        settings, memory = self._settings, self._memory
        texts = Texts(settings, memory.groups, self._rarity, self._vocabulary)
        witnesses = (texts, SharedChanges(settings, memory.groups, self.changes))
        scorer = Scorer(settings, memory.groups, self._rarity, self._topology, witnesses)
        if self._model is None:
            return AttributeChooser(settings, memory, self._rarity, scorer, self._wording)
        reader = Reader(self._topology, self.relations)
        judge = Judge(self._model, memory.groups, reader, self._adapter)
        return LearnedChooser(settings, memory, scorer, judge, self._wording)

    def deadline(self) -> datetime | None:
        """Return since when roles are to be reviewed because rules changed; else nothing is due by itself."""
        return self.roles.overdue()

    def feed(self, changes: Sequence[Change], now: datetime) -> list[GroupEvent]:
        """Take changes in order; the time of each is its own, so batches may be cut anywhere."""
        events = self.roles.review(now)
        for change in changes:
            series, is_news = change.series, change.kind in _NEWS or _is_noise_no_more(change)
            belonging = self._memory.members.get(series.id)
            if belonging is not None and (belonging.group or not is_news or self._is_ignored(series)):
                self._again(change, belonging, events)
            elif is_news:
                if belonging is not None:
                    self.roles.leave(series.id, belonging)
                self._place(change, events, self._memory.strays.take(series.id))
            elif belonging is None:
                events += self._room.heard(change)
        return events

    def command(self, command: Command, group: int, other: int | None, now: datetime) -> list[GroupEvent]:
        """Do what a person asks of `group`, together with `other` where it takes two."""
        live = self._live(group)
        against = None if other is None else self._live(other)
        said = self.suggestions if command.action in ANSWERS else self._people
        events = said.command(replace(command, at=now), live, against)
        return events if command.action is Action.DISMISS else self._taught(events)

    def feedback(self, entry: Feedback, now: datetime) -> list[GroupEvent]:
        """Take a person's word on series, in whichever groups they are; BadCommand for nonsense."""
        return self._taught(self._people.feedback(replace(entry, at=now)))

    def causes(self, group: int) -> tuple[Cause, ...]:
        """Return the ranked root candidates of a group, best first; none for an unknown group."""
        live = self._memory.groups.groups.get(group)
        if live is None:
            return ()
        return self._people.rooted(live, self._roots.of(live))

    def _taught(self, events: list[GroupEvent]) -> list[GroupEvent]:
        """Learn from the judgement that led to these events."""
        judgement = self._people.judgements.get(self._memory.counters.get("judgement") or 0)
        if judgement is not None:
            self._teacher.learn(judgement)
        self._roots.learn(events, self._memory.groups.groups)
        return events

    def retire(self, groups: Iterable[int], at: datetime) -> list[GroupEvent]:
        """Forget closed groups, whose series are judged anew when they come back; tell whom that frees."""
        return self._room.retire(groups, at)

    def _again(self, change: Change, belonging: Belonging, events: list[GroupEvent]) -> None:
        series, memory = change.series, self._memory
        firing = series.firing > 0
        if firing and not belonging.firing and self._may_be_another(series, belonging, change.at):
            memory.leave(series.id, belonging)
            self._people.forget((series.id,))
            self._place(change, events, belonging.group)
            return
        if change.kind is ChangeKind.OPENED and belonging.group:
            self._relate(belonging, change.at)
        freed: list[str] = []
        if belonging.firing and not firing:
            freed = self.roles.leave(series.id, belonging)
            self._tempo.cleared(belonging.profile.scope, (change.at - belonging.began).total_seconds())
        hidden = self.roles.stand(series, belonging) if firing else []
        belonging.priority = series.priority
        if belonging.group:
            memory.refire(series.id, belonging, firing, change.at)
            if firing:
                self.roles.assign(series.id, belonging)
            join, usual = belonging.join, belonging.times
            events.append(Grouped(group=belonging.group, change=change, join=join, usual=usual))
        else:
            belonging.firing = firing
            memory.members.put(series.id, belonging)
            if not firing:
                memory.members.drop(series.id)
        self.roles.reassign((*freed, *hidden), change.at, events)

    def _may_be_another(self, series: Series, belonging: Belonging, at: datetime) -> bool:
        """Tell whether a series was clear for so long that it may be another trouble now.

        What is alone in its group, or nearly so, is the same trouble; so is what flaps, and what people
        hold where it is.
        """
        live = self._memory.groups.groups.get(belonging.group)
        if live is None or belonging.cleared_at is None:
            return False
        quiet_s = (at - belonging.cleared_at).total_seconds()
        if self._people.holds(live, series.id, quiet_s <= self._settings.learned.home_s):
            return False
        if self._chooser.renews:
            return quiet_s > self._settings.learned.brief_s or Mark.FLAPPING not in series.marks
        if Mark.FLAPPING in series.marks:
            return False
        return quiet_s > self._settings.renew_s and len(live.members) > self._settings.same_series

    def _place(self, change: Change, events: list[GroupEvent], home: int = 0) -> None:
        series, at = change.series, change.at
        profile = self.describer.profile(self._topology.labelled(series))
        self._topology.learn(series, profile, at)
        ignored = self._is_ignored(series)
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
        # A monitor may have written these into the alertname.
        sort = kind_of(series.name, belonging.pod.rpartition("/")[2], profile.node, profile.subject)
        belonging.kind = sort if sort != series.name else ""
        hidden = self._inhibitor.enter(series.id, sources, targets)
        if ignored:
            self._memory.members.put(series.id, belonging)
        else:
            self._rarity.observe(profile, at)
            belonging.words = self._vocabulary.hear(series, profile, at)
            self._memory.verdicts.outlive(series.id, at.timestamp() - self._settings.apart_s)
            self._enter(change, belonging, home, events)
        self.roles.reassign(hidden, at, events)

    def _is_ignored(self, series: Series) -> bool:
        return any(matches_all(matchers, series.labels) for matchers in self._ignored)

    def _relate(self, belonging: Belonging, at: datetime) -> None:
        """Learn which kinds of alerts come with which."""
        profile = belonging.profile
        self.relations.observe(
            belonging.sort, profile.session, scene(profile, self._topology.near(profile)), at
        )

    def _enter(self, change: Change, belonging: Belonging, home: int, events: list[GroupEvent]) -> None:
        memory, series, at = self._memory, change.series.id, change.at
        profile = belonging.profile
        newcomer = Newcomer(
            series=series,
            name=belonging.name,
            kind=belonging.sort,
            profile=profile,
            priority=belonging.priority,
            at=at,
            habit=self._tempo.arrive(series, belonging.sort, profile.scope, at.timestamp()),
            home=home,
        )
        belonging.usual = newcomer.habit.own
        source = self.roles.source_group(series, belonging)
        choice = Choice(*source) if source is not None else self._chooser.choose(newcomer, belonging)
        if choice.decision is not None:
            self._decisions.note(series, choice.decision)
        known = choice.live or memory.old_home(home, belonging, at)
        live, opened = known or memory.open(profile.cluster, at, profile.scope), known is None
        belonging.group, belonging.join, belonging.weak = live.id, choice.join, choice.weak
        self.roles.assign(series, belonging)
        memory.join(live, series, belonging)
        if home and home != live.id:
            events.append(Departed(group=home, series=series, at=at))
        join, usual = belonging.join, belonging.times
        events.append(Grouped(group=live.id, change=change, join=join, opened=opened, usual=usual))
        for other, why in choice.bound:
            live = self._bind(live, other, why, change, events)
        self._relate(belonging, at)
        events += self._room.make(at)

    def _bind(self, live: Live, other: Live, join: Join, change: Change, events: list[GroupEvent]) -> Live:
        if are_apart(live, other):
            return live
        winner, loser = sorted((live, other), key=lambda group: group.id)
        join = linked(join, change.series.name)
        self._memory.merge(winner, loser)
        events.append(GroupsMerged(winner=winner.id, loser=loser.id, join=join, at=change.at))
        return winner

    def _live(self, group: int | None) -> Live:
        live = self._memory.groups.groups.get(group) if group is not None else None
        if live is None:
            raise BadCommand(f"group {group} is not open")
        return live


def _is_noise_no_more(change: Change) -> bool:
    """Tell whether a series whose group was closed over it, as known noise, turned out to be none."""
    return change.kind is ChangeKind.MARKED and change.series.firing > 0 and not change.series.is_quiet
