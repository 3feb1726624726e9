"""What a process beside the server reads."""

from datetime import timedelta

import pytest

from alertmesh.core.page import AttemptState
from alertmesh.core.ports import Batch
from alertmesh.store.reader import SqliteReader
from alertmesh.store.sqlite import SqliteStore
from tests.store.makers import START, attempt, moment, ticks


@pytest.fixture
async def pair(tmp_path):
    """Yield a store that writes, and a reader of its file."""
    store, reader = SqliteStore(tmp_path / "mesh.db"), SqliteReader(tmp_path / "mesh.db")
    await store.open()
    await reader.open()
    yield store, reader
    await reader.close()
    await store.close()


async def test_all_reads_of_one_moment_agree(pair):
    store, reader = pair
    await store.write(Batch(entries=ticks(1), cursor=1))
    with reader.at_one_moment():
        before = reader.cursor()
        await store.write(Batch(entries=ticks(2), cursor=2))
        assert (before, reader.cursor(), reader.tail(0, 9)[-1].seq) == (1, 1, 1)
    assert (reader.cursor(), reader.tail(0, 9)[-1].seq) == (2, 2)


async def test_a_moment_ends_with_an_error_too(pair):
    store, reader = pair
    with pytest.raises(ZeroDivisionError), reader.at_one_moment():
        raise ZeroDivisionError
    await store.write(Batch(cursor=7))
    with reader.at_one_moment():
        assert reader.cursor() == 7


async def test_the_newest_entry_is_the_last_one(pair):
    store, reader = pair
    assert reader.newest() is None
    await store.write(Batch(entries=ticks(1, 3, 2)))
    newest = reader.newest()
    assert newest is not None
    assert (newest.seq, newest.entry.at) == (3, moment(2))


async def test_the_last_claims_come_first_and_of_one_channel_only(pair):
    store, reader = pair
    claims = {"a": 1, "b": 30, "c": 20, "d": 10}
    sent = [attempt(name, AttemptState.SENT, claimed_s=at, key=name) for name, at in claims.items()]
    await store.write(Batch(attempts=[*sent, attempt("never")]))
    since = START + timedelta(seconds=5)
    assert [one.id for one in reader.last_claims("ding", since, 2)] == ["b", "c"]
    assert [one.id for one in reader.last_claims("ding", since, 9)] == ["b", "c", "d"]
    assert reader.last_claims("sms", since, 9) == []
