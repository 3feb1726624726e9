"""Custom robots of a Feishu group, against ones that behave as the real ones."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.clock import ManualClock
from alertmesh.core.errors import BadConfig
from alertmesh.core.page import ReceiptState, Recipient
from alertmesh.core.ports import HttpAnswer
from alertmesh.demo.feishu import PATH, FeishuGroup
from alertmesh.notify.feishu import BODY_LIMIT, NOTIFIER, PER_SECOND, judge, write
from alertmesh.notify.hooks import Hook
from tests.notify.fakes import T0, World, attempt
from tests.notify.test_robot import said

HOST = "https://open.feishu.cn"
TOKEN, SECRET = "token-1111", "secret-1111"
URL = f"{HOST}{PATH}{TOKEN}"
SENT, BUSY, REFUSED = ReceiptState.SENT, ReceiptState.BUSY, ReceiptState.REFUSED
DEAD, UNKNOWN = ReceiptState.DEAD, ReceiptState.UNKNOWN
ZHANG = Recipient(name="zhang", mobile="13800000001", contacts={"feishu": "ou_84aad35d084aa403"})


class Group:
    """A group with a robot, and the channel that talks to it."""

    def __init__(self, wanted: str = "", **settings: str) -> None:
        self.clock = ManualClock(T0)
        self.robots = FeishuGroup(self.clock, {TOKEN: SECRET}, wanted)
        self.channel = NOTIFIER.build("feishu", {"webhook": URL, "secret": SECRET, **settings})

    async def send(self, **changes: object):
        """Send a message now."""
        message = said(**{"recipients": (ZHANG,), **changes})
        return await self.channel.send(message, self.clock.now(), self.robots)


async def test_a_message_arrives_signed_with_link_and_mention():
    group = Group()
    receipt = await group.send()
    [shown] = group.robots.messages
    assert (receipt.state, shown.kind, shown.mentioned) == (SENT, "post", ("ou_84aad35d084aa403",))
    assert shown.text == "[P1] #42 disk\nWhere: node-7\nOpen\n@ou_84aad35d084aa403"


async def test_signatures_never_grow_old():
    group = Group()
    await group.send()
    group.clock.advance(timedelta(hours=5))
    assert (await group.send()).state is SENT


@pytest.mark.parametrize("secret", ["", "secret-2222"], ids=["none", "wrong"])
async def test_a_wrong_signature_is_a_dead_channel_and_points_at_secret_and_clock(secret):
    receipt = await Group(secret=secret).send()
    assert (receipt.state, "secret and the clock" in receipt.error) == (DEAD, True)
    assert SECRET not in receipt.error


@pytest.mark.parametrize(("keyword", "state"), [("", DEAD), ("告警", SENT)])
async def test_a_robot_that_wants_a_keyword_gets_it(keyword, state):
    group = Group(wanted="告警", keyword=keyword)
    assert (await group.send()).state is state


async def test_the_language_of_a_message_is_told():
    body = write(said(language="en"), Hook(URL), T0)
    assert list(msgspec.json.decode(body)["content"]["post"]) == ["en_us"]


@pytest.mark.parametrize("contact", ["", '<at user_id="all">', "a b"])
async def test_somebody_without_an_id_of_feishu_is_not_mentioned(contact):
    group = Group()
    await group.send(recipients=(Recipient(name="li", mobile="1", contacts={"feishu": contact}),))
    assert group.robots.messages[0].mentioned == ()


async def test_a_monitor_cannot_mention():
    group = Group()
    trap = '<at user_id="all"></at>'
    await group.send(title=trap, text=trap)
    assert "<at" not in group.robots.messages[0].text


@given(st.lists(st.text(max_size=2000), min_size=1, max_size=40))
def test_a_body_is_never_too_long_and_keeps_link_and_mention(lines):
    message = said(
        recipients=(ZHANG,), text="\n".join([*lines, "磁盘" * 9000, "Open: https://m/incidents/42"])
    )
    body = write(message, Hook(URL, SECRET), T0)
    assert len(body) <= BODY_LIMIT
    assert all(part in body.decode() for part in ("https://m/incidents/42", "ou_84aad35d084aa403", "…"))


async def test_five_messages_in_a_second_wait_before_the_robot_refuses():
    group = Group()
    states = [(await group.send()).state for _ in range(PER_SECOND + 1)]
    assert (states, group.robots.refused) == ([SENT] * PER_SECOND + [BUSY], {})
    group.clock.advance(timedelta(seconds=1))
    assert (await group.send()).state is SENT


async def test_a_hundred_and_one_messages_in_a_minute_pause_the_robot():
    group = Group()
    for _ in range(100):
        await group.send()
        group.clock.advance(timedelta(milliseconds=400))
    receipt = await group.send()
    assert (receipt.state, receipt.throttled, receipt.retry_after_s) == (BUSY, True, 10)


async def test_limits_are_never_met_and_nothing_is_lost():
    group = Group()
    world = World(group.channel)
    world.robot = robots = FeishuGroup(world.clock, {TOKEN: SECRET})
    outbox = await world.open(*(attempt(number, group.channel.name) for number in range(1, 301)))
    await world.run(outbox, minutes=10)
    assert robots.refused == {}
    told = " ".join(message.text for message in robots.messages)
    assert [number for number in range(1, 301) if f"#{number} " not in told] == []


async def test_a_robot_that_is_gone_is_dead_and_its_address_is_not_told():
    receipt = await Group(webhook=f"{HOST}{PATH}token-gone").send()
    assert (receipt.state, "19001" in receipt.error, "token-gone" in receipt.error) == (DEAD, True, False)


@pytest.mark.parametrize(
    ("status", "said_back", "state", "pause_s"),
    [
        (200, {"code": 0, "msg": "success"}, SENT, 0),
        (200, {"StatusCode": 0, "StatusMessage": "success"}, SENT, 0),
        (200, {"code": 19021, "StatusCode": 0}, DEAD, 0),
        (200, {"code": 11232, "msg": "frequency limited"}, BUSY, 10),
        (400, {"code": 99991400, "msg": "request trigger frequency limit"}, BUSY, 52),
        (429, {"code": 1, "msg": "slow"}, BUSY, 52),
        (400, {"code": 9499, "msg": "too many request"}, BUSY, 52),
        (400, {"code": 9499, "msg": "Bad Request"}, REFUSED, 0),
        (200, {"code": 19001}, DEAD, 0),
        (200, {"code": 19022}, DEAD, 0),
        (200, {"code": 19024}, DEAD, 0),
        (200, {"code": 19002}, REFUSED, 0),
        (200, {"code": 19036}, REFUSED, 0),
        (500, {"code": 1, "msg": "internal"}, UNKNOWN, 0),
    ],
)
def test_an_answer_means(status, said_back, state, pause_s):
    headers = {"X-Ogw-Ratelimit-Reset": "52"} if pause_s == 52 else {}
    receipt = judge(HttpAnswer(status, headers, msgspec.json.encode(said_back)))
    assert (receipt.state, receipt.retry_after_s, receipt.throttled) == (state, pause_s, pause_s > 0)


@pytest.mark.parametrize("wish", ["soon", "-1", "0", "", "99999999999"])
def test_an_odd_wish_to_wait_is_bounded(wish):
    receipt = judge(HttpAnswer(429, {"x-ogw-ratelimit-reset": wish}, b""))
    assert 10 <= receipt.retry_after_s <= 600


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({}, "webhook"),
        ({"webhook": f"{HOST}/open-apis/bot/hook/hush"}, "webhook"),
        ({"webhook": f"{HOST}{PATH}hush", "secret_2": "hush"}, "webhook_2"),
        ({"webhook": f"{HOST}{PATH}hush", "per_minute": "100"}, "per_minute"),
        ({"webhook": f"{HOST}{PATH}hush", "webhook_3": f"http://x{PATH}hush"}, "webhook_3"),
    ],
    ids=["nothing", "old-address", "secret-alone", "too-fast", "plain-http"],
)
def test_a_bad_setting_is_named_without_its_value(settings, field):
    with pytest.raises(BadConfig) as caught:
        NOTIFIER.build("ops", settings)
    assert f"channel ops: {field}: " in str(caught.value)
    assert "hush" not in str(caught.value)
