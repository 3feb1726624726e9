"""Make reports and hand-overs, aside from the loop: one at a time, on a store of its own."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TypeVar

from msgspec.structs import replace

from alertmesh.accounts import Accounts
from alertmesh.core.clock import Clock
from alertmesh.core.duty import OnDuty
from alertmesh.core.oncall import OverrideState
from alertmesh.core.ports import Store
from alertmesh.core.silence import written
from alertmesh.duty import Duties
from alertmesh.pipeline import Pipeline
from alertmesh.reports import coverage, delivery, load, noise, response
from alertmesh.reports.coverage import CoverageReport
from alertmesh.reports.delivery import DeliveryReport
from alertmesh.reports.handover import Ahead, Cover, Draft, Quiet, Shift, Signed, draft
from alertmesh.reports.handover_text import write
from alertmesh.reports.load import LoadReport
from alertmesh.reports.noise import NoiseReport
from alertmesh.reports.response import ResponseReport

T = TypeVar("T")

JUST_BEGUN = timedelta(minutes=30)
"""How long after a change of duty the shift before it is the one that ends now."""

_LONGEST_SHIFT = timedelta(weeks=13)
_LOOK_AHEAD = 2 * _LONGEST_SHIFT
_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)
_STANDS_IN = frozenset({OverrideState.ASKED, OverrideState.AGREED})


class Reports:
    """Answer what people ask about their own work."""

    def __init__(self, store: Store, pipeline: Pipeline, duties: Duties, clock: Clock) -> None:
        self._store = store
        self._pipeline = pipeline
        self._duties = duties
        self._clock = clock
        self._turn = asyncio.Lock()

    async def response(self, by: str, start: datetime, end: datetime, zone: tzinfo = UTC) -> ResponseReport:
        """Return how incidents of a span of time were responded to, in parts as account.key_of has it."""
        return await self._aside(lambda past: response.report(past.within(start, end), by, start, end, zone))

    async def load(self, start: datetime, end: datetime, zone: tzinfo = UTC) -> LoadReport:
        """Return how much each person was paged in a span of time."""
        zone_of = load.zones(self._duties.oncall())
        return await self._aside(lambda past: load.report(past.lines(start, end), zone_of, start, end, zone))

    async def noise(self, start: datetime, end: datetime, zone: tzinfo = UTC) -> NoiseReport:
        """Return which names made incidents in a span of time, and which of those for nothing."""
        return await self._aside(lambda past: _noise(past, start, end, zone))

    async def delivery(self, start: datetime, end: datetime, zone: tzinfo = UTC) -> DeliveryReport:
        """Return how well channels carried what was due in a span of time."""
        return await self._aside(lambda past: delivery.report(past.tries(start, end), start, end, zone))

    async def coverage(self, start: datetime, end: datetime, zone: tzinfo = UTC) -> CoverageReport:
        """Return the pages of a span of time that found nobody."""
        return await self._aside(lambda past: _coverage(past, start, end, zone))

    async def handover(
        self, roster: str, start: datetime | None, end: datetime | None, language: str = "en"
    ) -> Draft:
        """Return the draft for the shift of a roster that ends now, or for a span of time.

        That is the present shift, or the one before it while that ended half an hour ago at most. A
        roster whose duty never changes is reported by the day. Its text is in the `language`. KeyError for
        an unknown roster.
        """
        shift = self._shift(roster, start, end)
        ahead = Ahead(
            silences=self._silences(shift),
            maintenance=self._maintenance(shift),
            overrides=self._covers(shift),
            last=self.last(roster),
        )
        return await self._aside(lambda past: _draft(past, shift, ahead, language))

    def outgoing(self, roster: str) -> str:
        """Return the primary of the shift of a roster that ends now, empty when nobody has duty in it."""
        return self._shift(roster, None, None).primary

    def last(self, roster: str) -> Signed | None:
        """Return the last hand-over of a roster that was accepted."""
        signed = [one for one in self._pipeline.escalate.handovers() if one.roster == roster]
        if not signed:
            return None
        last = signed[-1]
        return Signed(
            at=last.at,
            outgoing=last.outgoing,
            incoming=last.actor,
            text=last.text,
            incidents=last.incidents,
        )

    async def _aside(self, work: Callable[[Accounts], T]) -> T:
        async with self._turn:
            return await asyncio.to_thread(self._read, work)

    def _read(self, work: Callable[[Accounts], T]) -> T:
        with self._store.aside() as past:
            return work(Accounts(past))

    def _shift(self, roster: str, start: datetime | None, end: datetime | None) -> Shift:
        layers = self._duties.oncall().rosters[roster].layers
        zone = layers[0].zone if layers else "UTC"
        if start is not None and end is not None:
            last, after = self._duties.at(roster, end - _MOMENT), self._duties.at(roster, end)
            return _told(roster, zone, (start, end), last, after)
        now = self._clock.now()
        found = self._duties.shifts(roster, now - _LONGEST_SHIFT, now + _LOOK_AHEAD)
        place = next(n for n, shift in enumerate(found) if shift.end is None or now < shift.end)
        if place and now - found[place].start < JUST_BEGUN:
            place -= 1
        if place + 1 == len(found):
            return _told(roster, zone, (now - _DAY, now), found[place], replace(found[place], end=now + _DAY))
        ends = found[place + 1].start
        return _told(roster, zone, (found[place].start, ends), found[place], found[place + 1])

    def _silences(self, shift: Shift) -> list[Quiet]:
        found = (silence for silence, _ in self._pipeline.escalate.suppression.silences())
        ending = [one for one in found if shift.end <= one.ends_at < shift.next_end]
        return [
            Quiet(name=one.id, matchers=written(one.matchers), comment=one.comment, ends_at=one.ends_at)
            for one in sorted(ending, key=lambda one: one.ends_at)
        ]

    def _maintenance(self, shift: Shift) -> list[Quiet]:
        found = []
        for plan in self._pipeline.escalate.suppression.plans(self._clock.now()):
            starts = None if plan.until else plan.next_start
            ends = plan.until or plan.next_end
            if any(shift.end <= moment < shift.next_end for moment in (starts, ends) if moment):
                window = plan.window
                found.append(
                    Quiet(
                        name=window.name,
                        matchers=window.matchers,
                        comment=window.comment,
                        starts_at=starts,
                        ends_at=ends,
                    )
                )
        return found

    def _covers(self, shift: Shift) -> list[Cover]:
        found = [
            Cover(
                id=one.id,
                state=one.state.value,
                covered=one.covered,
                person=one.person,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
                comment=one.comment,
            )
            for one in self._duties.overrides()
            if one.roster == shift.roster
            and one.state in _STANDS_IN
            and one.starts_at <= shift.next_end  # one that begins then is why it ends
            and one.ends_at > shift.end
        ]
        return sorted(found, key=lambda cover: (cover.starts_at, cover.id))


def _told(roster: str, zone: str, span: tuple[datetime, datetime], duty: OnDuty, after: OnDuty) -> Shift:
    start, end = span
    return Shift(
        roster=roster,
        zone=zone,
        start=start,
        end=end,
        next_end=after.end if after.end is not None and after.end > end else end + _DAY,
        primary=duty.primary,
        outgoing=_people(duty),
        incoming=_people(after),
    )


def _people(duty: OnDuty) -> tuple[str, ...]:
    return tuple(name for name in (duty.primary, duty.secondary) if name)


def _noise(past: Accounts, start: datetime, end: datetime, zone: tzinfo) -> NoiseReport:
    accounts = past.within(start, end)
    return noise.report(((one, past.parts(one.course.incident)) for one in accounts), start, end, zone)


def _coverage(past: Accounts, start: datetime, end: datetime, zone: tzinfo) -> CoverageReport:
    lines = [line for line in past.lines(start, end) if line.kind in coverage.KINDS]
    facts = past.facts(sorted({line.incident for line in lines}))
    return coverage.report(lines, facts, start, end, zone)


def _draft(past: Accounts, shift: Shift, ahead: Ahead, language: str) -> Draft:
    moved = [one for one in past.within(shift.start, shift.end) if shift.roster in one.facts.rosters]
    numbers = {number for one in moved for number in (one.course.incident, *one.course.absorbed)}
    notes = past.notes(numbers, shift.start, shift.end)
    made = draft(shift, moved, past.still_open(shift.roster), notes, ahead)
    return replace(made, text=write(made, language))
