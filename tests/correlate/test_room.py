"""What was let go because of a bound while it fired: its end gets to its incident all the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.core.entries import Action
from alertmesh.core.group import Departed, Grouped, GroupEvent, Reroled, Role
from alertmesh.core.series import Change, ChangeKind, Mark
from alertmesh.correlate import InhibitRule
from tests.correlate.fakes import Bench, at, clears, fires, turned
from tests.correlate.test_stage import STEPS, changes_of, person

FIRST = fires(0, "Down", cluster="c0", service="s0")


def ends(events: list[GroupEvent]) -> list[tuple[int, str]]:
    return [(one.group, one.change.series.id) for one in events if isinstance(one, Grouped)]


def over(most: str = "max_groups", others: int = 10) -> Bench:
    """Return a bench that let the first series go, which has a group for itself, because of a bound."""
    bench = Bench(**{most: 10})
    bench.feed(
        FIRST, *(fires(n * 400, "Down", cluster=f"c{n}", service=f"s{n}") for n in range(1, 1 + others))
    )
    assert bench.stage.join_of(FIRST.series.id) is None
    return bench


@pytest.mark.parametrize("most", ["max_groups", "max_series"])
def test_its_end_gets_to_the_group_that_it_was_in_once(most: str) -> None:
    bench, over_again = over(most), clears(FIRST, 9_000)
    bench.restart()
    assert ends(bench.feed(over_again)) == [(1, FIRST.series.id)]
    assert bench.feed(over_again) == []


def test_it_leaves_that_group_when_it_comes_again_elsewhere() -> None:
    bench = over()
    events = bench.feed(turned(9_000, FIRST.series, ChangeKind.GREW))
    assert Departed(group=1, series=FIRST.series.id, at=at(9_000)) in events
    assert bench.of[FIRST.series.id] > 10
    assert ends(bench.feed(clears(FIRST, 9_100))) == [(bench.of[FIRST.series.id], FIRST.series.id)]


def test_nothing_is_passed_on_to_a_group_that_was_closed() -> None:
    bench = over()
    assert bench.stage.retire([1], at(8_000)) == []
    assert bench.feed(clears(FIRST, 9_000)) == []


def test_its_end_goes_along_when_its_group_is_merged() -> None:
    bench = Bench(max_series=10)
    bench.feed(FIRST)
    bench.feed(fires(100, "Slow", cluster="c0", service="s0"), fires(110, "Full", cluster="c0", service="s0"))
    bench.feed(*(fires(n * 400, "Down", cluster=f"c{n}", service=f"s{n}") for n in range(1, 9)))
    assert (bench.of[FIRST.series.id], bench.stage.join_of(FIRST.series.id)) == (1, None)
    bench.follow(bench.stage.command(person(Action.MERGE), 2, 1, at(5_000)))
    bench.restart()
    assert ends(bench.feed(clears(FIRST, 9_000))) == [(bench.of[FIRST.series.id], FIRST.series.id)]


def test_what_flaps_is_passed_on_until_it_is_steady() -> None:
    bench = Bench(max_groups=10)
    flaps = replace(FIRST.series, firing=0, marks=(Mark.FLAPPING,))
    bench.stage.look_at({flaps.id: flaps}.get)
    bench.feed(FIRST, Change(kind=ChangeKind.CLEARED, series=flaps, fingerprint="", at=at(60)))
    bench.feed(*(fires(n * 400, "Down", cluster=f"c{n}", service=f"s{n}") for n in range(1, 11)))
    steady = turned(9_000, replace(flaps, marks=()), ChangeKind.MARKED)
    assert ends(bench.feed(steady)) == [(1, flaps.id)]
    assert bench.feed(steady) == []


def test_what_a_rule_hides_is_hidden_no_more_when_nobody_follows_it() -> None:
    rule = InhibitRule("zone", 'alertname="Core"', 'alertname="Down"', ("zone",))
    bench, hidden = Bench([rule], max_groups=10), fires(0, "Down", cluster="c0", service="s0", zone="z")
    bench.feed(hidden, fires(2_000, "Core", cluster="c0", service="core", zone="z"))
    join = bench.stage.join_of(hidden.series.id)
    assert join == replace(join, role=Role.SUPPRESSED)
    events = bench.feed(*(fires(2_000 + n, "Down", cluster=f"c{n}", service=f"s{n}") for n in range(1, 10)))
    shown = [one.join.role for one in events if isinstance(one, Reroled) and one.series == hidden.series.id]
    assert shown == [Role.MEMBER]


def test_those_of_the_oldest_group_make_room() -> None:
    bench = over()
    strays = bench.stage._memory.strays
    strays.most = 1
    bench.feed(*(fires(5_000 + n * 400, "Down", cluster=f"d{n}", service=f"t{n}") for n in range(1, 9)))
    assert len(strays.table) == 1
    assert strays.dropped > 0


@settings(max_examples=60, deadline=None)
@given(STEPS, st.integers(0, 25))
def test_a_restart_over_the_bounds_decides_as_if_it_had_not_been(
    steps: list[tuple[str, dict[str, str], bool]], cut: int
) -> None:
    whole, broken = (Bench(max_groups=3, max_series=5) for _ in range(2))
    for place, change in enumerate(changes_of(steps)):
        if place == cut:
            broken.restart()
        broken.feed(change)
        whole.feed(change)
    assert broken.events == whole.events


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whoever_was_told_of_a_series_is_told_of_its_end(
    steps: list[tuple[str, dict[str, str], bool]],
) -> None:
    bench, changes = Bench(max_groups=3, max_series=5), changes_of(steps)
    bench.stage._memory.strays.most = 100
    for change in changes:
        bench.feed(change)
    last = {change.series.id: change for change in changes}
    for one, change in sorted(last.items()):
        if change.series.firing:
            assert ends(bench.feed(clears(change, 9_000))) == [(bench.of[one], one)]
