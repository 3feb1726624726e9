"""The live stream: what changed in incidents, made once and sent to everybody who listens.

A client reads rows (`read` is told of each), and from the id that it got with them it follows the
events after it. A frame is one event that holds, of each incident that changed since the last frame,
the fields that changed. A client that was away names the last id it saw and gets what it missed;
when that is not kept any more it is told to read the rows anew.

Whoever follows gets by on what is sent alone, for every field that a client can hold is either as the
last frame left it, or differed when it was read, and is then sent with the next frame (`read`).
"""

import asyncio
import secrets
import zlib
from collections import deque
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import islice

import msgspec

from alertmesh.core.incident import Incident
from alertmesh.core.response import Response
from alertmesh.desks.rows import IncidentRow, differences, show_row
from alertmesh.pipeline import Decisions

FRAME_S = 0.5
"""How long after a frame the next one comes at the earliest."""

LOOK_S = 2.0
"""How long after a look at how AlertMesh is the next one comes."""

ROWS, LINES, STATUS, PING = "rows", "lines", "status", "ping"
"""The kinds of events: what changed in incidents, which timelines have more, how all is, that it lives."""

_PING_S = 15.0
_TABLES = frozenset({"incident", "response"})
_EVENT_BYTES = 64 * 1024
_RING_BYTES = 4 * 1024 * 1024
_RING_EVENTS = 2_000
_MOST_ROWS = 20_000
_MOST_UNTOLD = 10_000
_MOST_A_FRAME = 2_000
_MOST_READERS = 5_000
_LEVEL = 6
_encode = msgspec.json.Encoder().encode

Lookup = Callable[[int], tuple[Incident, Response | None] | None]


class Event:
    """One event as it is sent, plain or packed.

    What is packed stands for itself, so that one packing serves every client, wherever it joined.
    """

    def __init__(self, number: int, kind: str, plain: bytes) -> None:
        self.number = number
        self.kind = kind
        self.plain = plain

    @cached_property
    def packed(self) -> bytes:
        """Return the event as a part of a gzip stream."""
        return pack(self.plain)


class Reader:
    """One client's place in the stream: behind the event `number`.

    `is_reset` tells that it asked for more than is kept, and so must read the rows anew; `is_behind` that
    it did not keep up, and what it needs next is not kept any more.
    """

    def __init__(self, hub: "Live", number: int, is_reset: bool) -> None:
        self._hub = hub
        self._joined = hub.number
        self.number = number
        self.is_reset = is_reset
        self.is_behind = False

    async def next(self) -> list[Event]:
        """Wait for events and return them in order; none when it is over.

        Of what was before it joined only rows are sent: how AlertMesh was is not news.
        """
        while not self._hub.is_closed and not self.is_behind:
            found = self._hub.after(self.number)
            if found is None:
                self.is_behind = True
            elif not found:
                await self._hub.news()
            else:
                self.number = found[-1].number
                news = [one for one in found if one.kind == ROWS or one.number > self._joined]
                if news:
                    return news
        return []


class Live:
    """Note which incidents changed, make frames of that, and keep the newest for who missed some.

    At most `most` listen. `number` counts events, `status` is how AlertMesh is by the last one that told it.
    `dropped` counts clients that were let go because they did not keep up.
    """

    def __init__(self, incident: Lookup) -> None:
        self._incident = incident
        self._boot = secrets.token_hex(5)
        self.number = 0
        self._ring: deque[Event] = deque()
        self._ring_bytes = 0
        self._changed: dict[int, None] = {}
        self._longer: dict[int, None] = {}
        self._sent: dict[int, IncidentRow] = {}
        self._unlike: dict[int, set[str]] = {}
        self._readers: set[Reader] = set()
        self.status = b""
        self._seen_from: Callable[[], bytes] | None = None
        self._wanted = asyncio.Event()
        self._news = asyncio.Event()
        self.is_closed = False
        self.dropped = 0
        self.most = _MOST_READERS

    # What changed

    def decided(self, out: Decisions) -> None:
        """Note the incidents that decisions changed; they are durable."""
        for row in out.rows:
            if row.table in _TABLES:
                self._changed[int(row.key)] = None
        if self._readers:
            self._longer.update(dict.fromkeys(line.incident for line in out.timeline))
            if self._changed or self._longer:
                self._wanted.set()
        elif len(self._changed) > _MOST_UNTOLD:
            self._begin_anew()

    def read(self, rows: Iterable[IncidentRow]) -> None:
        """Note what a client reads apart from the stream, for it may be newer than the last frame."""
        for row in rows:
            sent = self._sent.get(row.id)
            if sent is not None and sent != row:
                self._unlike.setdefault(row.id, set()).update(differences(sent, row))
                self._changed[row.id] = None
        if self._changed and self._readers:
            self._wanted.set()

    async def beat(self) -> None:
        """Make a frame as soon as somebody listens and something changed; call it again after `FRAME_S`."""
        try:
            async with asyncio.timeout(_PING_S):
                await self._wanted.wait()
        except TimeoutError:
            self._post(PING, b"event: ping\ndata: {}\n\n")
        else:
            self.frame()

    def frame(self) -> None:
        """Tell what changed since the last frame; of very much a part, and the rest with the next one."""
        self._wanted.clear()
        parts: deque[tuple[bool, bytes]] = deque()
        for number in list(islice(self._changed, _MOST_A_FRAME)):
            del self._changed[number]
            part = self._part(number)
            if part is not None:
                parts.append(part)
                self._longer.pop(number, None)
        if self._changed:
            self._wanted.set()
        self._tell_rows(parts)
        if self._longer:
            self._tell(LINES, _encode({"incidents": list(self._longer)}))
            self._longer.clear()

    def _tell_rows(self, parts: deque[tuple[bool, bytes]]) -> None:
        while parts:
            lists: tuple[list[bytes], list[bytes]] = ([], [])
            size = 0
            while parts and size < _EVENT_BYTES:
                is_full, body = parts.popleft()
                lists[is_full].append(body)
                size += len(body)
            changed, full = (b",".join(bodies) for bodies in lists)
            self._tell(ROWS, b'{"full":[%b],"changed":[%b]}' % (full, changed))

    async def look(self) -> None:
        """Send how AlertMesh is to whoever listens, if it is not as it was; call it again after `LOOK_S`."""
        if self._readers:
            self._refresh()

    def watch(self, seen_from: Callable[[], bytes]) -> None:
        """Have `seen_from` say how AlertMesh is, in one line of JSON."""
        self._seen_from = seen_from

    def _refresh(self) -> None:
        status = self._seen_from() if self._seen_from is not None else b""
        if status != self.status:
            self.status = status
            self._tell(STATUS, status)

    def _tell(self, kind: str, data: bytes) -> None:
        self._post(kind, event(kind, data, self.name(self.number + 1)))

    def _part(self, number: int) -> tuple[bool, bytes] | None:
        """Return what is to be told of an incident, and whether that is all of it; None for nothing."""
        pair = self._incident(number)
        if pair is None:
            return None
        row = show_row(*pair)
        sent = self._sent.pop(number, None)
        if not row.archived:
            self._sent[number] = row
            if len(self._sent) > _MOST_ROWS:
                del self._sent[next(iter(self._sent))]
        unlike = self._unlike.pop(number, set())
        if sent is None or _may_have_been_over(sent, row):
            return True, _encode(row)
        fields = unlike | differences(sent, row)
        if not fields:
            return None
        return False, _encode({"id": number} | {name: getattr(row, name) for name in fields})

    # Who listens

    @property
    def id(self) -> str:
        """Return the id of the newest event."""
        return self.name(self.number)

    def name(self, number: int) -> str:
        """Return the id of an event."""
        return f"{self._boot}-{number}"

    @property
    def listeners(self) -> int:
        """Return how many clients listen."""
        return len(self._readers)

    @property
    def is_full(self) -> bool:
        """Tell whether as many listen as may."""
        return len(self._readers) >= self.most

    def join(self, since: str | None) -> Reader:
        """Return a new client's place: after the event `since`, or here and now."""
        if not self._readers:
            self._refresh()
        number = self.number if since is None else self._known(since)
        reader = Reader(self, self.number if number is None else number, number is None)
        self._readers.add(reader)
        if self._changed:
            self._wanted.set()
        return reader

    def leave(self, reader: Reader) -> None:
        """Forget a client."""
        self._readers.discard(reader)
        self.dropped += reader.is_behind

    def after(self, number: int) -> list[Event] | None:
        """Return the events after one, None when they are not kept any more."""
        missed, kept = self.number - number, len(self._ring)
        return None if missed > kept else [self._ring[place] for place in range(kept - missed, kept)]

    async def news(self) -> None:
        """Wait for an event that was not there before."""
        await self._news.wait()

    def close(self) -> None:
        """Let everybody who listens go."""
        self.is_closed = True
        self._wake()

    def _known(self, since: str) -> int | None:
        boot, _, text = since.rpartition("-")
        if boot != self._boot or not (text.isascii() and text.isdigit() and len(text) < 19):
            return None
        number = int(text)
        return number if number <= self.number and self.after(number) is not None else None

    def _post(self, kind: str, plain: bytes) -> None:
        if not self._readers and kind == PING:
            return
        self.number += 1
        self._ring.append(Event(self.number, kind, plain))
        self._ring_bytes += len(plain)
        while len(self._ring) > _RING_EVENTS or self._ring_bytes > _RING_BYTES:
            self._ring_bytes -= len(self._ring.popleft().plain)
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _begin_anew(self) -> None:
        """Forget everything: too much happened since anybody listened."""
        self._boot = secrets.token_hex(5)
        self.number = self._ring_bytes = 0
        for kept in (self._ring, self._changed, self._longer, self._sent, self._unlike):
            kept.clear()


def _may_have_been_over(sent: IncidentRow, row: IncidentRow) -> bool:
    """Tell whether who shows open incidents alone may lack one: it was over, or twice became another."""
    return not row.is_over and (sent.is_over or (row.epoch or 0) - (sent.epoch or 0) > 1)


def event(kind: str, data: bytes, name: str) -> bytes:
    """Return one Server-Sent Event with one line of data; `name` is its id.

    >>> event("rows", b"{}", "a-1")
    b'id: a-1\\nevent: rows\\ndata: {}\\n\\n'
    """
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (name.encode(), kind.encode(), data)


GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""What a gzip stream begins with."""


def pack(plain: bytes) -> bytes:
    """Return bytes deflated so that they can stand anywhere in a gzip stream after its head.

    Nothing in them refers to what was before, and they end on a whole byte.
    """
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(plain) + packer.flush(zlib.Z_FULL_FLUSH)
