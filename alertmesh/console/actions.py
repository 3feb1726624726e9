"""Carry out what people do to incidents."""

from collections.abc import Mapping

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.console.auth import ActorHandler
from alertmesh.console.bodies import Count, read_json, send_json
from alertmesh.console.incidents import Incidents
from alertmesh.console.problems import Refused
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.console.views import IncidentView, show_incident
from alertmesh.core.alert import Priority
from alertmesh.core.audit import of_command
from alertmesh.core.entries import Action, Command
from alertmesh.core.errors import BadCommand, StaleCommand
from alertmesh.metrics import Metrics

_LONGEST_TEXT = 10_000
_LONGEST_NAME = 200
_MOST_SERIES = 10_000
_MOST_MINUTES = 60 * 24 * 366


class ActionBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What an action may be told; which of it is needed depends on the action."""

    epoch: Count | None = None
    minutes: int | None = None
    person: str | None = None
    step: int | None = None
    team: str | None = None
    priority: str | None = None
    into: int | None = None
    other: int | None = None
    series: list[str] | None = None
    entity: str | None = None
    text: str | None = None


class Takes(Struct, frozen=True):
    """The fields that an action needs, those it may have, and those of which it needs one or more.

    Of `some` no more than `most` may be given; `series` is how many ids of series it takes.
    """

    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ("text",)
    some: tuple[str, ...] = ()
    most: int = 1
    series: int = _MOST_SERIES


TAKES = {
    Action.ACK: Takes(),
    Action.UNACK: Takes(),
    Action.ESCALATE: Takes(may=("step", "team", "text")),
    Action.RESOLVE: Takes(),
    Action.SNOOZE: Takes(needs=("minutes",)),
    Action.ASSIGN: Takes(needs=("person",)),
    Action.RETURN: Takes(),
    Action.MERGE: Takes(needs=("into",)),
    Action.SPLIT: Takes(needs=("series",)),
    Action.MOVE: Takes(needs=("series",), may=("into", "text")),
    Action.ROOT: Takes(some=("series", "entity"), most=2, series=1),
    Action.UNRELATED: Takes(some=("series", "other")),
    Action.NOTE: Takes(needs=("text",), may=()),
    Action.CLOSE: Takes(),
    Action.PRIORITY: Takes(needs=("priority",)),
}
_DECODER = msgspec.json.Decoder(ActionBody)


class Actions:
    """The handlers that change incidents, one per action."""

    def __init__(self, service: Service, incidents: Incidents, metrics: Metrics) -> None:
        self._service = service
        self._incidents = incidents
        self._metrics = metrics

    def handler(self, action: Action) -> ActorHandler:
        """Return the handler of one action."""

        @tells(IncidentView, takes=ActionBody, may=(409,))
        async def act(request: web.Request, actor: str) -> web.StreamResponse:
            """Do this to an incident, and return it as it stands then."""
            incident, _ = self._incidents.find(request)
            body = await read_json(request, _DECODER)
            command = Command(
                action=action,
                incident=incident.id,
                actor=actor,
                at=self._service.clock.now(),
                epoch=body.epoch,
                args=arguments(action, body),
            )
            return await self.order(request, command)

        return act

    async def order(self, request: web.Request, command: Command) -> web.StreamResponse:
        """Write down what a person does, do it, and answer with the incident as it stands then."""
        # The audit line comes first: there must be no action without one.
        await self._service.audit(of_command(command))
        await self._carry_out(command)
        return send_json(show_incident(*self._incidents.find(request)))

    async def _carry_out(self, command: Command) -> None:
        try:
            await self._service.command(command)
        except StaleCommand as error:
            self._metrics.commanded(command.action.value, "stale")
            raise self._refused(409, "stale", command, error) from error
        except BadCommand as error:
            self._metrics.commanded(command.action.value, "refused")
            raise self._refused(422, "impossible", command, error) from error
        except KeyError as error:
            raise Refused(
                404, "unknown-incident", f"there is no incident {command.incident}", "id"
            ) from error
        self._metrics.commanded(command.action.value, "done")

    def _refused(self, status: int, kind: str, command: Command, error: BadCommand) -> Refused:
        refused = Refused(status, kind, str(error), "epoch" if kind == "stale" else "action")
        pair = self._service.incident(command.incident)
        refused.incident = show_incident(*pair) if pair else None
        return refused


def arguments(action: Action, body: ActionBody) -> Mapping[str, str]:
    """Return the arguments of a command; raises Refused with 422 for what is missing or too much."""
    takes = TAKES[action]
    given = {
        name: value
        for name, value in msgspec.structs.asdict(body).items()
        if value is not None and name != "epoch"
    }
    for name in takes.needs:
        if name not in given:
            raise _unfit(name, f"{action.value} needs {name}")
    if takes.some and not 1 <= sum(name in given for name in takes.some) <= takes.most:
        how_many = "one" if takes.most == 1 else "one or both"
        raise _unfit(takes.some[0], f"{action.value} needs {how_many} of {' and '.join(takes.some)}")
    for name, value in given.items():
        if name not in (*takes.needs, *takes.may, *takes.some):
            raise _unfit(name, f"{action.value} has no use for {name}")
        _check(name, value)
    if len(body.series or ()) > takes.series:
        raise _unfit("series", f"{action.value} takes no more than {takes.series} of them")
    return {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in given.items()}


def _check(name: str, value: object) -> None:
    match name, value:
        case "minutes", int(minutes) if not 1 <= minutes <= _MOST_MINUTES:
            raise _unfit(name, f"minutes must be from 1 to {_MOST_MINUTES}")
        case "step", int(step) if not 0 <= step < _LONGEST_NAME:
            raise _unfit(name, f"step must be from 0 to {_LONGEST_NAME - 1}")
        case "into" | "other", int(number) if not 1 <= number < 2**63:
            raise _unfit(name, f"{name} must be the number of an incident")
        case "entity", str(entity) if not 0 < len(entity.strip()) <= _LONGEST_NAME:
            raise _unfit(name, f"entity must be a name of at most {_LONGEST_NAME} characters")
        case "person" | "team", str(text) if not 0 < len(text.strip()) <= _LONGEST_NAME:
            raise _unfit(name, f"{name} must be a name of at most {_LONGEST_NAME} characters")
        case "priority", str(word) if word not in Priority.__members__:
            raise _unfit(name, f"priority must be one of {', '.join(Priority.__members__)}")
        case "text", str(text) if not 0 < len(text.strip()) <= _LONGEST_TEXT:
            raise _unfit(name, f"text must have from 1 to {_LONGEST_TEXT} characters")
        case "series", list(ids) if not 0 < len(ids) <= _MOST_SERIES or any(
            "," in one or not one for one in ids
        ):
            raise _unfit(name, f"series must be from 1 to {_MOST_SERIES} ids of member series")


def _unfit(name: str, why: str) -> Refused:
    return Refused(422, "unfit", why, name)
