"""Page a WeCom group through its robots.

A robot takes 20 messages in a minute. Markdown can mention people by user id alone and text by mobile
too, so a message is markdown when everybody it is for has a user id, and plain text otherwise.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec import Struct

from alertmesh.core.page import Message, Receipt, ReceiptState
from alertmesh.core.ports import Channel, HttpAnswer, Notifier
from alertmesh.notify.fitting import cut, fitted, parted
from alertmesh.notify.hooks import Dialect, GroupRobots, Hook, read_hooks, read_pace, unreadable
from alertmesh.notify.phone import normal
from alertmesh.notify.settings import Settings

PER_MINUTE = 18  # of the 20 that WeCom allows: the rest is for skewed windows
MARKDOWN_LIMIT, TEXT_LIMIT = 4096, 2048
PENALTY_S = 60.0
CONTACT = "wecom"
_TITLE = 300
_MENTIONS = 1000  # bytes of user ids that may stand in a markdown message
_ID = re.compile(r"[\w.@-]{1,64}", re.ASCII)
_TAG = re.compile(r"<(?=[@/!A-Za-z])")  # mentions and font tags

_THROTTLED = frozenset({45009})
_BUSY = frozenset({-1, 6000, 45033})
_DEAD = {
    93000: "the robot was removed, or its address is wrong",
    93004: "the robot is disabled",
    93008: "the robot is not in the group",
}


class _Answer(Struct):
    errcode: int
    errmsg: str = ""


def write(message: Message, hook: Hook, now: datetime) -> bytes:
    """Return the body of a message, cut at a line's end to what WeCom takes."""
    ids, mobiles = _mentioned(message)
    marks = " ".join(f"<@{one}>" for one in ids)
    if mobiles or len(marks) > _MENTIONS:
        text = {"content": _text(message), "mentioned_list": ids, "mentioned_mobile_list": mobiles}
        return msgspec.json.encode({"msgtype": "text", "text": text})
    return msgspec.json.encode({"msgtype": "markdown", "markdown": {"content": _markdown(message, marks)}})


def judge(answer: HttpAnswer) -> Receipt:
    """Say what an answer means; WeCom reports errors with HTTP status 200."""
    try:
        said = msgspec.json.decode(answer.body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return unreadable(answer)
    code, error = said.errcode, f"errcode {said.errcode}: {said.errmsg}"
    if code == 0:
        return Receipt(state=ReceiptState.SENT)
    if code in _THROTTLED:
        error = f"throttled, {error}"
        return Receipt(state=ReceiptState.BUSY, error=error, retry_after_s=PENALTY_S, throttled=True)
    if code in _BUSY:
        return Receipt(state=ReceiptState.BUSY, error=error)
    if code in _DEAD:
        return Receipt(state=ReceiptState.DEAD, error=f"{_DEAD[code]}: {error}")
    return Receipt(state=ReceiptState.REFUSED, error=error)


def _mentioned(message: Message) -> tuple[list[str], list[str]]:
    """Return user ids, and the mobiles of those who have none."""
    ids, mobiles = [], []
    for person in message.recipients:
        own = person.contacts.get(CONTACT, "")
        if _ID.fullmatch(own):
            ids.append(own)
        elif person.mobile:
            mobiles.append(normal(person.mobile) or person.mobile)
    if not message.recipients:
        mobiles.extend(message.mobiles)
    return list(dict.fromkeys(ids)), list(dict.fromkeys(mobiles))


def _markdown(message: Message, marks: str) -> str:
    lines, links = parted(message)
    head = f"### {_tame(cut(message.title, _TITLE))}"
    tail = [f"[{_tame(label)}]({address})" for label, address in links]
    return _filled(head, [_tame(line) for line in lines], [*tail, marks], MARKDOWN_LIMIT)


def _text(message: Message) -> str:
    lines, links = parted(message)
    head = _TAG.sub("< ", cut(message.title, _TITLE))
    tail = [f"{label}: {address}" for label, address in links]
    return _filled(head, [_TAG.sub("< ", line) for line in lines], tail, TEXT_LIMIT)


def _filled(head: str, lines: Sequence[str], tail: Sequence[str], limit: int) -> str:
    def whole(shown: Sequence[str]) -> str:
        return "\n".join(part for part in (head, *shown, *tail) if part)

    return cut(whole(fitted(lines, lambda shown: len(whole(shown).encode()) <= limit)), limit)


def _tame(line: str) -> str:
    """Break up the mentions, links and headings that a monitor's text may hold."""
    return _TAG.sub("< ", line.replace("](", "] (")).lstrip("#> ")


def build(name: str, settings: Mapping[str, str]) -> Channel:
    """Make a channel of `webhook`, and of more robots as `webhook_2`, `robot_2` up to 9."""
    given = Settings(name, settings)
    hooks = read_hooks(given, lambda url: "key" in parse_qs(urlsplit(url).query), signed=False)
    per_minute, language = read_pace(given, PER_MINUTE), given.text("language")
    given.done()
    channel = GroupRobots(name, Dialect("WeCom", write, judge), hooks, per_minute)
    channel.language = language
    return channel


NOTIFIER = Notifier("wecom", build)
