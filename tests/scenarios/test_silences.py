"""Silences and maintenance windows in the whole program: they put pages off and never lose one."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.config import Config
from alertmesh.core.entries import SilenceExpired, SilenceSet
from alertmesh.core.matchers import parse_matchers
from alertmesh.core.response import State
from alertmesh.core.silence import Condition, Silence, Window
from tests.scenarios.people import staffed
from tests.scenarios.timetable import Timetable, clock


def maintained(begins: str, ends: str, matchers: str = 'cluster="east"') -> Config:
    """Return the shipped configuration with a window every day."""
    window = Window(
        name="upgrade",
        matchers=matchers,
        comment="new kernel",
        begins=time.fromisoformat(begins),
        ends=time.fromisoformat(ends),
    )
    config = staffed("chat")
    return replace(config, sections={**config.sections, "maintenance": {"windows": [window]}})


def silence(table: Timetable, matchers: str, minutes: float, id: str = "s1", start: str = "") -> Timetable:
    now = table.program.clock.now()
    starts_at = clock(start) if start else now
    made = Silence(
        id=id,
        matchers=tuple(map(Condition.of, parse_matchers(matchers))),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        created_by="wang",
        comment="disk swap",
        updated_at=now,
    )
    table.program._log([SilenceSet(silence=made, at=now)])
    table.program.work()
    return table


def expire(table: Timetable, id: str = "s1") -> Timetable:
    table.program._log([SilenceExpired(id=id, actor="wang", at=table.program.clock.now())])
    table.program.work()
    return table


def test_born_in_maintenance_and_still_firing_at_its_end_is_paged_within_seconds():
    table = Timetable(maintained("09:00", "11:00"))
    table.fires("NodeDown", node="n1").quiet_until("10:59:59").is_in(State.SUPPRESSED)
    table.between("11:00", "11:00:05").page("wang")
    assert "unsuppressed: the suppression ended: maintenance upgrade (new kernel)" in table.said()


def test_cleared_in_maintenance_is_never_paged():
    table = Timetable(maintained("09:00", "11:00"))
    table.fires("NodeDown", node="n1").at("10:30").clears("NodeDown", since="10:00", node="n1")
    table.quiet_until("20:00")


def test_cleared_and_back_in_maintenance_waits_for_its_end():
    table = Timetable(maintained("09:00", "11:00"))
    table.fires("NodeDown", node="n1").at("10:10").clears("NodeDown", since="10:00", node="n1")
    table.at("10:12").fires("NodeDown", node="n1").quiet_until("10:59:59")
    table.between("11:00", "11:00:05").page("wang")


def test_what_fires_when_maintenance_begins_is_paged_no_further():
    table = Timetable(maintained("10:05", "11:00"))
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang")
    table.between("10:03", "10:03").page("chen").quiet_until("10:59:59")
    table.between("11:00", "11:00:05").page("wang")


def test_a_restart_in_maintenance_changes_nothing():
    table = Timetable(maintained("09:00", "11:00"))
    table.fires("NodeDown", node="n1").at("10:30").restart().quiet_until("10:59:59")
    table.restart().between("11:00", "11:00:05").page("wang")


def test_maintenance_that_ended_while_the_program_was_down_pages_at_once():
    table = Timetable(maintained("09:00", "11:00"))
    table.fires("NodeDown", node="n1", lease_s=86_400)
    table.program.clock.set(clock("12:00"))
    table.restart().between("12:00", "12:00:05").page("wang")


def test_a_reload_takes_up_a_window_and_lets_go_of_it(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang").at("10:01")
    table.program.pipeline.escalate.plan(maintained("09:00", "11:00").section("maintenance")["windows"])
    table.quiet_until("10:10").is_in(State.SUPPRESSED)
    table.program.pipeline.escalate.plan([])
    table.between("10:10", "10:10").page("wang")


def test_a_silence_keeps_quiet_until_it_ends(table):
    silence(table, 'alertname="NodeDown"', 30).fires("NodeDown", node="n1").quiet_until("10:29:59")
    assert "suppressed: by silence s1 (disk swap) until 2026-11-23 10:30 UTC" in table.said()
    table.between("10:30", "10:30:05").page("wang")


def test_a_silence_that_is_ended_early_pages_at_once(table):
    silence(table, 'alertname="NodeDown"', 30).fires("NodeDown", node="n1").quiet_until("10:10")
    expire(table).between("10:10", "10:10").page("wang")


def test_a_silence_of_half_the_members_does_not_suppress(table):
    silence(table, 'alertname="NodeFilesystemFull"', 60).fires("NodeFilesystemFull", node="n7")
    table.at("10:00:10").is_in(State.SUPPRESSED).fires("KubePodNotReady", node="n7", pod="ledger-1")
    assert table.incident().series == 2
    table.between("10:00:10", "10:00:10").page("wang").is_in(State.T1_PAGING)


def test_a_merge_with_what_is_not_silenced_ends_the_quiet(table):
    silence(table, 'node="n1"', 60).fires("NodeDown", node="n1").at("10:01")
    table.fires("CertificateInvalid", service="mail", namespace="post")
    table.between("10:01", "10:01").page("wang", incident=2).at("10:02").does("wang", "merge", 2, into="1")
    table.between("10:02", "10:02").page("wang").is_in(State.T1_PAGING)


def test_a_silence_of_the_milder_alert_does_not_hide_the_worse_of_the_same_series(table):
    silence(table, 'severity="warning"', 60).fires("DiskFull", severity="warning", node="n1")
    table.quiet_until("10:20").fires("DiskFull", severity="critical", node="n1")
    table.between("10:20", "10:20").page("wang")


def test_the_milder_alert_that_comes_later_does_not_hide_the_worse(table):
    silence(table, 'severity="warning"', 60).fires("DiskFull", severity="critical", node="n1")
    table.fires("DiskFull", severity="warning", node="n1").between("10:00", "10:00").page("wang")


def test_once_the_part_that_is_not_silenced_clears_nobody_is_paged_on(table):
    table.fires("DiskFull", severity="critical", node="n1").between("10:00", "10:00").page("wang")
    table.fires("DiskFull", severity="warning", node="n1")
    silence(table, 'severity="warning"', 60).at("10:01")
    table.clears("DiskFull", since="10:00", severity="critical", node="n1").quiet_until("10:59")
    table.is_in(State.SUPPRESSED).between("11:00", "11:00:05").page("wang")


def test_two_silences_in_a_row_are_one_quiet(table):
    silence(table, 'node="n1"', 30)
    silence(table, 'node="n1"', 30, "s2", "10:30").fires("NodeDown", node="n1").quiet_until("10:59:59")
    table.between("11:00", "11:00:05").page("wang")


def test_a_longer_end_is_told(table):
    silence(table, 'node="n1"', 30).fires("NodeDown", node="n1").at("10:10")
    silence(table, 'node="n1"', 60).quiet_until("11:09:59")
    assert "suppressed: by silence s1 (disk swap) until 2026-11-23 11:10 UTC" in table.said()
    table.between("11:10", "11:10:05").page("wang")


def test_a_person_who_has_it_keeps_it(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang").ack("wang")
    silence(table, 'node="n1"', 60).is_in(State.T1_ACKED).at("10:05").does("wang", "unack")
    table.is_in(State.SUPPRESSED).quiet_until("10:59").between("11:00", "11:00:05").page("wang")


def test_a_person_can_call_for_help_in_a_silence(table):
    silence(table, 'node="n1"', 60).fires("NodeDown", node="n1").at("10:05").does("wang", "escalate")
    table.between("10:05", "10:05").page("li").is_in(State.T2_PAGING)


def test_a_silence_that_cannot_be_ended_is_refused(table):
    expire(table, "other")
    assert "no silence other" in str(table.program.refused.pop())


_NODES = st.sampled_from(["n1", "n2"])
_SEVERITIES = st.sampled_from(["critical", "warning"])
_MATCHERS = st.sampled_from(['node="n1"', 'severity="warning"', 'cluster="east"', 'node!="n2"'])
_DEEDS = st.one_of(
    st.builds(lambda n, s: lambda t: t.fires("Trouble", severity=s, node=n), _NODES, _SEVERITIES),
    st.builds(lambda n, s: lambda t: t.clears("Trouble", severity=s, node=n), _NODES, _SEVERITIES),
    st.builds(
        lambda m, d, i: lambda t: silence(t, m, d, i), _MATCHERS, st.integers(1, 9), st.sampled_from("ab")
    ),
    st.builds(lambda i: lambda t: expire(t, i), st.sampled_from("ab")),
    st.builds(lambda n: lambda t: t._ask("wang", "ack", n, None, {}), st.integers(1, 2)),
    st.just(lambda t: t._ask("wang", "merge", 2, None, {"into": "1"})),
)
_STREAMS = st.lists(st.tuples(st.integers(0, 300), _DEEDS), min_size=1, max_size=14)


def _run(stream, restarts):
    table = Timetable(maintained("10:10", "10:20", 'severity="warning"'))
    moment = table.program.clock.now()
    for index, (pause_s, deed) in enumerate(stream):
        moment += timedelta(seconds=pause_s)
        table.program.pass_until(moment)
        if index in restarts:
            table.restart()
        deed(table)
    table.program.pass_until(moment + timedelta(hours=1))
    return table


def _outcome(table):
    history = table.program.history
    numbers = [incident.id for incident, _ in history.incidents(None, 1000)]
    return [
        history.incidents(None, 1000),
        [history.attempts(number) for number in numbers],
        [history.timeline(number, 0, 10_000) for number in numbers],
        table.program.left,
    ]


@settings(max_examples=60)
@given(_STREAMS, st.sets(st.integers(0, 13), max_size=4))
def test_a_run_that_is_cut_anywhere_ends_like_one_that_is_not(stream, restarts):
    assert _outcome(_run(stream, restarts)) == _outcome(_run(stream, set()))


@pytest.mark.parametrize("cut", range(5))
def test_a_story_that_is_cut_anywhere_ends_like_one_that_is_not(cut):
    stream = [
        (0, lambda t: t.fires("Trouble", severity="warning", node="n1")),
        (60, lambda t: silence(t, 'node="n1"', 20)),
        (600, lambda t: t.fires("Trouble", severity="critical", node="n1")),
        (60, lambda t: t.clears("Trouble", severity="critical", node="n1")),
        (60, lambda t: expire(t)),
    ]
    assert _outcome(_run(stream, {cut})) == _outcome(_run(stream, set()))
