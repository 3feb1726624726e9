import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.correlate import Edge
from alertmesh.correlate.root_view import Changed, Link, View
from alertmesh.correlate.rootcause import Ranker, RootWeights
from tests.correlate.fakes import Bench, fires
from tests.correlate.rootgroups import RANKER, group, ranked, tells

_CRASHED_STORE = group(
    *(tells(name, "HighErrorRate", 30) for name in ("edge", "web", "basket")),
    tells("basket", "HighLatency", 30),
    tells("store", "PodCrashLooping", 60),
    tells("mail", "NoRequestsReceived", 90),
    calls="edge>web>basket>store web>mail",
)
_BUSY_CALLEE = group(
    tells("web", "LatencyP99High"),
    tells("web", "LatencyP90High"),
    tells("web", "HighErrorRate"),
    tells("prices", "CPUHigh", 60),
    tells("prices", "LatencyP99High", 60),
    calls="web>prices",
)
_STARVED = group(
    tells("web", "HighErrorRate"),
    tells("orders", "HighErrorRate"),
    *(tells(name, "NoRequestsReceived", 20) for name in ("pay", "ship", "mail")),
    calls="web>orders>pay orders>ship orders>mail",
)
_NAMED_ONLY = group(
    tells("web", "CallLatencyHigh", to="ads"),
    tells("shop", "CallLatencyHigh", to="ads"),
    tells("shop", "LatencyHigh"),
)
_PASSED_ON = group(
    tells("web", "LatencyHigh"),
    tells("search-lb", "LatencyHigh"),
    tells("search-lb", "LatencyP99High"),
    tells("search", "LatencyHigh"),
    tells("search", "LatencyP99High"),
    calls="web>search-lb web>search",
)
_OTHER_TROUBLE = group(
    tells("web", "AvailabilityLow"),
    tells("orders", "AvailabilityLow"),
    replace(tells("ledger", "LatencyP99High"), weight=0.5),
    calls="web>orders>ledger",
)
_LATER = group(
    tells("web", "LatencyHigh"),
    tells("orders", "LatencyHigh"),
    tells("ledger", "LatencyHigh", 900),
    calls="web>orders>ledger",
)
_FULL_NODE = group(
    *(tells(f"app{n}", "LatencyHigh", on="n1") for n in range(4)),
    tells("n1", "NodeDiskPressure", level="node"),
    calls="app0>app1",
)
_SILENT_NODE = group(
    *(tells(f"app{n}", "PodNotReady", on="n1") for n in range(4)),
    tells("web", "HighErrorRate", on="n2"),
    calls="web>app1",
)
_CHINESE = group(
    tells("门户", "接口响应时间过长"),
    tells("订单", "接口错误率过高"),
    tells("数据库", "主机内存不足"),
    calls="门户>订单>数据库",
)


@pytest.mark.parametrize(
    ("view", "root"),
    [
        pytest.param(_CRASHED_STORE, "store", id="what crashed, under a chain of callers"),
        pytest.param(_BUSY_CALLEE, "prices", id="the saturated callee, not the loud caller"),
        pytest.param(_STARVED, "orders", id="not those that only miss requests"),
        pytest.param(_NAMED_ONLY, "ads", id="a callee that is silent itself"),
        pytest.param(_PASSED_ON, "search", id="not what only hands on"),
        pytest.param(_OTHER_TROUBLE, "orders", id="a callee that is a little slow does not explain failures"),
        pytest.param(_LATER, "orders", id="not a callee that began long after"),
        pytest.param(_FULL_NODE, "n1", id="the node under all of them"),
        pytest.param(_SILENT_NODE, "n1", id="the silent node on which all failed"),
        pytest.param(_CHINESE, "数据库", id="Chinese names of alerts"),
    ],
)
def test_the_root_ranks_first(view: View, root: str) -> None:
    assert ranked(view)[0] == root


def test_the_silent_callee_of_all_that_alert_is_a_candidate() -> None:
    view = group(*(tells(name, "HighLatency") for name in "abc"), calls="a>db b>db c>db")
    assert "db" in ranked(view)


def test_the_place_under_all_of_them_ranks_first() -> None:
    view = group(*(tells(f"host{n}", "TrafficDrop", on="rack-3", level="node") for n in range(5)))
    assert ranked(view)[0] == "rack-3"


def test_a_fresh_change_speaks_for_what_was_changed() -> None:
    told = [tells(name, "HighLatency") for name in ("a", "b")]
    assert ranked(group(*told, changes=[Changed("b", 120)]))[0] == "b"


def test_a_learned_link_leads_to_the_cause() -> None:
    told = [tells(name, "HighLatency") for name in ("a", "b")]
    assert ranked(group(*told, links=[Link(told[1].series, told[0].series, 0.9)]))[0] == "b"


def test_a_lone_weak_alert_is_likely_not_about_the_root() -> None:
    (cause,) = RANKER.causes(group(tells("a", "TrafficDrop")))
    assert cause.unseen > cause.score


def test_other_weights_rank_otherwise() -> None:
    ranker = Ranker(RootWeights(resource=-5.0, walk=0.0, covers=0.0))
    assert ranker.causes(_BUSY_CALLEE)[0].entity == "web"


def test_an_empty_group_has_no_causes() -> None:
    assert RANKER.causes(group()) == ()


_NAMES = st.sampled_from(("HighErrorRate", "CPUHigh", "LatencyHigh", "NoTraffic", "ClientLatencyHigh", "Odd"))
_THINGS = st.sampled_from("abcdefg")
_TOLD = st.builds(
    tells,
    _THINGS,
    _NAMES,
    st.floats(0, 900),
    to=st.sampled_from(("", "a", "z")),
    on=st.sampled_from(("", "n")),
)
_CALLS = st.lists(st.builds("{}>{}".format, _THINGS, _THINGS), max_size=8).map(" ".join)


@given(st.lists(_TOLD, min_size=1, max_size=20, unique_by=lambda one: one.series), _CALLS)
def test_the_scores_fall_and_are_a_probability(told: list, calls: str) -> None:  # type: ignore[type-arg]
    causes = RANKER.causes(group(*told, calls=calls))
    scores = [cause.score for cause in causes]
    assert scores == sorted(set(scores), reverse=True)
    assert sum(scores) + causes[0].unseen <= 1.0000001
    assert scores[-1] >= 0


@given(st.lists(_TOLD, min_size=1, max_size=12, unique_by=lambda one: one.series), _CALLS, st.randoms())
def test_the_order_of_the_alerts_does_not_matter(told: list, calls: str, random: object) -> None:  # type: ignore[type-arg]
    mixed = sorted(told, key=lambda one: random.random())  # type: ignore[attr-defined]
    first, second = (RANKER.causes(group(*one, calls=calls)) for one in (told, mixed))
    assert [cause.entity for cause in first] == [cause.entity for cause in second]


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
    bench = Bench(edges=[Edge("web", "cart", "calls", "prod")])
    bench.feed(*(fires(n, "Slow", namespace="shop", service=name) for n, name in enumerate(("web", "cart"))))
    assert bench.stage.causes(1)[0].reason.startswith("service cart tells of Slow, stands behind 100% of")


def test_an_unknown_group_has_no_causes() -> None:
    assert Bench().stage.causes(7) == ()


def test_a_huge_group_is_ranked_by_a_bounded_part_of_it() -> None:
    bench = Bench()
    bench.feed(*(fires(0, "Slow", namespace="s", service=f"s{n}", rack="r1") for n in range(1000)))
    assert len(bench.stage.causes(1)) == 5
