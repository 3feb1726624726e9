"""Read the SQLite file: every question of the store's contract, and a store that only reads."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from alertmesh.core.errors import BadConfig, StoreUnavailable
from alertmesh.core.page import Attempt
from alertmesh.core.past import StoredLine
from alertmesh.core.ports import AuditEntry, Batch, Count, StoredEntry
from alertmesh.store.codec import (
    Key,
    decode_attempt,
    decode_audit,
    decode_entry,
    decode_line,
    from_micros,
    to_count,
    to_micros,
)
from alertmesh.store.schema import open_reader

PAGE_ROWS = 2_000
"""Rows taken at a time by a long walk, so that it neither fills the memory nor blocks checkpoints."""

_KEYS = 500  # asked for at once; an older SQLite takes no more than 999 values
_LAST_CHARACTER = chr(0x10FFFF)
_LAST_NUMBER = 2**63 - 1


class SqliteReader:
    """A store that reads a file which another process may be writing; writes are refused."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._reading: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open the file; BadConfig when there is none of the present schema version."""
        self._reading = open_reader(self.path)

    async def close(self) -> None:
        """Let go of the file."""
        if self._reading is not None:
            self._reading.close()
            self._reading = None

    async def write(self, batch: Batch) -> int:
        """Refuse."""
        raise StoreUnavailable("the store was opened for reading only")

    async def trim(self, before: datetime) -> int:
        """Refuse."""
        raise StoreUnavailable("the store was opened for reading only")

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        """Have every read inside see the store as the first one does, whatever is written meanwhile."""
        self._all("BEGIN")
        try:
            yield
        finally:
            self._all("ROLLBACK")

    def cursor(self) -> int:
        """Return the last log sequence number that decisions account for."""
        return int(self._all("SELECT value FROM meta WHERE key = 'cursor'")[0][0])

    def tail(self, after: int, limit: int) -> list[StoredEntry]:
        """Return up to `limit` log entries after sequence number `after`, in order."""
        query = "SELECT seq, body FROM log WHERE seq > ? ORDER BY seq LIMIT ?"
        return [StoredEntry(seq, decode_entry(body)) for seq, body in self._all(query, after, limit)]

    def newest(self) -> StoredEntry | None:
        """Return the last log entry, None when there is none."""
        found = self._all("SELECT seq, body FROM log ORDER BY seq DESC LIMIT 1")
        return StoredEntry(found[0][0], decode_entry(found[0][1])) if found else None

    def rows(self, table: str) -> Iterator[tuple[Key, bytes]]:
        """Return every live row of a table, in the order in which they were first written."""
        query = "SELECT id, key, body FROM state WHERE tbl = ? AND live AND id > ? ORDER BY id LIMIT ?"
        last = 0
        while page := self._all(query, table, last, PAGE_ROWS):
            last = page[-1][0]
            for _, key, body in page:
                yield key, body

    def row(self, table: str, key: Key) -> bytes | None:
        """Return one row, live or archived."""
        found = self._all("SELECT body FROM state WHERE tbl = ? AND key = ?", table, key)
        return found[0][0] if found else None

    def several(self, table: str, keys: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Return those rows of a table, live or archived, that have one of many numeric keys."""
        for first in range(0, len(keys), _KEYS):
            some = keys[first : first + _KEYS]
            places = ",".join("?" * len(some))
            query = f"SELECT key, body FROM state WHERE tbl = ? AND key IN ({places})"  # noqa: S608  # no text of others
            yield from self._all(query, table, *some)

    def scan(self, table: str, before: int | None, limit: int) -> list[tuple[int, bytes]]:
        """Return up to `limit` rows with numeric keys below `before`, live or not, newest first."""
        if before is None:
            query = "SELECT key, body FROM state WHERE tbl = ? AND key < '' ORDER BY key DESC LIMIT ?"
            return self._all(query, table, limit)
        query = "SELECT key, body FROM state WHERE tbl = ? AND key < ? ORDER BY key DESC LIMIT ?"
        return self._all(query, table, before, limit)

    def prefixed(self, table: str, prefix: str) -> list[tuple[str, bytes]]:
        """Return the rows whose text key begins with `prefix`, live or not, in key order."""
        query = "SELECT key, body FROM state WHERE tbl = ? AND key >= ? AND key < ? ORDER BY key"
        end = _after_prefix(prefix)
        if end is None:
            query = "SELECT key, body FROM state WHERE tbl = ? AND key >= ? ORDER BY key"
            return self._all(query, table, prefix)
        return self._all(query, table, prefix, end)

    def timeline(self, incident: int, after: int, limit: int) -> list[StoredLine]:
        """Return up to `limit` lines of one incident after line number `after`, in order."""
        query = "SELECT number, body FROM timeline WHERE incident = ? AND number > ? ORDER BY number LIMIT ?"
        return _lines(self._all(query, incident, after, limit))

    def lines(self, after: int, limit: int) -> list[StoredLine]:
        """Return up to `limit` lines of all incidents after line number `after`, in order."""
        return _lines(
            self._all(
                "SELECT number, body FROM timeline WHERE number > ? ORDER BY number LIMIT ?", after, limit
            )
        )

    def lines_within(self, start: datetime, end: datetime) -> Iterator[StoredLine]:
        """Return the lines of all incidents from `start` until just before `end`, by time."""
        query = "SELECT number, body FROM timeline WHERE at >= ? AND at < ? ORDER BY at, number"
        for number, body in self._each(query, to_micros(start), to_micros(end)):
            yield StoredLine(number, decode_line(body))

    def courses(self, start: datetime, end: datetime) -> Iterator[list[StoredLine]]:
        """Return the whole timeline of each incident that has a line in that time, by incident."""
        query = (
            "SELECT incident, number, body FROM timeline WHERE incident IN"
            " (SELECT DISTINCT incident FROM timeline WHERE at >= ? AND at < ?) ORDER BY incident, number"
        )
        for _, found in groupby(self._each(query, to_micros(start), to_micros(end)), itemgetter(0)):
            yield [StoredLine(number, decode_line(body)) for _, number, body in found]

    def attempts_within(self, start: datetime, end: datetime) -> Iterator[Attempt]:
        """Return the attempts that were due from `start` until just before `end`, by time."""
        query = "SELECT body FROM attempt WHERE due_at >= ? AND due_at < ? ORDER BY due_at, number"
        for (body,) in self._each(query, to_micros(start), to_micros(end)):
            yield decode_attempt(body)

    @contextmanager
    def aside(self) -> Iterator["SqliteReader"]:
        """Yield a reader of its own connection, for a long walk in another thread."""
        reader = SqliteReader(self.path)
        try:
            reader._reading = open_reader(self.path)
        except BadConfig as error:
            raise StoreUnavailable(f"the store cannot be read: {error}") from error
        try:
            yield reader
        finally:
            reader._reading.close()

    def attempts(self, incident: int) -> list[Attempt]:
        """Return every attempt of an incident, oldest first."""
        query = "SELECT body FROM attempt WHERE incident = ? ORDER BY number"
        return [decode_attempt(body) for (body,) in self._all(query, incident)]

    def open_attempts(self) -> list[Attempt]:
        """Return the attempts that are queued, claimed or unknown, oldest first."""
        query = "SELECT body FROM attempt WHERE state IN ('queued', 'claimed', 'unknown') ORDER BY number"
        return [decode_attempt(body) for (body,) in self._all(query)]

    def claimed_since(self, channel: str, since: datetime) -> list[tuple[str, datetime]]:
        """Return (key, claimed_at) of each message a channel was given since `since`, once a key.

        The newest claim of a key counts; the list is in order of claim.
        """
        query = (
            "SELECT msgkey, max(claimed_at) FROM attempt"
            " WHERE channel = ? AND claimed_at >= ? GROUP BY msgkey ORDER BY 2, 1"
        )
        return [(key, from_micros(at)) for key, at in self._all(query, channel, to_micros(since))]

    def attempt(self, name: str) -> Attempt | None:
        """Return an attempt by its id, None when there never was one."""
        found = self._all("SELECT body FROM attempt WHERE id = ?", name)
        return decode_attempt(found[0][0]) if found else None

    def newest_attempts(self, before: int | None, limit: int) -> list[tuple[int, Attempt]]:
        """Return up to `limit` attempts numbered below `before`, the one written last first."""
        query = "SELECT number, body FROM attempt WHERE number < ? ORDER BY number DESC LIMIT ?"
        found = self._all(query, _LAST_NUMBER if before is None else before, limit)
        return [(number, decode_attempt(body)) for number, body in found]

    def last_claims(self, channel: str, since: datetime, limit: int) -> list[Attempt]:
        """Return up to `limit` attempts that a channel was given since `since`, the newest claim first."""
        query = (
            "SELECT body FROM attempt WHERE channel = ? AND claimed_at >= ? ORDER BY claimed_at DESC LIMIT ?"
        )
        return [decode_attempt(body) for (body,) in self._all(query, channel, to_micros(since), limit)]

    def message(self, channel: str, key: str, since: datetime) -> list[Attempt]:
        """Return the attempts that a message carried which a channel was given since `since`."""
        query = (
            "SELECT body FROM attempt WHERE channel = ? AND claimed_at >= ? AND msgkey = ? ORDER BY number"
        )
        return [decode_attempt(body) for (body,) in self._all(query, channel, to_micros(since), key)]

    def counts(self) -> Iterator[Count]:
        """Return the repeat counters of all instances, in order of fingerprint."""
        query = "SELECT * FROM count WHERE fingerprint > ? ORDER BY fingerprint LIMIT ?"
        last = ""
        while page := self._all(query, last, PAGE_ROWS):
            last = page[-1][0]
            yield from map(to_count, page)

    def audit(self, after: int, limit: int) -> list[tuple[int, AuditEntry]]:
        """Return up to `limit` audit entries after number `after`, in order."""
        query = "SELECT number, body FROM audit WHERE number > ? ORDER BY number LIMIT ?"
        return [(number, decode_audit(body)) for number, body in self._all(query, after, limit)]

    def newest_audit(self, before: int | None, limit: int) -> list[tuple[int, AuditEntry]]:
        """Return up to `limit` audit entries numbered below `before`, the newest first."""
        query = "SELECT number, body FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?"
        found = self._all(query, _LAST_NUMBER if before is None else before, limit)
        return [(number, decode_audit(body)) for number, body in found]

    def size(self) -> int:
        """Return how many bytes the file takes, with what is not yet merged into it."""
        files = (self.path, self.path.with_name(self.path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.is_file())

    def _all(self, query: str, *values: Key) -> list[Any]:
        if self._reading is None:
            raise StoreUnavailable("the store is not open")
        try:
            return self._reading.execute(query, values).fetchall()
        except (sqlite3.Error, OverflowError) as error:
            raise StoreUnavailable(f"the store cannot be read: {error}") from error

    def _each(self, query: str, *values: Key) -> Iterator[Any]:
        """Yield the rows of a query a page at a time, so that they are never all in memory."""
        if self._reading is None:
            raise StoreUnavailable("the store is not open")
        try:
            rows = self._reading.execute(query, values)
            while page := rows.fetchmany(PAGE_ROWS):
                yield from page
        except (sqlite3.Error, OverflowError) as error:
            raise StoreUnavailable(f"the store cannot be read: {error}") from error


def _lines(found: list[Any]) -> list[StoredLine]:
    return [StoredLine(number, decode_line(body)) for number, body in found]


def _after_prefix(prefix: str) -> str | None:
    """Return the first text after everything that begins with `prefix`; None when nothing is."""
    stem = prefix.rstrip(_LAST_CHARACTER)
    if not stem:
        return None
    code = ord(stem[-1]) + 1
    return stem[:-1] + chr(0xE000 if 0xD800 <= code <= 0xDFFF else code)
