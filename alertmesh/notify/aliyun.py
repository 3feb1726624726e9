"""Calls to Alibaba Cloud: the signature ACS3-HMAC-SHA256, and what the answers of SMS and voice mean.

A call never raises for what the other side does. Secrets stand in no address: the key's secret
only signs, and everything else of the account is in headers.
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_hex
from urllib.parse import quote, urlsplit

import msgspec
from msgspec import Struct

from alertmesh.core.page import Receipt, ReceiptState
from alertmesh.core.ports import Http, HttpAnswer
from alertmesh.notify.exchange import post
from alertmesh.notify.settings import Settings

ALGORITHM = "ACS3-HMAC-SHA256"
VERSION = "2017-05-25"  # of both interfaces, SMS and voice
OK = "OK"
_ERROR_LENGTH = 200
_THROTTLED_S = 10.0
_SENT, _BUSY, _DEAD = ReceiptState.SENT, ReceiptState.BUSY, ReceiptState.DEAD
_REFUSED, _UNKNOWN = ReceiptState.REFUSED, ReceiptState.UNKNOWN

_KEY = "check access_key_id and access_key_secret: "
_MONEY = "RECHARGE the Alibaba Cloud account, nothing leaves until then: "
_RIGHTS = "give the key the right to call this: "
_CLOCK = "check the clock of this machine: "
_TEMPLATE = "check template, sign_name and params in the provider's console: "
_QUOTA = "raise the account's own limit in the provider's console: "
_NUMBER_LIMIT = "this number gets no more for now: "
# What a code means, by its longest beginning that stands here.
_MEANINGS: dict[str, tuple[ReceiptState, str]] = {
    OK: (_SENT, ""),
    "InvalidAccessKeyId": (_DEAD, _KEY),
    "SignatureDoesNotMatch": (_DEAD, _KEY),
    "IncompleteSignature": (_DEAD, _KEY),
    "MissingAccessKeyId": (_DEAD, _KEY),
    "InvalidTimeStamp": (_DEAD, _CLOCK),
    "SignatureNonceUsed": (_BUSY, ""),
    "Forbidden": (_DEAD, _RIGHTS),
    "NoPermission": (_DEAD, _RIGHTS),
    "Throttling": (_BUSY, ""),
    "ServiceUnavailable": (_BUSY, ""),
    "InternalError": (_UNKNOWN, ""),
    "isp.": (_BUSY, ""),
    "isp.RAM_PERMISSION_DENY": (_DEAD, _RIGHTS),
    "isv.": (_REFUSED, ""),
    "isv.AMOUNT_NOT_ENOUGH": (_DEAD, _MONEY),
    "isv.OUT_OF_SERVICE": (_DEAD, _MONEY),
    "isv.ACCOUNT_": (_DEAD, _KEY),
    "isv.PRODUCT_UN": (_DEAD, "order the service in the provider's console: "),
    "isv.DENY_IP_RANGE": (_DEAD, "send from an address in mainland China: "),
    "isv.SMS_TEMPLATE_ILLEGAL": (_DEAD, _TEMPLATE),
    "isv.SMS_SIGN": (_DEAD, _TEMPLATE),
    "isv.SIGN_": (_DEAD, _TEMPLATE),
    "isv.TTS_TEMPLATE_ILLEGAL": (_DEAD, _TEMPLATE),
    "isv.VOICE_": (_DEAD, _TEMPLATE),
    "isv.TEMPLATE_MISSING_PARAMETERS": (_DEAD, _TEMPLATE),
    "isv.INVALID_JSON_PARAM": (_DEAD, _TEMPLATE),
    "isv.DISPLAY_NUMBER_ILLEGAL": (_DEAD, "check show_number: "),
    "isv.DAY_LIMIT_CONTROL": (_DEAD, _QUOTA),
    "isv.MONTH_LIMIT_CONTROL": (_DEAD, _QUOTA),
    "isv.BUSINESS_LIMIT_CONTROL": (_REFUSED, _NUMBER_LIMIT),
}


class Account(Struct, frozen=True):
    """The access key; never shown."""

    key_id: str
    secret: str

    def __repr__(self) -> str:
        return "Account(...)"


class Said(Struct, rename="pascal"):
    """The part of an answer that all calls share, with what single calls add."""

    code: str = ""
    message: str = ""
    biz_id: str = ""
    call_id: str = ""


class Verdict(Struct, frozen=True):
    """What an answer means: the receipt, the code it came with, and the whole answer."""

    receipt: Receipt
    code: str = ""
    body: bytes = b""


class Client:
    """Sign calls with one account and send them to one endpoint."""

    def __init__(self, account: Account, endpoint: str) -> None:
        self.host = urlsplit(endpoint).hostname or ""
        self._account = account
        self._endpoint = endpoint

    def __repr__(self) -> str:
        return f"Client({self.host!r})"

    async def call(self, http: Http, action: str, query: Mapping[str, str], now: datetime) -> Verdict:
        """Make one call once."""
        address, headers = self._request(action, query, now)
        answer = await post(http, address, headers, b"")
        return Verdict(answer) if isinstance(answer, Receipt) else judge(answer)

    def _request(self, action: str, query: Mapping[str, str], now: datetime) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self._endpoint)
        arguments = canonical_query(query)
        headers = {
            "host": parts.netloc,
            "x-acs-action": action,
            "x-acs-content-sha256": sha256(b"").hexdigest(),
            "x-acs-date": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": token_hex(16),
            "x-acs-version": VERSION,
        }
        signed = authorization(self._account, "POST", arguments, headers)
        return f"{parts.scheme}://{parts.netloc}/?{arguments}", headers | {"Authorization": signed}


def canonical_query(query: Mapping[str, str]) -> str:
    """Return the arguments of a call in the one form that is signed.

    >>> canonical_query({"b": "x y", "a": "{磁}"})
    'a=%7B%E7%A3%81%7D&b=x%20y'
    """
    return "&".join(f"{quote(name, safe='~')}={quote(query[name], safe='~')}" for name in sorted(query))


def authorization(account: Account, method: str, arguments: str, headers: Mapping[str, str]) -> str:
    """Return the header that signs a call of `/` without a body; `headers` are all signed, in lower case."""
    names = sorted(headers)
    signed_names = ";".join(names)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    digest = headers["x-acs-content-sha256"]
    canonical = f"{method}\n/\n{arguments}\n{lines}\n{signed_names}\n{digest}"
    to_sign = f"{ALGORITHM}\n{sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(account.secret.encode(), to_sign.encode(), sha256).hexdigest()
    return f"{ALGORITHM} Credential={account.key_id},SignedHeaders={signed_names},Signature={signature}"


def judge(answer: HttpAnswer) -> Verdict:
    """Say what an answer means."""
    try:
        said = msgspec.json.decode(answer.body, type=Said)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = Said()
    if not said.code:
        return Verdict(_unreadable(answer.status))
    state, hint = _meaning(said.code)
    if state is _SENT:
        return Verdict(Receipt(state=state, provider_id=said.biz_id or said.call_id), said.code, answer.body)
    error = f"{hint}{said.code}: {said.message}"[:_ERROR_LENGTH]
    throttled = said.code.startswith("Throttling")
    wait_s = _THROTTLED_S if throttled else 0.0
    receipt = Receipt(state=state, error=error, retry_after_s=wait_s, throttled=throttled)
    return Verdict(receipt, said.code, answer.body)


def health(verdict: Verdict) -> Receipt:
    """Say by the answer to a question without effect whether messages would be taken."""
    if verdict.receipt.state is not _REFUSED:
        return verdict.receipt
    return Receipt(state=_SENT)  # the account is good: only the made-up question was not


def client(given: Settings, endpoint: str) -> Client:
    """Read the settings of an account, `endpoint` among them."""
    account = Account(
        given.required("access_key_id", "of a key that may do nothing else"),
        given.required("access_key_secret", "its secret, as ${NAME} or file:PATH"),
    )
    address = given.url("endpoint", endpoint)
    if urlsplit(address).path.strip("/") or urlsplit(address).query:
        given.fault("endpoint", "must be an address without a path")
    return Client(account, address)


def _meaning(code: str) -> tuple[ReceiptState, str]:
    known = [begin for begin in _MEANINGS if code.startswith(begin)]
    if not known or (code.startswith(OK) and code != OK):
        return _REFUSED, ""
    return _MEANINGS[max(known, key=len)]


def _unreadable(status: int) -> Receipt:
    error = f"HTTP {status} without a readable answer"
    if status == 429:
        return Receipt(state=_BUSY, error=error, retry_after_s=_THROTTLED_S, throttled=True)
    if 400 <= status < 500:
        return Receipt(state=_DEAD, error=f"check endpoint: {error}")
    return Receipt(state=_UNKNOWN, error=error)
