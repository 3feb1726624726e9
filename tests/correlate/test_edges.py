"""The edges that are learned or imported: kept, bounded, forgotten."""

import pytest

from alertmesh.core.entries import TopologySet
from alertmesh.core.errors import BadCommand
from alertmesh.core.topology import Edge
from alertmesh.correlate.edges import EdgeBook
from alertmesh.correlate.graph import Graph
from alertmesh.correlate.topologysettings import TopologySettings
from tests.correlate.fakes import at

WEEK = 604_800


def book(**settings: float) -> EdgeBook:
    return EdgeBook(TopologySettings(**settings), Graph())  # type: ignore[arg-type]


def calls(*pairs: str) -> tuple[Edge, ...]:
    return tuple(Edge(a, b, "calls") for a, _, b in (pair.partition(">") for pair in pairs))


def told(seconds: float, *pairs: str, source: str = "cmdb", **how: object) -> TopologySet:
    return TopologySet(source=source, edges=calls(*pairs), actor="ann", at=at(seconds), **how)  # type: ignore[arg-type]


def names(kept: EdgeBook) -> set[str]:
    return {f"{one.edge.a}>{one.edge.b}" for one in kept.table.values()}


def test_a_list_takes_the_place_of_the_last_of_its_source() -> None:
    kept = book()
    kept.tell(told(0, "a>b", "b>c"))
    kept.tell(told(1, "x>y", source="other"))
    kept.tell(told(2, "b>c", "c>d"))
    assert names(kept) == {"b>c", "c>d", "x>y"}


def test_a_list_that_adds_leaves_the_others() -> None:
    kept = book()
    kept.tell(told(0, "a>b"))
    kept.tell(told(1, "b>c", adds=True))
    assert names(kept) == {"a>b", "b>c"}


def test_the_same_list_again_writes_nothing() -> None:
    kept = book()
    kept.tell(told(0, "a>b", "b>c"))
    kept.table.drain()
    kept.tell(told(60, "b>c", "a>b"))
    assert kept.table.drain() == []


def test_a_list_with_an_end_is_forgotten_unless_told_again() -> None:
    kept = book()
    kept.tell(told(0, "a>b", "b>c", ttl_s=60))
    kept.tell(told(30, "b>c", ttl_s=60, adds=True))
    kept.age(at(60))
    between = names(kept)
    kept.age(at(90))
    assert (between, names(kept)) == ({"b>c"}, set())


def test_an_import_beyond_the_bound_changes_nothing() -> None:
    kept = book(max_told=2)
    kept.tell(told(0, "a>b"))
    with pytest.raises(BadCommand, match="max_told allows 2"):
        kept.tell(told(1, "x>y", "y>z", "z>a"))
    assert names(kept) == {"a>b"}


@pytest.mark.parametrize("source", ["labels", "inferred", "startup", "catalogue", ""])
def test_our_own_sources_cannot_be_written(source: str) -> None:
    with pytest.raises(BadCommand, match="not a source"):
        book().tell(told(0, "a>b", source=source))


def test_what_is_learned_is_forgotten_in_time() -> None:
    kept = book()
    kept.learn(calls("a>b"), at(0))
    kept.age(at(WEEK - 1))
    before = names(kept)
    kept.age(at(WEEK))
    assert (before, names(kept)) == ({"a>b"}, set())


def test_what_is_seen_again_lives_on() -> None:
    kept = book()
    kept.learn(calls("a>b"), at(0))
    kept.learn(calls("a>b"), at(WEEK / 2))
    kept.age(at(WEEK))
    assert names(kept) == {"a>b"}


def test_what_was_seen_a_moment_ago_is_not_written_again() -> None:
    kept = book()
    kept.learn(calls("a>b"), at(0))
    kept.table.drain()
    kept.learn(calls("a>b"), at(60))
    assert kept.table.drain() == []


def test_a_full_book_gives_up_what_would_be_forgotten_first() -> None:
    kept = book(max_learned=2)
    for seconds, pair in enumerate(("a>b", "c>d", "e>f")):
        kept.learn(calls(pair), at(seconds))
    assert (names(kept), kept.dropped) == ({"c>d", "e>f"}, 1)


def test_imports_do_not_make_room_for_what_is_learned() -> None:
    kept = book(max_learned=1)
    kept.tell(told(0, "a>b", "b>c", ttl_s=5))
    kept.learn(calls("c>d"), at(1))
    kept.learn(calls("e>f"), at(2))
    assert names(kept) == {"a>b", "b>c", "e>f"}


def test_one_thing_has_no_more_learned_edges_than_its_share() -> None:
    kept = book(max_per_thing=2)
    kept.learn(calls("a>hub"), at(0))
    kept.learn(calls("b>hub"), at(1))
    kept.learn(calls("c>hub"), at(2))
    assert names(kept) == {"b>hub", "c>hub"}


def test_thousands_of_names_stay_within_the_bound() -> None:
    kept = book(max_learned=500)
    for number in range(20_000):
        kept.learn((Edge(f"caller-{number}", f"callee-{number}", "calls"),), at(number / 100))
        if not number % 1_000:
            kept.table.drain()
    sizes = (len(kept.table), len(kept._ends), len(kept._due) <= 2 * 500 + 64 + 1)
    assert (*sizes, kept.dropped) == (500, 1_000, True, 19_500)


def test_a_restart_forgets_the_same_in_the_same_order() -> None:
    first, second = book(max_learned=3), book(max_learned=3)
    for seconds, pair in ((0, "c>d"), (0, "a>b"), (1, "e>f")):
        first.learn(calls(pair), at(seconds))
    second.table.restore((str(row.key), row.body) for row in first.table.drain() if row.body)
    second.restored()
    for kept in (first, second):
        kept.learn(calls("g>h"), at(2))
    assert names(first) == names(second) == {"c>d", "e>f", "g>h"}


@pytest.mark.parametrize(
    "name", ["", "x" * 257, "callee", "a\x1fb"], ids=["empty", "endless", "itself", "with the separator"]
)
def test_a_name_that_says_nothing_is_not_learned(name: str) -> None:
    kept = book()
    kept.learn((Edge("callee", name, "calls"),), at(0))
    assert names(kept) == set()
