"""Calls of Alibaba Cloud, against a stand-in that is as strict as the real one."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.clock import ManualClock
from alertmesh.core.errors import BadConfig, BadPayload
from alertmesh.core.page import AttemptState, ReceiptState, Report
from alertmesh.core.ports import HttpAnswer, Personal, Probed, Quota, Reporting
from alertmesh.demo.telecom import Telecom
from alertmesh.notify.voice import NOTIFIER
from tests.notify.fakes import T0
from tests.notify.phones import ACCOUNT, FIELDS, NUMBER, SECRET, left, posted, said

SETTINGS = {**ACCOUNT, "template": "TTS_1", "callback_secret": SECRET}


class World:
    """A channel and the cloud it talks to."""

    def __init__(self, **settings: str) -> None:
        self.clock = ManualClock(T0)
        self.telecom = Telecom(self.clock, {"id-1": "s3cret"})
        self.channel = self.restarted(**settings)

    def restarted(self, **settings: str):
        return NOTIFIER.build("call", {**SETTINGS, **settings})

    async def send(self, **changes: object):
        return await self.channel.send(said(**changes), self.clock.now(), self.telecom)

    def ended(self, key: str = "") -> bytes:
        return self.telecom.call_reports(self.telecom.calls, key)


def item(code: str, **more: str) -> bytes:
    return msgspec.json.encode([{"call_id": "c1", "status_code": code, "callee": NUMBER, **more}])


def test_it_is_for_one_person_and_reports():
    channel = World().channel
    assert [isinstance(channel, kind) for kind in (Personal, Reporting, Probed)] == [True] * 3
    assert channel.quotas == (
        Quota(1, timedelta(minutes=1)),
        Quota(5, timedelta(hours=1)),
        Quota(20, timedelta(hours=24)),
    )


async def test_a_person_is_called_and_told():
    world = World()
    receipt = await world.send()
    call = world.telecom.calls[0]
    assert (receipt.state, receipt.provider_id, call.number) == (ReceiptState.SENT, call.call_id, NUMBER)
    assert (call.template, call.plays, call.out_id) == ("TTS_1", 2, said().key[:15])
    assert call.values == {"priority": "P1", "incident": "42", "title": "NodeDiskFull node-7"}


async def test_signs_are_not_read_out():
    world = World(params="title", length="40")
    await world.send(fields={**FIELDS, "title": "[P1] disk_full {node-7} 10.0.0.1 $x"})
    assert world.telecom.calls[0].values == {"title": "P1 disk full node-7 x"}


@given(st.text())
async def test_any_title_can_be_said(title):
    assert (await World().send(fields={**FIELDS, "title": title})).state is ReceiptState.SENT


@pytest.mark.parametrize(
    ("gaps_s", "taken"),
    [
        ([0, 59], [True, False]),
        ([0, 61], [True, True]),
        ([0, 61, 61, 61, 61, 61], [True] * 5 + [False]),
        ([0, 3601] + [900] * 18, [True] * 20),
        ([0, 3601] + [900] * 19, [True] * 20 + [False]),
    ],
)
async def test_the_clouds_limits_of_one_callee(gaps_s, taken):
    world, got = World(), []
    for gap in gaps_s:
        world.clock.advance(timedelta(seconds=gap))
        got.append((await world.send()).state is ReceiptState.SENT)
    assert got == taken


async def test_a_call_that_was_heard_is_read():
    world = World()
    await world.send()
    [report] = world.channel.hear(posted(world.ended())).reports
    assert (report.state, report.key, report.provider_id) == (
        AttemptState.READ,
        said().key,
        world.telecom.calls[0].call_id,
    )


async def test_after_a_restart_the_call_is_known_by_its_id():
    world = World()
    receipt = await world.send()
    [report] = world.restarted().hear(posted(world.ended())).reports
    assert (report.key, report.provider_id) == ("", receipt.provider_id)


async def test_a_pressed_key_is_a_reply():
    world = World()
    await world.send()
    [reply] = world.channel.hear(posted(world.ended("1"))).replies
    assert (reply.contact, reply.sender, reply.text) == ("mobile", NUMBER, "1")


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("200000", AttemptState.READ),
        ("200001", AttemptState.DELIVERED),
        ("200002", AttemptState.FAILED),
        ("200003", AttemptState.FAILED),
        ("200005", AttemptState.FAILED),
        ("200010", AttemptState.FAILED),
        ("999999", AttemptState.FAILED),
        ("200101", None),
        ("200201", None),
        ("200102", None),
        ("200100", None),
        ("300000", None),
    ],
)
def test_a_status_means(code, state):
    reports = World().channel.hear(posted(item(code, status_msg="m"))).reports
    assert [report.state for report in reports] == ([state] if state else [])


def test_an_answering_machine_is_nobody():
    body = item("200000", smart_status_code="INTELLIGENT_ANSWER")
    [report] = World().channel.hear(posted(body)).reports
    assert (report.state, "INTELLIGENT_ANSWER" in report.error) == (AttemptState.FAILED, True)


@given(st.permutations(["200101", "200201", "200102", "200000", "200000", "200100"]))
def test_steps_of_a_call_come_in_any_order(codes):
    channel = World().channel
    heard = {report for code in codes for report in channel.hear(posted(item(code))).reports}
    assert heard == {Report(state=AttemptState.READ, provider_id="c1")}


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("200000", AttemptState.READ), ("200100", None), ("200003", AttemptState.FAILED)],
)
async def test_the_cloud_can_be_asked_once_it_knows(outcome, state):
    world = World()
    receipt = await world.send()
    attempt = left(said(), AttemptState.SENT, receipt.provider_id)
    assert await world.channel.ask([attempt], T0, world.telecom) == []
    world.telecom.outcomes[NUMBER] = outcome
    world.ended()
    reports = await world.channel.ask([attempt], T0, world.telecom)
    assert [(one.key, one.state) for one in reports] == ([(said().key, state)] if state else [])


async def test_a_call_without_an_id_cannot_be_asked_for():
    world = World()
    world.telecom.fail_next("timeout_after_accept")
    assert (await world.send()).state is ReceiptState.UNKNOWN
    assert await world.channel.ask([left(said(), AttemptState.UNKNOWN)], T0, world.telecom) == []


async def test_health_is_asked_for_without_a_call():
    world = World()
    good = await world.channel.probe(T0, world.telecom)
    bad = await world.restarted(access_key_secret="old").probe(T0, world.telecom)
    assert (good.state, bad.state, world.telecom.calls) == (ReceiptState.SENT, ReceiptState.DEAD, [])


def test_nobody_else_is_heard():
    with pytest.raises(BadPayload):
        World().channel.hear(posted(b"[]", secret="wrong"))


def test_it_is_not_played_for_ever():
    with pytest.raises(BadConfig, match="play_times: must be 1 to 3"):
        World(play_times="4")


@pytest.mark.parametrize(
    ("state", "duration", "told"),
    [("200100", 12, AttemptState.DELIVERED), ("200100", 0, None), ("200001", 3, AttemptState.DELIVERED)],
)
async def test_a_call_that_somebody_took_has_a_length(state, duration, told):
    data = msgspec.json.encode({"state": state, "duration": duration}).decode()

    async def cloud(*_args: object, **_named: object) -> HttpAnswer:
        return HttpAnswer(200, {}, msgspec.json.encode({"Code": "OK", "Data": data}))

    reports = await World().channel.ask([left(said(), AttemptState.SENT, "c1")], T0, cloud)
    assert [report.state for report in reports] == ([told] if told else [])
