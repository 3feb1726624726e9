"""What is wrong with a roster in the time ahead: gaps, and who has too much of it."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from alertmesh.core.duty import DutyFault, DutyFaultKind, DutyLoad
from alertmesh.core.oncall import DutyRole, Roster
from alertmesh.escalate.duties import Shift
from alertmesh.escalate.roster import Rota
from alertmesh.escalate.wallclock import instant
from alertmesh.escalate.workdays import weekday

LONGEST = timedelta(days=7)
LEAST_REST = timedelta(hours=11)
NIGHT_BEGINS, NIGHT_ENDS = time(22), time(8)
FAIR = 1.25
"""How many times a fair share somebody may have, before one more turn of theirs counts as too much."""

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
Span = tuple[datetime, datetime]


def analyse(rota: Rota, roster: str, start: datetime, end: datetime) -> list[DutyFault]:
    """Return everything that is wrong with a roster from `start` until `end`, in order of time."""
    plan = _Plan(rota, roster, start, end)
    found = [
        *plan.gaps(),
        *plan.empty_turns(),
        *plan.alone(),
        *plan.strain(),
        *plan.too_much(),
        *plan.two_rosters(),
    ]
    return sorted(found, key=lambda fault: (fault.start, fault.kind, fault.person))


def gaps(rota: Rota, roster: str, start: datetime, end: datetime) -> list[DutyFault]:
    """Return each stretch in which neither the primary nor the secondary can be reached."""
    return list(_Plan(rota, roster, start, end).gaps())


def loads(rota: Rota, roster: str, start: datetime, end: datetime) -> list[DutyLoad]:
    """Return how much each member has, who has most first."""
    return _Plan(rota, roster, start, end).loads()


class _Plan:
    """The shifts of one roster, looked at from all sides."""

    def __init__(self, rota: Rota, roster: str, start: datetime, end: datetime) -> None:
        self._rota = rota
        self._roster = rota.roster(roster) or Roster(name=roster)
        self._start, self._end = start, end
        self._zone = ZoneInfo(self._roster.zone)
        self._shifts = rota.shifts(roster, start, end)
        self._turns = list(self._runs(lambda shift: shift.duty.primary))

    def gaps(self) -> Iterator[DutyFault]:
        def why(shift: Shift) -> str:
            pair = shift.duty.primary, shift.duty.secondary
            return "" if any(map(self._rota.is_reachable, pair)) else self._reason(shift)

        for reason, start, end in self._runs(why):
            yield self._fault(DutyFaultKind.GAP, start, end, f"nobody can be reached{{}}: {reason}")

    def empty_turns(self) -> Iterator[DutyFault]:
        def why(shift: Shift) -> str:
            first, second = map(self._rota.is_reachable, (shift.duty.primary, shift.duty.secondary))
            return self._reason(shift) if second and not first else ""

        for reason, start, end in self._runs(why):
            text = f"only the secondary can be reached{{}}: {reason}"
            yield self._fault(DutyFaultKind.EMPTY_TURN, start, end, text)

    def alone(self) -> Iterator[DutyFault]:
        both = self._runs(lambda s: s.duty.primary if s.duty.primary == s.duty.secondary else "")
        for person, start, end in both:
            text = f"{person} is primary and secondary{{}}"
            yield self._fault(DutyFaultKind.ALONE, start, end, text, person)

    def strain(self) -> Iterator[DutyFault]:
        """Yield where people have duty for too long, or again too soon."""
        ended: dict[str, datetime] = {}
        for person, start, end in self._turns:
            if self._local(end) - self._local(start) > LONGEST:
                text = f"{person} has duty for more than {LONGEST.days} days{{}}"
                yield self._fault(DutyFaultKind.TOO_LONG, start, end, text, person)
            before = ended.get(person)
            if before is not None and start - before < LEAST_REST:
                text = f"{person} rests for {(start - before) / _HOUR:.1f} h only{{}}"
                yield self._fault(DutyFaultKind.SHORT_REST, before, start, text, person)
            ended[person] = end

    def too_much(self) -> Iterator[DutyFault]:
        """Yield who has far more than a fair share, leaving room for one more shift of theirs."""
        amounts: tuple[tuple[str, Callable[[Span], float]], ...] = (
            ("hours", lambda span: (span[1] - span[0]) / _HOUR),
            ("nights", lambda span: len(self._nights(span))),
            ("weekend days", lambda span: len(self._weekend_days(span))),
        )
        members = self._members()
        for unit, amount in amounts:
            counts = dict.fromkeys(members, 0.0)
            for person, start, end in self._turns:
                counts[person] += amount((start, end))
            fair = sum(counts.values()) / max(len(members), 1)
            for person, count in counts.items():
                shifts = (one for one in self._shifts if one.duty.primary == person)
                room = max((amount((one.start, one.end)) for one in shifts), default=0)
                if count > FAIR * fair + room:
                    text = f"{person} has {count:.0f} {unit}{{}}; a fair share is {fair:.0f}"
                    yield self._fault(DutyFaultKind.TOO_MUCH, self._start, self._end, text, person)

    def two_rosters(self) -> Iterator[DutyFault]:
        for other in self._rota.names():
            if other == self._roster.name:
                continue
            theirs = _runs(self._rota.shifts(other, self._start, self._end), lambda s: s.duty.primary)
            for person, start, end in _common(self._turns, list(theirs)):
                text = f"{person} is primary of {other} too{{}}"
                yield self._fault(DutyFaultKind.TWO_ROSTERS, start, end, text, person)

    def loads(self) -> list[DutyLoad]:
        """Return how much each member has."""
        members = self._members()
        total = sum((end - start for _, start, end in self._turns), timedelta())
        found = [self._load(person, total, 1 / max(len(members), 1)) for person in members]
        return sorted(found, key=lambda load: (-load.hours, load.person))

    def _load(self, person: str, total: timedelta, fair: float) -> DutyLoad:
        spans = [(start, end) for name, start, end in self._turns if name == person]
        hours = sum((end - start for start, end in spans), timedelta()) / _HOUR
        return DutyLoad(
            person=person,
            hours=hours,
            nights=sum(len(self._nights(span)) for span in spans),
            weekend_days=sum(len(self._weekend_days(span)) for span in spans),
            share=hours / (total / _HOUR) if total else 0.0,
            fair=fair,
        )

    def _members(self) -> list[str]:
        """Return who may be primary: by a layer, or because they stand in for somebody."""
        layers = [layer for layer in self._roster.layers if layer.role is DutyRole.PRIMARY]
        named = [name for layer in layers for name in layer.members]
        return list(dict.fromkeys([*named, *(person for person, _, _ in self._turns)]))

    def _nights(self, span: Span) -> list[date]:
        return self._halves(span, NIGHT_BEGINS, NIGHT_ENDS, lambda _: True)

    def _weekend_days(self, span: Span) -> list[date]:
        weekend = self._roster.calendar.weekend
        return self._halves(span, time(0), time(0), lambda day: weekday(day) in weekend)

    def _halves(self, span: Span, begins: time, ends: time, counts: Callable[[date], bool]) -> list[date]:
        """Return the days from which `span` has half or more of the time between two hours of the clock."""
        first, last = (self._local(moment).date() for moment in span)
        found = []
        for number in range((last - first).days + 2):
            day = first + (number - 1) * _DAY
            if not counts(day):
                continue
            start, end = instant(day, begins, self._zone), instant(day + _DAY, ends, self._zone)
            if (min(end, span[1]) - max(start, span[0])) * 2 >= end - start:
                found.append(day)
        return found

    def _reason(self, shift: Shift) -> str:
        duty = shift.duty
        if not duty.primary:
            return duty.why or "there is no such roster"
        return f"{duty.why}, whom no channel reaches"

    def _runs(self, of: Callable[[Shift], str]) -> Iterator[tuple[str, datetime, datetime]]:
        return _runs(self._shifts, of)

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone).replace(tzinfo=None)

    def _fault(
        self, kind: DutyFaultKind, start: datetime, end: datetime, text: str, person: str = ""
    ) -> DutyFault:
        """Return a fault; `{}` in the text is where the time is told."""
        first, last = (f"{self._local(moment):%Y-%m-%d %H:%M}" for moment in (start, end))
        told = text.replace("{}", f" from {first} to {last} ({self._zone.key})")
        return DutyFault(kind=kind, start=start, end=end, text=told, person=person)


def _runs(shifts: Iterable[Shift], of: Callable[[Shift], str]) -> Iterator[tuple[str, datetime, datetime]]:
    """Yield each stretch of shifts of which `of` says the same, unless it says nothing."""
    for said, group in groupby(shifts, of):
        stretch = list(group)
        if said:
            yield said, stretch[0].start, stretch[-1].end


def _common(
    ours: list[tuple[str, datetime, datetime]], theirs: list[tuple[str, datetime, datetime]]
) -> Iterator[tuple[str, datetime, datetime]]:
    """Yield each stretch in which both have the same person."""
    mine, other = iter(ours), iter(theirs)
    one, two = next(mine, None), next(other, None)
    while one is not None and two is not None:
        start, end = max(one[1], two[1]), min(one[2], two[2])
        if one[0] == two[0] and start < end:
            yield one[0], start, end
        if one[2] <= two[2]:
            one = next(mine, None)
        else:
            two = next(other, None)
