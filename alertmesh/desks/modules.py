"""Run what PaaS modules bring: draw their pages, do their actions, take their hooks, work at their tasks.

A module that fails, or that takes too long, fails alone: who asked is told in words, and nothing else stops.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

import structlog

from alertmesh.core.clock import Clock
from alertmesh.core.errors import AlertMeshError, PluginFailed
from alertmesh.core.module import Done, Given, Module, ModuleAction, ModulePage, ModuleRoute, ModuleTask
from alertmesh.core.moduleforms import checked, sheet_faults
from alertmesh.core.ports import Answer, AuditEntry, Inbound, Store
from alertmesh.core.sheet import Sheet
from alertmesh.desks.hands import Ground, Host, ModuleHands
from alertmesh.notify.exchange import shown
from alertmesh.registry import awaited, modules
from alertmesh.wiring import Wiring

PAGE_S = 10.0
ACTION_S = 60.0
HOOK_S = 20.0
TASK_S = 300.0
"""How long each may take."""

_FIRST_S = 1.0

log = structlog.get_logger()

T = TypeVar("T")


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


class Modules:
    """The desk of the modules that are installed and not switched off. `known` are all that are installed."""

    def __init__(self, store: Store, wiring: Wiring, clock: Clock) -> None:
        self.known: Mapping[str, Module] = modules()
        self.troubles: dict[tuple[str, str], str] = {}
        self._wiring = wiring
        self._ground = Ground(store, wiring, clock)
        self._hands: dict[str, ModuleHands] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def serve(self, host: Host) -> None:
        """Work for a program; without one modules can look at nothing."""
        self._ground.host = host

    async def start(self) -> None:
        """Begin to work at the tasks."""
        self._ground.started_at = self._ground.clock.now()
        for module in self.known.values():
            for task in module.tasks:
                self._tasks.append(asyncio.create_task(self._repeat(module, task)))

    async def stop(self) -> None:
        """Let go of the tasks and of all connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        for hands in self._hands.values():
            await hands.close()

    def all(self) -> list[Module]:
        """Return the modules by name."""
        return [self.known[name] for name in sorted(self.known) if self._is_on(name)]

    def module(self, name: str) -> Module:
        """Return a module; KeyError when there is none, or it is switched off."""
        if not self._is_on(name):
            raise KeyError(name)
        return self.known[name]

    def page(self, module: str, page: str) -> ModulePage:
        """Return a page; KeyError when there is none."""
        return _of_name(self.module(module).pages, page)

    def action(self, module: str, action: str) -> ModuleAction:
        """Return an action; KeyError when there is none."""
        return _of_name(self.module(module).actions, action)

    def route(self, module: str, route: str) -> ModuleRoute:
        """Return a hook; KeyError when there is none."""
        return _of_name(self.module(module).routes, route)

    def audit(self, before: int | None, limit: int) -> list[tuple[int, AuditEntry]]:
        """Return up to `limit` audit entries numbered below `before`, the newest first."""
        return self._ground.store.newest_audit(before, limit)

    async def draw(self, module: str, page: str, query: Mapping[str, str]) -> Sheet:
        """Return what a page shows now.

        KeyError when there is none, BadPayload that names a field of the query, PluginFailed when the
        module cannot draw it.
        """
        wanted, hands = self.page(module, page), self.hands(module)
        given = checked(wanted.fields, query, hands.people())
        sheet = await self._await(module, f"page {page}", wanted.draw(hands, given), PAGE_S)
        faults = sheet_faults(sheet, self.known[module])
        if faults:
            log.warning("sheet_refused", module=module, page=page, faults=faults[:5])
            raise PluginFailed(f"module {module}: page {page} is not as it says: {'; '.join(faults[:5])}")
        return sheet

    def check(self, module: str, action: str, given: Mapping[str, Any]) -> Given:
        """Return the checked input of an action; KeyError, or BadPayload that names a field."""
        return checked(self.action(module, action).fields, given, self.hands(module).people())

    async def act(self, module: str, action: str, given: Given, actor: str) -> Done:
        """Do an action; besides what it raises itself, PluginFailed when the module could not."""
        work = self.action(module, action).run(self.hands(module), given, actor)
        return await self._await(module, f"action {action}", work, ACTION_S)

    async def take(self, module: str, route: str, request: Inbound) -> Answer:
        """Take what was posted to a hook, and return what it is answered."""
        work = self.route(module, route).take(self.hands(module), request)
        return await self._await(module, f"hook {route}", work, HOOK_S)

    async def work(self, module: str, task: ModuleTask) -> None:
        """Work at a task once; what goes wrong is kept in `troubles` until it goes well."""
        if not self._is_on(module):
            return
        try:
            await self._await(module, f"task {task.name}", task.run(self.hands(module)), TASK_S)
        except AlertMeshError as error:
            self.troubles[module, task.name] = str(error)
            log.warning("task_failed", module=module, task=task.name, error=str(error))
        else:
            self.troubles.pop((module, task.name), None)

    async def _repeat(self, module: Module, task: ModuleTask) -> None:
        pause_s = _FIRST_S
        while True:
            await asyncio.sleep(pause_s)
            await self.work(module.name, task)
            pause_s = task.every.total_seconds()

    def _is_on(self, name: str) -> bool:
        configured = self._wiring.config.modules.get(name)
        return name in self.known and (configured is None or configured.enabled)

    def hands(self, module: str) -> ModuleHands:
        """Return what a module looks at and does things with."""
        if module not in self._hands:
            self._hands[module] = ModuleHands(module, self._ground)
        return self._hands[module]

    async def _await(self, module: str, what: str, work: Awaitable[T], seconds: float) -> T:
        hide: Callable[[str], str] = partial(shown, secrets=self.hands(module).settings.values())
        return await awaited(work, f"module {module}: {what}", seconds, hide)


def _of_name(parts: Sequence[N], name: str) -> N:
    for part in parts:
        if part.name == name:
            return part
    raise KeyError(name)
