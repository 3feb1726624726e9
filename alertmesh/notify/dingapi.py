"""Calls to DingTalk as an enterprise app: its access token, and what the answers mean.

A call never raises for what the other side does. Errors are told by their code, whatever the HTTP
status: one status stands for lacking rights and for too many calls alike.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct, structs

from alertmesh.core.page import Receipt, ReceiptState
from alertmesh.core.ports import Http, HttpAnswer
from alertmesh.notify.exchange import exchange, shown

ENDPOINT = "https://api.dingtalk.com"
TOKEN_PATH = "/v1.0/oauth2/accessToken"  # noqa: S105
CARD_EXISTS, CARD_UNKNOWN = "param.cardAlreadyExist", "param.cardNotExist"
UNSAFE = "param.contentUnsafe"
_MARGIN = timedelta(minutes=5)  # a token is renewed before it ends
_ERROR_LENGTH = 200
_SECOND_S, _MINUTE_S, _BAN_S, _QUOTA_S = 1.0, 60.0, 300.0, 3600.0
_SENT, _BUSY, _DEAD = ReceiptState.SENT, ReceiptState.BUSY, ReceiptState.DEAD
_REFUSED, _UNKNOWN = ReceiptState.REFUSED, ReceiptState.UNKNOWN

_KEY = "check app_key and app_secret: "
_RIGHTS = "give the app the right to call this: "
_ROBOT = "check robot_code, and that the robot is in the group: "
_TEMPLATE = "check card_template, and that it is published: "
_MONEY = "buy more of it in the admin console: "
# What a code means, by the beginning of it that stands here and is longest: the state, what to do
# about it, and for how many seconds the whole channel pauses.
_MEANINGS: dict[str, tuple[ReceiptState, str, float]] = {
    "Forbidden.AccessDenied.Qps": (_BUSY, "", _SECOND_S),
    "Forbidden.AccessDenied.Qpm": (_BUSY, "", _MINUTE_S),
    "Forbidden.AccessDenied.AccessToken": (_DEAD, _RIGHTS, 0.0),
    "Forbidden.AccessDenied.IpNotInWhiteList": (_DEAD, "allow this address for the app: ", 0.0),
    "Forbidden.AccessDenied": (_DEAD, _RIGHTS, 0.0),
    "Forbidden": (_BUSY, "", _SECOND_S),
    "InvalidAuthentication": (_BUSY, "", 0.0),
    "invalidClientIdOrSecret": (_DEAD, _KEY, 0.0),
    "apiPermissionDenied": (_DEAD, _RIGHTS, 0.0),
    "unauthorized": (_DEAD, _RIGHTS, 0.0),
    "qps.exceed.limit": (_BUSY, "", _SECOND_S),
    "request.overlimit": (_BUSY, "", _SECOND_S),
    "toomuch.msg": (_BUSY, "", _MINUTE_S),
    "20001": (_BUSY, "the month's calls of the organisation are used up: ", _QUOTA_S),
    "ding.serverquota.insufficient": (_REFUSED, _MONEY, 0.0),
    "ding.receivercount.limit": (_REFUSED, "", 0.0),
    "invalid.chatbotId": (_DEAD, _ROBOT, 0.0),
    "invalidParam.robotCode": (_DEAD, _ROBOT, 0.0),
    "invalidParam.openConversationId": (_DEAD, "check conversation: ", 0.0),
    "robotDisabled": (_DEAD, _ROBOT, 0.0),
    "robotNotFound": (_DEAD, _ROBOT, 0.0),
    "robot.": (_DEAD, _ROBOT, 0.0),
    "group.": (_DEAD, "check conversation: ", 0.0),
    "not.found": (_DEAD, "check conversation: ", 0.0),
    "param.template": (_DEAD, _TEMPLATE, 0.0),
    "param.cardTemplateId": (_DEAD, _TEMPLATE, 0.0),
    "param.openSpaceId": (_DEAD, "check conversation: ", 0.0),
    "system.busy": (_BUSY, "", 0.0),
    "system": (_UNKNOWN, "", 0.0),
    "send.ding.exception": (_UNKNOWN, "", 0.0),
    "ServiceUnavailable": (_BUSY, "", 0.0),
    "InternalFailure": (_UNKNOWN, "", 0.0),
}
_STALE_TOKEN = "InvalidAuthentication"  # noqa: S105


class App(Struct, frozen=True):
    """The credentials of an app; never shown."""

    key: str
    secret: str

    def __repr__(self) -> str:
        return "App(...)"


class Call(Struct, frozen=True):
    """What came of a call: a receipt, the code of an error, and the answer."""

    receipt: Receipt
    code: str = ""
    body: bytes = b""

    @property
    def good(self) -> bool:
        """Tell whether it was done."""
        return self.receipt.state is _SENT


class _Said(Struct):
    code: str | int = ""
    message: str = ""
    status: int | None = None
    punish: str = ""


class _Token(Struct, rename="camel"):
    access_token: str
    expire_in: int


class DingApi:
    """Call the API with one app's token, which is fetched when needed and kept until it ends."""

    def __init__(self, app: App, endpoint: str = ENDPOINT) -> None:
        self.app = app
        self.endpoint = endpoint.rstrip("/")
        self.host = urlsplit(endpoint).hostname or ""
        self._token = ""
        self._ends_at: datetime | None = None

    def __repr__(self) -> str:
        return f"DingApi({self.host!r})"

    async def call(self, http: Http, method: str, path: str, body: Any, now: datetime) -> Call:
        """Make one call; a token that is not good any more is renewed once."""
        first = await self._call(http, method, path, body, now)
        if first.code != _STALE_TOKEN:
            return first
        self._token = ""
        return await self._call(http, method, path, body, now)

    async def token(self, http: Http, now: datetime) -> Call:
        """Make sure that there is a token."""
        if self._token and self._ends_at is not None and now < self._ends_at:
            return Call(Receipt(state=_SENT))
        wanted = {"appKey": self.app.key, "appSecret": self.app.secret}
        answer = await exchange(http, "POST", self.endpoint + TOKEN_PATH, _headers(), _json(wanted))
        if isinstance(answer, Receipt):
            # Whatever became of this request, the message itself has not left.
            return Call(_busy(answer))
        said = self.judge(answer)
        if not said.good:
            return Call(_busy(said.receipt), said.code)
        try:
            token = msgspec.json.decode(answer.body, type=_Token)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return Call(Receipt(state=_BUSY, error="the answer holds no access token"))
        self._token = token.access_token
        self._ends_at = now + max(timedelta(seconds=token.expire_in) - _MARGIN, _MARGIN)
        return said

    async def _call(self, http: Http, method: str, path: str, body: Any, now: datetime) -> Call:
        known = await self.token(http, now)
        if not known.good:
            return known
        content = b"" if body is None else _json(body)
        answer = await exchange(http, method, self.endpoint + path, _headers(self._token), content)
        return Call(answer) if isinstance(answer, Receipt) else self.judge(answer)

    def judge(self, answer: HttpAnswer) -> Call:
        """Say what an answer means, without anything in it that is a secret of ours."""
        call = judge(answer)
        error = shown(call.receipt.error, [self.app.key, self.app.secret, self._token])
        return Call(structs.replace(call.receipt, error=error), call.code, call.body)


def judge(answer: HttpAnswer) -> Call:
    """Say what an answer means."""
    try:
        said = msgspec.json.decode(answer.body, type=_Said)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Call(_unreadable(answer.status))
    if said.punish or said.status == 1111:
        return Call(_paused("address banned for a while", _BAN_S))
    code = str(said.code)
    if 200 <= answer.status < 300 and code in ("", "0"):
        return Call(Receipt(state=_SENT), "", answer.body)
    if not code or code == "0":
        return Call(_unreadable(answer.status))
    state, hint, pause_s = _meaning(code, answer.status)
    error = f"{hint}{code}: {said.message}"[:_ERROR_LENGTH]
    receipt = _paused(error, pause_s) if pause_s else Receipt(state=state, error=error)
    return Call(receipt, code, answer.body)


def _meaning(code: str, status: int) -> tuple[ReceiptState, str, float]:
    known = [begin for begin in _MEANINGS if code.startswith(begin)]
    if known:
        return _MEANINGS[max(known, key=len)]
    return (_UNKNOWN if status >= 500 else _REFUSED), "", 0.0


def _unreadable(status: int) -> Receipt:
    error = f"HTTP {status} without a readable answer"
    if status >= 500:
        return Receipt(state=_UNKNOWN, error=error)
    if status == 404:
        return Receipt(state=_DEAD, error=f"check endpoint: {error}")
    if 200 <= status < 300 or status == 403:  # the page of a ban is HTML
        return _paused(error, _BAN_S)
    return Receipt(state=_BUSY, error=error, retry_after_s=30.0)


def _paused(error: str, pause_s: float) -> Receipt:
    return Receipt(state=_BUSY, error=error, retry_after_s=pause_s, throttled=True)


def _busy(receipt: Receipt) -> Receipt:
    if receipt.state is not _UNKNOWN:
        return receipt
    return Receipt(state=_BUSY, error=f"no access token: {receipt.error}")


def _headers(token: str = "") -> dict[str, str]:
    plain = {"Content-Type": "application/json"}
    return plain | ({"x-acs-dingtalk-access-token": token} if token else {})


def _json(body: Any) -> bytes:
    return msgspec.json.encode(body)
