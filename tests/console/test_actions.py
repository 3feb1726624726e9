import json

import pytest

from alertmesh.console.actions import TAKES
from alertmesh.core.entries import Action, Command
from alertmesh.core.errors import AlertMeshError, BadCommand, Overloaded
from tests.console.fakes import NOW, Caller, FakeService, a_response, an_incident

PATH = "/api/v1/incidents/1/"


@pytest.fixture(autouse=True)
def _one_incident(service: FakeService) -> None:
    service.pairs[1] = (an_incident(1), a_response(1))


def body(**fields: object) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("action", "fields", "args"),
    [
        ("ack", {}, {}),
        ("unack", {"epoch": 4}, {}),
        ("escalate", {"step": 0, "team": "shop"}, {"step": "0", "team": "shop"}),
        ("priority", {"priority": "P2", "text": "one host"}, {"priority": "P2", "text": "one host"}),
        ("resolve", {"text": "done"}, {"text": "done"}),
        ("snooze", {"minutes": 30}, {"minutes": "30"}),
        ("assign", {"person": "bob"}, {"person": "bob"}),
        ("merge", {"into": 2}, {"into": "2"}),
        ("split", {"series": ["s1", "s2"]}, {"series": "s1,s2"}),
        ("move", {"series": ["s1"], "into": 2}, {"series": "s1", "into": "2"}),
        ("root", {"entity": "tor-3"}, {"entity": "tor-3"}),
        ("unrelated", {"other": 2}, {"other": "2"}),
        ("note", {"text": "seen"}, {"text": "seen"}),
        ("return", {"text": "not ours"}, {"text": "not ours"}),
        ("close", {}, {}),
    ],
)
async def test_commands_and_shows_the_incident(
    service: FakeService, api: Caller, action: str, fields: dict[str, object], args: dict[str, str]
) -> None:
    answer = await api.post(PATH + action, body(**fields))
    command = Command(
        action=Action(action),
        incident=1,
        actor="local",
        at=NOW,
        epoch=4 if "epoch" in fields else None,
        args=args,
    )
    assert (answer.status, (await answer.json())["id"]) == (200, 1)
    assert service.done == [command]


def test_every_action_has_a_case_above() -> None:
    (cases,) = (mark.args[1] for mark in test_commands_and_shows_the_incident.pytestmark)
    assert {case[0] for case in cases} == {action.value for action in TAKES}


async def test_no_body_is_enough_for_an_ack(service: FakeService, api: Caller) -> None:
    assert (await api.send("POST", PATH + "ack")).status == 200


async def test_a_stale_action_meets_the_current_state(service: FakeService, api: Caller) -> None:
    answer = await api.post(PATH + "ack", body(epoch=3))
    problem = await answer.json()
    assert (answer.status, answer.content_type) == (409, "application/problem+json")
    assert (problem["type"], problem["field"]) == ("urn:alertmesh:stale", "epoch")
    assert (problem["incident"]["id"], problem["incident"]["epoch"]) == (1, 4)


@pytest.mark.parametrize(
    ("action", "sent", "field"),
    [
        pytest.param("snooze", b"{}", "minutes", id="missing"),
        pytest.param("snooze", b'{"minutes":0}', "minutes", id="too small"),
        pytest.param("snooze", b'{"minutes":"x"}', "minutes", id="wrong type"),
        pytest.param("snooze", b'{"minutes":true}', "minutes", id="a boolean"),
        pytest.param("assign", b'{"person":" "}', "person", id="blank"),
        pytest.param("priority", b'{"priority":"P5"}', "priority", id="priority"),
        pytest.param("merge", b'{"into":-1}', "into", id="negative"),
        pytest.param("split", b'{"series":[]}', "series", id="empty list"),
        pytest.param("move", b'{"into":2}', "series", id="nothing to move"),
        pytest.param("root", b"{}", "series", id="no root"),
        pytest.param("root", b'{"series":["a","b"]}', "series", id="two roots"),
        pytest.param("root", b'{"entity":" "}', "entity", id="blank root"),
        pytest.param("unrelated", b'{"series":["a"],"other":2}', "series", id="both"),
        pytest.param("unrelated", b'{"other":0}', "other", id="no number"),
        pytest.param("split", b'{"series":["a,b"]}', "series", id="comma"),
        pytest.param("split", b'{"series":[1]}', "series[0]", id="wrong item"),
        pytest.param("note", b'{"text":""}', "text", id="empty text"),
        pytest.param("escalate", b'{"step":-1}', "step", id="step"),
        pytest.param("ack", b'{"minutes":5}', "minutes", id="no use"),
        pytest.param("ack", b'{"epok":5}', "epok", id="unknown"),
        pytest.param("ack", b"[]", "body", id="no object"),
        pytest.param("ack", b'{"epoch":100000000000000000000}', "epoch", id="beyond any store"),
        pytest.param("ack", b'{"epoch":9223372036854775808}', "epoch", id="just beyond"),
        pytest.param("ack", b'{"epoch":-1}', "epoch", id="before any"),
    ],
)
async def test_names_the_field_that_does_not_fit(
    service: FakeService, api: Caller, action: str, sent: bytes, field: str
) -> None:
    answer = await api.post(PATH + action, sent)
    assert (answer.status, (await answer.json())["field"]) == (422, field)
    assert not service.done


@pytest.mark.parametrize(
    ("sent", "kind", "status"),
    [
        pytest.param(b"{", "application/json", 400, id="not JSON"),
        pytest.param(b"\xff\xfe", "application/json", 400, id="binary"),
        pytest.param(b"{}", "text/plain", 415, id="plain"),
        pytest.param(b" " * 70_000, "application/json", 413, id="too large"),
    ],
)
async def test_refuses_what_it_cannot_read(api: Caller, sent: bytes, kind: str, status: int) -> None:
    assert (await api.post(PATH + "ack", sent, Content_Type=kind)).status == status


@pytest.mark.parametrize(
    ("failure", "status"), [(BadCommand("it is over"), 422), (Overloaded("full"), 503)], ids=["bad", "full"]
)
async def test_says_why_it_was_not_done(
    service: FakeService, api: Caller, failure: AlertMeshError, status: int
) -> None:
    service.failure = failure
    answer = await api.post(PATH + "ack")
    assert (answer.status, (await answer.json())["detail"]) == (status, str(failure))


async def test_an_unknown_incident_is_not_found(api: Caller) -> None:
    assert (await api.post("/api/v1/incidents/2/ack")).status == 404


async def test_an_unknown_action_is_not_found(api: Caller) -> None:
    answer = await api.post(PATH + "explode")
    assert (answer.status, answer.content_type) == (404, "application/problem+json")


async def test_every_action_is_audited_with_who_did_it(service: FakeService, api: Caller) -> None:
    service.add_token("s3cret", "respond")
    await api.post(PATH + "snooze", body(epoch=4, minutes=5), Authorization="Bearer s3cret")
    (entry,) = service.audited
    assert (entry.actor, entry.action, entry.target) == ("the-respond", "snooze", "incident/1")
    assert entry.detail == "epoch=4 minutes=5"


async def test_counts_actions_by_result(api: Caller) -> None:
    await api.post(PATH + "ack")
    await api.post(PATH + "ack", body(epoch=1))
    assert api.metric("commands_total", action="ack", result="done") == 1
    assert api.metric("commands_total", action="ack", result="stale") == 1
