"""What comes with what is learned from arrivals alone, within bounds, and survives a restart."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.correlate.relations import BESIDE, OWN, SCOPE, Relations, RelationSettings
from tests.correlate.fakes import at

HOUR = 3600.0


def learned(*arrivals, **settings):
    relations = Relations(RelationSettings(**settings))
    for seconds, kind, *places in arrivals:
        relations.observe(kind, "", tuple(places), at(seconds))
    return relations


def often(kinds, lag=10.0, times=20, places=("a",)):
    return [
        (HOUR * number + lag * step, kind, *places)
        for number in range(times)
        for step, kind in enumerate(kinds)
    ]


def named(relations):
    return {(edge.src, edge.dst) for edge in relations.edges()}


def test_what_comes_together_again_and_again_is_related():
    lift, met = learned(*often(["Disk", "Slow"])).affinity("Disk", "Slow", OWN)
    assert (met, lift > 2.0) == (20.0, True)


def test_the_order_of_the_two_makes_no_difference_to_their_affinity():
    relations = learned(*often(["Disk", "Slow"]))
    assert relations.affinity("Disk", "Slow", OWN) == relations.affinity("Slow", "Disk", OWN)


def test_an_unknown_pair_has_what_all_pairs_have():
    lift, met = learned(*often(["Disk", "Slow"])).affinity("Disk", "Other", OWN)
    assert (met, lift > 0.0) == (0.0, True)


def test_what_fires_all_the_time_is_related_to_nothing():
    noise = [(120.0 * number, "Noise", "a") for number in range(600)]
    rare = [(HOUR * number + 37.0 * number, "Rare", "a") for number in range(1, 20)]
    lift, _ = learned(*sorted(noise + rare + often(["Disk", "Slow"], places=("b",)))).affinity(
        "Noise", "Rare", OWN
    )
    assert lift < 1.0


@pytest.mark.parametrize(
    ("second", "places", "hop"),
    [
        ("same", ("a",), OWN),
        ("named by the second", ("b", "a"), BESIDE),
        ("named by the first", ("c",), BESIDE),
    ],
    ids=lambda value: str(value),
)
def test_it_is_known_how_far_apart_two_kinds_come(second, places, hop):
    both = (0, "Disk", "a", "c"), (5, "Slow", *places)
    relations = learned(*[(HOUR * n + lag, *rest) for n in range(5) for lag, *rest in both])
    assert [relations.affinity("Disk", "Slow", far)[1] for far in (OWN, BESIDE)] == [
        5 * (hop == OWN),
        5 * (hop == BESIDE),
    ]


def test_what_shares_only_the_scope_is_counted_apart():
    relations = Relations()
    relations.observe("Disk", "east/shop", ("a",), at(0))
    relations.observe("Slow", "east/shop", ("b",), at(5))
    relations.observe("Other", "west/shop", ("c",), at(6))
    assert [relations.affinity("Disk", kind, SCOPE)[1] for kind in ("Slow", "Other")] == [1.0, 0.0]


def test_an_edge_goes_from_what_comes_first_and_tells_the_usual_lag():
    lags = {
        (edge.src, edge.dst): edge.lag_s
        for edge in learned(*often(["Link", "Loss", "Slow"], lag=12.0)).edges()
    }
    assert lags == {("Link", "Loss"): 10.0, ("Loss", "Slow"): 10.0, ("Link", "Slow"): 30.0}


def test_what_comes_in_the_same_second_has_no_direction():
    forward, back = learned(*often(["Link", "Loss"], lag=0.0)).edges()
    assert forward.score == pytest.approx(back.score)


def test_of_two_at_once_the_rarer_is_the_likelier_cause():
    alone = [(HOUR * number + 1800, "Loss", "a") for number in range(100)]
    edges = learned(*sorted(often(["Link", "Loss"], lag=0.0) + alone)).edges()
    assert (edges[0].src, edges[0].dst) == ("Link", "Loss")


def test_what_never_came_together_has_no_edge():
    assert named(learned(*often(["Disk", "Slow"]), *often(["Fan", "Heat"], places=("b",)))) <= {
        *permutations(("Disk", "Slow"), 2),
        *permutations(("Fan", "Heat"), 2),
    }


def test_repeats_within_a_minute_count_once():
    flood = [(HOUR * n + second, "Flood", "a") for n in range(3) for second in range(50)]
    relations = learned(*sorted(flood + [(HOUR * n + 55, "Slow", "a") for n in range(3)]))
    assert relations.affinity("Flood", "Slow", OWN)[1] == 3.0


@given(st.permutations([("A", "a"), ("B", "a"), ("C", "a"), ("B", "b")]))
def test_the_order_within_a_second_makes_no_difference(same):
    relations = learned(*[(HOUR * number, *one) for number in range(3) for one in same])
    assert relations.affinity("A", "B", OWN)[1] == 3.0


def test_old_experience_fades():
    old = often(["Disk", "Slow"])
    relations = learned(*old, (30 * 86_400, "Slow", "b"), half_life_days=30.0)
    assert relations.affinity("Disk", "Slow", OWN)[1] == pytest.approx(10.0, rel=0.05)


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from("abcd")), max_size=200))
def test_kinds_and_partners_are_bounded(kinds):
    bounds = {"max_kinds": 5, "max_partners": 4, "max_places": 2}
    relations = learned(*[(2.0 * n, f"K{kind}", place) for n, (kind, place) in enumerate(kinds)], **bounds)
    table = relations.tables[0]
    assert len(table) <= 5
    assert all(len(row.partners) <= 6 for row in table.values())


def test_what_is_forgotten_is_counted():
    assert learned(*[(n, f"K{n}", "a") for n in range(6)], max_kinds=5).dropped == 1


def test_a_row_is_written_once_for_many_arrivals():
    relations = learned(*[(61.0 * n, "Disk", f"h{n}") for n in range(50)])
    assert [(row.table, row.key) for row in relations.tables[0].drain()] == [("correlate_relation", "Disk")]


def test_a_kind_is_not_written_again_within_a_minute():
    relations = learned(*often(["Disk", "Slow"]))
    relations.tables[0].drain()
    relations.observe("Disk", "", ("z",), at(1e6))
    assert relations.tables[0].drain() == []
    relations.observe("Fan", "", ("z",), at(1e6 + 60))
    assert {row.key for row in relations.tables[0].drain()} == {"Disk", "Fan"}


def test_what_was_learned_survives_a_restart():
    before = learned(*often(["Link", "Loss"]), (1e6, "End", "z"))
    after = Relations()
    for old, new in zip(before.tables, after.tables, strict=True):
        new.restore((row.key, row.body) for row in old.drain() if row.body is not None)
    after.restored()
    assert after.edges() == before.edges()
    assert after.affinity("Link", "Loss", OWN) == before.affinity("Link", "Loss", OWN)


def test_other_rules_do_not_make_it_forget():
    relations = learned(*often(["Link", "Loss"]))
    before = relations.affinity("Link", "Loss", OWN)
    relations.restored()
    assert relations.affinity("Link", "Loss", OWN) == before


def test_what_has_faded_is_drawn_no_more():
    relations = learned(*often(["Link", "Loss"]), (400 * 86_400, "Other", "z"), half_life_days=20.0)
    assert relations.edges() == []


def test_learning_twice_gives_the_same():
    arrivals = often(["Link", "Loss", "Slow"]) + often(["Fan", "Loss"], times=7, places=("b", "a"))
    assert learned(*sorted(arrivals)).edges() == learned(*sorted(arrivals)).edges()


def test_nothing_is_known_at_first():
    assert (Relations().edges(), Relations().affinity("A", "B", OWN)[1]) == ([], 0.0)


def test_an_arrival_without_a_place_is_counted_only():
    relations = Relations()
    relations.observe("Odd", "", (), at(0) + timedelta(seconds=1))
    assert relations.edges() == []
