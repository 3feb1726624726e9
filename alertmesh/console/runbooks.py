"""Show the runbooks that fit an incident, and take the ticks of their steps."""

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.console.actions import Actions
from alertmesh.console.bodies import Count, read_json, send_json
from alertmesh.console.incidents import Incidents
from alertmesh.console.problems import Refused
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.console.views import IncidentView
from alertmesh.core.entries import Action, Command
from alertmesh.core.runbook import Runbook
from alertmesh.desks.evidence_runbooks import RunbookView, ServiceView


class RunbookList(Struct, frozen=True):
    """The runbooks that fit an incident, best first, and the services of the catalogue that it hits."""

    runbooks: list[RunbookView]
    services: list[ServiceView]


class StepBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A tick of a step, counted from 1; not `done` takes it back. `epoch` is that of the incident."""

    runbook: str
    step: int
    done: bool = True
    epoch: Count | None = None


class Runbooks:
    """The handlers of `/api/v1/incidents/{id}/runbooks` and `/step`."""

    def __init__(self, service: Service, incidents: Incidents, actions: Actions) -> None:
        self._service = service
        self._incidents = incidents
        self._actions = actions

    @tells(RunbookList)
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the runbooks that fit an incident, with who ticked which step, and whom to ask."""
        incident, _ = self._incidents.find(request)
        evidence = self._service.desks.evidence
        return send_json(RunbookList(evidence.runbooks(incident.id), evidence.services(incident.id)))

    @tells(IncidentView, takes=StepBody, may=(409,))
    async def step(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Tick a step of a runbook, or take the tick back; everybody sees it."""
        incident, _ = self._incidents.find(request)
        body = await read_json(request, _DECODER)
        book = self._service.desks.evidence.runbook(body.runbook)
        if book is None:
            raise Refused(422, "unfit", f"there is no runbook {body.runbook[:80]!r}", "runbook")
        if not 1 <= body.step <= len(book.steps):
            raise Refused(422, "unfit", f"step is from 1 to {len(book.steps)}", "step")
        command = Command(
            action=Action.STEP,
            incident=incident.id,
            actor=actor,
            at=self._service.clock.now(),
            epoch=body.epoch,
            args=_arguments(book, body),
        )
        return await self._actions.order(request, command)


def _arguments(book: Runbook, body: StepBody) -> dict[str, str]:
    said = book.steps[body.step - 1].text.en
    text = (
        f"step {body.step} of {book.name}: {said}"
        if body.done
        else f"step {body.step} of {book.name} is open again"
    )
    return {"runbook": book.name, "step": str(body.step), "done": str(body.done).lower(), "text": text}


_DECODER = msgspec.json.Decoder(StepBody)
