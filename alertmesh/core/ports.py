"""The seams to the outside: sources, channels, the network and the store."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from msgspec import Struct

from alertmesh.core.alert import Parsed, Priority, Rejected
from alertmesh.core.contact import SourceStatus
from alertmesh.core.entries import LogEntry
from alertmesh.core.errors import BadPayload
from alertmesh.core.incident import TimelineEntry
from alertmesh.core.page import Attempt, Message, Receipt, Reply, Report
from alertmesh.core.past import Past
from alertmesh.core.records import Row

Answer = tuple[int, bytes, str]  # status, body, content type (empty: send none)


class Source(Struct, frozen=True):
    """A kind of sender (entry point `alertmesh.sources`).

    `parse` turns a body into sightings, reads no clock, and raises BadPayload when the body as
    a whole cannot be read. `lease` is how long a firing alert without an end of its own lasts
    unrepeated. `answer` and `refusal` are set by a source whose senders accept nothing but the
    answers of the system it stands in for. `forms` says that a body may be a form as browsers
    send it, `mapped` that the source is a mapping file, and `sample` is a body to try it with.
    """

    name: str
    lease: timedelta
    parse: Callable[[bytes, datetime], Parsed]
    answer: Callable[[Parsed], Answer] | None = None
    refusal: Callable[[BadPayload], Answer] | None = None
    forms: bool = False
    mapped: bool = False
    sample: bytes = b""


class Door(Struct, frozen=True):
    """One sender: a source, and which instance of it (`/from/{name}/`).

    `labels` are added to every alert that lacks them; `lease` overrides the source's own.
    """

    name: str
    source: str
    lease: timedelta
    labels: Mapping[str, str] = {}


class HttpLimits(Struct, frozen=True):
    """How much one HTTP request may ask for.

    `body_bytes` holds before and after decompression, `body_s` is how long a body may take to
    arrive. `page` is the most items of one answer, `scan` the most records read for it.
    """

    body_bytes: int = 8 * 1024 * 1024
    alerts_per_request: int = 20_000
    body_s: float = 30.0
    page: int = 500
    scan: int = 2_000


class Ingested(Struct, frozen=True):
    """What became of one request: sightings taken, transitions among them, and every refused alert.

    `rejected` includes those that the source had refused already (`Parsed.rejected`).
    """

    accepted: int
    changed: int
    rejected: list[Rejected]


class Storm(Struct, frozen=True, kw_only=True):
    """A source whose alerts come many times as fast as usual; `source` is empty for all together.

    The rates are of series that opened, over the last minute and as learned before the storm.
    """

    source: str
    since: datetime
    per_minute: float
    usual_per_minute: float


class Health(Struct, frozen=True, kw_only=True):
    """Whether work can be taken, and if not why; `queue` counts entries waiting to be decided.

    `storms` hinder nothing and are told for people to know.
    """

    ready: bool
    reasons: tuple[str, ...] = ()
    queue: int = 0
    version: str = ""
    storms: tuple[Storm, ...] = ()


class ChannelLevel(Struct, frozen=True, kw_only=True):
    """A channel at this moment: attempts waiting, and whether limiter or breaker hold it back.

    `oldest_s` is how long the attempt that is due longest waits. `healthy` is what the last probe said, None
    for a channel that cannot be probed.
    """

    waiting: int = 0
    limited: bool = False
    broken: bool = False
    oldest_s: float = 0.0
    healthy: bool | None = None


class Levels(Struct, frozen=True, kw_only=True):
    """How much of everything there is at this moment; `dropped` counts from the start, by stage."""

    queue: int = 0
    instances: int = 0
    series: int = 0
    groups: int = 0
    watch_list: int = 0
    incidents: Mapping[Priority, int] = {}
    dropped: Mapping[str, int] = {}
    channels: Mapping[str, ChannelLevel] = {}
    template_failures: Mapping[str, int] = {}
    sources: Sequence[SourceStatus] = ()
    unknown_severities: int = 0
    storms: tuple[Storm, ...] = ()


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


class Quota(Struct, frozen=True):
    """At most `count` messages in any rolling `window`."""

    count: int
    window: timedelta


@runtime_checkable
class Personal(Protocol):
    """A channel whose every message is for one person, found by their contact of the kind `contact`.

    `quotas` hold for each contact by itself; they are kept before the provider would refuse.
    """

    contact: str
    quotas: tuple[Quota, ...]


@runtime_checkable
class Pooled(Protocol):
    """A channel of several robots in one group, each with limits and penalties of its own.

    `robots` are their names; `send_by` sends as `send` does, through the robot of that number.
    """

    robots: tuple[str, ...]

    async def send_by(self, robot: int, message: Message, now: datetime, http: "Http") -> Receipt:
        """Send one message once through one robot."""
        ...


class Inbound(Struct, frozen=True, kw_only=True):
    """A request that a provider made to us, as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: datetime


class Heard(Struct, frozen=True, kw_only=True):
    """What a request of a provider meant, and what it is answered when that is taken.

    `say` makes the answer that tells people what came of their replies; without it `answer` holds.
    """

    reports: tuple[Report, ...] = ()
    replies: tuple[Reply, ...] = ()
    answer: Answer = (200, b"", "")
    say: Callable[[str], Answer] | None = None


@runtime_checkable
class Reporting(Protocol):
    """A channel that hears later what became of a message.

    A P1 message without a report of delivery after `report_s` counts as late, and the next way to
    the person is tried. `hear` reads a callback, BadPayload when it is not the provider's; `ask` asks for
    messages that should have been reported, by key and provider id.
    """

    report_s: float

    def hear(self, request: Inbound) -> Heard:
        """Read what the provider posted to `/api/v1/callbacks/{channel}`."""
        ...

    async def ask(self, attempts: Sequence[Attempt], now: datetime, http: "Http") -> list[Report]:
        """Ask the provider about messages; nothing when it cannot be asked."""
        ...


@runtime_checkable
class Probed(Protocol):
    """A channel whose health can be asked for without sending anything to anybody."""

    async def probe(self, now: datetime, http: "Http") -> Receipt:
        """Return SENT when the channel would take messages, else what is wrong."""
        ...


class Notifier(Struct, frozen=True):
    """A kind of channel (entry point `alertmesh.notifiers`).

    `build(name, settings)` makes a channel and raises BadConfig for settings it cannot use. `sample`
    are settings to try it with.
    """

    name: str
    build: Callable[[str, Mapping[str, str]], Channel]
    sample: Mapping[str, str] = {}


class Count(Struct, frozen=True, gc=False):
    """How often an instance was repeated since its episode began, and when last; zero is not kept."""

    fingerprint: str
    repeats: int
    last_seen: datetime


class Token(Struct, frozen=True, kw_only=True):
    """An access token; only its hash is kept."""

    name: str
    digest: str
    scopes: tuple[str, ...]
    created_at: datetime

    def allows(self, scope: str) -> bool:
        """Tell whether the token is good for `scope`; admin includes all others."""
        return scope in self.scopes or "admin" in self.scopes


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


class Store(Past, Protocol):
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

    def open_attempts(self) -> list[Attempt]:
        """Return the attempts that are queued, claimed or unknown."""
        ...

    def attempt(self, name: str) -> Attempt | None:
        """Return an attempt by its id, None when there never was one."""
        ...

    def newest_attempts(self, before: int | None, limit: int) -> list[tuple[int, Attempt]]:
        """Return up to `limit` attempts numbered below `before`, the one written last first."""
        ...

    def last_claims(self, channel: str, since: datetime, limit: int) -> list[Attempt]:
        """Return up to `limit` attempts that a channel was given since `since`, the newest claim first."""
        ...

    def message(self, channel: str, key: str, since: datetime) -> list[Attempt]:
        """Return the attempts that a message carried which a channel was given since `since`."""
        ...

    def claimed_since(self, channel: str, since: datetime) -> list[tuple[str, datetime]]:
        """Return (key, claimed_at) of each message a channel was given since `since`, once a key."""
        ...

    def counts(self) -> Iterator[Count]:
        """Return the repeat counters of all instances."""
        ...

    def audit(self, after: int, limit: int) -> list[tuple[int, AuditEntry]]:
        """Return up to `limit` audit entries after number `after`, in order."""
        ...

    def newest_audit(self, before: int | None, limit: int) -> list[tuple[int, AuditEntry]]:
        """Return up to `limit` audit entries numbered below `before`, the newest first."""
        ...

    def size(self) -> int:
        """Return how many bytes it takes on a disk, 0 when it is on none."""
        ...

    async def trim(self, before: datetime) -> int:
        """Delete log entries older than `before` that decisions account for; return how many."""
        ...
