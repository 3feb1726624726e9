"""Read from a store what reports count; slow over long times, so to be done aside from the loop."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.incident import TimelineEntry
from alertmesh.core.page import PageKind
from alertmesh.core.past import Past
from alertmesh.core.response import State, Timer
from alertmesh.core.series import Mark
from alertmesh.reports import noise
from alertmesh.reports.account import Account, Facts
from alertmesh.reports.course import Course, is_by_person, read, united
from alertmesh.reports.delivery import Try
from alertmesh.reports.handover import Note, Open

_MOST_LINES = 100_000
_MOST_LOOKED_INTO = 200  # open incidents whose series a hand-over names; the rest is told without
_TELLING = frozenset({"note", "return", "close"})
_UNKNOWN = Facts()
_OVER = frozenset({State.RESOLVED, State.CLOSED, State.MERGED})


class _IncidentRow(Struct):
    """The part of a stored incident that is asked for."""

    title: str
    priority: Priority
    labels: dict[str, str]


class _PolicyRow(Struct):
    """The part of a stored policy that is asked for."""

    ops_roster: str
    rnd_roster: str


class _ResponseRow(Struct, omit_defaults=True):
    """The part of a stored response that is asked for."""

    incident: int
    state: State
    priority: Priority
    policy: _PolicyRow
    owner: str = ""
    ops_owner: str = ""
    incoming: str = ""
    rnd_roster: str = ""
    deadlines: dict[Timer, datetime] = {}

    @property
    def rosters(self) -> tuple[str, ...]:
        """Return the rosters that are paged, tier 1 first."""
        return (self.policy.ops_roster, self.rnd_roster or self.policy.rnd_roster)


class _SeriesRow(Struct):
    """The part of a stored series that is asked for."""

    id: str
    name: str
    labels: dict[str, str]
    instances: int = 1
    marks: tuple[Mark, ...] = ()


class _MemberRow(Struct):
    """The part of a stored member that is asked for."""

    series: _SeriesRow


class Accounts:
    """Answer what reports ask of the past."""

    def __init__(self, past: Past) -> None:
        self._past = past

    def within(self, start: datetime, end: datetime) -> list[Account]:
        """Return every incident that something happened to, each with what was merged into it."""
        courses = self._courses(start, end)
        facts = self.facts([course.incident for course in courses])
        return [Account(course=one, facts=facts.get(one.incident, _UNKNOWN)) for one in courses]

    def facts(self, incidents: Sequence[int]) -> dict[int, Facts]:
        """Return what incidents are about; one without a record is left out."""
        rows = {number: _incident.decode(body) for number, body in self._past.several("incident", incidents)}
        found = {
            number: Facts(title=row.title, priority=row.priority, labels=row.labels)
            for number, row in rows.items()
        }
        for number, body in self._past.several("response", incidents):
            response = _response.decode(body)
            known = found.get(number, _UNKNOWN)
            found[number] = replace(known, priority=response.priority, rosters=response.rosters)
        return found

    def parts(self, incident: int) -> list[noise.Part]:
        """Return the series of an incident as noise is counted by."""
        return [
            noise.Part(series=one.id, name=one.name, labels=one.labels, alerts=one.instances)
            for one in self._series(incident)
        ]

    def lines(self, start: datetime, end: datetime) -> Iterator[TimelineEntry]:
        """Yield the lines of a span of time."""
        return (stored.line for stored in self._past.lines_within(start, end))

    def tries(self, start: datetime, end: datetime) -> Iterator[Try]:
        """Yield what channels were asked to send."""
        for one in self._past.attempts_within(start, end):
            if one.page.kind is PageKind.TEST:
                continue
            yield Try(
                channel=one.channel,
                kind=one.page.kind,
                state=one.state,
                wanted_at=one.page.at,
                settled_at=one.settled_at,
            )

    def still_open(self, roster: str) -> list[Open]:
        """Return the incidents of a roster that are not over."""
        found = [row for row in self._responses() if roster in row.rosters and row.state not in _OVER]
        facts = self.facts([row.incident for row in found])
        return [
            self._open(row, facts.get(row.incident, _UNKNOWN), looks=place < _MOST_LOOKED_INTO)
            for place, row in enumerate(found)
        ]

    def notes(self, incidents: Iterable[int], start: datetime, end: datetime) -> list[Note]:
        """Return what people wrote to some incidents."""
        wanted = set(incidents)
        return [
            Note(incident=line.incident, at=line.at, actor=line.actor, text=line.text)
            for line in self.lines(start, end)
            if line.kind in _TELLING and line.incident in wanted and is_by_person(line)
        ]

    def _courses(self, start: datetime, end: datetime) -> list[Course]:
        found: dict[int, Course] = {}
        for stored in self._past.courses(start, end):
            course = read([one.line for one in stored])
            found[course.incident] = course
        lacking = _others(found.values()) - found.keys()
        while lacking:
            for number in lacking:
                lines = self._past.timeline(number, 0, _MOST_LINES)
                if lines:
                    found[number] = read([one.line for one in lines])
            asked = {*lacking}
            lacking = _others(found[number] for number in asked if number in found) - found.keys() - asked
        return united(found)

    def _responses(self) -> Iterator[_ResponseRow]:
        for _, body in self._past.rows("response"):
            yield _response.decode(body)

    def _series(self, incident: int) -> Iterator[_SeriesRow]:
        for _, body in self._past.prefixed("member", f"{incident:010d}/"):
            yield _member.decode(body).series

    def _open(self, row: _ResponseRow, facts: Facts, *, looks: bool) -> Open:
        timer = min(row.deadlines, key=lambda one: row.deadlines[one], default=None)
        members = self._series(row.incident) if looks else iter(())
        flapping = (one.name for one in members if Mark.FLAPPING in one.marks)
        return Open(
            incident=row.incident,
            priority=facts.priority.name,
            title=facts.title,
            state=row.state.value,
            owner=row.owner or row.ops_owner,
            incoming=row.incoming,
            deadline=timer.value if timer is not None else None,
            due_at=row.deadlines[timer] if timer is not None else None,
            flapping=tuple(dict.fromkeys(flapping)),
        )


def _others(courses: Iterable[Course]) -> set[int]:
    """Return the incidents that others were merged into, or that were merged into them."""
    found: set[int] = set()
    for course in courses:
        found.update(course.absorbed)
        if course.merged_into is not None:
            found.add(course.merged_into)
    return found


_incident = msgspec.msgpack.Decoder(_IncidentRow)
_response = msgspec.msgpack.Decoder(_ResponseRow)
_member = msgspec.msgpack.Decoder(_MemberRow)
