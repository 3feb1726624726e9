"""What stands one or two steps away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.topology import Edge, KnownEdge
from alertmesh.correlate.graph import Graph

CHAIN = (("web", "cart", "calls"), ("cart", "db", "calls"), ("db", "node-1", "runs_on"))
NAMES = st.sampled_from("abcdef")
KNOWN = st.builds(
    KnownEdge,
    st.builds(Edge, NAMES, NAMES, st.sampled_from(["calls", "owns"]), st.sampled_from(["", "prod"])),
    st.sampled_from(["cmdb", "labels"]),
)


def graph(*edges: tuple[str, str, str], cluster: str = "", source: str = "cmdb") -> Graph:
    made = Graph()
    for a, b, kind in edges:
        made.add(KnownEdge(Edge(a, b, kind, cluster), source))
    return made


@pytest.mark.parametrize(
    ("a", "b", "steps"),
    [
        pytest.param("web", "web", 0, id="itself"),
        pytest.param("new", "new", 0, id="itself, though unknown"),
        pytest.param("web", "cart", 1, id="its callee"),
        pytest.param("cart", "web", 1, id="its caller"),
        pytest.param("web", "db", 2, id="the callee of its callee"),
        pytest.param("web", "node-1", -1, id="three steps"),
        pytest.param("web", "mail", -1, id="unknown"),
        pytest.param("mail", "web", -1, id="to an unknown"),
    ],
)
def test_distance_in_steps(a: str, b: str, steps: int) -> None:
    assert graph(*CHAIN).distance("prod", a, b) == steps


def test_who_calls_and_who_is_called() -> None:
    known = graph(*CHAIN)
    assert (known.callers("prod", "cart"), known.callees("prod", "cart")) == (("web",), ("db",))


def test_neighbours_are_of_any_relation() -> None:
    assert graph(*CHAIN).neighbours("prod", "db") == ("cart", "node-1")


def test_an_edge_of_a_cluster_holds_there_only() -> None:
    known = graph(("web", "cart", "calls"), cluster="east")
    assert [known.distance(cluster, "web", "cart") for cluster in ("east", "west", "")] == [1, -1, -1]


def test_an_edge_stays_until_the_last_source_takes_it_back() -> None:
    known = graph(("web", "cart", "calls"))
    edge = Edge("web", "cart", "calls")
    known.add(KnownEdge(edge, "labels"))
    known.remove(edge, "cmdb")
    still = known.distance("prod", "web", "cart")
    known.remove(edge, "labels")
    assert (still, known.distance("prod", "web", "cart")) == (1, -1)


def test_an_edge_that_comes_later_is_seen() -> None:
    known = graph(("web", "cart", "calls"))
    before = known.neighbours("prod", "web")
    known.add(KnownEdge(Edge("web", "auth", "calls"), "cmdb"))
    assert (before, known.neighbours("prod", "web")) == (("cart",), ("auth", "cart"))


def test_no_more_neighbours_are_named_than_the_limit() -> None:
    made = Graph(limit=3)
    for number in range(9):
        made.add(KnownEdge(Edge("hub", f"s{number}", "calls"), "cmdb"))
    assert made.callees("", "hub") == ("s0", "s1", "s2")


def test_what_was_inferred_is_named_last() -> None:
    made = Graph()
    made.add(KnownEdge(Edge("web", "aaa", "linked"), "inferred", inferred=True))
    made.add(KnownEdge(Edge("web", "zzz", "calls"), "cmdb"))
    assert made.neighbours("", "web") == ("zzz", "aaa")


@given(st.lists(KNOWN, max_size=12), st.randoms())
def test_the_order_of_the_edges_does_not_matter(known: list[KnownEdge], chance: object) -> None:
    shuffled = list(known)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    answers = []
    for edges in (known, shuffled):
        made = Graph(limit=2)
        for one in edges:
            made.add(one)
        answers.append([(made.neighbours("prod", n), made.callers("prod", n)) for n in "abcdef"])
    assert answers[0] == answers[1]


@given(st.lists(KNOWN, max_size=12))
def test_distance_is_the_same_both_ways(known: list[KnownEdge]) -> None:
    made = Graph()
    for one in known:
        made.add(one)
    pairs = [(a, b) for a in "abcdef" for b in "abcdef"]
    assert all(made.distance("prod", a, b) == made.distance("prod", b, a) for a, b in pairs)


def test_every_edge_at_a_thing_is_seen_from_it():
    graph = Graph()
    for edge in (
        Edge("web", "cart", "calls"),
        Edge("cart", "n1", "runs_on", "east"),
        Edge("cart", "x", "calls", "west"),
    ):
        graph.add(KnownEdge(edge, "startup"))
    found = {(link.name, link.kind, link.forward) for link in graph.links("east", "cart")}
    assert found == {("web", "calls", False), ("n1", "runs_on", True)}
