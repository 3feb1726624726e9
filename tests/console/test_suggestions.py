import json

import pytest

from alertmesh.core.entries import Action, Command
from alertmesh.core.regrouping import Regrouping, RegroupKind, Suggestion, Term
from tests.console.fakes import NOW, Caller, FakeService, a_response, an_incident

PATH = "/api/v1/incidents/1"


@pytest.fixture(autouse=True)
def _one_suggestion(service: FakeService) -> None:
    service.pairs[1] = (an_incident(1), a_response(1))
    told = Regrouping(
        kind=RegroupKind.MERGE,
        groups=(1, 2),
        series=("s1", "s2"),
        confidence=0.8,
        reason="It looks so",
        terms=(Term("across", 0.7),),
    )
    service.suggested = [(Suggestion(number=3, at=NOW, seen_at=NOW, told=told), 2)]


def body(**fields: object) -> bytes:
    return json.dumps(fields).encode()


async def test_an_incident_shows_what_is_suggested(api: Caller) -> None:
    shown = await (await api.get(PATH)).json()
    assert shown["suggestions"] == [
        {
            "number": 3,
            "kind": "merge",
            "other": 2,
            "series": ["s1", "s2"],
            "confidence": 0.8,
            "reason": "It looks so",
            "terms": {"across": 0.7},
            "at": "2026-11-23T04:00:00Z",
            "seen_at": "2026-11-23T04:00:00Z",
        }
    ]


@pytest.mark.parametrize("action", [Action.ACCEPT, Action.DISMISS])
async def test_an_answer_is_a_command(service: FakeService, api: Caller, action: Action) -> None:
    answer = await api.post(PATH + "/suggestions/3", body(action=action.value, epoch=4))
    args = {"suggestion": "3"}
    assert (answer.status, (await answer.json())["id"]) == (200, 1)
    assert service.done == [Command(action=action, incident=1, actor="local", at=NOW, epoch=4, args=args)]
    assert [line.action for line in service.audited] == [action.value]


@pytest.mark.parametrize(
    ("number", "fields", "status", "field"),
    [
        ("4", {"action": "accept"}, 404, "n"),
        ("9" * 30, {"action": "accept"}, 404, "n"),
        ("3", {"action": "merge"}, 422, "action"),
        ("3", {"action": "accept", "epoch": 3}, 409, "epoch"),
        ("3", {"action": "accept", "epoch": 2**63}, 422, "epoch"),
    ],
    ids=["unknown", "no number", "no answer", "stale", "beyond any store"],
)
async def test_what_is_no_answer_is_refused(
    service: FakeService, api: Caller, number: str, fields: dict[str, object], status: int, field: str
) -> None:
    answer = await api.post(f"{PATH}/suggestions/{number}", body(**fields))
    assert (answer.status, (await answer.json())["field"]) == (status, field)
    assert service.done == []


@pytest.mark.parametrize("action", ["accept", "dismiss"])
async def test_an_answer_is_no_action_of_its_own(api: Caller, action: str) -> None:
    assert (await api.post(f"{PATH}/{action}", body())).status == 404
