"""Show incidents, page by page, and everything that belongs to one."""

import asyncio

from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import send_json
from alertmesh.console.problems import Refused
from alertmesh.console.queries import choices, matchers, number, page_size, wording
from alertmesh.console.service import Service
from alertmesh.console.suggestionviews import IncidentDetail, detailed
from alertmesh.console.tells import tells
from alertmesh.console.views import (
    AttemptView,
    CauseView,
    IncidentView,
    LineView,
    show_attempt,
    show_causes,
    show_incident,
    show_line,
)
from alertmesh.core.alert import Priority
from alertmesh.core.incident import Condition, Incident
from alertmesh.core.matchers import Matcher, matches_all
from alertmesh.core.response import Response, State
from alertmesh.desks.rows import priority_of

_SLICE = 200
_NUMBERS = 19

Pair = tuple[Incident, Response | None]


class IncidentPage(Struct, frozen=True):
    """A page of incidents, newest first; `next` is the `before` of the next one.

    A page may be short or empty and still have a next one: each request looks at a bounded
    number of incidents.
    """

    incidents: list[IncidentView]
    next: int | None


class TimelinePage(Struct, frozen=True):
    """A page of timeline lines, oldest first; `next` is the `after` of the next one."""

    timeline: list[LineView]
    next: int | None


class CauseList(Struct, frozen=True):
    """The root candidates of an incident, likeliest first."""

    causes: tuple[CauseView, ...]


class AttemptList(Struct, frozen=True):
    """Every try to reach somebody about an incident, oldest first."""

    pages: list[AttemptView]


class Wanted(Struct, frozen=True):
    """Which incidents a list is asked for; an empty set wants all."""

    states: frozenset[str]
    priorities: frozenset[str]
    conditions: frozenset[str]
    matchers: tuple[Matcher, ...]

    def accepts(self, pair: Pair) -> bool:
        """Tell whether an incident is wanted."""
        incident, response = pair
        return (
            (not self.states or (response is not None and response.state.value in self.states))
            and (not self.priorities or priority_of(incident, response).name in self.priorities)
            and (not self.conditions or incident.condition.value in self.conditions)
            and matches_all(self.matchers, incident.labels)
        )


def wanted(request: web.Request) -> Wanted:
    """Return which incidents a request asks for."""
    return Wanted(
        choices(request, "state", State),
        choices(request, "priority", Priority.__members__),
        choices(request, "condition", Condition),
        matchers(request),
    )


class Incidents:
    """The handlers that read `/api/v1/incidents`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @tells(IncidentPage, query=("state", "priority", "condition", "filter", "before", "limit"))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the incidents that match, a page at a time."""
        before = number(request, "before", 0, least=1) or None
        limit = page_size(request, self._service.limits.page)
        found, following = await self.scan(wanted(request), before, limit)
        return send_json(IncidentPage([show_incident(*pair) for pair in found], following))

    async def scan(self, wanted: Wanted, before: int | None, limit: int) -> tuple[list[Pair], int | None]:
        """Return wanted incidents numbered below `before`, newest first, and where to go on if anywhere.

        A bounded number is looked at, so there may be fewer than `limit` and yet more to come.
        """
        found: list[Pair] = []
        left = self._service.limits.scan
        size = limit  # without a filter this is all it takes
        while left > 0:
            size = min(size, left)
            part = self._service.incidents(before, size)
            for pair in part:
                before = pair[0].id
                if wanted.accepts(pair):
                    found.append(pair)
                    if len(found) == limit:
                        return found, before
            if len(part) < size:
                return found, None
            left -= size
            size = _SLICE
            await asyncio.sleep(0)
        return found, before

    @tells(IncidentDetail, query=("language",))
    async def show(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return one incident, with what is suggested for it."""
        incident, response = self.find(request)
        made, said = self._service.suggestions(incident.id), wording(request, self._service)
        return send_json(detailed(show_incident(incident, response, said), made, said))

    @tells(TimelinePage, query=("after", "limit", "language"))
    async def timeline(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the history of an incident, a page at a time."""
        limit = page_size(request, self._service.limits.page)
        incident, _ = self.find(request)
        lines = self._service.timeline(incident.id, number(request, "after", 0), limit)
        following = lines[-1].number if len(lines) == limit else None
        said = wording(request, self._service)
        return send_json(TimelinePage([show_line(line, said) for line in lines], following))

    @tells(CauseList, query=("language",))
    async def causes(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the root candidates of an incident, with their reasons."""
        incident, _ = self.find(request)
        return send_json(CauseList(show_causes(incident.causes, wording(request, self._service))))

    @tells(AttemptList)
    async def pages(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return who was to be reached about an incident, how, and what became of it."""
        incident, _ = self.find(request)
        return send_json(AttemptList([show_attempt(one) for one in self._service.attempts(incident.id)]))

    def find(self, request: web.Request) -> Pair:
        """Return the incident that the path names; 404 when there never was one."""
        text = request.match_info["id"]
        known = len(text) < _NUMBERS and self._service.incident(int(text))
        if not known:
            raise Refused(404, "unknown-incident", f"there is no incident {text[:_NUMBERS]}", "id")
        return known
