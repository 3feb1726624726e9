"""The one way out to the network, on aiohttp: only to configured hosts, never through a redirect."""

from collections.abc import Iterable, Mapping
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

import aiohttp

from alertmesh.core.ports import Channel, HttpAnswer

_ANSWER_LIMIT = 1 << 20


@runtime_checkable
class Reaching(Protocol):
    """A channel that says which hosts it talks to."""

    hosts: tuple[str, ...]


def hosts_of(channels: Iterable[Channel]) -> frozenset[str]:
    """Return every host that the configured channels talk to."""
    return frozenset(host for channel in channels if isinstance(channel, Reaching) for host in channel.hosts)


class AiohttpTransport:
    """Send requests to allowed hosts. Implements `core.ports.Http`.

    Raises ConnectionRefusedError when nothing was sent (no connection, host not allowed),
    TimeoutError when no answer came in time, and ConnectionResetError when the connection broke
    after the request may have been read.
    """

    def __init__(self, hosts: Iterable[str]) -> None:
        self._hosts = frozenset(hosts)
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

    def _allowed(self, url: str) -> str:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if host not in self._hosts or parts.scheme not in {"http", "https"}:
            raise ConnectionRefusedError(f"{host!r} is not the host of a configured channel")
        return host

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit_per_host=4, enable_cleanup_closed=False)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


async def _content(answer: aiohttp.ClientResponse) -> bytes:
    """Read an answer, but no more of it than any channel could mean."""
    content = b""
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) >= _ANSWER_LIMIT:
            break
    return content
