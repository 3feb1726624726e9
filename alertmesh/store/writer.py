"""The one thread that writes: whatever queued while the last commit ran goes into the next one."""

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from msgspec import Struct

from alertmesh.core.errors import StoreUnavailable
from alertmesh.store.codec import Encoded, no_counts, nothing

GROUP_ROWS = 5_000
"""A transaction takes no further batch once it holds this many rows, so that nobody waits for long."""

TRIM_ROWS = 5_000
"""How many log entries one trim transaction deletes at most; writes get their turn in between."""

_BAD_BATCH = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    OverflowError,
    UnicodeError,
)

_APPEND = "INSERT INTO log VALUES(?, ?, ?)"
_DROP = "DELETE FROM state WHERE tbl = ? AND key = ?"
_PUT = (
    "INSERT INTO state(tbl, key, live, body) VALUES(?, ?, ?, ?)"
    " ON CONFLICT(tbl, key) DO UPDATE SET live = excluded.live, body = excluded.body"
)
_LINE = "INSERT INTO timeline(incident, at, body) VALUES(?, ?, ?)"
_ATTEMPT = (
    "INSERT INTO attempt(id, incident, channel, state, due_at, claimed_at, msgkey, body)"
    " VALUES(?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET incident = excluded.incident,"
    " channel = excluded.channel, state = excluded.state, due_at = excluded.due_at,"
    " claimed_at = excluded.claimed_at, msgkey = excluded.msgkey, body = excluded.body"
)
_COUNT = (
    "INSERT INTO count VALUES(?, ?, ?)"
    " ON CONFLICT DO UPDATE SET repeats = excluded.repeats, last_seen = excluded.last_seen"
)
_UNCOUNT = "DELETE FROM count WHERE fingerprint = ?"
_AUDIT = "INSERT INTO audit(at, actor, body) VALUES(?, ?, ?)"
_CURSOR = "UPDATE meta SET value = ? WHERE key = 'cursor'"
_TRIM = (
    "DELETE FROM log WHERE seq IN (SELECT seq FROM log WHERE at < ?"
    " AND seq <= (SELECT value FROM meta WHERE key = 'cursor') LIMIT ?)"
)


class _Write(Struct):
    """A batch that waits for its commit."""

    done: asyncio.Future[int]
    batch: Encoded


class _Trim(Struct):
    """A request to delete log entries older than `before`, in microseconds."""

    done: asyncio.Future[int]
    before: int


_Job = _Write | _Trim
_Result = tuple[asyncio.Future[int], int | StoreUnavailable]


class Writer:
    """Write batches in the order given, as many in one commit as are waiting.

    A batch that the tables refuse fails alone. When the disk does not take a commit, every
    batch in it fails and later ones are tried anew. Futures are resolved in the order of the
    calls, in one turn of the loop a commit. Log sequence numbers have no gaps.
    """

    def __init__(self, connection: sqlite3.Connection, loop: asyncio.AbstractEventLoop) -> None:
        self._connection = connection
        self._loop = loop
        self._wake = threading.Condition()
        self._jobs: deque[_Job] = deque()
        self._closed = False
        self._seq = last_seq(connection)
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def write(self, batch: Encoded) -> asyncio.Future[int]:
        """Queue a batch; the future is the sequence number of its last entry, 0 without entries."""
        return self._submit(_Write(self._loop.create_future(), batch))

    def trim(self, before: int) -> asyncio.Future[int]:
        """Queue the deletion of up to TRIM_ROWS log entries; the future is how many there were."""
        return self._submit(_Trim(self._loop.create_future(), before))

    def close(self) -> None:
        """Write what is queued, then end the thread and close the connection."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()

    def _submit(self, job: _Job) -> asyncio.Future[int]:
        with self._wake:
            if self._closed:
                raise StoreUnavailable("the store is closed")
            self._jobs.append(job)
            self._wake.notify()
        return job.done

    def _run(self) -> None:
        group: list[_Job] = []
        try:
            while group := self._gather():
                self._deliver(self._perform(group))
        finally:
            self._refuse(group)
            self._connection.close()

    def _gather(self) -> list[_Job]:
        """Return the next jobs to be done together; none when the store is closed."""
        with self._wake:
            while not self._jobs and not self._closed:
                self._wake.wait()
            if not self._jobs:
                return []
            group, rows = [self._jobs.popleft()], 0
            if isinstance(group[0], _Trim):
                return group
            while self._jobs and rows < GROUP_ROWS and isinstance(self._jobs[0], _Write):
                rows += _size(self._jobs[0].batch)
                group.append(self._jobs.popleft())
            return group

    def _perform(self, group: list[_Job]) -> list[_Result]:
        writes = [job for job in group if isinstance(job, _Write)]
        try:
            if not writes:
                return [(job.done, self._delete(job.before)) for job in group if isinstance(job, _Trim)]
            try:
                return self._together(writes)
            except _BAD_BATCH:
                return self._one_by_one(writes)
        except sqlite3.Error as error:
            return [
                (job.done, StoreUnavailable(f"the disk did not take the write: {error}")) for job in group
            ]

    def _together(self, group: list[_Write]) -> list[_Result]:
        merged = group[0].batch
        if len(group) > 1:
            merged = nothing()
            for job in group:
                merged.append(job.batch)
        with transaction(self._connection):
            apply(self._connection, merged, self._seq)
        results: list[_Result] = []
        for job in group:
            self._seq += len(job.batch.entries)
            results.append((job.done, self._seq if job.batch.entries else 0))
        return results

    def _one_by_one(self, group: list[_Write]) -> list[_Result]:
        """Find the batches that the tables refuse; the others are kept, in one commit."""
        results: list[_Result] = []
        seq, execute = self._seq, self._connection.execute
        with transaction(self._connection):
            for job in group:
                execute("SAVEPOINT batch")
                try:
                    apply(self._connection, job.batch, seq)
                except _BAD_BATCH as error:
                    execute("ROLLBACK TO batch")
                    results.append((job.done, StoreUnavailable(f"the batch cannot be written: {error}")))
                else:
                    seq += len(job.batch.entries)
                    results.append((job.done, seq if job.batch.entries else 0))
                execute("RELEASE batch")
        self._seq = seq
        return results

    def _delete(self, before: int) -> int:
        with transaction(self._connection):
            return self._connection.execute(_TRIM, (before, TRIM_ROWS)).rowcount

    def _refuse(self, group: list[_Job]) -> None:
        """Let nobody wait for ever when the thread ends, whatever ended it."""
        with self._wake:
            self._closed = True
            rest = [*group, *self._jobs]
            self._jobs.clear()
        self._deliver([(job.done, StoreUnavailable("the store is closed")) for job in rest])

    def _deliver(self, results: list[_Result]) -> None:
        with suppress(RuntimeError):  # the loop is gone, and everybody who waited with it
            self._loop.call_soon_threadsafe(_resolve, results)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit what is done inside, or take all of it back when it or the commit fails."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")


def apply(connection: sqlite3.Connection, batch: Encoded, seq: int) -> None:
    """Write a batch into the tables inside the caller's transaction; its log entries follow `seq`."""
    many = connection.executemany
    if batch.entries:
        many(_APPEND, [(number, at, body) for number, (at, body) in enumerate(batch.entries, seq + 1)])
    if batch.drops:
        many(_DROP, batch.drops)
    if batch.rows:
        many(_PUT, batch.rows.values())
    if batch.timeline:
        many(_LINE, batch.timeline)
    if batch.attempts:
        many(_ATTEMPT, batch.attempts.values())
    if batch.counts:
        many(_COUNT, batch.counts.values())
        many(_UNCOUNT, [(fingerprint,) for fingerprint in no_counts(batch)])
    if batch.audit:
        many(_AUDIT, batch.audit)
    if batch.cursor is not None:
        connection.execute(_CURSOR, (batch.cursor,))


def last_seq(connection: sqlite3.Connection) -> int:
    """Return the last sequence number ever given, also when its entry is trimmed by now."""
    query = (
        "SELECT max(coalesce((SELECT max(seq) FROM log), 0), (SELECT value FROM meta WHERE key = 'cursor'))"
    )
    return int(connection.execute(query).fetchone()[0])


def _size(batch: Encoded) -> int:
    return len(batch.entries) + len(batch.rows) + len(batch.timeline) + len(batch.counts)


def _resolve(results: list[_Result]) -> None:
    for done, result in results:
        if done.done():
            continue
        if isinstance(result, int):
            done.set_result(result)
        else:
            done.set_exception(result)
