"""The stream over the network, against a gateway that behaves as DingTalk's, and misbehaves."""

import asyncio
from contextlib import suppress

import msgspec
import pytest
from structlog.testing import capture_logs

from alertmesh.core.clock import ManualClock
from alertmesh.core.live import Lines
from alertmesh.core.ports import Heard
from alertmesh.demo.dingapp import GROUP, KEY, SECRET, TEMPLATE, DingAppStandIn
from alertmesh.notify.dingapp import NOTIFIER
from alertmesh.notify.replies import Verb, understand
from alertmesh.notify.transport import AiohttpTransport, hosts_of
from tests.fakes import until
from tests.notify.dingoffice import acked, asking
from tests.notify.fakes import T0


class Hall:
    """A gateway, a channel that listens to it, and what it heard.

    `says` is what people are told; while `gate` is closed nothing that they ask for is done.
    """

    def __init__(self) -> None:
        self.gateway = DingAppStandIn(ManualClock(T0), hang_s=1)
        self.heard: list[Heard] = []
        self.says = "#42: you have it"
        self.gate = asyncio.Event()
        self.gate.set()
        self.on_heard = lambda: asyncio.sleep(0)
        self.task: asyncio.Task[None] | None = None

    async def open(self, **settings: str) -> None:
        """Start the gateway, and make the channel."""
        url = await self.gateway.start()
        known = {"app_key": KEY, "app_secret": SECRET, "conversation": GROUP, "card_template": TEMPLATE}
        self.channel = NOTIFIER.build("app", {**known, "endpoint": url, **settings})
        self.http = AiohttpTransport(hosts_of([self.channel]))
        self.channel.stream.heartbeat_s = 0.2

    async def listen(self) -> None:
        """Begin to listen, and wait until there is a stream."""
        lines = Lines(self.http, self.http.dial, lambda: T0)
        self.task = asyncio.create_task(self.channel.listen(self._hear, lines))
        await until(lambda: self.gateway.connections)

    async def close(self) -> None:
        """Hang up."""
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task
        await self.gateway.stop()
        await self.http.close()

    async def _hear(self, heard: Heard) -> str:
        self.heard.append(heard)
        await self.gate.wait()
        await self.on_heard()
        return self.says

    @property
    def wishes(self):
        """Return who asked for what, by the reply's own words."""
        replies = [reply for heard in self.heard for reply in heard.replies]
        return [
            (reply.sender, wish.verb, wish.incident) for reply in replies if (wish := understand(reply.text))
        ]

    async def page(self) -> str:
        """Page of incident 42; return the id of its card."""
        await self.channel.send(asking(), T0, self.http)
        (track,) = self.gateway.cloud.cards
        return track


@pytest.fixture
async def hall():
    made = Hall()
    await made.open()
    yield made
    await made.close()


async def test_what_somebody_writes_to_the_robot_is_heard_and_answered_in_the_chat(hall):
    await hall.listen()
    answer = await hall.gateway.say("staff1", "@机器人 确认42")
    await until(lambda: hall.gateway.answers)
    assert hall.wishes == [("staff1", Verb.ACK, 42)]
    assert (answer["code"], hall.gateway.answers) == (200, ["#42: you have it"])


async def test_a_press_is_heard_and_rewrites_the_card_in_its_answer(hall):
    await hall.listen()
    track = await hall.page()
    hall.on_heard = lambda: hall.channel.show(asking(), acked(), T0, hall.http)
    await hall.gateway.press("staff1", track, "ack")
    card = hall.gateway.cloud.cards[track]
    assert hall.wishes == [("staff1", Verb.ACK, 42)]
    assert card.values["status"] == "acked by Zhang San 04:02 UTC"
    assert card.private == {"staff1": {"answer": "#42: you have it"}}
    assert hall.gateway.cloud.calls["/v1.0/card/instances"] == 0


async def test_what_takes_long_is_answered_in_time_and_done_all_the_same(hall):
    await hall.listen()
    track = await hall.page()
    hall.gate.clear()
    answer = await hall.gateway.press("staff1", track, "ack")
    assert (answer["code"], hall.gateway.late) == (200, 0)
    hall.on_heard = lambda: hall.channel.show(asking(), acked(), T0, hall.http)
    hall.gate.set()
    card = hall.gateway.cloud.cards[track]
    await until(lambda: card.values["status"] == "acked by Zhang San 04:02 UTC")


async def test_a_slow_command_keeps_no_other_waiting(hall):
    await hall.listen()
    hall.gate.clear()
    for number in range(5):
        assert (await hall.gateway.say("staff1", f"ack {number}"))["code"] == 200
    assert (await hall.gateway.ping())["code"] == 200
    assert len(hall.heard) == 5


async def test_more_frames_than_can_be_worked_on_are_sent_back(hall):
    await hall.listen()
    hall.gate.clear()
    codes = [(await hall.gateway.say("staff1", f"ack {number}"))["code"] for number in range(34)]
    assert (codes.count(200), codes.count(503)) == (32, 2)


async def test_a_frame_that_comes_twice_is_done_once_and_answered_twice(hall):
    await hall.listen()
    track = await hall.page()
    hall.gateway.fail_next("duplicate_frames")
    await hall.gateway.press("staff1", track, "ack")
    await until(lambda: len(hall.gateway.acks["frame1"]) == 2)
    assert len(hall.heard) == 1
    first, second = hall.gateway.acks["frame1"]
    assert first == second


async def test_a_ping_is_answered_with_what_it_says(hall):
    await hall.listen()
    answer = await hall.gateway.ping()
    assert (answer["code"], msgspec.json.decode(answer["data"])) == (200, {"opaque": "1"})


async def test_a_press_of_a_strange_card_harms_nothing(hall):
    await hall.listen()
    assert (await hall.gateway.press("staff1", "other", "ack"))["code"] == 400
    assert (await hall.gateway.say("staff1", "ack 42"))["code"] == 200


async def test_after_the_gateway_broke_the_connection_off_there_is_another(hall):
    await hall.listen()
    hall.gateway.kill()
    await until(lambda: hall.gateway.opened == 2)
    assert (await hall.gateway.say("staff1", "ack 42"))["code"] == 200


async def test_when_the_gateway_takes_leave_another_connection_is_opened(hall):
    hall.gateway.fail_next("disconnect")
    await hall.listen()
    await until(lambda: hall.gateway.opened == 2)
    assert (await hall.gateway.say("staff1", "ack 42"))["code"] == 200


async def test_a_connection_that_is_only_half_open_is_noticed(hall):
    hall.gateway.fail_next("half_open")
    await hall.listen()
    await until(lambda: hall.gateway.opened == 2)


async def test_a_connection_that_is_silent_for_long_is_left(hall):
    hall.channel.stream.silent_s = 0.1
    await hall.listen()
    await until(lambda: hall.gateway.opened >= 2)


async def test_a_ticket_that_is_not_good_is_followed_by_another(hall):
    hall.gateway.fail_next("no_ticket")
    await hall.listen()
    assert hall.gateway.opened == 1


async def test_the_loop_goes_on_while_the_gateway_does_not_answer(hall):
    """A thousand turns of the loop pass while an answer of the gateway hangs for a second."""
    hall.gateway.fail_next("timeout_after_accept")
    turns = 0

    async def turning():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    spinning = asyncio.create_task(turning())
    receipt = await hall.channel.send(asking(), T0, hall.http)
    spinning.cancel()
    assert (receipt.state, turns > 1000) == ("unknown", True)


@pytest.mark.parametrize(
    ("settings", "error"),
    [({"stream_hosts": "stream.example.org"}, "stream_hosts"), ({"app_secret": "wrong"}, "app_secret")],
)
async def test_no_stream_is_opened_with(settings, error):
    hall = Hall()
    await hall.open(**settings)
    lines = Lines(hall.http, hall.http.dial, lambda: T0)
    with capture_logs() as logs:
        hall.task = asyncio.create_task(hall.channel.listen(hall._hear, lines))
        await until(lambda: logs)
    await hall.close()
    assert (hall.gateway.opened, error in logs[0]["error"]) == (0, True)


async def test_a_channel_that_hears_nobody_says_so_when_it_is_probed():
    hall = Hall()
    await hall.open(stream_hosts="stream.example.org")
    lines = Lines(hall.http, hall.http.dial, lambda: T0)
    before = await hall.channel.probe(T0, hall.http)
    hall.task = asyncio.create_task(hall.channel.listen(hall._hear, lines))
    await until(lambda: hall.channel.stream.problem)
    after = await hall.channel.probe(T0, hall.http)
    await hall.close()
    assert (before.state, after.state, "nobody is heard" in after.error) == ("sent", "busy", True)
