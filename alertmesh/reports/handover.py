"""The draft of a hand-over: what happened in a shift, and what whoever comes on duty must know."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from alertmesh.core.alert import Priority
from alertmesh.reports.account import Account
from alertmesh.reports.response import Part
from alertmesh.reports.response import report as response_report


class Event(Struct, frozen=True, kw_only=True):
    """Something that became of an incident in the shift, and by whom, if a person did it."""

    incident: int
    priority: str
    title: str
    at: datetime
    by: str = ""


class Open(Struct, frozen=True, kw_only=True):
    """An incident that is not over; `deadline` is what happens to it next, at `due_at`.

    `flapping` are those of its series that fire and clear all the time; `incoming` is who was asked to
    take it over.
    """

    incident: int
    priority: str
    title: str
    state: str
    owner: str
    incoming: str = ""
    deadline: str | None = None
    due_at: datetime | None = None
    flapping: tuple[str, ...] = ()


class Note(Struct, frozen=True, kw_only=True):
    """What a person wrote to an incident."""

    incident: int
    at: datetime
    actor: str
    text: str


class Quiet(Struct, frozen=True, kw_only=True):
    """A silence or a maintenance window that begins (if `starts_at`) or ends within the next shift."""

    name: str
    matchers: str
    comment: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class Cover(Struct, frozen=True, kw_only=True):
    """An override within the next shift, agreed or asked for."""

    id: str
    state: str
    covered: str
    person: str
    starts_at: datetime
    ends_at: datetime
    comment: str


class Signed(Struct, frozen=True, kw_only=True):
    """The last hand-over that was accepted."""

    at: datetime
    outgoing: str
    incoming: str
    text: str
    incidents: tuple[int, ...]


class Draft(Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """What to hand over at the end of a shift, and the same as a text for people to go on from.

    `opened` to `escalated` happened in the shift, `response` is about those opened in it, by priority.
    `follow_ups` are P1 and P2 that ended in the shift and whose cause nobody has told. What is quiet and
    who stands in is that of the next shift, which lasts until `next_end`.
    """

    roster: str
    zone: str
    start: datetime
    end: datetime
    next_end: datetime
    outgoing: tuple[str, ...]
    incoming: tuple[str, ...]
    opened: list[Event]
    acked: list[Event]
    resolved: list[Event]
    escalated: list[Event]
    response: list[Part]
    open: list[Open]
    follow_ups: list[Event]
    notes: list[Note]
    silences: list[Quiet]
    maintenance: list[Quiet]
    overrides: list[Cover]
    last: Signed | None
    text: str = ""


class Shift(Struct, frozen=True, kw_only=True):
    """The shift that ends, and who comes after it until `next_end`; times are shown in `zone`.

    `outgoing` are its `primary`, empty for nobody, and the secondary.
    """

    roster: str
    zone: str
    start: datetime
    end: datetime
    next_end: datetime
    primary: str
    outgoing: tuple[str, ...]
    incoming: tuple[str, ...]


class Ahead(Struct, frozen=True, kw_only=True):
    """What is known of the next shift, and the hand-over before this one."""

    silences: list[Quiet]
    maintenance: list[Quiet]
    overrides: list[Cover]
    last: Signed | None


def draft(
    shift: Shift, accounts: Sequence[Account], still: Sequence[Open], notes: Sequence[Note], ahead: Ahead
) -> Draft:
    """Draft the hand-over of a shift; `accounts` are those of the roster that moved in it."""
    gathered = _Gathered(shift, accounts)
    return Draft(
        roster=shift.roster,
        zone=shift.zone,
        start=shift.start,
        end=shift.end,
        next_end=shift.next_end,
        outgoing=shift.outgoing,
        incoming=shift.incoming,
        opened=gathered.opened(),
        acked=gathered.acked(),
        resolved=gathered.resolved(),
        escalated=gathered.escalated(),
        response=response_report(accounts, "priority", shift.start, shift.end).parts,
        open=sorted(still, key=_most_urgent),
        follow_ups=gathered.follow_ups(),
        notes=sorted(notes, key=lambda note: note.at),
        silences=ahead.silences,
        maintenance=ahead.maintenance,
        overrides=ahead.overrides,
        last=ahead.last,
    )


class _Gathered:
    """Find what happened within a shift."""

    def __init__(self, shift: Shift, accounts: Sequence[Account]) -> None:
        self._shift = shift
        self._accounts = accounts

    def opened(self) -> list[Event]:
        """Return what began."""
        return self._events((one, one.course.opened_at, "") for one in self._accounts)

    def acked(self) -> list[Event]:
        """Return what was taken for the first time."""
        taken = ((one, one.course.acks[0]) for one in self._accounts if one.course.acks)
        return self._events((one, ack.at, ack.person) for one, ack in taken)

    def resolved(self) -> list[Event]:
        """Return what ended, and stayed so."""
        return self._events((one, one.course.resolved_at, "") for one in self._accounts)

    def escalated(self) -> list[Event]:
        """Return what went to tier 2."""
        return self._events((one, one.course.escalated_at, "") for one in self._accounts)

    def follow_ups(self) -> list[Event]:
        """Return what ended without a cause being told, of what is bad enough to need one."""
        wanted = (one for one in self._accounts if one.facts.priority <= Priority.P2)
        return self._events((one, one.course.resolved_at, "") for one in wanted if not one.course.closed)

    def _events(self, found: Iterable[tuple[Account, datetime | None, str]]) -> list[Event]:
        events = [
            Event(
                incident=one.course.incident,
                priority=one.facts.priority.name,
                title=one.facts.title,
                at=at,
                by=by,
            )
            for one, at, by in found
            if at is not None and self._shift.start <= at < self._shift.end
        ]
        return sorted(events, key=lambda event: (event.at, event.incident))


def _most_urgent(one: Open) -> tuple[str, int]:
    return (one.priority, one.incident)
