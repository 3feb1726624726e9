"""Take what monitors post. A 2xx means that every transition in the request is durable."""

from time import perf_counter
from typing import Protocol

import msgspec
from aiohttp import web
from msgspec import Struct, structs

from alertmesh.console.bodies import read_body
from alertmesh.console.problems import Refused, told, try_later
from alertmesh.console.service import Service
from alertmesh.console.tells import Object, Objects, tells
from alertmesh.core.alert import Parsed, Rejected
from alertmesh.core.errors import BadPayload, Overloaded, StoreUnavailable
from alertmesh.core.ports import Answer, Ingested, Source
from alertmesh.metrics import DoorMetrics, Metrics

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_NO_JSON = (_FORM, "multipart/", "image/", "text/html", "text/xml")
_ALERTMANAGER = "prometheus"
_encode = msgspec.json.Encoder().encode


class Accepted(Struct, frozen=True, omit_defaults=True):
    """The answer to a request that could be read; `omitted` refusals are counted but not listed."""

    accepted: int
    changed: int
    rejected: list[Rejected]
    omitted: int = 0


class Manner(Protocol):
    """How a path answers."""

    def check(self, request: web.Request, source: Source) -> web.Response | None:
        """Return a refusal for a content type that cannot be right."""
        ...

    def taken(self, source: Source, parsed: Parsed, ingested: Ingested) -> web.Response:
        """Return the answer to a request whose alerts are durable."""
        ...

    def refused(self, source: Source, error: BadPayload) -> web.Response:
        """Return the answer to a body that could not be read."""
        ...


class Doors:
    """The handlers of all ingest paths."""

    def __init__(self, service: Service, metrics: Metrics) -> None:
        self._service = service
        self._metrics = metrics
        self._native = NativeManner(service.limits.alerts_per_request)
        self._alertmanager = AlertmanagerManner()

    @tells(Accepted, status=202, takes=Object, may=(413, 415, 503))
    async def native(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Take a post to `/api/v1/ingest/{source}` and say what became of its alerts."""
        return await self._timed(request, self._source(request.match_info["source"]), self._native)

    @tells(None, takes=Objects, may=(413, 415, 503))
    async def alertmanager(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Take a post to `/api/v2/alerts` and answer as Alertmanager does."""
        return await self._timed(request, self._source(_ALERTMANAGER), self._alertmanager)

    def _source(self, name: str) -> Source:
        try:
            return self._service.source(name)
        except KeyError as error:
            raise Refused(404, "unknown-source", f"there is no source {name!r}", "source") from error

    async def _timed(self, request: web.Request, source: Source, manner: Manner) -> web.Response:
        started = perf_counter()
        meter = self._metrics.door(source.name)
        response = await self._answer(request, source, manner, meter)
        meter.answered(response.status, perf_counter() - started)
        return response

    async def _answer(
        self, request: web.Request, source: Source, manner: Manner, meter: DoorMetrics
    ) -> web.Response:
        wrong_type = manner.check(request, source)
        if wrong_type is not None:
            meter.refused("content_type")
            return wrong_type
        door = self._service.door(source.name, request.match_info.get("name", ""))
        try:
            body = await read_body(request, self._service.limits)
            parsed = self._limited(source.parse(body, self._service.clock.now()), meter)
            ingested = await self._service.ingest(door, parsed)
        except BadPayload as error:
            meter.refused(_reason(error))
            self._service.misheard(door, self._service.clock.now(), error.placed)
            return manner.refused(source, error)
        except Refused as refused:
            meter.refused(refused.kind.replace("-", "_"))
            return told(request, refused)
        except (Overloaded, StoreUnavailable) as error:
            later = try_later(error)
            meter.refused(later.kind.replace("-", "_"))
            return told(request, later)
        if ingested.rejected:
            meter.rejected(len(ingested.rejected), "invalid")
        return manner.taken(source, parsed, ingested)

    def _limited(self, parsed: Parsed, meter: DoorMetrics) -> Parsed:
        """Refuse the alerts over the limit one by one, for a sender repeats nothing after a 4xx."""
        meter.received(len(parsed.sightings) + len(parsed.rejected), parsed.truncated)
        most = self._service.limits.alerts_per_request
        if len(parsed.sightings) <= most:
            return parsed
        why = f"over the limit of {most} alerts in one request"
        over = [Rejected(position, why) for position in parsed.positions[most:]]
        return structs.replace(
            parsed,
            sightings=parsed.sightings[:most],
            positions=parsed.positions[:most],
            rejected=[*parsed.rejected, *over],
        )


class NativeManner:
    """Answer 202 with what became of the alerts, or a problem; list at most `listed` refusals."""

    def __init__(self, listed: int) -> None:
        self._listed = listed

    def check(self, request: web.Request, source: Source) -> web.Response | None:
        """Refuse pages, pictures, and forms unless the source reads them; other types may be right."""
        kind = _media_type(request)
        if source.forms and kind == _FORM:
            return None
        if kind.startswith(_NO_JSON):
            return Refused(
                415, "content-type", f"send application/json, not {kind}", "Content-Type"
            ).response()
        return None

    def taken(self, _source: Source, _parsed: Parsed, ingested: Ingested) -> web.Response:
        """Return 202 even if every alert was refused: a sender would repeat a 4xx for ever."""
        listed = ingested.rejected[: self._listed]
        omitted = len(ingested.rejected) - len(listed)
        body = Accepted(ingested.accepted, ingested.changed, listed, omitted)
        return web.Response(status=202, body=_encode(body), content_type=_JSON)

    def refused(self, _source: Source, error: BadPayload) -> web.Response:
        """Return 400 that names the field."""
        return _problem(error)


class AlertmanagerManner:
    """Answer as Alertmanager does, by what the source knows about that."""

    def check(self, request: web.Request, _source: Source) -> web.Response | None:
        """Refuse every body that is not declared to be JSON, as Alertmanager does."""
        kind = _media_type(request) or "application/octet-stream"
        if kind == _JSON or not request.body_exists:
            return None
        message = f'unsupported media type "{kind}", only [{_JSON}] are allowed'
        return web.Response(status=415, body=_encode({"code": 415, "message": message}), content_type=_JSON)

    def taken(self, source: Source, parsed: Parsed, ingested: Ingested) -> web.Response:
        """Return 200 without a body, or what Alertmanager says when it took only a part."""
        if source.answer is None:
            return web.Response()
        return _plain(source.answer(structs.replace(parsed, rejected=ingested.rejected)))

    def refused(self, source: Source, error: BadPayload) -> web.Response:
        """Return Alertmanager's own form of refusal."""
        if source.refusal is None:
            return _problem(error)
        return _plain(source.refusal(error))


def _media_type(request: web.Request) -> str:
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return kind.encode(errors="replace").decode()  # a refusal repeats it, and a header may be no Unicode


def _plain(answer: Answer) -> web.Response:
    status, body, content_type = answer
    if not content_type:
        return web.Response(status=status, body=body)
    return web.Response(status=status, body=body, content_type=content_type)


def _problem(error: BadPayload) -> web.Response:
    return Refused(400, _reason(error).replace("_", "-"), str(error), error.field or "body").response()


def _reason(error: BadPayload) -> str:
    cause = error.__cause__
    unreadable = isinstance(cause, msgspec.DecodeError | UnicodeDecodeError | RecursionError | ValueError)
    if unreadable and not isinstance(cause, msgspec.ValidationError) and not error.field:
        return "not_json"
    return "wrong_type"
