"""What is a long silence depends on how long alerts of a scope usually last."""

import pytest

from tests.correlate.fakes import clears, fires
from tests.correlate.learned import LearnedBench


def _after(lasting_s: float, quiet_s: float) -> tuple[LearnedBench, str, str]:
    """Teach a scope that its alerts last so long; return what comes after such a silence, and before."""
    bench = LearnedBench()
    moment = 0.0
    for number in range(120):
        one = fires(moment, f"Habit{number % 7}", node=f"node-{number % 5}")
        bench.feed(one)
        bench.feed(clears(one, moment + lasting_s))
        moment += lasting_s + 7200.0
    first = fires(moment, "DiskSlow", node="db-1")
    bench.feed(first)
    bench.feed(clears(first, moment + lasting_s))
    then = fires(moment + lasting_s + quiet_s, "DiskFull", node="db-1")
    bench.feed(then)
    return bench, first.series.id, then.series.id


@pytest.mark.parametrize(
    ("lasting_s", "quiet_s", "joins"),
    [(5.0, 4.0, True), (5.0, 30.0, False), (30.0, 25.0, True), (20.0, 38.0, True), (12.0, 40.0, False)],
)
def test_a_group_that_is_over_for_long_beside_what_is_usual_takes_nothing(lasting_s, quiet_s, joins):
    bench, first, then = _after(lasting_s, quiet_s)
    assert (bench.of[first] == bench.of[then]) == joins


def test_it_is_told_why_it_took_nothing():
    bench, first, then = _after(5.0, 30.0)
    apart = bench.stage.explainer(str).apart(bench.of[first], bench.of[then])
    assert apart is not None
    assert apart.answer.endswith(
        "all of it was over for more than twice as long as alerts there usually last"
    )
