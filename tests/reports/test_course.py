"""What is read from timelines whose answers are known."""

from datetime import timedelta

import pytest

from alertmesh.reports.course import united
from tests.reports.timelines import at, course, line, page

PAGED = line(1, "paging", "t1_paging")
ACK = line(5, "ack", "t1_acked", "wang", rule="ACK-1")


def minutes(length: timedelta) -> float:
    return length.total_seconds() / 60


@pytest.mark.parametrize(
    ("lines", "worked", "suppressed", "resolved"),
    [
        pytest.param([PAGED], 1, 0, None, id="open: up to its last change of state"),
        pytest.param([PAGED, line(9, "resolved", "resolved")], 9, 0, 9, id="resolved"),
        pytest.param(
            [PAGED, line(3, "suppressed", "suppressed"), line(8, "unsuppressed", "t1_paging"),
             line(10, "resolved", "resolved")], 5, 5, 10, id="suppressed time does not count",
        ),
        pytest.param(
            [line(0, "suppressed", "suppressed"), line(4, "suppressed", "suppressed"),
             line(9, "resolved", "resolved")], 0, 9, 9, id="healed while suppressed",
        ),
        pytest.param(
            [line(2, "suppressed", "suppressed"), line(4, "ack", "t1_acked", "wang"),
             line(9, "resolved", "resolved", "wang")], 7, 2, 9, id="an ack ends a suppression",
        ),
        pytest.param(
            [PAGED, line(9, "resolved", "resolved"), line(20, "reopened", "t1_paging"),
             line(23, "resolved", "resolved"), line(60, "archived", "resolved")], 12, 0, 23,
            id="the time between an end and a reopening does not count",
        ),
        pytest.param(
            [PAGED, ACK, line(6, "snooze", "snoozed", "wang"), line(36, "paging", "t1_paging"),
             line(40, "resolved", "resolved")], 40, 0, 40, id="snoozed time counts",
        ),
        pytest.param(
            [PAGED, line(9, "resolved", "resolved"), line(15, "close", "closed", "wang")], 9, 0, 9,
            id="closing is not ending",
        ),
    ],
)  # fmt: skip
def test_how_long_it_took(lines, worked, suppressed, resolved):
    found = course(*lines)
    assert (minutes(found.worked), minutes(found.suppressed)) == (worked, suppressed)
    assert found.resolved_at == (None if resolved is None else at(resolved))


@pytest.mark.parametrize(
    ("acks", "found"),
    [
        pytest.param([ACK], [(5, "ops")], id="tier 1"),
        pytest.param([line(5, "ack", "t2_acked", "li")], [(5, "rnd")], id="tier 2"),
        pytest.param([line(5, "ack", "t2_paging", "wang")], [(5, "ops")], id="tier 1 while tier 2 is paged"),
        pytest.param([line(5, "noop", "resolved", "wang")], [], id="one that came too late is none"),
        pytest.param(
            [line(5, "ack", "t1_acked", "wang", rule="MRG-3")], [], id="nor one that was merged in"
        ),
        pytest.param(
            [ACK, line(6, "unack", "t1_paging", "wang"), line(9, "ack", "t1_acked", "chen")],
            [(5, "ops"), (9, "ops")], id="given up and taken again",
        ),
    ],
)  # fmt: skip
def test_who_took_it(acks, found):
    assert [(ack.at, ack.tier) for ack in course(PAGED, *acks).acks] == [(at(m), tier) for m, tier in found]


@pytest.mark.parametrize(
    ("lines", "answers"),
    [
        pytest.param([page(1), ACK], [True], id="acked"),
        pytest.param([page(1), page(1, "chen"), ACK], [True, True], id="one ack answers all of a step"),
        pytest.param([page(1), page(4), ACK], [False, True], id="in the second step"),
        pytest.param([page(1)], [None], id="may still be"),
        pytest.param([page(1), line(9, "resolved", "resolved")], [False], id="healed before"),
        pytest.param([page(1), page(3, "li", "rnd"), ACK], [True, None], id="not for the other tier"),
        pytest.param(
            [page(1), ACK, line(35, "paging", "t1_paging"), page(35), line(40, "resolved", "resolved")],
            [True, False], id="a lease that ran out begins a new step",
        ),
    ],
)  # fmt: skip
def test_which_pages_were_answered_within_their_step(lines, answers):
    assert course(PAGED, *lines).answers() == answers


def test_what_people_did_without_an_ack():
    ended = course(PAGED, page(1), line(3, "resolved", "resolved", "wang", rule="RES-1"))
    noted = course(PAGED, page(1), line(3, "note", "t1_paging", "wang"), line(9, "resolved", "resolved"))
    assert [(one.taken_on, one.touched) for one in (ended, noted)] == [(True, True), (False, True)]


def test_the_first_way_to_tier_2_counts():
    passed = line(4, "escalate", "t2_paging", "wang")
    found = course(PAGED, page(1), ACK, passed, page(6, "li", "rnd"), page(9, "sun", "rnd"))
    assert (found.escalated_at, found.first_page("rnd")) == (at(4), at(6))


def test_flaps_and_reopenings_are_counted_once_though_two_lines_tell_of_them():
    twice = [line(5, "refired"), line(5, "refired", "t1_paging", rule="REF-1")]
    again = [line(9, "resolved", "resolved"), line(12, "reopened", "t1_paging", rule="REF-2")]
    found = course(PAGED, *twice, *again)
    assert (found.flaps, found.reopened) == (2, 1)


def test_a_merged_incident_counts_once_with_what_it_brought_along():
    loser = course(
        page(1, incident=2), line(3, "ack", "t1_acked", "wang", incident="2"),
        line(8, "merged", rule="INC-08", other="3", incident="2"),
        line(8, "merged", "merged", rule="MRG-1", incident="2"),
    )  # fmt: skip
    survivor = course(
        page(6, "chen", incident=3), line(8, "merged", rule="INC-07", other="2", incident="3"),
        line(8, "ack", "t1_acked", "wang", rule="MRG-3", incident="3"),
        line(20, "resolved", "resolved", incident="3"),
    )  # fmt: skip
    [one] = united({2: loser, 3: survivor})
    assert (one.incident, one.absorbed) == (3, (2,))
    assert (one.first_page(), one.first_ack(), minutes(one.worked)) == (at(1), at(3), 20)


def test_a_chain_of_merges_ends_in_its_last():
    chain = {
        n: course(line(n, "merged", rule="INC-08", other=str(n + 1), incident=str(n)), page(n, incident=n))
        for n in (1, 2)
    }
    [one] = united({**chain, 3: course(page(9, incident=3))})
    assert (one.incident, [page.at for page in one.pages]) == (3, [at(1), at(2), at(9)])
