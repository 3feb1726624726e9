"""The tables of the SQLite file, how they came to be step by step, and how a file is opened."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alertmesh.core.errors import BadConfig

APPLICATION_ID = 0x414D4553
"""Stands in the header of each file, so that another program's database is not taken for ours."""

WAIT_S = 10.0
"""How long a connection waits for another one's write."""

TABLES = """
CREATE TABLE log(seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE state(id INTEGER PRIMARY KEY, tbl TEXT NOT NULL, key NOT NULL, live INTEGER NOT NULL,
  body BLOB NOT NULL);
CREATE UNIQUE INDEX state_key ON state(tbl, key);
CREATE TABLE timeline(number INTEGER PRIMARY KEY, incident INTEGER NOT NULL, at INTEGER NOT NULL,
  body BLOB NOT NULL);
CREATE TABLE attempt(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, incident INTEGER NOT NULL,
  channel TEXT NOT NULL, state TEXT NOT NULL, due_at INTEGER NOT NULL, claimed_at INTEGER,
  msgkey TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE count(fingerprint TEXT PRIMARY KEY, repeats INTEGER NOT NULL, last_seen INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE audit(number INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL,
  body BLOB NOT NULL);
CREATE TABLE meta(key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES('cursor', 0);
"""

INDEXES = """
CREATE INDEX log_at ON log(at);
CREATE INDEX state_live ON state(tbl) WHERE live;
CREATE INDEX timeline_incident ON timeline(incident);
CREATE INDEX attempt_incident ON attempt(incident);
CREATE INDEX attempt_open ON attempt(number) WHERE state IN ('queued', 'claimed', 'unknown');
CREATE INDEX attempt_claimed ON attempt(channel, claimed_at) WHERE claimed_at IS NOT NULL;
"""

TIMES = """
CREATE INDEX timeline_at ON timeline(at);
CREATE INDEX attempt_due ON attempt(due_at);
"""

MIGRATIONS = (TABLES, INDEXES, TIMES)
"""Step n turns a file of version n-1 into one of version n. Steps are added, never changed."""


_WRITER_PRAGMAS = (
    "synchronous=FULL",
    "wal_autocheckpoint=4000",
    "journal_size_limit=67108864",
    "cache_size=-24576",
    "temp_store=MEMORY",
)


class ServerLock:
    """Hold the right to be the one server of a file; it is let go with the process at the latest."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(path.name + ".lock")
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the right, or raise BadConfig that names the process that has it."""
        file = _open_private(self._path)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(file, 20, 0).decode("ascii", "replace").strip()
            os.close(file)
            raise BadConfig([f"{self._path}: the store is in use by process {holder}"]) from error
        os.ftruncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        self._file = file

    def release(self) -> None:
        """Let go, if it is held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def open_writer(path: Path) -> sqlite3.Connection:
    """Return a connection that writes durably, creating the file if there is none."""
    os.close(_open_private(path))
    connection = _connect(path, "rw")
    with _closed_on_failure(connection, path):
        _check_owner(connection, path)
        connection.execute("PRAGMA journal_mode=WAL")
        for pragma in _WRITER_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Return a read-only connection to a file of the present version."""
    if not path.is_file():
        raise BadConfig([f"{path}: there is no such file"])
    connection = _connect(path, "ro")
    with _closed_on_failure(connection, path):
        _check_owner(connection, path)
        check_version(connection, path)
    return connection


def version(connection: sqlite3.Connection) -> int:
    """Return the schema version of an open file; 0 for an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Raise BadConfig unless the file has the version this program knows."""
    found, known = version(connection), len(MIGRATIONS)
    if found > known:
        raise BadConfig([f"{path}: schema version {found} is newer than {known}, the newest known here"])
    if found < known:
        raise BadConfig([f"{path}: schema version {found} is older than {known}; start the server once"])


def migrate(connection: sqlite3.Connection, path: Path, steps: Sequence[str] = MIGRATIONS) -> None:
    """Bring a file up to the newest version, each step in a transaction of its own."""
    found = version(connection)
    if found > len(steps):
        raise BadConfig([f"{path}: schema version {found} is newer than {len(steps)}, the newest known here"])
    for number, step in enumerate(steps[found:], found + 1):
        try:
            connection.executescript(
                f"BEGIN IMMEDIATE; {step} PRAGMA user_version={number};"
                f" PRAGMA application_id={APPLICATION_ID}; COMMIT;"
            )
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise BadConfig([f"{path}: migration to version {number} failed: {error}"]) from error


def _open_private(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BadConfig([f"{path}: cannot be opened: {error.strerror}"]) from error


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=WAIT_S, isolation_level=None, check_same_thread=False)


@contextmanager
def _closed_on_failure(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        connection.close()
        raise BadConfig([f"{path}: {error}"]) from error
    except BadConfig:
        connection.close()
        raise


def _check_owner(connection: sqlite3.Connection, path: Path) -> None:
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if tables and owner != APPLICATION_ID:
        raise BadConfig([f"{path}: is a database of another program"])
