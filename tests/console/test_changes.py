"""The paths of change events."""

from datetime import timedelta

import pytest

from alertmesh.core.changes import ChangeEvent
from alertmesh.core.errors import BadPayload, Overloaded
from tests.console.fakes import NOW, Caller, FakeService

PATH = "/api/v1/changes"


def event(number: int, **more: str) -> ChangeEvent:
    facts = {"entity": "cart", "level": "service", "kind": "deploy", **more}
    return ChangeEvent(id=f"c{number}", at=NOW + timedelta(minutes=number), **facts)


async def test_a_post_is_taken(service: FakeService, api: Caller) -> None:
    answer = await api.post("/api/v1/ingest/changes", b'{"kind": "deploy", "service": "cart"}')
    told = {"accepted": 1, "rejected": [{"index": 1, "error": "kind: is required"}]}
    assert (answer.status, await answer.json()) == (202, told)
    assert service.posted == [b'{"kind": "deploy", "service": "cart"}']


@pytest.mark.parametrize(
    ("error", "status"),
    [(BadPayload("is bad", "kind"), 400), (Overloaded("later"), 503)],
    ids=["bad", "busy"],
)
async def test_what_cannot_be_taken_is_told(
    service: FakeService, api: Caller, error: BadPayload | Overloaded, status: int
) -> None:
    service.failure = error
    answer = await api.post("/api/v1/ingest/changes", b"[]")
    assert answer.status == status


async def test_it_takes_the_scope_of_monitors(service: FakeService, api: Caller) -> None:
    service.add_token("s", "read")
    answer = await api.post("/api/v1/ingest/changes", b"[]", Authorization="Bearer s")
    assert answer.status == 403


async def test_they_are_listed_newest_first_page_by_page(service: FakeService, api: Caller) -> None:
    service.made = [event(1), event(3), event(2)]
    first = await (await api.get(f"{PATH}?limit=2")).json()
    second = await (await api.get(f"{PATH}?limit=2&before={first['next']}")).json()
    pages = [[one["id"] for one in page["changes"]] for page in (first, second)]
    assert (pages, second["next"]) == ([["c3", "c2"], ["c1"]], None)


async def test_they_are_found_by_what_was_changed(service: FakeService, api: Caller) -> None:
    service.made = [event(1), event(2, entity="web"), event(3, kind="config")]
    answer = await (await api.get(f"{PATH}?entity=cart&kind=config")).json()
    assert [one["id"] for one in answer["changes"]] == ["c3"]


async def test_a_cursor_that_is_none_is_refused(api: Caller) -> None:
    assert (await api.get(f"{PATH}?before=yesterday")).status == 400
