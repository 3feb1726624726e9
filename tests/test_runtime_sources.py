"""Sources of a running program: mappings come and go with a reload, and a test is no sign of life."""

from datetime import timedelta

import pytest

from alertmesh.config import load
from alertmesh.core.alert import Parsed
from alertmesh.core.contact import TEST_DOOR, UnknownWord
from alertmesh.core.errors import BadConfig
from alertmesh.core.ports import Door
from alertmesh.store.memory import MemoryStore
from tests.fakes import NOW, until
from tests.ingest.samples import sighting
from tests.test_runtime import a_runtime


@pytest.fixture
async def program(tmp_path):
    """A running program on a rules directory of its own."""
    (tmp_path / "mappings").mkdir()

    def fresh():
        return load(None, tmp_path, {})

    made = a_runtime(MemoryStore(), config=fresh(), reload=fresh)
    await made.start()
    yield made
    await made.stop()


async def test_unknown_severity_words_are_told_until_a_rule_knows_them(program, tmp_path):
    async def come(word):
        one = sighting({"alertname": word, "severity": word}, identity=word)
        await program.ingest(program.door("prometheus", ""), Parsed([one], [0], []))

    program.describe(program.door("prometheus", ""), sighting({"severity": "tried"}), NOW)
    for word in ("odd", "bad", "critical"):
        await come(word)
    assert program.unknown_words() == [UnknownWord("bad", 1), UnknownWord("odd", 1)]
    (tmp_path / "priority.yaml").write_text("words: {P1: [bad]}")
    await program.reload()
    assert program.unknown_words() == [UnknownWord("odd", 1)]
    assert b"alertmesh_ingest_alerts_unknown_severity_total 2.0" in program.metrics.render()


async def test_a_reload_takes_mappings_in_and_out(program, tmp_path):
    async def own(text):
        (tmp_path / "mappings" / "rack.yaml").write_text(text)
        await program.reload()
        return [source.name for source in program.kinds() if source.name in ("rack", "hall")]

    assert await own("name: rack\nlease: 1h\nlabels: {alertname: what}") == ["rack"]
    assert program.door("rack", "").lease == timedelta(hours=1)
    assert await own("name: hall\nlabels: {alertname: what}") == ["hall"]
    with pytest.raises(BadConfig):
        await own("name: rack\nlabels: {alertname: 'what['}")
    assert program.source("hall").mapped
    with pytest.raises(KeyError):
        program.source("rack")


async def test_a_reload_takes_aliases_in(program, tmp_path):
    door = program.door("prometheus", "")
    one = sighting({"alertname": "A", "instance": "10.0.0.7:9100"})
    assert program.describe(door, one, NOW).entity.name == "10.0.0.7"
    (tmp_path / "aliases.yaml").write_text("hosts: [{name: node-1, also: [10.0.0.7]}]")
    await program.reload()
    assert program.describe(door, one, NOW).entity.name == "node-1"


async def test_a_test_alert_fires_and_ends_and_is_no_sender(program):
    lasts = timedelta(minutes=1)
    now = program.clock.now()
    one = sighting({"alertname": "AlertMeshTest", "severity": "info"}, ends_at=now + lasts)
    await program.ingest(Door(TEST_DOOR, "grafana", lasts), Parsed([one], [0], []))
    [(alert, _)] = await until(lambda: list(program.alerts()))
    assert program.is_firing(alert.fingerprint)
    assert program.senders() == []
    program.clock.wall.advance(lasts + timedelta(seconds=5))
    await until(lambda: not program.is_firing(alert.fingerprint))
    assert program.attempts(1) == []
