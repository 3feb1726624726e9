"""Tell operators and their tools how AlertMesh itself is."""

from datetime import datetime

from aiohttp import web
from msgspec import Struct

from alertmesh import __version__
from alertmesh.console.bodies import send_json
from alertmesh.console.problems import Refused
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.core.errors import BadConfig
from alertmesh.core.ports import AuditEntry, Storm
from alertmesh.metrics import CONTENT_TYPE, Metrics


class Healthy(Struct, frozen=True):
    """The process answers."""

    healthy: bool


class Ready(Struct, frozen=True):
    """Whether work can be taken, and if not why."""

    ready: bool
    reasons: tuple[str, ...]


class StatusView(Struct, frozen=True, kw_only=True):
    """How AlertMesh is; `queue` counts entries that wait to be decided."""

    version: str
    time: datetime
    ready: bool
    reasons: tuple[str, ...]
    queue: int
    storms: tuple[Storm, ...]
    authentication: bool


class Reloaded(Struct, frozen=True):
    """Configuration and rules are in force as they are on the disk."""

    reloaded: bool


class Operations:
    """The handlers of `/metrics`, `/-/…` and `/api/v1/status`."""

    def __init__(self, service: Service, metrics: Metrics) -> None:
        self._service = service
        self._metrics = metrics

    @tells(None, media="text/plain")
    async def scrape(self, _request: web.Request, _actor: str) -> web.StreamResponse:
        """Return all metrics in Prometheus' text format."""
        return web.Response(body=self._metrics.render(), headers={"Content-Type": CONTENT_TYPE})

    @tells(Healthy)
    async def healthy(self, _request: web.Request) -> web.StreamResponse:
        """Return 200 as long as the process answers at all."""
        return send_json(Healthy(True))

    @tells(Ready, may=(503,))
    async def ready(self, _request: web.Request) -> web.StreamResponse:
        """Return 200 when work can be taken, else 503 with the reasons."""
        health = self._service.health()
        status = 200 if health.ready else 503
        return send_json(Ready(health.ready, health.reasons), status)

    @tells(StatusView)
    async def status(self, _request: web.Request, _actor: str) -> web.StreamResponse:
        """Return version, readiness, how much is waiting, and which storms rage."""
        health = self._service.health()
        return send_json(
            StatusView(
                version=health.version or __version__,
                time=self._service.clock.now(),
                ready=health.ready,
                reasons=health.reasons,
                queue=health.queue,
                storms=health.storms,
                authentication=self._service.authentication_required(),
            )
        )

    @tells(Reloaded, may=(422,))
    async def reload(self, _request: web.Request, actor: str) -> web.StreamResponse:
        """Load configuration and rules anew; 422 with every fault when the old set stays."""
        now = self._service.clock.now()
        await self._service.audit(AuditEntry(at=now, actor=actor, action="reload", target="config"))
        try:
            await self._service.reload()
        except BadConfig as error:
            refused = Refused(422, "bad-config", "the configuration has faults; the old one stays", "config")
            refused.problems = tuple(error.problems)
            raise refused from error
        return send_json(Reloaded(True))
