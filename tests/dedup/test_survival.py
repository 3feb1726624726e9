"""How long alerts live, learned from how others of their kind ended."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.dedup.selfhealsettings import SelfhealSettings
from alertmesh.dedup.survival import EDGES, Ages, Outlook, Survival
from tests.dedup.fakes import T0, at

HALF_HOUR = Ages(lived_s=0, bound_s=1800)


def taught(healed: list[float], lost: list[float], cluster: str = "", **settings: int) -> Survival:
    """Return what is known after alerts of kind `k` cleared, or were lost sight of, at these ages."""
    survival = Survival(SelfhealSettings(**settings))
    for life in healed:
        survival.healed("k", cluster, life, T0)
    for life in lost:
        survival.lost("k", cluster, life, T0)
    return survival


def outlook(survival: Survival, ages: Ages = HALF_HOUR, cluster: str = "", days: float = 0) -> Outlook:
    found = survival.outlook("k", cluster, ages, T0 + timedelta(days=days))
    assert found is not None
    return found


def test_eight_of_nine_are_enough_to_wait_for() -> None:
    found = outlook(taught([150.0] * 8, [3600.0]))
    assert (round(found.healed), round(found.known)) == (8, 9)
    assert 0.7 < found.sure < found.chance < 0.9


@pytest.mark.parametrize("count", range(5))
def test_few_outcomes_say_nothing_however_good(count: int) -> None:
    assert taught([60.0] * count, []).outlook("k", "", HALF_HOUR, T0) is None


def test_an_unknown_kind_says_nothing_however_good_the_others_are() -> None:
    assert taught([60.0] * 500, []).outlook("other", "", HALF_HOUR, T0) is None


@pytest.mark.parametrize("lost", [0.0, 3.0, 20.0], ids=str)
def test_what_was_lost_sight_of_before_the_others_cleared_counts_for_nothing(lost: float) -> None:
    assert outlook(taught([150.0] * 9, [lost] * 9)).chance == pytest.approx(0.95, abs=0.05)


def test_what_still_fires_speaks_against_healing() -> None:
    survival = taught([150.0] * 9, [])
    old = [T0.timestamp() - 7_200.0] * 9
    assert outlook(survival, Ages(0, 1800, open_kind=old)).chance < 0.55
    assert outlook(survival).chance > 0.9


def test_the_wait_ends_when_almost_all_have_cleared() -> None:
    found = outlook(taught([60.0 + number for number in range(50)], []))
    assert 105 < found.until_s < 190


def test_a_late_few_do_not_stretch_the_wait() -> None:
    assert outlook(taught([60.0] * 97, [1500.0] * 3)).until_s < 120


def test_the_chance_is_that_of_those_that_lived_as_long() -> None:
    survival = taught([60.0] * 50, [3600.0] * 10)
    assert outlook(survival).chance > 0.8
    assert outlook(survival, Ages(600, 1800)).chance < 0.1


def test_nothing_is_hoped_for_beyond_what_was_seen() -> None:
    survival = taught([60.0] * 10, [300.0] * 10)
    for life in range(600, 1800, 10):
        survival.healed("other", "", float(life), T0)
    assert outlook(survival).until_s < 120


def test_a_new_cluster_gets_the_benefit_of_the_others() -> None:
    survival = taught([60.0] * 50, [], cluster="east")
    assert 0.7 < outlook(survival, cluster="west").sure < outlook(survival, cluster="east").sure


def test_a_cluster_that_differs_is_judged_by_its_own() -> None:
    survival = taught([60.0] * 60, [], cluster="east")
    for _ in range(20):
        survival.lost("k", "west", 3_000.0, T0)
    assert outlook(survival, cluster="west").sure < 0.5
    assert outlook(survival, cluster="east").sure > 0.8


def test_old_outcomes_fade() -> None:
    survival = taught([60.0] * 40, [])
    assert round(outlook(survival, days=28).known) == 10
    assert survival.outlook("k", "", HALF_HOUR, T0 + timedelta(days=60)) is None


def test_a_kind_that_heals_no_more_is_unlearned() -> None:
    survival = taught([60.0] * 30, [])
    for day in range(60, 70):
        survival.lost("k", "", 3_600.0, T0 + timedelta(days=day))
    assert outlook(survival, days=70).chance < 0.3


def test_the_kinds_that_count_least_make_room() -> None:
    survival = Survival(SelfhealSettings(max_kinds=50))
    for _ in range(3):
        survival.healed("often", "", 60.0, T0)
    for number in range(200):
        survival.healed(f"kind {number}", "", 60.0, at(number))
    assert len(survival.kinds) <= 50
    assert survival.dropped == 202 - len(survival.kinds)
    assert "often" in survival.kinds


def test_how_many_are_usual() -> None:
    survival = taught([60.0] * 14, [])
    for day in range(14):
        survival.healed("k", "", 60.0, T0 + timedelta(days=day))
    per_hour = survival.usual("k", "", 3_600.0, T0 + timedelta(days=14))
    assert 1 / 24 < per_hour < 3 / 24
    assert survival.usual("unknown", "", 3_600.0, T0) == 0


LIVES = st.lists(st.floats(0, 400_000), max_size=40)
AGE = st.floats(0, 200_000)


@given(LIVES, LIVES, AGE, AGE)
def test_every_outlook_makes_sense(healed: list[float], lost: list[float], one: float, other: float) -> None:
    lived, bound = min(one, other), max(one, other)
    found = taught(healed, lost, least=1).outlook("k", "", Ages(lived, bound), T0)
    if found is not None:
        assert 0 <= found.sure <= found.chance + 1e-9 <= 1 + 2e-9
        assert 0 <= found.until_s <= max(bound, EDGES[-1])
        assert -1e-9 <= found.healed <= found.known + 1e-9


@given(LIVES, st.randoms(use_true_random=False))
def test_the_order_within_a_moment_does_not_matter(lives: list[float], chance) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(lives)
    chance.shuffle(shuffled)
    one, other = taught(lives, []), taught(shuffled, [])
    assert [row.body for row in one.kinds.drain()] == [row.body for row in other.kinds.drain()]
