"""Page any program that takes JSON over HTTP."""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256

import msgspec
from msgspec import Struct

from alertmesh.core.page import Message, Receipt, ReceiptState
from alertmesh.core.ports import Channel, Http, HttpAnswer, Notifier
from alertmesh.notify.exchange import post
from alertmesh.notify.settings import Settings, host_of

_LONGEST_WAIT_S = 3600.0
_BUSY = frozenset({408, 425, 429})


class Secrets(Struct, frozen=True):
    """What proves to the receiver who sends; never shown."""

    token: str = ""
    signing: str = ""

    def __repr__(self) -> str:
        return "Secrets(...)"


class Webhook:
    """One address that gets every message as JSON.

    With a signing secret, `X-AlertMesh-Signature` is `t=<unix seconds>,v1=<hex>`, the
    HMAC-SHA256 of `<unix seconds>.<body>`.
    """

    def __init__(self, name: str, url: str, secrets: Secrets, per_minute: int = 0) -> None:
        self.name = name
        self.per_minute = per_minute
        self.idempotent = False
        self.language = ""
        self.hosts = (host_of(url),)
        self._url = url
        self._secrets = secrets

    def __repr__(self) -> str:
        return f"Webhook({self.name!r})"

    async def send(self, message: Message, now: datetime, http: Http) -> Receipt:
        """Post a message once."""
        body = msgspec.json.encode(message)
        headers = self._headers(message, body, now)
        answer = await post(http, self._url, headers, body)
        return answer if isinstance(answer, Receipt) else judge(answer, now)

    def _headers(self, message: Message, body: bytes, now: datetime) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.key}
        if self._secrets.token:
            headers["Authorization"] = f"Bearer {self._secrets.token}"
        if self._secrets.signing:
            seconds = int(now.timestamp())
            signed = f"{seconds}.".encode() + body
            digest = hmac.new(self._secrets.signing.encode(), signed, sha256).hexdigest()
            headers["X-AlertMesh-Signature"] = f"t={seconds},v1={digest}"
        return headers


def judge(answer: HttpAnswer, now: datetime) -> Receipt:
    """Say what an HTTP status means for a message."""
    if 200 <= answer.status < 300:
        return Receipt(state=ReceiptState.SENT)
    error = f"HTTP {answer.status}"
    if answer.status in _BUSY or answer.status >= 500:
        return Receipt(state=ReceiptState.BUSY, error=error, retry_after_s=_wait_s(answer, now))
    return Receipt(state=ReceiptState.REFUSED, error=error)


def _wait_s(answer: HttpAnswer, now: datetime) -> float:
    text = next(
        (value for name, value in answer.headers.items() if name.lower() == "retry-after"), ""
    ).strip()
    if text.isdecimal():
        return min(float(text), _LONGEST_WAIT_S)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (aware - now).total_seconds()), _LONGEST_WAIT_S)


def build(name: str, settings: Mapping[str, str]) -> Channel:
    """Make a webhook of `url`, and optionally `token`, `secret`, `idempotent`, `per_minute`, `language`."""
    given = Settings(name, settings)
    url, secrets = given.url("url"), Secrets(given.text("token"), given.text("secret"))
    idempotent, language = given.flag("idempotent", False), given.text("language")
    per_minute = given.number("per_minute", 0)
    given.done()
    hook = Webhook(name, url, secrets, per_minute)
    hook.idempotent = idempotent
    hook.language = language
    return hook


NOTIFIER = Notifier("webhook", build)
