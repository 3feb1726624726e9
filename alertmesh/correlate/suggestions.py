"""Decide what becomes of a proposal: it is done, it is suggested to people, or it is let go."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from msgspec.structs import replace

from alertmesh.core.entries import Action, Command, Proposed
from alertmesh.core.errors import BadCommand
from alertmesh.core.group import GroupEvent, GroupsMerged, GroupSplit, Join, Reason, Suggested
from alertmesh.core.records import Records
from alertmesh.core.regrouping import Regrouping, RegroupKind, Suggestion
from alertmesh.correlate.batch_window import Lookout, Window
from alertmesh.correlate.batchsettings import BatchSettings
from alertmesh.correlate.dismissals import Dismissals
from alertmesh.correlate.judgement import People
from alertmesh.correlate.live import Live
from alertmesh.correlate.memory import Memory
from alertmesh.correlate.online import are_apart

Taken = Callable[[int], bool]
"""Tells whether people work on the incident of a group."""


ANSWERS = frozenset({Action.ACCEPT, Action.DISMISS})
"""What people can say of a suggestion."""


class Sides(NamedTuple):
    """What a proposal is about as it stands: the groups, and the series on both sides."""

    groups: tuple[Live, ...]
    left: Collection[str]
    right: Collection[str]


class Suggestions:
    """Hold what is suggested and what was dismissed, and carry out what is sure or accepted.

    `outdated` counts proposals about groups that had changed by then, `barred` those that people
    had spoken against, `dropped` suggestions and dismissals let go because of a bound.
    """

    def __init__(self, settings: BatchSettings, memory: Memory, people: People, lookout: Lookout) -> None:
        self.table = Records[int, Suggestion]("correlate_suggestion", Suggestion)
        self.settings = settings
        self.outdated = 0
        self.barred = 0
        self._dropped = 0
        self._dismissals = Dismissals(settings.max_dismissed)
        self._lookout = lookout
        self._memory = memory
        self._people = people

    @property
    def tables(self) -> tuple[Records[Any, Any], ...]:
        """Return the durable state."""
        return (self.table, self._dismissals.table)

    @property
    def dropped(self) -> int:
        """Return how many suggestions and dismissals were let go because of a bound."""
        return self._dropped + self._dismissals.dropped

    def adopt(self, settings: BatchSettings) -> None:
        """Go by other settings from here on."""
        self.settings = settings
        self._dismissals.most = settings.max_dismissed

    def restored(self) -> None:
        """Rebuild what is kept in memory only, after the tables were restored."""
        self._dismissals.restored()

    def jump(self, by: timedelta) -> None:
        """Let suggestions be as old as they were."""
        self.table.rewrite(lambda one: replace(one, at=one.at + by, seen_at=one.seen_at + by))

    def window(self, now: datetime) -> Window:
        """Return what is active, for the batch pass to look at."""
        return self._lookout.window(now, self.settings)

    def of(self, group: int) -> list[Suggestion]:
        """Return what is suggested for a group, and still makes sense, the oldest first."""
        return [
            self.table[number]
            for number in sorted(self.table)
            if group in self.table[number].told.groups and self._sides(self.table[number].told) is not None
        ]

    def review(self, entry: Proposed, is_taken: Taken) -> list[GroupEvent]:
        """Do what is sure and nothing forbids, suggest the rest, and let go of what was not made again."""
        events: list[GroupEvent] = []
        for told in entry.proposals:
            sides = self._sides(told)
            if sides is None:
                self.outdated += 1
            elif self._is_barred(told, sides):
                self.barred += 1
            elif told.confidence >= self.settings.apply and not self._is_peoples(sides, is_taken):
                events.append(self._do(told, sides, entry.at))
            elif told.confidence >= self.settings.suggest:
                self._suggest(told, entry.at, events)
        self._expire(entry.at)
        return events

    def command(self, command: Command, live: Live, _other: Live | None) -> list[GroupEvent]:
        """Accept or dismiss a suggestion; BadCommand when it is not made, or not any more."""
        text = command.args.get("suggestion", "")
        known = self.table.get(int(text)) if text.isdecimal() else None
        sides = self._sides(known.told) if known is not None else None
        if known is None or sides is None or live.id not in known.told.groups:
            raise BadCommand(f"suggestion {text[:20]} is not made here, or not any more")
        if command.action is Action.DISMISS:
            self._dismissals.add(known.number, known.told.kind, sides.left, sides.right)
            events = _said(known, command.at, command.actor)
        elif known.told.kind is RegroupKind.MERGE:
            older, younger = sides.groups
            events = self._people.command(replace(command, action=Action.MERGE), younger, older)
        else:
            args = {"series": ",".join(known.told.series)}
            events = self._people.command(replace(command, action=Action.SPLIT, args=args), live, None)
        self.table.archive(known.number, known)
        return events

    def _sides(self, told: Regrouping) -> Sides | None:
        """Return what a proposal is about, if its groups are still those that were looked at."""
        groups = [self._memory.groups.groups.get(group) for group in told.groups]
        held = tuple(live for live in groups if live is not None)
        if len(held) < len(groups) or any(self._memory.home(series) not in held for series in told.series):
            return None
        if told.kind is RegroupKind.MERGE:
            return Sides(held, held[0].members, held[1].members)
        leaving = frozenset(told.series)
        staying = [series for series in held[0].members if series not in leaving]
        return Sides(held, leaving, staying) if staying else None

    def _is_barred(self, told: Regrouping, sides: Sides) -> bool:
        """Tell whether people said otherwise: they parted, tied, or dismissed it."""
        if self._dismissals.covers(told.kind, sides.left, sides.right):
            return True
        if told.kind is RegroupKind.MERGE:
            return are_apart(*sides.groups)
        return any(not self._people.bound(sides.groups[0], one) <= set(sides.left) for one in sides.left)

    def _is_peoples(self, sides: Sides, is_taken: Taken) -> bool:
        """Tell whether people have a hand in it, so that the machine may only suggest."""
        if any(is_taken(live.id) for live in sides.groups):
            return True
        return any(self._people.is_placed(series) for live in sides.groups for series in live.members)

    def _do(self, told: Regrouping, sides: Sides, at: datetime) -> GroupEvent:
        known = self._known(told) or self._new(told, at)
        self.table.archive(known.number, replace(known, seen_at=at, told=told))
        join = Join(told.confidence, _reasons(told))
        if told.kind is RegroupKind.MERGE:
            winner, loser = sides.groups
            self._memory.merge(winner, loser)
            return GroupsMerged(winner=winner.id, loser=loser.id, join=join, at=at)
        (live,) = sides.groups
        part = self._memory.part_of(live, at)
        self._memory.transfer(told.series, live, part, at)
        return GroupSplit(group=live.id, part=part.id, series=tuple(sorted(told.series)), at=at, join=join)

    def _suggest(self, told: Regrouping, at: datetime, events: list[GroupEvent]) -> None:
        known = self._known(told)
        if known is not None:
            self.table.put(known.number, replace(known, seen_at=at, told=told))
            return
        made = self._new(told, at)
        self.table.put(made.number, made)
        events += _said(made, at)
        while len(self.table) > self.settings.max_suggestions:
            self.table.drop(min(self.table))
            self._dropped += 1

    def _new(self, told: Regrouping, at: datetime) -> Suggestion:
        return Suggestion(number=self._memory.next("suggestion"), at=at, seen_at=at, told=told)

    def _known(self, told: Regrouping) -> Suggestion | None:
        """Return the suggestion that says the same; of a split it is enough that most of what leaves is."""
        for number in sorted(self.table):
            known = self.table[number]
            if (known.told.kind, known.told.groups) == (told.kind, told.groups) and _are_alike(
                known.told, told
            ):
                return known
        return None

    def _expire(self, at: datetime) -> None:
        last = at - timedelta(seconds=self.settings.keep_s)
        for number in sorted(self.table):
            known = self.table[number]
            if known.seen_at <= last or self._sides(known.told) is None:
                self.table.drop(number)


def _are_alike(one: Regrouping, other: Regrouping) -> bool:
    if (one.kind, one.groups) != (other.kind, other.groups):
        return False
    if one.kind is RegroupKind.MERGE:
        return True
    these, those = frozenset(one.series), frozenset(other.series)
    return 2 * len(these & those) > len(these | those)


def _said(known: Suggestion, at: datetime, actor: str = "") -> list[GroupEvent]:
    return [Suggested(group=group, suggestion=known, at=at, actor=actor) for group in known.told.groups]


def _reasons(told: Regrouping) -> tuple[Reason, ...]:
    measured = tuple(Reason(f"batch_{term.name}", f"{term.name} {term.value:g}", 0.0) for term in told.terms)
    return (Reason("batch", told.reason, told.confidence), *measured)
