"""The whole program on a manual clock, without network, disk or event loop."""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from alertmesh.config import Config
from alertmesh.core.clock import ManualClock
from alertmesh.core.entries import ClockJumped, LogEntry, Tick
from alertmesh.core.errors import BadCommand
from alertmesh.core.page import AttemptState, Message, Receipt, ReceiptState
from alertmesh.core.ports import Batch, StoredEntry
from alertmesh.history import History
from alertmesh.notify.outbox import Outbox
from alertmesh.pipeline import Decisions
from alertmesh.store.memory import MemoryStore
from alertmesh.wiring import Wiring
from tests.scenarios.people import staffed

_CONFIG = staffed("chat")


class Left(NamedTuple):
    """One page, update or closing message that reached a person."""

    at: datetime
    kind: str
    person: str
    incident: int

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S} {self.kind} to {self.person} about #{self.incident}"


class Chat:
    """A channel that takes everything, and remembers it."""

    name = "chat"
    per_minute = 0
    idempotent = True

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message, now: datetime, http: Any) -> Receipt:
        self.messages.append(message)
        return Receipt(state=ReceiptState.SENT)


class Program:
    """Filter, pipeline, store and outbox as the runtime joins them, one thing after the other."""

    def __init__(self, start: datetime, config: Config = _CONFIG) -> None:
        self._config = config
        self.clock = ManualClock(start)
        self.chat = Chat()
        self.left: list[Left] = []
        self.refused: list[BadCommand] = []
        self.followers: list[Callable[[Decisions], None]] = []
        self._store = MemoryStore()
        self._queue: list[StoredEntry] = []
        done(self._store.open())
        self._build()

    def _build(self) -> None:
        self.wiring = Wiring(self._config)
        self.pipeline = self.wiring.pipeline
        self.filter = self.wiring.filter
        self.history = History(self._store, self.pipeline)
        self._outbox = Outbox(
            self._store,
            self._write,
            {"chat": self.chat},
            _no_network,
            self.clock,
            self.history.briefing,
            self.wiring.person,
        )

    def restart(self) -> None:
        """Forget everything but the store, and take up the work again."""
        self._queue.clear()
        self._build()
        for table in self.pipeline.tables:
            table.restore(self._store.rows(table.table))
        self.pipeline.restored()
        self.filter.restore(self.pipeline.dedup.alerts(), self._store.counts(), self.clock.now())
        backlog = self._store.tail(self._store.cursor(), 10_000)
        for stored in backlog:
            self.filter.observe(stored.entry)
        self._outbox.recover()
        self._queue.extend(backlog)
        self.work()

    def post(self, source: str, body: bytes, instance: str = "") -> None:
        """Take one request at the door of a source, as far as the answer to its sender."""
        now = self.clock.now()
        parsed = self.wiring.sources[source].parse(body, now)
        door = self.wiring.door(source, instance)
        self._log(self.filter.feed(door, parsed.sightings, now).entries)

    @property
    def store(self) -> MemoryStore:
        """Return where everything is written."""
        return self._store

    def command(self, command: LogEntry) -> None:
        """Take a person's action."""
        self._log([command])

    def work(self) -> None:
        """Decide what is queued, and send what that leads to, until nothing is left to do."""
        while True:
            while self._queue:
                self._decide(self._queue.pop(0))
            done(self._outbox.run_due())
            if not self._queue:
                return

    def pass_until(self, moment: datetime) -> None:
        """Let time pass; each thing is done when it falls due."""
        while (due := self._next_due()) is not None and due <= moment:
            self.clock.set(max(due, self.clock.now()))
            self._log(self.filter.expire(self.clock.now()).entries)
            self.work()
            deadline = self.pipeline.deadline()
            if deadline is not None and deadline <= self.clock.now():
                self._log([Tick(self.clock.now())])
                self.work()
        self.clock.set(max(moment, self.clock.now()))

    def jump(self, by: timedelta) -> None:
        """Set the clock, and log that before anything is dated by its new time; `work` decides on it."""
        self.clock.jump(by)
        self.filter.jump(by, self.pipeline.dedup.alerts(), self.clock.now())
        self._outbox.jump(by)
        self._log([ClockJumped(by.total_seconds(), self.clock.now())])

    def _next_due(self) -> datetime | None:
        times = (self.filter.next_expiry(), self.pipeline.deadline(), done(self._outbox.run_due()))
        return min((moment for moment in times if moment is not None), default=None)

    def _decide(self, stored: StoredEntry) -> None:
        out = self.pipeline.feed([stored])
        self.refused.extend(out.refused.values())
        decided = Batch(cursor=out.cursor, rows=out.rows, timeline=out.timeline, attempts=out.attempts)
        done(self._store.write(decided))
        self._outbox.withdraw(out.withdrawals)
        self._outbox.enqueue(out.attempts)
        for follower in self.followers:
            follower(out)

    def _log(self, entries: list[LogEntry]) -> None:
        done(self._write(Batch(entries=entries)))

    async def _write(self, batch: Batch) -> int:
        last = await self._store.write(batch)
        first = last - len(batch.entries) + 1
        self._queue.extend(StoredEntry(first + n, entry) for n, entry in enumerate(batch.entries))
        for attempt in batch.attempts:
            if attempt.state is AttemptState.SENT:
                page = attempt.page
                self.left.append(Left(self.clock.now(), page.kind.value, page.person, page.incident))
        return last


def done(work: Coroutine[Any, Any, Any]) -> Any:
    """Return the result of work that never has to wait."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("something waits, although nothing here takes time")


async def _no_network(*_: object, **__: object) -> Any:
    raise AssertionError("nothing may use the network here")
