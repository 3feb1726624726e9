"""What a jump of the wall clock, or a long sleep, does to escalation: nothing that anybody notices."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.core.entries import Tick
from alertmesh.core.page import PageKind
from alertmesh.core.response import Timer
from alertmesh.escalate.events import EventKind, MachineEvent
from alertmesh.escalate.stage import EscalateStage
from tests.escalate.fakes import P1, P2, P3, T0, after, command, happened, minutes, oncall
from tests.escalate.timetable import Timetable

HOUR = timedelta(hours=1)
both_ways = pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["forward", "back"])


def jump(table: Timetable, by: timedelta) -> Timetable:
    """Set the clock, and let what is due by then happen."""
    table.stage.jump(by)
    table.now += by
    return table.tick()


@both_ways
def test_the_next_step_comes_when_it_would_have(by):
    table = Timetable().incident("opened").between("10:00", "10:00").page("ann")
    jump(table.at("10:02"), by)
    start = f"{table.now + minutes(1):%H:%M}"
    assert table.between(start, start).page("ben").unexpected == []


@both_ways
def test_a_button_that_was_drawn_before_still_works(by):
    table = Timetable().incident("opened").between("10:00", "10:00").page("ann")
    drawn = table.stage.response(1).epoch
    jump(table.at("10:02"), by).person("ann", "ack", epoch=drawn)
    assert table.stage.response(1).owner == "ann"


@both_ways
def test_the_bound_of_a_hold_goes_along(by):
    table = Timetable().incident("opened", priority=P3, hold_until=after(10))
    jump(table.at("10:02"), by)
    # Another wish to wait cannot hold it for more than half an hour since it opened.
    table.incident("grew", priority=P3, hold_until=table.now + 3 * HOUR)
    assert table.stage.response(1).deadlines[Timer.HOLD] == after(30) + by


@both_ways
def test_what_stands_still_while_it_is_clear_goes_along(by):
    table = Timetable().incident("opened").between("10:00", "10:00").page("ann").person("ann", "ack")
    table.at("10:10").incident("cleared")
    before = table.stage.response(1)
    jump(table, by)
    moved = table.stage.response(1)
    assert moved.paused == {timer: due + by for timer, due in before.paused.items()}
    assert before.paused


@both_ways
def test_the_end_of_a_suppression_is_a_time_of_day_and_stays(by):
    table = Timetable().incident("opened", priority=P3)
    silenced = MachineEvent(kind=EventKind.SUPPRESS, until=after(90), text="a silence")
    table.stage.apply(1, silenced, table.now)
    table.stage.jump(by)
    assert table.stage.response(1).deadlines == {Timer.WINDOW: after(90)}


def many_acked(count: int) -> tuple[EscalateStage, dict[tuple[str, str | int], bytes]]:
    """Return a stage with acked P1 incidents, and its rows."""
    stage, rows = EscalateStage(oncall()), {}
    for number in range(1, count + 1):
        stage.feed([happened("opened", number)], T0)
        stage.command(command("ack", "ann", number), after(1))
    stage.feed([Tick(after(2))], after(2))
    keep(stage, rows)
    return stage, rows


def keep(stage: EscalateStage, rows: dict[tuple[str, str | int], bytes]) -> None:
    for row in [row for table in stage.tables for row in table.drain()]:
        rows[row.table, row.key] = row.body


def again(rows: dict[tuple[str, str | int], bytes]) -> EscalateStage:
    """Return a stage that knows the rows only."""
    stage = EscalateStage(oncall())
    for table in stage.tables:
        table.restore([(key, body) for (name, key), body in rows.items() if name == table.table and body])
    stage.restored()
    return stage


@pytest.mark.parametrize("restarts", [False, True], ids=["goes on", "restarts"])
def test_an_hour_forward_pages_nobody_about_a_thousand_acked_incidents(restarts):
    stage, rows = many_acked(1000)
    stage.jump(HOUR)
    keep(stage, rows)
    stage = again(rows) if restarts else stage
    now = after(3) + HOUR
    assert stage.feed([Tick(now)], now).attempts == []
    assert stage.deadline() == after(1 + 15) + HOUR


jumps = st.lists(st.tuples(st.integers(1, 20), st.integers(-3600, 3600), st.booleans()), max_size=5)


def escalation(plan: list[tuple[int, int, bool]]) -> list[tuple[timedelta, str, int, int]]:
    """Return who was paged after how much time, for a P1 that nobody takes while the clock jumps."""
    table, shift, said, taken = Timetable().incident("opened"), timedelta(), [], 0
    for wait, by_s, restarts in [*plan, (120 - sum(wait for wait, _, _ in plan), 0, False)]:
        table._pass(table.now + minutes(wait))
        for attempt in table.attempts[taken:]:
            page = attempt.page
            said.append((page.at - T0 - shift, page.person, page.step, page.loop))
        taken = len(table.attempts)
        jump(table, timedelta(seconds=by_s))
        shift += timedelta(seconds=by_s)
        if restarts:
            table.restart()
    return said


UNDISTURBED = escalation([])


@settings(max_examples=60, deadline=None)
@given(jumps)
def test_jumps_change_neither_pages_nor_the_time_between_them(plan):
    assert escalation(plan) == UNDISTURBED


def test_there_is_something_to_disturb():
    assert len(UNDISTURBED) > 12


def test_after_downtime_the_worst_and_oldest_are_paged_first_each_once():
    table = Timetable()
    for number, priority, opened in [(1, P2, "10:00"), (2, P1, "10:05"), (3, P2, "10:01"), (4, P1, "10:04")]:
        table.at(opened).incident("opened", number, priority)
    table.at("10:05:30")
    begun = len(table.attempts)
    table.asleep_until("10:07:30").tick()
    assert [a.page.incident for a in table.attempts[begun:] if a.page.kind is PageKind.PAGE] == [4, 1]
    again_at = len(table.attempts)
    table.asleep_until("11:00").tick()
    paged = [attempt.page.incident for attempt in table.attempts[again_at:]]
    # Of the two P1 number 2 was due earlier by then, and of the two P2 number 3.
    assert list(dict.fromkeys(paged)) == [2, 4, 3, 1]
