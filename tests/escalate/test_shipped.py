"""The policy that is shipped, from the first page to the loud end, without any answer: who is paged when."""

import pytest

from alertmesh.config import load
from alertmesh.core.response import State
from tests.escalate.fakes import P1, P2, P3, P4, oncall
from tests.escalate.timetable import Timetable

SHIPPED = load(None, None, {}).oncall.policies

P1_TIMES = [
    *(("10:00", "ann"), ("10:03", "ben"), ("10:06", "lea")),
    *(("10:08", "dan"), ("10:11", "eve"), ("10:14", "max")),
    *(("10:19", "dan"), ("10:22", "eve"), ("10:25", "max")),
    *(("10:30", "dan"), ("10:33", "eve"), ("10:36", "max")),
]
P2_TIMES = [
    *(("10:00:30", "ann"), ("10:07:30", "ben"), ("10:15:30", "lea")),
    *(("10:25:30", "dan"), ("10:32:30", "eve"), ("10:40:30", "max")),
    *(("10:55:30", "dan"), ("11:02:30", "eve"), ("11:10:30", "max")),
    *(("11:25:30", "dan"), ("11:32:30", "eve"), ("11:40:30", "max")),
]
P3_TIMES = [("10:02", "ann"), ("10:32", "ben"), ("11:02", "dan")]
P3_EVENING = [("17:32", "ann"), ("18:02", "ben"), ("1 09:00", "dan")]
EVERYBODY = ("dan", "eve", "max", "lea")


@pytest.mark.parametrize(
    ("priority", "opened", "times", "loud", "end"),
    [
        pytest.param(P1, "10:00", P1_TIMES, ("10:41", "10:56", "11:11", "11:26"), "11:40", id="P1"),
        pytest.param(P2, "10:00", P2_TIMES, ("11:55:30", "12:25:30", "12:55:30"), "13:25", id="P2"),
        pytest.param(P3, "10:00", P3_TIMES, ("15:02", "23:02", "1 07:02"), "1 15:00", id="P3"),
        pytest.param(P3, "17:30", P3_EVENING, ("1 13:00", "1 21:00"), "2 04:59", id="P3-evening"),
    ],
)
def test_without_an_answer(priority, opened, times, loud, end):
    table = Timetable(oncall(policies=SHIPPED)).at(opened).incident("opened", 1, priority)
    for moment, person in times:
        table.between(moment, moment).page(person)
    for moment in loud:
        for person in EVERYBODY:
            table.between(moment, moment).page(person)
    table.is_in(State.EXHAUSTED).silent_until(end)


def test_a_p4_is_for_the_digest():
    Timetable(oncall(policies=SHIPPED)).incident("opened", 1, P4).silent_until("5 10:00")


P3_SILENT = [("16:26", "update", "ann"), ("18:02", "page", "ann"), ("18:32", "page", "ben")]


@pytest.mark.parametrize(
    ("priority", "paged", "course"),
    [
        pytest.param(P1, "10:00", [("10:15", "page", "dan"), ("10:18", "page", "eve")], id="P1"),
        pytest.param(P2, "10:00:30", [("10:45:30", "page", "dan"), ("10:52:30", "page", "eve")], id="P2"),
        pytest.param(P3, "10:02", [*P3_SILENT, ("1 09:00", "page", "dan")], id="P3"),
    ],
)
def test_an_ack_without_a_sign_of_life_after_it(priority, paged, course):
    table = Timetable(oncall(policies=SHIPPED)).incident("opened", 1, priority)
    table.between(paged, paged).page("ann").person("ann", "ack")
    for moment, kind, person in course:
        getattr(table.between(moment, moment), kind)(person)
    table.is_in(State.T2_PAGING).silent_until(course[-1][0])
