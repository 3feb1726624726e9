"""Ask the server whether it takes work."""

from datetime import datetime

import msgspec
from msgspec import Struct

from alertmesh.auditor.look import ServerState
from alertmesh.core.ports import Http

TIMEOUT_S = 5.0


class _Answer(Struct):
    reasons: list[str] = []


class Knock:
    """Ask `url` each round, and remember since when the answer is not yes; an empty one is never asked."""

    def __init__(self, url: str, http: Http) -> None:
        self._url = url
        self._http = http
        self._state = ServerState()

    async def ask(self, now: datetime) -> ServerState:
        """Return how the server is."""
        trouble = await self._trouble() if self._url else ""
        since = (self._state.since or now) if trouble else None
        self._state = ServerState(trouble, since)
        return self._state

    async def _trouble(self) -> str:
        try:
            answer = await self._http("GET", self._url, headers={}, body=b"", timeout_s=TIMEOUT_S)
        except (TimeoutError, ConnectionError) as error:
            return str(error) or type(error).__name__
        if answer.status == 200:
            return ""
        try:
            reasons = msgspec.json.decode(answer.body, type=_Answer).reasons
        except (msgspec.MsgspecError, UnicodeDecodeError):
            reasons = []
        return ", ".join(reasons) or f"HTTP {answer.status}"


def ready_url(listen: str) -> str:
    """Return where a server that listens there says that it is ready; empty when the port is any free one.

    >>> ready_url("0.0.0.0:9393"), ready_url("[::]:9393"), ready_url("127.0.0.1:0")
    ('http://127.0.0.1:9393/-/ready', 'http://[::1]:9393/-/ready', '')
    """
    host, _, port = listen.rpartition(":")
    if port == "0":
        return ""
    everywhere = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104  # asked, not bound
    return f"http://{everywhere.get(host, host)}:{port}/-/ready"
