"""Take and show what was changed: deploys, new settings, restarts."""

from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import read_body, send_json
from alertmesh.console.problems import Refused
from alertmesh.console.queries import page_size
from alertmesh.console.service import Service
from alertmesh.console.tells import Objects, tells
from alertmesh.core.alert import Rejected
from alertmesh.core.changes import ChangeEvent
from alertmesh.core.errors import BadPayload
from alertmesh.desks.evidence_changes import ChangeView, show_change


class ChangesTaken(Struct, frozen=True):
    """The answer to a post of changes: how many were taken, and which were refused by their place."""

    accepted: int
    rejected: list[Rejected]


class ChangePage(Struct, frozen=True):
    """A page of changes, newest first; `next` is the `before` of the next one."""

    changes: list[ChangeView]
    next: str | None


class ChangeEvents:
    """The handlers of change events."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @tells(ChangesTaken, status=202, takes=Objects, may=(503,))
    async def take(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Take one change or a list of them; 202 once they are durable."""
        body = await read_body(request, self._service.limits)
        try:
            taken = await self._service.changed(body)
        except BadPayload as error:
            raise Refused(400, "not-json", str(error), error.field or "body") from error
        return send_json(ChangesTaken(taken.accepted, taken.rejected), status=202)

    @tells(ChangePage, query=("entity", "cluster", "kind", "before", "limit"))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the changes that are remembered, a page at a time."""
        limit = page_size(request, self._service.limits.page)
        asked = {name: request.query.get(name, "") for name in ("entity", "cluster", "kind")}
        before = _read(request.query.get("before", ""))
        found = sorted(
            (event for event in self._service.changes() if _fits(event, asked, before)),
            key=_place,
            reverse=True,
        )
        shown = found[:limit]
        following = "_".join(_place(shown[-1])) if len(found) > limit else None
        return send_json(ChangePage([show_change(event) for event in shown], following))


def _fits(event: ChangeEvent, asked: dict[str, str], before: tuple[str, str] | None) -> bool:
    if before is not None and _place(event) >= before:
        return False
    return all(not wanted or getattr(event, name) == wanted for name, wanted in asked.items())


def _place(event: ChangeEvent) -> tuple[str, str]:
    return f"{event.at.timestamp():017.6f}", event.id


def _read(text: str) -> tuple[str, str] | None:
    if not text:
        return None
    moment, mark, name = text.partition("_")
    if not mark:
        raise Refused(400, "bad-query", "before is the `next` of a page", "before")
    return moment, name
