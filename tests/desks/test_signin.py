"""Signing in: slow for who guesses, and a session ends when it should."""

import asyncio
import tracemalloc
from datetime import timedelta

import pytest

from alertmesh.core.clock import ManualClock
from alertmesh.desks.guessing import FORGET_S, Guesses
from alertmesh.desks.signin import (
    IDLE,
    LONGEST,
    MOST_SESSIONS,
    SignIn,
    TooManyGuesses,
    WeakPassword,
    WrongPassword,
)
from alertmesh.store import MemoryStore
from alertmesh.store.accounts import Cost, add, hashed, remove, set_password, set_role
from tests.fakes import NOW

CHEAP = Cost(n=2, r=1, p=1)
PASSWORD = "correct horse"
HERE = "192.0.2.1"
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock():
    return ManualClock(NOW)


@pytest.fixture
async def store():
    store = MemoryStore()
    await store.open()
    await add(store, "wang", "responder", hashed(PASSWORD, CHEAP), NOW)
    return store


@pytest.fixture
async def desk(store, clock):
    desk = SignIn(store, clock, CHEAP)
    await desk.start()
    yield desk
    await desk.stop()


async def restarted(store, clock):
    desk = SignIn(store, clock, CHEAP)
    await desk.start()
    await desk.stop()
    return desk


async def test_who_signs_in_is_known_by_the_secret_alone(desk):
    secret = await desk.sign_in("wang", PASSWORD, HERE)
    account, _ = desk.who(secret)
    assert (account.name, desk.who(secret + "x"), desk.who("")) == ("wang", None, None)


async def test_the_secret_is_not_stored(desk, store):
    secret = await desk.sign_in("wang", PASSWORD, HERE)
    kept = store.prefixed("session", "")
    assert not any(secret in key or secret.encode() in body for key, body in kept)


@pytest.mark.parametrize(("name", "password"), [("wang", "wrong horse"), ("li", PASSWORD), ("", "")])
async def test_a_wrong_name_and_a_wrong_password_are_answered_alike(desk, name, password):
    with pytest.raises(WrongPassword, match="the name or the password is wrong"):
        await desk.sign_in(name, password, HERE)


async def test_a_session_lasts_over_a_restart(desk, store, clock):
    secret = await desk.sign_in("wang", PASSWORD, HERE)
    again = await restarted(store, clock)
    assert again.who(secret) is not None


@pytest.mark.parametrize(
    ("pauses", "good"),
    [
        ([IDLE - A_MINUTE], True),
        ([IDLE], False),
        ([IDLE - A_MINUTE, IDLE - A_MINUTE], True),
        ([timedelta(hours=11)] * 65, True),
        ([timedelta(hours=11)] * 66, False),
    ],
    ids=["used", "idle", "used again", "for 30 days", "longer"],
)
async def test_a_session_ends_unused_or_after_a_month(desk, clock, pauses, good):
    secret = await desk.sign_in("wang", PASSWORD, HERE)
    found = None
    for pause in pauses:
        clock.advance(pause)
        found = desk.who(secret)
    assert (found is not None) == good
    assert timedelta(hours=11) * 65 < LONGEST < timedelta(hours=11) * 66


async def test_that_a_session_was_used_lasts_over_a_restart(desk, store, clock):
    secret = await desk.sign_in("wang", PASSWORD, HERE)
    clock.advance(IDLE - A_MINUTE)
    desk.who(secret)
    await desk.stop()
    clock.advance(IDLE - A_MINUTE)
    assert (await restarted(store, clock)).who(secret) is not None


async def test_a_session_that_is_over_is_deleted(desk, store, clock):
    await desk.sign_in("wang", PASSWORD, HERE)
    clock.advance(IDLE)
    await desk.stop()
    assert store.prefixed("session", "") == []


async def _new_password(store):
    await set_password(store, "wang", hashed("battery staple", CHEAP), NOW)


async def _made_anew(store):
    await remove(store, "wang", NOW)
    await add(store, "wang", "admin", hashed(PASSWORD, CHEAP), NOW)


@pytest.mark.parametrize("done", [_new_password, _made_anew, lambda store: remove(store, "wang", NOW)])
async def test_a_session_ends_with_its_password_and_account(desk, store, clock, done):
    secret = await desk.sign_in("wang", PASSWORD, HERE)
    await done(store)
    clock.advance(timedelta(seconds=1))
    assert desk.who(secret) is None


async def test_another_role_holds_for_who_is_signed_in(desk, store, clock):
    secret = await desk.sign_in("wang", PASSWORD, HERE)
    await set_role(store, "wang", "viewer", NOW)
    clock.advance(timedelta(seconds=1))
    assert desk.who(secret)[0].scopes == ("read",)


async def test_signing_out_ends_one_session(desk):
    one, other = [await desk.sign_in("wang", PASSWORD, HERE) for _ in range(2)]
    await desk.sign_out(one)
    await desk.sign_out("no secret of ours")
    assert (desk.who(one), desk.who(other) is not None) == (None, True)


async def test_one_account_has_so_many_sessions(desk, store, clock):
    secrets = []
    for _ in range(MOST_SESSIONS + 1):
        clock.advance(timedelta(seconds=1))
        secrets.append(await desk.sign_in("wang", PASSWORD, HERE))
    assert [desk.who(secret) is not None for secret in secrets] == [False] + [True] * MOST_SESSIONS
    assert len(store.prefixed("session", "")) == MOST_SESSIONS


async def test_a_new_password_needs_the_old_one_and_ends_other_sessions(desk, store):
    before = await desk.sign_in("wang", PASSWORD, HERE)
    with pytest.raises(WrongPassword):
        await desk.change_password("wang", "wrong horse", "battery staple", HERE)
    with pytest.raises(WeakPassword, match="at least 10"):
        await desk.change_password("wang", PASSWORD, "short", HERE)
    after = await desk.change_password("wang", PASSWORD, "battery staple", HERE)
    assert (desk.who(before), desk.who(after) is not None) == (None, True)
    assert await desk.sign_in("wang", "battery staple", HERE)


async def test_what_people_do_is_kept_for_good(desk, store):
    secret = await desk.sign_in("wang", PASSWORD, HERE)
    with pytest.raises(WrongPassword):
        await desk.sign_in("wang", "wrong horse", HERE)
    with pytest.raises(WrongPassword):
        await desk.sign_in("battery staple", "wang", HERE)
    await desk.sign_out(secret)
    await desk.stop()
    told = [(entry.actor, entry.action) for _, entry in store.audit(1, 10)]
    assert sorted(told) == [("wang", "sign in"), ("wang", "sign in refused"), ("wang", "sign out")]


# Guessing


async def guess(desk, name="wang", address=HERE, times=1):
    for _ in range(times):
        with pytest.raises(WrongPassword):
            await desk.sign_in(name, "wrong horse", address)


@pytest.mark.parametrize("name", ["wang", "nobody"])
async def test_a_name_that_is_guessed_at_has_to_wait(desk, clock, name):
    await guess(desk, name, times=5)
    with pytest.raises(TooManyGuesses) as refused:
        await desk.sign_in(name, PASSWORD, "198.51.100.9")
    assert refused.value.retry_after_s == 1.0
    clock.advance(timedelta(seconds=1))
    await guess(desk, name)


async def test_who_is_right_after_waiting_starts_anew(desk, clock):
    await guess(desk, times=5)
    clock.advance(timedelta(seconds=1))
    await desk.sign_in("wang", PASSWORD, HERE)
    await guess(desk, times=5)


async def test_an_address_that_guesses_at_many_names_has_to_wait(desk):
    for number in range(30):
        await guess(desk, f"n{number}", f"2001:db8::{number:x}")
    with pytest.raises(TooManyGuesses):
        await desk.sign_in("wang", PASSWORD, "2001:db8::ffff")
    assert await desk.sign_in("wang", PASSWORD, HERE)


async def test_many_guesses_at_once_gain_nothing(desk):
    tries = [desk.sign_in("wang", f"wrong horse {n}", HERE) for n in range(20)]
    ends = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(end, WrongPassword) for end in ends) == 5
    assert sum(isinstance(end, TooManyGuesses) for end in ends) == 15


def test_the_wait_doubles_up_to_a_bound_and_is_forgotten():
    guesses = Guesses(free=1, longest_s=4, most=10)
    waits = []
    for _ in range(5):
        guesses.count("a", 0.0)
        waits.append(guesses.wait_s("a", 0.0))
    assert waits == [1, 2, 4, 4, 4]
    assert (guesses.wait_s("a", 3.0), guesses.wait_s("a", FORGET_S), guesses.wait_s("b", 0.0)) == (1, 0, 0)


def test_so_many_names_are_remembered_and_those_guessed_at_stay_longest():
    guesses = Guesses(free=0, longest_s=60, most=3)
    for name in ("a", "b", "c", "a", "d"):
        guesses.count(name, 0.0)
    assert len(guesses) == 3
    assert [guesses.wait_s(name, 0.0) > 0 for name in "abcd"] == [True, False, True, True]


def test_names_of_any_length_take_little_room():
    guesses = Guesses(free=1, longest_s=4, most=100)
    tracemalloc.start()
    for number in range(100):
        guesses.count(f"{number}" + "x" * 100_000, 0.0)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(guesses), kept < 1_000_000) == (100, True)
