"""`alertmesh score` and `alertmesh train`, as typed."""

import json
import re

import pytest
from typer.testing import CliRunner

from alertmesh.cli import app
from alertmesh.core.errors import BadPayload
from alertmesh.correlate.model import decode
from tests.recordings import failing, write


@pytest.fixture
def typed(tmp_path):
    """Return a call of `alertmesh score` on a grouping of three alerts and the truth given."""
    groups, truth = tmp_path / "groups.csv", tmp_path / "truth.csv"
    groups.write_text("id,incident,role\n1,7,root\n2,7,member\n3,,member\n")

    def run(text, *options):
        truth.write_text(text)
        return CliRunner().invoke(app, ["score", str(groups), str(truth), *options])

    return run


def test_each_figure_stands_beside_what_it_means(typed):
    lines = typed("id,group\n1,a\n2,a\n3,\n").stdout.splitlines()
    assert lines[1].split()[:4] == ["incident_f1", "1.0000", "the", "headline:"]
    assert lines[7].split()[:3] == ["mixed", "0", "groups"]


def test_figures_as_json(typed):
    found = json.loads(typed("alert_id,group\n1,a\n2,b\n3,\n", "--json").stdout)
    assert (found["alerts"], found["mixed"], found["left_out"]) == (3, 1, 0)


def test_a_missing_column_is_named(typed):
    done = typed("id,incident\n1,a\n")
    assert isinstance(done.exception, BadPayload)
    assert str(done.exception) == "truth.csv: no column group; there are id, incident"


@pytest.fixture
def recording(tmp_path):
    """Return a recording and its truth, as typed."""
    return [str(path) for path in write(failing(6), tmp_path)]


@pytest.fixture
def longer(tmp_path):
    """Return a recording that is long enough to learn from, and its truth, as typed."""
    return [str(path) for path in write(failing(12), tmp_path)]


def train(*words, variants=0, rounds=1):
    options = ["--models", "none", "--variants", str(variants), "--rounds", str(rounds)]
    return CliRunner().invoke(app, ["train", *options, *map(str, words)])


def test_a_better_model_is_written(longer, tmp_path):
    file, truth = longer
    done = train(file, "--truth", truth, "--out", tmp_path / "mine", variants=1, rounds=2)
    assert (done.exit_code, "better in the mean" in done.stdout) == (0, True)
    assert decode((tmp_path / "mine" / "grouping.json").read_bytes()).card["recordings"]


def test_a_model_that_is_not_better_is_left_out_with_both_figures(recording, tmp_path):
    file, truth = recording
    done = train(file, "--truth", truth, "--out", tmp_path / "mine", "--margin", 1)
    assert (done.exit_code, (tmp_path / "mine").exists()) == (3, False)
    assert re.search(r"not put in service: no better in the mean: [01]\.\d+ against 0\.\d+", done.stdout)


def test_without_truth_it_is_learned_what_needs_none(recording, tmp_path):
    done = train(recording[0], "--out", tmp_path / "mine", "--json")
    assert json.loads(done.stdout)["learned"]["alerts"] == 54
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["learned.json.gz"]


def test_progress_is_told_on_the_side(longer):
    file, truth = longer
    done = train(file, "--truth", truth, variants=1, rounds=2)
    assert re.search(r"round 1: two\.jsonl, whole: \d+ alerts, \d+ rows, \d+ rows/s", done.stderr)
    assert "not written: no --out" in done.stdout


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "there is nothing to learn from"),
        (["a", "--truth", "b", "--truth", "c"], "2 truths for 1 of FILE"),
        (["a", "--holdout", "b"], "0 truths for 1 of --holdout"),
    ],
    ids=["nothing", "truth", "holdout"],
)
def test_what_does_not_fit_is_said(words, problem):
    done = train(*words)
    assert (done.exit_code, problem in done.stderr) == (1, True)
