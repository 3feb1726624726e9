"""Steps and tiers that count in working hours only; here these begin at noon, two hours after the start."""

from datetime import time

import pytest

from alertmesh.core.oncall import Calendar, PolicyRow, Step, When
from alertmesh.core.response import State
from alertmesh.escalate.hours import counts, next_counting
from tests.escalate.fakes import P1, P2, P3, P4_ROW, T0, after, minutes, oncall, policy, row
from tests.escalate.timetable import Timetable

NOON = Calendar(begins=time(12), ends=time(18))
WORKING, OFF, ALWAYS = When.WORKING, When.OFF, When.ALWAYS
TARGETS = (("primary",), ("secondary",), ("lead",))


def when(*hours: When) -> tuple[Step, ...]:
    """Return steps three minutes apart that count at these hours."""
    return tuple(
        Step(minutes(3 * at), who, hour) for at, (who, hour) in enumerate(zip(TARGETS, hours, strict=False))
    )


def table(**changes) -> Timetable:
    one: PolicyRow = row(**changes)
    rows = dict.fromkeys((P1, P2, P3), one) | {max((P1, P2, P3)) + 1: P4_ROW}
    return Timetable(oncall(policies=(policy(rows=rows, calendar=NOON),)))


def lines(run: Timetable) -> str:
    return "\n".join(line.text for line in run.timeline)


@pytest.mark.parametrize(
    ("hour", "moment", "expected"),
    [(ALWAYS, 0, True), (WORKING, 0, False), (OFF, 0, True), (WORKING, 120, True), (OFF, 120, False)],
)
def test_whether_an_hour_counts(hour, moment, expected):
    assert counts(hour, NOON, after(moment)) is expected


@pytest.mark.parametrize(
    ("hour", "moment", "then"),
    [(WORKING, 0, 120), (OFF, 120, 480), (OFF, 479, 480)],
    ids=["noon", "evening", "soon"],
)
def test_when_it_counts_again(hour, moment, then):
    assert next_counting(hour, NOON, after(moment)) == after(then)


def test_work_that_ends_after_midnight_is_off_at_its_end():
    night = Calendar(begins=time(22), ends=time(11))
    assert next_counting(OFF, night, T0) == after(60)


def test_a_step_out_of_its_hours_is_passed_over_at_once_without_an_alarm():
    run = table(ops_steps=when(WORKING, ALWAYS, ALWAYS)).incident("opened")
    run.between("10:00", "10:00").page("ben").between("10:03", "10:03").page("lea")
    assert "coverage_gap" not in {line.kind for line in run.timeline}


def test_steps_left_out_at_the_end_leave_tier_2_its_time():
    run = table(ops_steps=when(ALWAYS, WORKING, WORKING)).incident("opened")
    run.between("10:00", "10:00").page("ann").silent_until("10:08").between("10:08", "10:08").page("dan")


def test_in_their_hours_steps_count():
    run = table(ops_steps=when(WORKING, ALWAYS)).at("12:00").incident("opened")
    run.between("12:00", "12:00").page("ann").between("12:03", "12:03").page("ben")


@pytest.mark.parametrize("priority", [P1, P2], ids=["P1", "P2"])
def test_with_all_of_tier_1_left_out_what_is_urgent_goes_to_tier_2_at_once(priority):
    run = table(ops_steps=when(WORKING, WORKING)).incident("opened", 1, priority)
    run.between("10:00", "10:00").page("dan").is_in(State.T2_PAGING)


@pytest.mark.parametrize(
    "changes",
    [
        {"rnd_steps": when(WORKING)},
        {"rnd_when": WORKING},
        {"to_rnd_after": None},
        {"rnd_steps": (), "to_rnd_after": None},
    ],
    ids=["steps", "tier", "by-hand", "no-tier"],
)
def test_with_nobody_left_what_is_urgent_pages_the_first_step_all_the_same(changes):
    run = table(ops_steps=when(WORKING, WORKING), **changes).incident("opened")
    run.between("10:00", "10:00").page("ann")
    assert "P1 is paged all the same" in lines(run)


def test_a_p3_waits_for_its_hours_and_tier_2_counts_from_then():
    run = table(ops_steps=when(WORKING, WORKING)).incident("opened", 1, P3).silent_until("12:00")
    run.between("12:00", "12:00").page("ann").between("12:03", "12:03").page("ben")
    run.between("12:08", "12:08").page("dan").silent_until("12:10")


def test_a_p3_without_an_answer_is_not_loud_out_of_its_hours():
    run = table(rnd_steps=when(WORKING), loops=1, to_rnd_after=minutes(3), ops_steps=when(ALWAYS))
    run.incident("opened", 1, P3).between("10:00", "10:00").page("ann").silent_until("12:00")
    run.between("12:00", "12:00").page("dan")


@pytest.mark.parametrize("priority", [P1, P3], ids=["P1", "P3"])
def test_tier_2_that_falls_due_out_of_hours_moves_to_the_next_working_hour(priority):
    run = table(ops_steps=when(ALWAYS), rnd_when=WORKING, loop_every=minutes(60), loops=1)
    run.incident("opened", 1, priority).between("10:00", "10:00").page("ann").at("10:09")
    assert "tier 2 is not paged at this hour; it is at 2026-11-23 12:00 UTC" in lines(run)
    if priority is P1:
        run.between("11:08", "11:08").page("ann")
    run.silent_until("12:00").between("12:00", "12:00").page("dan").is_in(State.T2_PAGING)


def test_triage_that_ends_out_of_hours_waits_as_well():
    run = table(rnd_when=WORKING, ops_lease=minutes(600)).incident("opened")
    run.between("10:00", "10:00").page("ann").person("ann", "ack").silent_until("12:00")
    run.between("12:00", "12:00").page("dan")


def test_a_person_escalates_at_any_hour():
    run = table(rnd_when=WORKING, rnd_steps=when(WORKING, WORKING)).incident("opened", 1, P3)
    run.between("10:00", "10:00").page("ann").person("ann", "escalate").between("10:00", "10:00").page("dan")


def test_who_cannot_take_a_p3_leaves_it_to_the_hours_of_tier_2():
    run = table(ops_steps=when(ALWAYS), rnd_when=WORKING, loops=1).incident("opened", 1, P3)
    run.between("10:00", "10:00").page("ann").person("ann", "unack").silent_until("12:00")
    run.between("12:00", "12:00").page("dan")


def test_an_owner_who_goes_silent_is_paged_though_no_step_counts():
    run = table(ops_steps=when(WORKING), ops_lease=minutes(10), triage=minutes(600))
    run.incident("opened", 1, P3).person("ann", "ack").between("10:10", "10:10").page("ann")
