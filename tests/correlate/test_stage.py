from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.core.entries import Action, Command
from alertmesh.core.errors import BadCommand
from alertmesh.core.group import Grouped, GroupsMerged, GroupSplit, Reroled, Role
from alertmesh.core.series import Change, ChangeKind
from alertmesh.correlate import Edge, InhibitRule
from alertmesh.correlate.settings import CorrelateSettings
from tests.correlate.fakes import START, Bench, at, clears, fires, series, turned

WEB = {"namespace": "shop", "service": "web"}
NODE_DOWN = InhibitRule("node-down", 'alertname="NodeDown"', 'alertname=~"Pod.+"', ("node",))


def person(action: Action, **args: str) -> Command:
    return Command(action=action, incident=1, actor="ann", at=START, args=args)


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        pytest.param({"node": "n1"}, {"instance": "n1:9100"}, True, id="node-and-its-instance"),
        pytest.param(
            {"pod": "web-5d4f8c7b9d-x2x7k", "namespace": "shop"},
            {"service": "web"},
            True,
            id="pod-and-service",
        ),
        pytest.param({"service": "cart"}, {"service": "web", "peer": "cart"}, True, id="caller-of-callee"),
        pytest.param({"service": "cart"}, {"service": "web"}, False, id="nothing-shared"),
        pytest.param({"service": "web"} | {"cluster": "b"}, {"service": "web"}, False, id="other-cluster"),
        pytest.param(
            {"service": "web", "namespace": "a"},
            {"service": "web", "namespace": "b"},
            False,
            id="other-namespace",
        ),
        pytest.param({"namespace": "shop", "service": "a"}, WEB, True, id="same-namespace-close-in-time"),
        pytest.param(
            {"cluster": "b", "correlation_id": "7"},
            {"correlation_id": "7"},
            True,
            id="explicit-across-clusters",
        ),
        pytest.param(
            {"job": "x", "instance": "n1:1"}, {"job": "x", "instance": "n2:1"}, False, id="generic-label-only"
        ),
    ],
)
def test_what_is_joined(first: dict[str, str], second: dict[str, str], together: bool) -> None:
    bench, one, other = Bench(), fires(0, "A", **first), fires(10, "B", **second)
    bench.feed(one, other)
    assert bench.together(one, other) is together


def test_time_alone_joins_only_within_the_session_gap() -> None:
    bench, one, other = Bench(session_s=60), fires(0, "A", namespace="s", service="a"), fires(61, "B", **WEB)
    bench.feed(
        one, replace(other, series=replace(other.series, labels=other.series.labels | {"namespace": "s"}))
    )
    assert not bench.together(one, other)


@pytest.mark.parametrize("gap_s", [0, 1])
def test_without_a_session_gap_time_alone_joins_nothing(gap_s: float) -> None:
    bench = Bench(session_s=0)
    one = fires(0, "A", namespace="s", service="a")
    other = fires(gap_s, "B", namespace="s", service="b")
    bench.feed(one, other)
    assert not bench.together(one, other)
    near = Bench(session_s=1)
    near.feed(one, other)
    assert near.together(one, other)


def test_the_window_closes_after_the_last_new_alert() -> None:
    bench, one, late = Bench(), fires(0, "A", **WEB), fires(500, "B", **WEB)
    bench.feed(one, clears(one, 20), late)
    assert not bench.together(one, late)


def test_a_thing_that_still_fires_keeps_its_group_open_for_itself() -> None:
    bench, one, late = Bench(), fires(0, "A", **WEB), fires(3000, "B", **WEB)
    bench.feed(one, late)
    assert bench.together(one, late)


def test_no_group_takes_new_series_past_its_greatest_age() -> None:
    bench, one, late = Bench(max_age_s=1000), fires(0, "A", **WEB), fires(1001, "B", **WEB)
    bench.feed(one, late)
    assert not bench.together(one, late)


def test_a_series_comes_back_to_its_group() -> None:
    bench, one = Bench(), fires(0, "A", **WEB)
    again = bench.feed(one, clears(one, 10), fires(9000, "A", **WEB))
    assert [event.group for event in again if isinstance(event, Grouped)] == [1, 1, 1]


def test_a_retired_group_is_forgotten() -> None:
    bench, one = Bench(), fires(0, "A", **WEB)
    bench.feed(one)
    bench.stage.retire([1], at(3600))
    bench.feed(fires(10, "A", **WEB))
    assert bench.of[one.series.id] == 2


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        (ChangeKind.WORSE, 1),
        (ChangeKind.GREW, 1),
        (ChangeKind.EASED, 0),
        (ChangeKind.SHRANK, 0),
        (ChangeKind.CLEARED, 0),
    ],
)
def test_only_bad_news_of_a_closed_group_begins_another(kind: ChangeKind, count: int) -> None:
    bench, one = Bench(), fires(0, "A", **WEB)
    bench.feed(one)
    bench.stage.retire([1], at(3600))
    assert len(bench.feed(turned(10, one.series, kind))) == count


@pytest.mark.parametrize(
    ("kind", "count"), [(ChangeKind.MARKED, 1), (ChangeKind.GREW, 1), (ChangeKind.SHRANK, 0)]
)
def test_what_is_ignored_no_more_is_placed_with_its_next_news(kind: ChangeKind, count: int) -> None:
    bench, one = Bench(ignored=('alertname="A"',)), fires(0, "A", **WEB)
    assert bench.feed(one) == []
    bench.stage.adopt(CorrelateSettings(), (), None)
    assert len(bench.feed(turned(10, one.series, kind))) == count


def test_every_change_is_grouped() -> None:
    bench, one = Bench(), fires(0, "A", **WEB)
    worse = turned(5, one.series, ChangeKind.WORSE)
    events = bench.feed(one, worse, clears(one, 9))
    assert [(event.change.kind, event.opened) for event in events if isinstance(event, Grouped)] == [
        (ChangeKind.OPENED, True),
        (ChangeKind.WORSE, False),
        (ChangeKind.CLEARED, False),
    ]


@pytest.mark.parametrize(
    ("edges", "together"),
    [
        pytest.param([Edge("web", "cart", "calls", "prod")], True, id="known-call"),
        pytest.param([Edge("web", "cart", "calls")], True, id="known-call-in-any-cluster"),
        pytest.param([Edge("web", "cart", "calls", "other")], False, id="call-in-another-cluster"),
        pytest.param([], False, id="nothing-known"),
    ],
)
def test_a_known_call_between_alerts_of_one_kind_is_evidence(edges: list[Edge], together: bool) -> None:
    bench, web, cart = Bench(edges=edges), fires(0, "Slow", service="web"), fires(1, "Slow", service="cart")
    bench.feed(web, cart)
    assert bench.together(web, cart) is together


@pytest.mark.parametrize("name", ["Watchdog", "InfoInhibitor"])
def test_meta_alerts_are_never_grouped(name: str) -> None:
    watchdog = fires(0, name)
    assert Bench().feed(watchdog, clears(watchdog, 5)) == []


def test_one_alert_that_speaks_for_both_makes_young_groups_one() -> None:
    bench = Bench()
    web, cart = fires(0, "A", service="web"), fires(1, "B", service="cart")
    events = bench.feed(web, cart, fires(2, "Calls", service="web", peer="cart"))
    merged = [event for event in events if isinstance(event, GroupsMerged)]
    assert [(event.winner, event.loser, bool(event.join.reasons)) for event in merged] == [(1, 2, True)]


def test_old_groups_are_not_made_one() -> None:
    bench = Bench(merge_age_s=100)
    bench.feed(fires(0, "A", service="web"), fires(1, "B", service="cart"))
    assert len(bench.feed(fires(150, "Calls", service="web", peer="cart"))) == 1


def test_an_inhibited_series_joins_its_source_and_is_suppressed() -> None:
    bench = Bench([NODE_DOWN])
    down, pod = fires(0, "NodeDown", instance="n1:9100"), fires(400, "PodGone", pod="p-0", node="n1")
    bench.feed(down, pod)
    join = bench.events[-1].join  # type: ignore[union-attr]
    assert bench.together(down, pod)
    assert (join.role, join.reasons[0].text) == (Role.SUPPRESSED, "NodeDown on n1 hides it by rule node-down")


def test_a_series_that_fired_before_its_source_is_suppressed_too() -> None:
    bench = Bench([NODE_DOWN])
    events = bench.feed(fires(0, "PodGone", pod="p-0", node="n1"), fires(9, "NodeDown", instance="n1:9100"))
    assert [event.join.role for event in events if isinstance(event, Reroled)] == [Role.SUPPRESSED]


def test_a_target_is_a_member_again_when_its_source_clears() -> None:
    bench, down = Bench([NODE_DOWN]), fires(0, "NodeDown", instance="n1:9100")
    bench.feed(down, fires(1, "PodGone", pod="p-0", node="n1"))
    events = bench.feed(clears(down, 60))
    assert [event.join.role for event in events if isinstance(event, Reroled)] == [Role.MEMBER]


def test_a_missing_equal_label_inhibits_nothing() -> None:
    bench = Bench([NODE_DOWN])
    bench.feed(fires(0, "NodeDown", service="x"), fires(1, "PodGone", pod="p-0", namespace="x"))
    assert bench.events[-1].join.role is Role.MEMBER  # type: ignore[union-attr]


def test_merge_and_split_by_people() -> None:
    bench, web, cart = Bench(), fires(0, "A", service="web"), fires(1, "B", service="cart")
    bench.feed(web, cart)
    bench.follow(bench.stage.command(person(Action.MERGE), 2, 1, at(5)))
    assert bench.together(web, cart)
    (split,) = bench.stage.command(person(Action.SPLIT, series=cart.series.id), 1, None, at(6))
    assert split == GroupSplit(group=1, part=3, series=(cart.series.id,), at=at(6), actor="ann")


def parted() -> tuple[Bench, Change, Change]:
    bench = Bench()
    one, other = fires(0, "A", **WEB), fires(1, "B", **WEB)
    bench.feed(one, other)
    bench.follow(bench.stage.command(person(Action.SPLIT, series=other.series.id), 1, None, at(2)))
    return bench, one, other


def test_what_people_split_is_not_merged_again() -> None:
    bench, one, other = parted()
    bench.feed(*(fires(3 + n, f"C{n}", **WEB) for n in range(5)))
    assert not bench.together(one, other)


def test_what_people_split_stays_apart_after_the_groups_are_retired_and_a_restart() -> None:
    bench, one, other = parted()
    bench.stage.retire([1, 2], at(3600))
    bench.restart()
    bench.feed(turned(20, one.series, ChangeKind.OPENED), turned(21, other.series, ChangeKind.OPENED))
    assert not bench.together(one, other)


def test_the_newest_word_of_people_wins() -> None:
    bench, one, other = parted()
    bench.follow(bench.stage.command(person(Action.MERGE), 2, 1, at(5)))
    bench.stage.retire([1], at(3600))
    bench.feed(turned(20, one.series, ChangeKind.OPENED), turned(21, other.series, ChangeKind.OPENED))
    assert bench.together(one, other)


@pytest.mark.parametrize(
    ("command", "group", "other"),
    [
        pytest.param(person(Action.MERGE), 1, 1, id="into-itself"),
        pytest.param(person(Action.MERGE), 1, 9, id="into-nothing"),
        pytest.param(person(Action.MERGE), 9, 1, id="unknown"),
        pytest.param(person(Action.SPLIT), 1, None, id="nothing-named"),
        pytest.param(person(Action.SPLIT, series="stranger"), 1, None, id="stranger"),
        pytest.param(person(Action.SPLIT, series="A/shop/web"), 1, None, id="all-of-it"),
        pytest.param(person(Action.ACK), 1, None, id="not-for-groups"),
    ],
)
def test_nonsense_is_refused(command: Command, group: int, other: int | None) -> None:
    bench = Bench()
    bench.feed(fires(0, "A", **WEB))
    with pytest.raises(BadCommand):
        bench.stage.command(command, group, other, START)


def test_bounds_let_the_longest_cleared_go_first() -> None:
    bench = Bench(max_groups=10, window_s=1, session_s=0)  # one too many makes room for two
    changes = [fires(n * 10, "A", service=f"s{n}") for n in range(11)]
    bench.feed(*changes[:10], clears(changes[4], 95), changes[10])
    bench.feed(turned(120, changes[4].series, ChangeKind.OPENED))
    assert bench.stage.dropped == 2
    assert bench.of[changes[4].series.id] == 12


VALUES = st.sampled_from(["a", "b", "c"])
LABELS = st.fixed_dictionaries(
    {},
    optional={
        "service": VALUES,
        "node": VALUES,
        "rack": VALUES,
        "namespace": VALUES,
        "peer": VALUES,
        "odd": VALUES,
    },
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["NodeDown", "PodGone", "Slow"]), LABELS, st.booleans()), max_size=25
)


def changes_of(steps: Sequence[tuple[str, dict[str, str], bool]]) -> list[Change]:
    firing: set[str] = set()
    found = []
    for place, (name, labels, ends) in enumerate(steps):
        one = series(name, **labels)
        kind = ChangeKind.CLEARED if ends and one.id in firing else ChangeKind.OPENED
        (firing.discard if kind is ChangeKind.CLEARED else firing.add)(one.id)
        found.append(turned(place * 20, one, kind))
    return found


@settings(max_examples=60, deadline=None)
@given(STEPS, st.integers(0, 25))
def test_a_restart_decides_as_if_it_had_not_been(
    steps: list[tuple[str, dict[str, str], bool]], cut: int
) -> None:
    changes, whole, broken = changes_of(steps), Bench([NODE_DOWN]), Bench([NODE_DOWN])
    for change in changes[:cut]:
        broken.feed(change)
    broken.restart()
    for change in changes[cut:]:
        broken.feed(change)
    for change in changes:
        whole.feed(change)
    assert broken.events == whole.events
    assert [broken.stage.causes(n) for n in range(20)] == [whole.stage.causes(n) for n in range(20)]


@settings(max_examples=60, deadline=None)
@given(STEPS, st.integers(1, 7))
def test_batches_may_be_cut_anywhere(steps: list[tuple[str, dict[str, str], bool]], size: int) -> None:
    changes, one, many = changes_of(steps), Bench([NODE_DOWN]), Bench([NODE_DOWN])
    one.feed(*changes)
    for first in range(0, len(changes), size):
        many.feed(*changes[first : first + size])
    assert one.events == many.events


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_the_order_of_labels_makes_no_difference(steps: list[tuple[str, dict[str, str], bool]]) -> None:
    changes, plain, turned_round = changes_of(steps), Bench(), Bench()
    plain.feed(*changes)
    turned_round.feed(
        *(
            replace(one, series=replace(one.series, labels=dict(reversed(one.series.labels.items()))))
            for one in changes
        )
    )
    assert [(type(event), event.join) for event in plain.events if not isinstance(event, GroupSplit)] == [
        (type(event), event.join) for event in turned_round.events if not isinstance(event, GroupSplit)
    ]
    assert plain.of == turned_round.of


def test_after_a_restart_equal_words_and_profiles_are_shared_again() -> None:
    bench = Bench()
    pods = [
        fires(n, "A", pod=f"web-5d4f8c7b9d-{end}", namespace="s")
        for n, end in enumerate(("x2x7k", "z9q4m", "b7c8d"))
    ]
    bench.feed(*pods)
    bench.restart()
    first, second = (bench.stage.join_of(pod.series.id) for pod in pods[-2:])
    assert first == second
    assert first is second


def test_one_of_many_that_comes_back_late_is_judged_anew() -> None:
    bench = Bench()
    storm = [fires(n, f"Bad{n}", service="cart", cluster="c") for n in range(3)]
    bench.feed(*storm, *(clears(change, 60) for change in storm))
    old = bench.of[storm[0].series.id]
    bench.feed(turned(361, storm[0].series, ChangeKind.OPENED))
    assert bench.of[storm[0].series.id] != old


def test_one_that_comes_back_soon_belongs_where_it_was() -> None:
    bench = Bench()
    storm = [fires(n, f"Bad{n}", service="cart", cluster="c") for n in range(3)]
    bench.feed(*storm, *(clears(change, 60) for change in storm))
    old = bench.of[storm[0].series.id]
    bench.feed(turned(300, storm[0].series, ChangeKind.OPENED))
    assert bench.of[storm[0].series.id] == old


def test_what_lies_at_a_switch_joins_the_alert_of_the_switch_itself() -> None:
    bench = Bench()
    switch = fires(0, "SwitchDown", instance="tor-3.mgmt:161", rack="tor-3", cluster="c")
    host = fires(4, "HostUnreachable", instance="store-1:9100", rack="tor-3", cluster="c")
    bench.feed(switch, host)
    assert bench.of[host.series.id] == bench.of[switch.series.id]
    assert bench.stage.causes(bench.of[host.series.id])[0].entity == "tor-3.mgmt"
