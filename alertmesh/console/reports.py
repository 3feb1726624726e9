"""Show reports, and take the hand-over of a shift."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.console.bodies import read_json, send_json
from alertmesh.console.oncall import near
from alertmesh.console.problems import Refused
from alertmesh.console.queries import moment, wording
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.core.entries import HandoverSigned
from alertmesh.core.errors import BadCommand
from alertmesh.core.ports import AuditEntry
from alertmesh.metrics import Metrics
from alertmesh.reports.account import DAY, KEYS
from alertmesh.reports.coverage import CoverageReport
from alertmesh.reports.delivery import DeliveryReport
from alertmesh.reports.handover import Draft, Signed
from alertmesh.reports.load import LoadReport
from alertmesh.reports.noise import NoiseReport
from alertmesh.reports.response import ResponseReport

LONGEST = timedelta(days=92)
"""The longest time that a report can be asked for."""

_USUAL = timedelta(days=7)
_LONGEST_TEXT = 20_000
_LANGUAGES = ("en", "zh")


class SignBody(Struct, frozen=True, forbid_unknown_fields=True):
    """Who takes over from whom, and the notes that go with it.

    `outgoing` is who had the shift before unless it is named, `incoming` who asks.
    """

    text: str = ""
    outgoing: str = ""
    incoming: str = ""


class Accepted(Struct, frozen=True):
    """The answer to a hand-over that was accepted."""

    roster: str
    handover: Signed | None


class Reporting:
    """The handlers of `/api/v1/reports` and of a roster's hand-over."""

    def __init__(self, service: Service, metrics: Metrics) -> None:
        self._service = service
        self._metrics = metrics

    @tells(ResponseReport, query=("by", "from", "to", "zone"))
    async def response(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return how fast incidents were taken and ended, and how many nobody took."""
        by = request.query.get("by", "priority")
        if by not in {DAY, *KEYS}:
            raise Refused(400, "bad-query", f"by is one of {', '.join(sorted({DAY, *KEYS}))}", "by")
        return send_json(await self._service.reports.response(by, *self._span(request), _zone(request)))

    @tells(LoadReport, query=("from", "to", "zone"))
    async def load(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return how much each person was paged."""
        return send_json(await self._service.reports.load(*self._span(request), _zone(request)))

    @tells(NoiseReport, query=("from", "to", "zone"))
    async def noise(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return which names made incidents, and which of those for nothing."""
        return send_json(await self._service.reports.noise(*self._span(request), _zone(request)))

    @tells(DeliveryReport, query=("from", "to", "zone"))
    async def delivery(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return how well channels carried messages."""
        return send_json(await self._service.reports.delivery(*self._span(request), _zone(request)))

    @tells(CoverageReport, query=("from", "to", "zone", "language"))
    async def coverage(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the pages that found nobody."""
        said = wording(request, self._service)
        found = await self._service.reports.coverage(*self._span(request), _zone(request))
        gaps = [replace(one, text=said.line(one.kind, one.text)) for one in found.gaps]
        return send_json(replace(found, gaps=gaps))

    @tells(Draft, query=("from", "to", "language"))
    async def handover(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the draft for the shift that ends now, or for a span of time."""
        roster = self._roster(request)
        asked = [name for name in ("from", "to") if name in request.query]
        now = self._service.clock.now()
        for name in asked:
            near(request, name, now, now)
        start, end = self._span(request) if asked else (None, None)
        language = request.query.get("language", "en")
        if language not in _LANGUAGES:
            raise Refused(400, "bad-query", f"language is one of {', '.join(_LANGUAGES)}", "language")
        return send_json(await self._service.reports.handover(roster, start, end, language))

    @tells(Accepted, status=201, takes=SignBody)
    async def sign(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Take over what waits for a hand-over, and keep the notes."""
        roster, now = self._roster(request), self._service.clock.now()
        body = await read_json(request, _DECODER)
        if len(body.text) > _LONGEST_TEXT:
            raise Refused(422, "unfit", f"text is longer than {_LONGEST_TEXT} characters", "text")
        signed = HandoverSigned(
            roster=roster,
            actor=body.incoming or actor,
            outgoing=body.outgoing or self._service.reports.outgoing(roster),
            text=body.text,
            at=now,
        )
        if not signed.outgoing:
            detail = f"nobody had duty in {roster} before; name who hands over"
            raise Refused(422, "unfit", detail, "outgoing")
        await self._order(signed, actor)
        return send_json(Accepted(roster, self._service.reports.last(roster)), 201)

    async def _order(self, signed: HandoverSigned, actor: str) -> None:
        # The audit line comes first: there must be no action without one.
        target, detail = f"roster/{signed.roster}", f"from {signed.outgoing} to {signed.actor}"
        await self._service.audit(
            AuditEntry(at=signed.at, actor=actor, action="handover", target=target, detail=detail)
        )
        try:
            await self._service.sign(signed)
        except BadCommand as error:
            self._metrics.commanded("handover", "refused")
            field = _FIELDS.get(str(error).partition(":")[0], "")
            raise Refused(422, "impossible", str(error), field) from error
        self._metrics.commanded("handover", "done")

    def _roster(self, request: web.Request) -> str:
        name = request.match_info["roster"]
        if name not in self._service.duties.oncall().rosters:
            raise Refused(404, "unknown-roster", f"there is no roster {name[:40]!r}", "roster")
        return name

    def _span(self, request: web.Request) -> tuple[datetime, datetime]:
        return span(request, self._service.clock.now())


def span(request: web.Request, now: datetime) -> tuple[datetime, datetime]:
    """Return `from` and `to`: the last seven days unless they say otherwise."""
    end = moment(request, "to", now)
    start = moment(request, "from", _earlier(end))
    if not start < end:
        raise Refused(400, "bad-query", "from must be before to", "from")
    if end - start > LONGEST:
        raise Refused(400, "bad-query", f"from and to are more than {LONGEST.days} days apart", "from")
    return start, end


def _zone(request: web.Request) -> ZoneInfo:
    """Return the zone whose days are counted."""
    name = request.query.get("zone", "UTC")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Refused(
            400, "bad-query", "zone is the name of a time zone, such as Asia/Shanghai", "zone"
        ) from error


def _earlier(end: datetime) -> datetime:
    try:
        return end - _USUAL
    except OverflowError as error:
        raise Refused(400, "bad-query", "to is too far back", "to") from error


_DECODER = msgspec.json.Decoder(SignBody)
_FIELDS = {"actor": "incoming", "roster": "roster", "outgoing": "outgoing", "text": "text"}
