"""One request and its answer, or a receipt that says why there is none."""

from collections.abc import Mapping

from alertmesh.core.page import Receipt, ReceiptState
from alertmesh.core.ports import Http, HttpAnswer

TIMEOUT_S = 4.0  # a hanging channel must not keep a new P1 waiting for longer


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
