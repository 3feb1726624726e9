"""A kill and a restart in the middle change nothing that was decided, and lose nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alertmesh.core.incident import Condition
from alertmesh.core.response import State
from tests.scenarios.timetable import MIDNIGHT, Timetable

Deed = Callable[[Timetable], object]


def test_a_restart_while_a_page_is_held_pages_in_time(table):
    table.fires("DiskFills", severity="warning", node="n1").at("10:01").restart()
    table.between("10:02", "10:02").page("wang").quiet_until("10:31")


def test_a_restart_while_nobody_answers_goes_on_with_the_next_step(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang")
    table.at("10:02").restart().between("10:03", "10:03").page("chen").restart()
    table.between("10:06", "10:06").page("zhao")


def test_an_alert_repeated_after_a_restart_is_no_news(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang").restart()
    table.at("10:01").fires("NodeDown", since="10:00", node="n1").ack("wang").quiet_until("10:15")
    assert table.incident().alerts == 1


def test_a_restart_gives_every_lease_its_full_length_again(table):
    table.fires("NodeDown", node="n1", lease_s=240).between("10:00", "10:00").page("wang").ack("wang")
    table.at("10:03:30").restart()
    assert table.at("10:07:29").incident().condition is Condition.FIRING
    assert table.at("10:07:30").incident().condition is Condition.CLEARED
    table.between("10:12", "10:13").closing("wang")


def test_an_end_after_a_restart_ends_what_began_before(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang").restart()
    table.at("10:02").clears("NodeDown", since="10:00", node="n1")
    table.between("10:07", "10:07").closing("wang").is_in(State.RESOLVED)


def test_what_was_accepted_and_not_decided_is_decided_after_the_restart(table):
    table.program.post("prometheus", _body("NodeDown"))
    table.restart().between("10:00", "10:00").page("wang")
    table.at("10:01").fires("NodeDown", since="10:00", node="n1").ack("wang").quiet_until("10:15")
    assert table.incident().alerts == 1


def _body(name: str) -> bytes:
    start, end = MIDNIGHT + timedelta(hours=10), MIDNIGHT + timedelta(hours=20)
    labels = f'{{"alertname":"{name}","severity":"critical","cluster":"east","node":"n1"}}'
    return f'[{{"labels":{labels},"startsAt":"{start:%FT%TZ}","endsAt":"{end:%FT%TZ}"}}]'.encode()


_NODES = st.sampled_from(["n1", "n2", "n3"])
_SEVERITIES = st.sampled_from(["critical", "error", "warning", "info"])


def _fire(node: str, severity: str) -> Deed:
    return lambda table: table.fires("Trouble", severity=severity, node=node)


def _clear(node: str, severity: str) -> Deed:
    return lambda table: table.clears("Trouble", severity=severity, node=node)


def _act(action: str, incident: int, into: int) -> Deed:
    args = {"minutes": "10", "into": str(into), "text": "because"}

    def act(table: Timetable) -> None:
        table._ask("wang", action, incident, None, args)
        table.program.refused.clear()

    return act


_ACTIONS = st.sampled_from(["ack", "unack", "escalate", "resolve", "snooze", "return", "merge", "note"])
_NUMBERS = st.integers(1, 3)
_DEEDS = st.one_of(
    st.builds(_fire, _NODES, _SEVERITIES),
    st.builds(_clear, _NODES, _SEVERITIES),
    st.builds(_act, _ACTIONS, _NUMBERS, _NUMBERS),
)
_STREAMS = st.lists(st.tuples(st.integers(0, 400), _DEEDS), min_size=1, max_size=14)


def _run(stream: list[tuple[int, Deed]], restarts: set[int]) -> Timetable:
    table = Timetable()
    moment = table.program.clock.now()
    for index, (pause_s, deed) in enumerate(stream):
        moment += timedelta(seconds=pause_s)
        table.program.pass_until(moment)
        if index in restarts:
            table.restart()
        deed(table)
    table.program.pass_until(moment + timedelta(hours=2))
    return table


def _outcome(table: Timetable) -> list[object]:
    history = table.program.history
    numbers = [incident.id for incident, _ in history.incidents(None, 1000)]
    attempts = [history.attempts(number) for number in numbers]
    lines = [history.timeline(number, 0, 10_000) for number in numbers]
    return [history.incidents(None, 1000), attempts, lines, table.program.left]


@settings(max_examples=60)
@given(_STREAMS, st.sets(st.integers(0, 13), max_size=4))
@example([(0, _fire("n1", "critical")), (30, _act("ack", 1, 1)), (9, _clear("n1", "critical"))], {1, 2})
def test_a_run_that_is_cut_anywhere_ends_like_one_that_is_not(stream, restarts):
    assert _outcome(_run(stream, restarts)) == _outcome(_run(stream, set()))


@pytest.mark.parametrize("cut", range(6))
def test_a_story_that_is_cut_anywhere_ends_like_one_that_is_not(cut):
    stream = [
        (0, _fire("n1", "warning")),
        (100, _fire("n2", "critical")),
        (50, _act("ack", 2, 1)),
        (40, _act("merge", 1, 2)),
        (300, _clear("n1", "warning")),
        (10, _clear("n2", "critical")),
    ]
    assert _outcome(_run(stream, {cut})) == _outcome(_run(stream, set()))
