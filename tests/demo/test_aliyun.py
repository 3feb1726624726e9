"""The stand-in for Alibaba Cloud behind its port, with reports posted to the channels' door."""

import asyncio
from urllib.parse import urlsplit

import msgspec
import pytest
from aiohttp import ClientSession, web

from alertmesh.core.clock import SystemClock
from alertmesh.core.errors import BadPayload
from alertmesh.core.page import AttemptState, ReceiptState
from alertmesh.core.ports import Inbound
from alertmesh.demo.aliyun import KEY_ID, KEY_SECRET, AliyunStandIn
from alertmesh.notify import sms, voice
from alertmesh.notify.transport import AiohttpTransport
from tests.notify.fakes import T0
from tests.notify.phones import NUMBER, SECRET, said

CLOCK = SystemClock()
PATIENCE_S = 10


class Door:
    """Hear what is posted for a channel; the first `deaf` posts are not taken."""

    def __init__(self) -> None:
        self.channel = None
        self.heard: list = []
        self.deaf = 0
        self._news = asyncio.Event()
        self._runner = None

    async def start(self) -> str:
        app = web.Application()
        app.router.add_post("/", self._hear)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/?secret={SECRET}"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def reports(self, count: int) -> list:
        """Wait for so many reports."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.heard) < count:
                self._news.clear()
                await self._news.wait()
        return self.heard

    async def _hear(self, request: web.Request) -> web.Response:
        if self.deaf:
            self.deaf -= 1
            return web.Response(status=503)
        inbound = Inbound(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers=dict(request.headers),
            body=await request.read(),
            at=T0,
        )
        try:
            heard = self.channel.hear(inbound)
        except BadPayload as error:
            return web.Response(status=400, text=str(error))
        self.heard += heard.reports
        self._news.set()
        status, body, kind = heard.answer
        return web.Response(status=status, body=body, content_type=kind)


class Place:
    """A stand-in, a door for what it posts, and the way to it."""

    def __init__(self, standin: AliyunStandIn, door: Door, url: str) -> None:
        self.standin, self.door, self.url = standin, door, url
        self.http = AiohttpTransport([urlsplit(url).hostname or ""])
        account = {"access_key_id": KEY_ID, "access_key_secret": KEY_SECRET, "endpoint": url}
        self._settings = {**account, "callback_secret": SECRET}

    def sms(self):
        settings = {**self._settings, "sign_name": "值班", "template": "SMS_1"}
        self.door.channel = sms.NOTIFIER.build("sms", settings)
        return self.door.channel

    def voice(self):
        self.door.channel = voice.NOTIFIER.build("voice", {**self._settings, "template": "TTS_1"})
        return self.door.channel


@pytest.fixture
async def place():
    """Return everything, listening."""
    door = Door()
    standin = AliyunStandIn(CLOCK, report_url=await door.start(), report_s=0.02, hang_s=10)
    found = Place(standin, door, await standin.start())
    yield found
    await found.http.close()
    await standin.stop()
    await door.stop()


async def test_a_message_leaves_and_is_reported(place):
    receipt = await place.sms().send(said(), CLOCK.now(), place.http)
    [report] = await place.door.reports(1)
    assert (receipt.state, report.state) == (ReceiptState.SENT, AttemptState.DELIVERED)
    assert (report.key, report.provider_id) == (said().key, receipt.provider_id)


async def test_a_call_ends_and_is_reported(place):
    receipt = await place.voice().send(said(), CLOCK.now(), place.http)
    [report] = await place.door.reports(1)
    assert (report.state, report.provider_id) == (AttemptState.READ, receipt.provider_id)


async def test_a_lost_answer_is_made_up_for_by_the_report(place):
    place.standin.fail_next("timeout_after_accept")
    sending = asyncio.create_task(place.sms().send(said(), CLOCK.now(), place.http))
    [report] = await place.door.reports(1)
    assert report.key == said().key
    assert (await sending).state is ReceiptState.UNKNOWN


async def test_reports_come_twice_and_late(place):
    channel = place.sms()
    place.standin.fail_next("reorder_reports")
    place.standin.fail_next("duplicate_reports")
    await channel.send(said(key="first"), CLOCK.now(), place.http)
    await channel.send(said(key="second"), CLOCK.now(), place.http)
    assert [report.key for report in await place.door.reports(3)] == ["second", "second", "first"]


async def test_a_report_that_is_not_taken_comes_again(place):
    place.door.deaf = 1
    await place.sms().send(said(), CLOCK.now(), place.http)
    assert len(await place.door.reports(1)) == 1


async def test_what_phones_got_can_be_seen_and_faults_be_made(place):
    async with ClientSession() as session:
        for kind, status in (("no_money", 204), ("rain", 400)):
            async with session.post(f"{place.url}/faults", json={"kind": kind}) as answer:
                assert answer.status == status
        channel = place.sms()
        states = [(await channel.send(said(), CLOCK.now(), place.http)).state for _ in range(2)]
        async with session.get(f"{place.url}/messages") as answer:
            seen = msgspec.json.decode(await answer.read())
    assert states == [ReceiptState.DEAD, ReceiptState.SENT]
    assert [text["number"] for text in seen["texts"]] == [NUMBER]
