"""Show what a second look suggests for an incident, and take people's answer."""

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.console.actions import Actions
from alertmesh.console.bodies import Count, read_json
from alertmesh.console.incidents import Incidents
from alertmesh.console.problems import Refused
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.console.views import IncidentView
from alertmesh.core.entries import Action, Command

_ANSWERS = {action.value: action for action in (Action.ACCEPT, Action.DISMISS)}
_DIGITS = 18


class AnswerBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A person's answer to a suggestion: `accept` or `dismiss`, as of an epoch of the incident."""

    action: str
    epoch: Count | None = None


class Suggestions:
    """The handler of `/api/v1/incidents/{id}/suggestions/{n}`."""

    def __init__(self, service: Service, incidents: Incidents, actions: Actions) -> None:
        self._service = service
        self._incidents = incidents
        self._actions = actions

    @tells(IncidentView, takes=AnswerBody, may=(409,))
    async def answer(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Accept a suggestion, which is a judgement as any other, or dismiss it for good."""
        incident, _ = self._incidents.find(request)
        number = request.match_info["n"]
        known = {made.number for made, _ in self._service.suggestions(incident.id)}
        if len(number) > _DIGITS or int(number) not in known:
            raise Refused(404, "unknown-suggestion", f"incident {incident.id} has no such suggestion", "n")
        body = await read_json(request, _DECODER)
        action = _ANSWERS.get(body.action)
        if action is None:
            raise Refused(422, "unfit", f"action is one of {', '.join(_ANSWERS)}", "action")
        command = Command(
            action=action,
            incident=incident.id,
            actor=actor,
            at=self._service.clock.now(),
            epoch=body.epoch,
            args={"suggestion": str(int(number))},
        )
        return await self._actions.order(request, command)


_DECODER = msgspec.json.Decoder(AnswerBody)
