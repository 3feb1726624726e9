"""A DingTalk robot, against one that behaves as the real one."""

from datetime import timedelta

import pytest

from alertmesh.core.clock import ManualClock
from alertmesh.core.errors import BadConfig
from alertmesh.core.page import ReceiptState, Recipient
from alertmesh.demo.robot import Robot
from alertmesh.notify.dingtalk import NOTIFIER, DingTalk
from tests.notify.fakes import SECRET, T0, TOKEN, URL, World, attempt, incident, response
from tests.notify.test_robot import said


class Group:
    """A robot and the channel that talks to it."""

    def __init__(self, secret: str = SECRET) -> None:
        self.clock = ManualClock(T0)
        self.robot = Robot(self.clock, {TOKEN: SECRET})
        self.channel = DingTalk("ding", URL, secret)

    async def send(self, message=None):
        """Send a message now."""
        return await self.channel.send(message or said(), self.clock.now(), self.robot)


async def test_a_message_arrives():
    group = Group()
    receipt = await group.send()
    assert (receipt.state, group.robot.messages[0].title) == (ReceiptState.SENT, "[P1] #42 disk")


async def test_a_second_send_with_the_same_key_is_not_shown():
    group = Group()
    await group.send()
    await group.send()
    assert (len(group.robot.messages), group.robot.duplicates) == (1, 1)


async def test_signatures_never_grow_old():
    group = Group()
    await group.send()
    group.clock.advance(timedelta(hours=5))
    assert (await group.send(said(key="k2"))).state is ReceiptState.SENT


async def test_a_wrong_secret_is_a_dead_channel():
    assert (await Group("SECwrong").send()).state is ReceiptState.DEAD


async def test_what_a_moderator_refuses_is_sent_in_its_minimal_form():
    group = Group()
    group.robot.fail_next("refuse_moderation")
    receipt = await group.send()
    shown = group.robot.messages[0]
    assert (receipt.state, shown.key, shown.text.splitlines()[0]) == (
        ReceiptState.SENT,
        "k1m",
        "P1 #42 open the console",
    )


async def test_what_a_moderator_refuses_twice_is_refused():
    group = Group()
    group.robot.fail_next("refuse_moderation", 2)
    assert (await group.send()).state is ReceiptState.REFUSED


async def test_second_forms_do_not_break_the_limit():
    group = Group()
    group.robot.fail_next("refuse_moderation", 1)
    await group.send()
    group.robot.fail_next("refuse_moderation", 1)
    assert (await group.send(said(key="k2"))).state is ReceiptState.BUSY


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("timeout_after_accept", ReceiptState.UNKNOWN),
        ("drop_before_accept", ReceiptState.UNKNOWN),
        ("busy", ReceiptState.BUSY),
        ("html", ReceiptState.BUSY),
    ],
)
async def test_a_fault_is_told_apart(fault, state):
    group = Group()
    group.robot.fail_next(fault)
    assert (await group.send()).state is state


async def test_a_refused_connection_is_busy_because_nothing_left():
    async def refuse(*_args, **_named):
        raise ConnectionRefusedError

    assert (await DingTalk("ding", URL, SECRET).send(said(), T0, refuse)).state is ReceiptState.BUSY


async def test_the_twenty_first_message_of_a_minute_throttles_the_channel():
    group = Group()
    for number in range(20):
        await group.send(said(key=str(number)))
    receipt = await group.send(said(key="21"))
    assert (receipt.throttled, receipt.retry_after_s) == (True, 600)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"webhook": "https://oapi.dingtalk.com/robot/send"},
        {"webhook": URL.replace("https", "http")},
        {"webhook": URL, "secret": "nonsense"},
        {"webhook": URL, "per_minute": "50"},
        {"webhook": URL, "per_minute": "many"},
        {"webhook": URL, "colour": "red"},
        {"webhook": URL, "webhook_2": "https://oapi.dingtalk.com/robot/send"},
        {"webhook": URL, "webhook_2": URL},
        {"webhook": URL, "secret_2": SECRET},
        {"webhook": URL, "webhook_3": f"{URL}3", "robot_3": "1"},
    ],
    ids=[
        "nothing",
        "no-token",
        "plain-http",
        "secret",
        "too-fast",
        "not-a-number",
        "unknown",
        "second",
        "same",
        "alone",
        "name",
    ],
)
def test_a_bad_setting_is_named_without_its_value(settings):
    with pytest.raises(BadConfig) as caught:
        NOTIFIER.build("ding", settings)
    assert "channel ding: " in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert "nonsense" not in str(caught.value)


def test_plain_http_is_for_loopback():
    channel = NOTIFIER.build("ding", {"webhook": "http://127.0.0.1:9/robot/send?access_token=x"})
    assert (channel.hosts, channel.per_minute) == (("127.0.0.1",), 18)


ASKING = {"fields": {"count": "1", "code": "AB12CD34", "kind": "page"}, "url": "https://m/p/AB12CD34"}


def reader(**contacts):
    return Recipient(name="zhang", mobile="13800000001", contacts=contacts)


@pytest.mark.parametrize(
    ("message", "shape"),
    [
        (said(**ASKING), ("markdown", ("13800000001",), ())),
        (said(**ASKING, recipients=(reader(),)), ("markdown", ("13800000001",), ())),
        (said(**ASKING, recipients=(reader(dingtalk="u1"),)), ("actionCard", (), ("u1",))),
        (said(**ASKING, mobiles=()), ("actionCard", (), ())),
        (said(mobiles=()), ("markdown", (), ())),
    ],
    ids=["number-only", "no-staff-id", "staff-id", "nobody", "no-question"],
)
async def test_buttons_are_shown_where_whoever_is_paged_is_mentioned_all_the_same(message, shape):
    group = Group()
    await group.send(message)
    shown = group.robot.messages[0]
    assert (shown.kind, shown.mobiles, shown.users) == shape


async def test_buttons_lead_to_the_page_in_the_readers_language():
    group = Group()
    await group.send(said(**ASKING, mobiles=(), language="zh"))
    buttons = group.robot.messages[0].buttons
    assert [label for label, _ in buttons] == ["我来处理", "转研发", "我处理不了"]
    assert all("https%3A%2F%2Fm%2Fp%2FAB12CD34" in address for _, address in buttons)


def pool():
    settings = {"webhook": URL, "secret": SECRET, "webhook_2": f"{URL}2", "robot_2": "spare"}
    return NOTIFIER.build("ding", settings)


async def test_a_throttled_robot_leaves_the_message_to_the_next():
    world = World(pool())
    world.robot = Robot(world.clock, {TOKEN: SECRET, f"{TOKEN}2": ""})
    world.robot.fail_next("throttle")
    world.known[42] = (incident(), response())
    await world.run(await world.open(attempt()), seconds=30)
    assert [shown.token for shown in world.shown] == [f"{TOKEN}2"]
    assert [each.robot for each in world.store.attempts(42)] == ["spare"]


async def test_each_robot_of_a_pool_has_a_minute_of_its_own():
    world = World(pool())
    world.robot = Robot(world.clock, {TOKEN: SECRET, f"{TOKEN}2": ""})
    for second in range(0, 60, 2):
        number = 100 + second
        world.known[number] = (incident(number), response(number))
        outbox = await world.open(attempt(number, at=world.clock.now()))
        await world.run(outbox, seconds=2)
    assert (len(world.shown), world.robot.refused) == (30, {})
