"""The benchmark of escalation measures what it says: which ticks have something due, and how much."""

from datetime import timedelta

from benchmarks.escalation import HANDFUL, START, busy, by_table, drained, started, tick

OPEN, DUE = 60, 25


def test_nothing_is_due_then_a_handful_then_the_rest():
    stage = busy(OPEN, DUE)
    drained(stage)
    calm, calm_rows = tick(stage, START + timedelta(minutes=2))
    early, _ = tick(stage, START + timedelta(minutes=2, seconds=30))
    rest, rows = tick(stage, START + timedelta(minutes=3))
    assert (calm.attempts, calm_rows) == ([], [])
    assert (len(early.attempts), len(rest.attempts)) == (HANDFUL, DUE - HANDFUL)
    assert len(rows) >= DUE - HANDFUL


def test_a_start_takes_every_response_back_and_catches_up():
    stage, _ = started(by_table(drained(busy(OPEN, DUE))))
    assert len(list(stage.responses())) == OPEN
    late, _ = tick(stage, START + timedelta(minutes=10))
    assert len({attempt.page.incident for attempt in late.attempts}) == DUE
