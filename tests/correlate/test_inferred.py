"""What alerts together again and again is linked."""

from collections.abc import Sequence

import pytest

from alertmesh.core.topology import Edge
from alertmesh.correlate.topology import Topology
from alertmesh.correlate.topologysettings import TopologySettings
from tests.correlate.fakes import Bench, at, series

HOUR = 3600.0
DAY = 24 * HOUR
CLUSTER = Bench().stage.describer


class Watch:
    """A topology to which things begin to alert, in hours from the start."""

    def __init__(self, **settings: float) -> None:
        self.settings = Bench(topology=TopologySettings(**settings)).stage._settings  # type: ignore[arg-type]
        self.topology = Topology(settings=self.settings)

    def begins(self, hours: float, *names: str, apart: float = 10.0) -> None:
        """Have things begin to alert, one some seconds after the other."""
        for place, name in enumerate(names):
            one = series("Down", app=name)
            self.topology.learn(one, CLUSTER.profile(one), at(hours * HOUR + place * apart))

    def links(self) -> dict[tuple[str, str], str]:
        """Return the inferred edges with their words."""
        return {(one.edge.a, one.edge.b): one.words for one in self.topology.known() if one.inferred}

    def restart(self) -> None:
        """Build it anew from its rows."""
        fresh = Topology(settings=self.settings)
        for old, new in zip(self.topology.tables, fresh.tables, strict=True):
            for key in old:
                old.put(key, old[key])
            new.restore([(row.key, row.body) for row in old.drain() if row.body])
        fresh.restored()
        self.topology = fresh


def watched(together: int, alone: int = 0, names: Sequence[str] = ("web", "db"), **settings: float) -> Watch:
    """A pair that begins together every ten hours, and after that one of it alone."""
    watch = Watch(**settings)
    for number in range(together):
        watch.begins(10.0 * number, *names)
    for number in range(together, together + alone):
        for hours, name in enumerate(names):
            watch.begins(10.0 * number + 3 * hours, name)
    watch.begins(10.0 * (together + alone), "other")
    return watch


def test_things_that_alert_together_are_linked() -> None:
    assert watched(9).links() == {("db", "web"): "alerted together in 8 of 8 cases with"}


def test_it_says_in_how_many_cases() -> None:
    watch = Watch(half_life_s=1e9)
    for number in range(16):
        watch.begins(10.0 * number, *(("db", "web") if number % 8 else ("db",)))
        if not number % 8:
            watch.begins(10.0 * number + 2, "web")
    watch.begins(200.0, "other")
    assert watch.links() == {("db", "web"): "alerted together in 14 of 16 cases with"}


@pytest.mark.parametrize(
    "watch",
    [
        pytest.param(watched(6), id="too few cases"),
        pytest.param(watched(5, alone=9), id="mostly apart"),
        pytest.param(watched(20, support=0), id="turned off"),
        pytest.param(watched(12, lift=1e6), id="no more than chance would have it"),
        pytest.param(watched(20, names=("web", *"abcdefghi")), id="a crowd"),
        pytest.param(watched(20, names=("web", "web")), id="itself"),
    ],
)
def test_others_are_not(watch: Watch) -> None:
    assert watch.links() == {}


def test_what_alerts_all_the_time_is_beside_everything_by_chance() -> None:
    watch = Watch()
    for quarter in range(400):
        watch.begins(quarter / 4, "noisy")
        if not quarter % 40:
            watch.begins(quarter / 4 + 0.01, "db")
    assert watch.links() == {}


def test_what_does_not_pause_is_one_case() -> None:
    watch = Watch()
    for minute in range(200):
        watch.begins(minute / 20, "web", "db")
    assert watch.links() == {}


def test_a_known_neighbour_is_not_inferred_as_well() -> None:
    watch = Watch()
    watch.topology = Topology([Edge("web", "db", "calls")], watch.settings)
    for number in range(20):
        watch.begins(10.0 * number, "web", "db")
    assert watch.links() == {}


def test_a_link_is_taken_back_when_they_part() -> None:
    watch = Watch(half_life_s=1e9)
    for number in range(10):
        watch.begins(10.0 * number, "web", "db")
    linked = bool(watch.links())
    for number in range(10, 30):
        watch.begins(10.0 * number, "web")
        watch.begins(10.0 * number + 5, "db")
    watch.begins(300.0, "web", "db")
    watch.begins(310.0, "other")
    assert (linked, watch.links()) == (True, {})


def test_a_link_is_forgotten_when_they_alert_no_more() -> None:
    watch = watched(12)
    linked = bool(watch.links())
    watch.begins(120 + 24 * 8, "other")
    assert (linked, watch.links()) == (True, {})


def test_old_cases_count_less() -> None:
    watch = Watch(half_life_s=2 * DAY)
    for number in range(12):
        watch.begins(48.0 * number, "web", "db")
    assert watch.links() == {}


def test_a_restart_at_any_moment_changes_nothing() -> None:
    whole, broken = Watch(), Watch()
    for number in range(14):
        for watch in (whole, broken):
            watch.begins(7.0 * number, "web")
            if watch is broken:
                watch.restart()
            watch.begins(7.0 * number + 0.02, "db")
    assert whole.links() == broken.links() != {}


def test_a_flood_of_names_stays_within_the_bounds() -> None:
    watch = Watch(max_things=200, max_partners=4)
    for number in range(5_000):
        watch.begins(number / 90, f"thing-{number}")
    edges, habits, fronts = watch.topology.tables
    assert (len(edges), len(habits) <= 200, len(fronts)) == (0, True, 1)
    assert max(len(one.partners) for one in habits.values()) <= 4


def test_an_inferred_neighbour_says_so() -> None:
    watch = watched(9)
    [near] = watch.topology.near(CLUSTER.profile(series("Down", app="web")))
    assert (near.name, near.inferred) == ("db", True)
