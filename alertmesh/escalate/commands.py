"""Read people's commands into machine events, and explain what is possible instead."""

from alertmesh.core.entries import Action, Command
from alertmesh.core.errors import BadCommand
from alertmesh.core.response import Response
from alertmesh.escalate.dispatch import Dispatcher
from alertmesh.escalate.events import EventKind, MachineEvent
from alertmesh.escalate.machine import possible


def event_of(command: Command, response: Response, dispatcher: Dispatcher) -> MachineEvent:
    """Return the machine event that `command` means; steps are counted from 1, as they are shown.

    Raises BadCommand for an argument that cannot be read or a person who cannot be paged.
    """
    person = command.args.get("person", "")
    if command.action is Action.ASSIGN:
        user = dispatcher.oncall.users.get(person)
        if user is None or not user.channels:
            raise BadCommand(explain(response, f"there is no person {person!r} who can be paged"))
    step = _number(command, response, "step")
    return MachineEvent(
        kind=EventKind(command.action.value),
        actor=command.actor,
        epoch=command.epoch,
        text=command.args.get("text", ""),
        person=person,
        tier=dispatcher.tier_of(response, person or command.actor),
        step=None if step is None else step - 1,
        minutes=_number(command, response, "minutes") or 0,
    )


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
