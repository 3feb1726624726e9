"""The delivery desk over HTTP, of the whole program with channels that do what they are told."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp.test_utils import TestClient, TestServer
from msgspec.structs import replace as changed

from alertmesh.config.result import ChannelConfig
from alertmesh.console.app import build_app
from alertmesh.core.alert import Priority
from alertmesh.core.clock import ManualClock
from alertmesh.core.entries import Action, Command
from alertmesh.core.oncall import Reach
from alertmesh.core.page import AttemptState, Receipt, ReceiptState
from alertmesh.core.ports import Batch, Quota
from alertmesh.metrics import Metrics
from alertmesh.notify import probing
from alertmesh.runtime import Runtime
from alertmesh.store.memory import MemoryStore
from alertmesh.wiring import Wiring
from tests.fakes import NOW, said, until
from tests.posting import REFUSED, WELL, Post
from tests.scenarios.people import staffed


class Program:
    """A running program with three channels, of which wang is reached by two at once and by one later."""

    def __init__(self) -> None:
        config = staffed("ding")
        reach = {Priority.P1: (Reach(timedelta(), ("ding", "sms")), Reach(timedelta(minutes=2), ("voice",)))}
        users = config.oncall.users | {"wang": changed(config.oncall.users["wang"], reach=reach)}
        config = replace(
            config,
            oncall=changed(config.oncall, users=users),
            channels={name: ChannelConfig(name, "stdout") for name in ("ding", "sms", "voice")},
        )
        self.channels = {name: Post(name) for name in config.channels}
        self.clock = ManualClock(NOW)
        self.store = MemoryStore()
        self.runtime = Runtime(Wiring(config), self.store, self.clock, Metrics())
        self.runtime.outbox.adopt(self.channels, self.runtime.wiring.person, "https://am.example.org")
        self.web = TestClient(TestServer(build_app(self.runtime, self.runtime.metrics)))

    async def get(self, path: str) -> Any:
        answer = await self.web.get(f"/api/v1/{path}")
        return await answer.json()

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        answer = await self.web.post(f"/api/v1/{path}", json=body or {})
        return answer.status, await answer.json()

    async def page(self, name: str = "Down") -> None:
        """Have wang paged of an incident; return when `ding` and `sms` have had their say."""
        before = len(self.store.newest_attempts(None, 99))
        await self.runtime.ingest(self.runtime.door("prometheus", ""), said(name))
        await until(lambda: len(self.store.newest_attempts(None, 99)) > before)
        await until(self.is_settled)

    def is_settled(self) -> bool:
        """Tell whether nothing that is due waits, and all that happened is decided."""
        paused = self.runtime.outbox.paused()
        waits = (AttemptState.QUEUED, AttemptState.CLAIMED)
        attempts = self.store.newest_attempts(None, 99)
        due = [one for _, one in attempts if one.state in waits and one.due_at <= self.clock.now()]
        return all(one.channel in paused for one in due) and not self.store.tail(self.store.cursor(), 1)

    def audited(self) -> list[tuple[str, str]]:
        return [(entry.action, entry.target) for _, entry in self.store.audit(0, 99)]


@pytest.fixture
async def program() -> AsyncIterator[Program]:
    made = Program()
    await made.runtime.start()
    await made.web.start_server()
    yield made
    await made.web.close()
    await made.runtime.stop()


def ids(answer: Any) -> list[str]:
    return [one["attempt"]["id"] for one in answer["pages"]]


async def test_pages_of_all_incidents_come_newest_first_and_page_by_page(program):
    await program.page("Down")
    await program.page("Other")
    whole = await program.get("pages")
    first = await program.get("pages?limit=4")
    rest = await program.get(f"pages?before={first['next']}")
    assert ids(first) + ids(rest) == ids(whole)
    assert [one["incident"] for one in whole["pages"]] == [2, 2, 2, 1, 1, 1]


@pytest.mark.parametrize(
    ("query", "channels"),
    [
        ("channel=sms", ["sms"]),
        ("state=queued", ["voice"]),
        ("person=chen", []),
        ("person=wang&channel=ding&channel=sms", ["sms", "ding"]),
        ("since=2030-01-01T00:00:00Z", []),
        ("kind=update,closing", []),
    ],
)
async def test_pages_are_found_by_what_is_asked(program, query, channels):
    await program.page()
    answer = await program.get(f"pages?{query}")
    assert [one["attempt"]["channel"] for one in answer["pages"]] == channels


@pytest.mark.parametrize("query", ["state=lost", "since=yesterday", "before=x"])
async def test_a_filter_that_means_nothing_is_refused(program, query):
    answer = await program.web.get(f"/api/v1/pages?{query}")
    assert (answer.status, (await answer.json())["field"]) == (400, query.partition("=")[0])


async def test_what_failed_is_worth_trying_until_the_person_was_reached_otherwise(program):
    for channel in program.channels.values():
        channel.answer = REFUSED
    await program.page()
    assert len(ids(await program.get("deliveries/failed?person=wang"))) == 3
    program.channels["ding"].answer = WELL
    name = ids(await program.get("pages?channel=ding&person=wang"))[0]
    status, attempt = await program.post(f"pages/{quote(name, safe='')}/retry")
    await until(program.is_settled)
    assert (status, attempt["state"]) == (202, "queued")
    assert ids(await program.get("deliveries/failed?person=wang")) == []
    assert ids(await program.get("pages?person=wang&state=sent")) == [name]
    assert ("page.retry", f"page/{name}") in program.audited()


async def test_what_did_not_fail_is_not_sent_twice(program):
    await program.page()
    name = ids(await program.get("pages?channel=ding"))[0]
    status, problem = await program.post(f"pages/{name}/retry")
    assert (status, problem["type"].rpartition(":")[2], len(program.channels["ding"].told)) == (
        409,
        "not-failed",
        1,
    )


async def test_a_page_that_nobody_needs_any_more_is_not_tried_again(program):
    program.channels["sms"].answer = REFUSED
    await program.page()
    ack = Command(action=Action.ACK, incident=1, actor="wang", at=program.clock.now())
    program.clock.advance(timedelta(seconds=1))
    await program.runtime.command(changed(ack, at=program.clock.now()))
    name = ids(await program.get("pages?channel=sms"))[0]
    status, problem = await program.post(f"pages/{name}/retry")
    assert (status, problem["type"].rpartition(":")[2]) == (409, "stale")


async def test_an_attempt_that_never_was_is_not_found(program):
    assert (await program.post("pages/1-1-ops-0-0-wang-page/ding/retry"))[0] == 404


async def test_a_test_walks_every_way_and_belongs_to_no_incident(program):
    program.channels["voice"].answer = REFUSED
    status, sent = await program.post("users/wang/test")
    await until(program.is_settled)
    pages = (await program.get(f"pages?page={sent['page']}"))["pages"]
    assert status == 202
    assert {one["attempt"]["channel"]: one["attempt"]["state"] for one in pages} == {
        "ding": "sent",
        "sms": "sent",
        "voice": "failed",
    }
    assert {one["incident"] for one in pages} == {None}
    assert program.channels["ding"].told[0].title == "[Test] A message for wang"
    assert ("page.test", "user/wang") in program.audited()


async def test_a_test_reaches_neither_pipeline_nor_reports(program):
    cursor = len(program.store.tail(0, 99))
    await program.post("users/wang/test")
    await until(program.is_settled)
    report = await program.get("reports/delivery")
    kinds = {type(stored.entry).__name__ for stored in program.store.tail(0, 99)[cursor:]}
    assert (report["channels"], kinds - {"Tick"}) == ([], set())


@pytest.mark.parametrize(
    ("body", "channels"),
    [
        ({"priority": "P1"}, {"ding", "sms", "voice"}),
        ({"channel": "sms"}, {"sms"}),
        ({}, {"ding", "sms", "voice"}),
    ],
)
async def test_a_test_may_be_of_one_channel_or_priority(program, body, channels):
    _, sent = await program.post("users/wang/test", body)
    assert {one["channel"] for one in sent["attempts"]} == channels


@pytest.mark.parametrize(
    ("person", "body", "status"),
    [
        ("nobody", {}, 404),
        ("wang", {"channel": "pigeon"}, 409),
        ("wang", {"priority": "P9"}, 422),
        ("wang", {"loud": True}, 422),
    ],
)
async def test_a_test_that_cannot_be_sent_is_refused(program, person, body, status):
    assert (await program.post(f"users/{person}/test", body))[0] == status


async def test_a_second_test_waits_for_the_first_which_expires(program):
    gate = program.runtime.outbox.gates("ding")[0]
    gate.pause(program.clock.now(), 1_200, "throttled")
    await program.post("users/wang/test")
    status, problem = await program.post("users/wang/test")
    assert (status, "still waits" in problem["detail"]) == (409, True)
    program.clock.advance(timedelta(minutes=21))
    await until(lambda: not program.runtime.outbox.waiting()["ding"])
    assert program.channels["ding"].told == []


async def test_a_channel_tells_what_became_of_its_messages(program):
    program.channels["sms"].answer = REFUSED
    program.runtime.outbox.gates("voice")[0].pause(program.clock.now(), 60, "throttled")
    await program.page()
    channels = {one["name"]: one for one in (await program.get("channels"))["channels"]}
    assert channels["sms"]["refusals"] == {"refused": 1}
    assert "no such number" in channels["sms"]["last_error"]
    assert (channels["ding"]["sends"], channels["ding"]["latency_p95_s"]) == (1, 0.0)
    assert (channels["voice"]["waiting"], channels["voice"]["why"]) == (1, "throttled")
    assert channels["ding"]["kind"] == "stdout"


async def test_what_is_tried_in_vain_waits_since_it_was_decided(program):
    program.channels["sms"].answer = Receipt(state=ReceiptState.BUSY, error="come again", retry_after_s=50)
    await program.page()
    program.clock.advance(timedelta(seconds=40))
    channels = {one["name"]: one for one in (await program.get("channels"))["channels"]}
    assert 40 <= channels["sms"]["oldest_s"] < 60
    program.channels["sms"].answer = WELL
    program.clock.advance(timedelta(seconds=20))
    await until(lambda: not program.runtime.outbox.waiting()["sms"] and program.is_settled())
    channels = {one["name"]: one for one in (await program.get("channels"))["channels"]}
    assert 60 <= channels["sms"]["latency_p95_s"] < 80


async def test_channels_are_asked_how_they_are(program):
    await until(lambda: program.store.row(probing.TABLE, "voice"))
    program.channels["ding"].health = Receipt(state=ReceiptState.DEAD, error="token is not exist")
    status, channel = await program.post("channels/ding/probe")
    assert (status, channel["healthy"], channel["probe_error"]) == (200, False, "token is not exist")
    kept = probing.read(program.store.row(probing.TABLE, "ding"))
    assert (kept.healthy, kept.error) == (False, "token is not exist")
    healthy = 'alertmesh_channel_healthy{channel="ding"} 0.0'
    assert healthy in program.runtime.metrics.render().decode()


async def test_channels_are_asked_again_after_a_while_and_forgotten_with_their_configuration(program):
    desk = program.runtime.deliveries
    await until(lambda: program.store.row(probing.TABLE, "voice"))
    first = probing.read(program.store.row(probing.TABLE, "ding"))
    await program.store.write(Batch(rows=[probing.row(changed(first, channel="gone"))]))
    again = type(desk)(
        program.store, program.runtime.outbox, program.runtime.wiring, program.store.write, program.clock
    )
    program.clock.advance(timedelta(minutes=4))
    await again.beat()
    second = probing.read(program.store.row(probing.TABLE, "ding"))
    assert (second.at - first.at >= timedelta(minutes=4), second.since) == (True, first.since)
    assert "gone" not in dict(program.store.rows(probing.TABLE))


async def test_a_channel_that_cannot_be_asked_says_so(program):
    assert (await program.post("channels/pigeon/probe"))[0] == 404


async def test_a_message_is_shown_as_it_would_leave(program):
    await program.page()
    told = await program.get("incidents/1/message?kind=update&language=zh&channel=aliyun-sms")
    assert (told["template"], told["title"].endswith("：更新"), told["parts"] > 0) == (
        "update.zh",
        True,
        True,
    )
    assert (await program.get("incidents/9/message"))["status"] == 404
    assert (await program.get("incidents/1/message?kind=rumour"))["field"] == "kind"


async def test_answers_and_states_are_counted(program):
    program.channels["sms"].answer = REFUSED
    program.runtime.outbox.gates("voice")[0].pause(program.clock.now(), 60, "throttled")
    await program.page()
    lines = program.runtime.metrics.render().decode()
    assert 'alertmesh_channel_answers_total{answer="refused",channel="sms"} 1.0' in lines
    assert 'alertmesh_send_seconds_count{channel="ding"} 1.0' in lines
    assert 'alertmesh_channel_waiting{channel="voice"} 1.0' in lines


class Postman(Post):
    """One whose every message is for one person, of whom each gets a few."""

    per_minute = 18
    contact = "mobile"
    quotas = (Quota(5, timedelta(hours=1)),)


async def test_a_channel_tells_its_limits(program):
    program.channels["sms"] = Postman("sms")
    program.runtime.outbox.adopt(program.channels, program.runtime.wiring.person, "https://am.example.org")
    await program.page()
    channels = {one["name"]: one for one in (await program.get("channels"))["channels"]}
    [robot] = channels["sms"]["robots"]
    assert (robot["room"], robot["per_minute"]) == (17, 18)
    assert channels["sms"]["quotas"] == [{"count": 5, "window_s": 3600}]
    assert (channels["ding"]["robots"][0]["per_minute"], channels["ding"]["quotas"]) == (None, [])
