"""What people do in DingTalk: messages to the robot and presses of a card's buttons, read and answered."""

import base64
import hmac
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct

from alertmesh.core.errors import BadPayload
from alertmesh.core.page import Reply
from alertmesh.core.ports import Answer, Heard, Inbound
from alertmesh.notify.buttons import VERBS
from alertmesh.notify.dingcard import answer, encoded, incident_of
from alertmesh.notify.robot import CONTACT

BOT_TOPIC = "/v1.0/im/bot/messages/get"
_SKEW = timedelta(hours=1)
_JSON = "application/json"
_TEXT_CHARS = 2_000
_CARD_SIGN = "x-ddpaas-signature"
_TAKEN: Answer = (200, b"{}", _JSON)


class Said(Struct, frozen=True):
    """A message to the robot: what it means, and where an answer to it is posted."""

    heard: Heard
    session: str = ""


class Press(Struct, frozen=True):
    """A press of a button: what it means, and on which card."""

    heard: Heard
    track: str


class _Text(Struct):
    content: str = ""


class _Bot(Struct, rename="camel"):
    msg_id: str
    sender_staff_id: str = ""
    session_webhook: str = ""
    text: _Text = msgspec.field(default_factory=_Text)


class _Private(Struct, rename="camel"):
    action_ids: list[str] = []
    params: dict[str, Any] = {}


class _Content(Struct, rename="camel"):
    card_private_data: _Private = msgspec.field(default_factory=_Private)


class _Card(Struct, rename="camel"):
    out_track_id: str
    user_id: str = ""
    content: str | dict[str, Any] = ""


class Secrets(Struct, frozen=True):
    """What proves that DingTalk is calling: the app's secret, and that of the address for presses."""

    app: str
    card: str = ""

    def __repr__(self) -> str:
        return "Secrets(...)"


def check(request: Inbound, secrets: Secrets) -> str:
    """Return the time stamp of a request; BadPayload unless it is signed, within an hour.

    A press is signed with the secret that its address was registered with, everything else with the app's.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    if _CARD_SIGN in headers:
        if not secrets.card:
            raise BadPayload("set card_secret, or nobody knows who is calling", _CARD_SIGN)
        stamp = _stamp(headers, f"{_CARD_SIGN}-timestamp", request)
        wanted, name = card_sign(secrets.card, stamp), _CARD_SIGN
    else:
        stamp = _stamp(headers, "timestamp", request)
        wanted, name = sign(secrets.app, stamp), "sign"
    if not hmac.compare_digest(headers.get(name, "").encode(), wanted.encode()):
        raise BadPayload("is wrong", name)
    return stamp


def sign(secret: str, stamp: str) -> str:
    """Return the signature of a time stamp in milliseconds, as DingTalk sends it with messages.

    >>> sign("SECabc123", "1700000000000")
    'N5P09a4+p1AMJIJWnIvQd2Yxw9+fu/oEBnPrjCcsLXk='
    """
    return _hmac(secret, f"{stamp}\n{secret}")


def card_sign(secret: str, stamp: str) -> str:
    """Return the signature of a time stamp, as DingTalk sends it with presses."""
    return _hmac(secret, stamp)


def _hmac(secret: str, text: str) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), sha256)).decode()


def _stamp(headers: Mapping[str, str], name: str, request: Inbound) -> str:
    stamp = headers.get(name, "")
    if not stamp.isascii() or not stamp.isdecimal() or len(stamp) > 15:
        raise BadPayload("is missing: nobody knows who is calling", name)
    if abs(int(stamp) / 1000 - request.at.timestamp()) > _SKEW.total_seconds():
        raise BadPayload("is more than an hour off: check the clock of this machine", name)
    return stamp


def said(body: bytes | str, channel: str) -> Said:
    """Read a message to the robot; BadPayload when it is none. Whoever is not staff has no id."""
    try:
        told = msgspec.json.decode(body, type=_Bot, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadPayload(f"is not a message to a robot: {error}", "body") from error
    reply = Reply(
        channel=channel,
        contact=CONTACT,
        sender=told.sender_staff_id,
        text=told.text.content[:_TEXT_CHARS],
        id=told.msg_id,
    )
    return Said(Heard(replies=(reply,), answer=_TAKEN, say=_as_text), told.session_webhook)


def press(body: bytes | str, channel: str, own_id: str) -> Press:
    """Read a press of a button; BadPayload when it is not ours. `own_id` is the same for a repeat."""
    try:
        told = msgspec.json.decode(body, type=_Card, strict=False)
        content = encoded(told.content) if isinstance(told.content, dict) else told.content
        private = msgspec.json.decode(content or b"{}", type=_Content, strict=False).card_private_data
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadPayload(f"is not a press of a card's button: {error}", "body") from error
    verb, incident = _verb(private), incident_of(told.out_track_id)
    if not verb or not incident:
        raise BadPayload("is no button of ours", "content")
    text = f"{verb} {incident}"
    same = f"{told.user_id}\n{told.out_track_id}\n{text}\n{own_id}"
    reply = Reply(
        channel=channel,
        contact=CONTACT,
        sender=told.user_id,
        text=text,
        id=own_id or sha256(same.encode()).hexdigest()[:32],
    )
    return Press(Heard(replies=(reply,), answer=_TAKEN, say=_as_card), told.out_track_id)


def hear(request: Inbound, channel: str, secrets: Secrets) -> Heard:
    """Read what DingTalk posted by itself: a message to the robot, or a press."""
    stamp = check(request, secrets)
    if b'"outTrackId"' not in request.body:
        return said(request.body, channel).heard
    # Two presses of one button are told apart by their time stamp: a repeat of a request has the same.
    own = sha256(stamp.encode() + request.body).hexdigest()[:32]
    return press(request.body, channel, own).heard


def text_answer(words: str) -> bytes:
    """Return a message that answers another one."""
    return msgspec.json.encode({"msgtype": "text", "text": {"content": words}})


def _verb(private: _Private) -> str:
    """Return which button it was: by the parameter `do`, or by the id of the action."""
    wanted = [str(private.params.get("do", "")), *private.action_ids]
    return next((one for one in wanted if one in VERBS), "")


def _as_text(words: str) -> Answer:
    return 200, text_answer(words), _JSON


def _as_card(words: str) -> Answer:
    return 200, encoded(answer({}, words)).encode(), _JSON
