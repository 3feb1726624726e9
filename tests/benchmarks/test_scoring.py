"""The rates over pairs and the area below them follow their definitions, on cases reckoned by hand."""

import math

import pytest

from benchmarks.scoring import Rates, mean_rates, step_area, step_rates


def test_a_torn_step_has_a_share_of_its_pairs():
    # 3 + 1 alerts: (9 + 1) of the 16 pairs are together; no other alert is in its groups.
    rates = step_rates(["a.0.0"] * 4 + ["b.0.0"], ["1", "1", "1", "2", "3"])
    assert rates["clean"]["a.0.0"] == (1, 10 / 16)


def test_noise_counts_in_one_view_only():
    rates = step_rates(["a.0.0", "b.0.0", "", ""], ["1", "2", "1", ""])
    assert rates["clean"]["a.0.0"].tnr == 1
    assert rates["noise"]["a.0.0"].tnr == pytest.approx(2 / 3)  # one of three others is with it


def test_a_step_alone_in_the_stream_has_no_rate_of_others():
    assert math.isnan(step_rates(["a.0.0"], ["1"])["clean"]["a.0.0"].tnr)


def test_a_kind_with_many_instances_weighs_no_more():
    steps = {"a.0.0": Rates(1, 0), "a.0.1": Rates(1, 0), "a.1.0": Rates(1, 1), "b.0.0": Rates(1, 1)}
    assert mean_rates(steps).tpr == 0.75  # a: (0 + 1) / 2, b: 1


def test_a_rate_that_is_no_number_counts_nowhere():
    assert mean_rates({"a.0.0": Rates(math.nan, 1), "b.0.0": Rates(0.5, 1)}) == (0.5, 1)


@pytest.mark.parametrize(
    ("points", "area"),
    [
        ([Rates(1, 1)], 1),
        ([Rates(0, 1), Rates(1, 0)], 0),
        ([Rates(0.5, 0.8), Rates(0.9, 0.5)], 0.5 * 0.8 + 0.4 * 0.5),
        ([Rates(0.5, 0.8), Rates(0.4, 0.7)], 0.4),
        ([Rates(0.5, 0.8), Rates(math.nan, 1)], 0.4),
    ],
    ids=["best", "extremes only", "two steps", "one is better in both", "no number"],
)
def test_the_area_counts_what_is_below_the_best_points(points, area):
    assert step_area(points) == pytest.approx(area)
