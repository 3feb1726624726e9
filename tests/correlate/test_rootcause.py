from alertmesh.correlate import Edge
from tests.correlate.fakes import Bench, fires


def test_the_callee_ranks_over_its_callers() -> None:
    bench = Bench(edges=[Edge("web", "cart", "calls", "prod"), Edge("api", "cart", "calls", "prod")])
    names = ("web", "api", "cart")
    bench.feed(*(fires(n, "Slow", namespace="shop", service=name) for n, name in enumerate(names)))
    assert bench.stage.causes(1)[0].entity == "cart"


def test_the_node_ranks_over_its_pods() -> None:
    bench = Bench()
    pods = [fires(n, "PodGone", pod=f"app{n}-0", node="n1", namespace="s") for n in range(4)]
    bench.feed(*pods, fires(9, "NodeDown", instance="n1:9100"))
    assert bench.stage.causes(bench.of[pods[0].series.id])[0].entity == "n1"


def test_each_cause_says_why() -> None:
    bench = Bench()
    bench.feed(fires(0, "Slow", service="web"))
    (cause,) = bench.stage.causes(1)
    assert cause.reason == "service web touches 1 of 1 series, its first alert came first"


def test_an_unknown_group_has_no_causes() -> None:
    assert Bench().stage.causes(7) == ()
