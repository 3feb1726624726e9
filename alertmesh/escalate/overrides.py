"""Which overrides there are: who has duty in whose place, agreed or asked for."""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.entries import OverrideAnswered, OverrideEnded, OverrideSet
from alertmesh.core.errors import BadCommand
from alertmesh.core.oncall import OnCall, Override, OverrideState
from alertmesh.core.records import Records
from alertmesh.escalate import terms
from alertmesh.escalate.terms import Terms, last_moment

OverrideOrder = OverrideSet | OverrideAnswered | OverrideEnded
_OPEN = frozenset({OverrideState.ASKED, OverrideState.AGREED})


class OverrideSettings(Struct, frozen=True, kw_only=True):
    """How many overrides may be kept, how long those that are over are, and what one may be like."""

    max_overrides: int = 5_000
    keep: timedelta = timedelta(days=35)
    terms: Terms = Terms()


class Kept(Struct, frozen=True):
    """An override, and whether it changes who has duty at any time; the durable state of it."""

    override: Override
    counts: bool


class OverrideBook:
    """Keep overrides, agreed and asked for, and follow their times; a change costs O(n) at most.

    Nothing here changes the past: an override holds from when it was made at the earliest, and one
    that was ended by hand keeps the time for which it held.
    """

    def __init__(self, settings: OverrideSettings | None = None) -> None:
        self._settings = settings or OverrideSettings()
        self._kept = Records[str, Kept]("override", Kept)
        self.tables = (self._kept,)
        self._due: dict[str, datetime] = {}
        self._heap: list[tuple[datetime, str]] = []

    def overrides(self) -> Iterable[Override]:
        """Return every override that is kept, whatever its state."""
        return (kept.override for kept in self._kept.values())

    def counting(self) -> Iterator[Override]:
        """Yield what changes who has duty at any time, past times too, each as if it was agreed now."""
        for kept in self._kept.values():
            if kept.counts:
                agreed = kept.override.state is OverrideState.AGREED
                yield kept.override if agreed else replace(kept.override, state=OverrideState.AGREED)

    def order(self, entry: OverrideOrder, people: OnCall, now: datetime) -> str:
        """Do what a person asks and return the roster that it is about.

        Raises BadCommand, which names the field, when it cannot be done.
        """
        if isinstance(entry, OverrideSet):
            self._set(entry.override, people, now)
            return entry.override.roster
        override = self._find(entry.id)
        if isinstance(entry, OverrideAnswered):
            self._answer(override, entry, people)
        else:
            self._end(override, now)
        return override.roster

    def deadline(self) -> datetime | None:
        """Return when the next override is over or forgotten, None if never."""
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def follow(self, now: datetime) -> bool:
        """Let be over what is over at `now`, and forget what was long enough; tell whether there was any."""
        moved = False
        while (moment := self.deadline()) is not None and moment <= now:
            kept = self._kept[heapq.heappop(self._heap)[1]]
            if kept.override.state in _OPEN:
                self._put(replace(kept.override, state=OverrideState.OVER), kept.counts)
            else:
                self._forget(kept.override.id)
            moved = True
        return moved

    def restored(self) -> None:
        """Take up the times again after the table was restored."""
        self._due, self._heap = {}, []
        for kept in self._kept.values():
            self._wake(kept.override)

    def _set(self, override: Override, people: OnCall, now: datetime) -> None:
        if override.id in self._kept:
            raise BadCommand(f"id: there is an override {override.id} already")
        made = terms.checked(override, people, self._settings.terms, now)
        agreed = made.state is OverrideState.AGREED
        if agreed:
            terms.refuse_clash(made, self._agreed())
        self._make_room()
        self._put(made, counts=agreed)

    def _answer(self, asked: Override, entry: OverrideAnswered, people: OnCall) -> None:
        if asked.state is not OverrideState.ASKED:
            raise BadCommand(f"id: override {asked.id} waits for no answer, it is {asked.state}")
        if not entry.accepts:
            self._put(terms.declined(asked, entry.actor), counts=False)
            return
        taken = terms.accepted(asked, entry.actor, people)
        terms.refuse_clash(taken, self._agreed())
        self._put(taken, counts=True)

    def _end(self, override: Override, now: datetime) -> None:
        if override.state not in _OPEN:
            raise BadCommand(f"id: override {override.id} holds no more, it is {override.state}")
        agreed = override.state is OverrideState.AGREED
        cut = terms.cut(override, now) if agreed else None
        self._put(replace(cut or override, state=OverrideState.ENDED), counts=cut is not None)

    def _find(self, id: str) -> Override:
        kept = self._kept.get(id)
        if kept is None:
            raise BadCommand(f"id: there is no override {id}")
        return kept.override

    def _agreed(self) -> list[Override]:
        return [one for one in self.overrides() if one.state is OverrideState.AGREED]

    def _put(self, override: Override, counts: bool) -> None:
        self._kept.put(override.id, Kept(override, counts))
        self._wake(override)

    def _wake(self, override: Override) -> None:
        if override.state is OverrideState.ASKED:
            due = terms.first_moment(override)
        elif override.state is OverrideState.AGREED:
            due = last_moment(override)
        else:
            due = last_moment(override) + self._settings.keep
        self._due[override.id] = due
        heapq.heappush(self._heap, (due, override.id))

    def _forget(self, id: str) -> None:
        self._kept.drop(id)
        del self._due[id]

    def _make_room(self) -> None:
        """Forget the override that has been over the longest once there are too many."""
        if len(self._kept) < self._settings.max_overrides:
            return
        over = [one for one in self.overrides() if one.state not in _OPEN]
        if not over:
            raise BadCommand(f"there are {len(self._kept)} overrides agreed or asked for; end one first")
        self._forget(min(over, key=lambda one: (last_moment(one), one.id)).id)
