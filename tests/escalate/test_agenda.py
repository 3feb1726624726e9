from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.response import Timer
from alertmesh.escalate.agenda import Agenda
from tests.escalate.fakes import P1, P2, after, response


def entry(incident: int, priority=P2, **deadlines: float):
    return response(
        incident=incident,
        priority=priority,
        deadlines={Timer(name): after(due) for name, due in deadlines.items()},
    )


def agenda(*entries) -> Agenda:
    made = Agenda()
    for each in entries:
        made.put(each)
    return made


def drained(made: Agenda) -> list[tuple[int, Timer]]:
    taken = []
    while (due := made.pop_due(after(1000))) is not None:
        taken.append(due[:2])
    return taken


def test_the_earlier_then_the_worse_then_the_older_comes_first():
    made = agenda(entry(3, step=1), entry(2, step=1), entry(4, P1, step=1), entry(5, step=0))
    assert [incident for incident, _ in drained(made)] == [5, 4, 2, 3]


def test_nothing_is_taken_before_it_is_due():
    assert agenda(entry(1, step=5)).pop_due(after(4)) is None


def test_a_deadline_that_was_replaced_does_not_happen():
    made = agenda(entry(1, step=5), entry(1, lease=9))
    assert (made.first(), drained(made)) == (after(9), [(1, Timer.LEASE)])


def test_a_dropped_response_has_no_deadlines():
    made = agenda(entry(1, step=5))
    made.drop(1)
    assert made.first() is None


def test_outdated_entries_do_not_pile_up():
    made = agenda(*(entry(1, step=number) for number in range(5000)))
    assert len(made._heap) < 2000


changes = st.lists(st.tuples(st.integers(1, 4), st.dictionaries(st.sampled_from(Timer), st.integers(0, 99))))


@given(changes)
def test_the_first_is_always_the_earliest_that_stands(history):
    made, stands = Agenda(), {}
    for incident, deadlines in history:
        stands[incident] = deadlines
        made.put(entry(incident, **deadlines))
    expected = min((due for deadlines in stands.values() for due in deadlines.values()), default=None)
    assert made.first() == (None if expected is None else after(expected))


def late(made: Agenda, since: float) -> list[tuple[int, Timer]]:
    taken = []
    while (due := made.pop_due(after(1000), after(since))) is not None:
        taken.append(due[:2])
    return taken


def test_what_is_late_comes_worst_first_and_then_what_is_not_in_order_of_time():
    made = agenda(entry(1, P2, step=1), entry(2, P1, step=3), entry(3, P1, step=2), entry(4, P2, step=9))
    made.put(entry(5, P1, lease=10))
    assert [incident for incident, _ in late(made, since=5)] == [3, 2, 1, 4, 5]


def test_what_is_late_and_was_replaced_meanwhile_does_not_happen():
    made = agenda(entry(1, P1, step=1), entry(2, P1, step=2))
    assert made.pop_due(after(100), after(50)) == (1, Timer.STEP, after(1))
    made.put(entry(2, P1, step=60))
    assert late(made, since=50) == [(2, Timer.STEP)]
    assert made.first() is None


def test_a_priority_counts_as_it_is_now():
    made = agenda(entry(1, P2, step=1), entry(2, P2, step=2))
    made.put(entry(2, P1, step=2))
    assert late(made, since=5) == [(2, Timer.STEP), (1, Timer.STEP)]


@given(changes)
def test_each_deadline_that_stands_is_taken_once_however_late(history):
    made, stands = Agenda(), {}
    for incident, deadlines in history:
        stands[incident] = deadlines
        made.put(entry(incident, **deadlines))
    expected = sorted((incident, timer) for incident, deadlines in stands.items() for timer in deadlines)
    taken = []
    while (due := made.pop_due(after(100), after(50))) is not None:
        incident, timer, _ = due
        taken.append((incident, timer))
        stands[incident] = {name: moment for name, moment in stands[incident].items() if name != timer}
        made.put(entry(incident, **stands[incident]))
    assert sorted(taken) == expected
