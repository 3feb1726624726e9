"""Alertmanager's API for silences, which are the same ones as those of our own."""

from typing import Any

import msgspec
import pytest

from alertmesh.core.entries import SilenceExpired, SilenceSet
from alertmesh.core.errors import BadCommand
from alertmesh.core.silence import Condition
from tests.console.alertmanager_shapes import Made
from tests.console.alertmanager_shapes import Silence as Shape
from tests.console.fakes import NOW, Caller, FakeService
from tests.console.test_silences import HOUR, a_silence

PATH = "/api/v2/silences"
NOW_ID, LATER, OVER, SOON = (f"6f1d0c5e-52a4-4f5c-9f0e-0a8a8e1a7b1{n}" for n in range(4))
UNKNOWN = "00000000-0000-4000-8000-000000000000"
TEAM = {"name": "team", "value": "db", "isRegex": False, "isEqual": True}


@pytest.fixture
def kept(service: FakeService) -> FakeService:
    """A service with an expired, a pending and two active silences."""
    ones = [
        a_silence(OVER, ends_at=NOW),
        a_silence(LATER, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR),
        a_silence(NOW_ID, ends_at=NOW + 2 * HOUR),
        a_silence(SOON, matchers=(Condition("node", "!~", "n1"),)),
    ]
    service.silenced = {one.id: one for one in ones}
    return service


def body(**changes: Any) -> dict[str, Any]:
    """Return what a client posts; None takes a field out."""
    facts = {
        "matchers": [TEAM],
        "startsAt": "2026-11-23T04:00:00.000Z",
        "endsAt": "2026-11-23T05:00:00.000Z",
        "createdBy": "ann",
        "comment": "disk swap",
    }
    return {name: value for name, value in (facts | changes).items() if value is not None}


async def post(api: Caller, sent: Any) -> tuple[int, Any]:
    answer = await api.post(PATH, sent if isinstance(sent, bytes) else msgspec.json.encode(sent))
    return answer.status, await answer.json()


async def test_makes_a_silence_that_our_own_api_shows(service: FakeService, api: Caller) -> None:
    status, made = await post(api, body())
    assert (status, bool(msgspec.convert(made, Made))) == (200, True)
    [entry] = service.ordered
    assert isinstance(entry, SilenceSet)
    id = made["silenceID"]
    assert entry.silence == a_silence(id, starts_at=NOW, updated_at=NOW)
    own = await (await api.get(f"/api/v1/silences/{id}")).json()
    assert (own["matchers"], own["created_by"]) == ('team="db"', "ann")
    assert [line.target for line in service.audited] == [f"silence/{id}"]


async def test_shows_what_our_own_api_made(api: Caller) -> None:
    sent = {"matchers": 'a!~"b",c="d",e!="f",g=~"h"', "comment": "x", "duration_s": 3600}
    made = await (await api.post("/api/v1/silences", msgspec.json.encode(sent))).json()
    answer = await api.get(f"/api/v2/silence/{made['id']}")
    shown = await answer.json()
    assert msgspec.convert(shown, Shape)
    assert [(m["name"], m["isEqual"], m["isRegex"]) for m in shown["matchers"]] == [
        ("a", False, True),
        ("c", True, False),
        ("e", False, False),
        ("g", True, True),
    ]
    assert shown["status"] == {"state": "active"}
    assert shown["endsAt"] == "2026-11-23T05:00:00.000Z"


async def test_lists_active_then_pending_then_expired(kept: FakeService, api: Caller) -> None:
    found = await (await api.get(PATH)).json()
    assert [one["id"] for one in found] == [SOON, NOW_ID, LATER, OVER]
    assert [one["status"]["state"] for one in found] == ["active", "active", "pending", "expired"]


@pytest.mark.parametrize(
    ("query", "found"),
    [("filter=team%3Ddb", [NOW_ID, LATER, OVER]), ("filter=node%3Dn1", [SOON]), ("filter=team%3Dx", [])],
)
async def test_filters_by_the_conditions_themselves(
    kept: FakeService, api: Caller, query: str, found: list[str]
) -> None:
    assert [one["id"] for one in await (await api.get(f"{PATH}?{query}")).json()] == found


async def test_a_longer_end_keeps_the_id(kept: FakeService, api: Caller) -> None:
    start = "2026-11-23T03:00:00.123Z"  # the start that was told, cut to the millisecond
    _, made = await post(api, body(id=NOW_ID, startsAt=start, endsAt="2026-11-23T09:00:00Z"))
    [entry] = kept.ordered
    assert isinstance(entry, SilenceSet)
    assert (made["silenceID"], entry.replaces, entry.silence.starts_at) == (NOW_ID, "", NOW - HOUR)
    assert entry.silence.ends_at == NOW + 5 * HOUR


@pytest.mark.parametrize(
    "changes",
    [
        {"id": NOW_ID, "matchers": [TEAM | {"value": "web"}]},
        {"id": NOW_ID, "matchers": [TEAM | {"isEqual": False}]},
        {"id": NOW_ID, "startsAt": "2026-11-23T03:00:01.000Z"},
        {"id": OVER},
    ],
)
async def test_other_matchers_and_what_is_over_make_a_new_id(
    kept: FakeService, api: Caller, changes: dict[str, Any]
) -> None:
    _, made = await post(api, body(**changes))
    [entry] = kept.ordered
    assert isinstance(entry, SilenceSet)
    assert made["silenceID"] not in (NOW_ID, OVER)
    assert (entry.replaces, entry.silence.id, entry.silence.starts_at) == (
        changes["id"],
        made["silenceID"],
        NOW,
    )


@pytest.mark.parametrize(
    ("sent", "code", "says"),
    [
        (b"", 602, "silence in body is required"),
        (b"null", 602, "comment in body is required"),
        (body(comment=None), 602, "comment in body is required"),
        (body(createdBy=None), 602, "createdBy in body is required"),
        (body(startsAt=None), 602, "startsAt in body is required"),
        (body(endsAt=None), 602, "endsAt in body is required"),
        (body(matchers=None), 602, "matchers in body is required"),
        (body(matchers=[]), 612, "matchers in body should have at least 1 items"),
        (body(matchers=[TEAM, {"value": "x"}]), 602, "matchers.1.isRegex in body is required"),
        (body(matchers=[{"isRegex": True, "value": "x"}]), 602, "matchers.0.name in body is required"),
        (body(matchers=[{"isRegex": True, "name": "x"}]), 602, "matchers.0.value in body is required"),
    ],
)
async def test_what_the_schema_does_not_allow_is_422(
    service: FakeService, api: Caller, sent: Any, code: int, says: str
) -> None:
    assert await post(api, sent) == (422, {"code": code, "message": says})
    assert service.ordered == []


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (body(endsAt="2026-11-23T04:00:00Z"), "Failed to create silence: start time must be before end"),
        (
            body(startsAt="2026-11-23T01:00:00Z", endsAt="2026-11-23T02:00:00Z"),
            "Failed to create silence: end time can't be in the past",
        ),
        (body(endsAt="2036-11-23T04:00:00Z"), "silence invalid: it may end 366 days ahead at most"),
        (body(endsAt="9999-12-31T23:59:59-12:00"), "silence invalid: a date is out of range"),
        (body(matchers=[TEAM | {"value": ""}]), "silence invalid: at least one matcher must not match"),
        (body(matchers=[TEAM | {"value": ".*", "isRegex": True}]), "silence invalid: at least one"),
        (body(matchers=[TEAM | {"value": "(", "isRegex": True}]), "silence invalid: invalid label matcher 0"),
        (
            body(matchers=[TEAM | {"name": ""}]),
            'silence invalid: invalid label matcher 0: invalid label name ""',
        ),
        (body(matchers=[TEAM] * 33), "silence invalid: more than 32 matchers"),
        (body(comment="x" * 10_001), "silence invalid: comment has more than 10000 characters"),
    ],
)
async def test_what_makes_no_sense_is_400_and_a_string(
    service: FakeService, api: Caller, sent: Any, says: str
) -> None:
    status, told = await post(api, sent)
    assert (status, told.startswith(says)) == (400, True)
    assert service.ordered == []


@pytest.mark.parametrize("sent", [b"{", b"[]", b'{"comment":5}', b'{"startsAt":"x"}', b"\xff"])
async def test_what_is_no_silence_is_400_and_an_object(api: Caller, sent: bytes) -> None:
    status, told = await post(api, sent)
    assert (status, told["code"]) == (400, 400)
    assert told["message"].startswith('parsing silence body from "" failed, because ')


async def test_an_empty_author_is_who_asks_and_a_comment_may_be_missing(
    service: FakeService, api: Caller
) -> None:
    status, _ = await post(api, body(createdBy="", comment="", foo=1))
    [entry] = service.ordered
    assert isinstance(entry, SilenceSet)
    assert (status, entry.silence.created_by, entry.silence.comment) == (200, "local", "")


async def test_any_label_name_may_be_asked_for(service: FakeService, api: Caller) -> None:
    status, made = await post(api, body(matchers=[TEAM | {"name": "k8s.pod name"}]))
    shown = await (await api.get(f"/api/v2/silence/{made['silenceID']}")).json()
    assert (status, shown["matchers"][0]["name"]) == (200, "k8s.pod name")


async def test_there_must_be_room(service: FakeService, api: Caller) -> None:
    service.failure = BadCommand("there are 10000 silences; end one first")
    assert await post(api, body()) == (400, "there are 10000 silences; end one first")


async def test_ends_a_silence_as_often_as_asked(kept: FakeService, api: Caller) -> None:
    for _ in range(2):
        answer = await api.send("DELETE", f"/api/v2/silence/{NOW_ID}")
        assert (answer.status, await answer.read()) == (200, b"")
    [entry] = kept.ordered
    assert entry == SilenceExpired(id=NOW_ID, actor="local", at=NOW)


@pytest.mark.parametrize(
    ("method", "status", "says"), [("GET", 404, b""), ("DELETE", 500, b'"silence not found"\n')]
)
async def test_no_silence_is_told_and_no_id_422(api: Caller, method: str, status: int, says: bytes) -> None:
    answer = await api.send(method, f"/api/v2/silence/{UNKNOWN}")
    assert (answer.status, await answer.read()) == (status, says)
    answer = await api.send(method, "/api/v2/silence/abc")
    message = 'silenceID in path must be of type uuid: "abc"'
    assert (answer.status, await answer.json()) == (422, {"code": 601, "message": message})


@pytest.mark.parametrize("id", [UNKNOWN, "abc"])
async def test_a_change_of_what_is_not_there_is_404(service: FakeService, api: Caller, id: str) -> None:
    assert await post(api, body(id=id)) == (404, "silence not found")
    assert service.ordered == []


async def test_only_json_is_taken(service: FakeService, api: Caller) -> None:
    answer = await api.post(PATH, msgspec.json.encode(body()), Content_Type="text/plain")
    message = 'unsupported media type "text/plain", only [application/json] are allowed'
    assert (answer.status, await answer.json()) == (415, {"code": 415, "message": message})
    assert service.ordered == []


@pytest.mark.parametrize(("method", "path"), [("POST", PATH), ("DELETE", f"/api/v2/silence/{NOW_ID}")])
async def test_changing_takes_the_scope_respond(
    kept: FakeService, api: Caller, method: str, path: str
) -> None:
    for scope in ("read", "respond"):
        kept.add_token(scope, scope)
    sent = msgspec.json.encode(body()) if method == "POST" else b""
    json = {"Content-Type": "application/json"}
    for token, status in (("read", 403), ("respond", 200)):
        answer = await api.send(method, path, sent, json | {"Authorization": f"Bearer {token}"})
        assert answer.status == status
