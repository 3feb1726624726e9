"""Show the series of an incident: those that tell most first, however many there are."""

from datetime import datetime

from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import send_json
from alertmesh.console.incidents import Incidents
from alertmesh.console.problems import Refused
from alertmesh.console.queries import number, page, sortable, wording
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.console.views import MemberView, show_member
from alertmesh.core.incident import Member
from alertmesh.desks.evidence_members import Ranking, SeriesKind, common

_MOST_NAMED = 200


class MemberPage(Struct, frozen=True):
    """A page of an incident's series, those that tell most first; `next` is the `after` of the next one.

    `kinds` and `common` are about all that were asked for, not about the page alone: their names, of
    which those without room are counted in `kinds_left_out`, and the labels that each of them has,
    with the few values that there are.
    """

    alerts: list[MemberView]
    next: str | None
    kinds: list[SeriesKind]
    kinds_left_out: int
    common: dict[str, list[str]]


class Members:
    """The handler of `/api/v1/incidents/{id}/alerts`."""

    def __init__(self, service: Service, incidents: Incidents) -> None:
        self._service = service
        self._incidents = incidents

    @tells(MemberPage, query=("name", "series", "each", "member_after", "limit", "language"))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the series of an incident, each with the reason why it is there, a page at a time."""
        incident, _ = self._incidents.find(request)
        most, said = self._service.limits.page, wording(request, self._service)
        ranking = Ranking(incident.causes[0].series if incident.causes else "")
        asked = _asked(request, self._service.members(incident.id))
        each = number(request, "each", 0, least=1)
        shown = ranking.foremost(asked, each) if each else asked
        found, following = page(request, shown, most, lambda one: _key(*ranking.order(one)))
        kinds = ranking.kinds(asked)
        return send_json(
            MemberPage(
                alerts=[show_member(one, said) for one in found],
                next=following,
                kinds=kinds[:most],
                kinds_left_out=max(0, len(kinds) - most),
                common=common(asked),
            )
        )


def _asked(request: web.Request, members: list[Member]) -> list[Member]:
    """Return the series of the `name` and of the ids that are asked for; all of them unless told."""
    name, ids = request.query.get("name"), frozenset(request.query.getall("series", ()))
    if len(ids) > _MOST_NAMED:
        raise Refused(400, "bad-query", f"at most {_MOST_NAMED} series", "series")
    return [
        one
        for one in members
        if (name is None or one.series.name == name) and (not ids or one.series.id in ids)
    ]


def _key(is_no_root: bool, is_over: bool, priority: int, opened_at: datetime, series: str) -> str:
    """Return as a text what the series are ordered by."""
    return f"{is_no_root:d}{is_over:d}{priority:d}{sortable(opened_at)}{series}"
