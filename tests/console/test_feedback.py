import json

import pytest

from alertmesh.core.entries import Action, Feedback
from alertmesh.core.errors import BadCommand, StoreUnavailable
from alertmesh.core.judgement import Judgement, Party
from tests.console.fakes import NOW, Caller, FakeService

PATH = "/api/v1/feedback"


def body(**fields: object) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("sent", "a", "b", "names"),
    [
        pytest.param(
            {"action": "merge", "a": "s1", "b": "s2"}, "s1", "s2", ("NodeDown", "NodeDown"), id="ids"
        ),
        pytest.param(
            {"action": "split", "a": "f" * 16, "b": "s2"},
            "s1",
            "s2",
            ("NodeDown", "NodeDown"),
            id="fingerprint",
        ),
        pytest.param(
            {"action": "root", "a": "s1", "b": "tor-3"}, "s1", "tor-3", ("NodeDown", ""), id="entity"
        ),
        pytest.param({"action": "root", "a": "s1"}, "s1", "", ("NodeDown", ""), id="root"),
        pytest.param({"action": "move", "a": "s1"}, "s1", "", ("NodeDown", ""), id="alone"),
        pytest.param({"action": "unrelated", "a": "s1"}, "s1", "", ("NodeDown", ""), id="unrelated"),
    ],
)
async def test_a_word_is_taken(
    service: FakeService, api: Caller, sent: dict[str, str], a: str, b: str, names: tuple[str, str]
) -> None:
    answer = await api.post(PATH, body(**sent))
    action = Action(sent["action"])
    assert (answer.status, (await answer.json())["a"]) == (201, a)
    assert service.heard == [Feedback(action=action, actor="local", at=NOW, a=a, b=b, names=names)]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        pytest.param({"action": "paint", "a": "s1", "b": "s2"}, "action", id="unknown action"),
        pytest.param({"action": "ack", "a": "s1", "b": "s2"}, "action", id="not for series"),
        pytest.param({"action": "merge", "a": "s1"}, "b", id="one alone"),
        pytest.param({"action": "merge", "a": "s9", "b": "s1"}, "a", id="unknown"),
        pytest.param({"action": "merge", "a": "s1", "b": "s9"}, "b", id="other unknown"),
        pytest.param({"action": "merge", "a": "s1", "b": "f" * 16}, "b", id="the same"),
        pytest.param({"action": "root", "a": "s1", "b": "x" * 201}, "b", id="long name"),
        pytest.param({"action": "merge"}, "a", id="missing"),
        pytest.param({"action": "merge", "a": "s1", "b": "s2", "c": 1}, "c", id="too much"),
    ],
)
async def test_nonsense_names_its_field(
    service: FakeService, api: Caller, sent: dict[str, object], field: str
) -> None:
    answer = await api.post(PATH, body(**sent))
    assert (answer.status, (await answer.json())["field"]) == (422, field)
    assert service.heard == []


async def test_the_audit_log_has_it_first(service: FakeService, api: Caller) -> None:
    service.failure = BadCommand("s1 is together with nothing")
    answer = await api.post(PATH, body(action="move", a="s1"))
    (line,) = service.audited
    assert (answer.status, line.action, line.target) == (422, "move", "series/s1")


async def test_a_word_that_cannot_be_kept_is_asked_for_again(service: FakeService, api: Caller) -> None:
    service.failure = StoreUnavailable("full")
    assert (await api.post(PATH, body(action="root", a="s1"))).status == 503


async def test_judgements_come_newest_first_by_pages(service: FakeService, api: Caller) -> None:
    for number in (1, 2, 3):
        party = Party(f"s{number}", "NodeDown", "n1")
        service.judged[number] = Judgement(
            at=NOW, actor="ann", action=Action.ROOT, left=(party,), entity="n1"
        )
    first = await (await api.get(f"{PATH}?limit=2")).json()
    rest = await (await api.get(f"{PATH}?limit=2&before={first['next']}")).json()
    assert [one["number"] for one in first["feedback"] + rest["feedback"]] == [3, 2, 1]
    assert (first["feedback"][0]["left"], rest["next"]) == (
        [{"series": "s3", "name": "NodeDown", "subject": "n1"}],
        None,
    )


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("respond", 201)])
async def test_a_word_needs_the_scope_to_respond(
    service: FakeService, api: Caller, scope: str, status: int
) -> None:
    service.add_token("secret", scope)
    answer = await api.post(PATH, body(action="root", a="s1"), Authorization="Bearer secret")
    assert answer.status == status
