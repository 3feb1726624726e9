"""Keep the open incidents, their members and what is to be told of them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from math import log

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.group import Cause, Join, Role
from alertmesh.core.incident import (
    Condition,
    Incident,
    IncidentEvent,
    IncidentEventKind,
    Member,
    TimelineEntry,
)
from alertmesh.core.records import Outgoing, Records
from alertmesh.core.series import Note, Series
from alertmesh.incidents import timeline
from alertmesh.incidents.lifecycle import Case, Effect, service
from alertmesh.incidents.recall import Recall
from alertmesh.incidents.settings import IncidentSettings

Causes = Callable[[int], tuple[Cause, ...]]
_SMALL, _GROWTH, _SLACK = 4, 1.5, 1e-9
_TELLING = 2


class IncidentFeed(Struct):
    """What came of a batch: events for paging, and lines for the histories."""

    events: list[IncidentEvent]
    timeline: list[TimelineEntry]


class Book:
    """Hold the durable tables of incidents and members beside the counts kept in memory."""

    def __init__(self, settings: IncidentSettings) -> None:
        self.incidents = Records[int, Incident]("incident", Incident, self.settle)
        self.members = Outgoing[str, Member]("member", Member)
        self.counters = Records[str, int]("incident_counter", int)
        self.recall = Recall(settings.similar)
        self.cases: dict[int, Case] = {}
        self.by_group: dict[int, int] = {}
        self._settings = settings
        self._touched: dict[int, None] = {}
        self._feed = IncidentFeed([], [])

    def adopt(self, settings: IncidentSettings) -> None:
        """Go by other settings from here on."""
        self._settings = settings
        self.recall.adopt(settings.similar)

    def restored(self) -> None:
        """Rebuild what is kept in memory only, after the tables were restored."""
        held: dict[int, list[Member]] = {number: [] for number in self.incidents}
        for member in self.members.values():
            held[member.incident].append(member)
        self.cases = {
            number: Case.resumed(self.incidents[number], members) for number, members in sorted(held.items())
        }
        self.by_group = {case.base.group: number for number, case in self.cases.items()}
        self.members.release()

    def settle(self) -> None:
        """Store the incidents that changed as they stand now; once a batch, not once a change."""
        for number in self._touched:
            if number in self.cases:
                self.incidents.put(number, self.cases[number].facts())
        self._touched.clear()

    def close_batch(self) -> IncidentFeed:
        """Give out what is to be told."""
        feed, self._feed = self._feed, IncidentFeed([], [])
        return feed

    def of_group(self, group: int) -> Case | None:
        """Return the open incident of a group."""
        number = self.by_group.get(group)
        return self.cases[number] if number is not None else None

    def touch(self, case: Case) -> None:
        """Note that an incident changed."""
        self._touched[case.id] = None

    def open(self, group: int, members: Sequence[Member], at: datetime, causes: Causes) -> Case:
        """Open an incident for a group with its first members."""
        number = (self.counters.get("incident") or 0) + 1
        self.counters.put("incident", number)
        case = Case(
            Incident(
                id=number,
                group=group,
                title="",
                priority=worst(members).priority,
                condition=Condition.FIRING,
                opened_at=at,
                changed_at=at,
                labels={},
            )
        )
        self.cases[number] = case
        self.by_group[group] = number
        for member in members:
            self.take(case, replace(member, incident=number), at)
        if not case.firing:
            case.cleared_at = at
        self.explain(case, causes)
        self.incidents.put(number, case.facts())
        return case

    def take(self, case: Case, member: Member, at: datetime) -> int:
        """Put a member in its newest state and return the effects, as bits."""
        self.members.put(member_key(case.id, member.series.id), member)
        self._touched[case.id] = None
        return case.take(member, at, self._settings)

    def joined(self, case: Case, member: Member, causes: Causes) -> None:
        """Tell of a join; as the incident grows, look for the root and for its like anew."""
        count, told = len(case.members), self._settings.told_joins
        together = member.join.telling(_TELLING)
        if together:
            case.base = replace(case.base, together=Join(member.join.score, together))
        if _is_time(count):
            self.explain(case, causes)
        if count <= told:
            self.say(timeline.joined(case.id, case.changed_at, member.series, member.join))
        elif count % (2 * told) == 0 and (count // (2 * told)).bit_count() == 1:
            self.say(timeline.grown(case.id, case.changed_at, count))

    def cleared(self, case: Case, causes: Causes) -> None:
        """Look for the root of a large incident once more when it clears, with those that joined since.

        A small one is left as it was found at its last join: what fires elsewhere meanwhile has left
        its group, and would be missed.
        """
        if not _is_time(len(case.members)):
            self.explain(case, causes)

    def explain(self, case: Case, causes: Causes) -> None:
        """Look for the root of an incident anew, and for past ones that are like it."""
        case.explain(causes(case.base.group))
        self.recall.look_back(case)

    def note(self, case: Case, notes: Sequence[Note], at: datetime) -> None:
        """Write down what the rules did, and why."""
        for note in notes:
            line = TimelineEntry(incident=case.id, at=at, kind="rule", text=note.text, rule=note.rule)
            self.say(line)

    def tell(self, case: Case, effect: int, changed: Series | None, at: datetime) -> None:
        """Tell what a change did."""
        if not effect & ~Effect.JOINED:
            return
        facts, hold = case.facts(), case.hold_until
        series = changed or worst(list(case.members.values()))
        for flag, kind, line in _TOLD:
            if effect & flag:
                if line is not None:
                    self.say(line(case.id, at, series))
                named = timeline.named(series)
                self.emit(
                    IncidentEvent(
                        kind=kind,
                        incident=facts,
                        at=at,
                        hold_until=hold,
                        unsteady=case.is_unsteady,
                        root=root_priority(case, changed) if changed and flag is Effect.GREW else None,
                        detail=named,
                    )
                )

    def archive(self, case: Case, at: datetime) -> None:
        """Close an incident: it stays in the store for reading only, and in memory to be recalled."""
        number = case.id
        self.recall.remember(case, at)
        self.incidents.archive(number, replace(case.facts(), archived=True))
        for series, member in sorted(case.members.items()):
            self.members.archive(member_key(number, series), member)
        del self.cases[number]
        if self.by_group.get(case.base.group) == number:
            del self.by_group[case.base.group]

    def say(self, line: TimelineEntry) -> None:
        """Write a line of history."""
        self._feed.timeline.append(line)

    def emit(self, event: IncidentEvent) -> None:
        """Tell paging that something happened."""
        self._feed.events.append(event)


_TOLD: tuple[tuple[Effect, IncidentEventKind, timeline.Line | None], ...] = (
    (Effect.RELEASED, IncidentEventKind.RELEASED, None),
    (Effect.FLAPPING, IncidentEventKind.FLAPPING, None),
    (Effect.REFIRED, IncidentEventKind.REFIRED, timeline.refired),
    (Effect.WORSE, IncidentEventKind.WORSE, timeline.worse),
    (Effect.EASED, IncidentEventKind.EASED, None),
    (Effect.GREW, IncidentEventKind.GREW, None),
    (Effect.CLEARED, IncidentEventKind.CLEARED, timeline.cleared),
)


def root_priority(case: Case, series: Series) -> Priority | None:
    """Return how bad a series is if it is the likely root of its incident and a reason to page."""
    member = case.members.get(series.id)
    is_first = bool(case.causes) and case.causes[0].series == series.id
    return series.priority if member is not None and member.is_pressing and is_first else None


def is_new_root(case: Case, series: Series) -> bool:
    """Tell whether a P1 that is the likely root is about something new and of no service, as a node is."""
    if service(series) or root_priority(case, series) is not Priority.P1:
        return False
    others = (member.series for member in case.members.values() if member.series.id != series.id)
    return all(other.entity != series.entity for other in others)


def _is_time(count: int) -> bool:
    """Tell whether an incident is to be explained anew: at each join first, then when it grew by half.

    >>> [count for count in range(1, 50) if _is_time(count)]
    [1, 2, 3, 4, 6, 9, 14, 21, 31, 46]
    """
    return count <= _SMALL or _steps(count) > _steps(count - 1)


def _steps(count: int) -> int:
    return int(log(count / _SMALL) / log(_GROWTH) + _SLACK)


def member_key(incident: int, series: str) -> str:
    """Return the key of a member row: rows of one incident lie together."""
    return f"{incident:010d}/{series}"


def worst(members: Sequence[Member]) -> Series:
    """Return the series that says how bad it is: firing first, then not suppressed, then the worst."""
    return min(members, key=_badness).series


def _badness(member: Member) -> tuple[bool, bool, int, datetime, str]:
    series = member.series
    suppressed = member.join.role is Role.SUPPRESSED
    return (not series.firing, suppressed, series.priority, member.joined_at, series.id)
