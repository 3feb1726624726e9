"""Robots of a WeCom group, against ones that behave as the real ones."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.clock import ManualClock
from alertmesh.core.errors import BadConfig
from alertmesh.core.page import ReceiptState, Recipient
from alertmesh.core.ports import HttpAnswer, Pooled
from alertmesh.demo.wecom import PATH, WeComGroup
from alertmesh.notify.wecom import NOTIFIER, judge
from tests.notify.fakes import T0, World, attempt
from tests.notify.test_robot import said

URL = f"https://qyapi.weixin.qq.com{PATH}?key="
SENT, BUSY, REFUSED = ReceiptState.SENT, ReceiptState.BUSY, ReceiptState.REFUSED
DEAD, UNKNOWN = ReceiptState.DEAD, ReceiptState.UNKNOWN
ZHANG = Recipient(name="zhang", mobile="+86 138-0000-0001", contacts={"wecom": "zhangsan"})
LI = Recipient(name="li", mobile="13800000002")


class Group:
    """A group with two robots, and the channel that talks to it."""

    def __init__(self, *keys: str) -> None:
        self.clock = ManualClock(T0)
        self.robots = WeComGroup(self.clock, ["key-1111", "key-2222"], disabled=["key-off"])
        settings = {f"webhook_{number}": URL + key for number, key in enumerate(keys, 1)}
        settings["webhook"] = settings.pop("webhook_1", URL + "key-1111")
        self.channel = NOTIFIER.build("wecom", settings)

    async def send(self, **changes: object):
        """Send a message now."""
        message = said(recipients=(ZHANG,), **changes)
        return await self.channel.send(message, self.clock.now(), self.robots)


async def test_somebody_with_a_user_id_is_mentioned_in_markdown():
    group = Group()
    receipt = await group.send()
    [shown] = group.robots.messages
    assert (receipt.state, shown.kind, shown.mentioned) == (SENT, "markdown", ("zhangsan",))
    assert shown.text == "### [P1] #42 disk\nWhere: node-7\n[Open](https://m/incidents/42)\n<@zhangsan>"


@pytest.mark.parametrize(
    ("recipients", "mentioned"),
    [
        ((ZHANG, LI), ("zhangsan", "13800000002")),
        ((Recipient(name="a", mobile="+86 138-0000-0001"),), ("13800000001",)),
        ((Recipient(name="a", mobile="13800000003", contacts={"wecom": "a> <@all"}),), ("13800000003",)),
        ((), ("13800000001",)),
    ],
    ids=["one-without-id", "mobile", "bad-id", "mobiles-alone"],
)
async def test_a_mobile_is_mentioned_in_plain_text(recipients, mentioned):
    group = Group()
    await group.channel.send(said(recipients=recipients), T0, group.robots)
    [shown] = group.robots.messages
    assert (shown.kind, shown.mentioned) == ("text", mentioned)
    assert shown.text == "[P1] #42 disk\nWhere: node-7\nOpen: https://m/incidents/42"


@pytest.mark.parametrize("people", [(ZHANG,), (LI,)], ids=["markdown", "text"])
@pytest.mark.parametrize("trap", ["<@all>", "## <@all>", "[x](http://evil)", "a <font color='info'>b</font>"])
async def test_a_monitor_can_neither_mention_nor_link(people, trap):
    group = Group()
    await group.channel.send(said(recipients=people, title=trap, text=trap, url=""), T0, group.robots)
    [shown] = group.robots.messages
    assert "all" not in shown.mentioned
    assert shown.kind == "text" or "](" not in shown.text


@pytest.mark.parametrize("people", [(ZHANG,), (LI,)], ids=["markdown", "text"])
@given(lines=st.lists(st.text(max_size=900), min_size=1, max_size=30))
async def test_what_is_too_long_keeps_link_and_mention(people, lines):
    group = Group()
    text = "\n".join([*lines, "磁盘" * 3000, "Open: https://m/incidents/42"])
    receipt = await group.channel.send(said(recipients=people, text=text), T0, group.robots)
    [shown] = group.robots.messages
    assert (receipt.state, "https://m/incidents/42" in shown.text, "…" in shown.text) == (SENT, True, True)
    assert shown.mentioned == (("zhangsan",) if people == (ZHANG,) else ("13800000002",))


async def test_more_people_than_markdown_holds_are_mentioned_in_plain_text():
    group = Group()
    crowd = tuple(Recipient(name=str(n), contacts={"wecom": f"{n:060d}"}) for n in range(50))
    receipt = await group.channel.send(said(recipients=crowd), T0, group.robots)
    assert (receipt.state, len(group.robots.messages[0].mentioned)) == (SENT, 50)


async def test_the_twenty_first_message_of_a_minute_pauses_the_robot():
    group = Group()
    for _ in range(20):
        await group.send()
    receipt = await group.send()
    assert (receipt.state, receipt.throttled, receipt.retry_after_s) == (BUSY, True, 60)
    group.clock.advance(timedelta(seconds=60))
    assert (await group.send()).state is SENT


async def test_robots_of_one_group_are_a_pool():
    group = Group("key-1111", "key-2222")
    assert isinstance(group.channel, Pooled)
    assert group.channel.robots == ("1", "2")
    await group.channel.send_by(1, said(), T0, group.robots)
    assert group.robots.messages[0].robot == "key-2222"
    assert Group("key-1111").channel.robots == ()


@pytest.mark.parametrize(("key", "code"), [("key-gone", 93000), ("key-off", 93000)])
async def test_a_robot_that_is_gone_is_dead_and_its_key_is_not_told(key, code):
    receipt = await Group(key).send()
    assert (receipt.state, f"errcode {code}" in receipt.error, key in receipt.error) == (DEAD, True, False)


@pytest.mark.parametrize(
    ("code", "state", "pause_s"),
    [
        (0, SENT, 0),
        (-1, BUSY, 0),
        (6000, BUSY, 0),
        (45033, BUSY, 0),
        (45009, BUSY, 60),
        (93000, DEAD, 0),
        (93004, DEAD, 0),
        (93008, DEAD, 0),
        (40008, REFUSED, 0),
        (40058, REFUSED, 0),
        (44004, REFUSED, 0),
    ],
)
def test_a_code_means(code, state, pause_s):
    receipt = judge(HttpAnswer(200, {}, msgspec.json.encode({"errcode": code, "errmsg": "x"})))
    assert (receipt.state, receipt.retry_after_s, receipt.throttled) == (state, pause_s, pause_s > 0)


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [(200, b"{}", BUSY), (200, b"<html>", BUSY), (404, b"", DEAD), (502, b"", UNKNOWN), (200, b"[1]", BUSY)],
)
def test_an_answer_that_is_not_the_robots(status, body, state):
    assert judge(HttpAnswer(status, {}, body)).state is state


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({}, "webhook"),
        ({"webhook": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"}, "webhook"),
        ({"webhook": URL.replace("https", "http") + "hush"}, "webhook"),
        ({"webhook": URL + "hush", "webhook_2": URL + "hush"}, "webhook_2"),
        ({"webhook": URL + "hush", "webhook_2": "hush"}, "webhook_2"),
        ({"webhook": URL + "hush", "robot_2": "spare"}, "webhook_2"),
        ({"webhook": URL + "hush", "webhook_2": URL + "hush2", "robot_2": "1"}, "robot_2"),
        ({"webhook": URL + "hush", "per_minute": "20"}, "per_minute"),
        ({"webhook": URL + "hush", "secret": "hush"}, "secret"),
    ],
    ids=[
        "nothing",
        "no-key",
        "plain-http",
        "twice",
        "no-address",
        "name-alone",
        "same-name",
        "too-fast",
        "unsigned",
    ],
)
def test_a_bad_setting_is_named_without_its_value(settings, field):
    with pytest.raises(BadConfig) as caught:
        NOTIFIER.build("ops", settings)
    assert f"channel ops: {field}: " in str(caught.value)
    assert "hush" not in str(caught.value)


async def test_twenty_a_minute_are_never_exceeded_and_nothing_is_lost():
    group = Group("key-1111", "key-2222")
    world = World(group.channel)
    world.robot = group.robots = WeComGroup(world.clock, ["key-1111", "key-2222"])
    outbox = await world.open(*(attempt(number, group.channel.name) for number in range(1, 101)))
    await world.run(outbox, minutes=10)
    assert group.robots.refused == {}
    told = " ".join(message.text for message in group.robots.messages)
    assert [number for number in range(1, 101) if f"#{number} " not in told + " "] == []
