"""The shell around the pipeline: the only loop, with the clock, the log, the store and the outbox.

A request is answered once its transitions are durable in the log. One task reads the log in
order, lets the pipeline decide, and writes cursor, state, timeline and pages in one transaction;
only then may the outbox send. A second task feeds time in, a third writes repeat counters.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from alertmesh import __version__
from alertmesh.answering import Answering
from alertmesh.bus.local import LocalBus
from alertmesh.config import Config
from alertmesh.core.alert import Parsed, Rejected
from alertmesh.core.clock import Clock, SteadyClock
from alertmesh.core.contact import HeartbeatStatus
from alertmesh.core.entries import Changed, Command, LogEntry, RulesChanged, Tick
from alertmesh.core.errors import BadCommand, BadConfig, Overloaded, StoreUnavailable
from alertmesh.core.ports import (
    AuditEntry,
    Batch,
    Door,
    Health,
    Heard,
    HttpLimits,
    Ingested,
    Store,
    StoredEntry,
)
from alertmesh.core.silence import Plan
from alertmesh.dedup.beats import CALLS, statuses
from alertmesh.deliveries import Deliveries
from alertmesh.desks import Desks
from alertmesh.desks.live import FRAME_S, LOOK_S
from alertmesh.duty import Duties
from alertmesh.history import History
from alertmesh.ingest import changes
from alertmesh.journal import Journal
from alertmesh.listening import Listeners
from alertmesh.metrics import Metrics
from alertmesh.notify.codes import Codes
from alertmesh.pipeline import Decisions
from alertmesh.reporting import Reports
from alertmesh.secondlook import SecondLook
from alertmesh.standings import Standings
from alertmesh.store.tokens import TokenBook
from alertmesh.timekeeping import Timekeeper
from alertmesh.wiring import Wiring

_BATCH = 512
_BEAT_S = 0.1
_COUNT_S = 1.0
_PROBE_S = 5.0
_RETRY_S = 0.5
_DRAIN_S = 10.0
_TRIM_S = 600.0
_FAILED = "an error of ours kept this from being carried out; the server's log has it"
_IDLE = "nothing is being decided any more"

log = structlog.get_logger()


class Runtime:
    """Run AlertMesh on one store until stopped. Implements `console.service.Service`."""

    def __init__(self, wiring: Wiring, store: Store, clock: Clock, metrics: Metrics) -> None:
        self.clock = SteadyClock(clock)
        self.store = store
        self.metrics = metrics
        self.wiring = wiring
        self.pipeline = wiring.pipeline
        self.filter = wiring.filter
        self.contacts = wiring.contacts
        self.senders = wiring.contacts.statuses
        self.history = History(store, wiring.pipeline)
        self.incident, self.incidents = self.history.incident, self.history.incidents
        self.members, self.timeline = self.history.members, self.history.timeline
        standings = Standings(wiring.pipeline, wiring.filter)
        self.standing, self.policies, self.series = standings.of, standings.policies, standings.series
        self.alerts, self.digest = wiring.pipeline.dedup.alerts, wiring.pipeline.dedup.digest
        self.duties = Duties(wiring.pipeline.escalate)
        self.reports = Reports(store, wiring.pipeline, self.duties, self.clock)
        self.feedback = self.silence = self.override = self.topology = self.sign = self.order
        self.open, self.attempts = self.history.open, self.history.attempts
        self.judgements, self.suggestions = self.history.judgements, self.history.suggestions
        self.bus = LocalBus(wiring.config.limits.queue_entries)
        self.journal = Journal(store, self.bus, metrics)
        self.time = Timekeeper(wiring.contacts, wiring.pipeline, self.journal, self.clock, metrics)
        self.codes = Codes()
        self.outbox = wiring.outbox(
            store, self.journal.append, self.clock, self.history.briefing, metrics, self.codes
        )
        self.channel = self.outbox.channel
        self.deliveries = Deliveries(store, self.outbox, wiring, self.journal.append, self.clock)
        self.listeners = Listeners(self.heard, wiring, store, self.history.briefing, self.clock)
        self.answering = Answering(self, self.codes, self.history.open)
        self.desks = Desks(store, wiring, self.history, self.clock)
        self.desks.modules.serve(self)
        self.time.followers.append(self.outbox.jump)
        self.tokens = TokenBook(store, self.clock)
        self.check_token = self.tokens.check
        self.door, self.source, self.kinds = wiring.door, wiring.source, wiring.kinds
        self.describe, self.is_firing = wiring.describe, wiring.is_firing
        self.unknown_words = wiring.unknown_words
        self.misheard = wiring.contacts.misheard
        self.silences = wiring.pipeline.escalate.suppression.silences
        self.edges = wiring.pipeline.correlate.topology.known
        self.changes = wiring.pipeline.correlate.changes.events
        self.why, self.why_apart = self.history.why, self.history.why_apart
        self.incident_of = wiring.pipeline.incidents.number_of
        self._waiting: dict[int, asyncio.Future[BadCommand | None]] = {}
        self._deciding: asyncio.Task[None] | None = None
        self._loops: dict[str, asyncio.Task[None]] = {}
        self._troubled: set[str] = set()
        self._ready = False
        metrics.watch(lambda: self.deliveries.all_levels(self.bus.depth))

    # Life

    async def start(self) -> None:
        """Take back what the store holds, then begin to work; `stop` is due even if this fails."""
        await self.store.open()
        for table in self.pipeline.tables:
            table.restore(self.store.rows(table.table))
        self.pipeline.restored()
        self.wiring.warm_up(self.clock.now())
        self.filter.restore(self.pipeline.dedup.alerts(), self.store.counts(), self.clock.now())
        backlog = self.journal.backlog()
        for stored in backlog:
            self.filter.observe(stored.entry)
        self.contacts.restore(self.store.rows(self.contacts.records.table), self.clock.now())
        self.bus.publish(backlog)
        last = backlog[-1:] or self.store.tail(self.store.cursor() - 1, 1)
        await self.time.resume(last[0].entry.at if last else None)
        self.tokens.reload()
        await self.answering.begin()
        await self.desks.start()
        self._deciding = asyncio.create_task(self._decide_loop())
        await self.outbox.start()
        await self.listeners.start(map(self.channel, self.config.channels))
        self._begin("time", _BEAT_S, self.time.beat)
        self._begin("second look", _COUNT_S, SecondLook(self.pipeline, self.journal, self.clock).beat)
        self._begin("showing", _BEAT_S, self.listeners.show)
        self._begin("live", FRAME_S, self.desks.live.beat)
        self._begin("live status", LOOK_S, self.desks.live.look)
        self._begin("counts", _COUNT_S, self._write_counts)
        self._begin("probes", _PROBE_S, self.deliveries.beat)
        self._begin("tokens", _COUNT_S, self._reread_tokens)
        self._begin("trim", _TRIM_S, self._trim)
        self._ready = True
        log.info("started", backlog=len(backlog), instances=len(self.filter))

    async def stop(self) -> None:
        """Decide what is queued, write the counters, and let go of the store."""
        self._ready = False
        for task in self._loops.values():
            task.cancel()
        await asyncio.gather(*self._loops.values(), return_exceptions=True)
        await self.listeners.stop()
        await self.desks.stop()
        await self.journal.settle(_DRAIN_S)
        await self._drain()
        try:
            await self.outbox.stop()
        except Exception:  # a channel that failed must not keep the rest from being put away
            log.exception("channel_failed")
        try:
            await self._write_counts()
        except StoreUnavailable as error:
            log.warning("counts_not_written", error=str(error))
        await self.store.close()
        await self.wiring.http.close()
        log.info("stopped", undecided=self.bus.depth)

    async def _drain(self) -> None:
        self.bus.close()
        if self._deciding is not None:
            await asyncio.wait([self._deciding], timeout=_DRAIN_S)
            self._deciding.cancel()
            await asyncio.gather(self._deciding, return_exceptions=True)

    # Doors

    async def ingest(self, door: Door, parsed: Parsed) -> Ingested:
        """Take the sightings of one request; return when every transition among them is durable."""
        now = self.clock.now()
        self.contacts.heard(door, parsed, now)
        self._refuse_overload()
        admission = self.filter.feed(door, parsed.sightings, now)
        self.contacts.admitted(door, admission, now)
        await self.journal.admit(admission, self.filter.undo)
        self.filter.settle(admission)
        refused = [Rejected(parsed.positions[index], error) for index, error in admission.refused]
        rejected = sorted([*parsed.rejected, *refused], key=lambda item: item.index)
        accepted = len(parsed.sightings) - len(refused)
        self.metrics.admitted(door.source, admission)
        return Ingested(accepted=accepted, changed=len(admission.entries), rejected=rejected)

    async def changed(self, body: bytes) -> Ingested:
        """Take what was changed; return when it is durable. Raises BadPayload for what cannot be read."""
        now = self.clock.now()
        parsed = changes.parse(body, now)
        self._refuse_overload()
        if parsed.events:
            await self.journal.append(Batch(entries=[Changed(event, now) for event in parsed.events]))
        return Ingested(len(parsed.events), len(parsed.events), parsed.rejected)

    async def beat(self, name: str) -> Ingested:
        """Take the call of a heartbeat's address; KeyError when no heartbeat takes it."""
        return await self.ingest(CALLS, Parsed([self.wiring.expected.call(name)], [0], []))

    def heartbeats(self) -> list[HeartbeatStatus]:
        """Return every heartbeat that is known, as it stands."""
        return statuses(self.wiring.expected, self.pipeline.dedup.heartbeats(), self.filter)

    def _refuse_overload(self) -> None:
        if self.bus.full:
            raise Overloaded(f"{self.bus.depth} entries are waiting to be decided")

    # People

    async def command(self, command: Command) -> None:
        """Carry out a person's action; return when it is durable.

        Raises KeyError for an incident that never was, BadCommand or StaleCommand when refused.
        """
        if self.history.incident(command.incident) is None:
            raise KeyError(command.incident)
        await self.order(command)

    def maintenance(self) -> list[Plan]:
        """Return every maintenance window as it stands."""
        return self.pipeline.escalate.suppression.plans(self.clock.now())

    async def order(self, entry: LogEntry) -> None:
        """Do what a person asks; return when it is decided and durable. Raises BadCommand when refused."""
        self._refuse_overload()
        if self._deciding is None or self._deciding.done():
            raise Overloaded(_IDLE)
        decided: asyncio.Future[BadCommand | None] = asyncio.get_running_loop().create_future()
        await self.journal.append(Batch(entries=[entry]), lambda seq: self._await(seq, decided))
        refusal = await decided
        if refusal is not None:
            raise refusal

    def _await(self, seq: int, decided: asyncio.Future[BadCommand | None]) -> None:
        self._waiting[seq] = decided

    async def heard(self, channel: str, heard: Heard) -> str:
        """Take what a provider told of messages and people; return what to answer the latter."""
        if heard.reports:
            await self.outbox.reported(channel, heard.reports)
        return "\n".join([said for reply in heard.replies if (said := await self.answering.reply(reply))])

    async def audit(self, entry: AuditEntry) -> None:
        """Record a person's action for good."""
        await self.store.write(Batch(audit=[entry]))

    def authentication_required(self) -> bool:
        """Tell whether one has to say who asks: always, but on loopback where nobody could."""
        return not self.wiring.loopback or bool(self.tokens or self.desks.signin.accounts or self.config.oidc)

    def health(self) -> Health:
        """Tell whether work can be taken, and if not why."""
        loops = [self._deciding, *self._loops.values()]
        problems = {
            "starting or stopping": not self._ready,
            "the store does not take writes": self.journal.fails,
            "too many entries wait to be decided": self.bus.full,
            "an inner loop fails or stopped": bool(self._troubled) or any(map(_has_ended, loops)),
            "a channel stopped working": bool(self.outbox.broken()),
        }
        reasons = tuple(text for text, wrong in problems.items() if wrong)
        return Health(
            ready=not reasons,
            reasons=reasons,
            queue=self.bus.depth,
            version=__version__,
            storms=self.pipeline.dedup.storms(),
        )

    async def reload(self) -> None:
        """Load configuration and rules anew; raises BadConfig and keeps the old set when they are bad."""
        async with self.desks.rulebook.still():
            try:
                fresh = self.wiring.fresh()
                now = self.clock.now()
                await self.journal.append(Batch(entries=[RulesChanged(fresh.version, now)]))
            except (BadConfig, StoreUnavailable) as error:
                self.metrics.reload_failed()
                self.desks.reloaded(error)
                raise
            self.wiring.adopt(fresh, self.outbox)
            self.bus.limit = fresh.limits.queue_entries
            await self.listeners.start(map(self.channel, self.config.channels))
            self.metrics.reload_succeeded(now)
            self.desks.reloaded(None)
        log.info("reloaded", version=fresh.version)

    @property
    def config(self) -> Config:
        """Return the configuration in force."""
        return self.wiring.config

    @property
    def limits(self) -> HttpLimits:
        """Return how much one request may ask for."""
        return self.wiring.config.limits.http

    # Loops

    async def _decide_loop(self) -> None:
        try:
            committing: asyncio.Task[None] | None = None
            while entries := await self.bus.take(_BATCH):
                decisions = self._decide(entries)
                if committing is not None:
                    await committing
                committing = asyncio.create_task(self._put_away(entries, decisions))
                if not self.bus.depth:
                    # Only while more is waiting does deciding run ahead of the disk, by one batch.
                    await committing
                    committing = None
        except Exception:  # what is in memory is not what is on disk: only a restart can go on from here
            log.exception("deciding_stopped")
        for waiting in filter(lambda one: not one.done(), self._waiting.values()):
            waiting.set_exception(Overloaded(_IDLE))
        self._waiting.clear()

    async def _put_away(self, entries: Sequence[StoredEntry], decisions: Decisions) -> None:
        await self.journal.commit(decisions)
        self._announce(entries, decisions)

    def _decide(self, entries: Sequence[StoredEntry]) -> Decisions:
        out = Decisions()
        with self.metrics.deciding(len(entries)):
            for stored in entries:
                try:
                    self.pipeline.decide(stored, out)
                except Exception:  # one bad entry must not stop the alerts behind it
                    out.refused[stored.seq] = BadCommand(_FAILED)
                    self.metrics.entry_failed()
                    log.exception("entry_failed", seq=stored.seq, kind=type(stored.entry).__name__)
            return self.pipeline.finish(out)

    def _announce(self, entries: Sequence[StoredEntry], out: Decisions) -> None:
        self.listeners.decided(out.timeline)
        self.desks.decided(out)
        self.outbox.withdraw(out.withdrawals)
        self.outbox.enqueue(out.attempts)
        self.metrics.decided(out)
        for stored in entries:
            refusal = out.refused.get(stored.seq)
            if isinstance(stored.entry, Tick):
                self.time.decided(stored.entry, moved=bool(out.rows) and refusal is None)
            waiting = self._waiting.pop(stored.seq, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(refusal)

    def _begin(self, name: str, every_s: float, work: Callable[[], Awaitable[None]]) -> None:
        self._loops[name] = asyncio.create_task(self._repeat(name, every_s, work), name=name)

    async def _repeat(self, name: str, every_s: float, work: Callable[[], Awaitable[None]]) -> None:
        """Work again and again; what goes wrong is told, and makes us unready until it goes well."""
        while True:
            try:
                await work()
            except StoreUnavailable as error:
                log.warning("loop_not_written", loop=name, error=str(error))
                await asyncio.sleep(_RETRY_S)
            except Exception:  # time must not stand still because one round failed
                self._troubled.add(name)
                self.metrics.loop_failed(name)
                log.exception("loop_failed", loop=name)
                await asyncio.sleep(_RETRY_S)
            else:
                self._troubled.discard(name)
            await asyncio.sleep(every_s)

    async def _write_counts(self) -> None:
        counts, rows = self.filter.drain_counts(), self.contacts.rows(self.clock.now())
        self.desks.evidence.counted(counts)
        if counts or rows:
            await self.store.write(Batch(counts=counts, rows=rows))

    async def _reread_tokens(self) -> None:
        self.tokens.reload()  # another process may have made the first one, which closes the open door
        self.desks.signin.accounts.reload()

    async def _trim(self) -> None:
        await self.answering.tidy()
        await self.store.trim(self.clock.now() - timedelta(days=self.config.retention_days))


def _has_ended(task: asyncio.Task[None] | None) -> bool:
    return task is not None and task.done()
