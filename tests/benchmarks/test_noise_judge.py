"""The figures follow from the truth and two counts, and perfect rules would get perfect figures."""

import pytest

from benchmarks.cluster_ground import Shape
from benchmarks.cluster_week import Week
from benchmarks.noise_cut import measure, run
from benchmarks.noise_judge import NOISE, Verdict, judge

SHAPE = Shape(nodes=100, days=1, warmup_days=0)


@pytest.fixture(scope="module")
def week():
    return Week(7, SHAPE)


@pytest.fixture(scope="module")
def bare(week):
    return run(week.alerts(), None, bare=True)


@pytest.mark.parametrize(
    ("before", "after", "bound", "lost", "late"),
    [
        pytest.param(10.0, 10.0, 0.0, False, False, id="the same"),
        pytest.param(10.0, 200.0, 300.0, False, False, id="within the bound"),
        pytest.param(10.0, 400.0, 300.0, False, True, id="past the bound"),
        pytest.param(400.0, 400.0, 300.0, False, False, id="late without rules too"),
        pytest.param(10.0, None, 300.0, True, False, id="never"),
        pytest.param(None, None, 300.0, False, False, id="never without rules either"),
    ],
)
def test_a_verdict(before, after, bound, lost, late):
    verdict = Verdict("case", before, after, bound)
    assert (verdict.lost, verdict.late) == (lost, late)


def test_without_rules_nothing_changes(week, bare):
    judged = judge(week, bare, bare, (0.0, 0.0))
    assert judged.pages_before == judged.pages_after
    assert not any(verdict.lost or verdict.late for verdict in judged.verdicts)
    assert sum(right for right, _, _ in judged.marks.values()) == 0


def test_every_noise_is_counted(week, bare):
    judged = judge(week, bare, bare, (0.0, 0.0))
    noise = [episode for episode in week.episodes if episode.kind in NOISE]
    assert sum(item.episodes for item in judged.noise.values()) == len(noise)


def test_every_demand_has_a_verdict(week, bare):
    judged = judge(week, bare, bare, (0.0, 0.0))
    assert len(judged.verdicts) == sum(len(episode.demands) for episode in week.episodes)


def test_weeks_add_up():
    one = measure(7, SHAPE, None)
    both = one + one
    assert both.events == 2 * one.events
    assert both.noise["healing"].firings == 2 * one.noise["healing"].firings
    assert len(both.verdicts) == 2 * len(one.verdicts)
