"""Twenty words of people on real placements move what the stage does, and a restart keeps it."""

from alertmesh.core.entries import Action, Feedback
from alertmesh.core.series import Change
from tests.correlate.fakes import START, at, fires
from tests.correlate.learned import LearnedBench

STEP_S = 1000.0


def pair(number: int) -> tuple[Change, Change]:
    """Two alerts of one service a moment apart, long after the pair before."""
    seconds = number * STEP_S
    where = {"namespace": f"ns{number}", "service": f"web{number}"}
    return fires(seconds, "HighLatency", **where), fires(seconds + 9, "CPUHigh", **where)


def corrected(action: Action, count: int = 20) -> LearnedBench:
    """Return a bench where people said the same of many pairs."""
    bench = LearnedBench()
    for number in range(count):
        first, second = pair(number)
        bench.feed(first, second)
        said = Feedback(action=action, actor="ann", at=START, a=first.series.id, b=second.series.id)
        bench.follow(bench.stage.feedback(said, at(number * STEP_S + 60)))
    return bench


def next_pair(bench: LearnedBench) -> float:
    """Return how likely the next pair is one; both are in one group, or the second began its own."""
    first, second = pair(100)
    bench.feed(first, second)
    found = bench.stage.explainer(str).why(second.series.id)
    assert found is not None
    return found.probability if found.log_odds or found.rival is None else found.rival.probability


def test_splits_make_the_next_pair_less_likely_and_merges_do_not() -> None:
    untaught, split, merged = LearnedBench(), corrected(Action.SPLIT), corrected(Action.MERGE)
    before = next_pair(untaught)
    assert next_pair(split) < before - 0.05
    assert before <= next_pair(merged) < before + 0.05


def test_a_restart_keeps_what_was_learned() -> None:
    bench, again = corrected(Action.SPLIT), corrected(Action.SPLIT)
    again.restart()
    assert next_pair(again) == next_pair(bench)
