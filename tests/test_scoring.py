"""The figures follow their definitions, on groupings small enough to reckon by hand."""

import gzip

import pytest

from alertmesh.core.errors import BadPayload
from alertmesh.scoring import MEANINGS, Scores, read_grouping, read_truth, score, score_against


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


def written(path, *lines):
    path.write_text("\n".join(lines) + "\n")
    return path


def test_ids_may_be_in_any_order_and_the_truth_may_be_packed(tmp_path):
    grouping = read_grouping(written(tmp_path / "groups.csv", "id,incident,role", "2,9,member", "1,9,root"))
    with gzip.open(tmp_path / "truth.csv.gz", "wt") as out:
        out.write("alert_id,group\n1,a\n2,a\n")
    assert score_against(read_truth(tmp_path / "truth.csv.gz"), grouping).incident_f1 == 1


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["id,incident", "1,a"], "truth.csv: no column group; there are id, incident"),
        (["number,group", "1,a"], "truth.csv: no column id or alert_id; there are number, group"),
        (["id,group", "1,a", "1,b"], "truth.csv:3: id 1 is there twice"),
        (["id,group", "1,a", "7,b"], "1 alerts are not in the grouping, the first is 7"),
        (["id,group"], "1 alerts are not in the truth, the first is 1"),
        (["id,group", "1,"], "the truth names no incident: there is nothing to hold the grouping against"),
    ],
    ids=["no group", "no id", "twice", "not grouped", "not known", "only noise"],
)
def test_what_does_not_fit_is_named(tmp_path, lines, problem):
    truth = written(tmp_path / "truth.csv", *lines)
    with pytest.raises(BadPayload) as raised:
        score_against(read_truth(truth), {"1": "9"})
    assert str(raised.value) == problem


def test_every_figure_is_explained():
    assert tuple(MEANINGS) == Scores._fields
