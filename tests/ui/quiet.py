"""An AlertMesh that heard nothing yet, with two people, and accounts for those who want to sign in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from msgspec import Struct
from playwright.async_api import Page

from alertmesh.core.clock import SystemClock
from alertmesh.server import Server
from alertmesh.store import tokens
from alertmesh.store.accounts import Cost, add, hashed, remove, set_password
from alertmesh.store.memory import MemoryStore
from alertmesh.wiring import Wiring
from tests.scenarios.people import staffed

CHEAP = Cost(n=2, r=1, p=1)
PASSWORD = "correct horse"


class Quiet(Struct):
    """A running server."""

    server: Server
    url: str

    async def account(self, name: str, role: str = "responder") -> None:
        """Make an account, which closes the open door."""
        await add(self.server.runtime.store, name, role, hashed(PASSWORD, CHEAP), SystemClock().now())
        self.server.runtime.desks.signin.accounts.reload()

    async def remove(self, name: str) -> None:
        """Take an account away."""
        await remove(self.server.runtime.store, name, SystemClock().now())
        self.server.runtime.desks.signin.accounts.reload()

    async def token(self, scope: str = "ingest") -> str:
        """Make a token, which closes the open door too."""
        made = await tokens.create(self.server.runtime.store, scope, [scope], SystemClock().now())
        self.server.runtime.tokens.reload()
        return made

    async def end_sessions(self, name: str) -> None:
        """Give an account a password that is as it was, which ends its sessions."""
        await set_password(self.server.runtime.store, name, hashed(PASSWORD, CHEAP), SystemClock().now())
        self.server.runtime.desks.signin.accounts.reload()


@asynccontextmanager
async def quiet(**settings: Any) -> AsyncIterator[Quiet]:
    """Run AlertMesh on a free port of loopback; `settings` are further fields of its configuration."""
    wiring = Wiring(replace(staffed("console"), **{"listen": "127.0.0.1:0", **settings}))
    server = Server(wiring, SystemClock(), MemoryStore())
    url = await server.start()
    try:
        yield Quiet(server, url)
    finally:
        await server.stop()


async def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill in the form that is shown, and send it off."""
    await page.fill("input[name=username]", name)
    await page.fill("input[name=password]", password)
    await page.keyboard.press("Enter")
