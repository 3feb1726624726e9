"""Where pods lie and whose they are, learned from labels."""

from datetime import timedelta

import pytest

from alertmesh.core.series import Series
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.topology import Topology
from alertmesh.correlate.topologysettings import TopologySettings
from tests.correlate.fakes import START, Bench, at, fires, series

POD = {"pod": "web-5d4f8c7b9d-x2x7k", "namespace": "shop"}
PLACE = "shop/web-5d4f8c7b9d-x2x7k"


def taught(*told: dict[str, str], pod: dict[str, str] = POD, **settings: object) -> Bench:
    """A stage that took one alert of the pod per set of further labels, a minute apart."""
    bench = Bench(topology=TopologySettings(**settings))  # type: ignore[arg-type]
    for minute, labels in enumerate(told):
        bench.feed(fires(minute * 60, f"Told{minute}", **pod, **labels))
    return bench


def edges(bench: Bench) -> set[tuple[str, str, str]]:
    return {(one.edge.a, one.edge.kind, one.edge.b) for one in bench.stage.topology.known()}


def later(bench: Bench, **labels: str) -> Series:
    """The series of a later alert of the pod, as the stage sees it."""
    return bench.stage.topology.labelled(series("Later", **(labels or POD)))  # type: ignore[arg-type]


def test_a_pod_and_a_node_on_one_alert_teach_where_it_lies() -> None:
    bench = taught({"node": "node-3:9100"})
    assert edges(bench) == {(PLACE, "runs_on", "node-3"), ("web", "owns", PLACE)}


def test_a_later_alert_of_the_pod_gets_its_node() -> None:
    assert later(taught({"node": "node-3"})).labels["node"] == "node-3"


def test_a_later_alert_of_the_pod_gets_its_workload() -> None:
    bare = {"pod": "runner-one", "namespace": "ci"}
    bench = taught({"created_by_kind": "Job", "created_by_name": "nightly-28391820"}, pod=bare)
    assert later(bench, **bare).labels["workload"] == "nightly"


def test_a_label_of_its_own_counts_more() -> None:
    bench = taught({"node": "node-3"})
    assert later(bench, **POD, host="node-9").labels.get("node") is None


@pytest.mark.parametrize("other", [{"pod": "web-0"}, {"namespace": "test"}, {"cluster": "east"}], ids=str)
def test_another_pod_gets_nothing(other: dict[str, str]) -> None:
    assert "node" not in later(taught({"node": "node-3"}), **{**POD, **other}).labels


def test_a_pod_that_shows_up_elsewhere_has_moved() -> None:
    bench = taught({"node": "node-3"}, {"node": "node-4"})
    assert later(bench).labels["node"] == "node-4"
    assert (PLACE, "runs_on", "node-3") not in edges(bench)


def test_where_a_pod_lies_is_forgotten_in_time() -> None:
    bench = taught({"node": "node-3"}, placement_age_s=3600.0)
    bench.feed(fires(3600, "Other", app="mail"))
    assert (edges(bench), "node" in later(bench).labels) == (set(), False)


def test_the_pod_of_an_exporter_teaches_nothing() -> None:
    exporter = {"pod": "kube-state-metrics-5d4f8c7b9d-x2x7k", "namespace": "monitoring"}
    assert edges(taught({"node": "node-3"}, pod=exporter)) == set()


def test_learning_can_be_turned_off() -> None:
    assert edges(taught({"node": "node-3", "peer": "cart"}, learn=False)) == set()


def test_a_name_alone_is_not_worth_an_edge() -> None:
    assert edges(taught({})) == set()


def test_a_callee_in_the_labels_teaches_a_call() -> None:
    bench = taught({"peer": "cart"})
    assert bench.stage.topology.callees("prod", "web") == ("cart",)


def test_a_call_that_was_learned_is_evidence_later() -> None:
    bench = Bench()
    bench.feed(fires(0, "Slow", app="web", peer="cart"))
    day = 86_400 / 2
    cart, web = fires(day, "Down", app="cart"), fires(day + 20, "Down", app="web")
    bench.stage.retire([1], at(3600))
    bench.feed(cart)
    bench.feed(web)
    assert bench.together(cart, web)


def test_a_pod_without_a_node_label_joins_the_trouble_of_its_node() -> None:
    bench = taught({"node": "node-3"})
    bench.stage.retire([1], at(3600))
    node, pod = fires(7200, "NodeDown", node="node-3"), fires(7210, "Crash", **POD)
    bench.feed(node)
    bench.feed(pod)
    assert bench.together(node, pod)


def test_a_workload_is_two_steps_from_the_node_of_its_pod() -> None:
    assert taught({"node": "node-3"}).stage.topology.distance("prod", "web", "node-3") == 2


def test_what_was_learned_survives_a_restart() -> None:
    bench = taught({"node": "node-3", "peer": "cart"})
    before = edges(bench)
    bench.restart()
    assert (edges(bench), later(bench).labels["node"]) == (before, "node-3")
    assert bench.stage.topology.callees("prod", "web") == ("cart",)


def test_the_order_of_labels_does_not_matter() -> None:
    labels = {
        **POD,
        "node": "node-3",
        "deployment": "shopfront",
        "peer": "cart",
        "replicaset": "web-5d4f8c7b9d",
    }
    found = []
    for pairs in (sorted(labels.items()), sorted(labels.items(), reverse=True)):
        bench = Bench()
        bench.feed(fires(0, "Told", **dict(pairs)))
        found.append(edges(bench))
    assert found[0] == found[1]


def test_a_flood_of_pods_stays_within_the_bounds() -> None:
    settings = CorrelateSettings(topology=TopologySettings(max_learned=300, max_things=100))
    topology = Topology(settings=settings)
    profile = Bench().stage.describer.profile
    for number in range(6_000):
        one = series("Crash", pod=f"p{number}-0", node=f"n{number}", namespace="shop", peer=f"c{number}")
        topology.learn(one, profile(one), START + timedelta(milliseconds=10 * number))
    sizes = [len(table) for table in topology.tables]
    assert (sizes[0] <= 300, sizes[1] <= 100, sizes[2]) == (True, True, 1)
    assert topology.dropped > 15_000


def test_learning_is_dated_by_the_change() -> None:
    bench = taught({"node": "node-3"})
    [placed] = [one for one in bench.stage.topology.known() if one.edge.kind == "runs_on"]
    assert (placed.seen, placed.until) == (at(0), at(86_400))
