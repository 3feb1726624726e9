"""The figures follow their definitions, on groupings small enough to reckon by hand."""

import pytest

from benchmarks.scoring import score


def test_a_perfect_grouping_has_every_figure_at_its_best():
    scores = score(["a", "a", "b", "b", ""], ["1", "1", "2", "2", ""])
    assert scores[1:5] == (1, 1, 1, 1)
    assert (scores.per_true, scores.mixed, scores.noise_only, scores.left_out) == (1, 0, 0, 0)


def test_noise_pulled_in_costs_precision():
    # Three of the group's four alerts are the incident's: precision 3/4, recall 1.
    assert score(["a", "a", "a", ""], ["1"] * 4).incident_f1 == pytest.approx(6 / 7)


def test_a_torn_incident_costs_recall():
    # Each alert sees 3 or 1 of its incident's four: recall (9 + 1) / 16.
    scores = score(["a"] * 4, ["1", "1", "1", "2"])
    assert scores.incident_f1 == pytest.approx(2 * 0.625 / 1.625)
    assert scores.per_true == 2


def test_one_group_for_everything_is_no_better_than_chance():
    scores = score(["a", "a", "b", "b"], ["1"] * 4)
    assert scores.clean_ari == 0
    assert scores.pair_f1 == pytest.approx(0.5)  # 2 of the 6 pairs belong together
    assert scores.mixed == 1


def test_an_alert_left_out_is_a_group_of_its_own():
    assert score(["a", "a", "", ""], ["1", "1", "", "-"]).compression == pytest.approx(4 / 3)


def test_a_noise_alert_with_an_incident_is_counted_and_one_without_is_not():
    assert score(["a", "", ""], ["1", "9", ""]).noise_only == 1


def test_an_incident_without_any_placed_alert_is_left_out():
    assert score(["a", "a", "b"], ["", "", "1"]).left_out == pytest.approx(0.5)
