"""Roots that people name teach the ranking, a little each, within bounds, and for good."""

import pytest

from alertmesh.core.entries import Action, Command
from alertmesh.correlate.root_adapt import LEAST, MOST, MOST_BIAS, RootAdapter
from alertmesh.correlate.root_evidence import PIECES
from alertmesh.correlate.root_view import View
from alertmesh.correlate.rootcause import Ranker
from tests.correlate.fakes import START, Bench, at, fires
from tests.correlate.rootgroups import group, tells


def silent(callee: str, *failing: str) -> View:
    """A callee that does not alert itself, beside things with errors of their own."""
    calls = (tells(f"{name}-ui", "CallErrorsHigh", to=callee) for name in ("web", "shop"))
    return group(*calls, *(tells(name, "HighErrorRate") for name in failing))


SEEN, FRESH = silent("ads", "db1", "db2"), silent("stock", "mail", "pay")


def first(ranker: Ranker, view: View) -> str:
    return ranker.causes(view)[0].entity


def rows(adapter: RootAdapter) -> list[tuple[str, float]]:
    return sorted((key, adapter.table[key]) for key in adapter.table)


def test_a_root_named_again_and_again_goes_before_the_others_in_the_next_group_like_it() -> None:
    ranker = Ranker()
    assert first(ranker, FRESH) == "mail"
    for _ in range(12):
        ranker.learn(SEEN, "ads")
    assert first(ranker, FRESH) == "stock"


def test_one_word_moves_a_little_only() -> None:
    ranker = Ranker()
    ranker.learn(SEEN, "ads")
    assert 0.0 < max(abs(ranker.adapter.factor(piece) - 1.0) for piece in PIECES) <= 0.06


def test_nothing_moves_when_the_named_root_was_first() -> None:
    ranker = Ranker()
    ranker.learn(SEEN, first(ranker, SEEN))
    assert rows(ranker.adapter) == []


@pytest.mark.parametrize("root", ["ads", "nowhere"])
def test_a_thousand_words_stay_in_the_bounds_and_a_stranger_moves_no_piece(root: str) -> None:
    ranker = Ranker()
    views = [silent("ads", *(f"db{n}" for n in range(count))) for count in range(1, 6)]
    for number in range(1000):
        ranker.learn(views[number % 5], root)
    factors = [ranker.adapter.factor(piece) for piece in PIECES]
    assert all(LEAST <= factor <= MOST for factor in factors)
    assert abs(ranker.adapter.bias) <= MOST_BIAS
    if root == "nowhere":
        assert set(factors) == {1.0}
        assert ranker.adapter.bias > 0.0


def test_what_is_not_confirmed_again_fades() -> None:
    ranker, other = Ranker(), group(tells("web", "HighErrorRate"), tells("cart", "LatencyHigh"))
    for _ in range(20):
        ranker.learn(SEEN, "ads")
    before = ranker.adapter.factor("named")
    for _ in range(20):
        ranker.learn(other, "cart")
    assert 1.0 < ranker.adapter.factor("named") < before


def test_the_reasons_follow_what_was_learned() -> None:
    taught = Ranker()
    for name in ("walk", "covers"):
        taught.adapter.table.put(name, LEAST)
    view = group(tells("web", "HighErrorRate"), tells("db", "HighErrorRate"), calls="web>db")
    said, before = taught.causes(view)[0], Ranker().causes(view)[0]
    assert said.entity == before.entity == "db"
    assert said.score < before.score


def word(**args: str) -> Command:
    return Command(incident=1, action=Action.ROOT, actor="ann", at=START, args=args)


def trouble(bench: Bench, seconds: float, number: int) -> int:
    """Feed callers of a silent callee beside failures of its node; return their group."""
    space = {"namespace": f"ns{number}"}
    calls = [fires(seconds + n, "CallErrorsHigh", service=f"ui{n}", peer="ads", **space) for n in range(2)]
    fails = [fires(seconds + 3 + n, "HighErrorRate", service=f"db{n}", **space) for n in range(2)]
    bench.feed(*calls, *fails)
    return bench.of[fails[-1].series.id]


def taught(words: int, restarts: bool = False) -> tuple[Bench, int]:
    bench = Bench()
    for number in range(words):
        here = trouble(bench, number * 20_000.0, number)
        bench.follow(bench.stage.command(word(entity="ads"), here, None, at(number * 20_000.0 + 60)))
        bench.follow(bench.stage.command(word(entity="ads"), here, None, at(number * 20_000.0 + 70)))
        if restarts:
            bench.restart()
    return bench, trouble(bench, words * 20_000.0, words)


def table(bench: Bench) -> dict[str, float]:
    found = next(one for one in bench.stage.tables if one.table == "correlate_root_weight")
    return {key: found[key] for key in found}


def test_words_on_incidents_change_the_order_of_the_next_one_and_count_once_each() -> None:
    fresh, here = taught(0)
    assert fresh.stage.causes(here)[0].entity.startswith("db")
    bench, there = taught(12)
    assert bench.stage.causes(there)[0].entity == "ads"
    assert table(bench)["count"] <= 12


def test_a_restart_makes_no_difference() -> None:
    (bench, here), (again, there) = taught(5), taught(5, restarts=True)
    assert table(again) == table(bench) != {}
    assert again.stage.causes(there) == bench.stage.causes(here)
