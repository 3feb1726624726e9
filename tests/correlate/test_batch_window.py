"""What is taken down of the open groups is what the second look needs, and no more than is allowed."""

import pytest

from alertmesh.correlate.batch_window import Window
from alertmesh.correlate.batchsettings import BatchSettings
from alertmesh.correlate.topology import Edge
from tests.correlate.fakes import Bench, at, clears, fires

WEB = {"namespace": "shop", "service": "web"}


def seen(bench: Bench, seconds: float = 100) -> Window:
    return bench.stage.suggestions.window(at(seconds))


def test_a_series_is_taken_down_with_what_it_is_about_and_when_it_fired() -> None:
    bench = Bench(edges=[Edge("web", "cart", "calls", "prod")])
    one = fires(0, "Down", **WEB)
    bench.feed(one, clears(one, 30))
    (item,) = seen(bench).items
    assert (item.series, item.group, item.kind, item.of) == ("Down/shop/web", 1, "Down", 1)
    assert (item.subject, item.near, item.namespace) == ("prod|web", ("prod|cart",), "shop")
    assert (item.began, item.cleared) == (at(0).timestamp(), at(30).timestamp())
    assert any(token.endswith("|web") for token, _ in item.shared)


def test_what_began_before_the_window_is_out_of_sight() -> None:
    bench = Bench(batch=BatchSettings(window_s=50.0))
    bench.feed(fires(0, "Down", **WEB), fires(60, "Slow", **WEB))
    assert [item.series for item in seen(bench).items] == ["Slow/shop/web"]
    assert seen(bench).items[0].of == 2


@pytest.mark.parametrize(
    ("bounds", "kept", "left_out"),
    [
        (BatchSettings(), 6, 0),
        (BatchSettings(max_series=2), 2, 4),
        (BatchSettings(max_group=3), 2, 4),
    ],
    ids=["all", "the latest", "no large group"],
)
def test_no_more_is_taken_down_than_is_allowed(bounds: BatchSettings, kept: int, left_out: int) -> None:
    bench = Bench(batch=bounds)
    bench.feed(*[fires(number, f"K{number}", **WEB) for number in range(4)])
    bench.feed(fires(300, "A", node="n1"), fires(400, "B", node="n9"))
    window = seen(bench, 500)
    assert (len(window.items), window.left_out) == (kept, left_out)
    assert "B/n9" in {item.series for item in window.items}


def test_the_order_of_coming_in_one_batch_makes_no_difference() -> None:
    changes = [fires(0, name, namespace="shop", service=name) for name in "ABC"]
    one, other = Bench(), Bench()
    one.feed(*changes)
    for change in changes:
        other.feed(change)
    other.restart()
    assert seen(one).items == seen(other).items


def test_how_kinds_come_together_is_the_same_both_ways() -> None:
    bench = Bench()
    for time in range(0, 1_500, 300):
        bench.feed(fires(time, f"A{time}", **WEB), fires(time + 5, f"B{time}", **WEB))
    affinity = seen(bench, 1_500).affinity
    assert len(affinity.kinds) == 10
    table = affinity.scope
    assert all(table[row][column] == table[column][row] for row in range(10) for column in range(10))
