"""The audit log over HTTP."""

from datetime import timedelta

import pytest

from alertmesh.core.ports import AuditEntry, Batch
from tests.fakes import NOW
from tests.paas.fakes import House

LINES = [
    AuditEntry(at=NOW + timedelta(minutes=place), actor=actor, action=action, target=target)
    for place, (actor, action, target) in enumerate(
        [("li", "ack", "incident/1"), ("wang", "ack", "incident/17"), ("li", "reload", "config")]
    )
]


async def asked(**query: str) -> tuple[int, dict]:  # type: ignore[type-arg]
    async with House() as house:
        await house.store.write(Batch(audit=LINES))
        return await house.get("audit", query)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [3, 2, 1]),
        ({"actor": "li"}, [3, 1]),
        ({"action": "ack"}, [2, 1]),
        ({"target": "incident/1"}, [2, 1]),
        ({"from": "2026-11-23T10:01:00Z"}, [3, 2]),
        ({"from": "2026-11-23T10:01:00Z", "to": "2026-11-23T10:02:00Z"}, [2]),
        ({"before": "3", "limit": "1"}, [2]),
        ({"actor": "chen"}, []),
    ],
    ids=str,
)
async def test_the_newest_that_match_come_first(query, found):
    _, body = await asked(**query)
    assert [line["number"] for line in body["audit"]] == found


async def test_pages_follow_one_another_to_the_end():
    async with House() as house:
        await house.store.write(Batch(audit=LINES))
        _, first = await house.get("audit", {"limit": "2"})
        _, rest = await house.get("audit", {"limit": "2", "before": str(first["next"])})
    assert [line["number"] for line in first["audit"] + rest["audit"]] == [3, 2, 1]
    assert rest["next"] is None


@pytest.mark.parametrize(
    "query",
    [{"from": "x"}, {"to": "2026-11-23"}, {"before": "-1"}, {"limit": "0"}],
    ids=lambda q: next(iter(q)),
)
async def test_a_filter_that_means_nothing_is_refused(query):
    status, body = await asked(**query)
    assert (status, body["field"]) == (400, next(iter(query)))


async def test_a_time_that_ends_before_it_begins_is_refused():
    status, body = await asked(**{"from": "2026-11-23T10:01:00Z", "to": "2026-11-23T10:01:00Z"})
    assert (status, body["field"]) == (400, "to")
