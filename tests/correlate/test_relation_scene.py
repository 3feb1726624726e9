"""Where an alert is, in tokens: the thing first, then what is one step away."""

import pytest

from alertmesh.correlate.attributes import describe
from alertmesh.correlate.relation_scene import kind, scene
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.topology import Edge, Topology
from tests.correlate.fakes import series


def tokens(topology=None, **labels):
    profile = describe(series("Any", **labels), CorrelateSettings())
    return scene(profile, (topology or Topology()).near(profile))


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"instance": "web-1:9100"}, ("prod|web-1",)),
        ({"node": "n1"}, ("prod|n1",)),
        ({"service": "cart", "namespace": "shop"}, ("prod|cart",)),
        ({"service": "cart", "namespace": "shop", "node": "n1"}, ("prod|cart", "prod|n1")),
        ({"service": "cart", "namespace": "shop", "peer": "db"}, ("prod|cart", "prod|db")),
    ],
    ids=["host", "node", "service", "service on a node", "service that calls"],
)
def test_the_thing_comes_first_and_then_what_it_lies_on_and_calls(labels, expected):
    assert tokens(**labels) == expected


def test_neighbours_of_the_topology_come_last_and_once():
    edges = [Edge("cart", "db", "calls"), Edge("web", "cart", "calls")]
    assert tokens(Topology(edges), service="cart", namespace="shop", peer="db") == (
        "prod|cart",
        "prod|db",
        "prod|web",
    )


@pytest.mark.parametrize(
    ("name", "things", "expected"),
    [
        ("Load is high on n7-east", ("n7-east",), "Load is high on *"),
        ("Load is high", ("n7-east", ""), "Load is high"),
        ("Alarm7", ("7", "1"), "Alarm7"),
        ("web-1", ("web-1",), "web-1"),
    ],
    ids=["named", "not named", "too short", "nothing else"],
)
def test_a_kind_does_not_name_the_thing(name, things, expected):
    assert kind(name, *things) == expected
