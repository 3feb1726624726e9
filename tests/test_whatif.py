"""The recorded past under other rules: what is read of it, and what is said of the difference."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from alertmesh.config import load
from alertmesh.core.alert import Alert, Entity, Priority
from alertmesh.core.comparison import DifferenceKind
from alertmesh.core.entries import Ended, Fired, OverrideEnded, OverrideSet, Tick
from alertmesh.core.labels import fingerprint
from alertmesh.core.oncall import Override
from alertmesh.core.ports import Batch
from alertmesh.core.records import Row
from alertmesh.dedup.tracker import InstanceState
from alertmesh.store import MemoryStore, SqliteStore
from alertmesh.whatif import Window, compare, opening
from alertmesh.whatif_report import report

START = datetime(2026, 11, 23, 4, tzinfo=UTC)
POLICY = (
    "name: p, version: a, ops_roster: ops, rnd_roster: rnd, "
    "clear_hold: 5m, reopen_window: 30m, hold_bounds: {P3: 30m}"
)


def at(minutes):
    return START + timedelta(minutes=minutes)


def alert(service, priority=Priority.P3, minutes=0.0):
    labels = {"alertname": "ServiceDown", "service": service}
    return Alert(
        fingerprint=fingerprint(labels),
        source="prometheus",
        labels=labels,
        annotations={},
        starts_at=at(minutes),
        received_at=at(minutes),
        priority=priority,
        entity=Entity("service", service),
    )


def fired(service, minutes, priority=Priority.P3):
    return Fired(alert(service, priority, minutes), at(minutes))


def ended(service, minutes):
    return Ended(alert(service).fingerprint, at(minutes), at(minutes))


async def stored(*entries, rows=()):
    store = MemoryStore()
    await store.open()
    await store.write(Batch(entries=entries, rows=rows))
    return store


def remembered(service, ended_at=None):
    body = msgspec.msgpack.encode(InstanceState(alert(service), "s", START, ended_at))
    return Row("instances", alert(service).fingerprint, body)


def rules(tmp_path, hold):
    """Write rules under which warnings wait for `hold`, and nobody else is paged."""
    wait = (
        "triage: 1d, ops_lease: 1d, rnd_lease: 1d, max_snooze: 1d, loops: 1, loop_every: 1d, loud_every: 1d"
    )
    step = "ops_steps: [{after: 0s, targets: [primary]}], rnd_steps: [], to_rnd_after: null"
    folder = tmp_path / "rules"
    (folder / "policies").mkdir(parents=True)
    text = f"policies: [{{{POLICY}, rows: {{P3: {{hold: {hold}, {step}, {wait}}}}}}}]"
    (folder / "policies" / "mine.yaml").write_text(text)
    return load(None, folder, {})


def compared(store, now, begin=0.0, end=120.0):
    return compare(store, Window(at(begin - 60), at(begin), at(end)), load(None, None, {}), now)


async def test_equal_rules_differ_in_nothing():
    store = await stored(fired("web", 1), ended("web", 30))
    found = compared(store, load(None, None, {}))
    assert (found.then, found.differences) == (found.now, [])
    assert found.then.incidents == 1


async def test_a_longer_hold_moves_the_page(tmp_path):
    store = await stored(fired("web", 1), ended("web", 30))
    [found] = compared(store, rules(tmp_path, "10m")).differences
    assert (found.kind, found.then_page, found.now_page) == (DifferenceKind.PAGE_MOVED, at(3), at(11))


async def test_a_hold_that_outlasts_the_alert_takes_the_page_away(tmp_path):
    store = await stored(fired("web", 1), ended("web", 6))
    found = compared(store, rules(tmp_path, "10m"))
    assert (found.then.paged, found.now.paged) == (1, 0)
    assert found.differences[0].now_page is None


async def test_an_incident_on_one_side_only_is_told(tmp_path):
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "incidents.yaml").write_text("watch_priorities: [P3, P4]")
    store = await stored(fired("web", 1), ended("web", 30))
    [found] = compared(store, load(None, folder, {})).differences
    assert (found.kind, found.now, found.note) == (DifferenceKind.ONLY_THEN, None, "now no incident")


async def test_only_the_window_counts():
    store = await stored(fired("web", 1), ended("web", 30), fired("db", 200))
    found = compared(store, load(None, None, {}), begin=40)
    assert (found.alerts, found.then.incidents) == (0, 0)


async def test_ticks_of_the_log_are_not_replayed():
    plain = await stored(fired("web", 1), ended("web", 30))
    ticked = await stored(fired("web", 1), Tick(at(2)), Tick(at(3)), ended("web", 30))
    config = load(None, None, {})
    assert compared(plain, config).now == compared(ticked, config).now


async def test_an_override_of_before_holds_in_the_window():
    span = {"starts_at": at(-60), "ends_at": at(60), "created_at": at(-90)}
    given = OverrideSet(override=Override(id="o", roster="ops", person="li", **span), at=at(-90))
    past = opening(await stored(given, OverrideEnded(id="o", actor="li", at=at(5))), START)
    assert past.opening == [given]


@pytest.mark.parametrize(
    ("entries", "rows", "names", "forgotten"),
    [
        pytest.param([fired("web", 1)], [], ["web"], 0, id="fired in the log"),
        pytest.param([fired("web", 1), ended("web", 2)], [], [], 0, id="over by then"),
        pytest.param([fired("web", 11)], [], [], 0, id="not yet"),
        pytest.param([], [remembered("web")], ["web"], 0, id="older than the log"),
        pytest.param([], [remembered("web", START)], [], 0, id="older and over"),
        pytest.param([ended("web", 11)], [remembered("web", at(11))], ["web"], 0, id="ended later"),
        pytest.param([ended("web", 11)], [], [], 1, id="ended later and forgotten"),
    ],
)
async def test_what_fired_at_the_beginning(entries, rows, names, forgotten):
    past = opening(await stored(*entries, rows=rows), at(10))
    assert [entry.alert.labels["service"] for entry in past.opening] == names
    assert past.forgotten == forgotten


async def test_what_fired_at_the_beginning_is_open_on_both_sides():
    store = await stored(fired("web", -100, Priority.P1), ended("web", 30))
    found = compared(store, load(None, None, {}))
    assert found.then.incidents == 0
    assert found.then.paged == 1  # nobody answered, so it pages on


async def test_the_store_is_read_while_its_server_writes(tmp_path):
    server = SqliteStore(tmp_path / "a.db")
    await server.open()
    await server.write(Batch(entries=[fired("web", 1)]))
    reader = SqliteStore.reader(tmp_path / "a.db")
    await reader.open()
    assert compared(reader, load(None, None, {})).alerts == 1
    await reader.close()
    await server.close()


async def test_the_report_says_it_on_paper(tmp_path):
    store = await stored(fired("web", 1), ended("web", 6))
    lines = report(compared(store, rules(tmp_path, "10m"))).splitlines()
    assert "incidents paged                     1          0         -1" in lines
    assert lines[-1].startswith("page moved P3  2026-11-23 04:01 ServiceDown")
    assert "never" in lines[-1]


async def test_the_report_says_so_when_nothing_differs():
    found = compared(await stored(fired("web", 1)), load(None, None, {}))
    assert report(found).endswith("every incident is the same and is paged at the same time")
