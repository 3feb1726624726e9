"""One process opens its door only when it may, and puts everything away when it cannot."""

import socket
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from alertmesh.config.oidc import OidcConfig
from alertmesh.core.clock import ManualClock
from alertmesh.core.entries import SilenceSet
from alertmesh.core.errors import BadConfig, StoreUnavailable
from alertmesh.core.ports import Batch
from alertmesh.core.silence import Condition, Silence
from alertmesh.server import Server
from alertmesh.store import tokens
from alertmesh.store.memory import MemoryStore
from alertmesh.store.sqlite import SqliteStore
from alertmesh.wiring import Wiring
from tests.fakes import NOW
from tests.scenarios.people import staffed

HERE = replace(staffed("console"), listen="127.0.0.1:0")


def a_server(store, **changes):
    return Server(Wiring(replace(HERE, **changes)), ManualClock(NOW), store)


async def test_it_serves_on_the_address_it_names():
    server = a_server(MemoryStore())
    url = await server.start()
    async with ClientSession() as session, session.get(f"{url}/-/ready") as answer:
        assert (answer.status, await answer.json()) == (200, {"ready": True, "reasons": []})
    await server.stop()


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "some.host:0"])
async def test_it_does_not_open_to_the_world_without_a_token(listen):
    server = a_server(MemoryStore(), listen=listen)
    with pytest.raises(BadConfig, match="token create"):
        await server.start()


async def test_it_opens_to_the_world_with_a_token():
    store = MemoryStore()
    await store.open()
    await tokens.create(store, "ops", ["admin"], NOW)
    server = a_server(store, listen="0.0.0.0:0")
    await server.start()
    url = f"http://127.0.0.1:{server.url.rpartition(':')[2]}"
    async with ClientSession() as session, session.get(f"{url}/api/v1/incidents") as answer:
        assert answer.status == 401
    await server.stop()


async def test_a_silence_of_an_expression_that_is_refused_by_now_hides_nothing_and_is_told(tmp_path):
    """An older version took it, and made it durable."""
    silence = Silence(
        id="s1",
        matchers=(Condition("alertname", "=~", "(?!Disk).*"),),
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=1),
        created_by="zhang",
        comment="move",
        updated_at=NOW,
    )
    before = a_server(SqliteStore(tmp_path / "a.db"))
    await before.start()
    await before.runtime.silence(SilenceSet(silence=silence, at=NOW, replaces=""))
    await before.stop()

    after = a_server(SqliteStore(tmp_path / "a.db"))
    with capture_logs() as logs:
        await after.start()
    [told] = [line for line in logs if line["event"] == "silence_hides_nothing"]
    assert told["silence"] == "s1"
    assert "RE2" in told["problem"]
    await after.stop()


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "127.0.0.1:0"])
async def test_a_provider_opens_to_the_world_and_closes_the_open_door(listen):
    provider = OidcConfig("https://sso.example.com", "alertmesh")
    server = a_server(MemoryStore(), listen=listen, external_url="https://a.example.com", oidc=provider)
    await server.start()
    url = f"http://127.0.0.1:{server.url.rpartition(':')[2]}"
    async with ClientSession() as session, session.get(f"{url}/api/v1/incidents") as answer:
        assert answer.status == 401
    await server.stop()


async def test_a_port_in_use_is_said_and_the_store_is_let_go():
    store = MemoryStore()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadConfig, match=f"cannot listen on 127.0.0.1:{port}"):
            await a_server(store, listen=f"127.0.0.1:{port}").start()
    with pytest.raises(StoreUnavailable):
        await store.write(Batch())


async def test_a_store_in_use_is_said_and_stays_with_its_server(tmp_path):
    first, second = (a_server(SqliteStore(tmp_path / "a.db")) for _ in range(2))
    await first.start()
    with pytest.raises(BadConfig, match="in use"):
        await second.start()
    assert first.runtime.health().ready
    await first.stop()
