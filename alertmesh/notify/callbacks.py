"""Requests that providers make to us: they sign nothing, so a secret in the address proves them."""

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol, TypeVar, runtime_checkable

import msgspec

from alertmesh.core.errors import BadPayload
from alertmesh.core.ports import Answer, Inbound
from alertmesh.notify.settings import Settings

T = TypeVar("T")

PARAMETER = "secret"
TAKEN: Answer = (200, msgspec.json.encode({"code": 0, "msg": "OK"}), "application/json")
CHINA = timezone(timedelta(hours=8))
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,128}")
_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S")


def read_secret(given: Settings) -> str:
    """Read the setting `callback_secret`: it stands in an address, so it is made of plain characters."""
    secret = given.text("callback_secret")
    if secret and not _SECRET.fullmatch(secret):
        given.fault("callback_secret", "must be 16 to 128 letters, digits, - or _")
    return secret


@runtime_checkable
class Proving(Protocol):
    """A channel whose provider is known by the address it asks: no body of anybody else's is read."""

    def prove(self, query: Mapping[str, str]) -> None:
        """Raise BadPayload unless the query of a request is the provider's."""
        ...


def check(query: Mapping[str, str], secret: str) -> None:
    """Raise BadPayload unless the query carries the secret; it takes as long whatever is wrong."""
    if not secret:
        raise BadPayload("set callback_secret, or nobody knows who is calling", PARAMETER)
    shown = query.get(PARAMETER, "")
    if not hmac.compare_digest(shown.encode(), secret.encode()):
        raise BadPayload("is wrong or missing", PARAMETER)


def posted(request: Inbound, secret: str, kind: type[T], what: str) -> T:
    """Return what a request carries; BadPayload unless it has the secret and is what `what` says."""
    check(request.query, secret)
    try:
        return msgspec.json.decode(request.body, type=kind, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadPayload(f"is not {what}: {error}", "body") from error


def moment(text: str) -> datetime | None:
    """Return a time of Alibaba Cloud, which is Beijing's; None when it is none.

    >>> moment("2026-11-23 12:00:05"), moment("later")
    (datetime.datetime(2026, 11, 23, 4, 0, 5, tzinfo=datetime.timezone.utc), None)
    """
    for form in _TIMES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=CHINA).astimezone(UTC)
        except ValueError:
            continue
    return None
