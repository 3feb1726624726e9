"""Keep everything in memory, under the same contract as on disk: for tests, replay and trials."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from operator import itemgetter

from alertmesh.core.errors import StoreUnavailable
from alertmesh.core.page import Attempt, AttemptState
from alertmesh.core.past import StoredLine
from alertmesh.core.ports import AuditEntry, Batch, Count, StoredEntry
from alertmesh.store.codec import (
    AttemptTuple,
    AuditTuple,
    CountTuple,
    Encoded,
    Key,
    LineTuple,
    LogTuple,
    decode_attempt,
    decode_audit,
    decode_entry,
    decode_line,
    encode,
    from_micros,
    no_counts,
    to_count,
    to_micros,
)

_OPEN = {AttemptState.QUEUED.value, AttemptState.CLAIMED.value, AttemptState.UNKNOWN.value}


class MemoryStore:
    """A store that lasts as long as the object; closing and opening it again keeps everything."""

    def __init__(self) -> None:
        self._is_open = False
        self._cursor = 0
        self._seq = 0
        self._log: dict[int, LogTuple] = {}
        self._rows: dict[str, dict[Key, tuple[bool, bytes]]] = {}
        self._lines: list[LineTuple] = []
        self._by_incident: dict[int, list[int]] = {}
        self._attempts: dict[str, AttemptTuple] = {}
        self._counts: dict[str, CountTuple] = {}
        self._audit: list[AuditTuple] = []

    async def open(self) -> None:
        """Make ready."""
        self._is_open = True

    async def close(self) -> None:
        """Take no more writes."""
        self._is_open = False

    async def write(self, batch: Batch) -> int:
        """Take `batch`; return the sequence number of its last entry (0 without entries)."""
        if not self._is_open:
            raise StoreUnavailable("the store is not open")
        encoded = encode(batch)
        self._apply(encoded)
        return self._seq if encoded.entries else 0

    async def trim(self, before: datetime) -> int:
        """Delete log entries older than `before` that decisions account for; return how many."""
        limit = to_micros(before)
        old = [seq for seq, (at, _) in self._log.items() if at < limit and seq <= self._cursor]
        for seq in old:
            del self._log[seq]
        return len(old)

    def cursor(self) -> int:
        """Return the last log sequence number that decisions account for."""
        return self._cursor

    def tail(self, after: int, limit: int) -> list[StoredEntry]:
        """Return up to `limit` log entries after sequence number `after`, in order."""
        first = next(iter(self._log), 0)
        numbers = (seq for seq in range(max(after + 1, first), self._seq + 1) if seq in self._log)
        return [StoredEntry(seq, decode_entry(self._log[seq][1])) for seq in islice(numbers, limit)]

    def rows(self, table: str) -> Iterator[tuple[Key, bytes]]:
        """Return every live row of a table, in the order in which they were first written."""
        found = self._rows.get(table, {})
        return iter([(key, body) for key, (live, body) in list(found.items()) if live])

    def row(self, table: str, key: Key) -> bytes | None:
        """Return one row, live or archived."""
        found = self._rows.get(table, {}).get(key)
        return found[1] if found else None

    def several(self, table: str, keys: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Return those rows of a table, live or archived, that have one of many numeric keys."""
        found = self._rows.get(table, {})
        return ((key, found[key][1]) for key in keys if key in found)

    def scan(self, table: str, before: int | None, limit: int) -> list[tuple[int, bytes]]:
        """Return up to `limit` rows with numeric keys below `before`, live or not, newest first."""
        found = self._rows.get(table, {})
        keys = [key for key in found if isinstance(key, int) and (before is None or key < before)]
        return [(key, found[key][1]) for key in sorted(keys, reverse=True)[:limit]]

    def prefixed(self, table: str, prefix: str) -> list[tuple[str, bytes]]:
        """Return the rows whose text key begins with `prefix`, live or not, in key order."""
        found = self._rows.get(table, {})
        keys = [key for key in list(found) if isinstance(key, str) and key.startswith(prefix)]
        return [(key, found[key][1]) for key in sorted(keys)]

    def timeline(self, incident: int, after: int, limit: int) -> list[StoredLine]:
        """Return up to `limit` lines of one incident after line number `after`, in order."""
        numbers = (number for number in self._by_incident.get(incident, ()) if number > after)
        return [self._line(number) for number in islice(numbers, limit)]

    def lines(self, after: int, limit: int) -> list[StoredLine]:
        """Return up to `limit` lines of all incidents after line number `after`, in order."""
        last = min(after + limit, len(self._lines))
        return [self._line(number) for number in range(after + 1, last + 1)]

    def lines_within(self, start: datetime, end: datetime) -> Iterator[StoredLine]:
        """Return the lines of all incidents from `start` until just before `end`, by time."""
        first, last = to_micros(start), to_micros(end)
        found = [(at, n) for n, (_, at, _) in enumerate(list(self._lines), 1) if first <= at < last]
        return (self._line(number) for _, number in sorted(found))

    def courses(self, start: datetime, end: datetime) -> Iterator[list[StoredLine]]:
        """Return the whole timeline of each incident that has a line in that time, by incident."""
        first, last = to_micros(start), to_micros(end)
        touched = sorted({incident for incident, at, _ in list(self._lines) if first <= at < last})
        return ([self._line(number) for number in list(self._by_incident[one])] for one in touched)

    def attempts_within(self, start: datetime, end: datetime) -> Iterator[Attempt]:
        """Return the attempts that were due from `start` until just before `end`, by time."""
        first, last = to_micros(start), to_micros(end)
        found = [row for row in list(self._attempts.values()) if first <= row[4] < last]
        return (decode_attempt(row[-1]) for row in sorted(found, key=itemgetter(4)))

    @contextmanager
    def aside(self) -> Iterator["MemoryStore"]:
        """Yield what can be read in another thread: the same store, whose lists are read as copies."""
        yield self

    def attempts(self, incident: int) -> list[Attempt]:
        """Return every attempt of an incident, oldest first."""
        return [decode_attempt(row[-1]) for row in self._attempts.values() if row[1] == incident]

    def open_attempts(self) -> list[Attempt]:
        """Return the attempts that are queued, claimed or unknown, oldest first."""
        return [decode_attempt(row[-1]) for row in self._attempts.values() if row[3] in _OPEN]

    def attempt(self, name: str) -> Attempt | None:
        """Return an attempt by its id, None when there never was one."""
        found = self._attempts.get(name)
        return None if found is None else decode_attempt(found[-1])

    def newest_attempts(self, before: int | None, limit: int) -> list[tuple[int, Attempt]]:
        """Return up to `limit` attempts numbered below `before`, the one written last first."""
        rows = list(self._attempts.values())[: None if before is None else max(before - 1, 0)]
        last = len(rows)
        return [(last - place, decode_attempt(row[-1])) for place, row in enumerate(rows[::-1][:limit])]

    def last_claims(self, channel: str, since: datetime, limit: int) -> list[Attempt]:
        """Return up to `limit` attempts that a channel was given since `since`, the newest claim first."""
        found = sorted(self._claims(channel, since), key=itemgetter(5), reverse=True)
        return [decode_attempt(row[-1]) for row in found[:limit]]

    def message(self, channel: str, key: str, since: datetime) -> list[Attempt]:
        """Return the attempts that a message carried which a channel was given since `since`."""
        return [decode_attempt(row[-1]) for row in self._claims(channel, since) if row[6] == key]

    def _claims(self, channel: str, since: datetime) -> list[AttemptTuple]:
        first = to_micros(since)
        return [row for row in self._attempts.values() if row[2] == channel and (row[5] or 0) >= first]

    def claimed_since(self, channel: str, since: datetime) -> list[tuple[str, datetime]]:
        """Return (key, claimed_at) of each message a channel was given since `since`, once a key.

        The newest claim of a key counts; the list is in order of claim.
        """
        newest: dict[str, int] = {}
        for _, _, name, _, _, claimed_at, key, _ in self._attempts.values():
            if name == channel and claimed_at is not None and claimed_at >= to_micros(since):
                newest[key] = max(claimed_at, newest.get(key, claimed_at))
        in_order = sorted(newest.items(), key=lambda item: (item[1], item[0]))
        return [(key, from_micros(at)) for key, at in in_order]

    def counts(self) -> Iterator[Count]:
        """Return the repeat counters of all instances, in order of fingerprint."""
        return iter([to_count(self._counts[fingerprint]) for fingerprint in sorted(self._counts)])

    def audit(self, after: int, limit: int) -> list[tuple[int, AuditEntry]]:
        """Return up to `limit` audit entries after number `after`, in order."""
        chosen = self._audit[after : after + limit]
        return [(number, decode_audit(body)) for number, (_, _, body) in enumerate(chosen, after + 1)]

    def newest_audit(self, before: int | None, limit: int) -> list[tuple[int, AuditEntry]]:
        """Return up to `limit` audit entries numbered below `before`, the newest first."""
        last = len(self._audit) if before is None else min(before - 1, len(self._audit))
        numbers = range(last, max(last - limit, 0), -1)
        return [(number, decode_audit(self._audit[number - 1][2])) for number in numbers]

    def size(self) -> int:
        """Return 0: nothing of it is on a disk."""
        return 0

    def _apply(self, batch: Encoded) -> None:
        for entry in batch.entries:
            self._seq += 1
            self._log[self._seq] = entry
        for table, key in batch.drops:
            self._rows.get(table, {}).pop(key, None)
        for table, key, live, body in batch.rows.values():
            self._rows.setdefault(table, {})[key] = (live, body)
        for line in batch.timeline:
            self._lines.append(line)
            self._by_incident.setdefault(line[0], []).append(len(self._lines))
        self._attempts.update(batch.attempts)
        self._counts.update(batch.counts)
        for fingerprint in no_counts(batch):
            del self._counts[fingerprint]
        self._audit += batch.audit
        if batch.cursor is not None:
            self._cursor = batch.cursor

    def _line(self, number: int) -> StoredLine:
        return StoredLine(number, decode_line(self._lines[number - 1][2]))
