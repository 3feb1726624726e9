"""Every answer that is not a success is a problem, even when the fault is ours."""

import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from alertmesh.console.connections import runner
from alertmesh.console.problems import explain
from tests.console.fakes import Caller
from tests.console.test_connections import SECRET, heard, request


@pytest.fixture
async def faulty() -> AsyncIterator[int]:
    """Return the port of a server whose handlers fail in ways that nobody foresaw."""

    async def fail(request: web.Request) -> web.StreamResponse:
        raise ValueError(await request.text() or request.query["token"])

    async def fail_late(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"begun")
        raise ValueError(request.query["token"])

    app = web.Application(middlewares=[explain])
    app.router.add_get("/api/v1/things/{id}", fail)
    app.router.add_get("/api/v2/things/{id}", fail)
    app.router.add_get("/late", fail_late)
    serving = runner(app)
    await serving.setup()
    await web.TCPSite(serving, "127.0.0.1", 0).start()
    yield serving.addresses[0][1]
    await serving.cleanup()


@pytest.mark.parametrize(
    ("version", "kind", "field"),
    [("v1", b"application/problem+json", "status"), ("v2", b"application/json", "code")],
)
async def test_a_fault_of_our_own_is_a_problem_and_logged_without_what_was_asked(
    faulty: int, version: str, kind: bytes, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as logs:
        asked = request(f"/api/{version}/things/{SECRET}?token={SECRET}", "GET", "Connection: close")
        head, _, body = (await heard(faulty, asked)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 500")
    assert b"Content-Type: " + kind in head
    assert json.loads(body)[field] == 500
    assert SECRET.encode() not in body
    [line] = logs
    assert line["place"].startswith("test_problems.py:")
    assert {**line, "place": ""} == {
        "event": "request_failed",
        "log_level": "error",
        "method": "GET",
        "path": f"/api/{version}/things/{{id}}",
        "error": "ValueError",
        "place": "",
    }
    assert caplog.records == []


async def test_an_answer_that_fails_half_way_is_broken_off(
    faulty: int, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as logs:
        answer = await heard(faulty, request(f"/late?token={SECRET}"))
    assert answer.endswith(b"begun\r\n")  # and not by the chunk that ends a whole answer
    assert [line["event"] for line in logs] == ["request_failed"]
    assert SECRET not in repr(logs)
    assert caplog.records == []


@pytest.mark.parametrize("path", ["/api/v2/alerts", "/api/v2/silences", "/api/v1/silences"])
async def test_a_content_type_that_is_no_unicode_is_refused_as_any_other(api: Caller, path: str) -> None:
    head = request(path, "POST", "Content-Type: \xff/x", "Content-Length: 2", "Connection: close")
    status, _, answer = (await heard(api.port, head + b"[]")).partition(b"\r\n")
    assert status.startswith(b"HTTP/1.1 415")
    assert b"application/json" in answer
