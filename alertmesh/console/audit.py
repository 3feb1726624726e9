"""Show what people and their tools did."""

from datetime import UTC, datetime

from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import send_json
from alertmesh.console.problems import Refused
from alertmesh.console.queries import moment, number, page_size
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.core.audit import Sought, search
from alertmesh.core.ports import AuditEntry

_EVER = datetime.min.replace(tzinfo=UTC)


class AuditLine(Struct, frozen=True, kw_only=True):
    """One action; `number` grows with each. `actor` is a token, an account, or `local` for neither."""

    number: int
    at: datetime
    actor: str
    action: str
    target: str
    detail: str


class AuditPage(Struct, frozen=True):
    """A page of actions, the newest first; `next` is the `before` of the next one.

    A page may be short or empty and still have a next one: each request looks at a bounded number.
    """

    audit: list[AuditLine]
    next: int | None


class Audit:
    """The handler of `/api/v1/audit`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @tells(AuditPage, query=("actor", "action", "target", "from", "to", "before", "limit"))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the actions that match, a page at a time."""
        limits = self._service.limits
        found, after = search(
            self._service.desks.modules.audit,
            _sought(request),
            number(request, "before", 0, least=1) or None,
            page_size(request, limits.page),
            limits.scan,
        )
        return send_json(AuditPage([_line(place, entry) for place, entry in found], after))


def _sought(request: web.Request) -> Sought:
    query = request.query
    since, until = (moment(request, name, _EVER) if query.get(name) else None for name in ("from", "to"))
    if since is not None and until is not None and until <= since:
        raise Refused(400, "bad-query", "must be after from", "to")
    return Sought(
        actor=query.get("actor", ""),
        action=query.get("action", ""),
        target=query.get("target", ""),
        since=since,
        until=until,
    )


def _line(number: int, entry: AuditEntry) -> AuditLine:
    return AuditLine(
        number=number,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        target=entry.target,
        detail=entry.detail,
    )
