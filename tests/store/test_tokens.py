"""Access tokens: shown once, kept as a hash, recognised within a second."""

from datetime import timedelta

import pytest

from alertmesh.core.clock import ManualClock
from alertmesh.core.errors import BadConfig
from alertmesh.store import MemoryStore, SqliteStore
from alertmesh.store.tokens import SCOPES, TokenBook, create, listed, revoke
from tests.store.makers import START

SECOND = timedelta(seconds=1)


@pytest.fixture
def clock():
    return ManualClock(START)


@pytest.fixture
def book(store, clock):
    return TokenBook(store, clock)


async def test_a_created_token_is_recognised(store, book):
    clear = await create(store, "prometheus", ["ingest"], START)
    found = book.check(clear)
    assert found is not None
    assert (found.name, found.scopes, found.created_at) == ("prometheus", ("ingest",), START)


async def test_a_token_is_long_and_marked_as_ours(store):
    clear = await create(store, "a", ["read"], START)
    assert clear.startswith("am_")
    assert len(clear) >= 46


async def test_two_tokens_differ(store):
    assert await create(store, "a", ["read"], START) != await create(store, "b", ["read"], START)


async def test_the_clear_token_is_not_stored(store):
    clear = await create(store, "a", ["read"], START)
    kept = b"".join(body for _, body in store.prefixed("token", ""))
    assert clear.encode() not in kept
    assert clear.removeprefix("am_").encode() not in kept


@pytest.mark.parametrize("wrong", ["", "am_", "am_wrong", "\udc80", "令牌"])
async def test_anything_else_is_not_recognised(store, book, wrong):
    await create(store, "a", ["read"], START)
    assert book.check(wrong) is None


async def test_the_digest_is_no_token(store, book):
    await create(store, "a", ["read"], START)
    assert book.check(listed(store)[0].digest) is None


async def test_a_revoked_token_passes_for_a_second_at_most(store, book, clock):
    clear = await create(store, "a", ["read"], START)
    known = book.check(clear)
    assert await revoke(store, "a", START)
    clock.advance(SECOND)
    assert (known is not None, book.check(clear)) == (True, None)


async def test_a_new_token_is_known_after_a_second(store, book, clock):
    book.reload()
    clear = await create(store, "a", ["read"], START)
    early = book.check(clear)
    clock.advance(SECOND)
    assert (early, book.check(clear) is not None) == (None, True)


async def test_the_tokens_are_read_again_when_the_clock_was_set_back(store, book, clock):
    book.reload()
    clear = await create(store, "a", ["read"], START)
    clock.set(START - timedelta(days=1))
    assert book.check(clear) is not None


async def test_revoking_an_unknown_name_is_told(store):
    assert not await revoke(store, "nobody", START)


@pytest.mark.parametrize("scope", SCOPES)
async def test_admin_allows_everything(store, scope):
    await create(store, "root", ["admin"], START)
    assert listed(store)[0].allows(scope)


async def test_a_token_allows_its_own_scopes_only(store):
    await create(store, "a", ["respond", "read"], START)
    assert [scope for scope in SCOPES if listed(store)[0].allows(scope)] == ["read", "respond"]


@pytest.mark.parametrize(
    ("name", "scopes", "problem"),
    [
        pytest.param("a", ["write"], "'write' is none of", id="unknown-scope"),
        pytest.param("a", [], "needs a scope", id="no-scope"),
        pytest.param("a b", ["read"], "must be letters", id="bad-name"),
        pytest.param("x" * 65, ["read"], "at most 64", id="long-name"),
        pytest.param("taken", ["read"], "revoke it first", id="taken-name"),
    ],
)
async def test_a_bad_request_for_a_token_is_refused(store, name, scopes, problem):
    await create(store, "taken", ["read"], START)
    with pytest.raises(BadConfig, match=problem):
        await create(store, name, scopes, START)


async def test_making_and_revoking_is_audited_without_the_secret(store):
    clear = await create(store, "a", ["read"], START, actor="li")
    await revoke(store, "a", START)
    entries = [entry for _, entry in store.audit(0, 9)]
    assert [(entry.actor, entry.action, entry.target) for entry in entries] == [
        ("li", "token create", "a"),
        ("cli", "token revoke", "a"),
    ]
    assert clear not in repr(entries)


async def test_a_token_made_beside_a_running_server_is_recognised(tmp_path, clock):
    server, guest = SqliteStore(tmp_path / "mesh.db"), SqliteStore.guest(tmp_path / "mesh.db")
    await server.open()
    await guest.open()
    book = TokenBook(server, clock)
    clear = await create(guest, "late", ["ingest"], START)
    found = book.check(clear)
    await guest.close()
    await server.close()
    assert found is not None


async def test_an_empty_book_says_so(clock):
    store = MemoryStore()
    await store.open()
    book = TokenBook(store, clock)
    book.reload()
    assert len(book) == 0
