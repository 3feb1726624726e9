"""The DingTalk custom robot on the wire: payload, signature, and what its answers mean.

The payload and the signature come from dingtalkchatbot; nothing is ever sent through it.
"""

from datetime import datetime
from typing import Any

import msgspec
from dingtalkchatbot.chatbot import ActionCard, CardItem, DingtalkChatbot
from msgspec import Struct

from alertmesh.core.page import Message, Receipt, ReceiptState
from alertmesh.core.ports import HttpAnswer
from alertmesh.notify.buttons import buttons

BODY_LIMIT = 20_000
PENALTY_S = 600.0
CONTACT = "dingtalk"  # the contact of a person that is their staff id
_BAN_S = 300.0
_ERROR_LENGTH = 200
_CUT = "…"

_THROTTLED = frozenset({130101, 410100, 20001})
_DEAD = frozenset({310000, 300005, 300001, 400101, 400013, 400102, 400106})
_MODERATED = frozenset({430101, 430102, 430103, 430104})
_TOO_LONG = frozenset({460101, 101002})
_BUSY_WORDS = ("busy", "繁忙", "timeout", "超时")
_FAST_WORDS = ("too fast", "exceed 20", "频率", "限流")


class Verdict(Struct, frozen=True):
    """A receipt, and whether the refusal was about the wording or the length."""

    receipt: Receipt
    moderated: bool = False
    too_long: bool = False


class _Answer(Struct):
    errcode: int | None = None
    errmsg: str = ""
    status: int | None = None
    punish: str = ""


class _Builder(DingtalkChatbot):  # type: ignore[misc]  # the library has no types
    """Build what the library would send, and sign for a given moment instead of the wall clock."""

    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        return data

    def signed(self, now: datetime) -> str:
        self.start_time = now.timestamp()
        self.update_webhook()
        return str(self.webhook)


def signed_url(webhook: str, secret: str, now: datetime) -> str:
    """Return the robot's address with timestamp and signature; without a secret, as it is."""
    return _Builder(webhook, secret).signed(now) if secret else webhook


def markdown(message: Message, key: str, limit: int = BODY_LIMIT) -> bytes:
    """Return the body of a markdown message of at most `limit` bytes, cut at a line end if need be."""
    lines, tail = _parts(message)
    body = _markdown_body(message, key, lines, tail)
    while len(body) > limit and lines:
        lines = _shorter(lines, len(body) - limit)
        body = _markdown_body(message, key, [*lines, _CUT], tail)
    return body


def card(message: Message, key: str, limit: int = BODY_LIMIT) -> bytes:
    """Return the body of a card with the buttons of a page, cut as `markdown` is.

    A card cannot mention anybody by number, only by staff id.
    """
    users = staff(message)
    lines, _ = _parts(message)
    mention = [" ".join(f"@{user}" for user in users)] if users else []
    body = _card_body(message, key, lines, mention)
    while len(body) > limit and lines:
        lines = _shorter(lines, len(body) - limit)
        body = _card_body(message, key, [*lines, _CUT], mention)
    return body


def staff(message: Message) -> tuple[str, ...]:
    """Return the staff ids of those a message is for; nothing unless everybody's is known."""
    known = [recipient.contacts.get(CONTACT, "") for recipient in message.recipients]
    return tuple(dict.fromkeys(known)) if all(known) else ()


def suits_card(message: Message) -> bool:
    """Tell whether a message is best shown as a card: it asks one thing, and whoever it asks is mentioned.

    The mention is what rings a phone at night, so it comes before the buttons.
    """
    asks_one = message.fields.get("count") == "1" and bool(buttons(message))
    return asks_one and (not message.mobiles or bool(staff(message)))


def plain(message: Message, key: str) -> bytes:
    """Return the body of the minimal text message, which gives a moderator nothing to object to."""
    mention = " ".join(f"@{mobile}" for mobile in message.mobiles)
    text = f"{message.minimal}\n{mention}" if mention else message.minimal
    payload = _Builder("").send_text(text, at_mobiles=list(message.mobiles), is_auto_at=False)
    return _encoded(payload, key)


def judge(answer: HttpAnswer) -> Verdict:
    """Say what an answer means; DingTalk reports most errors with HTTP status 200."""
    try:
        said = msgspec.json.decode(answer.body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Verdict(_unreadable(answer.status))
    if said.punish or said.status == 1111:
        return Verdict(_receipt(ReceiptState.BUSY, "address banned for a while", _BAN_S))
    if said.errcode is None:
        return Verdict(_unreadable(answer.status))
    return _by_code(said.errcode, said.errmsg)


def _by_code(code: int, text: str) -> Verdict:
    error = f"errcode {code}: {text}"[:_ERROR_LENGTH]
    low = text.lower()
    if code == 0:
        return Verdict(Receipt(state=ReceiptState.SENT))
    if code in _THROTTLED or (code not in _TOO_LONG and any(word in low for word in _FAST_WORDS)):
        return Verdict(_receipt(ReceiptState.BUSY, f"throttled, {error}", PENALTY_S))
    if code in _DEAD:
        hint = "check the clock of this machine: " if "timestamp" in low or "时间戳" in low else ""
        return Verdict(Receipt(state=ReceiptState.DEAD, error=hint + error))
    if code == -1 or any(word in low for word in _BUSY_WORDS):
        return Verdict(Receipt(state=ReceiptState.BUSY, error=error))
    refused = Receipt(state=ReceiptState.REFUSED, error=error)
    return Verdict(refused, moderated=code in _MODERATED, too_long=code in _TOO_LONG)


def _unreadable(status: int) -> Receipt:
    error = f"HTTP {status} without a readable answer"
    if status >= 500:
        return Receipt(state=ReceiptState.UNKNOWN, error=error)
    if status == 404:
        return Receipt(state=ReceiptState.DEAD, error=error)
    return Receipt(state=ReceiptState.BUSY, error=error, retry_after_s=30.0)


def _receipt(state: ReceiptState, error: str, pause_s: float) -> Receipt:
    return Receipt(state=state, error=error, retry_after_s=pause_s, throttled=True)


def _parts(message: Message) -> tuple[list[str], list[str]]:
    """Return the lines that may be cut, and ours that must stay: the link and the mentions."""
    lines, tail = [], []
    for line in message.text.split("\n"):
        if message.url and line.endswith(message.url):
            label = line.removesuffix(message.url).rstrip(" :：") or "AlertMesh"
            tail.append(f"[{_tame(label)}]({message.url})")
        elif line:
            lines.append(line)
    if message.mobiles:
        tail.append(" ".join(f"@{mobile}" for mobile in message.mobiles))
    return lines, tail


def _markdown_body(message: Message, key: str, lines: list[str], tail: list[str]) -> bytes:
    shown = [f"#### {_tame(message.title)}", *(_tame(line) for line in lines), *tail]
    payload = _Builder("").send_markdown(
        message.title, "\n\n".join(shown), at_mobiles=list(message.mobiles), is_auto_at=False
    )
    return _encoded(payload, key)


def _card_body(message: Message, key: str, lines: list[str], mention: list[str]) -> bytes:
    shown = [f"#### {_tame(message.title)}", *(_tame(line) for line in lines), *mention]
    items = [CardItem(title=label, url=address) for label, address in (*buttons(message), *message.links)]
    built = ActionCard(title=message.title, text="\n\n".join(shown), btns=items, btn_orientation=0)
    payload = _Builder("").send_action_card(built)
    users = staff(message)
    return _encoded({**payload, "at": {"atUserIds": list(users)}} if users else payload, key)


def _tame(line: str) -> str:
    """Break up links, images and headings that a monitor's text may hold."""
    return line.replace("](", "] (").lstrip("#> ")


def _encoded(payload: dict[str, Any], key: str) -> bytes:
    return msgspec.json.encode({**payload, "msgUuid": key})


def _shorter(lines: list[str], surplus: int) -> list[str]:
    """Drop lines from the end until `surplus` bytes are gone; a single long line loses its tail."""
    kept = list(lines)
    if len(kept) == 1:
        room = max(0, len(kept[0].encode()) - surplus - 2 * len(_CUT.encode()))
        text = kept[0].encode()[: min(room, BODY_LIMIT)].decode(errors="ignore")
        return [text] if text and text != kept[0] else []
    while len(kept) > 1 and surplus > 0:
        surplus -= len(kept.pop().encode()) + 2
    return kept
