"""Page a Feishu (Lark) group through its custom robots.

A robot takes 100 messages in a minute and 5 in a second. Messages are rich text, which mentions people by
their user id or open id; a custom robot cannot mention by mobile or by mail.
"""

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from alertmesh.core.page import Message, Receipt, ReceiptState
from alertmesh.core.ports import Channel, HttpAnswer, Notifier
from alertmesh.notify.fitting import cut, fitted, parted
from alertmesh.notify.hooks import Dialect, GroupRobots, Hook, read_hooks, read_pace, unreadable
from alertmesh.notify.settings import Settings

PER_MINUTE = 90  # of the 100 that Feishu allows
PER_SECOND = 4  # of 5
BODY_LIMIT = 20_000
PENALTY_S = 10.0  # also for what the platform refuses at a full hour, when everybody sends
CONTACT = "feishu"
_LONGEST_PENALTY_S = 600.0
_TITLE = 300
_PATH = re.compile(r"/open-apis/bot/v2/hook/[\w-]+")
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_TAG = re.compile(r"<(?=/?at\b)")
_LANGUAGES = {"zh": "zh_cn", "en": "en_us"}

_THROTTLED = frozenset({11232, 99991400})
_FAST_WORDS = ("frequency limit", "too many request")  # 9499 stands for anything, a limit too
_HINTS = {
    19001: "the robot was removed, or its address is wrong",
    19021: "check the secret and the clock of this machine",
    19022: "the robot does not allow the address of this machine",
    19024: "set the keyword of the robot as `keyword`",
}


class _Answer(Struct):
    code: int | None = None
    msg: str = ""
    old_code: int | None = msgspec.field(name="StatusCode", default=None)
    old_msg: str = msgspec.field(name="StatusMessage", default="")


def sign(secret: str, seconds: int) -> str:
    """Return the signature of a moment: what is signed is empty, the moment is part of the key.

    >>> sign("secret", 1700000000)
    'fiWS2+gh28DOydAv7hzONH/mDn9+b1Y4Y5ivXWXy8vA='
    """
    digest = hmac.new(f"{seconds}\n{secret}".encode(), b"", sha256).digest()
    return base64.b64encode(digest).decode()


def write(message: Message, hook: Hook, now: datetime, keyword: str = "") -> bytes:
    """Return the body of a message, cut at a line's end to what Feishu takes."""
    lines, links = parted(message)
    title = _TAG.sub("< ", cut(message.title, _TITLE))
    rows = [[_link(label, address)] for label, address in links if "://" in address]
    if keyword and keyword not in title:
        rows.append([_words(keyword)])
    ids = dict.fromkeys(person.contacts.get(CONTACT, "") for person in message.recipients)
    marks = [{"tag": "at", "user_id": one} for one in ids if _ID.fullmatch(one)]
    if marks:
        rows.append(marks)
    signature = _signature(hook, now)

    def body(shown: Sequence[str]) -> bytes:
        content = [[_words(line)] for line in shown]
        post = {"title": title, "content": [*content, *rows]}
        language = _LANGUAGES.get(message.language, "zh_cn")
        return msgspec.json.encode({"msg_type": "post", "content": {"post": {language: post}}, **signature})

    return body(fitted(lines, lambda shown: len(body(shown)) <= BODY_LIMIT))


def judge(answer: HttpAnswer) -> Receipt:
    """Say what an answer means; Feishu reports errors with any HTTP status."""
    try:
        said = msgspec.json.decode(answer.body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = _Answer()
    code = said.old_code if said.code is None else said.code
    if answer.status == 429:
        return _throttled(answer, f"HTTP 429: {said.msg}")
    if code is None:
        return unreadable(answer)
    return _by_code(answer, code, said.msg or said.old_msg)


def _by_code(answer: HttpAnswer, code: int, text: str) -> Receipt:
    error = f"code {code}: {text}"
    if code == 0:
        return Receipt(state=ReceiptState.SENT)
    if code in _THROTTLED or any(words in text.lower() for words in _FAST_WORDS):
        return _throttled(answer, error)
    if code in _HINTS:
        return Receipt(state=ReceiptState.DEAD, error=f"{_HINTS[code]}: {error}")
    if answer.status >= 500:
        return Receipt(state=ReceiptState.UNKNOWN, error=error)
    return Receipt(state=ReceiptState.REFUSED, error=error)


def _throttled(answer: HttpAnswer, error: str) -> Receipt:
    """Pause the robot for as long as the answer says."""
    headers = {name.lower(): value.strip() for name, value in answer.headers.items()}
    wish = headers.get("x-ogw-ratelimit-reset", "")
    is_told = wish.isascii() and wish.isdecimal() and int(wish[:9]) > 0
    pause_s = min(float(wish[:9]), _LONGEST_PENALTY_S) if is_told else PENALTY_S
    error = f"throttled, {error}"
    return Receipt(state=ReceiptState.BUSY, error=error, retry_after_s=pause_s, throttled=True)


def _signature(hook: Hook, now: datetime) -> dict[str, str]:
    if not hook.secret:
        return {}
    seconds = int(now.timestamp())
    return {"timestamp": str(seconds), "sign": sign(hook.secret, seconds)}


def _words(text: str) -> dict[str, Any]:
    return {"tag": "text", "text": _TAG.sub("< ", text)}


def _link(label: str, address: str) -> dict[str, Any]:
    return {"tag": "a", "text": label, "href": address}


def build(name: str, settings: Mapping[str, str]) -> Channel:
    """Make a channel of `webhook` and `secret`, of more robots as `webhook_2` and `secret_2`.

    `keyword`, `per_minute` and `language` are optional.
    """
    given = Settings(name, settings)
    hooks = read_hooks(given, lambda url: bool(_PATH.fullmatch(urlsplit(url).path)), signed=True)
    per_minute, keyword = read_pace(given, PER_MINUTE), given.text("keyword")
    language = given.text("language")
    given.done()
    dialect = Dialect("Feishu", partial(write, keyword=keyword), judge, PER_SECOND)
    channel = GroupRobots(name, dialect, hooks, per_minute)
    channel.language = language
    return channel


NOTIFIER = Notifier("feishu", build)
