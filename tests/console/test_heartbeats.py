"""Calls of heartbeat addresses, and the lists of heartbeats and senders."""

import pytest

from alertmesh.core.errors import StoreUnavailable
from tests.console.fakes import FakeService, Server


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_call_is_taken(method: str) -> None:
    async with Server(service := FakeService()) as caller:
        answer = await caller.send(method, "/api/v1/heartbeats/nightly")
    assert (answer.status, await answer.json()) == (202, {"heartbeat": "nightly"})
    assert service.beaten == ["nightly"]


async def test_a_name_that_nobody_waits_for_is_refused() -> None:
    async with Server(FakeService()) as caller:
        answer = await caller.get("/api/v1/heartbeats/hourly")
    assert (answer.status, (await answer.json())["type"]) == (404, "urn:alertmesh:unknown-heartbeat")


async def test_a_call_that_cannot_be_kept_is_to_come_again() -> None:
    async with Server(FakeService(failure=StoreUnavailable("full"))) as caller:
        answer = await caller.get("/api/v1/heartbeats/nightly")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


@pytest.mark.parametrize(
    ("scope", "path", "status"),
    [
        pytest.param("ingest", "/nightly?token=s", 202, id="a job calls with its token in the address"),
        pytest.param("read", "/nightly?token=s", 403, id="a reader may not call"),
        pytest.param("ingest", "/nightly", 401, id="nor who says nothing"),
        pytest.param("ingest", "?token=s", 401, id="a list takes no token in the address"),
    ],
)
async def test_what_it_takes_to_call(scope: str, path: str, status: int) -> None:
    service = FakeService()
    service.add_token("s", scope)
    async with Server(service) as caller:
        assert (await caller.get("/api/v1/heartbeats" + path)).status == status


async def test_the_heartbeats_are_listed() -> None:
    async with Server(FakeService()) as caller:
        [shown] = (await (await caller.get("/api/v1/heartbeats")).json())["heartbeats"]
    assert (shown["name"], shown["state"], shown["due"]) == ("nightly", "alive", "2026-11-23T04:00:00Z")


async def test_the_senders_are_listed() -> None:
    async with Server(FakeService()) as caller:
        [shown] = (await (await caller.get("/api/v1/sources")).json())["sources"]
    assert (shown["name"], shown["requests"], shown["skew_s"]) == ("a", 3, None)
