"""After a reload each stage goes by the new settings in every part, as one that was built with them does."""

import pytest
from msgspec.structs import replace

from alertmesh.core.topology import Service
from alertmesh.correlate import CorrelateSettings, CorrelateStage
from alertmesh.correlate.inhibit import InhibitRule
from alertmesh.correlate.settings import LearnedSettings
from alertmesh.correlate.topologysettings import TopologySettings
from alertmesh.dedup.fingerprint import IdentityRule
from alertmesh.dedup.flapsettings import FlapException
from alertmesh.dedup.selfhealsettings import HealEntry
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.stage import DedupStage
from alertmesh.incidents import IncidentSettings, IncidentStage
from tests.adopting import held, others
from tests.correlate.fakes import Bench, at, fires

CORRELATE = {
    "generic_labels": frozenset({"colour"}),
    "services": (Service(name="cart", depends_on=("db",)),),
}
DEDUP = {
    "contacts.priority": "P1",
    "identity.rules": (IdentityRule(matchers='a="b"', ignore=("c",)),),
    "flap.rules": (FlapException(matchers='a="b"'),),
    "routine.zone": "Asia/Shanghai",
    "selfheal.table": (HealEntry(name="a", matchers='a="b"', does="restarts it", heals="yes"),),
}
INCIDENTS = {"watch_priorities": frozenset()}


@pytest.mark.parametrize(("name", "settings"), [*others(CorrelateSettings(), CORRELATE)])
def test_the_correlator_holds_what_is_set(name, settings):
    rules = [InhibitRule(id="r", source='a="b"', target='c="d"')]
    stage = CorrelateStage(CorrelateSettings(), [])
    stage.restored()
    stage.adopt(settings, rules, None)
    built = CorrelateStage(settings, rules)
    built.restored()
    assert held(stage) == held(built)


def kept(stage):
    """Return every record that a stage keeps."""
    return {table.table: {key: repr(table[key]) for key in table} for table in stage.tables}


def size(stage, table):
    return next(len(one) for one in stage.tables if one.table == table)


def storm(first, count):
    """Yield what begins, a minute apart: a service each time, that tells of words of its own."""
    for n in range(first, first + count):
        labels = {"namespace": "web", "service": f"app-{n}", "destination_service": "db", "shelf": f"s{n}"}
        change = fires(60 * n, "Down", **labels)
        yield replace(change, series=replace(change.series, summary=f"route {n} via gateway gw-{n} is lost"))


def test_what_the_correlator_knows_outlives_a_reload_and_smaller_bounds_hold_with_the_next_series():
    bench = Bench(window_s=30.0, session_s=0.0)
    bench.stage.restored()
    bench.feed(*storm(0, 40))
    before, groups = kept(bench.stage), size(bench.stage, "correlate_group")
    few = CorrelateSettings(
        max_groups=10,
        max_values=20,
        learned=LearnedSettings(max_beats=15),
        topology=TopologySettings(max_learned=5, max_per_thing=2),
    )
    bench.stage.adopt(few, [], None)
    assert kept(bench.stage) == before
    assert groups == 40
    bench.feed(*storm(40, 1))
    bounds = {"group": 10, "value": 20, "word": 20, "beat": 15, "edge": 2}
    found = {name: size(bench.stage, f"correlate_{name}") for name in bounds}
    assert {name: size for name, size in found.items() if size > bounds[name]} == {}


@pytest.mark.parametrize("length_s", [300.0, 2700.0])
@pytest.mark.parametrize("restarting", [False, True])
def test_what_was_rare_stays_so_when_rarity_windows_get_another_length(length_s, restarting):
    bench = Bench()
    bench.stage.restored()
    hub = {"namespace": "web", "destination_service": "db"}
    bench.feed(*(fires(3600 * n, f"A{n}", service=f"app-{n}", **hub) for n in range(40)))
    settings = CorrelateSettings(rarity_window_s=length_s)
    if restarting:
        bench.restart(rarity_window_s=length_s)
    else:
        bench.stage.adopt(settings, [], None)
    known = next(table for table in bench.stage.tables if table.table == "correlate_value")
    seen = known["prod|app|db"].windows
    bench.feed(fires(3600 * 40, "A40", service="app-40", **hub))
    now = int(at(3600 * 40).timestamp() // length_s)
    assert known["prod|app|db"].last == now
    assert 0.9 * seen < known["prod|app|db"].windows <= seen + 1


@pytest.mark.parametrize(("name", "settings"), [*others(DedupSettings(), DEDUP)])
def test_dedup_holds_what_is_set(name, settings):
    stage = DedupStage(DedupSettings())
    stage.adopt(settings)
    assert held(stage) == held(DedupStage(settings))


@pytest.mark.parametrize(("name", "settings"), [*others(IncidentSettings(), INCIDENTS)])
def test_incidents_are_opened_by_what_is_set(name, settings):
    stage = IncidentStage(IncidentSettings())
    stage.adopt(settings)
    assert held(stage) == held(IncidentStage(settings))
