"""A process with Zabbix servers in its configuration asks them, and lives without them."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from alertmesh.config.zabbix import ZabbixConfig
from alertmesh.core.clock import ManualClock
from alertmesh.server import Server
from alertmesh.store.memory import MemoryStore
from alertmesh.wiring import Wiring
from tests.fakes import NOW, until
from tests.scenarios.people import staffed
from tests.zabbix.standin import TOKEN, ZabbixStandin
from tests.zabbix.world import World


@pytest.fixture
async def standin():
    async with ZabbixStandin() as running:
        yield running


def a_server(*urls):
    servers = tuple(ZabbixConfig(f"z{number}", url, SecretStr(TOKEN)) for number, url in enumerate(urls))
    config = replace(staffed("console"), listen="127.0.0.1:0", zabbix=servers)
    return Server(Wiring(config), ManualClock(NOW), MemoryStore())


def value(server, name, link):
    return server.metrics.registry.get_sample_value(f"alertmesh_zabbix_{name}", {"server": link})


async def test_one_bad_server_harms_neither_the_other_nor_the_process(standin):
    World(standin).fire()
    server = a_server("http://127.0.0.1:9", standin.url)
    await server.start()
    await until(lambda: value(server, "rounds_total", "z1") and value(server, "failures_total", "z0"))
    assert [alert.labels["zabbix_server"] for alert, _ in server.runtime.alerts()] == ["z1"]
    assert server.runtime.health().ready
    assert value(server, "problems_taken_total", "z1") == 1
    assert value(server, "last_success_timestamp_seconds", "z0") is None
    await server.stop()


async def test_each_round_is_heard_as_a_sender(standin):
    World(standin)
    server = a_server(standin.url)
    await server.start()
    await until(lambda: value(server, "rounds_total", "z0"))
    assert [(one.source, one.name) for one in server.runtime.senders()] == [("zabbix", "z0-api")]
    await server.stop()


async def test_without_servers_there_is_nothing_to_tell():
    server = a_server()
    await server.start()
    assert server.links.links == []
    assert value(server, "rounds_total", "z0") is None
    await server.stop()
