"""A second look at the window finds what was planted, whatever the order, and stays within bounds."""

import random
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sklearn.cluster import AgglomerativeClustering  # type: ignore[import-untyped]  # has no types

from alertmesh.core.regrouping import Regrouping, RegroupKind
from alertmesh.correlate.batch import blocks, clustered, propose
from alertmesh.correlate.batch_pairs import PairWeights, weighed
from alertmesh.correlate.batch_window import Affinity, Item, Seen, Window
from alertmesh.correlate.batchsettings import BatchSettings

ALL = BatchSettings(suggest=0.0)
NOW = 1_800.0


def item(group: int, name: str, began: float, cluster: str = "prod", of: int = 3) -> Item:
    return Item(
        series=f"{group}/{name}",
        group=group,
        kind="Down",
        cluster=cluster,
        namespace="shop",
        subject=f"{cluster}|{name}",
        shared=((f"{cluster}|app|{name}", 0.8),),
        near=(),
        began=began,
        cleared=None,
        of=of,
    )


def group(number: int, began: float, names: str = "abc", cluster: str = "prod") -> list[Item]:
    return [item(number, name, began + place, cluster, len(names)) for place, name in enumerate(names)]


def looked(items: Iterable[Item], bounds: BatchSettings = ALL) -> tuple[Regrouping, ...]:
    return propose(Window(NOW, tuple(items)), bounds)


def test_two_groups_of_one_moment_and_place_are_proposed_to_be_one() -> None:
    (proposal,) = looked([*group(1, 60.0), *group(2, 65.0)])
    assert (proposal.kind, proposal.groups) == (RegroupKind.MERGE, (1, 2))
    assert proposal.confidence > 0.5
    assert len(proposal.series) == 6


def test_a_group_of_two_troubles_is_proposed_to_be_two() -> None:
    late = [replace(one, series=f"late/{one.series}") for one in group(1, 1_500.0, "xyz")]
    items = [replace(one, of=6) for one in [*group(1, 0.0), *late]]
    (proposal,) = looked(items)
    assert (proposal.kind, proposal.groups) == (RegroupKind.SPLIT, (1,))
    assert set(proposal.series) == {one.series for one in late}


def test_a_group_of_which_a_part_is_out_of_sight_is_not_split() -> None:
    items = [replace(one, of=7) for one in [*group(1, 0.0), *group(1, 1_500.0, "xyz")]]
    assert looked(items) == ()


@pytest.mark.parametrize(
    "items",
    [
        [],
        group(1, 0.0, "a"),
        group(1, 0.0),
        [*group(1, 0.0), *group(2, 1_500.0, "xyz")],
        [*group(1, 60.0), *group(2, 60.0, cluster="test")],
    ],
    ids=["nothing", "one series", "one group", "far in time", "two clusters"],
)
def test_nothing_is_proposed(items: list[Item]) -> None:
    assert looked(items) == ()


def test_a_value_of_a_global_label_makes_clusters_one_block() -> None:
    tied = [replace(one, shared=(("|correlation_id|7", 0.8),)) for one in group(2, 60.0, cluster="test")]
    here = [replace(one, shared=(("|correlation_id|7", 0.8),)) for one in group(1, 60.0)]
    assert len(blocks([*here, *group(3, 0.0), *tied, *group(4, 0.0, cluster="other")])) == 2


def test_each_proposal_says_what_was_weighed_and_why() -> None:
    (proposal,) = looked([*group(1, 60.0), *group(2, 65.0)])
    assert {"across", "gap", "likeness"} <= {term.name for term in proposal.terms}
    assert proposal.reason.startswith("Looked at together, 3 series here and 3 there")


def test_what_is_less_sure_than_is_to_be_suggested_is_left_unsaid() -> None:
    assert looked([*group(1, 60.0), *group(2, 65.0)], BatchSettings(suggest=0.99)) == ()


def test_no_more_is_proposed_than_is_allowed() -> None:
    items = [one for number in range(1, 9) for one in group(number, 60.0 + number)]
    assert len(looked(items)) == 7
    assert len(looked(items, BatchSettings(suggest=0.0, max_proposals=3))) == 3


@st.composite
def windows(draw: st.DrawFn) -> list[Item]:
    count = draw(st.integers(0, 24))
    picked = [
        item(draw(st.integers(1, 5)), f"{place}", draw(st.integers(0, 1_800)), draw(st.sampled_from("pq")))
        for place in range(count)
    ]
    sizes = {one.group: sum(other.group == one.group for other in picked) for one in picked}
    return [replace(one, of=sizes[one.group]) for one in picked]


@settings(deadline=None, max_examples=60)
@given(windows(), st.integers(0, 1_000))
def test_the_order_of_the_series_makes_no_difference(items: list[Item], seed: int) -> None:
    shuffled = list(items)
    random.Random(seed).shuffle(shuffled)
    assert looked(shuffled) == looked(items)


@settings(deadline=None, max_examples=60)
@given(windows())
def test_a_proposal_is_about_present_members_and_leaves_something_behind(items: list[Item]) -> None:
    held = {one.series: one.group for one in items}
    sizes = {one.group: one.of for one in items}
    for proposal in looked(items):
        assert {held[series] for series in proposal.series} == set(proposal.groups)
        assert 0.0 <= proposal.confidence <= 1.0
        if proposal.kind is RegroupKind.SPLIT:
            assert len(proposal.series) < sizes[proposal.groups[0]]


def test_kinds_that_come_together_beyond_chance_are_likelier_one_trouble() -> None:
    pair = [item(1, "a", 0.0), item(2, "b", 0.0)]
    known = Affinity(("Down",), ((3.0,),), ((3.0,),))
    weights = PairWeights(affinity=0.5)
    before, after = (weighed(pair, one, NOW, weights).likely[0, 1] for one in (Affinity(), known))
    assert after > before


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(windows(), st.integers(1_800, 1_802), st.floats(-1.0, 2.0)), max_size=3), st.randoms()
)
def test_what_was_seen_before_makes_no_difference(
    looks: list[tuple[list[Item], int, float]], luck: random.Random
) -> None:
    seen = Seen()
    for items, at, lift in [*looks, *looks]:
        over = [replace(one, cleared=one.began + 60.0) if luck.random() < 0.9 else one for one in items]
        affinity = Affinity(("Down",), ((lift,),), ((-lift,),))
        for now in (float(at), at + 60.0):
            fresh = propose(Window(now, tuple(over), affinity), ALL)
            assert propose(Window(now, tuple(over), affinity, seen=seen), ALL) == fresh


def test_what_did_not_change_is_not_looked_at_again() -> None:
    ended = [replace(one, cleared=90.0) for one in [*group(1, 60.0), *group(2, 65.0)]]
    seen = Seen()
    first, again, third = (
        propose(Window(now, tuple(ended), seen=seen), ALL) for now in (NOW, NOW + 60.0, NOW + 120.0)
    )
    assert first[0] is again[0] is third[0]
    propose(Window(NOW + 180.0, (), seen=seen), ALL)
    later = propose(Window(NOW + 240.0, tuple(ended), seen=seen), ALL)
    assert later == first
    assert later[0] is not first[0]  # what was out of sight is forgotten


@settings(deadline=None, max_examples=200)
@given(
    st.integers(2, 12),
    st.integers(0, 10_000),
    st.sampled_from([(0.0, 1.0), (0.3, 0.5), (0.41, 1.0), (0.0, 0.39)]),
)
def test_clusters_are_those_of_the_mean_distance(count: int, seed: int, between: tuple[float, float]) -> None:
    drawn = np.random.default_rng(seed).uniform(*between, (count, count)).astype(np.float32)
    likely = np.maximum(drawn, drawn.T)
    np.fill_diagonal(likely, 1.0)
    labels = clustered(likely)
    known = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=0.6
    ).fit_predict(1.0 - likely)
    found = range(count) if labels is None else labels
    assert len({*found}) == len({*known}) == len({*zip(found, known, strict=True)})
