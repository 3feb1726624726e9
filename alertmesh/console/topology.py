"""Show what stands next to what, and take what others know of it."""

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from heapq import nsmallest
from re import fullmatch

from aiohttp import web
from msgspec import Struct

from alertmesh.config.values import parse_duration
from alertmesh.console.bodies import read_body, send_json
from alertmesh.console.edgeforms import read_edges
from alertmesh.console.problems import Refused
from alertmesh.console.queries import choices, matchers, page_size
from alertmesh.console.service import Service
from alertmesh.console.tells import Object, tells
from alertmesh.core.entries import TopologySet
from alertmesh.core.errors import BadCommand
from alertmesh.core.matchers import Matcher, matches_all
from alertmesh.core.ports import AuditEntry
from alertmesh.core.topology import RESERVED, Edge, EdgeKind, KnownEdge
from alertmesh.metrics import Metrics

_SOURCE = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"
_UNNAMED = "api"
_SLICE = 2_000
_SEPARATOR = "\x1f"


class EdgeView(Struct, frozen=True, kw_only=True):
    """How the API shows an edge; `seen` and `until` are null where its source never told a time."""

    a: str
    b: str
    kind: str
    cluster: str
    source: str
    inferred: bool
    seen: datetime | None
    until: datetime | None
    words: str


class EdgePage(Struct, frozen=True):
    """A page of edges by cluster and name; `next` is the `after` of the next one."""

    edges: list[EdgeView]
    next: str | None


class Imported(Struct, frozen=True):
    """The answer to an import: how many edges the source has now, and what that changed."""

    source: str
    edges: int
    added: int
    removed: int


class Topology:
    """The handlers of `/api/v1/topology`."""

    def __init__(self, service: Service, metrics: Metrics) -> None:
        self._service = service
        self._metrics = metrics

    @tells(EdgePage, query=("name", "kind", "filter", "after", "limit"))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the edges that match, a page at a time."""
        limit = page_size(request, self._service.limits.page)
        wanted = _Wanted(
            kinds=choices(request, "kind", EdgeKind),
            name=request.query.get("name", ""),
            conditions=matchers(request),
            after=_read_cursor(request.query.get("after", "")),
            now=self._service.clock.now(),
        )
        found: list[KnownEdge] = []
        known = list(self._service.edges())
        for start in range(0, len(known), _SLICE):
            part = [one for one in known[start : start + _SLICE] if wanted.accepts(one)]
            found = nsmallest(limit + 1, [*found, *part], key=_place)
            # Tens of thousands of edges take long enough to look at that others must get their turn.
            await asyncio.sleep(0)
        shown = found[:limit]
        more = _cursor(_place(shown[-1])) if len(found) > limit else None
        return send_json(EdgePage([_show(one) for one in shown], more))

    @tells(Imported, takes=Object, query=("source", "ttl"))
    async def put(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Take the edges of a source in place of those it told before; without a source, beside them."""
        source = _source(request)
        ttl_s = _ttl(request)
        edges = read_edges(await read_body(request, self._service.limits), request.content_type)
        before = self._edges(source or _UNNAMED)
        now = self._service.clock.now()
        entry = TopologySet(
            source=source or _UNNAMED, edges=edges, actor=actor, at=now, adds=not source, ttl_s=ttl_s
        )
        await self._service.audit(
            AuditEntry(
                at=now,
                actor=actor,
                action="topology",
                target=f"topology/{entry.source}",
                detail=f"{len(edges)} edges",
            )
        )
        await self._order(entry)
        after = self._edges(entry.source)
        return send_json(Imported(entry.source, len(after), len(after - before), len(before - after)))

    def _edges(self, source: str) -> set[Edge]:
        return {known.edge for known in self._service.edges() if known.source == source}

    async def _order(self, entry: TopologySet) -> None:
        try:
            await self._service.topology(entry)
        except BadCommand as error:
            self._metrics.commanded("topology", "refused")
            raise Refused(422, "impossible", str(error), "body") from error
        self._metrics.commanded("topology", "done")


class _Wanted(Struct, frozen=True):
    """Which edges a request asks for."""

    kinds: frozenset[str]
    name: str
    conditions: Sequence[Matcher]
    after: str
    now: datetime

    def accepts(self, known: KnownEdge) -> bool:
        """Tell whether an edge is asked for; one whose time is over is not shown."""
        edge = known.edge
        if (known.until is not None and known.until <= self.now) or _place(known) <= self.after:
            return False
        if (self.kinds and edge.kind not in self.kinds) or (self.name and self.name not in (edge.a, edge.b)):
            return False
        inferred = "true" if known.inferred else "false"
        asked = {"a": edge.a, "b": edge.b, "cluster": edge.cluster, "source": known.source}
        return matches_all(self.conditions, {**asked, "inferred": inferred})


def _source(request: web.Request) -> str:
    source = request.query.get("source", "")
    if source and not fullmatch(_SOURCE, source):
        raise Refused(400, "bad-query", "source is up to 64 letters, digits and ._:-", "source")
    if source in RESERVED:
        raise Refused(400, "bad-query", f"{source!r} is a source of AlertMesh itself", "source")
    return source


def _ttl(request: web.Request) -> float | None:
    text = request.query.get("ttl")
    if text is None:
        return None
    try:
        seconds = parse_duration(text).total_seconds()
    except ValueError as error:
        raise Refused(400, "bad-query", f"ttl {error}", "ttl") from error
    if not seconds:
        raise Refused(400, "bad-query", "ttl must be longer than nothing", "ttl")
    return seconds


def _place(known: KnownEdge) -> str:
    edge = known.edge
    return _SEPARATOR.join((edge.cluster, edge.a, edge.b, edge.kind, known.source))


def _cursor(place: str) -> str:
    return urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _read_cursor(text: str) -> str:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError as error:
        raise Refused(400, "bad-query", "after is the `next` of a page", "after") from error


def _show(known: KnownEdge) -> EdgeView:
    edge = known.edge
    return EdgeView(
        a=edge.a,
        b=edge.b,
        kind=edge.kind,
        cluster=edge.cluster,
        source=known.source,
        inferred=known.inferred,
        seen=known.seen,
        until=known.until,
        words=known.words,
    )
