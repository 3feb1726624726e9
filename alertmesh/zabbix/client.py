"""Ask the API of one Zabbix server without ever blocking the event loop.

pyzabbix waits for its answers, so it works in a small pool of threads of its own. What failed on
the way is tried again if it was a question; an order is not, for it may have been carried out.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from zlib import crc32

from alertmesh.core.errors import MonitorDenied, MonitorRefused, MonitorUnavailable
from alertmesh.zabbix import versions
from alertmesh.zabbix.session import BLOCKED_S, Account, Sessions
from alertmesh.zabbix.versions import Dialect, Version
from alertmesh.zabbix.workers import Workers

_TRIES = 3
_FIRST_WAIT_S = 0.5
_READS = (".get", ".version", ".export", ".importcompare", ".checkAuthentication")


class ZabbixClient:
    """One Zabbix server, as one user. `threads` calls at most are under way at any moment."""

    def __init__(
        self,
        account: Account,
        threads: int = 2,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.url = account.url
        self._account = account
        self._sessions = Sessions(account)
        self._pool = Workers(threads, "zabbix")
        self._sleep = sleep
        self._rests_until = 0.0
        self._failures = 0

    async def call(self, method: str, *args: Any, **params: Any) -> Any:
        """Call a method of the API and return its result; `args` is for those that take a list.

        Raises MonitorUnavailable when it may work later, MonitorDenied when we may not come in,
        and MonitorRefused with Zabbix' own words when it says no.
        """
        given = list(args) if args else params
        tries = _TRIES if method.endswith(_READS) else 1
        return await self._run(lambda: self._sessions.ask(method, given), tries)

    async def version(self) -> Version:
        """Return the version of the server."""
        login = await self._run(self._sessions.login, _TRIES)
        return versions.parse(str(login.version))

    async def dialect(self) -> Dialect:
        """Return how this server is spoken to."""
        return versions.dialect(await self.version())

    async def user_id(self) -> str:
        """Return the id of the user that we are."""
        login = await self._run(self._sessions.login, _TRIES)
        if login.user_id:
            return str(login.user_id)
        try:
            found = await self.call("user.checkAuthentication", token=self._account.token)
        except MonitorDenied:
            raise
        except MonitorRefused as error:
            raise MonitorDenied(f"{error}; make a new API token in Zabbix and set it", error.code) from error
        return str(found["userid"])

    async def close(self) -> None:
        """Let go of threads and connections; a call under way ends with its timeout."""
        self._pool.close()
        self._sessions.close()

    async def _run(self, work: Callable[[], Any], tries: int) -> Any:
        loop = asyncio.get_running_loop()
        for left in reversed(range(tries)):
            self._refuse_while_blocked(loop.time())
            try:
                return await self._pool.run(work)
            except MonitorUnavailable as error:
                self._failures += 1
                if error.retry_after_s:
                    self._rests_until = loop.time() + error.retry_after_s
                if error.retry_after_s or not left:
                    raise
            await self._sleep(self._wait(tries - left))
        raise AssertionError("the last try returns or raises")

    def _refuse_while_blocked(self, now: float) -> None:
        if now < self._rests_until:
            left = self._rests_until - now
            raise MonitorUnavailable(
                f"{self.url}: Zabbix refused the login a moment ago; it is tried again in {left:.0f} s", left
            )

    def _wait(self, tried: int) -> float:
        """Return how long to wait: about twice as long each time, and not the same for all servers."""
        spread = crc32(f"{self.url} {self._failures}".encode()) % 1000 / 1000
        return float(_FIRST_WAIT_S * 2 ** (tried - 1) * (0.75 + spread / 2))


__all__ = ["BLOCKED_S", "Account", "ZabbixClient"]
