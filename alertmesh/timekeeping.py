"""Feed time in: leases that run out become entries of the log, and deadlines become ticks.

A jump of the wall clock becomes an entry as well, before any that is dated by its new time.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from alertmesh.core.clock import JUMP, SteadyClock
from alertmesh.core.entries import ClockJumped, LogEntry, Tick
from alertmesh.core.ports import Batch
from alertmesh.dedup.contacts import Contacts
from alertmesh.journal import Journal
from alertmesh.metrics import Metrics
from alertmesh.pipeline import Pipeline

STUCK = timedelta(seconds=30)
"""How long no tick is sent after one that left its deadline where it was."""

log = structlog.get_logger()


class Timekeeper:
    """Look at the clock on each `beat`; one tick at most is under way.

    Whoever keeps moments of its own and nothing in the log is told of a jump by `followers`.
    """

    def __init__(
        self, contacts: Contacts, pipeline: Pipeline, journal: Journal, clock: SteadyClock, metrics: Metrics
    ) -> None:
        self._contacts = contacts
        self._filter = contacts.filter
        self._pipeline = pipeline
        self._journal = journal
        self._clock = clock
        self._metrics = metrics
        self._ticking = False
        self._rests_until: datetime | None = None
        self.followers: list[Callable[[timedelta], None]] = []

    async def resume(self, last: datetime | None) -> None:
        """Go on after the entry of `last`: when that is yet to come, the clock was set back meanwhile."""
        now = self._clock.now()
        if last is not None and last - now > JUMP:
            self._shift(now - last)
            await self._log_jump(now - last, now)

    async def beat(self) -> None:
        """Log what fell due by now; StoreUnavailable leaves it due."""
        by = self._clock.leap()
        if by:
            await self._jump(by)
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

    async def _jump(self, by: timedelta) -> None:
        """Go along with a jump; nothing is dated by the new time before its entry is on its way.

        It is logged even if somebody here cannot go along: else the pipeline would never learn of it.
        """
        self._clock.follow(by)
        try:
            self._shift(by)
        finally:
            await self._tell(by)

    async def _tell(self, by: timedelta) -> None:
        """Log a jump that was followed; when that fails, go back and leave it to the next beat."""
        try:
            await self._log_jump(by, self._clock.now())
        except BaseException:
            self._clock.follow(-by)
            self._shift(-by)
            raise

    def _shift(self, by: timedelta) -> None:
        now = self._clock.now()
        self._filter.jump(by, self._pipeline.dedup.alerts(), now)
        self._contacts.jump(by, now)
        self._rests_until = None
        for follow in self.followers:
            follow(by)

    async def _log_jump(self, by: timedelta, now: datetime) -> None:
        await self._journal.append(Batch(entries=[ClockJumped(by.total_seconds(), now)]))
        self._metrics.jumped(by.total_seconds())
        log.warning("clock_jumped", by_s=round(by.total_seconds(), 3), now=now.isoformat())

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
