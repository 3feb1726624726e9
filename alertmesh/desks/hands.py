"""What a module sees of AlertMesh, and what it may do: `core.module.Hands` over the running program."""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import msgspec

from alertmesh import __version__
from alertmesh.core.alert import Alert, Parsed, Sighting
from alertmesh.core.changes import ChangeEvent
from alertmesh.core.clock import Clock
from alertmesh.core.contact import MODULE_SOURCE
from alertmesh.core.delivery import ChannelStatus
from alertmesh.core.errors import BadCommand, BadPayload
from alertmesh.core.incident import Incident
from alertmesh.core.labels import fingerprint
from alertmesh.core.module import Facts, PluginName, Raised, TokenName
from alertmesh.core.ports import AuditEntry, Batch, Door, Health, Http, Ingested, Store
from alertmesh.core.records import Row
from alertmesh.core.response import Response
from alertmesh.deliveries import Deliveries
from alertmesh.notify.transport import AiohttpTransport
from alertmesh.registry import plugins
from alertmesh.store import tokens
from alertmesh.wiring import Wiring

TABLE = "module"
"""The table of state rows in which modules keep what they keep; a key is `{module}/{key}`."""

_KEPT_BYTES = 256 * 1024
_KEPT_KEYS = 1_000
_KEY_CHARS = 200
_STATM = Path("/proc/self/statm")
_NO_TIME = timedelta()


class Host(Protocol):
    """What the program does for modules; `runtime.Runtime` is one."""

    @property
    def deliveries(self) -> Deliveries:
        """Return the desk that knows every attempt and channel."""
        ...

    def alerts(self) -> Iterable[tuple[Alert, datetime | None]]:
        """Return the remembered alerts, each with the moment it ended or None while it fires."""
        ...

    def incidents(self, before: int | None, limit: int) -> list[tuple[Incident, Response | None]]:
        """Return up to `limit` incidents numbered below `before`, newest first."""
        ...

    def health(self) -> Health:
        """Tell whether work can be taken, and if not why."""
        ...

    async def ingest(self, door: Door, parsed: Parsed) -> Ingested:
        """Take the sightings of one request; return when every transition among them is durable."""
        ...

    async def changed(self, body: bytes) -> Ingested:
        """Take what was changed; return when it is durable."""
        ...

    async def reload(self) -> None:
        """Load configuration and rules anew."""
        ...


class Ground:
    """What all modules stand on: the parts of the program, and since when it runs."""

    def __init__(self, store: Store, wiring: Wiring, clock: Clock) -> None:
        self.store = store
        self.wiring = wiring
        self.clock = clock
        self.started_at = clock.now()
        self.host: Host | None = None

    def serving(self) -> Host:
        """Return the running program; BadCommand before it runs."""
        if self.host is None:
            raise BadCommand("AlertMesh is starting")
        return self.host


class ModuleHands:
    """What one module can look at and do. Implements `core.module.Hands`."""

    def __init__(self, module: str, ground: Ground) -> None:
        self._module = module
        self._ground = ground
        self._transport = AiohttpTransport(())

    @property
    def http(self) -> Http:
        """Return the way to the network, which is open to the module's configured hosts alone."""
        configured = self._ground.wiring.config.modules.get(self._module)
        self._transport.allow(configured.hosts if configured else ())
        return self._transport

    @property
    def settings(self) -> Mapping[str, str]:
        """Return what was configured for the module; may hold secrets."""
        configured = self._ground.wiring.config.modules.get(self._module)
        return configured.reveal() if configured else {}

    async def close(self) -> None:
        """Let go of all connections."""
        await self._transport.close()

    def now(self) -> datetime:
        """Return the present moment."""
        return self._ground.clock.now()

    def facts(self) -> Facts:
        """Return how AlertMesh itself is."""
        host, store = self._ground.serving(), self._ground.store
        health = host.health()
        levels = host.deliveries.all_levels(health.queue)
        return Facts(
            version=__version__,
            started_at=self._ground.started_at,
            health=health,
            levels=levels,
            decided=store.cursor(),
            alerts=sum(one.alerts for one in levels.sources),
            requests=sum(one.requests for one in levels.sources),
            store_bytes=store.size(),
            memory_bytes=_memory_bytes(),
        )

    def alerts(self) -> Iterable[tuple[Alert, datetime | None]]:
        """Return the remembered alerts, each with the moment it ended or None while it fires."""
        return self._ground.serving().alerts()

    def incidents(self, before: int | None, limit: int) -> list[tuple[Incident, Response | None]]:
        """Return up to `limit` incidents numbered below `before`, newest first."""
        return self._ground.serving().incidents(before, limit)

    def channels(self) -> list[ChannelStatus]:
        """Return every channel as it stands, by name."""
        return self._ground.serving().deliveries.channels()

    def people(self) -> list[str]:
        """Return the names of those who are configured."""
        return sorted(self._ground.wiring.config.oncall.users)

    def audit(self, before: int | None, limit: int) -> list[tuple[int, AuditEntry]]:
        """Return up to `limit` audit entries numbered below `before`, newest first."""
        return self._ground.store.newest_audit(before, limit)

    def tokens(self) -> list[TokenName]:
        """Return the access tokens by name, without what proves them."""
        return [
            TokenName(name=one.name, scopes=one.scopes, created_at=one.created_at)
            for one in tokens.listed(self._ground.store)
        ]

    def plugins(self) -> list[PluginName]:
        """Return every registered plugin."""
        return [
            PluginName(group=one.group, name=one.name, value=one.value, error=one.error) for one in plugins()
        ]

    def kept(self, key: str) -> bytes | None:
        """Return what the module keeps under a key, None when nothing."""
        return self._ground.store.row(TABLE, self._key(key))

    async def keep(self, key: str, body: bytes | None) -> None:
        """Keep something for good under a key, in place of what was there; None: nothing."""
        place = self._key(key)
        if body is not None and len(body) > _KEPT_BYTES:
            raise BadPayload(f"a module keeps at most {_KEPT_BYTES} bytes under a key", key)
        is_new = body is not None and self._ground.store.row(TABLE, place) is None
        if is_new and len(self._ground.store.prefixed(TABLE, f"{self._module}/")) >= _KEPT_KEYS:
            raise BadPayload(f"a module keeps at most {_KEPT_KEYS} keys", key)
        await self._ground.store.write(Batch(rows=[Row(TABLE, place, body)]))

    def _key(self, key: str) -> str:
        if not key or len(key) > _KEY_CHARS:
            raise BadPayload(f"a key has 1 to {_KEY_CHARS} characters", "key")
        return f"{self._module}/{key}"

    async def raise_alerts(self, alerts: Sequence[Raised]) -> Ingested:
        """Bring alerts, as any source does; return when they are durable."""
        now = self.now()
        found = [_sighting(one, now) for one in alerts]
        door = Door(self._module, MODULE_SOURCE, max((one.lasts for one in alerts), default=_NO_TIME))
        return await self._ground.serving().ingest(door, Parsed(found, list(range(len(found))), []))

    async def tell_changes(self, changes: Sequence[ChangeEvent]) -> Ingested:
        """Tell what was changed; return when it is durable. Ids are given here."""
        return await self._ground.serving().changed(msgspec.json.encode([_item(one) for one in changes]))

    async def reload(self) -> None:
        """Load configuration and rules anew; raises BadConfig when they are bad and the old set stays."""
        await self._ground.serving().reload()

    async def test(self, person: str) -> int:
        """Send a test message to somebody by every way, and return by how many."""
        try:
            return len(await self._ground.serving().deliveries.test(person, "", None))
        except KeyError as error:
            raise BadPayload(f"there is no person {person}", "person") from error


def _sighting(raised: Raised, now: datetime) -> Sighting:
    labels = dict(raised.labels)
    return Sighting(
        identity=fingerprint(labels),
        firing=raised.firing,
        labels=labels,
        annotations=dict(raised.annotations),
        starts_at=None,
        ends_at=now + raised.lasts if raised.firing else now,
        generator_url=raised.url,
    )


def _item(change: ChangeEvent) -> dict[str, object]:
    """Return a change as it would be posted."""
    return {
        "kind": change.kind,
        "time": change.at,
        change.level: change.entity,
        "summary": change.summary,
        "cluster": change.cluster,
        "namespace": change.namespace,
        "url": change.url,
        "actor": change.actor,
    }


def _memory_bytes() -> int:
    """Return how much memory the process holds, 0 where the system does not tell."""
    try:
        pages = int(_STATM.read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
