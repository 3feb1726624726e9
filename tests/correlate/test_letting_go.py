"""What hides others hides them no longer when it is gone, by whatever way it went."""

import pytest
from msgspec.structs import replace

from alertmesh.core.group import GroupEvent, Reroled, Role
from alertmesh.correlate import CorrelateSettings, InhibitRule
from alertmesh.correlate.tempo import Tempo
from tests.correlate.fakes import Bench, at, clears, fires

ZONE = InhibitRule("zone", 'alertname="CoreDown"', 'alertname="Slow"', ("zone",))
SLOW = fires(0, "Slow", service="web", zone="z1")
CORE = fires(2_000, "CoreDown", service="core", zone="z1")
DAY_S = 86_400.0


@pytest.fixture
def bench() -> Bench:
    """Return a bench where what is slow is hidden by what is down."""
    made = Bench([ZONE])
    made.feed(SLOW)
    made.feed(CORE)
    assert role(made) is Role.SUPPRESSED
    return made


def role(bench: Bench) -> Role | None:
    join = bench.stage.join_of(SLOW.series.id)
    return join and join.role


def test_a_source_that_is_retired_while_it_fires_frees_what_it_hid(bench: Bench) -> None:
    told = bench.stage.retire([bench.of[CORE.series.id]], at(3_000))
    assert [(type(one), one.series) for one in told if isinstance(one, Reroled)] == [
        (Reroled, SLOW.series.id)
    ]
    assert role(bench) is Role.MEMBER


def freed(events: list[GroupEvent]) -> list[str]:
    return [one.series for one in events if isinstance(one, Reroled)]


def adopts(bench: Bench, *rules: InhibitRule) -> None:
    """Go by other rules, with what fires known by its labels."""
    bench.stage.look_at({one.series.id: one.series for one in (SLOW, CORE)}.get)
    bench.stage.adopt(CorrelateSettings(), rules, None)


def test_a_rule_that_is_taken_away_frees_what_it_hid_without_any_news(bench: Bench) -> None:
    adopts(bench)
    assert bench.stage.deadline() == CORE.at
    assert freed(bench.feed()) == [SLOW.series.id]
    assert (role(bench), bench.stage.deadline()) == (Role.MEMBER, None)


def test_a_rule_that_is_taken_away_over_a_restart_frees_what_it_hid(bench: Bench) -> None:
    bench._build = (bench._build[0], [], [])
    bench.restart()
    assert freed(bench.feed()) == [SLOW.series.id]
    bench.restart()
    assert bench.stage.deadline() is None


def test_a_rule_that_is_changed_hides_by_what_it_says_now(bench: Bench) -> None:
    adopts(bench, replace(ZONE, equal=("service",)))
    assert freed(bench.feed()) == [SLOW.series.id]
    bench.restart()
    assert role(bench) is Role.MEMBER


def test_a_rule_that_is_added_hides_what_fires_already_until_its_source_clears() -> None:
    bench = Bench()
    bench.feed(SLOW)
    bench.feed(CORE)
    adopts(bench, ZONE)
    assert freed(bench.feed()) == [SLOW.series.id]
    assert role(bench) is Role.SUPPRESSED
    bench.feed(clears(CORE, 4_000))
    assert role(bench) is Role.MEMBER


def test_a_rule_that_stays_hides_on(bench: Bench) -> None:
    adopts(bench, ZONE)
    assert (bench.stage.deadline(), bench.feed(), role(bench)) == (None, [], Role.SUPPRESSED)
    bench.restart()
    assert (bench.stage.deadline(), bench.feed(), role(bench)) == (None, [], Role.SUPPRESSED)
    bench.feed(clears(CORE, 4_000))
    assert role(bench) is Role.MEMBER


@pytest.mark.parametrize("back_s", [1.0, 2 * DAY_S, 400 * DAY_S])
def test_a_clock_that_was_set_back_makes_nothing_a_habit(back_s: float) -> None:
    tempo = Tempo(100)
    for one in range(3):
        tempo.arrive("a", "A", "prod", 1_000 * DAY_S + one)
    now, before = 1_000 * DAY_S + 2, tempo.known("a", "A", "prod", 1_000 * DAY_S + 2)
    after = tempo.arrive("a", "A", "prod", now - back_s)
    assert (after.own, after.kind, after.lately) == (before.own, before.kind, before.lately)
