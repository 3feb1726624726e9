"""Send what changes to whoever keeps a connection open, as Server-Sent Events."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh import __version__
from alertmesh.console.auth import Gate, Scope
from alertmesh.console.problems import Refused
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.core.ports import ChannelLevel, Storm
from alertmesh.desks.live import GZIP_HEAD, Live, Reader, event, pack
from alertmesh.metrics import Metrics

_ADMIT = timedelta(seconds=30)
_RETRY_MS, _SPREAD_MS = 1_000, 2_000
_MOST_SENDERS = 50
_MOST_FAULTS = 5
_encode = msgspec.json.Encoder().encode


class ChannelState(Struct, frozen=True):
    """A channel that does not just work: broken, limited, unhealthy, or late."""

    name: str
    waiting: int
    broken: bool
    limited: bool
    healthy: bool | None


class Sender(Struct, frozen=True):
    """A sender that was heard; `alerts` tells whether it sent any, `silent_since` when it fell silent."""

    name: str
    source: str
    alerts: bool
    silent_since: datetime | None


class StatusNews(Struct, frozen=True, kw_only=True):
    """The event `status`: how AlertMesh is.

    `queue` counts entries that wait to be decided, `firing` the alerts that fire, `open` the incidents that
    people have to do with, `senders` those heard since the start, of which at most fifty are named.
    `config_faults` is why the last reload was refused, so that what the files say is not in force.
    """

    ready: bool
    reasons: tuple[str, ...]
    storms: tuple[Storm, ...]
    queue: int
    firing: int
    open: int
    channels: list[ChannelState]
    sender_count: int
    senders: list[Sender]
    rules: str
    config_faults: tuple[str, ...]


class Hello(Struct, frozen=True):
    """The event `hello`, with which a connection begins; `now` is the time here."""

    version: str
    now: datetime


class LiveStream:
    """The handler of `/api/v1/live`."""

    def __init__(self, service: Service, gate: Gate, metrics: Metrics) -> None:
        self._service = service
        self._gate = gate
        self._metrics = metrics
        self._joined = 0

    async def begin(self, _app: web.Application) -> None:
        """Say how AlertMesh is from now on."""
        self._service.desks.live.watch(lambda: _encode(status(self._service)))

    async def end(self, _app: web.Application) -> None:
        """Let everybody go: the server waits for the streams to end."""
        self._service.desks.live.close()

    @tells(None, query=("since",), media="text/event-stream")
    async def stream(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Send events while the client stays, those first that it missed since the one that it names."""
        hub = self._service.desks.live
        if request.method == "HEAD":
            return web.Response(headers=_headers(packed=False))
        if hub.is_full:
            raise Refused(503, "overloaded", "too many listen already", headers={"Retry-After": "5"})
        reader = hub.join(request.headers.get("Last-Event-ID") or request.query.get("since") or None)
        self._metrics.listening(1)
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        response = web.StreamResponse(headers=_headers(packed))
        try:
            await response.prepare(request)
            await response.write(self._greeting(hub, reader, packed))
            await self._follow(request, response, reader, packed)
        except ConnectionError:
            pass  # a tab was closed, which is how these end
        except TimeoutError:
            reader.is_behind = True
        except Refused:
            pass  # what it came in with is no longer good: it will be told so when it comes again
        finally:
            hub.leave(reader)
            self._metrics.listening(-1)
            if reader.is_behind:
                self._metrics.let_go()
        if reader.is_behind and request.transport is not None:
            request.transport.abort()
        return response

    def _greeting(self, hub: Live, reader: Reader, packed: bool) -> bytes:
        self._joined += 1
        now = self._service.clock.now()
        place = hub.name(reader.number)
        retry = _RETRY_MS + self._joined * 37 % _SPREAD_MS
        parts = [
            b"retry: %d\n\n" % retry,
            event("hello", _encode(Hello(self._service.health().version or __version__, now)), place),
            event("reset", b"{}", place) if reader.is_reset else b"",
            event("status", hub.status, place) if hub.status else b"",
        ]
        plain = b"".join(parts)
        return GZIP_HEAD + pack(plain) if packed else plain

    async def _follow(
        self, request: web.Request, response: web.StreamResponse, reader: Reader, packed: bool
    ) -> None:
        clock, patience_s = self._service.clock, self._service.limits.body_s
        admit_at = clock.now() + _ADMIT
        while news := await reader.next():
            if clock.now() >= admit_at:
                self._gate.admit(request, Scope.READ)
                admit_at = clock.now() + _ADMIT
            async with asyncio.timeout(patience_s):
                for one in news:
                    await response.write(one.packed if packed else one.plain)


def status(service: Service) -> StatusNews:
    """Return how AlertMesh is."""
    health, senders = service.health(), service.senders()
    return StatusNews(
        ready=health.ready,
        reasons=health.reasons,
        storms=health.storms,
        queue=health.queue,
        firing=service.desks.firing(),
        open=len(service.open()),
        channels=_troubled(service.deliveries.levels()),
        sender_count=len(senders),
        senders=[
            Sender(one.name, one.source, one.alerts > 0, one.silent_since)
            for one in islice(senders, _MOST_SENDERS)
        ],
        rules=service.desks.rulebook.version,
        config_faults=service.desks.config_faults[:_MOST_FAULTS],
    )


def _troubled(levels: Mapping[str, ChannelLevel]) -> list[ChannelState]:
    return [
        ChannelState(name, one.waiting, one.broken, one.limited, one.healthy)
        for name, one in levels.items()
        if one.waiting or one.broken or one.limited or one.healthy is False
    ]


def _headers(packed: bool) -> dict[str, str]:
    headers = {
        "Content-Type": "text/event-stream; charset=utf-8",
        "Cache-Control": "no-store, no-transform",
        "X-Accel-Buffering": "no",
        "X-Content-Type-Options": "nosniff",
    }
    return headers | ({"Content-Encoding": "gzip", "Vary": "Accept-Encoding"} if packed else {})
