"""A whole server over a directory of rules that a test may change, and a client that is let in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from alertmesh.config import load
from alertmesh.core.clock import Clock, ManualClock
from alertmesh.core.ports import Store
from alertmesh.server import Server, wired
from alertmesh.store import MemoryStore
from tests.fakes import NOW

CONFIG = """
listen: 127.0.0.1:0
store: memory://
users:
  - {name: ann, channels: [console]}
  - {name: bob, channels: [console]}
channels:
  - {name: console, kind: stdout}
rosters:
  - {name: ops, members: [ann], lead: ann}
  - {name: rnd, members: [bob], lead: bob}
"""


class House:
    """A server that runs, and how to ask it; `rules` is its directory."""

    def __init__(self, server: Server, session: ClientSession, rules: Path) -> None:
        self.server = server
        self.rules = rules
        self._session = session

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and body of an answer."""
        async with self._session.request(method, f"/api/v1{path}", json=body) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str) -> Any:
        """Return the body of an answer that is well."""
        status, body = await self.ask("GET", path)
        assert status == 200, body
        return body

    async def post(self, path: str, body: Any) -> None:
        """Post alerts, as a monitor does."""
        async with self._session.post(path, json=body) as answer:
            assert answer.status < 300, await answer.text()

    def told(self) -> list[str]:
        """Return what the audit log has of rules."""
        return [entry.target for _, entry in self.server.runtime.store.audit(0, 99)]  # type: ignore[attr-defined]


def write(folder: Path) -> Path:
    """Write a configuration with an empty directory of rules; return its file."""
    (folder / "rules").mkdir()
    file = folder / "alertmesh.yaml"
    file.write_text(CONFIG)
    return file


@asynccontextmanager
async def house(
    folder: Path, *, rules: Path | None = None, store: Store | None = None, clock: Clock | None = None
) -> AsyncIterator[House]:
    """Run a server whose rules are `folder/rules`, unless others are named."""
    file = folder / "alertmesh.yaml" if (folder / "alertmesh.yaml").exists() else write(folder)
    clock = clock or ManualClock(NOW)
    where = rules or folder / "rules"
    kept = store or MemoryStore()
    server = Server(wired(lambda: load(file, where, {}), clock), clock, kept)
    url = await server.start()
    try:
        async with ClientSession(url) as session:
            yield House(server, session, where)
    finally:
        await server.stop()
