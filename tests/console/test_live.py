"""The live stream over HTTP: nothing missed, nobody waits for anybody else, and it ends when it should."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from aiohttp import ClientResponse, ClientSession

from alertmesh.config import Config
from alertmesh.core.clock import ManualClock
from alertmesh.core.errors import BadConfig
from alertmesh.core.ports import HttpLimits
from alertmesh.server import Server
from alertmesh.store.memory import MemoryStore
from alertmesh.wiring import Wiring
from tests.console.fakes import Caller, FakeService
from tests.console.fakes import Server as FakeServer
from tests.fakes import NOW, until
from tests.scenarios.people import staffed

HERE = replace(staffed("console"), listen="127.0.0.1:0")


class Stream:
    """A client of the live stream."""

    def __init__(self, response: ClientResponse) -> None:
        self.response = response
        self.id = ""
        self.kinds: list[str] = []

    async def until(self, *kinds: str) -> dict[str, Any]:
        """Read up to the next event of one of some kinds and return its data."""
        while True:
            lines = [line.rstrip(b"\n") async for line in _block(self.response)]
            fields = dict(line.split(b": ", 1) for line in lines if line and not line.startswith(b":"))
            assert lines, "the stream ended"
            self.id = fields.get(b"id", self.id.encode()).decode()
            kind = fields.get(b"event", b"").decode()
            if kind:
                self.kinds.append(kind)
            if kind in kinds:
                return msgspec.json.decode(fields[b"data"])

    async def ends(self) -> None:
        async for _ in self.response.content:
            pass


async def _block(response: ClientResponse) -> AsyncIterator[bytes]:
    while line := await response.content.readline():
        if line == b"\n":
            return
        yield line


class Client:
    """Somebody with a browser."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session

    def listen(self, since: str = "", **headers: str) -> AbstractAsyncContextManager[Stream]:
        return _listening(self._session, {"since": since} if since else {}, headers)

    async def rows(self, **query: str) -> dict[str, Any]:
        async with self._session.get("/api/v1/incidents/rows", params={"open": "true", **query}) as answer:
            assert answer.status == 200
            return await answer.json()

    async def fires(self, *names: str) -> None:
        alerts = [{"labels": {"alertname": name, "severity": "critical", "node": name}} for name in names]
        async with self._session.post("/api/v2/alerts", json=alerts) as answer:
            assert answer.status == 200


@asynccontextmanager
async def _listening(
    session: ClientSession, query: dict[str, str], headers: dict[str, str]
) -> AsyncIterator[Stream]:
    async with session.get("/api/v1/live", params=query, headers=headers) as response:
        assert response.status == 200
        yield Stream(response)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server(Wiring(HERE), ManualClock(NOW), MemoryStore())
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with ClientSession(server.url) as session:
        yield Client(session)


def apply(rows: dict[int, dict[str, Any]], news: dict[str, Any]) -> None:
    rows.update((row["id"], row) for row in news["full"])
    for patch in news["changed"]:
        rows.get(patch["id"], {}).update(patch)


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_what_happens_is_told_to_who_listens(client, encoding):
    async with client.listen(**{"Accept-Encoding": encoding}) as stream:
        assert stream.response.headers.get("Content-Encoding", "identity") == encoding
        assert (await stream.until("hello"))["now"] == f"{NOW:%Y-%m-%dT%H:%M:%S}Z"
        assert (await stream.until("status"))["ready"]
        await client.fires("NodeDown")
        assert [row["title"] for row in (await stream.until("rows"))["full"]] == ["NodeDown on NodeDown"]


async def test_a_connection_that_broke_is_taken_up_where_it_was(client):
    page = await client.rows()
    rows = {row["id"]: row for row in page["rows"]}
    async with client.listen(page["live"]) as stream:
        await client.fires("NodeDown")
        apply(rows, await stream.until("rows"))
    await client.fires("DiskFull")
    async with client.listen() as other:
        await other.until("rows")
        await client.fires("HighErrorRate")
        await other.until("rows")
    async with client.listen(page["live"], **{"Last-Event-ID": stream.id}) as stream:
        while len(rows) < 3:
            apply(rows, await stream.until("rows"))
        assert "reset" not in stream.kinds
    assert rows == {row["id"]: row for row in (await client.rows())["rows"]}


async def test_who_names_what_is_not_kept_must_read_anew(client):
    async with client.listen("another-7") as stream:
        await stream.until("reset")
        assert stream.kinds == ["hello", "reset"]


async def test_a_configuration_that_was_refused_is_told():
    def refuse() -> Config:
        raise BadConfig(["rules/policies.yaml:3 no such roster"])

    server = Server(Wiring(HERE, refuse), ManualClock(NOW), MemoryStore())
    await server.start()
    with pytest.raises(BadConfig):
        await server.runtime.reload()
    async with ClientSession(server.url) as session, Client(session).listen() as stream:
        assert (await stream.until("status"))["config_faults"] == ["rules/policies.yaml:3 no such roster"]
    await server.stop()


async def test_a_stop_ends_every_stream(server, client):
    async with client.listen() as stream, client.listen() as other:
        await stream.until("hello")
        stopping = asyncio.create_task(server.stop())
        await stream.ends()
        await other.ends()
        await stopping


# On a fake service


@pytest.fixture
async def fake() -> FakeService:
    return FakeService(limits=HttpLimits(body_s=0.05))


@asynccontextmanager
async def told_by(service: FakeService) -> AsyncIterator[tuple[Caller, Client]]:
    """Serve, and have a client whose news are what `say` says."""
    async with FakeServer(service) as api, ClientSession(f"http://127.0.0.1:{api.port}") as session:
        await say(service)
        yield api, Client(session)


async def say(service: FakeService, size: int = 1) -> int:
    """Tell whoever listens what was not told before; return which telling it is."""
    turn = service.reads = service.reads + 1
    service.desks.live.watch(lambda: b'{"turn":%d,"x":"%b"}' % (turn, b"x" * size))
    await service.desks.live.look()
    return turn


async def test_who_does_not_read_is_cut_off_and_nobody_waits_for_it(fake):
    hub = fake.desks.live
    async with told_by(fake) as (api, client), client.listen() as stream:
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            slow.connect(("127.0.0.1", api.port))
            slow.sendall(b"GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await until(lambda: hub.listeners == 2)
            while not hub.dropped:
                turn = await say(fake, 60_000)
                while (await stream.until("status"))["turn"] < turn:
                    pass
        assert (api.metric("live_streams"), api.metric("live_streams_dropped_total")) == (1, 1)


async def test_a_closed_tab_is_forgotten(fake):
    hub = fake.desks.live
    async with told_by(fake) as (_, client), client.listen() as other:
        async with client.listen() as stream:
            await stream.until("hello")
            assert hub.listeners == 2
            stream.response.close()
        while hub.listeners == 2:
            turn = await say(fake)
            while (await other.until("status"))["turn"] < turn:
                pass
    assert hub.dropped == 0


async def test_a_token_that_is_taken_away_ends_its_stream(fake):
    fake.add_token("secret", "read")
    async with told_by(fake) as (_, client), client.listen(Authorization="Bearer secret") as stream:
        await stream.until("hello")
        fake.tokens.clear()
        fake.add_token("other", "read")
        fake.clock.advance(timedelta(seconds=31))
        await say(fake)
        await stream.ends()


async def test_who_asks_for_the_head_alone_does_not_wait_for_news(fake):
    async with told_by(fake) as (api, _):
        answer = await api.send("HEAD", "/api/v1/live")
        assert (answer.status, answer.content_type) == (200, "text/event-stream")


async def test_when_too_many_listen_one_more_is_told_to_come_later(fake):
    fake.desks.live.most = 0
    async with told_by(fake) as (api, _):
        answer = await api.get("/api/v1/live")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
