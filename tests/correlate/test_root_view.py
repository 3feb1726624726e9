from msgspec.structs import replace

from alertmesh.correlate import Edge
from alertmesh.correlate.root_view import View, put_to_things
from alertmesh.correlate.root_words import Kind
from tests.correlate.fakes import Bench, fires
from tests.correlate.rootgroups import RANKER, READER, tells


def _view(bench: Bench) -> View:
    (live,) = bench.stage._memory.groups.groups.values()
    return RANKER.view(live, bench.stage._topology, ("rack",))


def test_what_a_series_tells_is_read_from_its_labels() -> None:
    bench = Bench()
    bench.feed(fires(3, "CallLatencyHigh", service="web", peer="cart", node="n1", namespace="s", rack="r1"))
    (told,) = _view(bench).told
    assert (told.entity, told.peers, told.places, told.kind) == ("web", ("cart",), ("n1", "r1"), Kind.LATENCY)


def test_a_thing_is_called_as_the_topology_calls_it() -> None:
    bench = Bench(edges=[Edge("web", "cart", "calls", "prod")])
    bench.feed(fires(0, "Slow", pod="cart-v2-0", service="cart", namespace="s"))
    (told,) = _view(bench).told
    assert (told.entity, told.aliases) == ("cart", ("cart-v2",))


def test_the_calls_around_what_alerts_are_known() -> None:
    bench = Bench(edges=[Edge("web", "cart", "calls", "prod"), Edge("cart", "db", "calls", "prod")])
    bench.feed(fires(0, "Slow", service="cart"))
    assert set(_view(bench).calls) == {("web", "cart"), ("cart", "db")}


def test_a_name_in_the_text_tells_what_the_alert_is_about() -> None:
    echo = replace(tells("?", "Response time is too high on load balancer 7", level="unknown"))
    (_, told) = put_to_things([tells("load balancer 7", "Odd"), echo], READER, lambda _: False)
    assert (told.entity, told.kind) == ("load balancer 7", Kind.LATENCY)


def test_a_name_in_the_text_may_be_known_from_elsewhere() -> None:
    echo = tells("?", "Service card db is degraded", level="unknown")
    (told,) = put_to_things([echo], READER, lambda name: name == "card db")
    assert (told.entity, told.kind) == ("card db", Kind.ERROR)
