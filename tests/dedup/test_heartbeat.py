"""Alerts that must keep coming: when they are missed, and when they are not."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from msgspec.structs import replace

from alertmesh.core.alert import Priority, Sighting
from alertmesh.core.contact import Pulse
from alertmesh.core.entries import Ended, Fired, Tick
from alertmesh.core.ports import Door
from alertmesh.core.series import Change, Mark
from alertmesh.dedup.beats import CALLS, statuses
from alertmesh.dedup.expected import Heartbeat
from alertmesh.dedup.heartbeatsettings import WATCHDOG, HeartbeatSettings
from alertmesh.dedup.settings import DedupSettings
from tests.dedup.fakes import FOREVER, OTHER, firing, resolved
from tests.dedup.watchroom import Watchroom, notes, own

DAY = timedelta(hours=24)
NAMES = ("Watchdog", "Disk")
ALERTMANAGER = Door("am", "alertmanager", DAY)
NIGHTLY = Heartbeat(name="nightly", ping=True, every=timedelta(hours=24), grace=timedelta(hours=1))


def room(*expected: Heartbeat, **limits: int) -> Watchroom:
    return Watchroom(DedupSettings(heartbeat=HeartbeatSettings(expected=expected or (WATCHDOG,), **limits)))


def dog(**labels: str) -> Sighting:
    return firing("Watchdog", **{"cluster": "c1", "severity": "info", **labels})


def barks(watch: Watchroom, first: int, last: int, *sightings: Sighting, door: Door = OTHER) -> None:
    """Have Watchdog come every minute."""
    for minute in range(first, last + 1):
        watch.post(minute, *(sightings or (dog(),)), door=door)


def names(changes: Sequence[Change]) -> list[tuple[str, str]]:
    return [(change.series.name, change.kind.value) for change in changes]


@pytest.fixture
def alive() -> Watchroom:
    """A room where Watchdog came every minute from 0:00 to 0:10 by a door with long leases."""
    watch = room()
    barks(watch, 0, 10, door=ALERTMANAGER)
    return watch


def test_one_that_comes_is_not_missed(alive: Watchroom) -> None:
    barks(alive, 11, 60, door=ALERTMANAGER)
    assert own(alive.changes) == []


def test_one_that_stops_is_missed_after_its_time(alive: Watchroom) -> None:
    alive.wait(10 + 5 + 2 + 1.9)
    assert own(alive.changes) == []
    alive.wait(10 + 5 + 2 + 2)
    [change] = own(alive.changes)
    assert change.series.labels == {"alertname": "HeartbeatMissing", "heartbeat": "Watchdog", "cluster": "c1"}
    assert change.series.priority.name == "P2"


def test_it_says_since_when_and_what_was_expected(alive: Watchroom) -> None:
    alive.wait(30)
    text = "No Watchdog of cluster c1 since 04:17 UTC; one is expected every 5 min."
    assert ("HB-1", text) in notes(alive.changes)


def test_it_is_over_when_it_comes_back(alive: Watchroom) -> None:
    alive.wait(30)
    barks(alive, 31, 40)
    assert names(own(alive.changes)) == [("HeartbeatMissing", "opened"), ("HeartbeatMissing", "cleared")]


def test_being_told_to_have_ended_is_no_excuse(alive: Watchroom) -> None:
    alive.post(11, resolved("Watchdog", cluster="c1", severity="info"), door=ALERTMANAGER)
    alive.wait(13.1)
    assert len(own(alive.changes)) == 1


def test_one_that_comes_back_within_its_grace_is_not_missed(alive: Watchroom) -> None:
    alive.wait(18)
    barks(alive, 18, 30)
    assert own(alive.changes) == []


def test_the_shorter_lease_of_its_sender_counts() -> None:
    watch = room()
    for minute in range(5):
        watch.post(minute, firing("Watchdog", ends=watch.at(minute + 1), cluster="c1", severity="info"))
    watch.wait(4 + 1 + 2)
    assert len(own(watch.changes)) == 1


def test_a_sender_is_not_held_to_a_pace_that_it_never_kept() -> None:
    watch = room()
    for hour in range(0, 24, 4):
        watch.post(60 * hour, dog(), door=ALERTMANAGER)
    assert own(watch.changes) == []


@pytest.mark.parametrize("priority", [Priority.P1, Priority.P4], ids=["raised", "lowered"])
def test_another_severity_is_no_other_heartbeat(alive: Watchroom, priority: Priority) -> None:
    [state] = alive.stage.tracker.firing_states()
    alert = replace(state.alert, priority=Priority.P3)
    for now in (alert, replace(alert, priority=priority)):
        alive.stage.feed([Fired(now, alive.at(11))], alive.at(11))
    [stream] = alive.stage.heartbeats()
    assert stream.alive == (alert.fingerprint,)


def test_each_cluster_is_missed_on_its_own() -> None:
    watch = room()
    barks(watch, 0, 20, dog(), dog(cluster="c2"))
    barks(watch, 21, 60, dog(cluster="c2"))
    assert [change.series.labels["cluster"] for change in own(watch.changes)] == ["c1"]


def test_a_replica_stands_in_for_the_other() -> None:
    watch = room()
    barks(watch, 0, 20, dog(replica="a"), dog(replica="b"))
    barks(watch, 21, 60, dog(replica="b"))
    assert own(watch.changes) == []


def test_it_is_marked_for_what_it_is(alive: Watchroom) -> None:
    assert alive.stage.series[alive.changes[0].series.id].marks == (Mark.EXPECTED,)


def test_what_was_never_seen_is_missed_only_if_required() -> None:
    other, wanted = room(), room(Heartbeat(name="dog", matchers=WATCHDOG.matchers, required=True))
    for watch in (other, wanted):
        watch.post(0, firing())
        watch.wait(60)
    assert (len(own(other.changes)), len(own(wanted.changes))) == (0, 1)


def test_what_is_required_gets_a_full_period_first_and_may_come_from_anywhere() -> None:
    watch = room(Heartbeat(name="dog", matchers=WATCHDOG.matchers, required=True))
    watch.post(0, firing())
    watch.wait(6.9)
    assert own(watch.changes) == []
    watch.wait(8)
    barks(watch, 10, 12)
    assert names(own(watch.changes)) == [("HeartbeatMissing", "opened"), ("HeartbeatMissing", "cleared")]


def test_a_job_that_does_not_call_is_missed() -> None:
    watch = room(NIGHTLY)
    for night in range(3):
        watch.call(24 * 60 * night, "nightly")
    watch.wait(24 * 60 * 3 + 119)
    assert own(watch.changes) == []
    watch.wait(24 * 60 * 3 + 121)
    assert [change.series.labels["heartbeat"] for change in own(watch.changes)] == ["nightly"]


def test_each_name_is_missed_on_its_own_when_any_may_call() -> None:
    watch = room(Heartbeat(name="jobs", auto=True))
    for minute in range(0, 60, 4):
        watch.call(minute, "a")
        if minute <= 20:
            watch.call(minute, "b")
    assert [change.series.labels["heartbeat"] for change in own(watch.changes)] == ["b"]


def test_after_an_hour_of_our_own_absence_nothing_is_missed(alive: Watchroom) -> None:
    later = alive.restarted(70)
    later.wait(76)
    barks(later, 76, 90, door=ALERTMANAGER)
    assert own(later.changes) == []


def test_what_was_late_before_our_absence_gets_a_full_period(alive: Watchroom) -> None:
    alive.wait(18)
    later = alive.restarted(70)
    later.wait(76.9)
    assert own(later.changes) == []
    later.wait(77.1)
    assert len(own(later.changes)) == 1


def test_what_does_not_come_after_our_absence_is_missed(alive: Watchroom) -> None:
    later = alive.restarted(70)
    later.wait(70 + 5 + 2 + 2.1)
    assert len(own(later.changes)) == 1


def test_what_is_missing_stays_so_over_a_restart(alive: Watchroom) -> None:
    alive.wait(30)
    later = alive.restarted(90)
    later.wait(150)
    assert own(later.changes) == []
    barks(later, 151, 152)
    assert names(own(later.changes)) == [("HeartbeatMissing", "cleared")]


def test_what_is_missing_for_a_week_is_not_expected_any_more(alive: Watchroom) -> None:
    alive.wait(8 * 24 * 60)
    assert names(own(alive.changes))[-1] == ("HeartbeatMissing", "cleared")
    assert alive.stage.heartbeats() == []


def test_what_is_no_longer_declared_is_not_missing(alive: Watchroom) -> None:
    alive.wait(30)
    alive.adopt(DedupSettings(heartbeat=HeartbeatSettings(expected=())))
    alive.wait(31)
    assert names(own(alive.changes))[-1] == ("HeartbeatMissing", "cleared")


def restarted(watch: Watchroom, settings: DedupSettings) -> Watchroom:
    watch.settings = settings
    later = watch.restarted(10)
    later.changes += watch.changes
    return later


def reloaded(watch: Watchroom, settings: DedupSettings) -> Watchroom:
    watch.adopt(settings)
    return watch


both_ways = pytest.mark.parametrize("anew", [reloaded, restarted])
Anew = Callable[[Watchroom, DedupSettings], Watchroom]


def expecting(*expected: Heartbeat) -> DedupSettings:
    return DedupSettings(heartbeat=HeartbeatSettings(expected=expected))


def marks(watch: Watchroom, name: str) -> tuple[Mark, ...]:
    return next(one.marks for one in watch.stage.series.values() if one.name == name)


@pytest.fixture
def unwatched() -> Watchroom:
    """A room where Watchdog came every minute from 0:00 to 0:10, and nobody knew that it has to."""
    watch = Watchroom(expecting())
    barks(watch, 0, 10)
    return watch


@both_ways
def test_what_fires_when_it_is_declared_is_followed(unwatched: Watchroom, anew: Anew) -> None:
    watch = anew(unwatched, expecting(WATCHDOG))
    barks(watch, 11, 20)
    assert [stream.state for stream in watch.stage.heartbeats()] == [Pulse.ALIVE]
    assert marks(watch, "Watchdog") == (Mark.EXPECTED,)
    assert "HB-6" in [rule for rule, _ in notes(watch.changes)]
    watch.wait(20 + 5 + 2 + 2.1)
    assert names(own(watch.changes)) == [("HeartbeatMissing", "opened")]


@both_ways
def test_what_fires_when_it_is_required_is_not_missing(unwatched: Watchroom, anew: Anew) -> None:
    dog = Heartbeat(name="dog", matchers=WATCHDOG.matchers, required=True, by=())
    watch = anew(unwatched, expecting(dog))
    barks(watch, 11, 40)
    assert own(watch.changes) == []


@both_ways
def test_one_that_gets_another_name_goes_on_under_it(alive: Watchroom, anew: Anew) -> None:
    watch = anew(alive, expecting(Heartbeat(name="dog", matchers=WATCHDOG.matchers)))
    barks(watch, 11, 40)
    assert [stream.heartbeat for stream in watch.stage.heartbeats()] == ["dog"]
    assert own(watch.changes) == []


@both_ways
def test_one_that_is_told_apart_otherwise_goes_on(alive: Watchroom, anew: Anew) -> None:
    watch = anew(alive, expecting(replace(WATCHDOG, by=())))
    barks(watch, 11, 40)
    assert [stream.labels for stream in watch.stage.heartbeats()] == [{}]
    assert own(watch.changes) == []


@both_ways
def test_what_is_no_heartbeat_any_more_counts_like_any_alert(alive: Watchroom, anew: Anew) -> None:
    watch = anew(alive, expecting(Heartbeat(name="cat", matchers="alertname=Cat")))
    watch.wait(10.1)
    assert (marks(watch, "Watchdog"), watch.stage.heartbeats()) == ((), [])
    assert notes(watch.changes)[-1][0] == "HB-7"


def test_what_comes_back_when_it_is_no_heartbeat_any_more_has_no_mark(alive: Watchroom) -> None:
    alive.post(11, resolved("Watchdog", cluster="c1", severity="info"))
    alive.adopt(expecting())
    alive.post(12, firing("Watchdog", starts=alive.at(12), cluster="c1", severity="info"))
    assert marks(alive, "Watchdog") == ()


def test_what_was_set_aside_as_noise_is_not_once_it_is_a_heartbeat() -> None:
    watch = Watchroom(expecting(Heartbeat(name="cat", matchers="alertname=Cat")))
    watch.post(0, firing(), door=FOREVER)
    watch.wait(25 * 60)
    assert (marks(watch, "Disk"), len(watch.stage.digest())) == ((Mark.CHRONIC,), 1)
    watch.adopt(expecting(Heartbeat(name="disk", matchers="alertname=Disk")))
    watch.wait(25 * 60 + 1)
    assert (marks(watch, "Disk"), watch.stage.digest()) == ((Mark.EXPECTED,), [])


@pytest.mark.parametrize("before", ["Watchdog", "Disk"])
def test_a_restart_after_a_reload_is_not_noticed(before: str) -> None:
    dogs = {name: expecting(Heartbeat(name="dog", matchers=f"alertname={name}")) for name in NAMES}
    watch = Watchroom(dogs[before])
    barks(watch, 0, 10, *(firing(name) for name in NAMES), door=FOREVER)
    watch.adopt(dogs["Disk" if before == "Watchdog" else "Watchdog"])
    watch.wait(10.1)
    rooms = watch, watch.restarted(10.1)
    for room in rooms:
        barks(room, 11, 12, *(firing(name) for name in NAMES), door=FOREVER)
        room.post(13, *(resolved(name, ends=room.at(13)) for name in NAMES), door=FOREVER)
        room.wait(14)
    assert kept(rooms[0]) == kept(rooms[1])


def kept(watch: Watchroom) -> dict[str, dict[str, object]]:
    return {table.table: {str(key): table[key] for key in table} for table in watch.stage.tables}


@pytest.mark.parametrize("reloads", [[], [18.5], [12, 17.5, 18.9]], ids=["none", "one", "many"])
def test_a_reload_puts_nothing_off(alive: Watchroom, reloads: list[float]) -> None:
    for minute in reloads:
        alive.wait(minute)
        alive.adopt(alive.settings)
    alive.wait(18.9)
    assert own(alive.changes) == []
    alive.wait(19)
    assert len(own(alive.changes)) == 1


def test_a_reload_puts_nothing_off_that_was_never_seen() -> None:
    watch = room(Heartbeat(name="dog", matchers=WATCHDOG.matchers, required=True))
    for minute in range(0, 12, 3):
        watch.wait(minute)
        watch.adopt(watch.settings)
    assert len(own(watch.changes)) == 1


def test_a_longer_period_holds_for_what_is_late_already(alive: Watchroom) -> None:
    alive.wait(18)
    alive.adopt(expecting(replace(WATCHDOG, grace=WATCHDOG.grace + timedelta(minutes=10))))
    alive.wait(28.9)
    assert own(alive.changes) == []
    alive.wait(29.1)
    assert len(own(alive.changes)) == 1


def test_senders_over_the_limit_are_counted_and_not_followed() -> None:
    watch = room(WATCHDOG, max_streams=2)
    watch.post(0, *(dog(cluster=f"c{number}") for number in range(5)))
    assert (len(watch.stage.heartbeats()), watch.stage.rules[0].dropped) == (2, 3)


def test_an_end_told_while_its_monitor_is_gone_proves_nothing() -> None:
    watch = room()
    barks(watch, 0, 9, dog(), firing(cluster="c1"), firing(cluster="c2"), door=ALERTMANAGER)
    gone = (
        resolved("Watchdog", cluster="c1", severity="info"),
        resolved(cluster="c1"),
        resolved(cluster="c2"),
    )
    watch.post(10, *gone, door=ALERTMANAGER)
    said = [note for note in notes(watch.changes) if note[0] == "HB-4"]
    why = "Source lost: Watchdog of its monitor stopped at 04:10 UTC; this end does not mean that it healed."
    assert said == [("HB-4", why)]


@pytest.mark.parametrize(
    ("minute", "state"),
    [(10, Pulse.ALIVE), (17.5, Pulse.LATE), (20, Pulse.MISSING)],
    ids=lambda value: str(value),
)
def test_how_it_stands_is_shown(alive: Watchroom, minute: float, state: Pulse) -> None:
    alive.wait(minute)
    [status] = statuses(alive.expected, alive.stage.heartbeats(), alive.filter)
    assert (status.state, status.labels) == (state, {"cluster": "c1"})
    assert status.last_seen == (alive.at(10) if state is Pulse.ALIVE else None)


def test_what_never_came_is_shown_as_waited_for() -> None:
    watch = room(NIGHTLY)
    [status] = statuses(watch.expected, watch.stage.heartbeats(), watch.filter)
    assert (status.name, status.state) == ("nightly", Pulse.WAITING)


def test_the_rule_sees_calls_by_no_other_door() -> None:
    watch = room(NIGHTLY)
    watch.post(0, watch.expected.call("nightly"), door=CALLS)
    assert [type(entry) for entry in watch.log] == [Fired]
    watch.stage.feed([Tick(watch.at(1)), Ended("unknown", watch.at(1), watch.at(1))], watch.at(1))
    assert own(watch.changes) == []
