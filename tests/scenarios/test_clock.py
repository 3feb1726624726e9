"""The wall clock is set forward or back: no storm of pages, and none that is missed."""

import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.core.incident import Condition
from alertmesh.core.response import State
from tests.scenarios.test_silences import maintained
from tests.scenarios.timetable import Timetable, clock

both_ways = pytest.mark.parametrize("hours", [1, -1], ids=["forward", "back"])


def passes(table: Timetable, minutes: float) -> Timetable:
    """Let so much time pass, whatever the clock shows."""
    table.program.pass_until(table.program.clock.now() + timedelta(minutes=minutes))
    return table


def heard(table: Timetable) -> list[str]:
    """Return who heard what since the last look."""
    new = [f"{left.kind} to {left.person} about #{left.incident}" for left in table.unexpected]
    table.unexpected.clear()
    return new


def test_an_hour_forward_ends_no_lease_and_pages_nobody(table):
    for number in range(30):
        table.fires("NodeDown", node=f"n{number}", service=f"s{number}", lease_s=240)
    for number in table.numbers():
        table.ack("wang", number)
    heard(table)
    table.at("10:01").jump(1)
    assert heard(passes(table, 3.9)) == []
    assert {table.incident(number).condition for number in table.numbers()} == {Condition.FIRING}


def test_after_an_hour_back_a_lease_ends_when_it_would_have(table):
    table.fires("NodeDown", node="n1", lease_s=240).between("10:00", "10:00").page("wang").ack("wang")
    passes(table, 3).jump(-1)
    assert passes(table, 3.9).incident().condition is Condition.FIRING
    assert passes(table, 0.2).incident().condition is Condition.CLEARED
    table.unexpected.clear()


def test_after_an_hour_back_a_new_p1_is_paged_at_once_and_closed_when_it_ends(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang").ack("wang").at("10:05").jump(-1)
    table.fires("DbDown", cluster="west", node="n2", service="db").between("09:05", "09:05").page(
        "wang", incident=2
    )
    table.between("09:08", "09:08").page("chen", incident=2).ack("chen", 2)
    table.clears("DbDown", cluster="west", node="n2", service="db")
    table.between("09:13", "09:14").closing("wang", "chen", incident=2).is_in(State.RESOLVED, 2)


def test_after_an_hour_back_what_ended_before_may_fire_and_end_again(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang").ack("wang")
    table.at("10:02").clears("NodeDown", since="10:00", node="n1").jump(-1)
    table.at("09:02:10").fires("NodeDown", node="n1")
    assert table.incident().condition is Condition.FIRING
    table.at("09:04").clears("NodeDown", since="09:02:10", node="n1")
    assert table.incident().condition is Condition.CLEARED
    table.between("09:09", "09:09").closing("wang")


@both_ways
def test_what_is_held_is_paged_when_its_hold_would_have_ended(table, hours):
    table.fires("DiskFills", severity="warning", node="n1").at("10:01").jump(hours)
    assert heard(passes(table, 0.9)) == []
    assert heard(passes(table, 0.2)) == ["page to wang about #1"]


def test_after_a_day_back_what_comes_hours_apart_is_not_one_trouble(table):
    table.fires("WebDown", service="web", namespace="shop").jump(-24)
    passes(table, 180)
    table.fires("MailFull", service="mail", namespace="shop")
    assert len(table.numbers()) == 2
    heard(table)


@both_ways
def test_a_restart_before_the_jump_was_decided_decides_it_then(table, hours):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang").at("10:01")
    table.program.jump(timedelta(hours=hours))
    assert heard(passes(table.restart(), 1.9)) == []
    assert heard(passes(table, 0.2)) == ["page to chen about #1"]


deeds = st.sampled_from(["nothing", "fires", "ends", "restart"])
jumps = st.lists(st.tuples(st.integers(1, 12), st.integers(-3600, 3600), deeds), max_size=5)


def story(plan: list[tuple[int, int, str]], jumping: bool) -> list[tuple[timedelta, str]]:
    """Return who heard what after how much time, while P1 alerts come and go and nobody answers."""
    table, said, shift = Timetable().fires("NodeDown", node="n0", service="s0"), [], timedelta()
    begun = clock("10:00")
    for place, (wait, by_s, deed) in enumerate([*plan, (60, 0, "nothing")], 1):
        passes(table, wait)
        said += [
            (left.at - begun - shift, f"{left.kind} {left.person} {left.incident}")
            for left in table.unexpected
        ]
        table.unexpected.clear()
        if jumping:
            table.jump(by_s / 3600)
            shift += timedelta(hours=by_s / 3600)
        if deed == "fires":
            table.fires("DbDown", cluster=f"c{place}", node=f"n{place}", service=f"s{place}")
        elif deed == "ends":
            table.clears("NodeDown", node="n0", service="s0")
        elif deed == "restart":
            table.restart()
    for number in table.numbers():
        assert not re.search(r"-\d+ ?(s|min|h)\b", " ".join(table.said(number)))
    return said


@settings(max_examples=40, deadline=None)
@given(jumps)
def test_whatever_the_clock_does_people_hear_the_same_at_the_same_time(plan):
    assert story(plan, jumping=True) == story(plan, jumping=False)


def test_after_downtime_nobody_is_paged_under_a_window_that_began_meanwhile():
    table = Timetable(maintained("10:30", "12:00"))
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang").at("10:01")
    table.program.clock.set(clock("11:00"))
    table.restart().quiet_until("11:59:59").is_in(State.SUPPRESSED)
    table.between("12:00", "12:00:05").page("wang")


def test_after_downtime_the_worst_and_oldest_leaves_first(table):
    for name, severity in [("DiskFills", "error"), ("NodeDown", "critical"), ("DbDown", "critical")]:
        table.fires(name, severity=severity, cluster=name, node=name, service=name).at("10:00:10")
    table.at("10:01").program.clock.set(clock("10:30"))
    heard(table)
    table.restart().at("10:30:01")
    order = list(dict.fromkeys(left.incident for left in table.unexpected))
    assert [table.incident(number).title.split()[0] for number in order] == [
        "NodeDown",
        "DbDown",
        "DiskFills",
    ]
    table.unexpected.clear()
