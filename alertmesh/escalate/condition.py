"""The rules for the condition of the incident: firing, clear, bigger, better or worse."""

from datetime import datetime

from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.oncall import Tier
from alertmesh.core.response import Response, State, Timer
from alertmesh.escalate import holding, moves, priorities, shiftend
from alertmesh.escalate.events import EventKind, Line, MachineEvent, Move, Tell
from alertmesh.escalate.table import ACKED, LIVE, OVER, PAGING, Table

RULES = Table()

_OWNED = ACKED | {State.SNOOZED}
_UNOWNED = PAGING | {State.EXHAUSTED}
_ALL = frozenset(State)
_HEALED = "cleared before anybody was paged"
_NEW_ROOT = "another P1 is its likely root now"


@RULES.rule("OPN-1", EventKind.OPENED, [State.HELD], "Hold the first page for the priority's time.")
def _open(response: Response, event: MachineEvent, now: datetime) -> Move:
    return holding.hold(response, event.until, now)


@RULES.rule(
    "OPN-2",
    EventKind.SPLIT,
    [State.HELD],
    "A part that was split off is paged at tier 1 at once; one that does not fire is resolved.",
)
def _split(response: Response, event: MachineEvent, now: datetime) -> Move:
    if not response.firing:
        return moves.resolve(response, now, _HEALED)
    return moves.page_tier(response, Tier.OPS, now, reason=event.text or "split off")


RULES.refuse("OPN-3", EventKind.OPENED, _ALL - {State.HELD}, "it is open already")
RULES.refuse("OPN-4", EventKind.SPLIT, _ALL - {State.HELD}, "what stays behind goes on as it was")


@RULES.rule("CLR-2", EventKind.CLEARED, [State.HELD], "It healed before anybody was paged: resolve.")
def _healed(response: Response, event: MachineEvent, now: datetime) -> Move:
    return moves.resolve(replace(response, firing=False), now, _HEALED)


@RULES.rule(
    "CLR-3",
    EventKind.CLEARED,
    PAGING | _OWNED | {State.EXHAUSTED},
    "Wait whether it stays clear; paging and leases stand still.",
)
def _clear(response: Response, event: MachineEvent, now: datetime) -> Move:
    waiting = replace(
        response,
        state=State.CLEARED,
        firing=False,
        back=response.state,
        paused=response.deadlines,
        deadlines={Timer.CLEAR: now + response.policy.clear_hold},
    )
    return waiting, (Line("cleared", "all clear; watched before it counts as resolved"),)


@RULES.rule(
    "CLR-4",
    EventKind.CLEARED,
    OVER,
    "Note that it fires no longer; nothing else changes.",
)
def _note_clear(response: Response, event: MachineEvent, now: datetime) -> Move:
    return replace(response, firing=False), (Line("cleared", "all clear"),)


@RULES.rule(
    "CLR-6",
    EventKind.CLEARED,
    [State.SUPPRESSED],
    "Wait whether it stays clear, but not past the end of the window.",
)
def _clear_suppressed(response: Response, event: MachineEvent, now: datetime) -> Move:
    sooner = min(response.deadlines.get(Timer.WINDOW, now), now + response.policy.clear_hold)
    waiting = replace(
        response, firing=False, paused=response.deadlines, deadlines={Timer.WINDOW: max(sooner, now)}
    )
    return waiting, (Line("cleared", "all clear while suppressed; watched before it counts as resolved"),)


RULES.refuse("CLR-5", EventKind.CLEARED, [State.CLEARED, State.MERGED], "it was clear already")


@RULES.rule("REF-1", EventKind.REFIRED, [State.CLEARED], "Go on where it stood, without a new page.")
def _resume(response: Response, event: MachineEvent, now: datetime) -> Move:
    flaps = response.flaps + 1
    line = Line("refired", f"fires again, {flaps} times so far")
    resumed = replace(response, firing=True, flaps=flaps)
    if not response.paused or response.back is None:
        moved, effects = moves.page_tier(resumed, response.tier, now, reason="fires again, and is worse")
        return moved, (line, *effects)
    deadlines = {timer: max(due, now) for timer, due in response.paused.items()}
    resumed = replace(resumed, state=response.back, back=None, paused={}, deadlines=deadlines)
    resumed = resumed if moves.may_wait(resumed) else moves.go_on(resumed, now)
    if not resumed.incoming or Timer.HANDOVER in deadlines:
        return resumed, (line,)
    moved, effects = shiftend.hand_over(resumed, resumed.incoming, now)
    return moved, (line, *effects)


@RULES.rule(
    "REF-2",
    EventKind.REFIRED,
    OVER,
    "Reopen: page the last owner and tier 1; what never was paged is held like a new incident.",
)
def _reopen(response: Response, event: MachineEvent, now: datetime) -> Move:
    again = replace(response, firing=True, flaps=response.flaps + 1)
    line = Line("reopened", "fires again within the reopen window")
    if response.paged:
        first = moves.people(response.owner)
        moved, effects = moves.page_tier(again, Tier.OPS, now, reason="fires again", first=first)
    else:
        # Nothing fired in between, so what fires now began now.
        moved, effects = holding.hold(replace(again, opened_at=now), event.until, now)
    return moved, (line, *effects)


@RULES.rule("REF-3", EventKind.REFIRED, [State.SUPPRESSED], "Note that it fires; it stays suppressed.")
def _note_firing(response: Response, event: MachineEvent, now: datetime) -> Move:
    deadlines = {timer: max(due, now) for timer, due in (response.paused or response.deadlines).items()}
    hidden = replace(response, firing=True, paused={}, deadlines=deadlines)
    return hidden, (Line("refired", "fires again, suppressed"),)


RULES.refuse(
    "REF-4",
    EventKind.REFIRED,
    LIVE - {State.CLEARED, State.SUPPRESSED} | {State.MERGED},
    "it never counted as cleared",
)


@RULES.rule("GRW-1", EventKind.GREW, [State.HELD], "Work the hold out anew; a new P1 root is paged at once.")
def _grow_held(response: Response, event: MachineEvent, now: datetime) -> Move:
    if _outgrows(response, event):
        return priorities.page_as_p1(response, now, Line("grew", event.text), _NEW_ROOT)
    moved, effects = holding.rehold(response, event.until, now)
    return moved, (Line("grew", event.text), *effects)


@RULES.rule(
    "GRW-2",
    EventKind.GREW,
    _OWNED,
    "Tell the owner that it grew; with a new P1 root the ack is void, page the owner and the tier.",
)
def _grow_owned(response: Response, event: MachineEvent, now: datetime) -> Move:
    text = event.text or "a new service joined"
    if event.new_root:
        return priorities.page_as_p1(response, now, Line("grew", text), _NEW_ROOT)
    return replace(response), (Line("grew", text), Tell(response.owner, text))


@RULES.rule(
    "GRW-3",
    EventKind.GREW,
    _UNOWNED,
    "Write it down; a new P1 root is paged as a P1 if a person had made it less.",
)
def _grow_unowned(response: Response, event: MachineEvent, now: datetime) -> Move:
    line = Line("grew", event.text)
    if _outgrows(response, event):
        return priorities.page_as_p1(response, now, line, _NEW_ROOT)
    return replace(response), (line,)


@RULES.rule("GRW-5", EventKind.GREW, [State.CLEARED, State.SUPPRESSED], "Write it down.")
def _grow_noted(response: Response, event: MachineEvent, now: datetime) -> Move:
    return replace(response), (Line("grew", event.text),)


RULES.refuse("GRW-4", EventKind.GREW, OVER | {State.MERGED}, "it is over; nobody is told")


def _outgrows(response: Response, event: MachineEvent) -> bool:
    """Tell whether a new root is worse than what a person made of the incident."""
    return event.new_root and response.priority > Priority.P1


@RULES.rule(
    "REL-1",
    EventKind.RELEASED,
    [State.HELD],
    "Something fires that will not clear alone: hold only as long as correlation needs.",
)
def _release(response: Response, event: MachineEvent, now: datetime) -> Move:
    return holding.release(response, now)


@RULES.rule(
    "REL-3",
    EventKind.RELEASED,
    _UNOWNED,
    "Something fires that does not flap: what was put off happens now.",
)
def _go_on(response: Response, event: MachineEvent, now: datetime) -> Move:
    return (moves.go_on(response, now) if response.put_off else response), ()


RULES.refuse("REL-2", EventKind.RELEASED, _ALL - _UNOWNED - {State.HELD}, "nothing is held any more")


@RULES.rule("FLP-1", EventKind.FLAPPING, [State.HELD], "All that fires flaps: work the hold out anew.")
def _flap_held(response: Response, event: MachineEvent, now: datetime) -> Move:
    return holding.rehold(response, event.until, now)


@RULES.rule(
    "FLP-2",
    EventKind.FLAPPING,
    _UNOWNED,
    "All that fires flaps: write it down; below P2 nobody else is paged until something stays firing.",
)
def _flap_paging(response: Response, event: MachineEvent, now: datetime) -> Move:
    return replace(response), (Line("flapping", event.text),)


RULES.refuse("FLP-3", EventKind.FLAPPING, _ALL - _UNOWNED - {State.HELD}, "nobody is being paged")
