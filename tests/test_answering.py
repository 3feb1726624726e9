"""What people write back, tap and what providers report, with the whole program on a memory store."""

import asyncio
import gzip
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer
from msgspec.structs import replace as changed
from pydantic import SecretStr

from alertmesh.config.result import ChannelConfig
from alertmesh.console.app import build_app
from alertmesh.core.clock import ManualClock
from alertmesh.core.errors import StoreUnavailable
from alertmesh.core.page import AttemptState, Reply
from alertmesh.core.response import State
from alertmesh.metrics import Metrics
from alertmesh.notify.codes import read
from alertmesh.runtime import Runtime
from alertmesh.wiring import Wiring
from tests.fakes import NOW, SlowStore, said, until
from tests.scenarios.people import staffed

MOBILE = "13800000009"
SECRET = "our-callback-secret"
GATEWAY = {
    "url": SecretStr("https://sms.example.org/send"),
    "body": SecretStr('{"to": "{number}", "text": "{text}"}'),
    "callback_url": SecretStr("https://am.example.org/api/v1/callbacks/text"),
    "callback_secret": SecretStr(SECRET),
}


def _config():
    config = staffed("console")
    users = {
        name: changed(user, mobile=MOBILE, language="zh") if name == "wang" else user
        for name, user in config.oncall.users.items()
    }
    return replace(
        config,
        oncall=changed(config.oncall, users=users),
        external_url="https://am.example.org",
        channels={**config.channels, "text": ChannelConfig("text", "sms-gateway", GATEWAY)},
    )


class Program:
    """A running program, its web side, and the channel `sms` that reports."""

    def __init__(self) -> None:
        self.runtime = Runtime(Wiring(_config()), SlowStore(), ManualClock(NOW), Metrics())
        self.web = TestClient(TestServer(build_app(self.runtime, self.runtime.metrics)))

    async def paged(self) -> str:
        """Have wang paged of incident 1; return the code."""
        runtime = self.runtime
        await runtime.ingest(runtime.door("prometheus", ""), said("Down"))
        await until(lambda: [one for one in runtime.attempts(1) if one.state is AttemptState.SENT])
        await until(lambda: not runtime.store.tail(runtime.store.cursor(), 1))
        code = read(runtime.store.row("code", "last/wang"), runtime.clock.now())
        assert code is not None
        return code.code

    async def says(self, text: str, sender: str = MOBILE, id: str = "") -> str:
        reply = Reply(channel="sms", contact="mobile", sender=sender, text=text, id=id)
        return await self.runtime.answering.reply(reply)

    @property
    def state(self) -> tuple[State, str]:
        response = self.runtime.incident(1)[1]
        return response.state, response.owner


@pytest.fixture
async def program() -> AsyncIterator[Program]:
    made = Program()
    await made.runtime.start()
    await made.web.start_server()
    yield made
    await made.web.close()
    await made.runtime.stop()


@pytest.mark.parametrize(
    ("text", "state", "owner"),
    [
        ("1", State.T1_ACKED, "wang"),
        ("收到", State.T1_ACKED, "wang"),
        ("ack 1", State.T1_ACKED, "wang"),
        ("2", State.T2_PAGING, ""),
        ("升级1 看不懂", State.T2_PAGING, ""),
        ("resolve 1 restarted", State.RESOLVED, ""),
    ],
)
async def test_a_reply_is_the_command_of_whoever_was_paged(program, text, state, owner):
    await program.paged()
    answer = await program.says(text)
    assert "#1" in answer
    assert program.state == (state, owner)


async def test_the_number_may_be_written_with_the_code_of_the_country(program):
    await program.paged()
    await program.says("1", sender="+86 138-0000-0009")
    assert program.state[1] == "wang"


def audited(program: Program) -> list[tuple[str, str, str, str]]:
    lines = [entry for _, entry in program.runtime.store.audit(0, 100)]
    return [(one.actor, one.action, one.target, one.detail) for one in lines]


async def test_an_incident_has_what_was_done_by_reply_and_page_in_its_audit(program):
    code = await program.paged()
    await program.says("note 1 looking")
    await program.web.post(f"/p/{code}", data={"do": "ack"})
    [note, ack] = audited(program)
    assert note == ("wang", "note", "incident/1", "text=looking")
    assert ack[:3] == ("wang", "ack", "incident/1")


async def test_a_try_that_was_refused_is_in_the_audit_too(program):
    await program.paged()
    await program.says("resolve 1")
    await program.says("escalate 1")
    assert [line[1] for line in audited(program)] == ["resolve", "escalate"]
    await program.says("ack 99")
    assert len(audited(program)) == 2


async def test_the_audit_has_it_before_it_is_done(program):
    await program.paged()
    store = program.runtime.store
    store.holds = lambda batch: bool(batch.audit)
    asking = asyncio.create_task(program.says("1"))
    await until(lambda: store.held)
    assert program.state == (State.T1_PAGING, "")
    store.recover()
    await asking
    assert program.state == (State.T1_ACKED, "wang")


async def test_a_stranger_does_nothing(program):
    await program.paged()
    assert "do not know you" in await program.says("ack 1", sender="13900000000")
    assert program.state == (State.T1_PAGING, "")


async def test_a_reply_that_comes_twice_is_done_once(program):
    await program.paged()
    for _ in range(2):
        await program.says("note 1 looking", id="m-1")
    notes = [line for line in program.runtime.timeline(1, 0, 100) if line.line.kind == "note"]
    assert len(notes) == 1


async def test_a_late_reply_leaves_what_is_over_as_it_is(program):
    await program.paged()
    await program.says("resolve 1")
    await program.says("1")
    assert program.state[0] is State.RESOLVED


async def test_what_is_not_understood_is_answered_with_help(program):
    assert "确认 42" in await program.says("磁盘又满了吗")


async def test_who_and_what_can_be_asked(program):
    await program.paged()
    assert "ops：wang" in await program.says("who is on call?")
    assert "[P1] #1 Down" in await program.says("list")
    assert "值班" not in await program.says("谁值班")


async def test_after_a_day_the_incident_must_be_named(program):
    await program.paged()
    program.runtime.clock.wall.advance(timedelta(hours=25))
    assert "确认 42" in await program.says("收到")
    assert program.state[1] == ""


async def test_looking_at_the_page_changes_nothing(program):
    code = await program.paged()
    before = program.runtime.incident(1)
    answer = await program.web.get(f"/p/{code}")
    body = await answer.text()
    assert (answer.status, program.runtime.incident(1)) == (200, before)
    assert "Down on Down" in body
    assert "我来处理" in body
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert len(await answer.read()) < 50_000


@pytest.mark.parametrize(
    ("do", "state", "owner"),
    [("ack", State.T1_ACKED, "wang"), ("escalate", State.T2_PAGING, ""), ("unack", State.T1_PAGING, "")],
)
async def test_a_button_acts_for_whoever_was_paged(program, do, state, owner):
    code = await program.paged()
    answer = await program.web.post(f"/p/{code.lower()}", data={"do": do})
    assert answer.status == 200
    assert program.state == (state, owner)


async def test_a_button_that_is_out_of_date_says_so(program):
    code = await program.paged()
    await program.says("resolve 1")
    body = await (await program.web.post(f"/p/{code}", data={"do": "escalate"})).text()
    assert re.search("resolved|已解决", body)
    assert program.state[0] is State.RESOLVED


@pytest.mark.parametrize(("path", "data"), [("/p/AAAAAAA1", {"do": "ack"}), ("/p/%20", {"do": "ack"})])
async def test_a_code_that_is_none_is_not_found(program, path, data):
    await program.paged()
    assert (await program.web.post(path, data=data)).status == 404
    assert program.state[1] == ""


async def test_a_code_works_after_it_was_mistyped_a_few_times(program):
    code = await program.paged()
    for number in range(10):
        await program.web.get(f"/p/WRONG{number:03}")
    assert (await program.web.post(f"/p/{code}", data={"do": "ack"})).status == 200
    assert program.state[1] == "wang"


@pytest.mark.parametrize(("language", "said"), [("en", "Try again in 1 s"), ("zh", "请 1 秒后再试")])
async def test_who_guesses_at_codes_waits_and_others_do_not(program, language, said):
    code = await program.paged()
    elsewhere = {"X-Forwarded-For": "192.0.2.7"}
    statuses = [(await program.web.get(f"/p/WRONG{number:03}")).status for number in range(52)]
    answer = await program.web.get(f"/p/{code}?lang={language}")
    assert (statuses[:50], statuses[50:]) == ([404] * 50, [429] * 2)
    assert (answer.status, answer.headers["Retry-After"], said in await answer.text()) == (429, "1", True)
    refused = await program.web.post(f"/p/{code}", data={"do": "ack"})
    assert (refused.status, program.state[1]) == (429, "")
    assert (await program.web.get(f"/p/{code}", headers=elsewhere)).status == 200
    program.runtime.clock.wall.advance(timedelta(seconds=5))
    assert (await program.web.get(f"/p/{code}")).status == 200


@pytest.mark.parametrize("data", [{}, {"do": "resolve"}, {"do": "ack", "person": "li"}])
async def test_a_form_that_asks_for_anything_else_changes_nothing(program, data):
    code = await program.paged()
    assert (await program.web.post(f"/p/{code}", data=data)).status == 400
    assert program.state == (State.T1_PAGING, "")


async def test_a_channel_that_hears_nothing_has_no_door(program):
    assert (await program.web.post("/api/v1/callbacks/console")).status == 404
    assert (await program.web.post("/api/v1/callbacks/none")).status == 404


async def test_of_a_stranger_no_body_is_read(program):
    async def endless():
        yield b"["
        await asyncio.Event().wait()

    path = "/api/v1/callbacks/text?secret="
    answer = await program.web.post(path + "guessed", data=endless())
    assert (answer.status, (await answer.json())["field"]) == (400, "secret")


@pytest.mark.parametrize(
    ("headers", "body"),
    [({}, b" " * 262_145), ({"Content-Encoding": "gzip"}, gzip.compress(b" " * 262_145))],
)
async def test_a_callback_is_small(program, headers, body):
    answer = await program.web.post(f"/api/v1/callbacks/text?secret={SECRET}", data=body, headers=headers)
    assert answer.status == 413


async def test_the_link_of_a_page_is_its_code(program):
    code = await program.paged()
    message = program.runtime.attempts(1)[0].message.decode()
    assert f"https://am.example.org/p/{code}" in message


async def test_codes_that_are_over_are_removed(program):
    await program.paged()
    program.runtime.clock.wall.advance(timedelta(hours=25))
    await program.runtime.answering.tidy()
    assert list(program.runtime.store.rows("code")) == []


async def test_a_reply_that_could_not_be_taken_counts_when_it_comes_again(program):
    await program.paged()
    program.runtime.store.fails = True
    with pytest.raises(StoreUnavailable):
        await program.says("1", id="m-1")
    program.runtime.store.recover()
    await program.says("1", id="m-1")
    assert program.state == (State.T1_ACKED, "wang")


async def test_a_reply_about_what_never_was_says_so(program):
    await program.paged()
    assert "没有 #99" in await program.says("ack 99")
