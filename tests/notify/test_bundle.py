"""What leaves next, and together with what."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.alert import Priority
from alertmesh.core.page import PageKind
from alertmesh.notify.bundle import BUNDLE_INCIDENTS, is_urgent, message_key, pick, rank
from tests.notify.fakes import T0, attempt

P1, P2, P3 = Priority.P1, Priority.P2, Priority.P3


def numbers(chosen):
    return [each.page.incident for each in chosen]


def test_few_messages_leave_one_by_one():
    assert numbers(pick([attempt(1), attempt(2), attempt(3)], 18, 13)) == [1]


def test_more_than_three_leave_as_one():
    assert numbers(pick([attempt(n) for n in range(1, 6)], 18, 13)) == [1, 2, 3, 4, 5]


def test_two_leave_as_one_when_there_is_room_for_one():
    assert numbers(pick([attempt(1), attempt(2)], 1, 0)) == [1, 2]


def test_nothing_leaves_without_room():
    assert pick([attempt(1), attempt(2, priority=P3)], 0, 0) == []


def test_the_reserve_is_for_first_pages_of_p1():
    assert numbers(pick([attempt(1, priority=P2), attempt(2, priority=P1)], 5, 0)) == [2]


def test_other_pages_do_not_take_the_reserve():
    assert pick([attempt(1, priority=P2), attempt(2, step=1)], 5, 0) == []


def test_a_p1_is_not_hidden_in_a_bundle_of_others():
    waiting = [*(attempt(n, priority=P3) for n in range(1, 50)), attempt(99)]
    assert numbers(pick(waiting, 18, 13)) == [99]


def test_a_first_page_goes_before_a_repeat():
    repeat, first = attempt(1, step=1, priority=P2), attempt(2, priority=P3, at=T0 + timedelta(minutes=5))
    assert min(repeat, first, key=rank) is first


def test_what_waits_for_a_bundled_incident_leaves_with_it():
    waiting = [*(attempt(n) for n in range(1, 6)), attempt(3, kind=PageKind.UPDATE)]
    assert numbers(pick(waiting, 18, 13)).count(3) == 2


def test_a_bundle_has_a_bound():
    chosen = pick([attempt(n) for n in range(1, 200)], 18, 13)
    assert numbers(chosen) == list(range(1, BUNDLE_INCIDENTS + 1))


def test_a_repeat_is_not_urgent():
    assert [is_urgent(attempt()), is_urgent(attempt(loop=1)), is_urgent(attempt(priority=P2))] == [
        True,
        False,
        False,
    ]


@given(st.permutations([attempt(n) for n in range(1, 6)]))
def test_the_key_does_not_depend_on_the_order(shuffled):
    assert message_key(shuffled) == message_key(attempt(n) for n in range(1, 6))


@given(
    st.lists(st.tuples(st.integers(1, 90), st.sampled_from([P1, P2, P3]), st.integers(0, 2)), max_size=150),
    st.integers(1, 18),
)
def test_all_leave_and_each_incident_in_one_message(drawn, room):
    priority = {number: level for number, level, _ in drawn}
    made = [attempt(number, priority=priority[number], step=step) for number, _, step in drawn]
    waiting = {each.id: each for each in made}
    bundles = []
    while waiting:
        chosen = pick(list(waiting.values()), room, room)
        bundles.append(chosen)
        for each in chosen:
            del waiting[each.id]
    seen = [number for chosen in bundles for number in dict.fromkeys(numbers(chosen))]
    assert sorted(seen) == sorted(priority)
