"""The shell around the pipeline: the only loop, with the clock, the log, the store and the outbox.

A request is answered once its transitions are durable in the log. One task reads the log in
order, lets the pipeline decide, and writes cursor, state, timeline and pages in one transaction;
only then may the outbox send. A second task feeds time in, a third writes repeat counters.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog

from alertmesh import __version__
from alertmesh.bus.local import LocalBus
from alertmesh.config import Config
from alertmesh.core.alert import Alert, Parsed, Rejected
from alertmesh.core.clock import Clock
from alertmesh.core.entries import Command, LogEntry, RulesChanged, Tick
from alertmesh.core.errors import BadCommand, BadConfig, Overloaded, StoreUnavailable
from alertmesh.core.ports import (
    AuditEntry,
    Batch,
    ChannelLevel,
    Door,
    Health,
    HttpLimits,
    Ingested,
    Levels,
    Source,
    Store,
    StoredEntry,
    Token,
)
from alertmesh.dedup.repeats import Admission
from alertmesh.history import History
from alertmesh.metrics import Metrics
from alertmesh.pipeline import Decisions
from alertmesh.store.tokens import TokenBook
from alertmesh.wiring import Wiring

_STAGES = ("dedup", "correlate", "incidents", "escalate")
_BATCH = 256
_POLL_S = 0.1
_COUNT_S = 1.0
_RETRY_S = 0.5
_DRAIN_S = 10.0
_TRIM_S = 600.0

log = structlog.get_logger()


class Runtime:
    """Run AlertMesh on one store until stopped. Implements `console.service.Service`."""

    def __init__(self, wiring: Wiring, store: Store, clock: Clock, metrics: Metrics) -> None:
        self.clock = clock
        self.store = store
        self.metrics = metrics
        self.wiring = wiring
        self.pipeline = wiring.pipeline
        self.filter = wiring.filter
        self.history = History(store, wiring.pipeline)
        self.incident = self.history.incident
        self.incidents = self.history.incidents
        self.members = self.history.members
        self.timeline = self.history.timeline
        self.attempts = self.history.attempts
        self.bus = LocalBus(wiring.config.limits.queue_entries)
        self.outbox = wiring.outbox(store, self._log, clock, self.history.briefing, self._attempted)
        self.tokens = TokenBook(store, clock)
        self._waiting: dict[int, asyncio.Future[BadCommand | None]] = {}
        self._deciding: asyncio.Task[None] | None = None
        self._loops: list[asyncio.Task[None]] = []
        self._last_append: asyncio.Task[int] | None = None
        self._tick_due = False
        self._store_fails = False
        self._ready = False
        metrics.watch(self._levels)

    # Life

    async def start(self) -> None:
        """Take back what the store holds, then begin to work."""
        await self.store.open()
        for table in self.pipeline.tables:
            table.restore(self.store.rows(table.table))
        self.pipeline.restored()
        self.filter.restore(self.pipeline.dedup.alerts(), self.store.counts(), self.clock.now())
        backlog = self._backlog()
        for stored in backlog:
            self.filter.observe(stored.entry)
        self.bus.publish(backlog)
        self.tokens.reload()
        self._deciding = asyncio.create_task(self._decide_loop())
        loops = (self._time_loop(), self._count_loop(), self._trim_loop())
        self._loops = [asyncio.create_task(loop) for loop in loops]
        await self.outbox.start()
        self._ready = True
        log.info("started", backlog=len(backlog), instances=len(self.filter))

    async def stop(self) -> None:
        """Decide what is queued, write the counters, and let go of the store."""
        self._ready = False
        for task in self._loops:
            task.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        self.bus.close()
        if self._deciding is not None:
            await asyncio.wait([self._deciding], timeout=_DRAIN_S)
            self._deciding.cancel()
        await self.outbox.stop()
        await self._write_counts()
        await self.store.close()
        await self.wiring.http.close()
        log.info("stopped", undecided=self.bus.depth)

    def _backlog(self) -> list[StoredEntry]:
        found: list[StoredEntry] = []
        after = self.store.cursor()
        while page := self.store.tail(after, 10_000):
            found.extend(page)
            after = page[-1].seq
        return found

    # Doors

    def source(self, name: str) -> Source:
        """Return a source by name; KeyError when there is none."""
        return self.wiring.sources[name]

    def door(self, source: str, instance: str) -> Door:
        """Return the door of a source instance; one that is not configured gets the source's defaults."""
        return self.wiring.door(source, instance)

    async def ingest(self, door: Door, parsed: Parsed) -> Ingested:
        """Take the sightings of one request; return when every transition among them is durable."""
        if self.bus.full:
            raise Overloaded(f"{self.bus.depth} entries are waiting to be decided")
        admission = self.filter.feed(door, parsed.sightings, self.clock.now())
        if admission.entries:
            await self._append(admission)
        else:
            await self._settled()
        refused = [Rejected(parsed.positions[index], error) for index, error in admission.refused]
        rejected = sorted([*parsed.rejected, *refused], key=lambda item: item.index)
        accepted = len(parsed.sightings) - len(refused)
        self.metrics.admitted(door.source, admission)
        return Ingested(accepted=accepted, changed=len(admission.entries), rejected=rejected)

    async def _append(self, admission: Admission) -> None:
        self._last_append = asyncio.ensure_future(self._log(Batch(entries=admission.entries)))
        try:
            await asyncio.shield(self._last_append)
        except StoreUnavailable:
            self.filter.undo(admission)
            raise

    async def _settled(self) -> None:
        """Wait for the append under way: a repeat may be the repeat of something not yet durable."""
        last = self._last_append
        if last is not None:
            await asyncio.shield(last)

    async def _log(self, batch: Batch) -> int:
        """Make a batch durable and hand its entries, in order, to the pipeline."""
        try:
            with self.metrics.writing(len(batch.entries)):
                last = await self.store.write(batch)
        except StoreUnavailable:
            self._store_fails = True
            raise
        self._store_fails = False
        first = last - len(batch.entries) + 1
        self.bus.publish([StoredEntry(first + n, entry) for n, entry in enumerate(batch.entries)])
        return last

    # People

    async def command(self, command: Command) -> None:
        """Carry out a person's action; return when it is durable.

        Raises KeyError for an incident that never was, BadCommand or StaleCommand when refused.
        """
        if self.history.incident(command.incident) is None:
            raise KeyError(command.incident)
        if self.bus.full:
            raise Overloaded(f"{self.bus.depth} entries are waiting to be decided")
        decided: asyncio.Future[BadCommand | None] = asyncio.get_running_loop().create_future()
        seq = await self._log(Batch(entries=[command]))
        self._waiting[seq] = decided
        refusal = await decided
        if refusal is not None:
            raise refusal

    async def audit(self, entry: AuditEntry) -> None:
        """Record a person's action for good."""
        await self.store.write(Batch(audit=[entry]))

    def check_token(self, token: str) -> Token | None:
        """Return the token's rights, or None when it is not one of ours."""
        return self.tokens.check(token)

    def authentication_required(self) -> bool:
        """Tell whether requests need a token: always, but on loopback without any token."""
        return not self.wiring.loopback or bool(self.tokens)

    def health(self) -> Health:
        """Tell whether work can be taken, and if not why."""
        problems = {
            "starting or stopping": not self._ready,
            "the store does not take writes": self._store_fails,
            "too many entries wait to be decided": self.bus.full,
            "a channel stopped working": bool(self.outbox.broken()),
        }
        reasons = tuple(text for text, wrong in problems.items() if wrong)
        return Health(ready=not reasons, reasons=reasons, queue=self.bus.depth, version=__version__)

    def alerts(self) -> Iterable[tuple[Alert, datetime | None]]:
        """Return the remembered instances, each with the moment it ended or None."""
        return self.pipeline.dedup.alerts()

    async def reload(self) -> None:
        """Load configuration and rules anew; raises BadConfig and keeps the old set when they are bad."""
        try:
            fresh = self.wiring.fresh()
        except BadConfig:
            self.metrics.reload_failed()
            raise
        now = self.clock.now()
        await self._log(Batch(entries=[RulesChanged(fresh.version, now)]))
        self.wiring.adopt(fresh, self.outbox)
        self.metrics.reload_succeeded(now)
        log.info("reloaded", version=fresh.version)

    @property
    def config(self) -> Config:
        """Return the configuration in force."""
        return self.wiring.config

    @property
    def limits(self) -> HttpLimits:
        """Return how much one request may ask for."""
        return self.wiring.config.limits.http

    def _attempted(self, channel: str, state: str, seconds: float) -> None:
        self.metrics.attempted(channel, state)
        self.metrics.sent(channel, seconds)

    def _levels(self) -> Levels:
        stages = self.pipeline
        incidents = Counter(incident.priority for incident in stages.incidents.incidents())
        paused = self.outbox.paused()
        channels = {
            name: ChannelLevel(waiting=waiting, broken=name in paused)
            for name, waiting in self.outbox.depths().items()
        }
        return Levels(
            queue=self.bus.depth,
            instances=len(self.filter),
            series=len(stages.dedup.series),
            groups=stages.correlate.open_groups,
            watch_list=stages.incidents.watching,
            incidents=incidents,
            dropped={name: getattr(stages, name).dropped for name in _STAGES}
            | {"repeats": self.filter.dropped},
            channels=channels,
        )

    # Loops

    async def _decide_loop(self) -> None:
        while entries := await self.bus.take(_BATCH):
            decisions = self._decide(entries)
            await self._commit(decisions)
            self._announce(entries, decisions)

    def _decide(self, entries: Sequence[StoredEntry]) -> Decisions:
        out = Decisions()
        with self.metrics.deciding(len(entries)):
            for stored in entries:
                try:
                    self.pipeline.decide(stored, out)
                except Exception:  # one bad entry must not stop the alerts behind it
                    self.metrics.entry_failed()
                    log.exception("entry_failed", seq=stored.seq, kind=type(stored.entry).__name__)
            return self.pipeline.finish(out)

    async def _commit(self, out: Decisions) -> None:
        batch = Batch(cursor=out.cursor, rows=out.rows, timeline=out.timeline, attempts=out.attempts)
        while True:
            try:
                with self.metrics.writing():
                    await self.store.write(batch)
            except StoreUnavailable as error:
                self._store_fails = True
                log.error("decisions_not_written", error=str(error), retry_s=_RETRY_S)
                await asyncio.sleep(_RETRY_S)
            else:
                self._store_fails = False
                return

    def _announce(self, entries: Sequence[StoredEntry], out: Decisions) -> None:
        self.outbox.withdraw(out.withdrawals)
        self.outbox.enqueue(out.attempts)
        self.metrics.decided(out)
        for stored in entries:
            if isinstance(stored.entry, Tick):
                self._tick_due = False
            waiting = self._waiting.pop(stored.seq, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(out.refused.get(stored.seq))

    async def _time_loop(self) -> None:
        while True:
            await asyncio.sleep(_POLL_S)
            now = self.clock.now()
            try:
                await self._expire(now)
                await self._tick(now)
            except StoreUnavailable as error:
                log.error("time_not_written", error=str(error))

    async def _expire(self, now: datetime) -> None:
        expiry = self.filter.next_expiry()
        if expiry is not None and expiry <= now:
            admission = self.filter.expire(now)
            if admission.entries:
                self.metrics.expired(len(admission.entries))
                await self._append(admission)

    async def _tick(self, now: datetime) -> None:
        deadline = self.pipeline.deadline()
        if deadline is not None and deadline <= now and not self._tick_due:
            self._tick_due = True
            entries: list[LogEntry] = [Tick(now)]
            try:
                await self._log(Batch(entries=entries))
            except StoreUnavailable:
                self._tick_due = False
                raise

    async def _count_loop(self) -> None:
        while True:
            await asyncio.sleep(_COUNT_S)
            await self._write_counts()

    async def _write_counts(self) -> None:
        counts = self.filter.drain_counts()
        if counts:
            try:
                await self.store.write(Batch(counts=counts))
            except StoreUnavailable as error:
                log.warning("counts_not_written", error=str(error))

    async def _trim_loop(self) -> None:
        keep = timedelta(days=self.config.retention_days)
        while True:
            try:
                await self.store.trim(self.clock.now() - keep)
            except StoreUnavailable as error:
                log.warning("log_not_trimmed", error=str(error))
            await asyncio.sleep(_TRIM_S)
