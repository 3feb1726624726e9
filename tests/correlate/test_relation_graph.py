"""The graph is drawn from counts: what came together, in which order, and how often by chance."""

import pytest

from alertmesh.correlate.relation_counts import CHANCE, LAGS, MET, STRIDE
from alertmesh.correlate.relation_graph import Pair, graph


def counts(chance=0.0, **by_lag):
    """Return the counts of a pair; `lag_30=4` are four in the class of lags that 30 s falls into."""
    row = [0.0] * STRIDE
    for name, count in by_lag.items():
        lag = float(name.removeprefix("lag_"))
        row[next(place for place, most in enumerate(LAGS) if lag <= most)] += count
        row[MET] += count if lag <= 60 else 0.0
    row[CHANCE] = chance
    return row


def drawn(sizes, *pairs):
    return graph(sizes, {(src, dst): Pair(src, dst, own, counts()) for src, dst, own in pairs})


def test_the_surest_comes_first_and_scores_are_chances():
    found = drawn({"a": 20, "b": 20, "c": 20}, ("a", "b", counts(lag_10=20)), ("a", "c", counts(lag_10=2)))
    scores = [edge.score for edge in found]
    assert (found[0].src, found[0].dst) == ("a", "b")
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 < score < 1.0 for score in scores)


def test_what_chance_explains_is_no_relation():
    assert drawn({"a": 20, "b": 20}, ("a", "b", counts(chance=9.0, lag_10=9))) == []


def test_what_comes_only_much_later_is_no_relation():
    assert drawn({"a": 20, "b": 20}, ("a", "b", counts(lag_900=20))) == []


def test_a_clear_order_leaves_one_direction():
    found = drawn({"a": 50, "b": 50, "c": 50}, *[(x, y, counts(lag_30=50)) for x, y in ("ab", "ac", "bc")])
    assert {(edge.src, edge.dst) for edge in found} == {("a", "b"), ("a", "c"), ("b", "c")}


@pytest.mark.parametrize("lag", ["lag_0", "lag_1", "lag_5"])
def test_a_few_seconds_are_no_order(lag):
    forward, back = drawn({"a": 50, "b": 50}, ("a", "b", counts(**{lag: 50})))
    assert forward.score == pytest.approx(back.score)


def test_a_relation_that_was_only_seen_the_other_way_has_no_lag():
    forward, back = drawn({"a": 50, "b": 50}, ("a", "b", counts(lag_0=50)))
    assert [(edge.lag_s, edge.count) for edge in (forward, back)] == [(0.0, 50.0), (0.0, 0.0)]
