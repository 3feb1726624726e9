"""Gather what there is to know about one incident: its things, changes, repeats, runbooks, likenesses."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from heapq import nsmallest

from alertmesh.core.clock import Clock
from alertmesh.core.incident import Member, TimelineEntry
from alertmesh.core.ports import Count
from alertmesh.core.runbook import Runbook
from alertmesh.core.series import Change
from alertmesh.correlate.relation_graph import Relation
from alertmesh.desks.evidence_changes import Touched, surroundings, touching
from alertmesh.desks.evidence_graph import Picture, draw
from alertmesh.desks.evidence_past import PastView, told
from alertmesh.desks.evidence_repeats import Course, Repeats
from alertmesh.desks.evidence_runbooks import RunbookView, ServiceView, Shelf, ticks
from alertmesh.history import History
from alertmesh.wiring import Wiring

_LINES = 1_000
_MOST_LINES = 20_000
_OF_PAST = 2_000
_SLACK = timedelta(minutes=10)
_DRAWN_FOR = timedelta(minutes=10)
_LOOKED_AT = 3_000  # series whose things are drawn and whose changes are looked for, the worst first


class Evidence:
    """Answer for one incident at a time; each number is that of an incident that there is."""

    def __init__(self, wiring: Wiring, history: History, clock: Clock) -> None:
        self._wiring = wiring
        self._history = history
        self._clock = clock
        self._repeats = Repeats(wiring.pipeline.dedup.series_of, clock.now())
        self._shelf = ("", Shelf((), ()))
        self._relations: list[Relation] = []
        self._drawn_at: datetime | None = None
        self._drawing = asyncio.Lock()

    # What is told to it

    def counted(self, counts: Iterable[Count]) -> None:
        """Take the counters of what was repeated lately."""
        self._repeats.count(counts)

    def changed(self, changes: Iterable[Change]) -> None:
        """Take what happened to series."""
        for change in changes:
            self._repeats.change(change)

    # What is asked of it

    async def graph(self, number: int) -> Picture:
        """Return the things of an incident, and who else may be hit."""
        incident = self._history.known(number)
        correlate = self._wiring.pipeline.correlate
        members = self._worst(number)
        names = {member.series.name for member in members}
        relations = await self._related() if len(names) > 1 else []
        profile, links = correlate.describer.profile, correlate.topology.links
        return draw(members, incident.causes, profile, links, relations)

    def changes(self, number: int, before: timedelta) -> list[Touched]:
        """Return what was changed about an incident's things up to so long before it began, nearest first."""
        incident = self._history.known(number)
        correlate = self._wiring.pipeline.correlate
        around = surroundings(incident, self._worst(number), correlate.describer.profile)
        until = (incident.cleared_at or self._clock.now()) + _SLACK
        return touching(correlate.changes.events(), around, before, until)

    def repeats(self, number: int, most: int) -> Course:
        """Return how often the series of an incident were heard, the loudest `most` of them one by one."""
        members = [member.series for member in self._history.members(number)]
        opened = self._history.known(number).opened_at
        return self._repeats.course(members, opened, self._clock.now(), most)

    def runbooks(self, number: int) -> list[RunbookView]:
        """Return the runbooks that fit an incident, best first, with what was ticked."""
        incident = self._history.known(number)
        done = ticks(self._lines(number, _MOST_LINES))
        return self._books().fitting(self._history.members(number), incident.causes, incident.services, done)

    def services(self, number: int) -> list[ServiceView]:
        """Return the services of the catalogue that an incident hits, with whom to ask and where to read."""
        incident = self._history.known(number)
        return self._books().services(self._history.members(number), incident.services)

    def runbook(self, name: str) -> Runbook | None:
        """Return a runbook by name."""
        return self._books().find(name)

    def similar(self, number: int) -> list[PastView]:
        """Return the past incidents that one is like, the likest first, and how they went."""
        found = (
            told(one, self._history.incident(one.incident), self._lines(one.incident, _OF_PAST))
            for one in self._history.known(number).similar
        )
        return [one for one in found if one is not None]

    async def _related(self) -> list[Relation]:
        """Return which kind of alert follows which, as it was lately: with many kinds that takes seconds."""
        async with self._drawing:
            now = self._clock.now()
            if self._drawn_at is None or not timedelta() <= now - self._drawn_at < _DRAWN_FOR:
                draw_all = self._wiring.pipeline.correlate.relations.drawing()
                self._relations = await asyncio.to_thread(draw_all)
                self._drawn_at = now
            return self._relations

    def _worst(self, number: int) -> list[Member]:
        return nsmallest(
            _LOOKED_AT,
            self._history.members(number),
            key=lambda one: (not one.series.is_on, one.series.priority, one.joined_at, one.series.id),
        )

    def _lines(self, number: int, most: int) -> Iterable[TimelineEntry]:
        after = 0
        for _ in range(0, most, _LINES):
            part = self._history.timeline(number, after, _LINES)
            yield from (stored.line for stored in part)
            if len(part) < _LINES:
                return
            after = part[-1].number

    def _books(self) -> Shelf:
        config = self._wiring.config
        if self._shelf[0] != config.version:
            books = config.section("runbooks")["runbooks"]
            services = config.section("services")["services"]
            self._shelf = (config.version, Shelf(books, services))
        return self._shelf[1]
