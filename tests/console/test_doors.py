import asyncio
import gzip
import json
from datetime import UTC, datetime

import pytest

from alertmesh.core.errors import AlertMeshError, Overloaded, StoreUnavailable
from alertmesh.core.ports import HttpLimits
from tests.console.fakes import Caller, FakeService

V1 = "/api/v1/ingest/alertmanager"
V2 = "/api/v2/alerts"
_START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC).isoformat()


def webhook(*labels: object) -> bytes:
    alerts = [{"status": "firing", "labels": one, "annotations": {}, "startsAt": _START} for one in labels]
    return json.dumps({"version": "4", "alerts": alerts}).encode()


def posted(*labels: object) -> bytes:
    return json.dumps([{"labels": one} for one in labels]).encode()


ONE = webhook({"alertname": "A"})


async def test_says_what_became_of_the_alerts(api: Caller) -> None:
    answer = await api.post(V1, webhook({"alertname": "A"}, {"alertname": 7}))
    body = await answer.json()
    assert answer.status == 202
    assert (body["accepted"], body["changed"]) == (1, 1)
    assert [one["index"] for one in body["rejected"]] == [1]


async def test_answers_2xx_when_a_readable_request_holds_nothing_good(api: Caller) -> None:
    answer = await api.post(V1, webhook({"alertname": 7}, {"alertname": 8}))
    assert answer.status == 202
    assert (await answer.json())["accepted"] == 0
    assert api.metric("ingest_alerts_rejected_total", source="alertmanager", reason="invalid") == 2


@pytest.mark.parametrize(
    ("body", "status", "field", "reason"),
    [
        pytest.param(b"{", 400, "body", "not_json", id="not JSON"),
        pytest.param(b"", 400, "body", "not_json", id="empty"),
        pytest.param(bytes(range(256)), 400, "body", "not_json", id="binary"),
        pytest.param(b"[]", 400, "body", "wrong_type", id="a list"),
        pytest.param(b'{"alerts":{}}', 400, "alerts", "wrong_type", id="alerts no list"),
        pytest.param(b"[" * 100_000, 400, "body", "not_json", id="nested deep"),
        pytest.param(b" " * (10 * 2**20), 413, "body", "too_large", id="10 MB"),
    ],
)
async def test_refuses_what_it_cannot_read_and_counts_it(
    api: Caller, body: bytes, status: int, field: str, reason: str
) -> None:
    answer = await api.post(V1, body)
    problem = await answer.json()
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert (problem["status"], problem["field"]) == (status, field)
    assert api.metric("ingest_requests_refused_total", source="alertmanager", reason=reason) == 1


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("image/png", 415),
        ("text/plain", 202),
        ("application/json; charset=utf-8", 202),
        ("", 202),
    ],
)
async def test_takes_any_content_type_that_may_be_json(api: Caller, kind: str, status: int) -> None:
    assert (await api.post(V1, ONE, Content_Type=kind)).status == status


async def test_inflates_gzip_of_several_members(api: Caller) -> None:
    body = gzip.compress(ONE[:20]) + gzip.compress(ONE[20:])
    assert (await api.post(V1, body, Content_Encoding="gzip")).status == 202


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        pytest.param("gzip", gzip.compress(bytes(50 * 2**20), 1), 413, id="bomb"),
        pytest.param("gzip", gzip.compress(ONE)[:-9], 400, id="cut short"),
        pytest.param("gzip", ONE, 400, id="not gzip"),
        pytest.param("br", ONE, 415, id="unknown encoding"),
    ],
)
async def test_refuses_bad_compression(api: Caller, encoding: str, body: bytes, status: int) -> None:
    assert (await api.post(V1, body, Content_Encoding=encoding)).status == status


async def raw_status(api: Caller, head: str, body: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(f"POST {V1} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode() + body)
    line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return line.split()[1]


async def test_stops_reading_an_endless_body_at_the_limit(service: FakeService, api: Caller) -> None:
    service.limits = HttpLimits(body_bytes=100)
    chunk = b"65\r\n" + b" " * 101 + b"\r\n"
    assert await raw_status(api, "Transfer-Encoding: chunked", chunk) == b"413"


async def test_refuses_a_body_that_does_not_arrive(service: FakeService, api: Caller) -> None:
    service.limits = HttpLimits(body_s=0.0)
    assert await raw_status(api, "Content-Length: 9", b"") == b"408"


async def test_refuses_a_body_with_broken_framing(api: Caller) -> None:
    assert await raw_status(api, "Transfer-Encoding: chunked", b"zz\r\n") == b"400"


@pytest.mark.parametrize(
    ("failure", "wait"),
    [(Overloaded("full", 2.5), "3"), (StoreUnavailable("disk"), "1")],
    ids=["overloaded", "store"],
)
@pytest.mark.parametrize(("path", "body"), [(V1, ONE), (V2, posted({"a": "b"}))], ids=["v1", "v2"])
async def test_asks_to_come_back_when_it_cannot_take_work(
    service: FakeService, api: Caller, failure: AlertMeshError, wait: str, path: str, body: bytes
) -> None:
    service.failure = failure
    answer = await api.post(path, body)
    assert (answer.status, answer.headers["Retry-After"]) == (503, wait)
    assert answer.content_type == ("application/json" if path == V2 else "application/problem+json")


async def test_refuses_alerts_over_the_limit_one_by_one(service: FakeService, api: Caller) -> None:
    service.limits = HttpLimits(alerts_per_request=2)
    answer = await api.post(V1, webhook(*({"alertname": name} for name in "ABC")))
    body = await answer.json()
    assert (answer.status, body["accepted"]) == (202, 2)
    assert body["rejected"][0]["index"] == 2


async def test_unknown_source_is_not_found(api: Caller) -> None:
    answer = await api.post("/api/v1/ingest/nope", ONE)
    assert (answer.status, (await answer.json())["field"]) == (404, "source")


@pytest.mark.parametrize(
    ("path", "body", "source"),
    [(V1, ONE, "alertmanager"), (V2, posted({"a": "b"}), "prometheus")],
    ids=["v1", "v2"],
)
async def test_from_names_the_instance(
    service: FakeService, api: Caller, path: str, body: bytes, source: str
) -> None:
    await api.post(f"/from/dc-1{path}", body)
    door, _ = service.ingested[0]
    assert (door.name, door.source) == ("dc-1", source)


async def test_instance_names_are_plain_words(api: Caller) -> None:
    assert (await api.post(f"/from/a%20b{V1}", ONE)).status == 404


@pytest.mark.parametrize(
    ("body", "status", "answer"),
    [
        pytest.param(posted({"a": "b"}), 200, "", id="good"),
        pytest.param(b"[]", 200, "", id="none"),
        pytest.param(b"", 422, '{"code":602,"message":"alerts in body is required"}', id="no body"),
        pytest.param(b"[{}]", 422, '{"code":602,"message":"0.labels in body is required"}', id="no labels"),
    ],
)
async def test_v2_answers_as_alertmanager(api: Caller, body: bytes, status: int, answer: str) -> None:
    got = await api.post(V2, body)
    assert (got.status, await got.text()) == (status, answer)


async def test_v2_success_has_no_content_type(api: Caller) -> None:
    assert "Content-Type" not in (await api.post(V2, posted({"a": "b"}))).headers


async def test_v2_keeps_the_good_alerts_of_a_refused_request(service: FakeService, api: Caller) -> None:
    body = json.dumps([{"labels": {"a": "b"}}, {"labels": {"c": "d"}, "startsAt": "2999-01-01T00:00:00Z"}])
    assert (await api.post(V2, body.encode())).status == 400
    assert len(service.ingested[0][1].sightings) == 1


@pytest.mark.parametrize(
    ("kind", "named"),
    [("text/plain", "text/plain"), ("Text/HTML; x=y", "text/html"), ("", "application/octet-stream")],
)
async def test_v2_refuses_other_content_types_as_alertmanager(api: Caller, kind: str, named: str) -> None:
    answer = await api.post(V2, b"[]", Content_Type=kind)
    message = f'unsupported media type "{named}", only [application/json] are allowed'
    assert answer.status == 415
    assert await answer.json() == {"code": 415, "message": message}


async def test_v2_names_the_allowed_methods_as_alertmanager(api: Caller) -> None:
    answer = await api.send("PUT", V2)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD,POST")
    assert await answer.json() == {"code": 405, "message": "method PUT is not allowed, but [GET,POST] are"}


async def test_counts_requests_and_alerts(api: Caller) -> None:
    await api.post(V1, webhook({"alertname": "A"}, {"alertname": "B"}))
    assert api.metric("ingest_requests_total", source="alertmanager", code="202") == 1
    assert api.metric("ingest_alerts_received_total", source="alertmanager") == 2
    assert api.metric("ingest_request_seconds_count", source="alertmanager") == 1
