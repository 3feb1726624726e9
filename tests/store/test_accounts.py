"""Accounts: made with a password that is kept as a hash, known within a second."""

from datetime import timedelta

import pytest

from alertmesh.core.clock import ManualClock
from alertmesh.core.errors import BadConfig
from alertmesh.store.accounts import (
    AccountBook,
    Cost,
    add,
    fits,
    hashed,
    listed,
    remove,
    set_password,
    set_role,
    weakness,
)
from tests.store.makers import START

CHEAP = Cost(n=2, r=1, p=1)
PASSWORD = "correct horse"


def kept(password=PASSWORD):
    return hashed(password, CHEAP)


@pytest.fixture
def book(store):
    return AccountBook(store, ManualClock(START))


async def test_an_account_is_known_with_its_role_and_password(store, book):
    await add(store, "wang", "responder", kept(), START)
    found = book.get("wang")
    assert found.scopes == ("read", "respond")
    assert (fits(PASSWORD, found.password), fits("another horse", found.password)) == (True, False)


async def test_neither_password_nor_hash_can_be_read(store):
    await add(store, "wang", "viewer", kept(), START)
    account = listed(store)[0]
    assert PASSWORD.encode() not in dict(store.prefixed("account", ""))["wang"]
    assert account.password.digest.hex() not in repr(account)
    assert repr(account.password.digest) not in repr(account)


def test_the_same_password_is_kept_differently_each_time():
    assert kept().digest != kept().digest


def test_a_password_fits_however_its_characters_were_typed():
    assert fits("Passwörter 密码密码", hashed("Passwo\u0308rter 密码密码", CHEAP))


def test_a_guess_is_dear_unless_told_otherwise():
    cost = hashed(PASSWORD).cost
    assert cost.n * cost.r * cost.p >= 2**15 * 8 * 3


@pytest.mark.parametrize(
    ("name", "role", "said"),
    [
        ("two words", "viewer", "letters, digits"),
        ("x" * 65, "viewer", "at most 64"),
        ("local", "viewer", "stands for AlertMesh itself"),
        ("there", "viewer", "exists"),
        ("wang", "chief", "none of viewer, responder, admin"),
    ],
)
async def test_a_bad_account_is_refused(store, name, role, said):
    await add(store, "there", "viewer", kept(), START)
    with pytest.raises(BadConfig, match=said):
        await add(store, name, role, kept(), START)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("123456789", "at least 10 characters"),
        ("x" * 1_025, "at most 1024"),
        ("aaaaaaaaaaab", "different characters"),
        ("wang123456", "more than the name"),
        ("correct horse", ""),
        ("一匹正确的马咬住电池", ""),
        ("wang and a correct horse", ""),
    ],
)
def test_a_weak_password_is_told_why(password, why):
    assert (why in weakness("wang", password)) if why else (weakness("wang", password) == "")


async def test_another_password_begins_another_era(store, book):
    await add(store, "wang", "viewer", kept(), START)
    before = listed(store)[0]
    await set_password(store, "wang", kept("battery staple"), START)
    after = listed(store)[0]
    assert fits("battery staple", after.password)
    assert (after.era != before.era, after.role) == (True, "viewer")


async def test_another_role_keeps_the_era(store):
    await add(store, "wang", "viewer", kept(), START)
    before = listed(store)[0]
    await set_role(store, "wang", "admin", START)
    assert (listed(store)[0].role, listed(store)[0].era) == ("admin", before.era)


async def test_an_account_made_anew_has_another_era(store):
    await add(store, "wang", "viewer", kept(), START)
    before = listed(store)[0]
    gone = await remove(store, "wang", START), await remove(store, "wang", START)
    await add(store, "wang", "viewer", kept(), START)
    assert gone == (True, False)
    assert listed(store)[0].era != before.era


@pytest.mark.parametrize("change", [set_password, set_role], ids=["password", "role"])
async def test_who_is_not_there_cannot_be_changed(store, change):
    with pytest.raises(BadConfig, match="no account called 'li'"):
        await change(store, "li", kept() if change is set_password else "viewer", START)


async def test_what_is_done_to_accounts_is_kept_for_good(store):
    await add(store, "wang", "viewer", kept(), START)
    await set_role(store, "wang", "admin", START)
    await set_password(store, "wang", kept(), START, actor="wang")
    await remove(store, "wang", START)
    told = [(entry.actor, entry.action, entry.target, entry.detail) for _, entry in store.audit(0, 10)]
    assert told == [
        ("cli", "user add", "wang", "viewer"),
        ("cli", "user role", "wang", "admin"),
        ("wang", "user passwd", "wang", ""),
        ("cli", "user remove", "wang", ""),
    ]


async def test_an_account_of_another_process_is_known_after_a_second(store):
    clock = ManualClock(START)
    book = AccountBook(store, clock)
    book.reload()
    await add(store, "wang", "viewer", kept(), START)
    early = book.get("wang")
    clock.advance(timedelta(seconds=1))
    assert (early, book.get("wang") is not None, len(book)) == (None, True, 1)
