"""The rules for merges, suppressions, and pages that reach nobody."""

from datetime import datetime

from msgspec.structs import replace

from alertmesh.core.response import Response, State, Timer
from alertmesh.escalate import moves, shiftend
from alertmesh.escalate.events import EventKind, Line, MachineEvent, Move, Tell, Withdraw
from alertmesh.escalate.table import ACKED, LIVE, OVER, PAGING, Refusal, Table
from alertmesh.escalate.timers import end_window

RULES = Table()

_OWNED = ACKED | {State.SNOOZED}
_ALL = frozenset(State)


@RULES.rule("MRG-1", EventKind.MERGED, _ALL - {State.MERGED}, "It goes on in the survivor; paging stops.")
def _merge(response: Response, event: MachineEvent, now: datetime) -> Move:
    window = {Timer.REOPEN: now + response.policy.reopen_window}
    ended = replace(response, state=State.MERGED, merged_into=event.into, back=None, paused={}, incoming="")
    line = Line("merged", f"merged into #{event.into}")
    return replace(ended, deadlines=window), (line, Withdraw())


RULES.refuse("MRG-2", EventKind.MERGED, [State.MERGED], "it was merged already")


@RULES.rule(
    "MRG-3",
    EventKind.ABSORBED,
    PAGING | {State.HELD, State.EXHAUSTED},
    "Take over the ack of an incident at least as bad that was merged in.",
)
def _absorb(response: Response, event: MachineEvent, now: datetime) -> Move:
    line = Line("absorbed", f"#{event.into} was merged in")
    as_bad = event.priority is not None and event.priority <= response.priority
    if not event.actor or not as_bad:
        return replace(response), (line,)
    taken = _sooner(moves.take(response, event.tier or response.tier, event.actor, now), event)
    effects = (line, Line("ack", f"{event.actor} has it from #{event.into}"), Withdraw())
    if not event.person:
        return taken, effects
    moved, asked = shiftend.hand_over(taken, event.person, now)
    return moved, (*effects, *asked)


@RULES.rule("MRG-4", EventKind.ABSORBED, ACKED, "Keep the owner; the shorter lease of the two runs.")
def _join(response: Response, event: MachineEvent, now: datetime) -> Move:
    text = f"#{event.into} was merged in"
    return _sooner(replace(response), event), (Line("absorbed", text), Tell(response.owner, text))


@RULES.rule(
    "MRG-5",
    EventKind.ABSORBED,
    LIVE - PAGING - ACKED - {State.HELD, State.EXHAUSTED} | OVER,
    "Write it down.",
)
def _note_absorbed(response: Response, event: MachineEvent, now: datetime) -> Move:
    return replace(response), (Line("absorbed", f"#{event.into} was merged in"),)


RULES.refuse("MRG-6", EventKind.ABSORBED, [State.MERGED], "it goes on in another incident itself")


def _sooner(response: Response, event: MachineEvent) -> Response:
    lease = response.deadlines.get(Timer.LEASE)
    if event.until is None or lease is None or event.until >= lease:
        return response
    return replace(response, deadlines={**response.deadlines, Timer.LEASE: event.until})


_ENDLESS = RULES.refusal("SUP-3", "a suppression needs an end")


@RULES.rule(
    "SUP-2",
    EventKind.SUPPRESS,
    PAGING | {State.HELD, State.EXHAUSTED},
    "Begin no more steps until the window ends; pages already begun continue.",
)
def _suppress(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    if event.until is None:
        return _ENDLESS
    hidden = replace(
        response,
        state=State.SUPPRESSED,
        window_rule=event.text,
        deadlines={Timer.WINDOW: event.until},
    )
    return hidden, (Line("suppressed", f"by {event.text} until {event.until:%Y-%m-%d %H:%M} UTC"),)


@RULES.rule("SUP-4", EventKind.SUPPRESS, [State.SUPPRESSED], "Take over the new end and reason.")
def _suppress_longer(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    if event.until is None:
        return _ENDLESS
    moved = replace(response, window_rule=event.text, deadlines={Timer.WINDOW: event.until}, paused={})
    return moved, (Line("suppressed", f"by {event.text} until {event.until:%Y-%m-%d %H:%M} UTC"),)


RULES.refuse("SUP-5", EventKind.SUPPRESS, _OWNED, "a person has it; nobody is being paged")
RULES.refuse("SUP-6", EventKind.SUPPRESS, OVER | {State.CLEARED, State.MERGED}, "nobody is being paged")


@RULES.rule(
    "SUP-7",
    EventKind.UNSUPPRESS,
    [State.SUPPRESSED],
    "Ended early: page if it still fires, else resolve.",
)
def _unsuppress(response: Response, event: MachineEvent, now: datetime) -> Move:
    return end_window(response, now)


RULES.refuse("SUP-8", EventKind.UNSUPPRESS, _ALL - {State.SUPPRESSED}, "it is not suppressed")


_LAST_STEP = RULES.refusal(
    "GAP-2", "there is no further step in this round; the next round comes by its deadline"
)


@RULES.rule("GAP-1", EventKind.NOBODY, PAGING, "The step reached nobody: page the next one at once.")
def _pass_on(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    return moves.next_step(response, now, reason="the step before reached nobody") or _LAST_STEP


_NO_STEP = "no step is being paged"
_UNASKED = RULES.refusal("GAP-3", _NO_STEP)


@RULES.rule(
    "GAP-4",
    EventKind.NOBODY,
    _OWNED,
    "Whoever came on duty cannot be reached: page who had it and the lead at once.",
)
def _not_reached(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    if Timer.HANDOVER not in response.deadlines:
        return _UNASKED
    return shiftend.page_outgoing(response, now)


RULES.refuse("GAP-3", EventKind.NOBODY, _ALL - PAGING - _OWNED, _NO_STEP)
