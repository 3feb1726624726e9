"""Plugins are found by entry point, and a bad one harms nobody."""

import asyncio
from importlib.metadata import EntryPoint

import pytest

from alertmesh import registry
from alertmesh.core.errors import BadPayload, PluginFailed
from alertmesh.ingest import prometheus
from alertmesh.registry import MODULES, NOTIFIERS, SOURCES, PluginInfo, Registry, awaited

GOOD = EntryPoint("prometheus", "alertmesh.ingest.prometheus:SOURCE", SOURCES)


def test_a_source_is_found_by_its_name():
    assert Registry([GOOD]).sources() == {"prometheus": prometheus.SOURCE}


@pytest.mark.parametrize(
    ("point", "error"),
    [
        (EntryPoint("x", "alertmesh.no_such_module:SOURCE", SOURCES), "No module named"),
        (EntryPoint("x", "alertmesh.ingest.prometheus:NOTHING", SOURCES), "has no attribute"),
        (EntryPoint("x", "alertmesh.ingest.prometheus:parse", SOURCES), "is a function, not a Source"),
        (EntryPoint("x", "alertmesh.ingest.alertmanager:SOURCE", SOURCES), "calls itself 'alertmanager'"),
        (
            EntryPoint("prometheus", "alertmesh.ingest.prometheus:SOURCE [more]", SOURCES),
            "another plugin has this name",
        ),
    ],
    ids=["no module", "no object", "no source", "other name", "name taken"],
)
def test_a_bad_plugin_is_told_and_harms_nobody(point, error):
    ours = Registry([point, GOOD])
    assert ours.sources() == {"prometheus": prometheus.SOURCE}
    [told] = [info for info in ours.plugins() if info.error]
    assert (told.value, error in told.error, ours.failures()) == (point.value, True, 1)


def test_a_plugin_that_ends_the_program_at_import_is_only_told(tmp_path, monkeypatch):
    (tmp_path / "plugin_that_leaves.py").write_text("raise SystemExit(3)", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    ours = Registry([EntryPoint("x", "plugin_that_leaves:SOURCE", SOURCES), GOOD])
    assert list(ours.sources()) == ["prometheus"]
    assert ours.plugins()[1].error == "SystemExit: 3"


def test_a_bad_plugin_is_logged(caplog):
    Registry([EntryPoint("x", "alertmesh.no_such_module:X", MODULES)]).modules()
    assert "plugin_failed group=alertmesh.modules name=x" in caplog.text


def test_a_group_is_loaded_only_when_asked_for():
    ours = Registry([GOOD, EntryPoint("x", "alertmesh.no_such_module:X", NOTIFIERS)])
    assert (ours.sources().keys(), ours.failures()) == ({"prometheus"}, 0)
    assert (ours.notifiers(), ours.failures()) == ({}, 1)


def test_other_groups_are_none_of_ours():
    assert Registry([EntryPoint("x", "a:b", "console_scripts")]).plugins() == []


def test_plugins_are_listed_in_order():
    other = EntryPoint("alertmanager", "alertmesh.ingest.alertmanager:SOURCE", SOURCES)
    assert Registry([GOOD, other]).plugins() == [
        PluginInfo(SOURCES, "alertmanager", other.value),
        PluginInfo(SOURCES, "prometheus", GOOD.value),
    ]


def test_our_own_sources_are_installed():
    assert registry.sources()["prometheus"] is prometheus.SOURCE


def test_whatever_is_installed_is_listed_once():
    listed = [(info.group, info.name) for info in registry.plugins()]
    assert (SOURCES, "alertmanager") in listed
    assert len(listed) == len(set(listed))


def test_installed_groups_hold_what_is_usable():
    usable = {info.name for info in registry.plugins() if not info.error}
    assert usable == registry.sources().keys() | registry.notifiers().keys() | registry.modules().keys()


async def test_what_a_plugin_says_of_our_own_kinds_passes():
    async def refuse() -> None:
        raise BadPayload("no", "field")

    with pytest.raises(BadPayload):
        await awaited(refuse(), "x", 1.0)


async def test_a_plugin_that_takes_too_long_or_raises_fails_alone(caplog):
    async def hang() -> None:
        await asyncio.Event().wait()

    async def late() -> None:
        raise TimeoutError("no answer")

    with pytest.raises(PluginFailed, match="x took longer"):
        await awaited(hang(), "x", 0.01)
    with pytest.raises(PluginFailed, match=r"x failed: Timeouterror: no answer \(test_registry.py:\d+\)"):
        await awaited(late(), "x", 1.0, lambda said: said.replace("TimeoutError", "Timeouterror"))
    assert caplog.text.count("plugin_failed") == 2
