"""Text messages of Alibaba Cloud, against a stand-in that is as strict as the real one."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.clock import ManualClock
from alertmesh.core.errors import BadConfig, BadPayload
from alertmesh.core.page import AttemptState, ReceiptState, Recipient
from alertmesh.core.ports import Personal, Probed, Quota, Reporting
from alertmesh.demo.telecom import Telecom, reply
from alertmesh.notify.sms import NOTIFIER
from tests.notify.fakes import T0
from tests.notify.phones import ACCOUNT, FIELDS, NUMBER, SECOND, SECRET, left, posted, said

SETTINGS = {**ACCOUNT, "sign_name": "值班", "template": "SMS_1", "callback_secret": SECRET}


class World:
    """A channel and the cloud it talks to."""

    def __init__(self, **settings: str) -> None:
        self.clock = ManualClock(T0)
        self.telecom = Telecom(self.clock, {"id-1": "s3cret"})
        self.channel = NOTIFIER.build("phone", {**SETTINGS, **settings})

    async def send(self, **changes: object):
        return await self.channel.send(said(**changes), self.clock.now(), self.telecom)

    async def ask(self, state=AttemptState.UNKNOWN, **changes: object):
        attempt = left(said(**changes), state, at=self.clock.now())
        return await self.channel.ask([attempt], self.clock.now(), self.telecom)

    def values(self) -> dict[str, str]:
        return self.telecom.texts[-1].values


def test_it_is_for_one_person_and_reports():
    channel = World().channel
    assert [isinstance(channel, kind) for kind in (Personal, Reporting, Probed)] == [True] * 3
    assert channel.quotas == (Quota(50, timedelta(hours=24)),)


async def test_a_message_reaches_the_number_with_the_variables_of_the_template():
    world = World(params="p=priority,id=incident,title,code")
    receipt = await world.send()
    text = world.telecom.texts[0]
    assert (receipt.state, receipt.provider_id) == (ReceiptState.SENT, text.biz_id)
    assert (text.number, text.sign, text.template, text.out_id) == (NUMBER, "值班", "SMS_1", said().key)
    assert text.values == {"p": "P1", "id": "42", "title": "NodeDiskFull node-7", "code": "7K2F"}


async def test_another_contact_can_be_the_one():
    world = World(contact="mobile2")
    await world.send()
    assert world.telecom.texts[0].number == SECOND


@pytest.mark.parametrize(
    ("recipients", "told"),
    [
        ((), "one person"),
        ((Recipient(name="li"),), "li has no mobile"),
        ((Recipient(name="li", mobile="ask"),), "mobile of li is not a phone number"),
    ],
)
async def test_a_person_without_a_number_is_told(recipients, told):
    receipt = await World().send(recipients=recipients)
    assert (receipt.state, told in receipt.error) == (ReceiptState.REFUSED, True)


@pytest.mark.parametrize(
    ("title", "value"),
    [
        ("HighLoad 10.1.2.3:9100", "HighLoad"),
        ("https://evil.example.com/x", "系统告警"),
        ("Probe of shop.example.com is down", "Probe of is down"),
        ("mail ops@x.org", "mail"),
        ("fe80::1 is gone", "is gone"),
        ("磁盘【满】\n😀 node-7", "磁盘 满 node-7"),
        ("NodeFilesystemAlmostOutOfSpace", "NodeFilesystemAlmo…"),
        ("97.5% used", "97.5% used"),
    ],
)
async def test_a_title_is_made_fit(title, value):
    world = World(length="19")
    await world.send(fields={**FIELDS, "title": title})
    assert world.values()["title"] == value


@given(st.text(), st.integers(5, 35))
async def test_no_title_is_refused_for_its_form(title, length):
    world = World(length=str(length))
    assert (await world.send(fields={**FIELDS, "title": title})).state is ReceiptState.SENT
    assert len(world.values()["title"]) <= length


async def test_what_only_the_cloud_takes_for_an_address_is_sent_plainly_once_more():
    world = World()
    receipt = await world.send(fields={**FIELDS, "title": "xwww. is down"})
    assert (receipt.state, receipt.provider_id) == (ReceiptState.SENT, world.telecom.texts[0].biz_id)
    assert "made plain after isv.PARAM_NOT_SUPPORT_URL" in receipt.error
    assert [text.values["title"] for text in world.telecom.texts] == ["系统告警"]


async def test_what_is_plain_already_is_not_tried_again():
    world = World(params="priority,incident")
    receipt = await world.send(fields={**FIELDS, "priority": "www."})
    assert (receipt.state, world.telecom.refused) == (
        ReceiptState.REFUSED,
        {"isv.PARAM_NOT_SUPPORT_URL": 1},
    )


async def test_a_field_that_is_missing_does_not_stop_the_message():
    world = World()
    await world.send(fields={})
    assert world.values() == {
        "priority": "-",
        "incident": "-",
        "title": "[P1] #42 NodeDiskFu…"[:20],
        "code": "-",
    }


async def test_the_fifty_first_of_a_day_is_refused_for_this_number_alone():
    world = World()
    for _ in range(50):
        await world.send()
    late = await world.send()
    other = await world.send(recipients=(Recipient(name="li", mobile=SECOND),))
    assert (late.state, other.state) == (ReceiptState.REFUSED, ReceiptState.SENT)
    world.clock.advance(timedelta(hours=24))
    assert (await world.send()).state is ReceiptState.SENT


@pytest.mark.parametrize(
    ("fault", "state", "taken"),
    [
        ("timeout_after_accept", ReceiptState.UNKNOWN, 1),
        ("drop_before_accept", ReceiptState.UNKNOWN, 0),
        ("html", ReceiptState.UNKNOWN, 0),
        ("throttling", ReceiptState.BUSY, 0),
        ("busy", ReceiptState.BUSY, 0),
        ("internal", ReceiptState.UNKNOWN, 0),
        ("no_money", ReceiptState.DEAD, 0),
    ],
)
async def test_a_fault_is(fault, state, taken):
    world = World()
    world.telecom.fail_next(fault)
    assert ((await world.send()).state, len(world.telecom.texts)) == (state, taken)


async def test_a_message_whose_answer_was_lost_is_found():
    world = World()
    world.telecom.fail_next("timeout_after_accept")
    await world.send()
    [report] = await world.ask()
    assert (report.key, report.state) == (said().key, AttemptState.SENT)


async def test_a_message_that_never_left_is_not_found():
    world = World()
    world.telecom.fail_next("drop_before_accept")
    await world.send()
    assert await world.ask() == []


async def test_one_that_is_known_to_have_left_is_news_only_when_it_ended():
    world = World()
    await world.send()
    assert await world.ask(AttemptState.SENT) == []
    world.telecom.text_reports(world.telecom.texts)
    [report] = await world.ask(AttemptState.SENT)
    assert report.state is AttemptState.DELIVERED


async def test_the_hundredth_message_of_a_day_is_found_on_a_later_page():
    world = World()
    for number in range(60):
        await NOTIFIER.build("phone", {**SETTINGS, "template": f"SMS_{number % 2}"}).send(
            said(key=f"k{number}"), T0, world.telecom
        )
    [report] = await world.ask(key="k59")
    assert report.key == "k59"


async def test_one_that_left_around_midnight_in_beijing_is_found():
    world = World()
    world.clock.set(datetime(2026, 11, 23, 15, 59, 59, tzinfo=UTC))
    attempt = left(said(), AttemptState.UNKNOWN, at=world.clock.now())
    world.clock.advance(timedelta(seconds=3))
    await world.send()
    assert len(await world.channel.ask([attempt], world.clock.now(), world.telecom)) == 1


async def test_a_cloud_that_cannot_be_asked_says_nothing():
    world = World()
    await world.send()
    world.telecom.fail_next("html")
    assert await world.ask() == []


async def test_reports_say_what_became_of_messages():
    world = World()
    await world.send()
    await world.send(key="second", recipients=(Recipient(name="li", mobile=SECOND),))
    world.telecom.outcomes[SECOND] = "MK:0001"
    heard = world.channel.hear(posted(world.telecom.text_reports(world.telecom.texts)))
    first, second = heard.reports
    assert (first.key, first.provider_id, first.state, first.at) == (
        said().key,
        world.telecom.texts[0].biz_id,
        AttemptState.DELIVERED,
        T0,
    )
    assert (second.key, second.state, "MK:0001" in second.error) == ("second", AttemptState.FAILED, True)
    assert msgspec.json.decode(heard.answer[1])["code"] == 0


def test_a_reply_is_heard():
    heard = World().channel.hear(posted(reply("8613800000001", "1", T0, "77")))
    [answer] = heard.replies
    assert (answer.channel, answer.contact, answer.sender, answer.text, answer.id) == (
        "phone",
        "mobile",
        NUMBER,
        "1",
        "77",
    )


def test_a_number_as_the_id_of_a_reply_will_do():
    body = b'[{"phone_number":"13800000001","content":"ack 42","sequence_id":1234567890}]'
    assert World().channel.hear(posted(body)).replies[0].id == "1234567890"


@given(st.data())
def test_reports_are_the_same_in_any_order_and_number(data):
    world = World()
    items = [
        {"phone_number": NUMBER, "success": number % 2 == 0, "biz_id": f"b{number}", "out_id": f"k{number}"}
        for number in range(4)
    ]
    shuffled = data.draw(st.permutations(items + data.draw(st.lists(st.sampled_from(items), max_size=4))))
    split = data.draw(st.integers(0, len(shuffled)))
    parts = [shuffled[:split], shuffled[split:]]
    heard = {one for part in parts for one in world.channel.hear(posted(msgspec.json.encode(part))).reports}
    assert heard == set(world.channel.hear(posted(msgspec.json.encode(items))).reports)


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", "ä"])
def test_nobody_else_is_heard(secret):
    with pytest.raises(BadPayload) as caught:
        World().channel.hear(posted(b"[]", secret=secret))
    assert SECRET not in caught.value.placed


def test_without_a_secret_nobody_is_heard():
    with pytest.raises(BadPayload):
        World(callback_secret="").channel.hear(posted(b"[]", secret=""))


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"<xml>", b"\xff", b'[{"phone_number":1}]', b"[{}]"])
def test_a_body_that_is_no_list_of_reports_is_refused(body):
    with pytest.raises(BadPayload, match="list of reports") as caught:
        World().channel.hear(posted(body))
    assert caught.value.field == "body"


@pytest.mark.parametrize(
    ("fault", "settings", "state"),
    [
        ("", {}, ReceiptState.SENT),
        ("", {"access_key_secret": "old"}, ReceiptState.DEAD),
        ("html", {}, ReceiptState.UNKNOWN),
        ("throttling", {}, ReceiptState.BUSY),
    ],
)
async def test_health_is_asked_for_without_a_message(fault, settings, state):
    world = World(**settings)
    if fault:
        world.telecom.fail_next(fault)
    receipt = await world.channel.probe(T0, world.telecom)
    assert (receipt.state, world.telecom.texts) == (state, [])


def test_faults_of_settings_are_told_all_at_once():
    wrong = {
        "endpoint": "http://far.example.org",
        "params": "p=prio",
        "length": "2",
        "callback_secret": "short",
        "quotas": "many",
    }
    with pytest.raises(BadConfig) as caught:
        NOTIFIER.build("phone", wrong)
    fields = {problem.split(": ")[1] for problem in caught.value.problems}
    assert fields == {*wrong, "access_key_id", "access_key_secret", "sign_name", "template"}
