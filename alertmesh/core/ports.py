"""The seams to the outside: sources, channels, the network, the store, and PaaS modules."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from msgspec import Struct

from alertmesh.core.alert import Parsed
from alertmesh.core.entries import LogEntry
from alertmesh.core.incident import TimelineEntry
from alertmesh.core.page import Attempt, Message, Receipt
from alertmesh.core.records import Row


class Source(Struct, frozen=True):
    """A kind of sender (entry point `alertmesh.sources`).

    `parse` turns a body into sightings, reads no clock, and raises BadPayload when the body as
    a whole cannot be read. `lease` is how long a firing alert without an end of its own lasts
    unrepeated.
    """

    name: str
    lease: timedelta
    parse: Callable[[bytes, datetime], Parsed]


class Door(Struct, frozen=True):
    """One sender: a source, and which instance of it (`/from/{name}/`).

    `labels` are added to every alert that lacks them; `lease` overrides the source's own.
    """

    name: str
    source: str
    lease: timedelta
    labels: Mapping[str, str] = {}


class HttpAnswer(Struct, frozen=True):
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http(Protocol):
    """The one way out to the network; a function in tests.

    Raises TimeoutError when no answer came in time and ConnectionError when none could come.
    """

    async def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        timeout_s: float,
    ) -> HttpAnswer:
        """Send one request and return the answer, whatever its status."""
        ...


class Channel(Protocol):
    """One configured way to reach people, for example one DingTalk robot.

    `per_minute` is the most messages any rolling minute may hold; 0 means no limit.
    `idempotent` says that the receiver drops a second message with the same key.
    """

    name: str
    per_minute: int
    idempotent: bool

    async def send(self, message: Message, now: datetime, http: Http) -> Receipt:
        """Send one message once; never raises for what the other side does."""
        ...


class Notifier(Struct, frozen=True):
    """A kind of channel (entry point `alertmesh.notifiers`).

    `build(name, settings)` makes a channel and raises BadConfig for settings it cannot use.
    """

    name: str
    build: Callable[[str, Mapping[str, str]], Channel]


class Count(Struct, frozen=True, gc=False):
    """How often an instance was repeated since the start of its episode, and when last."""

    fingerprint: str
    repeats: int
    last_seen: datetime


class Token(Struct, frozen=True, kw_only=True):
    """An access token; only its hash is kept."""

    name: str
    digest: str
    scopes: tuple[str, ...]
    created_at: datetime


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One action of a person, for the audit log."""

    at: datetime
    actor: str
    action: str
    target: str
    detail: str = ""


class Batch(Struct, kw_only=True):
    """Everything that must become durable together, or not at all.

    `entries` are appended to the log. `cursor` is the last log sequence number that `rows`,
    `timeline` and new `attempts` account for.
    """

    entries: Sequence[LogEntry] = ()
    cursor: int | None = None
    rows: Sequence[Row] = ()
    timeline: Sequence[TimelineEntry] = ()
    attempts: Sequence[Attempt] = ()
    counts: Sequence[Count] = ()
    audit: Sequence[AuditEntry] = ()


class StoredEntry(Struct, frozen=True, gc=False):
    """A log entry with its sequence number."""

    seq: int
    entry: LogEntry


class StoredLine(Struct, frozen=True, gc=False):
    """A timeline line with its number; numbers grow over all incidents."""

    number: int
    line: TimelineEntry


class Store(Protocol):
    """Where everything durable lives. One contract, one test suite for every implementation.

    `write` is atomic and durable when it returns, and calls take effect in the order they were
    made. Reads see every finished write.
    """

    async def open(self) -> None:
        """Create or migrate the schema and make ready."""
        ...

    async def close(self) -> None:
        """Finish what is under way and let go."""
        ...

    async def write(self, batch: Batch) -> int:
        """Make `batch` durable; return the sequence number of its last entry (0 without entries).

        Raises StoreUnavailable when nothing of it was kept.
        """
        ...

    def cursor(self) -> int:
        """Return the last log sequence number that decisions account for."""
        ...

    def tail(self, after: int, limit: int) -> list[StoredEntry]:
        """Return up to `limit` log entries after sequence number `after`, in order."""
        ...

    def rows(self, table: str) -> Iterator[tuple[str | int, bytes]]:
        """Return every live row of a table."""
        ...

    def row(self, table: str, key: str | int) -> bytes | None:
        """Return one row, live or archived."""
        ...

    def scan(self, table: str, before: int | None, limit: int) -> list[tuple[int, bytes]]:
        """Return up to `limit` rows with numeric keys below `before`, live or not, newest first."""
        ...

    def prefixed(self, table: str, prefix: str) -> list[tuple[str, bytes]]:
        """Return the rows whose text key begins with `prefix`, live or not, in key order."""
        ...

    def timeline(self, incident: int, after: int, limit: int) -> list[StoredLine]:
        """Return up to `limit` lines of one incident after line number `after`, in order."""
        ...

    def lines(self, after: int, limit: int) -> list[StoredLine]:
        """Return up to `limit` lines of all incidents after line number `after`, in order."""
        ...

    def attempts(self, incident: int) -> list[Attempt]:
        """Return every attempt of an incident, oldest first."""
        ...

    def open_attempts(self) -> list[Attempt]:
        """Return the attempts that are queued, claimed or unknown."""
        ...

    def claimed_since(self, channel: str, since: datetime) -> list[tuple[str, datetime]]:
        """Return (key, claimed_at) of each message a channel was given since `since`, once a key."""
        ...

    def counts(self) -> Iterator[Count]:
        """Return the repeat counters of all instances."""
        ...

    async def trim(self, before: datetime) -> int:
        """Delete log entries older than `before` that decisions account for; return how many."""
        ...


class Module(Struct, frozen=True):
    """A PaaS module (entry point `alertmesh.modules`): what it shows and does beside the core."""

    name: str
    summary: str
    pages: Sequence[str] = ()
    actions: Sequence[str] = ()
    routes: Sequence[Any] = ()
    commands: Sequence[Any] = ()
    tasks: Sequence[Any] = ()
