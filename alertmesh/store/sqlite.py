"""Keep everything durable in one SQLite file."""

import asyncio
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from alertmesh.core.errors import BadConfig, StoreUnavailable
from alertmesh.core.ports import Batch
from alertmesh.store.codec import Encoded, encode, to_micros
from alertmesh.store.reader import SqliteReader
from alertmesh.store.schema import ServerLock, check_version, migrate, open_reader, open_writer
from alertmesh.store.writer import TRIM_ROWS, Writer, apply, transaction


class SqliteStore(SqliteReader):
    """The store of the one server process of a file.

    A write that has returned survives a crash of the process and of the machine. Writes take
    effect in the order in which they were awaited first, and their callers wake up in that order.
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__(path)
        self._lock = ServerLock(self.path)
        self._writer: Writer | None = None

    @staticmethod
    def reader(path: str | Path) -> SqliteReader:
        """Return a store that only reads, for use beside a server."""
        return SqliteReader(path)

    @staticmethod
    def guest(path: str | Path) -> "SqliteGuest":
        """Return a store that may change single rows, for use beside a server."""
        return SqliteGuest(path)

    async def open(self) -> None:
        """Create or migrate the file and begin to write; BadConfig when another process does."""
        self._lock.acquire()
        try:
            connection = await asyncio.to_thread(_migrated, self.path)
            await super().open()
        except BadConfig:
            self._lock.release()
            raise
        self._writer = Writer(connection, asyncio.get_running_loop())

    async def close(self) -> None:
        """Finish the writes under way and let go of the file."""
        await super().close()
        if self._writer is not None:
            await asyncio.to_thread(self._writer.close)
            self._writer = None
        self._lock.release()

    async def write(self, batch: Batch) -> int:
        """Make `batch` durable; return the sequence number of its last entry (0 without entries).

        Raises StoreUnavailable when nothing of it was kept. A caller that is cancelled while it
        waits does not take the batch back.
        """
        return await self._running().write(encode(batch))

    async def trim(self, before: datetime) -> int:
        """Delete log entries older than `before` that decisions account for; return how many."""
        deleted = 0
        while True:
            step = await self._running().trim(to_micros(before))
            deleted += step
            if step < TRIM_ROWS:
                return deleted

    def _running(self) -> Writer:
        if self._writer is None:
            raise StoreUnavailable("the store is not open")
        return self._writer


class SqliteGuest(SqliteReader):
    """A store for a short visit while a server may run: it reads, and writes rows and audit entries.

    The log, the cursor and what is decided from them belong to the server alone. A file that
    does not exist yet is created.
    """

    async def open(self) -> None:
        """Open the file, and create or migrate it when no server has it."""
        await asyncio.to_thread(self._prepare)
        await super().open()

    async def write(self, batch: Batch) -> int:
        """Make the rows and audit entries of `batch` durable; refuse a batch with anything else."""
        if batch.entries or batch.cursor is not None or batch.timeline or batch.attempts or batch.counts:
            raise StoreUnavailable("only the server of this store may write more than rows")
        await asyncio.to_thread(self._apply, encode(batch))
        return 0

    def _prepare(self) -> None:
        with suppress(BadConfig):
            open_reader(self.path).close()
            return
        lock = ServerLock(self.path)
        lock.acquire()
        try:
            _migrated(self.path).close()
        finally:
            lock.release()

    def _apply(self, batch: Encoded) -> None:
        try:
            with closing(open_writer(self.path)) as connection:
                check_version(connection, self.path)
                with transaction(connection):
                    apply(connection, batch, 0)
        except (sqlite3.Error, OverflowError, UnicodeError, BadConfig) as error:
            raise StoreUnavailable(f"the row was not written: {error}") from error


def _migrated(path: Path) -> sqlite3.Connection:
    connection = open_writer(path)
    try:
        migrate(connection, path)
    except BadConfig:
        connection.close()
        raise
    return connection
