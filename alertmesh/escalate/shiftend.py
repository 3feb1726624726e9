"""The rules for the end of a shift: what an owner hands over to whoever comes on duty."""

from datetime import datetime

from msgspec.structs import replace

from alertmesh.core.oncall import Tier
from alertmesh.core.response import Response, State, Timer
from alertmesh.escalate import moves
from alertmesh.escalate.events import EventKind, Line, MachineEvent, Move, PageWanted
from alertmesh.escalate.table import HANDED, Refusal, Table

RULES = Table()

_NOBODYS = RULES.refusal("HND-2", "nobody of that tier has it")


@RULES.rule(
    "HND-1",
    EventKind.SHIFT_ENDED,
    HANDED,
    "The shift of its owner ended: page whoever comes on duty; state and owner stay.",
)
def _end(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    return hand_over(response, event.person, now) if holder(response) else _NOBODYS


@RULES.rule(
    "HND-3",
    EventKind.SHIFT_ENDED,
    [State.CLEARED],
    "The shift of its owner ended: whoever comes on duty is asked if it fires again.",
)
def _end_cleared(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    if not holder(response) or not event.person:
        return _NOBODYS
    text = f"{event.person} takes over from {holder(response)} if it fires again"
    return replace(response, incoming=event.person), (Line("handover", text),)


RULES.refuse(
    "HND-5",
    EventKind.SHIFT_ENDED,
    frozenset(State) - HANDED - {State.CLEARED},
    "nobody has it, or it is over",
)


def holder(response: Response) -> str:
    """Return who would hand it over: the owner, of tier 1 while tier 2 is paged; empty without one."""
    state = response.back if response.state is State.CLEARED else response.state
    if state is State.T2_PAGING:
        return response.ops_owner
    return response.owner if state in HANDED else ""


def tier_handed(response: Response) -> Tier:
    """Return the tier of `holder`."""
    state = response.back if response.state is State.CLEARED else response.state
    return Tier.OPS if state is State.T2_PAGING else response.tier


def hand_over(response: Response, incoming: str, now: datetime) -> Move:
    """Ask `incoming` to take it over; with nobody on duty its owner and the lead are paged at once."""
    outgoing = holder(response)
    waiting = replace(response, incoming=incoming)
    if not incoming:
        return page_outgoing(waiting, now)
    due = {**response.deadlines, Timer.HANDOVER: now + moves.HANDOVER_WAIT}
    asked = replace(waiting, cycle=response.cycle + 1, deadlines=due)
    line = Line("handover", f"the shift of {outgoing} ended; {incoming} is asked to take it over")
    return asked, (line, _page(asked, moves.people(incoming), f"hand-over from {outgoing}"))


def page_outgoing(response: Response, now: datetime) -> Move:
    """Page who has it still and the lead of the tier, since nobody took it over; the owner stays."""
    outgoing, incoming = holder(response), response.incoming
    rest = {timer: due for timer, due in response.deadlines.items() if timer is not Timer.HANDOVER}
    reason = f"{incoming or 'nobody on duty'} did not take it over from {outgoing}"
    stuck = replace(response, cycle=response.cycle + 1, deadlines=rest)
    return stuck, (Line("handover", reason), _page(stuck, (*moves.people(outgoing), "lead"), reason))


def _page(response: Response, targets: tuple[str, ...], reason: str) -> PageWanted:
    step = max(response.step, 0)
    return PageWanted(
        tier=tier_handed(response), targets=targets, step=step, loop=response.loop, reason=reason
    )
