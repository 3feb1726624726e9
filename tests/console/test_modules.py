"""Modules over HTTP: who may do what, what is written down, and what becomes of one that fails."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from alertmesh.config.modules import ModuleConfig
from alertmesh.core.errors import BadCommand, BadPayload
from alertmesh.core.module import (
    Done,
    Field,
    FieldType,
    Given,
    Hands,
    Module,
    ModuleAction,
    ModulePage,
    ModuleRoute,
    ModuleTask,
    Views,
)
from alertmesh.core.ports import Answer, Inbound
from alertmesh.core.sheet import Code, Column, Sheet, Table, Type, both
from alertmesh.store import tokens
from tests.paas.fakes import House
from tests.scenarios.people import staffed

SECRET = "hush-hush-hush"


async def _draw(view: Views, given: Given) -> Sheet:
    what = given.text("what")
    if what == "boom":
        raise RuntimeError(f"cannot ask with {view.settings['token']}")
    if what == "network":
        await view.http("GET", "https://elsewhere.example.org/", headers={}, body=b"", timeout_s=1)
    if what == "crooked":
        columns = [Column(name="n", title=both("N"), type=Type.NUMBER)]
        return Sheet([Table(columns=columns, rows=[[1], ["one"]])])
    return Sheet([Code(text=what)])


async def _act(hands: Hands, given: Given, actor: str) -> Done:
    match given.text("what"):
        case "later":
            raise BadCommand("not while it is open")
        case "wrong":
            raise BadPayload("is not what I meant", "what")
        case "boom":
            raise KeyError("x")
    await hands.keep("by", actor.encode())
    return Done(both(f"done by {actor}"), "/m/planted/one")


async def _take(hands: Hands, request: Inbound) -> Answer:
    if not request.body:
        raise BadPayload("is empty", "body")
    return 202, request.body[::-1], "text/plain"


async def _work(hands: Hands) -> None:
    if hands.kept("by") is None:
        raise RuntimeError("nothing was done")


WHAT = Field(name="what", label=both("What"), default="nothing")
PLANTED = Module(
    name="planted",
    title=both("Planted"),
    summary=both("For trials"),
    pages=[
        ModulePage(name="one", title=both("One"), draw=_draw, fields=[WHAT]),
        ModulePage(name="secret", title=both("Secret"), draw=_draw, fields=[WHAT], scope="admin"),
    ],
    actions=[
        ModuleAction(
            name="do",
            label=both("Do"),
            run=_act,
            fields=[WHAT, Field(name="who", label=both("Who"), type=FieldType.PERSON)],
            danger=True,
        )
    ],
    routes=[ModuleRoute(name="in", take=_take)],
    tasks=[ModuleTask(name="work", every=timedelta(hours=1), run=_work)],
)


def house(**changes: Any) -> House:
    """Return a program with the planted module, set up so."""
    facts = {"settings": {"token": SecretStr(SECRET)}, **changes}
    return House(
        PLANTED, config=replace(staffed("console"), modules={"planted": ModuleConfig("planted", **facts)})
    )


async def test_it_is_told_with_its_pages_actions_and_hooks():
    async with house() as program:
        [told] = (await program.get("modules"))[1]["modules"]
    [page, _], [action] = told["pages"], told["actions"]
    assert (told["name"], page["name"], page["fields"][0]["default"]) == ("planted", "one", "nothing")
    assert (action["scope"], action["danger"], told["hooks"]) == ("respond", True, ["in"])
    assert "wang" in [choice["name"] for choice in action["fields"][1]["choices"]]


async def test_a_page_is_drawn_as_it_was_asked_for():
    async with house() as program:
        status, body = await program.get("modules/planted/pages/one", {"what": "事件"})
    assert (status, body["sheet"]["blocks"][0]["text"]) == (200, "事件")


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("boom", "page one failed: RuntimeError: cannot ask with … (test_modules.py:"),
        ("network", "page one failed: ConnectionRefusedError: 'elsewhere.example.org' is no"),
        ("crooked", "page one is not as it says: block 1: row 2, column 'n': 'one' is no number"),
    ],
)
async def test_a_page_that_fails_says_so_without_secrets(what, said, caplog):
    async with house() as program:
        status, body = await program.get("modules/planted/pages/one", {"what": what})
    assert (status, said in body["detail"]) == (502, True), body
    assert SECRET not in f"{body} {caplog.text}"


@pytest.mark.parametrize("path", ["modules/planted/pages/two", "modules/none/pages/one"])
async def test_a_page_that_is_not_there_is_not_found(path):
    async with house() as program:
        assert (await program.get(path))[0] == 404


async def test_an_action_is_done_and_written_down():
    async with house() as program:
        answer = await program.post("modules/planted/actions/do", {"what": "it"})
        [(_, line)] = program.store.newest_audit(None, 9)
        assert program.store.row("module", "planted/by") == b"local"
    assert answer == (200, {"text": {"en": "done by local", "zh": "done by local"}, "link": "/m/planted/one"})
    assert (line.action, line.target, line.detail) == ("planted.do", "module/planted", "what=it")


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"what": "later"}, 409, None),
        ({"what": "wrong"}, 422, "what"),
        ({"what": "boom"}, 502, None),
        ({"who": "nobody"}, 422, "who"),
        ([1], 422, "body"),
    ],
)
async def test_an_action_that_cannot_be_done_says_why(body, status, field):
    async with house() as program:
        answer, told = await program.post("modules/planted/actions/do", body)
    assert (answer, told.get("field")) == (status, field)


async def test_a_hook_takes_what_is_posted():
    async with house() as program:
        answer = await program.web.post("/api/v1/modules/planted/hooks/in", data=b"abc")
        assert (answer.status, await answer.read()) == (202, b"cba")
        answer = await program.web.post("/api/v1/modules/planted/hooks/in")
        assert (answer.status, (await answer.json())["field"]) == (400, "body")


@pytest.mark.parametrize(
    ("scope", "page", "secret", "action"),
    [("read", 200, 403, 403), ("respond", 403, 403, 200), ("admin", 200, 200, 200)],
)
async def test_each_part_takes_its_scope(scope, page, secret, action):
    async with house() as program:
        token = await tokens.create(program.store, "t", [scope], program.clock.now())
        program.runtime.tokens.reload()
        found = [
            (await program.get("modules/planted/pages/one", token=token))[0],
            (await program.get("modules/planted/pages/secret", token=token))[0],
            (await program.post("modules/planted/actions/do", token=token))[0],
        ]
        assert (await program.get("modules/planted/pages/one"))[0] == 401
    assert found == [page, secret, action]


async def test_a_task_that_fails_is_told_until_it_goes_well():
    async with house() as program:
        await program.work()
        [told] = (await program.get("modules"))[1]["modules"]
        assert "nothing was done" in told["troubles"]["work"]
        await program.post("modules/planted/actions/do")
        await program.work()
        assert program.desk.troubles == {}


async def test_what_is_switched_off_is_not_there():
    async with house(enabled=False) as program:
        assert (await program.get("modules"))[1] == {"modules": []}
        assert (await program.post("modules/planted/actions/do"))[0] == 404
        await program.work()
        assert program.desk.troubles == {}


async def test_what_is_kept_is_bounded():
    async with house() as program:
        hands = program.desk.hands("planted")
        with pytest.raises(BadPayload):
            await hands.keep("large", bytes(300_000))
        for number in range(1_000):
            await hands.keep(str(number), b"x")
        with pytest.raises(BadPayload):
            await hands.keep("more", b"x")
        await hands.keep("7", None)
        await hands.keep("more", b"x")
        assert (hands.kept("7"), hands.kept("more")) == (None, b"x")
