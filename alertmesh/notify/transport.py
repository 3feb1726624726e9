"""The one way out to the network, on aiohttp: only to configured hosts, never through a redirect."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

import aiohttp

from alertmesh.core.live import Socket
from alertmesh.core.ports import Channel, HttpAnswer

_ANSWER_LIMIT = 1 << 20
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_CONNECT_S = 10.0
_FAREWELL_S = 1.0
_CLOSED = frozenset({aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSING, aiohttp.WSMsgType.CLOSED})


@runtime_checkable
class Reaching(Protocol):
    """A channel that says which hosts it talks to; `.example.org` stands for every host below it."""

    hosts: tuple[str, ...]


def hosts_of(channels: Iterable[Channel]) -> frozenset[str]:
    """Return every host that the configured channels talk to."""
    return frozenset(host for channel in channels if isinstance(channel, Reaching) for host in channel.hosts)


class AiohttpTransport:
    """Send requests to allowed hosts. Implements `core.ports.Http`.

    `tls` says whose certificates are trusted; None stands for those that the machine trusts.
    Raises ConnectionRefusedError when nothing was sent (no connection, host not allowed),
    TimeoutError when no answer came in time, and ConnectionResetError when the connection broke
    after the request may have been read.
    """

    def __init__(self, hosts: Iterable[str], tls: ssl.SSLContext | None = None) -> None:
        self._hosts = frozenset(hosts)
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    def allow(self, hosts: Iterable[str]) -> None:
        """Replace the hosts that may be reached."""
        self._hosts = frozenset(hosts)

    async def close(self) -> None:
        """Let go of all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        timeout_s: float,
    ) -> HttpAnswer:
        """Send one request and return the answer, whatever its status."""
        host = self._allowed(url)
        limits = aiohttp.ClientTimeout(total=timeout_s, connect=timeout_s * 0.75)
        try:
            async with self._open().request(
                method, url, headers=headers, data=body, timeout=limits, allow_redirects=False
            ) as answer:
                return HttpAnswer(answer.status, dict(answer.headers), await _content(answer))
        except aiohttp.InvalidURL:
            raise ConnectionRefusedError("not an address") from None  # its text may hold a token
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise ConnectionRefusedError(f"cannot connect to {host}: {type(error).__name__}") from error
        except TimeoutError as error:
            raise TimeoutError(f"no answer from {host} in {timeout_s:g} s") from error
        except (aiohttp.ClientError, ConnectionError) as error:
            raise ConnectionResetError(f"connection to {host} lost: {type(error).__name__}") from error

    @asynccontextmanager
    async def dial(self, url: str, *, heartbeat_s: float) -> AsyncIterator[Socket]:
        """Open a WebSocket to an allowed host. Implements `core.ports.Dial`."""
        host = self._allowed(url, "wss", "ws")
        if not url.startswith("wss:") and host not in _LOOPBACK:
            raise ConnectionRefusedError("a WebSocket must begin with wss; ws is for loopback only")
        try:
            async with asyncio.timeout(_CONNECT_S):
                opened = await self._open().ws_connect(
                    url, heartbeat=heartbeat_s, autoping=True, max_msg_size=_ANSWER_LIMIT
                )
        except TimeoutError as error:
            raise TimeoutError(f"no answer from {host} in {_CONNECT_S:g} s") from error
        except (aiohttp.ClientError, ConnectionError) as error:
            raise ConnectionRefusedError(f"cannot connect to {host}: {type(error).__name__}") from error
        try:
            yield _AiohttpSocket(opened)
        finally:
            # A peer that is gone answers no farewell, and nobody waits for one.
            with suppress(TimeoutError, aiohttp.ClientError, ConnectionError):
                async with asyncio.timeout(_FAREWELL_S):
                    await opened.close()

    def _allowed(self, url: str, *schemes: str) -> str:
        parts = urlsplit(url)
        host = parts.hostname or ""
        known = host in self._hosts or any(host.endswith(one) for one in self._hosts if one.startswith("."))
        if not host or not known or parts.scheme not in (schemes or ("http", "https")):
            raise ConnectionRefusedError(f"{host!r} is no host that the configuration names")
        return host

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit_per_host=4, enable_cleanup_closed=False, ssl=self._tls or True
            )
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


class _AiohttpSocket:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def receive(self, timeout_s: float) -> str | None:
        async with asyncio.timeout(timeout_s):
            while True:
                told = await self._socket.receive()
                if told.type is aiohttp.WSMsgType.TEXT:
                    return str(told.data)
                if told.type is aiohttp.WSMsgType.ERROR:
                    raise ConnectionResetError("the connection broke")
                if told.type in _CLOSED:
                    return None

    async def send(self, text: str) -> None:
        try:
            await self._socket.send_str(text)
        except (aiohttp.ClientError, RuntimeError) as error:
            raise ConnectionResetError("the connection is closed") from error


async def _content(answer: aiohttp.ClientResponse) -> bytes:
    """Read an answer, but no more of it than any channel could mean."""
    content = b""
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) >= _ANSWER_LIMIT:
            break
    return content
