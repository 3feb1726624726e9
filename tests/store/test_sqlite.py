"""What only a file can do: survive a kill, a full disk, other processes and older versions."""

import asyncio
import select
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from alertmesh.core.errors import BadConfig, StoreUnavailable
from alertmesh.core.ports import Batch, Count
from alertmesh.store import SqliteStore
from alertmesh.store.codec import encode
from alertmesh.store.schema import MIGRATIONS, migrate, open_writer, version
from tests.store.makers import START, line, row, rows, ticks


@pytest.fixture
def path(tmp_path):
    return tmp_path / "mesh.db"


def acknowledged(path: Path, enough: int) -> set[int]:
    """Return what a writing process had acknowledged when it was killed after `enough` batches."""
    command = [sys.executable, "-m", "tests.store.crash_writer", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        said = b""
        while said.count(b"\n") < enough:
            assert select.select([process.stdout], [], [], 20)[0], "the writer is silent"
            said += process.stdout.read1()
        process.send_signal(signal.SIGKILL)
        said += process.stdout.read()
    return {int(number) for number in said[: said.rindex(b"\n")].split()}


async def test_after_a_kill_every_acknowledged_batch_is_whole_and_no_other_is_half(path):
    promised = acknowledged(path, 300)
    store = SqliteStore(path)
    await store.open()
    keys = {key for key, _ in store.rows("t")}
    lines = {stored.line.incident for stored in store.lines(0, 10**6)}
    await store.close()
    assert promised <= lines
    assert keys == {f"{number}/{part}" for number in lines for part in "abc"}


def test_a_full_disk_refuses_the_write_and_later_ones_pass(path):
    command = [sys.executable, "-m", "tests.store.full_disk", str(path)]
    said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout
    assert said.splitlines() == ["refused", "refused", "2", "True None"]


async def test_what_only_the_tables_refuse_fails_alone(path):
    store = SqliteStore(path)
    await store.open()
    bad = Batch(entries=ticks(9), counts=[Count("a", 2**70, START)])
    batches = [Batch(entries=ticks(1)), bad, Batch(entries=ticks(2)), bad]
    first, second, third, fourth = await asyncio.gather(*map(store.write, batches), return_exceptions=True)
    stored = [entry.entry for entry in store.tail(0, 9)]
    await store.close()
    assert (first, third, stored) == (1, 2, ticks(1, 2))
    assert {type(second), type(fourth)} == {StoreUnavailable}


async def test_a_second_server_is_refused_and_told_who_has_the_file(path):
    first, second = SqliteStore(path), SqliteStore(path)
    await first.open()
    with pytest.raises(BadConfig, match=r"in use by process [0-9]+"):
        await second.open()
    await first.close()
    await second.open()
    await second.close()


async def test_a_reader_sees_what_the_server_wrote(path):
    store, reader = SqliteStore(path), SqliteStore.reader(path)
    await store.open()
    await reader.open()
    await store.write(rows("a"))
    seen = reader.row("t", "a")
    await reader.close()
    await store.close()
    assert seen == b"x"


@pytest.mark.parametrize("action", ["write", "trim"])
async def test_a_reader_does_not_write(path, action):
    argument = START if action == "trim" else Batch()
    with pytest.raises(StoreUnavailable):
        await getattr(SqliteStore.reader(path), action)(argument)


async def test_a_guest_writes_a_row_while_the_server_runs(path):
    store, guest = SqliteStore(path), SqliteStore.guest(path)
    await store.open()
    await guest.open()
    await guest.write(rows("visit"))
    seen = store.row("t", "visit")
    await guest.close()
    await store.close()
    assert seen == b"x"


async def test_a_guest_makes_the_file_that_a_server_then_takes(path):
    guest, store = SqliteStore.guest(path), SqliteStore(path)
    await guest.open()
    await guest.write(rows("early"))
    await guest.close()
    await store.open()
    seen = store.row("t", "early")
    await store.close()
    assert seen == b"x"


@pytest.mark.parametrize(
    "batch",
    [
        pytest.param(Batch(entries=ticks(1)), id="entries"),
        pytest.param(Batch(cursor=1), id="cursor"),
        pytest.param(Batch(timeline=[line(1, "a")]), id="timeline"),
        pytest.param(Batch(counts=[Count("a", 1, START)]), id="counts"),
    ],
)
async def test_a_guest_leaves_to_the_server_what_is_decided(path, batch):
    with pytest.raises(StoreUnavailable, match="only the server"):
        await SqliteStore.guest(path).write(batch)


def older_file(path, steps=1):
    """Make a file as an older version left it, with one row in it."""
    with closing(open_writer(path)) as connection:
        migrate(connection, path, MIGRATIONS[:steps])
        connection.execute("INSERT INTO state(tbl, key, live, body) VALUES('t', 'a', 1, x'78')")


async def test_a_file_of_an_older_version_is_brought_up_to_date(path):
    older_file(path)
    store = SqliteStore(path)
    await store.open()
    kept = list(store.rows("t"))
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert (kept, version(connection)) == ([("a", b"x")], len(MIGRATIONS))


def test_a_migration_that_fails_leaves_the_file_as_it_was(path):
    older_file(path, len(MIGRATIONS))
    steps = (*MIGRATIONS, "CREATE TABLE half(a); CREATE TABLE log(a);")
    with closing(open_writer(path)) as connection:
        with pytest.raises(BadConfig, match="already exists"):
            migrate(connection, path, steps)
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        assert (version(connection), "half" in tables) == (len(MIGRATIONS), False)


async def test_a_file_of_a_newer_version_is_refused(path):
    older_file(path, len(MIGRATIONS))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(BadConfig, match="version 99 is newer"):
        await SqliteStore(path).open()


async def test_a_reader_does_not_migrate(path):
    older_file(path)
    with pytest.raises(BadConfig, match="older"):
        await SqliteStore.reader(path).open()


def foreign(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs(a)")


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        pytest.param(foreign, "another program", id="foreign-database"),
        pytest.param(lambda path: path.write_bytes(b"no database" * 99), "not a database", id="no-database"),
        pytest.param(lambda path: path.mkdir(), "cannot be opened", id="directory"),
    ],
)
async def test_a_file_that_is_not_ours_is_refused_and_left_free(path, make, problem):
    make(path)
    for _ in range(2):
        with pytest.raises(BadConfig, match=problem):
            await SqliteStore(path).open()


async def test_a_missing_directory_is_named(tmp_path):
    with pytest.raises(BadConfig, match="No such file or directory"):
        await SqliteStore(tmp_path / "none" / "mesh.db").open()


async def test_the_file_is_private(path):
    store = SqliteStore(path)
    await store.open()
    await store.write(rows("a"))
    modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    await store.close()
    assert modes == {0o600}


async def test_each_commit_reaches_the_disk_before_it_is_acknowledged(path):
    with closing(open_writer(path)) as connection:
        settings = [
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
        ]
    assert settings == ["wal", 2]


def test_batches_put_together_are_the_same_as_one_after_the_other():
    together = encode(Batch(rows=[row("a"), row("b", None)], cursor=1))
    together.append(encode(Batch(rows=[row("a", None), row("b", b"2")], timeline=[line(1, "x")])))
    assert (list(together.drops), list(together.rows)) == ([("t", "b"), ("t", "a")], [("t", "b")])
    assert (together.cursor, len(together.timeline)) == (1, 1)
