"""Know the hosts of a Zabbix server, and which of them depend on which."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from alertmesh.core.entries import TopologySet
from alertmesh.core.topology import Edge, EdgeKind
from alertmesh.ingest.zabbix_event import ZabbixEvent, host_label
from alertmesh.zabbix.client import ZabbixClient
from alertmesh.zabbix.mesh import Mesh
from alertmesh.zabbix.problems import HostRef, parts

MOST_EDGES = 20_000
"""How many edges one server may add to the topology; the first by name are kept."""

_PAGE = 500
_LOCAL = ("127.", "::1", "0.0.0.0", "localhost")  # noqa: S104  # compared with, not listened on
_TTL_ROUNDS = 4


class Interface(Struct, frozen=True, gc=False):
    """An address under which a host is asked; `main` is `1` for the first of its kind."""

    ip: str = ""
    dns: str = ""
    port: str = ""
    main: str = "0"


class Host(Struct, frozen=True, gc=False):
    """A host as it is configured; `maintenance_status` is `1` while it is in maintenance."""

    hostid: str
    host: str
    name: str = ""
    maintenance_status: str = "0"
    interfaces: tuple[Interface, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def main(self) -> Interface:
        """Return the address that stands for the host."""
        return next((one for one in self.interfaces if one.main == "1"), Interface())

    @property
    def label(self) -> str:
        """Return what its alerts call it."""
        return host_label(ZabbixEvent(event_id="0", firing=True, host=self.host, host_name=self.name))


class Dependency(Struct, frozen=True, gc=False):
    """A trigger with its hosts, and the triggers on which it depends."""

    triggerid: str
    hosts: tuple[HostRef, ...] = ()
    dependencies: tuple[dict[str, Any], ...] = ()


class Inventory:
    """Read hosts and dependencies, and tell the topology of them when they changed."""

    def __init__(self, name: str, client: ZabbixClient, mesh: Mesh, every_s: float) -> None:
        self.hosts: dict[str, Host] = {}
        self._source = f"zabbix:{name}"
        self._client = client
        self._mesh = mesh
        self._ttl = timedelta(seconds=every_s * _TTL_ROUNDS)
        self._told: tuple[Edge, ...] | None = None
        self._told_at: datetime | None = None

    async def ensure(self, ids: Iterable[str]) -> None:
        """Read the hosts that are not known yet."""
        await self._read([id for id in dict.fromkeys(ids) if id not in self.hosts])

    async def refresh(self) -> None:
        """Read everything anew and tell it."""
        found = await self._client.call("host.get", output=["hostid"])
        ids = [str(one["hostid"]) for one in found]
        await self._read(ids)
        for gone in self.hosts.keys() - set(ids):
            del self.hosts[gone]
        await self._tell(edges(self.hosts.values(), await self._dependencies()))

    async def _read(self, ids: Sequence[str]) -> None:
        if not ids:
            return
        spoken = await self._client.dialect()
        for part in parts(ids, _PAGE):
            found = await self._client.call(
                "host.get",
                hostids=part,
                output=["hostid", "host", "name", "maintenance_status"],
                selectInterfaces=["ip", "dns", "port", "main"],
                **{spoken.host_groups: ["name"]},
            )
            for one in found:
                groups = tuple(str(group["name"]) for group in one.pop(spoken.groups_key, ()))
                host = msgspec.convert(one | {"groups": groups}, Host)
                self.hosts[host.hostid] = host

    async def _dependencies(self) -> list[Dependency]:
        found = await self._client.call("trigger.get", output=["triggerid"], monitored=True)
        told: list[Dependency] = []
        for part in parts([str(one["triggerid"]) for one in found], _PAGE):
            page = await self._client.call(
                "trigger.get",
                triggerids=part,
                output=["triggerid"],
                selectHosts=["hostid", "host", "name"],
                selectDependencies=["triggerid"],
            )
            told += msgspec.convert(page, list[Dependency])
        return told

    async def _tell(self, found: tuple[Edge, ...]) -> None:
        now = self._mesh.clock.now()
        is_fresh = self._told_at is not None and now - self._told_at < self._ttl / 2
        if found == self._told and (is_fresh or not found):
            return
        entry = TopologySet(
            source=self._source, edges=found, actor=self._source, at=now, ttl_s=self._ttl.total_seconds()
        )
        await self._mesh.topology(entry)
        self._told, self._told_at = found, now


def edges(hosts: Iterable[Host], triggers: Sequence[Dependency]) -> tuple[Edge, ...]:
    """Return which hosts depend on which, and which address is which host.

    An address that several hosts have, or that means the machine itself, says nothing.
    """
    known = list(hosts)
    found: set[tuple[str, str, EdgeKind]] = set()
    owner = {one.triggerid: one.hosts for one in triggers}
    labels = {host.hostid: host.label for host in known}
    for trigger in triggers:
        for needed in trigger.dependencies:
            for other in owner.get(str(needed.get("triggerid")), ()):
                for host in trigger.hosts:
                    found.add((_label(host, labels), _label(other, labels), EdgeKind.CALLS))
    named = [(address, host.label) for host in known for address in _addresses(host)]
    shared = Counter(address for address, _ in named)
    found |= {(address, label, EdgeKind.LINKED) for address, label in named if shared[address] == 1}
    kept = sorted(one for one in found if one[0] and one[1] and one[0] != one[1])[:MOST_EDGES]
    return tuple(Edge(a, b, kind.value) for a, b, kind in kept)


def _label(host: HostRef, labels: dict[str, str]) -> str:
    return labels.get(host.hostid, host.host)


def _addresses(host: Host) -> set[str]:
    given = {text for one in host.interfaces for text in (one.ip, one.dns)}
    return {text for text in given if text and not text.startswith(_LOCAL)}
