"""Show, keep and delete the views of lists that people saved."""

from datetime import datetime

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.console.auth import Gate, Scope
from alertmesh.console.bodies import read_json, send_json
from alertmesh.console.problems import Refused
from alertmesh.console.queries import page
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.desks.personal import SavedView, Unfit


class ViewBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a view shows: the query string of a list. With `shared` everybody sees it."""

    query: str
    shared: bool = False


class SavedViewView(Struct, frozen=True, kw_only=True):
    """How the API shows a saved view; `mine` tells whether it is the asker's own."""

    name: str
    owner: str
    mine: bool
    query: str
    shared: bool
    changed_at: datetime


class SavedViewPage(Struct, frozen=True):
    """A page of views: one's own by name, then those that others share; `next` is the next `after`."""

    views: list[SavedViewView]
    next: str | None


_BODY = msgspec.json.Decoder(ViewBody)


class SavedViews:
    """The handlers of `/api/v1/views`; `owner` names whose view is meant, one's own without it."""

    def __init__(self, service: Service, gate: Gate) -> None:
        self._service = service
        self._gate = gate

    @tells(SavedViewPage, query=("after", "limit"))
    async def index(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Return the views that a person may see, a page at a time."""
        found = self._service.desks.personal.views(actor)

        def place(view: SavedView) -> str:
            return f"{view.owner != actor:d}/{view.name.casefold()}/{view.owner}/{view.name}"

        shown, after = page(request, found, self._service.limits.page, place)
        return send_json(SavedViewPage([_show(view, actor) for view in shown], after))

    @tells(SavedViewView, query=("owner",))
    async def show(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Return one view."""
        return send_json(_show(self._find(request, actor), actor))

    @tells(SavedViewView, takes=ViewBody, may=(201,))
    async def put(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Keep a view of one's own; to share it, or to change a shared one, takes the scope respond."""
        body = await read_json(request, _BODY)
        name, desk = request.match_info["name"], self._service.desks.personal
        before = desk.view(actor, actor, name)
        if body.shared or (before is not None and before.shared):
            self._gate.admit(request, Scope.RESPOND)
        now = self._service.clock.now()
        view = SavedView(owner=actor, name=name, query=body.query, shared=body.shared, changed_at=now)
        try:
            await desk.save(view)
        except Unfit as error:
            raise Refused(422, "unfit", str(error), error.field) from error
        return send_json(_show(view, actor), status=200 if before else 201)

    @tells(None, status=204, query=("owner",))
    async def drop(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Delete a view of one's own; a shared one of somebody else takes the scope admin."""
        view = self._find(request, actor)
        if view.owner != actor:
            self._gate.admit(request, Scope.ADMIN)
        await self._service.desks.personal.drop(view, actor)
        return web.Response(status=204)

    def _find(self, request: web.Request, actor: str) -> SavedView:
        name, owner = request.match_info["name"], request.query.get("owner") or actor
        found = self._service.desks.personal.view(actor, owner, name)
        if found is None:
            raise Refused(404, "unknown-view", f"there is no view {name[:60]!r} of {owner[:60]!r}", "name")
        return found


def _show(view: SavedView, actor: str) -> SavedViewView:
    return SavedViewView(
        name=view.name,
        owner=view.owner,
        mine=view.owner == actor,
        query=view.query,
        shared=view.shared,
        changed_at=view.changed_at,
    )
