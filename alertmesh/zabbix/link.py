"""Keep one Zabbix server and AlertMesh in step, for as long as it runs; its faults stay its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence, Set
from contextlib import suppress
from datetime import datetime

import structlog
from msgspec import Struct

from alertmesh.core.alert import Sighting
from alertmesh.core.entries import Action, Command
from alertmesh.core.errors import AlertMeshError, BadCommand, MonitorDenied, MonitorUnavailable
from alertmesh.zabbix.acks import ACTOR, Acks
from alertmesh.zabbix.client import Account, ZabbixClient
from alertmesh.zabbix.inventory import Inventory
from alertmesh.zabbix.maintenance import Maintenance
from alertmesh.zabbix.mesh import Mesh, by_series
from alertmesh.zabbix.problems import Problems
from alertmesh.zabbix.pull import Picture, Pull, Site
from alertmesh.zabbix.writeback import WriteBack

_FOLLOW_S = 1.0
_FIRST_BACKOFF_S, _LONGEST_BACKOFF_S = 2.0, 120.0
_DECIDED_S = 0.01
_MOST_TURNS = 3_000
_LONGEST_NOTE = 2_000
# What an answer of another shape than expected raises, besides our own errors.
_TROUBLE = (AlertMeshError, LookupError, ValueError, TypeError, AttributeError)
log = structlog.get_logger()


class Pace(Struct, frozen=True):
    """How often a server is asked for what is new, for all that is open, and for hosts, in seconds."""

    every_s: float = 15.0
    reconcile_s: float = 60.0
    inventory_s: float = 300.0
    write_back: bool = True


class LinkStatus(Struct):
    """How it stands with a server: rounds that went well or failed, and when one last went well."""

    rounds: int = 0
    failures: int = 0
    last_ok: datetime | None = None
    took_s: float = 0.0
    error: str = ""


class Link:
    """One server: two tasks, one that asks and one that tells."""

    def __init__(self, site: Site, account: Account, pace: Pace, mesh: Mesh) -> None:
        self.name = site.name
        self.status = LinkStatus()
        self.client = ZabbixClient(account)
        self._pace = pace
        self._mesh = mesh
        problems = Problems(self.client)
        self.inventory = Inventory(site.name, self.client, mesh, pace.inventory_s)
        self.pull = Pull(site, problems, self.inventory, mesh)
        self.maintenance = Maintenance(site.name, problems, mesh)
        self.acks = Acks(site.name, problems, mesh)
        self.writeback = WriteBack(site.name, self.client, problems, self.acks, mesh)
        self._me = ""
        self._due = {"reconcile": 0.0, "inventory": 0.0}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to ask and to tell."""
        self._tasks = [asyncio.create_task(self._repeat(self.round, self._pace.every_s))]
        if self._pace.write_back:
            self._tasks.append(asyncio.create_task(self._repeat(self.tell, _FOLLOW_S)))

    async def stop(self) -> None:
        """Stop at once: what was not done is done after the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.client.close()

    async def round(self) -> None:
        """Ask for what is new, or for everything when that is due."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        if began >= self._due["reconcile"]:
            await self.reconcile()
            self._due["reconcile"] = began + self._pace.reconcile_s
        else:
            await self._take_new()
        await self.pull.take(())
        self.status.rounds += 1
        self.status.last_ok = self._mesh.clock.now()
        self.status.took_s = loop.time() - began
        if began >= self._due["inventory"]:
            await self._look_around()
            self._due["inventory"] = began + self._pace.inventory_s

    async def tell(self) -> None:
        """Tell what people did here since the last time."""
        await self.writeback.follow(await self._who())

    async def reconcile(self) -> None:
        """Compare all that is open there with all that fires here, and put right what differs."""
        picture = await self.pull.look()
        hidden = {id for id, one in picture.open.items() if one.suppressed == "1"}
        if await self._take(await self.pull.differing(picture), hidden):
            await self._decided()
            await self.pull.renew(picture)
        await self._hide(picture, hidden)
        await self._say_why(picture)
        await self.acks.take(picture, await self._who())
        if self._pace.write_back:
            await self.writeback.settle(picture, await self._who())

    async def _take_new(self) -> None:
        fresh = await self.pull.poll()
        hidden = {one.eventid for one in fresh if one.suppressed == "1"}
        await self._take([one.eventid for one in fresh], hidden)

    async def _take(self, ids: Sequence[str], hidden: Set[str]) -> int:
        """Take problems, each page while the next one is asked for; return how many there were."""
        taking: asyncio.Task[None] | None = None
        count = 0
        try:
            async for page in self.pull.read(ids):
                if taking is not None:
                    await taking
                count += len(page)
                taking = asyncio.create_task(self._take_page(page, hidden))
        finally:
            if taking is not None:
                await taking
        return count

    async def _take_page(self, page: Sequence[Sighting], hidden: Set[str]) -> None:
        """Take problems; those that Zabbix suppresses are silenced first."""
        labels = {one.annotations["zabbix_event_id"]: one.labels for one in page}
        await self.maintenance.begin({id: labels[id] for id in labels if id in hidden})
        if page:
            await self.pull.take(page)

    async def _hide(self, picture: Picture, hidden: Set[str]) -> None:
        labels = {id: alert.labels for id, alert in picture.alerts.items()}
        kept = {id: labels[id] for id in labels if id in hidden}
        await asyncio.sleep(0)
        await self.maintenance.settle(kept, (labels[id] for id in labels if id not in hidden))
        await asyncio.sleep(0)

    async def _look_around(self) -> None:
        """Read hosts and dependencies; that this fails must not keep problems from being taken."""
        try:
            await self.inventory.refresh()
        except BadCommand as error:
            log.warning("zabbix_topology_refused", server=self.name, error=str(error))

    async def _say_why(self, picture: Picture) -> None:
        """Write into the timeline that problems ended because nobody watches any more."""
        by_case: dict[int, list[str]] = {}
        where = by_series(await self._mesh.cases()) if picture.gone else {}
        for alert in picture.gone:
            case = where.get(self._mesh.series_of(alert.fingerprint) or "")
            if case is not None:
                by_case.setdefault(case.number, []).append(alert.name)
        for number, names in by_case.items():
            shown = ", ".join(sorted(set(names)))
            text = f"Over because its trigger or host was deleted or switched off in Zabbix: {shown}"
            now = self._mesh.clock.now()
            command = Command(
                action=Action.NOTE,
                incident=number,
                actor=ACTOR + self.name,
                at=now,
                args={"text": text[:_LONGEST_NOTE]},
            )
            with suppress(BadCommand, KeyError):
                await self._mesh.command(command)

    async def _decided(self) -> None:
        """Wait until what was taken is decided, so that its incidents are there."""
        for _ in range(_MOST_TURNS):
            if not self._mesh.queue():
                return
            await asyncio.sleep(_DECIDED_S)

    async def _who(self) -> str:
        if not self._me:
            self._me = await self.client.user_id()
        return self._me

    async def _repeat(self, work: Callable[[], Awaitable[None]], every_s: float) -> None:
        """Work again and again; after a failure wait longer each time."""
        backoff = _FIRST_BACKOFF_S
        while True:
            try:
                await work()
            except _TROUBLE as error:
                self._failed(error)
                wait = max(backoff, getattr(error, "retry_after_s", 0.0))
                backoff = min(backoff * 2, _LONGEST_BACKOFF_S)
            else:
                self.status.error = ""
                wait, backoff = every_s, _FIRST_BACKOFF_S
            await asyncio.sleep(wait)

    def _failed(self, error: Exception) -> None:
        self.status.failures += 1
        text = f"{type(error).__name__}: {error}"
        if isinstance(error, MonitorDenied):
            self._me = ""
        if text != self.status.error:  # said once, not every few seconds
            expected = isinstance(error, AlertMeshError)
            say = log.warning if isinstance(error, MonitorUnavailable) else log.error
            say("zabbix_failed", server=self.name, error=text, exc_info=not expected)
        self.status.error = text
