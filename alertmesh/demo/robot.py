"""How a DingTalk custom robot behaves, without a network: checks, limits, penalties, faults.

Can be used as `core.ports.Http` directly. `demo.dingtalk` puts it behind a port.
"""

import base64
import hmac
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec import Struct

from alertmesh.core.clock import Clock
from alertmesh.core.ports import HttpAnswer
from alertmesh.demo.faults import Faulty, lose, page

FAULTS = (
    "timeout_after_accept",
    "busy",
    "html",
    "slow",
    "refuse_moderation",
    "drop_before_accept",
    "throttle",
)
PER_MINUTE = 20
_MINUTE = timedelta(seconds=60)
_PENALTY = timedelta(minutes=10)
_SKEW = timedelta(hours=1)
_BODY_LIMIT = 20_000
_SHAPES = {
    "text": ("content",),
    "markdown": ("title", "text"),
    "actionCard": ("title", "text"),
}
_THROTTLED = "send too fast, exceed 20 times per minute"


class Accepted(Struct, frozen=True, kw_only=True):
    """A message as the group sees it; `mobiles` and `users` are those it mentions."""

    at: datetime
    token: str
    key: str
    kind: str
    title: str
    text: str
    mobiles: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    buttons: tuple[tuple[str, str], ...] = ()


class _Refusal(Exception):
    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class Robot(Faulty):
    """Take messages for the robots in `secrets` (token to signing secret, empty for unsigned).

    `messages` are those that the group sees, each `msgUuid` once; `duplicates` counts the
    repeats that were answered with success but not shown, `arrivals` are the moments of all
    signed requests, `refused` counts the answers that were errors, by code.
    """

    def __init__(self, clock: Clock, secrets: Mapping[str, str]) -> None:
        super().__init__(FAULTS, page(200, b"<html><body>deny</body></html>"))
        self.messages: list[Accepted] = []
        self.arrivals: list[datetime] = []
        self.duplicates = 0
        self.refused: dict[int, int] = {}
        self._clock = clock
        self._secrets = dict(secrets)
        self._seen: set[tuple[str, str]] = set()
        self._windows: dict[str, deque[datetime]] = {}
        self._blocked: dict[str, datetime] = {}

    def respond(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, fault: str
    ) -> HttpAnswer:
        """Answer a request to one of the robots; whatever is answered can be lost."""
        answer = self._answer(url, headers, body, fault)
        lose(fault)
        return answer

    def _answer(self, url: str, headers: Mapping[str, str], body: bytes, fault: str) -> HttpAnswer:
        try:
            self._take(url, headers, body, fault)
        except _Refusal as refusal:
            self.refused[refusal.code] = self.refused.get(refusal.code, 0) + 1
            return _said(refusal.code, refusal.text)
        return _said(0, "ok")

    def _take(self, url: str, headers: Mapping[str, str], body: bytes, fault: str) -> None:
        now = self._clock.now()
        query = dict(parse_qsl(urlsplit(url).query))
        token = query.get("access_token", "")
        if token not in self._secrets:
            raise _Refusal(300005, "token is not exist")
        _check_sign(self._secrets[token], query, now)
        payload = _payload(headers, body)
        self.arrivals.append(now)
        self._check_pace(token, now)
        if fault == "throttle":
            raise _Refusal(410100, "发送速度太快而限流")
        if fault == "busy":
            raise _Refusal(-1, "系统繁忙")
        message = _read(payload, token, now)
        if fault == "refuse_moderation":
            raise _Refusal(430102, "message contains unsafe text content")
        seen = (token, message.key)
        if message.key and seen in self._seen:
            self.duplicates += 1
            return
        self._seen.add(seen)
        self.messages.append(message)

    def _check_pace(self, token: str, now: datetime) -> None:
        blocked = self._blocked.get(token)
        if blocked is not None and now < blocked:
            raise _Refusal(130101, _THROTTLED)
        window = self._windows.setdefault(token, deque())
        while window and window[0] <= now - _MINUTE:
            window.popleft()
        if len(window) >= PER_MINUTE:
            self._blocked[token] = now + _PENALTY
            raise _Refusal(130101, _THROTTLED)
        window.append(now)


def sign(secret: str, timestamp_ms: int) -> str:
    """Return the signature of a moment, before it is put into an address.

    >>> sign("SECabc123", 1700000000000)
    'N5P09a4+p1AMJIJWnIvQd2Yxw9+fu/oEBnPrjCcsLXk='
    """
    digest = hmac.new(secret.encode(), f"{timestamp_ms}\n{secret}".encode(), sha256).digest()
    return base64.b64encode(digest).decode()


def _check_sign(secret: str, query: Mapping[str, str], now: datetime) -> None:
    if not secret:
        return
    stamp = query.get("timestamp", "")
    if not stamp.isdecimal() or abs(int(stamp) / 1000 - now.timestamp()) > _SKEW.total_seconds():
        raise _Refusal(310000, "invalid timestamp")
    if not hmac.compare_digest(query.get("sign", "").encode(), sign(secret, int(stamp)).encode()):
        raise _Refusal(310000, "机器人发送签名不匹配")


def _payload(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    if not kind.startswith("application/json"):
        raise _Refusal(43004, "无效的HTTP HEADER Content-Type")
    if len(body) > _BODY_LIMIT:
        raise _Refusal(460101, "message too long, exceed 20000 bytes")
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _Refusal(40035, "缺少参数 json") from error


def _read(payload: Mapping[str, Any], token: str, now: datetime) -> Accepted:
    kind = str(payload.get("msgtype", ""))
    if kind not in _SHAPES:
        raise _Refusal(400105, "unsupported msgtype")
    content = payload.get(kind)
    if not isinstance(content, dict) or not all(content.get(field) for field in _SHAPES[kind]):
        raise _Refusal(40035, f"缺少参数 {kind}")
    text = str(content.get("text") or content.get("content"))
    at = payload.get("at") or {}
    mobiles = tuple(str(mobile) for mobile in at.get("atMobiles", ()))
    users = tuple(str(user) for user in at.get("atUserIds", ()))
    if not all(f"@{name}" in text for name in (*mobiles, *users)):
        raise _Refusal(40035, "somebody to be mentioned is missing from the text")
    return Accepted(
        at=now,
        token=token,
        key=str(payload.get("msgUuid", "")),
        kind=kind,
        title=str(content.get("title", "")),
        text=text,
        mobiles=() if kind == "actionCard" else mobiles,  # a card mentions by staff id only
        users=users,
        buttons=_buttons(content) if kind == "actionCard" else (),
    )


def _buttons(content: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    found = [(str(one.get("title", "")), str(one.get("actionURL", ""))) for one in content.get("btns", ())]
    single = (str(content.get("singleTitle", "")), str(content.get("singleURL", "")))
    shown = tuple(pair for pair in (*found, single) if all(pair))
    if not shown:
        raise _Refusal(40035, "缺少参数 btns")
    return shown


def _said(code: int, text: str) -> HttpAnswer:
    body = msgspec.json.encode({"errcode": code, "errmsg": text})
    return HttpAnswer(200, {"Content-Type": "application/json"}, body)
