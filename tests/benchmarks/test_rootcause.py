from collections.abc import Mapping

import pytest

from alertmesh.correlate.root_evidence import gather
from benchmarks.rootcause import figures, place_of
from benchmarks.rootcause_baselines import BASELINES
from benchmarks.rootcause_learn import BY_HAND, Case, learn
from benchmarks.rootcause_propagation import scenario
from tests.correlate.rootgroups import READER, group, tells


@pytest.mark.parametrize(
    ("scores", "place"),
    [
        pytest.param({"a": 2.0, "b": 1.0}, 2, id="second"),
        pytest.param({"a": 1.0, "b": 1.0, "c": 0.0}, 2, id="last among equals"),
        pytest.param({"a": 1.0}, None, id="no candidate"),
    ],
)
def test_the_place_of_the_root(scores: Mapping[str, float], place: int | None) -> None:
    assert place_of(scores, "b") == place


def test_a_root_that_was_not_found_counts_as_missed() -> None:
    assert figures([1, None, 4, 2])[1:] == (0.25, 0.5, (1 + 1 / 4 + 1 / 2) / 4)


_VIEW = group(
    tells("web", "LatencyHigh", 5),
    tells("web", "ErrorRateHigh", 6),
    tells("cart", "LatencyHigh", 0),
    tells("db", "LatencyHigh", 9),
    calls="web>cart>db",
)


@pytest.mark.parametrize(
    ("baseline", "best"),
    [("earliest alert", "cart"), ("most alerts", "web"), ("deepest callee", "db"), ("walk", "db")],
)
def test_each_baseline_has_its_idea(baseline: str, best: str) -> None:
    scores = BASELINES[baseline](_VIEW)
    assert max(scores, key=lambda name: scores[name]) == best


def test_learning_makes_likely_what_was_true() -> None:
    cases = [Case(gather(_VIEW, READER), "web")] * 20
    assert learn(cases).deepest < BY_HAND.deepest


def test_a_graph_of_propagation_becomes_a_group() -> None:
    given = {
        "entities": [{"id": "db-pod-1", "root_cause": True}, {"id": "web-1", "root_cause": False}],
        "alerts": [{"alert": "HighErrorRate", "entity": "web"}, {"alert": "NoRequests", "entity": "mail-1"}],
        "propagations": [
            {"source": "db-pod-1", "target": "web-1"},
            {"source": "web-1", "target": "mail-1"},
        ],
        "aliases": [["db-1", "db-pod-1"]],
    }
    found = scenario(given, READER)
    assert found.roots == {"db-1"}
    assert set(found.view.calls) == {("web-1", "db-1"), ("web-1", "mail-1")}
