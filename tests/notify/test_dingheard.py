"""What DingTalk posts by itself: who may, and what it means."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.errors import BadPayload
from alertmesh.core.page import Reply
from alertmesh.core.ports import Inbound
from alertmesh.notify.dingheard import Secrets, card_sign, hear, press, said, sign
from alertmesh.notify.replies import Verb, understand
from tests.notify.fakes import T0

TRACK = "am-0123456789abcdef0123-42"
SECRET = "secret"
SECRETS = Secrets(SECRET, "card-secret")
MESSAGE = {
    "msgId": "m1",
    "senderStaffId": "staff1",
    "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=s",
    "text": {"content": " @机器人 确认42"},
}


def pressed(action="ack", track=TRACK, **params):
    private = {"cardPrivateData": {"actionIds": [action], "params": params}}
    return {"outTrackId": track, "userId": "staff1", "content": msgspec.json.encode(private).decode()}


def posted(told, age=timedelta(), secret=SECRET, **headers):
    body = told if isinstance(told, bytes) else msgspec.json.encode(told)
    stamp = str(int((T0 - age).timestamp() * 1000))
    signed = {"Timestamp": stamp, "Sign": sign(secret, stamp), **headers}
    return Inbound(method="POST", path="/", query={}, headers=signed, body=body, at=T0)


def test_a_message_to_the_robot_is_a_reply():
    (reply,) = hear(posted(MESSAGE), "app", SECRETS).replies
    assert reply == Reply(channel="app", contact="dingtalk", sender="staff1", text=" @机器人 确认42", id="m1")
    wish = understand(reply.text)
    assert (wish.verb, wish.incident) == (Verb.ACK, 42)


@pytest.mark.parametrize("do", ["ack", "escalate", "unack"])
def test_a_press_is_a_reply(do):
    (reply,) = hear(posted(pressed(do)), "app", SECRETS).replies
    assert (reply.sender, reply.text) == ("staff1", f"{do} 42")


def test_a_button_may_say_by_a_parameter_what_it_does():
    (reply,) = hear(posted(pressed("button7", do="escalate")), "app", SECRETS).replies
    assert reply.text == "escalate 42"


def test_a_request_that_comes_twice_is_one_reply_and_another_press_is_another():
    ids = [
        hear(posted(pressed(), age), "app", SECRETS).replies[0].id
        for age in (timedelta(), timedelta(), timedelta(seconds=9))
    ]
    assert (ids[0] == ids[1], ids[0] == ids[2]) == (True, False)


def by_address(secret="card-secret"):  # noqa: S107
    stamp = str(int(T0.timestamp() * 1000))
    headers = {"X-Ddpaas-Signature": card_sign(secret, stamp), "X-Ddpaas-Signature-Timestamp": stamp}
    request = posted(pressed())
    return Inbound(method="POST", path="/", query={}, headers=headers, body=request.body, at=T0)


def test_a_press_may_be_signed_with_the_secret_of_its_address():
    (reply,) = hear(by_address(), "app", SECRETS).replies
    assert (reply.sender, reply.text) == ("staff1", "ack 42")


@pytest.mark.parametrize("secrets", [Secrets(SECRET), Secrets(SECRET, "other")], ids=["none", "other"])
def test_a_press_without_the_secret_of_its_address_is_refused(secrets):
    with pytest.raises(BadPayload):
        hear(by_address(), "app", secrets)


def test_an_answer_goes_back_in_the_request():
    heard = hear(posted(MESSAGE), "app", SECRETS)
    answer = msgspec.json.decode(heard.say("#42: you have it")[1])
    assert answer == {"msgtype": "text", "text": {"content": "#42: you have it"}}


def test_whoever_is_not_staff_has_no_id():
    told = {name: value for name, value in MESSAGE.items() if name != "senderStaffId"}
    assert hear(posted(told), "app", SECRETS).replies[0].sender == ""


@pytest.mark.parametrize(
    "request_",
    [
        posted(MESSAGE, secret="other"),
        posted(MESSAGE, age=timedelta(minutes=61)),
        posted(MESSAGE, age=-timedelta(minutes=61)),
        posted(MESSAGE, Timestamp=""),
        posted(MESSAGE, Timestamp="9" * 40),
        posted(MESSAGE, Sign=""),
        posted(b"nonsense"),
        posted(pressed("delete")),
        posted(pressed(track="am-1-x")),
        posted({**pressed(), "content": "nonsense"}),
    ],
    ids="secret old early unstamped huge unsigned nonsense verb card content".split(),  # noqa: SIM905
)
def test_anything_else_is_refused(request_):
    with pytest.raises(BadPayload):
        hear(request_, "app", SECRETS)


@given(st.binary(max_size=200))
def test_nothing_is_too_odd_to_read(body):
    for read in (lambda: said(body, "app"), lambda: press(body, "app", "1")):
        try:
            read()
        except BadPayload:
            continue
