"""The stand-in refuses what DingTalk refuses."""

from datetime import timedelta
from urllib.parse import quote_plus

import msgspec
import pytest

from alertmesh.core.clock import ManualClock
from alertmesh.demo.dingtalk import SECRET, TOKEN, DingTalkStandIn
from alertmesh.demo.robot import FAULTS, Robot, sign
from alertmesh.notify.dingtalk import DingTalk
from tests.notify.fakes import T0
from tests.notify.test_robot import said

JSON = {"Content-Type": "application/json; charset=utf-8"}
HELLO = {"msgtype": "text", "text": {"content": "hello @1"}, "at": {"atMobiles": ["1"]}}


class Caller:
    """Somebody who posts to a robot by hand."""

    def __init__(self) -> None:
        self.clock = ManualClock(T0)
        self.robot = Robot(self.clock, {"t": "SECx"})

    async def post(self, payload=HELLO, *, headers=JSON, **signing) -> int:
        """Post once and return the error code."""
        body = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
        url = self.address(**signing)
        answer = await self.robot("POST", url, headers=headers, body=body, timeout_s=1)
        return msgspec.json.decode(answer.body)["errcode"]

    def address(self, *, age=timedelta(), **other) -> str:
        """Return the address of the robot, signed `age` ago, or of some other one."""
        known = {"token": "t", "secret": "SECx", **other}
        stamp = int((self.clock.now() - age).timestamp() * 1000)
        signed = quote_plus(sign(known["secret"], stamp))
        return f"https://h/robot/send?access_token={known['token']}&timestamp={stamp}&sign={signed}"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({}, 0),
        ({"token": "other"}, 300005),
        ({"secret": "SECother"}, 310000),
        ({"age": timedelta(minutes=61)}, 310000),
        ({"age": timedelta(minutes=59)}, 0),
        ({"age": -timedelta(minutes=61)}, 310000),
        ({"headers": {}}, 43004),
        ({"payload": b"x" * 20_001}, 460101),
        ({"payload": b"nonsense"}, 40035),
        ({"payload": {"msgtype": "video"}}, 400105),
        ({"payload": {"msgtype": "text"}}, 40035),
        ({"payload": {**HELLO, "at": {"atMobiles": ["2"]}}}, 40035),
    ],
    ids=str,
)
async def test_a_request_is_checked(wrong, code):
    assert await Caller().post(**wrong) == code


async def test_the_twenty_first_of_a_minute_starts_ten_minutes_of_silence():
    caller = Caller()
    codes = [await caller.post() for _ in range(21)]
    caller.clock.advance(timedelta(minutes=9, seconds=59))
    codes.append(await caller.post())
    caller.clock.advance(timedelta(seconds=1))
    assert [*codes[19:], await caller.post()] == [0, 130101, 130101, 0]


async def test_twenty_a_minute_can_go_on_for_ever():
    caller = Caller()
    codes = set()
    for _ in range(60):
        codes.add(await caller.post())
        caller.clock.advance(timedelta(seconds=3))
    assert codes == {0}


async def test_a_repeat_is_answered_but_not_shown():
    caller = Caller()
    codes = [await caller.post({**HELLO, "msgUuid": "u"}) for _ in range(2)]
    assert (codes, len(caller.robot.messages), caller.robot.duplicates) == ([0, 0], 1, 1)


def test_an_unknown_fault_is_refused():
    with pytest.raises(ValueError, match="boom"):
        Caller().robot.fail_next("boom")


@pytest.fixture
async def standin():
    served = DingTalkStandIn(ManualClock(T0), slow_s=0, hang_s=0)
    served.url = await served.start()
    yield served
    await served.stop()


async def test_our_channel_reaches_it_over_the_network(standin, http):
    await DingTalk("ding", standin.url, SECRET).send(said(), T0, http)
    assert [message.token for message in standin.messages] == [TOKEN]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_repeat_after_any_fault_is_shown_once(standin, http, fault):
    channel = DingTalk("ding", standin.url, SECRET)
    standin.fail_next(fault)
    for _ in range(2):
        await channel.send(said(), T0, http)
    shown = [message for message in standin.messages if message.kind == "markdown"]
    assert len(shown) == 1


async def test_messages_can_be_looked_at_and_faults_ordered(standin, http):
    base = standin.url.partition("/robot")[0]
    fault = await http("POST", f"{base}/faults", headers={}, body=b'{"kind":"busy"}', timeout_s=5)
    seen = await http("GET", f"{base}/messages", headers={}, body=b"", timeout_s=5)
    assert (fault.status, msgspec.json.decode(seen.body)["messages"]) == (204, [])
