"""List incidents in their short form, with the place in the live stream from which on they change."""

from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import send_json
from alertmesh.console.incidents import Incidents, Pair, Wanted, wanted
from alertmesh.console.problems import Refused
from alertmesh.console.queries import number, page_size
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.desks.rows import IncidentRow, show_row

_MOST = 1_000
_FEW = 3  # are as quickly sent as squeezed


class RowPage(Struct, frozen=True):
    """A page of incidents, newest first; `next` is the `before` of the next one.

    `live` is the place in the live stream as the first of them was read: who follows the stream from
    there misses nothing.
    """

    rows: list[IncidentRow]
    next: int | None
    live: str


class Rows:
    """The handler of `/api/v1/incidents/rows`."""

    def __init__(self, service: Service, incidents: Incidents) -> None:
        self._service = service
        self._incidents = incidents

    @tells(RowPage, query=("open", "state", "priority", "condition", "filter", "before", "limit"))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the incidents that match, a page at a time."""
        hub = self._service.desks.live
        before = number(request, "before", 0, least=1) or None
        limit = page_size(request, _MOST)
        live = hub.id
        if _is_open_wanted(request):
            found, following = self._open(wanted(request), before, limit)
        else:
            found, following = await self._incidents.scan(wanted(request), before, limit)
        rows = [show_row(*pair) for pair in found]
        hub.read(rows)
        answer = send_json(RowPage(rows, following, live))
        if len(rows) > _FEW:
            answer.enable_compression()
        return answer

    def _open(self, which: Wanted, before: int | None, limit: int) -> tuple[list[Pair], int | None]:
        """Return those that people still have to do with: the live ones, without a look at all the others."""
        found = [pair for pair in self._service.open() if which.accepts(pair)]
        found.sort(key=lambda pair: -pair[0].id)
        left = [pair for pair in found if before is None or pair[0].id < before]
        return left[:limit], left[limit - 1][0].id if len(left) > limit else None


def _is_open_wanted(request: web.Request) -> bool:
    text = request.query.get("open", "false")
    if text not in ("true", "false"):
        raise Refused(400, "bad-query", "open is true or false", "open")
    return text == "true"
