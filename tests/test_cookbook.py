"""What the cookbook shows works as it is shown."""

import re
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import orjson
import pytest
import yaml

from alertmesh.config import load
from alertmesh.core.errors import BadPayload
from alertmesh.examples import failures
from alertmesh.ingest.prometheus import SOURCE as PROMETHEUS
from alertmesh.registry import SOURCES, Registry
from alertmesh.wiring import Wiring
from tests.ingest.samples import NOW, normaliser
from tests.source import ROOT

PAGE = (ROOT / "docs" / "cookbook-source.md").read_text(encoding="utf-8")
POINT = EntryPoint("prometheus", "alertmesh.ingest.prometheus:SOURCE", SOURCES)


def shown(kind: str, begin: str) -> str:
    """Return the block of the page that begins so."""
    blocks = re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    [found] = [block for block in blocks if block.startswith(begin)]
    return found


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """The registry of an environment in which the package of the page is installed."""
    (tmp_path / "upslines.py").write_text(shown("python", '"""Read the lines'))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "upslines", raising=False)
    points = tomllib.loads(shown("toml", "[build-system]"))["project"]["entry-points"][SOURCES]
    return Registry([POINT, *(EntryPoint(name, value, SOURCES) for name, value in points.items())])


def test_the_mapping_holds_its_own_example(tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "cooling.yaml").write_text(shown("yaml", "name: cooling"))
    config = load(None, tmp_path, {})
    assert (config.example_count, failures(config)) == (1, [])
    body = shown("json", "{").encode()
    [seen] = Wiring(config).sources["cooling"].parse(body, NOW).sightings
    assert seen.labels["site"] == orjson.loads(body)["site"]


def test_the_aliases_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "aliases.yaml").write_text(shown("yaml", "domains:"))
    assert load(None, tmp_path, {}).section("aliases")["domains"] == ("dc1.example.com",)
    assert yaml.safe_load(shown("yaml", "domains:"))["hosts"][0]["name"] == "node-1"


@pytest.mark.parametrize("name", ["nagios", "icinga"])
def test_the_commands_send_what_the_mapping_reads(name: str) -> None:
    begin = {"nagios": "define command", "icinga": "object NotificationCommand"}[name]
    sent = set(re.findall(r'--data-urlencode"?,? "(\w+)=', shown("text", begin)))
    mapping = (ROOT / "rules" / "mappings" / f"{name}.yaml").read_text(encoding="utf-8")
    assert sent >= {"type", "host", "service", "state", "output", "since"}
    assert {field for field in sent if not re.search(rf"\b{field}\b", mapping)} == set()


def test_the_plugin_is_found_and_reads(plugins: Registry) -> None:
    assert set(plugins.sources()) == {"prometheus", "upslines"}
    assert [info.error for info in plugins.plugins()] == ["", ""]
    source = plugins.sources()["upslines"]
    parsed = source.parse(b"ups-2 DOWN on battery for 90 s\nups-3 BROKEN x\nups-4 UP on mains\n", NOW)
    assert [(seen.firing, seen.ends_at) for seen in parsed.sightings] == [(True, None), (False, NOW)]
    assert [(one.index, one.error) for one in parsed.rejected] == [
        (1, "state: 'BROKEN' is neither DOWN nor UP")
    ]


def test_what_the_plugin_reads_can_be_described(plugins: Registry) -> None:
    source = plugins.sources()["upslines"]
    [seen] = source.parse(source.sample, NOW).sightings
    door = Wiring(load(None, None, {})).door(PROMETHEUS.name, "")
    assert str(normaliser().describe(door, seen, NOW).entity) == "host ups-2"


@pytest.mark.parametrize("body", [b"", b" \n", b"hello", bytes(range(256)), b'{"alerts":['])
def test_the_plugin_refuses_what_it_cannot_read(plugins: Registry, body: bytes) -> None:
    with pytest.raises(BadPayload):
        plugins.sources()["upslines"].parse(body, NOW)
