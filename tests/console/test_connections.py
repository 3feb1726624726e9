"""What a connection gets that asks for nothing, or for nothing that can be read."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from alertmesh.console.app import build_app
from alertmesh.console.connections import runner
from alertmesh.metrics import Metrics
from tests.console.fakes import Caller, FakeService

SECRET = "s3cr3t"


async def heard(port: int, *parts: bytes) -> bytes:
    """Return everything that is answered until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(20):
        for part in parts:
            writer.write(part)
            await writer.drain()
        answer = await reader.read()
    writer.close()
    return answer


def request(path: str, method: str = "GET", *more: str) -> bytes:
    return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: localhost", *more, "", "")).encode("latin-1")


@pytest.mark.parametrize(
    "sent",
    [
        f"GET /p/{SECRET}?token={SECRET} HTTP/9\r\n\r\n".encode(),
        request("/", "GET", f"Authorization: Bearer {SECRET}", f"Cookie: {SECRET}\x00"),
        request("/", "GET", f"X-{SECRET}\x01: a"),
        request("/", "GET", f"Cookie: {SECRET * 2_000}"),
        request(f"/?token={SECRET}\x00"),
        f"{SECRET} {SECRET}\r\n\r\n".encode(),
    ],
)
async def test_the_log_says_nothing_of_a_request_that_cannot_be_read(
    api: Caller, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as logs:
        assert b" 400 " in (await heard(api.port, sent)).partition(b"\r\n")[0]
    assert all(line["event"] == "request_unreadable" and line["peer"] == "127.0.0.1" for line in logs)
    assert SECRET not in repr(logs)
    assert caplog.records == []


async def test_who_cannot_be_read_is_told_once(api: Caller) -> None:
    with capture_logs() as logs:
        await heard(api.port, request("/", "GET", "X: \x00"))
    [line] = logs
    assert line == {
        "event": "request_unreadable",
        "peer": "127.0.0.1",
        "error": "BadHttpMessage",
        "log_level": "warning",
    }


@pytest.fixture
async def impatient(service: FakeService) -> AsyncIterator[int]:
    """Return the port of a server that waits for nobody."""
    await service.store.open()
    serving = runner(build_app(service, Metrics()), idle_s=0.05)
    await serving.setup()
    await web.TCPSite(serving, "127.0.0.1", 0).start()
    yield serving.addresses[0][1]
    await serving.cleanup()


@pytest.mark.parametrize(
    ("sent", "answers"),
    [
        ([], 0),
        ([b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n"], 0),
        ([request("/-/healthy")], 1),
        ([request("/-/healthy"), b"GET /-/healthy HTTP/1.1\r\nHo"], 1),
        ([request("/-/healthy") * 2], 2),
    ],
)
async def test_a_connection_without_a_whole_head_is_closed(
    impatient: int, sent: list[bytes], answers: int
) -> None:
    assert (await heard(impatient, *sent)).count(b"HTTP/1.1 200") == answers


@pytest.mark.parametrize(
    "path", ["/api/v2/alerts", "/api/v2/alerts/groups", "/api/v2/silences", "/api/v1/live"]
)
async def test_the_answer_to_head_has_no_body(api: Caller, path: str) -> None:
    last = request("/-/healthy", "GET", "Connection: close")
    answer = await heard(api.port, request(path, "HEAD"), last)
    head, _, rest = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert rest.startswith(b"HTTP/1.1 200")
