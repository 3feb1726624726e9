"""The way out to the network, on loopback."""

import asyncio
import socket

import pytest
from aiohttp import web

from alertmesh.notify.dingtalk import DingTalk
from alertmesh.notify.stdout import Stdout
from alertmesh.notify.transport import AiohttpTransport, hosts_of
from tests.notify.fakes import SECRET, URL


async def echo(request: web.Request) -> web.Response:
    return web.Response(status=418, body=await request.read(), headers={"X-Query": request.query_string})


async def hang(request: web.Request) -> web.Response:
    await asyncio.Event().wait()
    return web.Response()


async def drop(request: web.Request) -> web.Response:
    await request.read()
    request.transport.abort()
    return web.Response()


async def away(request: web.Request) -> web.Response:
    raise web.HTTPFound("http://127.0.0.2:1/")


@pytest.fixture
async def server():
    app = web.Application()
    app.add_routes([web.post(f"/{each.__name__}", each) for each in (echo, hang, drop, away)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def http():
    transport = AiohttpTransport({"127.0.0.1"})
    yield transport
    await transport.close()


async def ask(http, url, timeout_s=5.0):
    return await http("POST", url, headers={"Content-Type": "text/plain"}, body=b"hello", timeout_s=timeout_s)


async def test_any_status_is_an_answer(http, server):
    answer = await ask(http, f"{server}/echo?a=%2B")
    assert (answer.status, answer.body, answer.headers["X-Query"]) == (418, b"hello", "a=%2B")


async def test_a_hanging_server_times_out(http, server):
    with pytest.raises(TimeoutError):
        await ask(http, f"{server}/hang", 0.05)


async def test_a_broken_connection_is_not_a_refused_one(http, server):
    with pytest.raises(ConnectionResetError):
        await ask(http, f"{server}/drop")


async def test_a_closed_port_refuses(http):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionRefusedError, match="cannot connect"):
            await ask(http, f"http://127.0.0.1:{closed.getsockname()[1]}/")


async def test_a_redirect_is_not_followed(http, server):
    assert (await ask(http, f"{server}/away")).status == 302


@pytest.mark.parametrize("url", ["http://example.org/?token=x", "file:///etc/passwd", "http://127.0.0.1@x/"])
async def test_other_hosts_are_out_of_reach(http, url):
    with pytest.raises(ConnectionRefusedError, match="is no host that the configuration names") as caught:
        await ask(http, url)
    assert "token" not in str(caught.value)


def test_the_allowed_hosts_are_those_of_the_channels():
    assert hosts_of([DingTalk("ding", URL, SECRET), Stdout("out")]) == {"oapi.dingtalk.com"}


async def mirror(request: web.Request) -> web.WebSocketResponse:
    opened = web.WebSocketResponse()
    await opened.prepare(request)
    async for told in opened:
        await opened.send_str(told.data[::-1])
        if told.data == "bye":
            break
    return opened


@pytest.fixture
async def gateway():
    app = web.Application()
    app.add_routes([web.get("/mirror", mirror)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"ws://127.0.0.1:{runner.addresses[0][1]}/mirror"
    await runner.cleanup()


async def test_a_socket_carries_texts_both_ways_until_the_other_side_closes(http, gateway):
    async with http.dial(gateway, heartbeat_s=5) as opened:
        await opened.send("磁盘")
        await opened.send("bye")
        assert [await opened.receive(5) for _ in range(3)] == ["盘磁", "eyb", None]
        with pytest.raises(ConnectionResetError):
            await opened.send("more")


async def test_a_silent_socket_times_out(http, gateway):
    async with http.dial(gateway, heartbeat_s=5) as opened:
        with pytest.raises(TimeoutError):
            await opened.receive(0.01)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("ws://gate.example.org/", "must begin with wss"),
        ("wss://example.org/", "is no host"),
        ("wss://gate.example.org.evil.com/", "is no host"),
        ("https://gate.example.org/", "is no host"),
    ],
)
async def test_a_socket_goes_to_allowed_hosts_only(url, error):
    transport = AiohttpTransport({".example.org"})
    with pytest.raises(ConnectionRefusedError, match=error):
        await transport.dial(url, heartbeat_s=5).__aenter__()


async def test_a_closed_port_refuses_a_socket(http):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{closed.getsockname()[1]}/"
        with pytest.raises(ConnectionRefusedError, match="cannot connect"):
            await http.dial(url, heartbeat_s=5).__aenter__()
