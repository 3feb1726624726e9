"""Carry out what people say of groups and series, remember it, and see to it that it holds.

What people part is kept by `verdicts`, what they said by `judgements`; here is what they put together
and which root they named.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from alertmesh.core.entries import Action, Command, Feedback
from alertmesh.core.errors import BadCommand
from alertmesh.core.group import (
    Cause,
    GroupEvent,
    GroupsMerged,
    GroupsParted,
    GroupSplit,
    Join,
    RootMarked,
    SeriesMoved,
)
from alertmesh.core.judgement import Judgement
from alertmesh.core.records import Records
from alertmesh.correlate.explain import told
from alertmesh.correlate.judgements import Judgements, Word
from alertmesh.correlate.live import Live
from alertmesh.correlate.memory import Memory
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.ties import Ties

_CAUSES = 5


class RootMark(Struct, array_like=True):
    """Somebody's word that `entity` is the root; `series` is the one that tells of it, if any does."""

    entity: str
    series: str
    actor: str
    number: int


class People:
    """Hold what people said, and change groups as they say.

    `placed` are the series that people put where they are: no machine takes them away while the trouble
    lasts, which `holds` tells.
    """

    def __init__(self, settings: CorrelateSettings, memory: Memory) -> None:
        self._judgements = Judgements(settings.max_judgements, memory)
        self.placed = Records[str, int]("correlate_placed", int)
        self.roots = Records[str, RootMark]("correlate_root", RootMark)
        self._ties = Ties()
        self._memory = memory

    def adopt(self, settings: CorrelateSettings) -> None:
        """Go by other settings from here on; what people said stays."""
        self._judgements.most = settings.max_judgements

    @property
    def judgements(self) -> Records[int, Judgement]:
        """Return the record of what was said, by number, newest last."""
        return self._judgements.table

    @property
    def dropped(self) -> int:
        """Return how many judgements were let go of because of a bound."""
        return self._judgements.dropped

    @property
    def tables(self) -> tuple[Records[Any, Any], ...]:
        """Return the durable state."""
        return (self.judgements, self.placed, self.roots, self._ties.table)

    def restored(self) -> None:
        """Rebuild what is kept in memory only, after the tables were restored."""
        self._ties.restored()

    def is_placed(self, series: str) -> bool:
        """Tell whether people put a series where it is, so that no machine may take it away."""
        return series in self.placed

    def holds(self, live: Live, series: str, is_brief: bool) -> bool:
        """Tell whether a series that comes back after some quiet stays where people put it.

        It does after a brief quiet, as long as something fires that people put together with it, and as
        long as a root hangs on it. What comes back later, alone, is another trouble: people said nothing
        of that one.
        """
        if series not in self.placed:
            return False
        if is_brief or series in self.roots:
            return True
        return any(live.members[one].firing for one in self._ties.bound(live, series))

    def bound(self, live: Live, series: str) -> set[str]:
        """Return what people said belongs with a series of a group, itself included."""
        return self._ties.bound(live, series)

    def forget(self, series: Sequence[str]) -> None:
        """Let go of what was said of where series are, and of what is their root; the record stays."""
        self._ties.untie(series)
        for one in series:
            self.placed.drop(one)
            self.roots.drop(one)

    def rooted(self, live: Live, ranked: tuple[Cause, ...]) -> tuple[Cause, ...]:
        """Return the candidates with the root that people named last before all others."""
        marks = [self.roots[series] for series in self.roots if series in live.members]
        if not marks:
            return ranked
        mark = max(marks, key=lambda one: one.number)
        others = [cause for cause in ranked if cause.entity != mark.entity]
        return (Cause(mark.entity, mark.series, 1.0, f"{mark.actor} said so"), *others[: _CAUSES - 1])

    def command(self, command: Command, live: Live, other: Live | None) -> list[GroupEvent]:
        """Do what a person asks of an incident's group; BadCommand when it cannot be done."""
        named = command.args.get("series", "")
        match command.action:
            case Action.MERGE:
                return [self._unite(command, live, _another(live, other))]
            case Action.SPLIT:
                return [self._leave(command, _named(live, named), live)]
            case Action.MOVE if "into" in command.args:
                return [self._move(command, _named(live, named), live, _another(live, other))]
            case Action.MOVE:
                return [self._leave(command, _named(live, named), live)]
            case Action.ROOT:
                return [self._mark(command, live, named, command.args.get("entity", ""))]
            case Action.UNRELATED if named:
                return [self._leave(command, _named(live, named), live)]
            case Action.UNRELATED:
                return [self._unrelate(command, live, _another(live, other))]
        raise BadCommand(f"{command.action} is not something that groups know")

    def feedback(self, entry: Feedback) -> list[GroupEvent]:
        """Take a person's word on series: applied where they are in open groups, remembered in any case."""
        work = _WORK.get(entry.action)
        if work is None:
            raise BadCommand(f"{entry.action} is not something that series know")
        if not entry.b and entry.action in _PAIRS:
            raise BadCommand(f"{entry.action} needs two series")
        return work(self, entry)

    def _merge_pair(self, entry: Feedback) -> list[GroupEvent]:
        here, there = self._homes(entry)
        number = self._judgements.note(entry, (entry.a,), (entry.b,))
        self._memory.verdicts.lift((entry.a,), (entry.b,))
        if here is None or there is None:
            return []
        bound = {*self._ties.bound(here, entry.a), *self._ties.bound(there, entry.b)}
        self._put_together(entry, number)
        if here is there:
            return []
        winner, loser = sorted((here, there), key=lambda live: live.id)
        return self._merged_around(entry, loser, winner, bound)

    def _split_pair(self, entry: Feedback) -> list[GroupEvent]:
        return self._apart(entry, entry.b, entry.a)

    def _unrelated(self, entry: Feedback) -> list[GroupEvent]:
        return self._apart(entry, entry.a, entry.b) if entry.b else self._alone(entry)

    def _apart(self, entry: Feedback, leaving: str, staying: str) -> list[GroupEvent]:
        """Part one series from another: it leaves their group if they share one."""
        here, there = self._homes(entry)
        if entry.group:
            here = self._memory.groups.groups.get(entry.group)
        self._judgements.note(entry, (leaving,), (staying,))
        events: list[GroupEvent] = []
        if here is not None and here is there:
            bound = self._ties.bound(here, leaving)
            if staying in bound - {leaving}:
                bound = {leaving}
            events.append(self._split_off(entry, sorted(bound), here))
            if bound == {leaving}:
                self._set_free((leaving,))
        elif here is not None and there is not None and here is not there:
            events.append(GroupsParted(group=here.id, other=there.id, at=entry.at, actor=entry.actor))
        home = self._memory.home(leaving)
        are_two = leaving and staying and leaving != staying
        if are_two and (home is None or home is not self._memory.home(staying)):
            self._memory.verdicts.part((leaving,), (staying,), entry.at.timestamp())
        return events

    def _move_to(self, entry: Feedback) -> list[GroupEvent]:
        if not entry.b:
            return self._alone(entry)
        here, there = self._homes(entry)
        if here is not None and there is not None and here is not there:
            event = self._move(entry, [entry.a], here, there)
            self._put_together(entry, self.placed[entry.a])
            return [event]
        number = self._judgements.note(entry, (entry.a,), (entry.b,))
        self._memory.verdicts.lift((entry.a,), (entry.b,))
        if here is not None and there is not None:
            self._put_together(entry, number)
        return []

    def _put_together(self, entry: Feedback, number: int) -> None:
        self._place((entry.a, entry.b), number)
        self._ties.tie(number, {entry.a, entry.b})

    def _alone(self, entry: Feedback) -> list[GroupEvent]:
        here = self._homes(entry)[0]
        if here is None or len(here.members) == 1:
            raise BadCommand(f"{entry.a} is together with nothing")
        return [self._leave(entry, [entry.a], here)]

    def _mark_root(self, entry: Feedback) -> list[GroupEvent]:
        here = self._homes(entry)[0]
        if here is not None:
            return [self._mark(entry, here, entry.a, entry.b)]
        self._judgements.note(entry, (entry.a,), (), entity=entry.b)
        return []

    def _homes(self, entry: Feedback) -> tuple[Live | None, Live | None]:
        if entry.past:
            return None, None
        return self._memory.home(entry.a), self._memory.home(entry.b)

    def _unite(self, word: Word, live: Live, into: Live) -> GroupsMerged:
        number = self._judgements.note(word, _ordered(live), _ordered(into))
        event = self._merged(word, live, into)
        self._place(into.members, number)
        self._ties.tie(number, into.members)
        return event

    def _merged(self, word: Word, loser: Live, winner: Live) -> GroupsMerged:
        self._memory.merge(winner, loser)
        self._memory.verdicts.lift(winner.members, winner.members)
        join = told(f"{word.actor} said that they are one")
        return GroupsMerged(winner=winner.id, loser=loser.id, join=join, at=word.at, actor=word.actor)

    def _merged_around(self, word: Word, loser: Live, winner: Live, bound: set[str]) -> list[GroupEvent]:
        """Make two groups one for the sake of `bound`, without what people said does not belong there."""
        verdicts = self._memory.verdicts
        verdicts.lift(bound, bound)
        events: list[GroupEvent] = []
        strange = self._all_bound(winner, verdicts.against(winner, bound) - bound)
        if strange:
            events.append(self._split_off(word, sorted(strange), winner))
        strange = self._all_bound(loser, verdicts.against(loser, {*winner.members, *bound}) - bound)
        if not strange:
            return [*events, self._merged(word, loser, winner)]
        moving = [one for one in loser.members if one not in strange]
        return [*events, self._moved(word, moving, loser, winner)]

    def _all_bound(self, live: Live, series: Iterable[str]) -> set[str]:
        return {other for one in series for other in self._ties.bound(live, one)}

    def _leave(self, word: Word, leaving: list[str], live: Live) -> GroupSplit:
        """Have series begin a group of their own, and part them from all that stay."""
        staying = _ordered(live, leaving)
        if not staying:
            raise BadCommand("a split must leave something behind")
        self._judgements.note(word, leaving, staying)
        event = self._split_off(word, leaving, live)
        self._set_free(leaving)
        self._memory.verdicts.part(leaving, staying, word.at.timestamp())
        return event

    def _split_off(self, word: Word, leaving: Sequence[str], live: Live) -> GroupSplit:
        part = self._memory.part_of(live, word.at)
        if len(leaving) < len(live.members):
            self._memory.transfer(leaving, live, part, word.at)
        else:
            self._memory.merge(part, live)  # nothing is left that could be a group
        return GroupSplit(
            group=live.id, part=part.id, series=tuple(sorted(leaving)), at=word.at, actor=word.actor
        )

    def _move(self, word: Word, leaving: list[str], live: Live, into: Live) -> GroupEvent:
        """Have series go over to another group; a group that is left empty ends in it."""
        staying = _ordered(live, leaving)
        number = self._judgements.note(word, leaving, _ordered(into), behind=staying)
        if not staying:
            event: GroupEvent = self._merged(word, live, into)
        else:
            self._memory.verdicts.lift(leaving, into.members)
            event = self._moved(word, leaving, live, into)
            self._memory.verdicts.part(leaving, staying, word.at.timestamp())
        self._place_apart(leaving, number)
        return event

    def _moved(self, word: Word, leaving: Sequence[str], live: Live, into: Live) -> SeriesMoved:
        moved = tuple(sorted(leaving))
        for series in moved:
            belonging = live.members[series]
            belonging.join = _put(belonging.join, word.actor)
        self._memory.transfer(moved, live, into, word.at)
        joins = tuple(into.members[series].join for series in moved)
        return SeriesMoved(
            group=live.id, into=into.id, series=moved, joins=joins, at=word.at, actor=word.actor
        )

    def _unrelate(self, word: Word, live: Live, other: Live) -> GroupsParted:
        left, right = _ordered(live), _ordered(other)
        self._judgements.note(word, left, right)
        self._memory.verdicts.part(left, right, word.at.timestamp())
        return GroupsParted(group=live.id, other=other.id, at=word.at, actor=word.actor)

    def _mark(self, word: Word, live: Live, series: str, entity: str) -> RootMarked:
        if series:
            (series,) = _named(live, series)[:1]
        elif not entity:
            raise BadCommand("name the series or the entity that is the root")
        elif not live.members:
            raise BadCommand("nothing is left in it that could have a root")
        entity = entity or live.members[series].profile.subject
        telling = series or _telling(live, entity)
        anchor = telling or _ordered(live)[0]
        number = self._judgements.note(word, (telling,) if telling else (), (), entity=entity)
        known = self.rooted(live, ())
        again = bool(known) and known[0].entity == entity
        self.roots.put(anchor, RootMark(entity, telling, word.actor, number))
        self._place((anchor,), number)
        return RootMarked(
            group=live.id, entity=entity, at=word.at, actor=word.actor, series=telling, again=again
        )

    def _place(self, series: Iterable[str], number: int) -> None:
        for one in series:
            self.placed.put(one, number)

    def _place_apart(self, series: Sequence[str], number: int) -> None:
        """Place series without what they left behind."""
        self._ties.untie(series)
        self._ties.tie(number, series)
        self._place(series, number)

    def _set_free(self, series: Sequence[str]) -> None:
        """Let series be judged anew when they come back: they were told where not to be, not where to be."""
        self._ties.untie(series)
        for one in series:
            self.placed.drop(one)


_WORK: dict[Action, Callable[[People, Feedback], list[GroupEvent]]] = {
    Action.MERGE: People._merge_pair,
    Action.SPLIT: People._split_pair,
    Action.MOVE: People._move_to,
    Action.ROOT: People._mark_root,
    Action.UNRELATED: People._unrelated,
}
_PAIRS = frozenset({Action.MERGE, Action.SPLIT})


def _another(live: Live, other: Live | None) -> Live:
    if other is None:
        raise BadCommand("name the other incident")
    if other is live:
        raise BadCommand("an incident cannot be held against itself")
    return other


def _named(live: Live, text: str) -> list[str]:
    """Read which members a person means; raise BadCommand for strangers, all or none."""
    named = sorted({series.strip() for series in text.split(",")} - {""})
    strangers = [series for series in named if series not in live.members]
    if not named or strangers:
        raise BadCommand(f"not in this incident: {', '.join(strangers) or 'no series named'}")
    return named


def _ordered(live: Live, but: Sequence[str] = ()) -> list[str]:
    """Return the members of a group, those that fire first, since not all may be remembered."""
    left = frozenset(but)
    members = [(not at.firing, at.joined_at, series) for series, at in live.members.items()]
    return [series for _, _, series in sorted(members) if series not in left]


def _telling(live: Live, entity: str) -> str:
    """Return the first series that is about an entity, or else carries its name as a value."""
    subject = live.subjects.get(entity)
    if subject is not None:
        return subject.series
    carrying: list[tuple[datetime, str]] = [
        (at.joined_at, series)
        for series, at in live.members.items()
        if any(attribute.value == entity for attribute in at.profile.attributes)
    ]
    return min(carrying)[1] if carrying else ""


def _put(join: Join, actor: str) -> Join:
    """Return the place of a series that a person moved; what hides it hides it there too."""
    hidden = tuple(reason for reason in join.reasons if reason.feature == "inhibited")
    said = told(f"{actor} put it here")
    return Join(said.score, (*hidden, *said.reasons), join.role)
