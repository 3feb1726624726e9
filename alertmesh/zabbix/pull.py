"""Find out what a Zabbix server knows and we do not: problems we missed, and ends that we missed.

What is new is asked for by event id, never by time, for clocks lie. Everything open is compared
with what fires here from time to time, and at every start: so nothing has to be remembered.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

import structlog
from msgspec import Struct, field
from msgspec.structs import replace

from alertmesh.core.alert import Alert, Parsed, Sighting
from alertmesh.core.ports import Door
from alertmesh.ingest.zabbix_event import ZabbixEvent, api_door, event_fingerprint, severity_word, sighting
from alertmesh.zabbix.inventory import Inventory
from alertmesh.zabbix.mesh import Mesh
from alertmesh.zabbix.problems import End, Full, Light, Problems, gently, moment, parts

OVERLAP = 200
"""How many ids are asked for once more: a transaction may be late."""

_SLICE = 50  # sightings at a time: what they lead to is decided in one go
_ENDS = 20  # the same for ends: each may clear a large incident
_LOOK = 500  # records compared at a time
_PAUSE_S = 0.001

log = structlog.get_logger()


class Site(Struct, frozen=True):
    """A server: its name here, the address of its frontend, and labels that its alerts are given."""

    name: str
    url: str
    labels: Mapping[str, str] = {}


class Picture(Struct):
    """What is open there, and what fires here, by event id; `gone` are ends without a recovery."""

    open: dict[str, Light] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    gone: list[Alert] = field(default_factory=list)


class Tally(Struct):
    """What the pull found so far: problems and ends that had not been told."""

    problems: int = 0
    ends: int = 0


class Pull:
    """Keep the alerts of one server in step."""

    def __init__(self, site: Site, problems: Problems, inventory: Inventory, mesh: Mesh) -> None:
        self.server = site.name
        self.tally = Tally()
        self.newest = 0
        self._site = site
        self._problems = problems
        self._inventory = inventory
        self._mesh = mesh
        self._open: dict[str, str] = {}  # event id -> trigger id
        self._names: dict[str, str] = {}  # event id -> fingerprint
        self._unwatched: set[str] = set()  # open for ever: nobody looks any more
        self._lost: set[str] = set()  # without a recovery when we last looked

    async def poll(self) -> list[Light]:
        """Take what is new since the last time; return the problems that are new to us."""
        after, newest = max(self.newest - OVERLAP, 0), self.newest
        fresh: list[Light] = []
        async for opened in self._problems.opened(after):
            newest = max(newest, int(opened[-1].eventid))
            fresh += [one for one in opened if self._is_news(one)]
            self._open.update((one.eventid, one.objectid) for one in opened)
        ends: list[End] = []
        async for ended in self._problems.ends(after):
            newest = max(newest, int(ended[-1].eventid))
            ends += ended
        await self._close_those_of({one.objectid for one in ends})
        self.newest = newest
        return fresh

    async def look(self) -> Picture:
        """Compare everything: return what is open there and fires here; what ended there is closed here."""
        newest = await self._problems.newest()
        picture = Picture()
        async for page in self._problems.opened(0):
            picture.open.update((one.eventid, one) for one in page)
        watched = await self._problems.watched(one.objectid for one in picture.open.values())
        await asyncio.sleep(0)
        self._unwatched = {id for id, one in picture.open.items() if one.objectid not in watched}
        picture.open = {id: one for id, one in picture.open.items() if one.objectid in watched}
        picture.alerts = await firing(self._mesh, self.server)
        missed = [id for id in picture.alerts if id not in picture.open]
        await asyncio.sleep(0)
        picture.gone = await self._close(missed, picture.alerts)
        for id in missed:
            del picture.alerts[id]
        self._open = {id: one.objectid for id, one in picture.open.items()}
        await asyncio.sleep(0)
        self._names = {id: name for id, name in self._names.items() if id in self._open}
        self.newest = max(self.newest, newest)
        return picture

    async def renew(self, picture: Picture) -> None:
        """Look anew at what fires here, after something was taken."""
        picture.alerts = await firing(self._mesh, self.server)

    async def differing(self, picture: Picture) -> list[str]:
        """Return the open problems that have to be taken: unknown, worse or better, or to be repeated."""
        found: list[str] = []
        half = self.door().lease / 2
        for index, (id, light) in enumerate(picture.open.items()):
            if index % _LOOK == _LOOK - 1:
                await asyncio.sleep(0)
            alert = picture.alerts.get(id)
            ends_at = self._mesh.lease(self._name(id))
            due = ends_at is not None and ends_at - self._mesh.clock.now() < half
            if alert is None or due or alert.labels.get("severity", "") != severity_word(int(light.severity)):
                found.append(id)
        return found

    async def read(self, ids: Sequence[str]) -> AsyncIterator[list[Sighting]]:
        """Yield these problems as sightings, page by page; those over, gone or unwatched are left out."""
        async for page in self._problems.full(ids):
            await self._inventory.ensure(host.hostid for one in page for host in one.hosts)
            found: list[Sighting] = []
            for start in range(0, len(page), _SLICE):
                part, now = page[start : start + _SLICE], self._mesh.clock.now()
                open = [one for one in part if one.hosts and one.r_eventid == "0"]
                found += [sighting(self._event(one), now) for one in open]
                await asyncio.sleep(0)
            yield found

    async def take(self, sightings: Sequence[Sighting]) -> None:
        """Hand sightings over, a few at a time, so that others get their turn.

        Having none is told too: that is how a server is known to be alive.
        """
        door = self.door()
        for start in range(0, max(len(sightings), 1), _SLICE):
            part = sightings[start : start + _SLICE]
            done = await self._mesh.ingest(door, Parsed(part, range(len(part)), []))
            for refused in done.rejected:
                log.warning("zabbix_problem_refused", server=self.server, error=refused.error)
            firing = sum(one.firing for one in part)
            self.tally.problems += min(done.changed, firing)
            while self._mesh.queue():  # noqa: ASYNC110  # deciding sets no event
                await asyncio.sleep(_PAUSE_S)

    def door(self) -> Door:
        """Return the door of this server: what is configured for its messages holds here too."""
        pushed = self._mesh.door("zabbix", self.server)
        return replace(pushed, name=api_door(self.server), labels={**pushed.labels, **self._site.labels})

    async def _close_those_of(self, triggers: set[str]) -> None:
        """Close what is over of the problems of these triggers, each of which had a recovery."""
        asked = [id for id, trigger in self._open.items() if trigger in triggers]
        if not asked:
            return
        told = await self._problems.over(asked)
        over = [id for id in asked if told.get(id, "0") != "0"]
        if over:
            lost = self._lost
            await self._close(over, await firing(self._mesh, self.server))
            self._lost = lost
        for id in over:
            self._open.pop(id, None)

    async def _close(self, ids: Sequence[str], alerts: Mapping[str, Alert]) -> list[Alert]:
        """End those of `alerts` that are over; return those of which Zabbix knows no recovery.

        Without a recovery a problem is over only when it was missed twice in a row: a server that
        is being mended may show less than there is for a moment.
        """
        told = await self._problems.over(ids) if ids else {}
        clocks = await self._problems.clocks(told.values())
        lost = {id for id in ids if id not in told or (told[id] == "0" and id in self._unwatched)}
        gone = [alerts[id] for id in ids if id in lost & self._lost and id in alerts]
        over = [id for id in ids if told.get(id, "0") != "0" and id in alerts]
        self._lost = lost
        ended = [_end(alerts[id], clocks.get(told[id])) for id in over] + [
            _end(alert, None) for alert in gone
        ]
        for part in parts(ended, _ENDS):
            await self.take(part)
        if ended:
            self.tally.ends += len(ended)
            log.info("zabbix_missed_ends", server=self.server, ends=len(ended), gone=len(gone))
        return gone

    def _event(self, one: Full) -> ZabbixEvent:
        hosts = [self._inventory.hosts.get(host.hostid) for host in one.hosts]
        first, configured = one.hosts[0], hosts[0]
        main = configured.main if configured is not None else None
        link = str(one.related.get("url", ""))
        return ZabbixEvent(
            event_id=one.eventid,
            firing=True,
            server=self.server,
            trigger_id=one.objectid,
            clock=moment(one.clock),
            name=one.name,
            trigger_name=str(one.related.get("description", "")),
            severity=int(one.severity),
            host_id=first.hostid,
            host=first.host,
            host_name=first.name,
            host_dns=main.dns if main else "",
            host_ip=main.ip if main else "",
            host_port=main.port if main else "",
            groups=tuple(dict.fromkeys(group for host in hosts if host is not None for group in host.groups)),
            tags=tuple((tag.tag, tag.value) for tag in one.tags),
            opdata=one.opdata,
            trigger_url="" if "{" in link else link,
            zabbix_url=self._site.url,
            acknowledged=one.acknowledged == "1",
        )

    def _is_news(self, one: Light) -> bool:
        return one.eventid not in self._unwatched and self._mesh.lease(self._name(one.eventid)) is None

    def _name(self, id: str) -> str:
        name = self._names.get(id)
        if name is None:
            name = self._names[id] = event_fingerprint(self.server, id)
        return name


async def firing(mesh: Mesh, server: str) -> dict[str, Alert]:
    """Return the alerts of a server that fire here, by the id of their event."""
    found: dict[str, Alert] = {}
    known = list(mesh.alerts())
    async for alert, ended_at in gently(known):
        if ended_at is None and is_of(alert, server):
            found[event_id(alert)] = alert
    return found


def is_of(alert: Alert, server: str) -> bool:
    """Tell whether an alert is a problem of this server."""
    return alert.source == "zabbix" and alert.labels.get("zabbix_server") == server and bool(event_id(alert))


def event_id(alert: Alert) -> str:
    """Return the id of the event that an alert is; empty if it was not told."""
    return alert.annotations.get("zabbix_event_id", "")


def _end(alert: Alert, at: datetime | None) -> Sighting:
    """Return the end of an alert; an end before its own beginning, by a clock that lies, is now."""
    return Sighting(
        identity=alert.fingerprint,
        firing=False,
        labels=alert.labels,
        annotations=alert.annotations,
        starts_at=alert.starts_at,
        ends_at=at if at is not None and at > alert.starts_at else None,
        generator_url=alert.generator_url,
        keyed=True,
    )
