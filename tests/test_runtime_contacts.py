"""What the shell does about heartbeats and senders: calls, silence, and its own absence."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alertmesh.config import Config, DoorConfig, load
from alertmesh.core.clock import ManualClock
from alertmesh.core.contact import Pulse
from alertmesh.core.entries import Ended, Fired
from alertmesh.core.incident import Condition
from alertmesh.metrics import Metrics
from alertmesh.runtime import Runtime
from alertmesh.store.memory import MemoryStore
from alertmesh.wiring import Wiring
from tests.fakes import NOW, said, until
from tests.scenarios.people import staffed

EXPECTED = "[{name: dog, matchers: alertname=Watchdog}, {name: nightly, ping: true, every: 1h, grace: 5m}]"
NAMES = ("Watchdog", "A", "B", "C", "D", "E")


def expecting(heartbeats: str) -> Config:
    sections = load(None, None, {"dedup.heartbeat.expected": heartbeats}).sections
    return replace(staffed("console"), sections=sections)


CONFIG = expecting(EXPECTED)


async def running(store: MemoryStore, clock: ManualClock) -> Runtime:
    runtime = Runtime(Wiring(CONFIG), store, clock, Metrics())
    await runtime.start()
    return runtime


async def talk(runtime: Runtime, minutes: int, name: str = "") -> None:
    """Have a Prometheus come every minute, with leases of four."""
    door = runtime.door("prometheus", name)
    for _ in range(minutes):
        now = runtime.clock.now()
        await runtime.ingest(door, said(*NAMES, at=now, lease_s=240))
        await passes(runtime, 1)


async def passes(runtime: Runtime, minutes: float) -> None:
    clock = runtime.clock.wall
    assert isinstance(clock, ManualClock)
    for _ in range(round(minutes * 6)):
        clock.advance(timedelta(seconds=10))
        await runtime.time.beat()
    await until(lambda: not runtime.bus.depth)


def own(runtime: Runtime) -> list[str]:
    """Return the names of the alerts of our own that were ever raised."""
    alerts = [alert for alert, _ in runtime.alerts()]
    return sorted(alert.name for alert in alerts if alert.source == "alertmesh")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


async def test_a_dead_prometheus_is_in_the_log_before_its_ends(clock: ManualClock) -> None:
    runtime = await running(MemoryStore(), clock)
    await talk(runtime, 25)
    await passes(runtime, 10)
    entries = [stored.entry for stored in runtime.store.tail(0, 100)]
    first = next(n for n, entry in enumerate(entries) if isinstance(entry, Ended))
    assert isinstance(silent := entries[first - 1], Fired)
    assert silent.alert.name == "SourceSilent"
    assert {entry.lost for entry in entries if isinstance(entry, Ended)} == {"prometheus"}
    [status] = runtime.senders()
    assert status.silent_since == NOW + timedelta(minutes=24)
    await runtime.stop()


async def test_it_is_over_with_the_next_request(clock: ManualClock) -> None:
    runtime = await running(MemoryStore(), clock)
    await talk(runtime, 25)
    await passes(runtime, 10)
    await talk(runtime, 2)
    assert runtime.senders()[0].silent_since is None
    assert (
        b'alertmesh_source_silent{instance="prometheus",source="prometheus"} 0.0' in runtime.metrics.render()
    )
    await runtime.stop()


async def test_an_hour_of_our_own_absence_ends_nothing_and_misses_nobody(clock: ManualClock) -> None:
    store = MemoryStore()
    runtime = await running(store, clock)
    await talk(runtime, 25)
    await runtime.stop()
    clock.advance(timedelta(hours=1))
    later = await running(store, clock)
    await passes(later, 1)
    await talk(later, 15)
    assert [stored.entry for stored in store.tail(0, 100) if isinstance(stored.entry, Ended)] == []
    assert own(later) == []
    await later.stop()


async def test_a_job_that_stops_to_call_is_missed(clock: ManualClock) -> None:
    runtime = await running(MemoryStore(), clock)
    await runtime.beat("nightly")
    await passes(runtime, 69)
    assert own(runtime) == []
    await passes(runtime, 2)
    await until(lambda: own(runtime) == ["HeartbeatMissing"])
    await runtime.beat("nightly")
    await passes(runtime, 1)
    assert await until(lambda: runtime.heartbeats()[1].state is Pulse.ALIVE)
    assert [alert.name for alert, ended_at in runtime.alerts() if ended_at is None] == ["Heartbeat"]
    await runtime.stop()


async def test_a_call_by_an_unknown_name_is_refused(clock: ManualClock) -> None:
    runtime = await running(MemoryStore(), clock)
    with pytest.raises(KeyError):
        await runtime.beat("hourly")
    await runtime.stop()


async def test_a_heartbeat_is_no_incident_but_a_missing_one_is(clock: ManualClock) -> None:
    runtime = await running(MemoryStore(), clock)
    await runtime.beat("nightly")
    await passes(runtime, 1)
    assert (runtime.incident(1), runtime.pipeline.incidents.watching) == (None, 0)
    await passes(runtime, 75)
    incident, _ = await until(lambda: runtime.incident(1))
    assert incident.title.startswith("HeartbeatMissing")
    await runtime.stop()


async def test_what_is_known_of_senders_survives(clock: ManualClock) -> None:
    store = MemoryStore()
    runtime = await running(store, clock)
    await talk(runtime, 25)
    clock.advance(timedelta(minutes=1))
    await runtime.stop()
    later = await running(store, clock)
    [status] = later.senders()
    assert (status.last_seen, status.requests) == (NOW + timedelta(minutes=24), 0)
    assert status.usual_gap_s == pytest.approx(64)
    await later.stop()


async def adopted(before: str, after: str, clock: ManualClock) -> Runtime:
    """Return a server that knew other heartbeats until an alert called Disk had come for ten minutes."""
    configs = iter([expecting(before), expecting(after)])
    runtime = Runtime(Wiring(next(configs), reload=lambda: next(configs)), MemoryStore(), clock, Metrics())
    await runtime.start()
    await disk(runtime, 10)
    await runtime.reload()
    await disk(runtime, 10)
    return runtime


async def disk(runtime: Runtime, minutes: int) -> None:
    for _ in range(minutes):
        await runtime.ingest(runtime.door("alertmanager", ""), said("Disk", at=runtime.clock.now()))
        await passes(runtime, 1)


async def test_what_was_taken_for_a_heartbeat_by_mistake_is_paged_when_that_is_corrected(
    clock: ManualClock,
) -> None:
    runtime = await adopted("[{name: dog, matchers: 'alertname=~\"Watchdog|Disk\"'}]", EXPECTED, clock)
    assert runtime.incident(1) is not None
    assert runtime.store.newest_attempts(None, 10)
    await runtime.stop()


async def test_what_becomes_a_heartbeat_is_no_incident_any_more(clock: ManualClock) -> None:
    runtime = await adopted("[]", "[{name: disk, matchers: alertname=Disk}]", clock)
    incident, _ = await until(lambda: runtime.incident(1))
    assert incident.condition is Condition.CLEARED
    assert [status.state for status in runtime.heartbeats()] == [Pulse.ALIVE]
    await runtime.stop()


@pytest.mark.parametrize("heartbeats", [EXPECTED, "[{name: other, matchers: alertname=A}]"])
async def test_a_prometheus_that_dies_right_after_a_reload_still_owes_its_alerts(
    clock: ManualClock, heartbeats: str
) -> None:
    runtime = Runtime(Wiring(CONFIG, reload=lambda: expecting(heartbeats)), MemoryStore(), clock, Metrics())
    await runtime.start()
    await talk(runtime, 25)
    await runtime.reload()
    await passes(runtime, 15)
    entries = [stored.entry for stored in runtime.store.tail(0, 500)]
    assert "SourceSilent" in own(runtime)
    assert {entry.lost for entry in entries if isinstance(entry, Ended)} == {"prometheus"}
    await runtime.stop()


@pytest.mark.parametrize("restart", [False, True], ids=["by a reload", "by a restart"])
async def test_a_prometheus_taken_out_of_the_configuration_is_silent_no_more(
    clock: ManualClock, restart: bool
) -> None:
    named = replace(CONFIG, doors={"old": DoorConfig("old", "prometheus")})
    store = MemoryStore()
    runtime = Runtime(Wiring(named, reload=lambda: CONFIG), store, clock, Metrics())
    await runtime.start()
    await talk(runtime, 25, "old")
    await passes(runtime, 10)
    assert [status.silent_since is None for status in runtime.senders()] == [False]
    if restart:
        await runtime.stop()
        runtime = await running(store, clock)
    else:
        await runtime.reload()
    await passes(runtime, 2)
    assert [alert.name for alert, ended in runtime.alerts() if ended is None] == ["HeartbeatMissing"]
    await runtime.stop()
    assert (runtime.senders(), list(store.rows("contacts"))) == ([], [])


async def test_a_reload_takes_up_how_many_entries_may_wait(clock: ManualClock) -> None:
    fresh = replace(CONFIG, limits=replace(CONFIG.limits, queue_entries=1))
    runtime = Runtime(Wiring(CONFIG, reload=lambda: fresh), MemoryStore(), clock, Metrics())
    await runtime.start()
    await runtime.reload()
    assert runtime.bus.limit == 1
    await runtime.stop()
