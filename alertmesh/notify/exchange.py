"""One request and its answer, or a receipt that says why there is none."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlsplit

from alertmesh.core.page import Receipt, ReceiptState
from alertmesh.core.ports import Http, HttpAnswer

TIMEOUT_S = 4.0  # a hanging channel must not keep a new P1 waiting for longer
_SHOWN = 200
_SHORTEST_SECRET = 4
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


async def post(http: Http, url: str, headers: Mapping[str, str], body: bytes) -> HttpAnswer | Receipt:
    """Post once. What never left is BUSY, what may have arrived is UNKNOWN."""
    return await exchange(http, "POST", url, headers, body)


async def exchange(
    http: Http, method: str, url: str, headers: Mapping[str, str], body: bytes
) -> HttpAnswer | Receipt:
    """Send one request of any method, as `post` does."""
    try:
        return await http(method, url, headers=headers, body=body, timeout_s=TIMEOUT_S)
    except TimeoutError:
        return Receipt(state=ReceiptState.UNKNOWN, error="no answer in time")
    except ConnectionRefusedError:
        return Receipt(state=ReceiptState.BUSY, error="could not connect")
    except ConnectionError:
        return Receipt(state=ReceiptState.UNKNOWN, error="connection lost before an answer")


def shown(text: str, secrets: Iterable[str]) -> str:
    """Return what the other side said, in one short line and with none of our secrets in it.

    >>> shown("no key hush1\\nhere", ["hush1", ""])
    'no key … here'
    """
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "…")
    return _CONTROL.sub(" ", text)[:_SHOWN].strip()


def secrets_of(url: str) -> list[str]:
    """Return what of a robot's address proves who sends: the values of its query, or its last part.

    >>> secrets_of("https://h/robot/send?access_token=hush1"), secrets_of("https://h/hook/hush2")
    (['hush1'], ['hush2'])
    """
    parts = urlsplit(url)
    return [value for _, value in parse_qsl(parts.query)] or [parts.path.rpartition("/")[2]]
