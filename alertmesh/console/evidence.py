"""Show what belongs to one incident besides its alerts: things, changes, repeats, and the like of it."""

from datetime import timedelta

from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.console.bodies import send_json
from alertmesh.console.incidents import Incidents
from alertmesh.console.queries import number, page_size, wording
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.console.wording import Wording
from alertmesh.desks.evidence_changes import Touched
from alertmesh.desks.evidence_graph import Picture
from alertmesh.desks.evidence_past import PastView
from alertmesh.desks.evidence_repeats import Course

_HOURS = 6
_MOST_HOURS = 24 * 14


class TouchedList(Struct, frozen=True, kw_only=True):
    """What was changed about an incident's things, nearest first; `left_out` counts what had no room."""

    changes: list[Touched]
    hours: int
    left_out: int


class PastList(Struct, frozen=True):
    """Past incidents like one, the likest first."""

    similar: list[PastView]


class EvidenceDoor:
    """The handlers of what is known around an incident."""

    def __init__(self, service: Service, incidents: Incidents) -> None:
        self._service = service
        self._incidents = incidents

    @tells(Picture)
    async def graph(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the things of an incident, how they stand to each other, and who else may be hit."""
        return send_json(await self._service.desks.evidence.graph(self._find(request)))

    @tells(TouchedList, query=("hours", "limit"))
    async def changes(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return what was changed about an incident's things around its beginning."""
        hours = min(number(request, "hours", _HOURS, least=1), _MOST_HOURS)
        limit = page_size(request, self._service.limits.page)
        found = self._service.desks.evidence.changes(self._find(request), timedelta(hours=hours))
        left_out = max(0, len(found) - limit)
        return send_json(TouchedList(changes=found[:limit], hours=hours, left_out=left_out))

    @tells(Course, query=("limit",))
    async def repeats(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return how often the series of an incident were heard over the last hours."""
        limit = page_size(request, self._service.limits.page)
        return send_json(self._service.desks.evidence.repeats(self._find(request), limit))

    @tells(PastList, query=("language",))
    async def similar(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the past incidents that one is like, and how they went."""
        found = self._service.desks.evidence.similar(self._find(request))
        said = wording(request, self._service)
        return send_json(PastList([_past(one, said) for one in found]))

    def _find(self, request: web.Request) -> int:
        return self._incidents.find(request)[0].id


def _past(one: PastView, said: Wording) -> PastView:
    notes = [replace(note, text=said.line(note.kind, note.text)) for note in one.notes]
    return replace(one, shared=said.shared(one.shared), notes=notes)
