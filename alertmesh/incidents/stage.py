"""Turn groups into the incidents that people work on."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from alertmesh.core.entries import Command
from alertmesh.core.group import Departed, Grouped, GroupEvent, GroupsMerged, GroupSplit, Reroled
from alertmesh.core.incident import (
    Incident,
    IncidentEvent,
    IncidentEventKind,
    Member,
)
from alertmesh.core.records import Records
from alertmesh.core.series import Mark, Note
from alertmesh.incidents import timeline
from alertmesh.incidents.book import Book, Causes, IncidentFeed, is_new_root, member_key, worst
from alertmesh.incidents.lifecycle import Case, Effect
from alertmesh.incidents.people import PeoplesWord
from alertmesh.incidents.settings import IncidentSettings
from alertmesh.incidents.watch import Watched, WatchList

_WAITING = frozenset({Mark.HEALING, Mark.FLAPPING})


class IncidentStage:
    """Open, change, merge and split incidents as their groups do.

    An incident's priority is never lowered while it is open. `dropped` counts what was let go
    because of a bound.
    """

    def __init__(self, settings: IncidentSettings) -> None:
        self._settings = settings
        self._book = Book(settings)
        self._watch = WatchList(settings)
        self._people = PeoplesWord(self._book, self._watch, self._open_if_worth)

    @property
    def tables(self) -> tuple[Records[Any, Any], ...]:
        """Return the durable state."""
        book = self._book
        return (book.incidents, book.members, book.counters, self._watch.table, *book.recall.tables)

    @property
    def dropped(self) -> int:
        """Return how many watched members and groups were let go because of a bound."""
        return self._watch.dropped

    def adopt(self, settings: IncidentSettings) -> None:
        """Go by other settings from here on; nothing is judged anew before its time."""
        self._settings = settings
        self._book.adopt(settings)
        self._watch.adopt(settings)

    def restored(self) -> None:
        """Rebuild what is kept in memory only, after the tables were restored."""
        self._book.restored()
        self._book.recall.past.restored()
        self._watch.restored()

    def jump(self, by: timedelta) -> None:
        """Go along with a jump of the clock by `by`: groups are watched as long as they would have been."""
        self._watch.jump(by)

    def deadline(self) -> datetime | None:
        """Return when a watched group is to be forgotten; `retire` does it."""
        return self._watch.deadline()

    def feed(self, events: Sequence[GroupEvent], causes: Causes, now: datetime) -> IncidentFeed:
        """Take group events in order; `causes` ranks the roots of a group when asked."""
        for event in events:
            if isinstance(event, Grouped):
                self._grouped(event, causes)
            elif isinstance(event, Departed):
                self._departed(event)
            elif isinstance(event, Reroled):
                self._reroled(event, causes)
            elif isinstance(event, GroupsMerged):
                self._merged(event, causes)
            elif isinstance(event, GroupSplit):
                self._split(event, causes)
            else:
                self._people.take(event, causes)
        for held in self._watch.overdue(now):
            self._open_if_worth(held, now, causes)
        return self._book.close_batch()

    def heed(self, command: Command) -> None:
        """Remember what a person did to an open incident, for later ones that are like it."""
        if command.incident in self._book.cases:
            self._book.recall.handlings.heed(command)

    def incident(self, number: int) -> Incident | None:
        """Return an open incident as it stands."""
        self._book.settle()
        return self._book.incidents.get(number)

    def incidents(self) -> Iterable[Incident]:
        """Return the open incidents, oldest first."""
        self._book.settle()
        return [self._book.incidents[number] for number in sorted(self._book.incidents)]

    def members(self, number: int) -> list[Member]:
        """Return the members of an open incident, in order of joining."""
        case = self._book.cases.get(number)
        found = list(case.members.values()) if case is not None else []
        return sorted(found, key=lambda member: (member.joined_at, member.series.id))

    def of_group(self, group: int) -> Incident | None:
        """Return the open incident of a group; None while the group is only watched."""
        self._book.settle()
        case = self._book.of_group(group)
        return self._book.incidents.get(case.id) if case is not None else None

    def number_of(self, group: int) -> int | None:
        """Return the number of a group's open incident, at no cost for what changed in it."""
        return self._book.by_group.get(group)

    def group_of(self, number: int) -> int | None:
        """Return the group of an open incident, at no cost for what changed in it."""
        case = self._book.cases.get(number)
        return None if case is None else case.base.group

    @property
    def remembered(self) -> int:
        """Return how many closed incidents are remembered."""
        return len(self._book.recall.past)

    @property
    def forgotten(self) -> int:
        """Return how many closed incidents made room for newer ones."""
        return self._book.recall.past.forgotten

    @property
    def watching(self) -> int:
        """Return how many groups are watched."""
        return len(self._watch.table)

    def watched(self) -> Iterable[Watched]:
        """Return the groups that do not deserve an incident yet."""
        return self._watch.table.values()

    def retire(self, ids: Iterable[int], now: datetime) -> list[int]:
        """Archive closed incidents and forget stale watched groups.

        Return the groups that nobody needs any more, for the correlator to forget. Members stay
        readable in the store.
        """
        groups: list[int] = []
        for number in ids:
            case = self._book.cases.get(number)
            if case is not None:
                groups.append(case.base.group)
                self._book.archive(case, now)
        return groups + self._watch.expire(now)

    def _grouped(self, event: Grouped, causes: Causes) -> None:
        change = event.change
        case = self._book.of_group(event.group)
        if case is not None:
            self._change(case, event, causes)
            return
        known = self._watch.table.get(event.group)
        old = known.members.get(change.series.id) if known is not None else None
        held = self._watch.take(event.group, _member(0, event, old), change.at)
        self._open_if_worth(held, change.at, causes, change.notes)

    def _change(self, case: Case, event: Grouped, causes: Causes) -> None:
        change, at = event.change, event.change.at
        old = case.members.get(change.series.id)
        member = _member(case.id, event, old)
        effect = self._book.take(case, member, at)
        if effect & Effect.JOINED:
            self._book.joined(case, member, causes)
            if is_new_root(case, member.series):
                effect |= Effect.GREW
        if effect & Effect.CLEARED:
            self._book.cleared(case, causes)
        self._book.note(case, change.notes, at)
        self._book.tell(case, effect, change.series, at)

    def _departed(self, event: Departed) -> None:
        """Let go of a series that is a part of another trouble now; its past stays in the incident."""
        case = self._book.of_group(event.group)
        if case is None:
            self._watch.release(event.group, event.series, event.at)
            return
        old = case.members.get(event.series)
        if old is not None:
            over = replace(
                old.series, firing=0, marks=tuple(m for m in old.series.marks if m is not Mark.FLAPPING)
            )
            effect = self._book.take(case, replace(old, series=over), event.at)
            self._book.tell(case, effect, None, event.at)

    def _reroled(self, event: Reroled, causes: Causes) -> None:
        case = self._book.of_group(event.group)
        if case is None:
            held = self._watch.table.get(event.group)
            old = held.members.get(event.series) if held is not None else None
            if old is not None:
                member = replace(old, join=event.join)
                self._open_if_worth(self._watch.take(event.group, member, event.at), event.at, causes)
            return
        old = case.members.get(event.series)
        if old is not None:
            self._book.tell(
                case, self._book.take(case, replace(old, join=event.join), event.at), None, event.at
            )

    def _merged(self, event: GroupsMerged, causes: Causes) -> None:
        winner, loser = self._book.by_group.get(event.winner), self._book.by_group.pop(event.loser, None)
        if loser is None:
            self._merge_watched(event, causes)
            return
        if winner is None:
            # Only the loser's group had an incident: it goes on under the winner's number.
            case = self._book.cases[loser]
            case.base = replace(case.base, group=event.winner)
            self._book.by_group[event.winner] = loser
            self._book.touch(case)
            self._absorb_watched(case, self._watch.pop(event.winner), event.at)
            return
        keep, end = (winner, loser) if event.actor else sorted((winner, loser))
        self._unite(self._book.cases[keep], self._book.cases[end], event, causes)

    def _merge_watched(self, event: GroupsMerged, causes: Causes) -> None:
        held = self._watch.pop(event.loser)
        case = self._book.of_group(event.winner)
        if case is not None:
            self._absorb_watched(case, held, event.at)
        elif held is not None:
            self._open_if_worth(self._watch.unite(event.winner, held, event.at), event.at, causes)

    def _absorb_watched(self, case: Case, held: Watched | None, at: datetime) -> None:
        for member in held.members.values() if held is not None else ():
            effect = self._book.take(case, replace(member, incident=case.id), at)
            if len(case.members) <= self._settings.told_joins:
                self._book.say(timeline.joined(case.id, at, member.series, member.join))
            self._book.tell(case, effect, None, at)

    def _unite(self, keep: Case, end: Case, event: GroupsMerged, causes: Causes) -> None:
        at = event.at
        effect = 0
        for member in list(end.members.values()):
            self._book.members.drop(member_key(end.id, member.series.id))
            if _is_newer(member, keep.members.get(member.series.id)):
                effect |= self._book.take(keep, replace(member, incident=keep.id), at)
        keep.base = replace(keep.base, group=event.winner)
        keep.explain(causes(event.winner))
        self._book.recall.handlings.hand_over(end.id, keep.id)
        self._book.recall.look_back(keep)
        self._book.by_group[event.winner] = keep.id
        self._book.say(timeline.merged(keep.id, end.id, at, event.join, event.actor))
        self._book.say(timeline.ended_in(end.id, keep.id, at, event.join, event.actor))
        ended = replace(end.facts(), merged_into=keep.id, archived=True, changed_at=at)
        self._book.incidents.archive(end.id, ended)
        del self._book.cases[end.id]
        self._book.emit(IncidentEvent(kind=IncidentEventKind.MERGED, incident=ended, at=at, other=keep.id))
        self._book.tell(keep, effect & ~Effect.GREW & ~Effect.EASED, None, at)

    def _split(self, event: GroupSplit, causes: Causes) -> None:
        case, at = self._book.of_group(event.group), event.at
        if case is None:
            self._split_watched(event, causes)
            return
        was_firing = case.firing
        gone = case.release(event.series, at)
        if not gone:
            return
        for member in gone:
            self._book.members.drop(member_key(case.id, member.series.id))
        case.explain(causes(event.group))
        self._book.recall.look_back(case)
        self._book.touch(case)
        part = self._book.open(event.part, gone, at, causes)
        self._book.say(timeline.split(case.id, part.id, event))
        self._book.say(timeline.split_from(part.id, case.id, len(gone), at, event.actor))
        self._book.emit(replace(_begun(IncidentEventKind.SPLIT, part, at), other=case.id))
        if was_firing and not case.firing:
            self._book.tell(case, Effect.CLEARED, None if case.members else gone[0].series, at)

    def _split_watched(self, event: GroupSplit, causes: Causes) -> None:
        held = self._watch.table.get(event.group)
        if held is None:
            return
        for series in event.series:
            member = held.members.pop(series, None)
            if member is not None:
                self._watch.take(event.part, member, event.at)
        self._watch.put(held, event.at)
        for group in (event.group, event.part):
            part = self._watch.table.get(group)
            if part is not None:
                self._open_if_worth(part, event.at, causes)

    def _open_if_worth(self, held: Watched, at: datetime, causes: Causes, notes: Sequence[Note] = ()) -> None:
        if not self._watch.is_worth(held, at):
            return
        self._watch.pop(held.group)
        members = sorted(held.members.values(), key=lambda member: (member.joined_at, member.series.id))
        case = self._book.open(held.group, members, at, causes)
        self._book.say(timeline.opened(case.id, at, worst(members)))
        for member in members[1:]:
            self._book.say(timeline.joined(case.id, at, member.series, member.join))
        self._book.note(case, notes, at)
        since = held.bad_since.get(case.priority)
        self._book.emit(replace(_begun(IncidentEventKind.OPENED, case, at), fires_since=since))


def _begun(kind: IncidentEventKind, case: Case, at: datetime) -> IncidentEvent:
    return IncidentEvent(
        kind=kind, incident=case.facts(), at=at, hold_until=case.hold_until, unsteady=case.is_unsteady
    )


def _is_newer(member: Member, known: Member | None) -> bool:
    """Tell whether this is the present state of a series: where it departed from, its past stayed."""
    if known is None:
        return True
    one, other = member.series, known.series
    return (one.changed_at, one.is_on) > (other.changed_at, other.is_on)


def _member(incident: int, event: Grouped, old: Member | None) -> Member:
    """Return a series' place after a change; what held its page holds it as long as its mark says so."""
    change = event.change
    hold = change.hold_until
    if hold is None and old is not None and not _WAITING.isdisjoint(change.series.marks):
        hold = old.hold_until
    return Member(
        incident=incident,
        series=change.series,
        join=event.join,
        joined_at=old.joined_at if old is not None else change.at,
        hold_until=hold,
        usual=event.usual,
    )
