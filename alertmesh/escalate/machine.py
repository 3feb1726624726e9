"""The total table of what each event does in each state: `step` is all there is to it."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.response import Response
from alertmesh.escalate import condition, joining, people, priorities, shiftend, timers
from alertmesh.escalate.events import (
    HARMLESS_EVENTS,
    PEOPLE_EVENTS,
    TIMER_EVENTS,
    Effect,
    EventKind,
    Line,
    MachineEvent,
)
from alertmesh.escalate.table import Refusal, Rule, Table

STALE = "STALE"
_TIMER_OF = {kind: timer for timer, kind in TIMER_EVENTS.items()}


TABLE = Table.joined(
    timers.RULES, condition.RULES, priorities.RULES, joining.RULES, people.RULES, shiftend.RULES
)


class Step(Struct, frozen=True, kw_only=True):
    """What one event led to: the response as it is now, what is to be done, and by which rule.

    `refused` says why nothing changed, for whoever asked for the change.
    """

    response: Response
    effects: tuple[Effect, ...]
    rule: str
    refused: str = ""


def step(response: Response, event: MachineEvent, now: datetime) -> Step:
    """Apply one event to a response.

    Every change raises the epoch by one. A deadline of another epoch, and a button older than
    the last change of state, cycle or by a person, do nothing but leave a line.
    """
    if _is_stale(response, event):
        why = (
            f"{event.kind} was meant for epoch {event.epoch}; it is {response.state}, epoch {response.epoch}"
        )
        return Step(response=response, effects=(_noop(event, why),), rule=STALE, refused=why)
    entry = TABLE.pairs[response.state, event.kind]
    before = _without_due(_as_steady(response, event), event)
    decision = entry.run(before, event, now) if isinstance(entry, Rule) else entry
    if isinstance(decision, Refusal):
        line = _noop(event, decision.why)
        return Step(response=before, effects=(line,), rule=decision.id, refused=decision.why)
    moved, effects = decision
    if moved is not before or moved.unsteady != response.unsteady:
        moved = _advanced(response, moved, event, now)
    return Step(response=moved, effects=effects, rule=entry.id)


def next_deadline(response: Response) -> datetime | None:
    """Return when the response next needs an event, None if never."""
    return min(response.deadlines.values(), default=None)


def _is_stale(response: Response, event: MachineEvent) -> bool:
    if event.epoch is None or event.epoch == response.epoch:
        return False
    is_person = event.kind in PEOPLE_EVENTS
    return not (is_person and response.fresh_epoch <= event.epoch < response.epoch)


def _as_steady(response: Response, event: MachineEvent) -> Response:
    if event.unsteady is None or event.unsteady == response.unsteady:
        return response
    return replace(response, unsteady=event.unsteady)


def _without_due(response: Response, event: MachineEvent) -> Response:
    timer = _TIMER_OF.get(event.kind)
    if timer is None or timer not in response.deadlines:
        return response
    rest = {other: due for other, due in response.deadlines.items() if other is not timer}
    return replace(response, deadlines=rest)


def _advanced(before: Response, moved: Response, event: MachineEvent, now: datetime) -> Response:
    epoch = before.epoch + 1
    changed = moved.state is not before.state
    by_people = event.kind in PEOPLE_EVENTS - HARMLESS_EVENTS
    is_new = changed or moved.cycle != before.cycle or by_people
    return replace(
        moved,
        epoch=epoch,
        fresh_epoch=epoch if is_new else before.fresh_epoch,
        since=now if changed else before.since,
    )


def _noop(event: MachineEvent, why: str) -> Line:
    actor = f" by {event.actor}" if event.actor else ""
    return Line("noop", f"{event.kind}{actor}: {why}")


def possible(response: Response) -> tuple[EventKind, ...]:
    """Return what people can do in the present state, besides ticking steps, which goes on always."""
    kinds = (kind for kind in EventKind if kind in PEOPLE_EVENTS - HARMLESS_EVENTS)
    return tuple(kind for kind in kinds if isinstance(TABLE.pairs[response.state, kind], Rule))
