"""The gate says which streams keep up, and a sweep's areas are those of its points."""

import pytest

from benchmarks.attack_steps import areas_of, pooled
from benchmarks.grouping import Result, Rival, rivals, verdicts
from benchmarks.scoring import Rates, Scores, mean_rates


def result(stream, method, figure):
    return Result(stream, method, Scores(9, figure, 0, 0, 0, 1, 1, 0, 0, 0), 1000.0)


@pytest.mark.parametrize(("ours", "met"), [(0.70, True), (0.69, True), (0.68, False)])
def test_a_hundredth_less_than_the_session_is_tolerated(ours, met):
    assert Rival("x", ours, 0.70).is_met is met


def test_a_stream_is_held_against_its_own_session():
    results = [
        result("a", "alertmesh", 0.9),
        result("a", "alertmesh after b", 0.1),
        result("a", "gap 120 s per cluster", 0.8),
        result("a", "gap 600 s per cluster", 0.95),
    ]
    assert rivals(results) == [Rival("a", 0.9, 0.8)]


def test_every_stream_gets_its_verdict():
    lines = list(verdicts([Rival("a", 0.9, 0.8), Rival("b", 0.5, 0.8)]))
    assert [line.split()[1] for line in lines[1:3]] == ["met", "not"]
    assert lines[-1] == "1 of 2 streams met"


def both_views(**steps):
    return {
        view: {name.replace("_", "."): rates for name, rates in steps.items()} for view in ("clean", "noise")
    }


def test_the_areas_of_a_sweep():
    points = [both_views(a_0_0=Rates(0.5, 0.8)), both_views(a_0_0=Rates(1, 0.4))]
    assert areas_of(points)["noise"] == pytest.approx(0.5 * 0.8 + 0.5 * 0.4)


def test_steps_of_several_streams_are_instances_of_one_stage():
    one, other = both_views(a_0_0=Rates(1, 1), b_0_0=Rates(1, 1)), both_views(a_0_0=Rates(1, 0))
    [together] = pooled([[one], [other]])
    assert mean_rates(together["clean"]).tpr == pytest.approx((0.5 + 1) / 2)
