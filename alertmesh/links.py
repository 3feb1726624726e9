"""Put AlertMesh and the Zabbix servers of a configuration together."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from alertmesh.config import Config
from alertmesh.config.zabbix import ZabbixConfig
from alertmesh.core.alert import Alert, Parsed
from alertmesh.core.clock import Clock
from alertmesh.core.entries import Command, SilenceExpired, SilenceSet, TopologySet
from alertmesh.core.ports import Door, Ingested
from alertmesh.core.silence import Silence
from alertmesh.metrics import Metrics
from alertmesh.runtime import Runtime
from alertmesh.zabbix.client import Account
from alertmesh.zabbix.gauges import LinksCollector
from alertmesh.zabbix.link import Link, Pace
from alertmesh.zabbix.mesh import Case
from alertmesh.zabbix.pull import Site


class RuntimeMesh:
    """Show the runtime as what a link needs of it."""

    def __init__(self, runtime: Runtime) -> None:
        self.clock: Clock = runtime.clock
        self.store = runtime.store
        self._runtime = runtime

    def door(self, source: str, instance: str) -> Door:
        """Return the door of a sender."""
        return self._runtime.door(source, instance)

    async def ingest(self, door: Door, parsed: Parsed) -> Ingested:
        """Take sightings."""
        return await self._runtime.ingest(door, parsed)

    async def command(self, command: Command) -> None:
        """Carry out an action on an incident."""
        await self._runtime.command(command)

    async def silence(self, entry: SilenceSet | SilenceExpired) -> None:
        """Make, change or end a silence."""
        await self._runtime.silence(entry)

    async def topology(self, entry: TopologySet) -> None:
        """Take edges."""
        await self._runtime.topology(entry)

    def silences(self) -> Iterable[tuple[Silence, int]]:
        """Return every silence that is kept."""
        return self._runtime.silences()

    def alerts(self) -> Iterable[tuple[Alert, datetime | None]]:
        """Return the remembered alerts."""
        return self._runtime.alerts()

    def lease(self, fingerprint: str) -> datetime | None:
        """Return until when a firing alert holds."""
        sighted = self._runtime.filter.sighted(fingerprint)
        return None if sighted is None else sighted[1]

    def series_of(self, fingerprint: str) -> str | None:
        """Return the series of an alert."""
        return self._runtime.pipeline.dedup.series_of(fingerprint)

    def queue(self) -> int:
        """Return how many entries wait to be decided."""
        return self._runtime.bus.depth

    def case(self, number: int) -> Case | None:
        """Return an incident, open or over."""
        found = self._runtime.incident(number)
        if found is None:
            return None
        owner = found[1].owner if found[1] is not None else ""
        return Case(number, owner, [member.series.id for member in self._runtime.members(number)])

    def owners(self) -> Mapping[int, str]:
        """Return who has each open incident that somebody has."""
        responses = self._runtime.pipeline.escalate.responses()
        return {one.incident: one.owner for one in responses if one.owner}

    async def cases(self, numbers: Iterable[int] | None = None) -> Sequence[Case]:
        """Return open incidents; others get their turn after each."""
        stages = self._runtime.pipeline
        found = []
        wanted = [one.id for one in stages.incidents.incidents()] if numbers is None else numbers
        for number in wanted:
            response = stages.escalate.response(number)
            series = [member.series.id for member in stages.incidents.members(number)]
            found.append(Case(number, response.owner if response is not None else "", series))
            await asyncio.sleep(0)
        return found


class Links:
    """All Zabbix servers of the configuration that the process was started with."""

    def __init__(self, config: Config, runtime: Runtime, metrics: Metrics) -> None:
        mesh = RuntimeMesh(runtime)
        self.links = [
            Link(
                Site(one.name, one.url, one.labels),
                _account(one),
                Pace(one.every_s, one.reconcile_s, one.inventory_s, one.write_back),
                mesh,
            )
            for one in config.zabbix
        ]
        if self.links:
            metrics.registry.register(LinksCollector(self.links))

    def start(self) -> None:
        """Begin with all of them."""
        for link in self.links:
            link.start()

    async def stop(self) -> None:
        """Stop all of them."""
        await asyncio.gather(*(link.stop() for link in self.links))


def _account(one: ZabbixConfig) -> Account:
    return Account(
        one.url, one.token.get_secret_value(), one.user, one.password.get_secret_value(), one.ca_file
    )
