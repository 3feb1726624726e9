"""Feed time in: leases that run out become entries of the log, and deadlines become ticks."""

from datetime import datetime, timedelta

import structlog

from alertmesh.core.clock import Clock
from alertmesh.core.entries import LogEntry, Tick
from alertmesh.core.ports import Batch
from alertmesh.dedup.contacts import Contacts
from alertmesh.journal import Journal
from alertmesh.metrics import Metrics
from alertmesh.pipeline import Pipeline

STUCK = timedelta(seconds=30)
"""How long no tick is sent after one that left its deadline where it was."""

log = structlog.get_logger()


class Timekeeper:
    """Look at the clock on each `beat`; one tick at most is under way."""

    def __init__(
        self, contacts: Contacts, pipeline: Pipeline, journal: Journal, clock: Clock, metrics: Metrics
    ) -> None:
        self._contacts = contacts
        self._filter = contacts.filter
        self._pipeline = pipeline
        self._journal = journal
        self._clock = clock
        self._metrics = metrics
        self._ticking = False
        self._rests_until: datetime | None = None

    async def beat(self) -> None:
        """Log what fell due by now; StoreUnavailable leaves it due."""
        now = self._clock.now()
        await self._expire(now)
        await self._look(now)
        await self._tick(now)

    def decided(self, tick: Tick, moved: bool) -> None:
        """Let the next tick come once this one was decided; `moved` says whether it changed anything.

        A tick that changes nothing and is still wanted would be wanted again at once, for ever.
        """
        self._ticking = False
        deadline = self._pipeline.deadline()
        if moved or deadline is None or deadline > tick.at:
            return
        self._rests_until = self._clock.now() + STUCK
        log.error("tick_changed_nothing", deadline=deadline.isoformat(), rest_s=STUCK.total_seconds())

    async def _expire(self, now: datetime) -> None:
        expiry = self._filter.next_expiry()
        if expiry is None or expiry > now:
            self._filter.forget(now)
            return
        admission = self._contacts.judge(self._filter.expire(now), now)
        if admission.entries:
            await self._journal.admit(admission, self._filter.undo)
            self._filter.settle(admission)
            self._contacts.logged(admission.entries)
            self._metrics.expired(len(admission.entries))

    async def _look(self, now: datetime) -> None:
        """Log who fell silent and who is back."""
        said = self._contacts.check(now)
        if said:
            await self._journal.append(Batch(entries=said))
            self._contacts.logged(said)

    async def _tick(self, now: datetime) -> None:
        deadline = self._pipeline.deadline()
        if deadline is None or deadline > now or self._ticking or self._rests(now):
            return
        self._ticking = True
        entries: list[LogEntry] = [Tick(now)]
        try:
            await self._journal.append(Batch(entries=entries))
        except BaseException:
            self._ticking = False
            raise

    def _rests(self, now: datetime) -> bool:
        return self._rests_until is not None and now < self._rests_until
