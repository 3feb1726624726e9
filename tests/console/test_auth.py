import logging
from base64 import b64encode
from datetime import timedelta

import pytest

from tests.console.fakes import Caller, FakeService, a_response, an_incident

INGEST = "/api/v1/ingest/alertmanager"
SCOPES = ("ingest", "read", "respond", "admin")
NEEDED = [
    ("POST", INGEST, "ingest"),
    ("POST", "/api/v2/alerts", "ingest"),
    ("POST", "/from/a/api/v2/alerts", "ingest"),
    ("GET", "/api/v1/incidents", "read"),
    ("GET", "/api/v1/incidents/1/pages", "read"),
    ("GET", "/api/v1/alerts", "read"),
    ("GET", "/api/v1/status", "read"),
    ("GET", "/metrics", "read"),
    ("POST", "/api/v1/incidents/1/ack", "respond"),
    ("POST", "/-/reload", "admin"),
]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(("method", "path", "needed"), NEEDED)
async def test_each_path_takes_its_scope_or_admin(
    service: FakeService, api: Caller, method: str, path: str, needed: str, scope: str
) -> None:
    service.add_token("s3cret", scope)
    service.pairs[1] = (an_incident(1), a_response(1))
    answer = await api.send(method, path, headers={"Authorization": "Bearer s3cret"})
    assert (answer.status == 403) == (scope not in (needed, "admin"))
    assert answer.status != 401


@pytest.mark.parametrize(("method", "path", "needed"), NEEDED)
async def test_a_token_is_needed_as_soon_as_one_exists(
    service: FakeService, api: Caller, method: str, path: str, needed: str
) -> None:
    service.add_token("s3cret", needed)
    answer = await api.send(method, path)
    kind = "application/json" if "/api/v2/" in path else "application/problem+json"
    assert (answer.status, answer.content_type) == (401, kind)
    assert "Bearer" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("path", ["/-/healthy", "/-/ready"])
async def test_probes_need_no_token(service: FakeService, api: Caller, path: str) -> None:
    service.add_token("s3cret", "read")
    assert (await api.get(path)).status == 200


@pytest.mark.parametrize(
    ("query", "header"),
    [
        pytest.param("", "Bearer s3cret", id="bearer"),
        pytest.param("", "Basic " + b64encode(b"anyone:s3cret").decode(), id="basic"),
        pytest.param("?token=s3cret", "", id="query"),
    ],
)
async def test_monitors_send_their_token_as_they_can(
    service: FakeService, api: Caller, query: str, header: str
) -> None:
    service.add_token("s3cret", "ingest")
    headers = {"Authorization": header} if header else {}
    assert (await api.post(INGEST + query, b'{"alerts":[]}', **headers)).status == 202


@pytest.mark.parametrize(
    ("query", "header"),
    [("?token=s3cret", ""), ("", "Basic " + b64encode(b"anyone:s3cret").decode())],
    ids=["query", "basic"],
)
async def test_people_send_theirs_in_the_header_only(
    service: FakeService, api: Caller, query: str, header: str
) -> None:
    service.add_token("s3cret", *SCOPES)
    answer = await api.get("/api/v1/incidents" + query, Authorization=header)
    assert answer.status == 401


@pytest.mark.parametrize(
    "header", ["Bearer wrong", "Basic !!!", "Basic " + b64encode(b"\xff:\xff").decode(), "x"]
)
async def test_refuses_unknown_credentials(service: FakeService, api: Caller, header: str) -> None:
    service.add_token("s3cret", "ingest")
    assert (await api.post(INGEST, Authorization=header)).status == 401


async def test_a_token_is_looked_up_once_a_second(service: FakeService, api: Caller) -> None:
    service.add_token("s3cret", "read")
    for _ in range(3):
        await api.get("/api/v1/status", Authorization="Bearer s3cret")
    service.clock.advance(timedelta(seconds=1))
    await api.get("/api/v1/status", Authorization="Bearer s3cret")
    assert service.looked_up == ["s3cret", "s3cret"]


async def test_a_token_is_never_shown(
    service: FakeService, api: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.add_token("s3cret", "read")
    answer = await api.post(INGEST + "?token=s3cret", b"{")
    wrong = await api.post("/nowhere?token=s3cret", b"{")
    shown = await answer.text() + await wrong.text() + caplog.text
    assert answer.status == 403
    assert "s3cret" not in shown


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:9393", 200),
        ("127.0.0.1:9393", 200),
        ("[::1]:9393", 200),
        ("evil.test", 403),
        ("127.0.0.1.evil.test", 403),
    ],
)
async def test_without_tokens_only_loopback_names_are_served(api: Caller, host: str, status: int) -> None:
    assert (await api.get("/api/v1/status", Host=host)).status == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:9393", 202),
        ("http://localhost:1234", 403),
        ("http://evil.test", 403),
        ("null", 403),
        ("http://[", 403),
    ],
)
async def test_without_tokens_foreign_pages_may_not_post(api: Caller, origin: str, status: int) -> None:
    answer = await api.post(INGEST, b'{"alerts":[]}', Host="localhost:9393", Origin=origin)
    assert answer.status == status


async def test_counts_the_denied(service: FakeService, api: Caller) -> None:
    service.add_token("s3cret", "read")
    await api.post(INGEST, Authorization="Bearer s3cret")
    assert api.metric("requests_denied_total", reason="scope") == 1
