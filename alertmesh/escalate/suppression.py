"""Decide which incidents silences and maintenance windows keep from paging, and until when.

An incident is suppressed while every firing instance that could page is covered. Counts are
kept per group, so that a change costs the same in a storm of thousands.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from alertmesh.core.alert import Alert
from alertmesh.core.entries import SilenceExpired, SilenceSet
from alertmesh.core.group import Grouped, GroupEvent, GroupsMerged, GroupSplit, Reroled, Role, SeriesMoved
from alertmesh.core.incident import Member
from alertmesh.core.response import Response, State, Timer
from alertmesh.core.series import Change, ChangeKind
from alertmesh.core.silence import Plan, Silence, Window
from alertmesh.escalate.covers import CoverIndex
from alertmesh.escalate.events import EventKind, Line, MachineEvent, PageWanted
from alertmesh.escalate.ledger import Ledger, Part
from alertmesh.escalate.machine import Step, step
from alertmesh.escalate.silence import SilenceBook, SilenceSettings, Turn, window_id
from alertmesh.escalate.table import PAGING
from alertmesh.escalate.windows import occurrence

_STOPPABLE = PAGING | {State.HELD, State.EXHAUSTED}
_FIRES = frozenset({ChangeKind.OPENED, ChangeKind.GREW, ChangeKind.WORSE})
_BEGINS = frozenset({EventKind.OPENED, EventKind.SPLIT})
_ASKED_FOR = frozenset({EventKind.ESCALATE, EventKind.ASSIGN})
_UNSAID = frozenset({"paging", "held", "exhausted"})


class Scene(Protocol):
    """What is there to be covered, besides what changes tell of."""

    def firing(self) -> Iterable[tuple[str, Alert]]:
        """Return every firing instance with the series it belongs to."""
        ...

    def members(self) -> Iterable[tuple[int, Member]]:
        """Return every series that is in a group, with the group."""
        ...

    def incident(self, group: int) -> int | None:
        """Return the open incident of a group."""
        ...

    def group(self, incident: int) -> int | None:
        """Return the group of an open incident."""
        ...


class Nothing:
    """A scene without anything in it."""

    def firing(self) -> Iterable[tuple[str, Alert]]:
        """Return nothing."""
        return ()

    def members(self) -> Iterable[tuple[int, Member]]:
        """Return nothing."""
        return ()

    def incident(self, group: int) -> int | None:
        """Return None."""
        return None

    def group(self, incident: int) -> int | None:
        """Return None."""
        return None


class Hidden(Struct, frozen=True):
    """Why an incident pages nobody, and until when at the latest."""

    until: datetime
    text: str

    def event(self) -> MachineEvent:
        """Return what the response is told."""
        return MachineEvent(kind=EventKind.SUPPRESS, until=self.until, text=self.text)


class Suppression:
    """Follow silences, windows and what they cover; `scene` is set by whoever has the other stages.

    While nothing holds and nothing is suppressed, groups are not counted: they are once it begins.
    """

    def __init__(self, settings: SilenceSettings | None = None) -> None:
        self.book = SilenceBook(settings or SilenceSettings())
        self.index = CoverIndex()
        self.scene: Scene = Nothing()
        self.tables = self.book.tables
        self._ledger = Ledger()
        self._told: set[int] = set()
        self._put_off: set[int] = set()
        self._counts = False

    def restored(self) -> None:
        """Work out anew what is covered, after the tables were restored and `heed` had the responses."""
        self.book.restored()
        self.index, self._ledger, self._counts = CoverIndex(), Ledger(), False
        for cover in self.book.active():
            self.index.start(cover, self._firing())
        if self.index.covers or self._put_off:
            self._count()
        self._told = {group for group in self._ledger.groups() if self._hidden(group) is not None}

    def deadline(self) -> datetime | None:
        """Return when something begins or ceases to hold."""
        return self.book.deadline()

    def place(self, now: datetime) -> bool:
        """Take up windows that were adopted since; tell whether there were any."""
        turn = self.book.place(now)
        if turn is not None:
            self._take(turn)
        return turn is not None and bool(turn.started or turn.ended)

    def turn(self) -> None:
        """Do what is due at `deadline`."""
        self._take(self.book.turn())

    def order(self, entry: SilenceSet | SilenceExpired) -> None:
        """Do what a person asks; BadCommand when it cannot be done."""
        if isinstance(entry, SilenceSet):
            self._take(self.book.set(entry.silence, entry.replaces, entry.at))
        else:
            self._take(self.book.expire(entry.id, entry.at))

    def change(self, change: Change) -> None:
        """Take a change of a series: the instance that caused it fires or ended."""
        if not self._counts or not change.fingerprint:
            return
        series = change.series
        if change.kind in _FIRES:
            self.index.fired(change.fingerprint, series.id, series.labels)
        else:
            self.index.ended(change.fingerprint)
        self._ledger.reweigh(series.id, self.index.of(series.id))

    def regroup(self, event: GroupEvent) -> None:
        """Take what happened to a group."""
        if not self._counts:
            return
        match event:
            case Grouped(group=group, change=change, join=join):
                self._put(group, change.series.id, change.series.firing, join.role)
            case Reroled(series=series, join=join):
                self._ledger.rerole(series, join.role is Role.SUPPRESSED)
            case GroupsMerged(winner=winner, loser=loser):
                self._ledger.merge(winner, loser)
                self._told.discard(loser)
            case GroupSplit(part=part, series=series):
                self._ledger.move(series, part)
            case SeriesMoved(into=into, series=series):
                self._ledger.move(series, into)

    def heed(self, response: Response) -> None:
        """Take note whether a response is suppressed."""
        if response.state is State.SUPPRESSED:
            self._put_off.add(response.incident)
        elif self._put_off:
            self._put_off.discard(response.incident)

    def forget(self, groups: Iterable[int]) -> None:
        """Forget groups that nobody needs any more."""
        for group in groups:
            self._ledger.forget(group)
            self._told.discard(group)

    def silences(self) -> list[tuple[Silence, int]]:
        """Return every silence that is kept, with the number of firing alerts that it covers."""
        return [(silence, self.index.hits(silence.id)) for silence in self.book.silences()]

    def plans(self, now: datetime) -> list[Plan]:
        """Return every maintenance window as it stands at `now`, in order of names."""
        found = [_plan(window, now, self.index) for window in self.book.windows()]
        return sorted(found, key=lambda plan: plan.window.name)

    def hidden(self, incident: int) -> Hidden | None:
        """Return what covers all of an incident that could page; None when something is not covered."""
        if not self.index.covers:
            return None
        group = self.scene.group(incident)
        return None if group is None else self._hidden(group)

    def settle(
        self, response: Callable[[int], Response | None], now: datetime
    ) -> Iterator[tuple[Response, MachineEvent]]:
        """Yield what the responses have to be told, since what covers their groups changed."""
        touched = sorted(self._ledger.touched)
        self._ledger.touched.clear()
        for group in touched:
            hidden, was_told = self._hidden(group), group in self._told
            (self._told.discard if hidden is None else self._told.add)(group)
            number = self.scene.incident(group)
            found = response(number) if number is not None else None
            if found is None:
                continue
            if hidden is not None:
                event = _begin_or_move(found, hidden, was_told)
            else:
                event = self._end(found, group, now)
            if event is not None:
                yield found, event
        if self._counts and not self.index.covers and not self._put_off:
            self._ledger, self._told, self._counts = Ledger(), set(), False

    def _end(self, response: Response, group: int, now: datetime) -> MachineEvent | None:
        """Return the end of a suppression, unless its own deadline is about to say so."""
        tally = self._ledger.tally(group)
        if response.state is not State.SUPPRESSED or tally is None or not tally.firing:
            return None
        if response.deadlines.get(Timer.WINDOW, now) <= now:
            return None
        return MachineEvent(kind=EventKind.UNSUPPRESS)

    def _take(self, turn: Turn) -> None:
        if turn.started and not self._counts:
            self._count()
        again = [id for id in turn.ended if turn.has_started(id)]
        touched: dict[str, None] = {}
        for id in again:
            touched.update(dict.fromkeys(self.index.end(id)))
        for cover in turn.started:
            touched.update(dict.fromkeys(self.index.start(cover, self._firing())))
        for id in turn.ended:
            if id not in again:
                touched.update(dict.fromkeys(self.index.end(id)))
        for series in touched:
            self._ledger.reweigh(series, self.index.of(series))

    def _count(self) -> None:
        """Begin to count: what each series adds to its group."""
        self._counts = True
        for group, member in self.scene.members():
            self._put(group, member.series.id, member.series.firing, member.join.role)
        self._ledger.touched.clear()

    def _firing(self) -> Iterator[tuple[str, str, dict[str, str]]]:
        for series, alert in self.scene.firing():
            yield series, alert.fingerprint, alert.labels

    def _put(self, group: int, series: str, firing: int, role: Role) -> None:
        covers = self.index.of(series)
        self._ledger.put(series, Part(group, firing, role is Role.SUPPRESSED, covers))

    def _hidden(self, group: int) -> Hidden | None:
        tally = self._ledger.tally(group)
        if tally is None or not 0 < tally.firing <= tally.covered:
            return None
        first = min((self.index.covers[id] for id in tally.covers), key=lambda cover: (cover.until, cover.id))
        return Hidden(first.until, first.text)


def _plan(window: Window, now: datetime, index: CoverIndex) -> Plan:
    first, until = occurrence(window, now), None
    if first is not None and first.start <= now:
        until = first.end
        first = occurrence(window, until)
    return Plan(
        window=window,
        until=until,
        next_start=None if first is None else first.start,
        next_end=None if first is None else first.end,
        alerts=index.hits(window_id(window.name)),
    )


def _begin_or_move(response: Response, hidden: Hidden, was_told: bool) -> MachineEvent | None:
    """Return the beginning of a suppression or its new end; what a person began anew is let be."""
    if response.state is State.SUPPRESSED:
        return None if response.deadlines == {Timer.WINDOW: hidden.until} else hidden.event()
    return hidden.event() if response.state in _STOPPABLE and not was_told else None


def step_under(hidden: Hidden | None, response: Response, event: MachineEvent, now: datetime) -> Step:
    """Apply an event as `machine.step` does; what would begin to page a hidden incident suppresses it.

    A page that a person asks for goes out all the same, and what was begun before goes on.
    """
    if hidden is None:
        return step(response, event, now)
    if event.kind is EventKind.WINDOW_DUE:
        return step(response, hidden.event(), now)
    done = step(response, event, now)
    begins = event.kind in _BEGINS or response.state not in _STOPPABLE
    if done.refused or not begins or event.kind in _ASKED_FOR or done.response.state not in _STOPPABLE:
        return done
    kept = [effect for effect in done.effects if not _is_paging(effect)]
    put_off = step(done.response, hidden.event(), now)
    return Step(response=put_off.response, effects=(*kept, *put_off.effects), rule=put_off.rule)


def _is_paging(effect: object) -> bool:
    if isinstance(effect, Line):
        return effect.kind in _UNSAID
    return isinstance(effect, PageWanted)
