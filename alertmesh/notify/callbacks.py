"""Requests that providers make to us: they sign nothing, so a secret in the address proves them."""

import hmac
import re
from datetime import UTC, datetime, timedelta, timezone

import msgspec

from alertmesh.core.errors import BadPayload
from alertmesh.core.ports import Answer, Inbound
from alertmesh.notify.settings import Settings

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


def check(request: Inbound, secret: str) -> None:
    """Raise BadPayload unless the request carries the secret; it takes as long whatever is wrong."""
    if not secret:
        raise BadPayload("set callback_secret, or nobody knows who is calling", PARAMETER)
    shown = request.query.get(PARAMETER, "")
    if not hmac.compare_digest(shown.encode(), secret.encode()):
        raise BadPayload("is wrong or missing", PARAMETER)


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
