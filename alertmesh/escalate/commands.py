"""Read people's commands into machine events, and explain what is possible instead."""

from alertmesh.core.alert import Priority
from alertmesh.core.entries import Action, Command
from alertmesh.core.errors import BadCommand
from alertmesh.core.response import Response
from alertmesh.escalate.dispatch import Dispatcher
from alertmesh.escalate.events import EventKind, MachineEvent
from alertmesh.escalate.machine import possible

_TOLD = ("runbook", "step", "done")  # what the line about a command holds by name


def event_of(command: Command, response: Response, dispatcher: Dispatcher) -> MachineEvent:
    """Return the machine event that `command` means; steps are counted from 1, as they are shown.

    Raises BadCommand for an argument that cannot be read or a person who cannot be paged.
    """
    person = command.args.get("person", "")
    if command.action is Action.ASSIGN:
        user = dispatcher.oncall.users.get(person)
        if user is None or not user.channels:
            raise BadCommand(explain(response, f"there is no person {person!r} who can be paged"))
    team = command.args.get("team", "")
    if team and team not in dispatcher.oncall.rosters:
        raise BadCommand(explain(response, f"team: there is no roster {team!r}"))
    step = _number(command, response, "step")
    if command.action is Action.STEP and (step is None or not command.args.get("runbook")):
        raise BadCommand(explain(response, "a step needs its runbook and its number"))
    return MachineEvent(
        kind=EventKind(command.action.value),
        actor=command.actor,
        epoch=command.epoch,
        text=command.args.get("text", ""),
        person=person,
        tier=dispatcher.tier_of(response, person or command.actor, command.at),
        step=None if step is None else step - 1,
        minutes=_number(command, response, "minutes") or 0,
        priority=_priority(command, response),
        team=team,
        data={name: command.args[name] for name in _TOLD if name in command.args},
    )


def _priority(command: Command, response: Response) -> Priority | None:
    if command.action is not Action.PRIORITY:
        return None
    text = command.args.get("priority", "")
    if text not in Priority.__members__:
        raise BadCommand(explain(response, f"priority must be one of P1 to P4, not {text!r}"))
    return Priority[text]


def explain(response: Response, why: str) -> str:
    """Return `why` with the present state and what can be done in it."""
    can = ", ".join(possible(response))
    return f"{why}; incident {response.incident} is {response.state}, epoch {response.epoch}; possible: {can}"


def _number(command: Command, response: Response, name: str) -> int | None:
    text = command.args.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= len(text) <= 6 or int(text) < 1:
        raise BadCommand(explain(response, f"{name} must be a whole number from 1, not {text!r}"))
    return int(text)
