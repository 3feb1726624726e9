"""What every registered kind of channel must keep."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from alertmesh.core.clock import ManualClock
from alertmesh.core.errors import BadConfig, BadPayload
from alertmesh.core.page import Message, Receipt, ReceiptState, Recipient
from alertmesh.core.ports import Http, HttpAnswer, Inbound, Notifier, Personal, Probed, Reporting
from alertmesh.demo.feishu import FeishuGroup
from alertmesh.demo.robot import Robot
from alertmesh.demo.telecom import Telecom
from alertmesh.demo.wecom import WeComGroup
from tests.notify.fakes import T0, attempt
from tests.notify.mailbox import PASSWORD, USER, Threaded

MAIL = Threaded()
SETTINGS: dict[str, Mapping[str, str]] = {
    "dingtalk": {"webhook": "https://h/robot/send?access_token=hush1", "secret": "SEChush2"},
    "dingtalk-app": {
        "app_key": "hush1",
        "app_secret": "hush2",
        "robot_code": "robot",
        "conversation": "cid1",
        "card_template": "t.schema",
        "card_route": "route",
        "card_secret": "hush3",
        "ding": "phone",
    },
    "dingtalk-person": {"app_key": "hush1", "app_secret": "hush2"},
    "webhook": {"url": "https://h/?key=hush1", "token": "hush2", "secret": "hush3"},
    "stdout": {},
    "aliyun-sms": {
        "access_key_id": "LTAI1",
        "access_key_secret": "hush2",
        "sign_name": "AlertMesh",
        "template": "SMS_1",
        "callback_secret": "hush_hush_hush_3",
    },
    "aliyun-voice": {
        "access_key_id": "LTAI1",
        "access_key_secret": "hush2",
        "template": "TTS_1",
        "callback_secret": "hush_hush_hush_3",
    },
    "sms-gateway": {
        "url": "https://h/send?key=hush1",
        "headers": "X-Api-Key: hush2",
        "body": '{"to":"{number}","text":"{text}","back":"{callback}"}',
        "token": "hush3",
        "callback_url": "https://mesh/api/v1/callbacks/sms",
        "callback_secret": "hush_hush_hush_4",
        "delivered": "1",
    },
    "wecom": {"webhook": "https://h/cgi-bin/webhook/send?key=hush1"},
    "feishu": {"webhook": "https://h/open-apis/bot/v2/hook/hush1", "secret": "hush2"},
    "email": {
        "host": "127.0.0.1",
        "port": str(MAIL.port),
        "security": "none",
        "user": USER,
        "password": PASSWORD,
        "from": "AlertMesh <alerts@example.com>",
    },
}
NOBODY = {"email": {"port": "1"}}  # where a channel that goes its own way finds nobody
# What every kind that reads its answer takes for success.
ACCEPTED = b'{"errcode":0,"code":0,"Code":"OK","accessToken":"t0ken","expireIn":7200}'
CONTACTS = {"email": "zhang@example.com", "dingtalk": "staff1"}
ZHANG = Recipient(name="zhang", mobile="13800000001", contacts=CONTACTS)
CLOCK = ManualClock(T0)
# Those that refuse what is too long, as the providers do.
STRICT: Mapping[str, Callable[[], Http]] = {
    "dingtalk": lambda: Robot(CLOCK, {"hush1": "SEChush2"}),
    "wecom": lambda: WeComGroup(CLOCK, ["hush1"]),
    "feishu": lambda: FeishuGroup(CLOCK, {"hush1": "hush2"}),
    "aliyun-sms": lambda: Telecom(CLOCK, {"LTAI1": "hush2"}),
    "aliyun-voice": lambda: Telecom(CLOCK, {"LTAI1": "hush2"}),
}
NOTIFIERS = {entry.name: entry.load() for entry in entry_points(group="alertmesh.notifiers")}
SETTINGS |= {name: kind.sample for name, kind in NOTIFIERS.items() if kind.sample}
each_kind = pytest.mark.parametrize("name", sorted(NOTIFIERS))
MESSAGE = Message(
    key="k",
    title="t",
    text="x",
    minimal="m",
    mobiles=("1",),
    url="https://m/incidents/1",
    recipients=(ZHANG,),
)


@pytest.fixture(scope="module", autouse=True)
def mail_server():
    MAIL.start()
    yield
    MAIL.stop()


def send(name: str, http: object, message: Message = MESSAGE, **settings: str) -> Receipt:
    channel = NOTIFIERS[name].build(name, {**SETTINGS[name], **settings})
    return asyncio.run(channel.send(message, T0, http))


async def accept(*_args: object, **_named: object) -> HttpAnswer:
    return HttpAnswer(200, {}, ACCEPTED)


async def parrot(
    method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
) -> HttpAnswer:
    """Refuse a request, and repeat everything that was in it."""
    told = f"{url} {dict(headers)} {body.decode()}"
    said = {"errcode": 1, "errmsg": told, "code": 1, "msg": told, "Code": "isv.X", "Message": told}
    return HttpAnswer(400, {}, msgspec.json.encode(said))


def raising(error: Exception) -> object:
    async def http(*_args: object, **_named: object) -> HttpAnswer:
        raise error

    return http


@each_kind
def test_it_registers_under_its_own_name(name):
    assert isinstance(NOTIFIERS[name], Notifier)
    assert NOTIFIERS[name].name == name


@each_kind
def test_it_has_settings_here(name):
    assert name in SETTINGS, "give the new kind of channel a sample, or add settings for it to this test"


@each_kind
def test_an_unknown_setting_is_refused(name):
    with pytest.raises(BadConfig):
        NOTIFIERS[name].build(name, {**SETTINGS[name], "no_such_setting": "1"})


@each_kind
@pytest.mark.parametrize(
    "error",
    [TimeoutError(), ConnectionRefusedError(), ConnectionResetError()],
    ids=lambda e: type(e).__name__,
)
def test_a_failing_network_is_a_receipt(name, error):
    assert send(name, raising(error), **NOBODY.get(name, {})).state in ReceiptState


@each_kind
@given(st.integers(100, 599), st.binary(max_size=200))
def test_any_answer_is_a_receipt(name, status, body):
    async def http(*_args: object, **_named: object) -> HttpAnswer:
        return HttpAnswer(status, {}, body)

    assert send(name, http).state in ReceiptState


@each_kind
@given(st.text(min_size=1), st.text())
def test_any_text_can_be_sent(name, title, text):
    message = structs.replace(MESSAGE, title=f"[P1] {title}", text=text)
    assert send(name, accept, message).state is ReceiptState.SENT


@each_kind
@pytest.mark.parametrize("lines", [1, 60, 5000])
def test_a_huge_text_in_chinese_is_taken(name, lines):
    text = "\n".join(["磁盘已满，节点无法调度" * (30_000 // lines)] * lines)
    people = (structs.replace(ZHANG, contacts={**ZHANG.contacts, "wecom": "zhang", "feishu": "ou_1"}),)
    fields = {"title": text[:150], "priority": "P1", "incident": "42", "code": "k7", "count": str(lines)}
    message = structs.replace(MESSAGE, title=text[:150], text=text, recipients=people, fields=fields)
    assert send(name, STRICT.get(name, lambda: accept)(), message).state is ReceiptState.SENT


@each_kind
def test_secrets_are_not_shown(name, caplog):
    caplog.set_level(logging.DEBUG)
    channel = NOTIFIERS[name].build(name, SETTINGS[name])
    receipts = [send(name, raising(ConnectionResetError("hush"))), send(name, parrot)]
    assert "hush" not in f"{channel!r} {vars(channel).get('_secrets')!r} {receipts} {caplog.text}"


def of_kind(protocol: type) -> pytest.MarkDecorator:
    """Return a parameter for every kind of channel that can do what `protocol` says."""
    built = {name: kind.build(name, SETTINGS[name]) for name, kind in NOTIFIERS.items() if name in SETTINGS}
    able = sorted(name for name, channel in built.items() if isinstance(channel, protocol))
    return pytest.mark.parametrize("name", able)


@of_kind(Personal)
def test_a_personal_channel_refuses_what_is_for_nobody(name):
    async def http(*_args: object, **_named: object) -> HttpAnswer:
        raise AssertionError("nothing may leave")

    assert send(name, http, structs.replace(MESSAGE, recipients=())).state is ReceiptState.REFUSED


@of_kind(Reporting)
@given(
    st.binary(max_size=80),
    st.dictionaries(st.sampled_from(["secret", "key", "status"]), st.text(max_size=20)),
)
def test_a_stranger_is_not_heard(name, body, query):
    request = Inbound(method="POST", path="/", query=query, headers={}, body=body, at=T0)
    with pytest.raises(BadPayload) as caught:
        NOTIFIERS[name].build(name, SETTINGS[name]).hear(request)
    assert "hush" not in caught.value.placed


@of_kind(Reporting)
@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError()], ids=lambda e: type(e).__name__)
def test_asking_in_vain_tells_nothing(name, error):
    channel = NOTIFIERS[name].build(name, SETTINGS[name])
    asked = structs.replace(attempt(), key="k", message=msgspec.json.encode(MESSAGE), provider_id="p")
    assert asyncio.run(channel.ask([asked], T0, raising(error))) == []


@of_kind(Probed)
@pytest.mark.parametrize("error", [TimeoutError(), ConnectionRefusedError()], ids=lambda e: type(e).__name__)
def test_a_probe_in_vain_is_a_receipt(name, error):
    channel = NOTIFIERS[name].build(name, {**SETTINGS[name], **NOBODY.get(name, {})})
    assert asyncio.run(channel.probe(T0, raising(error))).state in {ReceiptState.BUSY, ReceiptState.UNKNOWN}
