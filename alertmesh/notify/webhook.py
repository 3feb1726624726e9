"""Page any program that takes requests over HTTP: JSON of ours, or a body of its own made from the parts."""

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256

import msgspec
from msgspec import Struct

from alertmesh.core.page import Message, Receipt, ReceiptState
from alertmesh.core.ports import Channel, Http, HttpAnswer, Notifier
from alertmesh.notify.exchange import exchange
from alertmesh.notify.form import JSON, escape, filled, one_line, places, read_headers
from alertmesh.notify.settings import Settings, host_of
from alertmesh.notify.variables import FIELDS

METHODS = ("POST", "PUT")
_SAMPLE = Message(key="k", title='a "title"', text="one\ntwo", minimal="m")
_OURS = frozenset({"content-type", "content-length", "host", "transfer-encoding"})
_LOOKED_AT = 20_000  # bytes of an answer
_LONGEST_WAIT_S = 3600.0
_BUSY = frozenset({408, 425, 429})


class Secrets(Struct, frozen=True):
    """What proves to the receiver who sends; never shown."""

    token: str = ""
    signing: str = ""

    def __repr__(self) -> str:
        return "Secrets(...)"


class Shape(Struct, frozen=True, kw_only=True):
    """What requests look like; a body or a header may hold places such as `{title}`. Never shown.

    Without a body of its own a request holds the whole message as JSON. `sent_answer` is searched in the
    answer to what was taken by its status: some receivers tell errors there alone.
    """

    method: str = METHODS[0]
    headers: Mapping[str, str] = {}
    body: str = ""
    kind: str = JSON
    sent_answer: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return "Shape(...)"

    def write(self, message: Message) -> bytes:
        """Return the body for a message."""
        if not self.body:
            return msgspec.json.encode(message)
        return filled(self.body, parts_of(message), escape(self.kind)).encode()

    def head(self, message: Message) -> dict[str, str]:
        """Return the headers for a message."""
        parts = parts_of(message)
        own = {name: one_line(filled(value, parts)) for name, value in self.headers.items()}
        return {"Content-Type": self.kind, "Idempotency-Key": message.key, **own}


class Webhook:
    """One address that gets every message.

    With a signing secret, `X-AlertMesh-Signature` is `t=<unix seconds>,v1=<hex>`, the
    HMAC-SHA256 of `<unix seconds>.<body>`.
    """

    def __init__(self, name: str, url: str, secrets: Secrets, shape: Shape) -> None:
        self.name = name
        self.per_minute = 0
        self.idempotent = False
        self.language = ""
        self.hosts = (host_of(url),)
        self._url = url
        self._secrets = secrets
        self._shape = shape

    def __repr__(self) -> str:
        return f"Webhook({self.name!r})"

    async def send(self, message: Message, now: datetime, http: Http) -> Receipt:
        """Post a message once."""
        body = self._shape.write(message)
        headers = self._headers(message, body, now)
        answer = await exchange(http, self._shape.method, self._url, headers, body)
        if isinstance(answer, Receipt):
            return answer
        receipt, wanted = judge(answer, now), self._shape.sent_answer
        said = answer.body[:_LOOKED_AT].decode(errors="replace")
        if receipt.state is not ReceiptState.SENT or wanted is None or wanted.search(said):
            return receipt
        error = f"HTTP {answer.status}, but the answer does not match sent_answer"
        return Receipt(state=ReceiptState.REFUSED, error=error)

    def _headers(self, message: Message, body: bytes, now: datetime) -> dict[str, str]:
        headers = self._shape.head(message)
        if self._secrets.token:
            headers["Authorization"] = f"Bearer {self._secrets.token}"
        if self._secrets.signing:
            seconds = int(now.timestamp())
            signed = f"{seconds}.".encode() + body
            digest = hmac.new(self._secrets.signing.encode(), signed, sha256).hexdigest()
            headers["X-AlertMesh-Signature"] = f"t={seconds},v1={digest}"
        return headers


def parts_of(message: Message) -> dict[str, str]:
    """Return what the places of a body stand for: the fields of a message, and its texts."""
    return {
        **dict.fromkeys(FIELDS, ""),
        **message.fields,
        "key": message.key,
        "title": message.title,
        "text": message.text,
        "minimal": message.minimal,
        "url": message.url,
        "language": message.language,
        "mobiles": ",".join(message.mobiles),
        "people": ",".join(person.name for person in message.recipients),
    }


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
    """Make a webhook of `url`; see docs/notify.md for what else may be set."""
    given = Settings(name, settings)
    url, secrets = given.url("url"), Secrets(given.text("token"), given.text("secret"))
    shape, idempotent = _shape(given), given.flag("idempotent", False)
    per_minute, language = given.number("per_minute", 0), given.text("language")
    if secrets.token and "authorization" in {header.lower() for header in shape.headers}:
        given.fault("token", "is of no use beside a header Authorization")
    given.done()
    hook = Webhook(name, url, secrets, shape)
    hook.per_minute, hook.idempotent, hook.language = per_minute, idempotent, language
    return hook


def _shape(given: Settings) -> Shape:
    shape = Shape(
        method=given.text("method", METHODS[0]).upper(),
        headers=read_headers(given),
        body=given.text("body"),
        kind=given.text("content_type", JSON),
        sent_answer=given.pattern("sent_answer"),
    )
    if shape.method not in METHODS:
        given.fault("method", f"must be one of {', '.join(METHODS)}")
    known = parts_of(_SAMPLE)
    for setting, text in (("body", shape.body), *(("headers", value) for value in shape.headers.values())):
        if unknown := sorted(places(text) - set(known)):
            given.fault(setting, f"{{{unknown[0]}}} is not one of {', '.join(sorted(known))}")
    if barred := sorted({name.lower() for name in shape.headers} & _OURS):
        given.fault("headers", f"{barred[0]} is none of them: it follows from the rest")
    if shape.kind != JSON and not shape.body:
        given.fault("content_type", "goes together with a body")
    if shape.body and shape.kind == JSON and not _is_json(shape.write(_SAMPLE)):
        given.fault("body", 'is no JSON: places stand within quotes, such as {"text": "{text}"}')
    return shape


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body)
    except msgspec.DecodeError:
        return False
    return True


NOTIFIER = Notifier("webhook", build)
