"""A signature says what an incident was about, whatever the cluster and the pods were called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.core.alert import Entity
from alertmesh.core.group import Cause
from alertmesh.core.incident import Member
from alertmesh.incidents.signature import Limits, Signature, fold, root_of, signature, tokens
from tests.incidents.fakes import JOIN, at, grouped

LIMITS = Limits()


def member(name: str, entity: Entity, summary: str = "", seconds: float = 0, **labels: str) -> Member:
    series = replace(
        grouped(1, name, **labels).change.series, id=f"{name}/{entity.name}", entity=entity, summary=summary
    )
    return Member(incident=1, series=series, join=JOIN, joined_at=at(seconds))


def pod(name: str, cluster: str = "prod", **labels: str) -> Member:
    entity = Entity("pod", name, cluster, "shop")
    text = f"Pod {name} restarted 7 times, 磁盘已满"
    return member("PodCrashLooping", entity, text, cluster=cluster, pod=name, service="cart", **labels)


def of(*members: Member, causes: tuple[Cause, ...] = ()) -> Signature:
    return signature(members, causes, LIMITS)


def test_the_same_trouble_in_another_cluster_and_pod_has_the_same_signature() -> None:
    assert of(pod("cart-7d9f8c7b9d-x2x7k")) == of(pod("cart-5c4b8d7f6c-b5b6c", cluster="east"))


def test_pods_are_folded_to_their_workload() -> None:
    found = of(pod("cart-7d9f8c7b9d-x2x7k"), pod("cart-7d9f8c7b9d-b5b6c"))
    assert (found.places, found.pairs) == (("cart",), ("PodCrashLooping on cart",))


def test_the_root_is_the_likeliest_candidate() -> None:
    one = pod("cart-7d9f8c7b9d-x2x7k")
    causes = (Cause("cart-7d9f8c7b9d-x2x7k", one.series.id, 0.9, ""), Cause("db", "x", 0.2, ""))
    assert of(one, causes=causes).roots == ("cart",)
    assert root_of({one.series.id: one}, causes) == ("cart", "prod/shop/cart")


def test_a_root_that_no_alert_is_about_counts_by_its_name() -> None:
    one = pod("cart-7d9f8c7b9d-x2x7k")
    assert of(one, causes=(Cause("rack-3", one.series.id, 0.9, ""),)).roots == ("rack-#",)


def test_one_host_stands_for_another_of_its_sort_but_where() -> None:
    found = of(member("DiskFull", Entity("node", "node-7"), service=""))
    assert (found.pairs, found.places) == (("DiskFull on node-#",), ("node-7",))


def test_the_thing_in_the_name_of_an_alert_is_left_out() -> None:
    entity = Entity("host", "db-7")
    assert of(member("Response time too high on db-7", entity)).kinds == ("Response time too high on *",)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("节点db-7磁盘满", "节点*磁盘满"), ("db-70 is down", "db-# is down"), ("on db-7: db-7", "on *: *")],
    ids=["within Chinese", "not within a word", "twice"],
)
def test_the_thing_is_found_where_it_stands_alone(name: str, kind: str) -> None:
    assert of(member(name, Entity("host", "db-7"))).kinds == (kind,)


def test_names_of_things_are_no_words() -> None:
    assert of(pod("cart-7d9f8c7b9d-x2x7k")).words == ("pod", "restarted", "times", "已满", "盘已", "磁盘")


def test_labels_that_say_where_are_left_out() -> None:
    one = member("A", Entity("node", "n1"), node="n1", instance="n1:9100", device="sda1", team="shop")
    assert of(one).labels == ("device=sda#", "team=shop")


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("at 10.2.3.4:9100", "at #"),
        ("97.5% of 100GB", "#% of #GB"),
        ("id 123e4567-e89b-12d3-a456-426614174000", "id #"),
        ("at 0xdeadbeef", "at #"),
        ("made deadface", "made deadface"),
        ("磁盘使用率 97%", "磁盘使用率 #%"),
    ],
    ids=["address", "share", "uuid", "hex", "word", "chinese"],
)
def test_numbers_and_ids_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    assert all(0 < len(token) <= 80 for token in tokens(fold(text)))


def test_a_facet_is_cut_and_the_commonest_stay() -> None:
    members = [member("Often", Entity("service", f"s{n}"), service=f"s{n}") for n in range(3)]
    members += [member(f"Once{n}", Entity("service", "s0"), service="s0") for n in range(3)]
    assert signature(members, (), Limits(features=2)).kinds == ("Often", "Once#")


def test_of_many_members_the_first_are_looked_at() -> None:
    late = member("Late", Entity("service", "b"), seconds=9)
    assert signature([late, member("Early", Entity("service", "a"))], (), Limits(members=1)).kinds == (
        "Early",
    )


@given(st.permutations(["a", "b", "c", "d"]), st.permutations(["team", "device", "zone"]))
def test_neither_the_order_of_members_nor_of_labels_counts(names: list[str], labels: list[str]) -> None:
    def made(service: str, order: list[str]) -> Member:
        return member(
            f"K{service}", Entity("service", service), **{name: f"{name} {service}" for name in order}
        )

    assert of(*(made(name, labels) for name in names)) == of(*(made(name, sorted(labels)) for name in "abcd"))


def test_an_incident_without_members_has_no_root() -> None:
    assert (of(), root_of({}, ())) == (Signature(), ("", ""))


def test_a_series_that_changed_is_read_anew() -> None:
    one = member("DiskFull", Entity("node", "node-7"), "the disk is full", tier="hot")
    first = of(one)
    said = replace(one, series=replace(one.series, summary="the volume is full"))
    moved = replace(one, series=replace(one.series, entity=Entity("node", "rack-3")))
    labelled = replace(one, series=replace(one.series, labels=one.series.labels | {"tier": "cold"}))
    assert "volume" in of(said).words
    assert "volume" not in first.words
    assert (of(moved).places, first.places) == (("diskfull", "rack-3"), ("diskfull", "node-7"))
    assert "tier=cold" in of(labelled).labels
    assert "tier=hot" in first.labels
    assert of(one) == first
