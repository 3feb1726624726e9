"""A running program with modules, asked over HTTP."""

from collections.abc import Mapping
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from alertmesh.config import Config
from alertmesh.console.app import build_app
from alertmesh.core.clock import ManualClock
from alertmesh.core.module import Module, ModuleTask
from alertmesh.metrics import Metrics
from alertmesh.runtime import Runtime
from alertmesh.store.memory import MemoryStore
from alertmesh.wiring import Wiring
from tests.fakes import NOW
from tests.scenarios.people import staffed


class House:
    """A program over a memory store, with the modules that are installed or those that are given."""

    def __init__(self, *modules: Module, config: Config | None = None) -> None:
        self.clock = ManualClock(NOW)
        self.store = MemoryStore()
        wiring = Wiring(config or staffed("console"), reload=lambda: config or staffed("console"))
        self.runtime = Runtime(wiring, self.store, self.clock, Metrics())
        self.desk = self.runtime.desks.modules
        if modules:
            self.desk.known = {module.name: module for module in modules}
        self.web = TestClient(TestServer(build_app(self.runtime, self.runtime.metrics)))

    async def __aenter__(self) -> "House":
        await self.runtime.start()
        await self.web.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.web.close()
        await self.runtime.stop()

    async def get(
        self, path: str, query: Mapping[str, str] | None = None, token: str = ""
    ) -> tuple[int, Any]:
        """Return status and body of what is at a path below `/api/v1`."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await self.web.get(f"/api/v1/{path}", params=query, headers=headers)
        return answer.status, await answer.json(content_type=None)

    async def post(self, path: str, body: object = None, token: str = "") -> tuple[int, Any]:
        """Return what a post to a path below `/api/v1` is answered."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await self.web.post(f"/api/v1/{path}", json=body or {}, headers=headers)
        return answer.status, await answer.json(content_type=None)

    async def work(self) -> None:
        """Have every task of every module worked at once."""
        for module in self.desk.all():
            for task in module.tasks:
                assert isinstance(task, ModuleTask)
                await self.desk.work(module.name, task)
