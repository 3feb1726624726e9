"""The clock is set: what is grouped with what is as if it had not been."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from alertmesh.core.group import Grouped, GroupEvent
from alertmesh.core.series import Change
from tests.correlate.fakes import Bench, clears, fires
from tests.correlate.learned import LearnedBench

DAY_S = 86_400.0
HOUR_S = 3_600.0
KINDS = ("Slow", "Down", "Full")
HOSTS = tuple(
    {"namespace": space, "service": f"s{number}", "node": f"n{number % 2}"}
    for number in range(4)
    for space in ("shop", "bank")
)


def told(shift_s: float, since: float, until: float) -> list[Change]:
    """Return what comes and goes, more at some times than at others, in order."""
    found: list[tuple[float, Change]] = []
    for number in range(60):
        second = number * 97.0 + (number % 7) * 211.0
        one = fires(second + shift_s, KINDS[number % 3], **HOSTS[number % 8])
        found += [(second, one), (second + 130.0, clears(one, second + 130.0 + shift_s))]
    return [change for second, change in sorted(found, key=lambda pair: pair[0]) if since <= second < until]


def seen(events: list[GroupEvent]) -> list[object]:
    """Return what was decided, without when."""
    return [
        (one.group, one.change.series.id, one.join, one.usual)
        if isinstance(one, Grouped)
        else (type(one).__name__, getattr(one, "group", 0), getattr(one, "series", ""))
        for one in events
    ]


def run(make: Callable[[], Bench], by_s: float, restarts: bool = False) -> list[object]:
    """Tell the story with a jump of the clock after its first half."""
    bench = make()
    for change in told(0.0, 0.0, 3_000.0):
        bench.feed(change)
    bench.stage.jump(timedelta(seconds=by_s))
    if restarts:
        bench.restart()
    for change in told(by_s, 3_000.0, 1e9):
        bench.feed(change)
    return seen(bench.events)


@pytest.mark.parametrize("make", [Bench, LearnedBench], ids=["plain", "learned"])
@pytest.mark.parametrize("by_s", [-400 * DAY_S, -2 * DAY_S, -HOUR_S, HOUR_S, 30 * DAY_S])
def test_all_is_grouped_as_if_the_clock_had_not_been_set(make: Callable[[], Bench], by_s: float) -> None:
    assert run(make, by_s) == run(make, 0.0)


@pytest.mark.parametrize("make", [Bench, LearnedBench], ids=["plain", "learned"])
def test_a_restart_after_a_jump_changes_nothing(make: Callable[[], Bench]) -> None:
    assert run(make, -2 * DAY_S, restarts=True) == run(make, -2 * DAY_S)


def test_what_was_parted_by_people_is_so_for_as_long_as_it_would_have_been() -> None:
    bench = Bench()
    bench.stage._memory.verdicts.part(("a",), ("b",), 5 * DAY_S)
    bench.stage.jump(timedelta(days=-2))
    assert [one.said for one in bench.stage._memory.verdicts.table.values()] == [3 * DAY_S]


def test_what_was_told_of_the_topology_is_forgotten_as_much_later() -> None:
    bench = Bench()
    bench.feed(fires(0, "Down", pod="web-1", node="n1", namespace="shop"))
    (before,) = {one.until for one in bench.stage.topology.known() if one.until}
    bench.stage.jump(timedelta(days=-2))
    (after,) = {one.until for one in bench.stage.topology.known()}
    assert after == before - timedelta(days=2)
