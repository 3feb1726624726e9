"""A gate keeps the rate law, over restarts and clock jumps."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.notify.limits import Gate, backoff
from tests.notify.fakes import T0

SECOND = timedelta(seconds=1)


def full(count: int = 18) -> Gate:
    gate = Gate("ding", 18)
    for _ in range(count):
        gate.note(T0)
    return gate


def test_an_unused_gate_has_room_for_all():
    assert (full(0).room(T0), full(0).common_room(T0)) == (18, 13)


def test_the_last_five_are_kept_for_first_pages_of_p1():
    assert (full(13).room(T0), full(13).common_room(T0)) == (5, 0)


def test_a_full_gate_opens_after_the_minute():
    gate = full()
    assert (gate.room(T0), gate.room(gate.opens_at(T0))) == (0, 18)


def test_a_channel_without_a_limit_is_never_full():
    gate = Gate("out", 0)
    gate.note(T0)
    assert gate.common_room(T0) > 1000


def test_sends_outlive_a_restart():
    again = Gate("ding", 18)
    again.restore(full(18).row().body, [])
    assert again.room(T0) == 0


def test_claims_of_other_workers_count():
    again = Gate("ding", 18)
    again.restore(full(3).row().body, [T0, T0 + SECOND])
    assert again.room(T0 + SECOND) == 14


def test_a_penalty_outlives_a_restart():
    gate = full(0)
    gate.pause(T0, 600, "too fast")
    again = Gate("ding", 18)
    again.restore(gate.row().body, [])
    assert again.paused_until(T0 + SECOND) == T0 + timedelta(minutes=10)


def test_a_penalty_ends():
    gate = full(0)
    gate.pause(T0, 600, "too fast")
    assert gate.paused_until(T0 + timedelta(minutes=10)) is None


def test_a_clock_set_back_prolongs_a_penalty_by_no_more_than_itself():
    gate = full(0)
    gate.pause(T0, 600, "too fast")
    earlier = T0 - timedelta(hours=1)
    assert gate.paused_until(earlier) == earlier + timedelta(minutes=10)


def test_a_clock_set_back_closes_the_gate_for_a_minute_only():
    gate = full()
    earlier = T0 - timedelta(hours=1)
    assert gate.room(earlier) == 0
    assert gate.room(earlier + timedelta(seconds=62)) == 18


@given(st.lists(st.integers(0, 30), min_size=1, max_size=120))
def test_no_minute_holds_more_than_the_limit(gaps):
    gate, now, sends = Gate("ding", 18), T0, []
    for gap in gaps:
        now += gap * SECOND
        if gate.room(now):
            gate.note(now)
            sends.append(now)
    assert all(sum(a <= b < a + 60 * SECOND for b in sends) <= 18 for a in sends)


@pytest.mark.parametrize(("tries", "low", "high"), [(1, 0.75, 1.25), (4, 6, 10), (30, 45, 75)])
def test_waiting_doubles_up_to_a_minute(tries, low, high):
    assert low <= backoff(tries, "key").total_seconds() <= high


def test_waiting_is_the_same_in_a_replay():
    assert backoff(3, "key") == backoff(3, "key") != backoff(3, "other")


def test_waiting_honours_the_wish_of_the_channel():
    assert backoff(1, "key", 90) == timedelta(seconds=90)
