"""The rules for the condition of the incident: firing, clear, bigger, better or worse."""

from datetime import datetime

from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.oncall import Tier
from alertmesh.core.response import Response, State, Timer
from alertmesh.escalate import moves
from alertmesh.escalate.events import EventKind, Line, MachineEvent, Move, Tell, Withdraw
from alertmesh.escalate.table import ACKED, LIVE, OVER, PAGING, Refusal, Table

RULES = Table()

_OWNED = ACKED | {State.SNOOZED}
_UNOWNED = PAGING | {State.EXHAUSTED}
_ALL = frozenset(State)


@RULES.rule("OPN-1", EventKind.OPENED, [State.HELD], "Hold the first page for the priority's time.")
def _open(response: Response, event: MachineEvent, now: datetime) -> Move:
    return moves.hold(response, event.until, now)


@RULES.rule("OPN-2", EventKind.SPLIT, [State.HELD], "A part that was split off is paged at tier 1 at once.")
def _split(response: Response, event: MachineEvent, now: datetime) -> Move:
    return moves.page_tier(response, Tier.OPS, now, reason=event.text or "split off")


RULES.refuse("OPN-3", EventKind.OPENED, _ALL - {State.HELD}, "it is open already")
RULES.refuse("OPN-4", EventKind.SPLIT, _ALL - {State.HELD}, "what stays behind goes on as it was")


@RULES.rule("CLR-2", EventKind.CLEARED, [State.HELD], "It healed before anybody was paged: resolve.")
def _healed(response: Response, event: MachineEvent, now: datetime) -> Move:
    return moves.resolve(replace(response, firing=False), now, "cleared before anybody was paged")


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
    return resumed if moves.may_wait(resumed) else moves.go_on(resumed, now), (line,)


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
        moved, effects = moves.hold(again, event.until, now)
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


@RULES.rule("GRW-1", EventKind.GREW, [State.HELD], "Work the hold out anew.")
def _grow_held(response: Response, event: MachineEvent, now: datetime) -> Move:
    moved, effects = moves.rehold(response, event.until, now)
    return moved, (Line("grew", event.text), *effects)


@RULES.rule("GRW-2", EventKind.GREW, _OWNED, "Tell the owner that it grew.")
def _grow_owned(response: Response, event: MachineEvent, now: datetime) -> Move:
    text = event.text or "a new service joined"
    return replace(response), (Line("grew", text), Tell(response.owner, text))


@RULES.rule("GRW-3", EventKind.GREW, _UNOWNED | {State.CLEARED, State.SUPPRESSED}, "Write it down.")
def _grow_noted(response: Response, event: MachineEvent, now: datetime) -> Move:
    return replace(response), (Line("grew", event.text),)


RULES.refuse("GRW-4", EventKind.GREW, OVER | {State.MERGED}, "it is over; nobody is told")


@RULES.rule(
    "REL-1",
    EventKind.RELEASED,
    [State.HELD],
    "Something fires that will not clear alone: hold only as long as correlation needs.",
)
def _release(response: Response, event: MachineEvent, now: datetime) -> Move:
    return moves.release(response, now)


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
    return moves.rehold(response, event.until, now)


@RULES.rule(
    "FLP-2",
    EventKind.FLAPPING,
    _UNOWNED,
    "All that fires flaps: write it down; below P2 nobody else is paged until something stays firing.",
)
def _flap_paging(response: Response, event: MachineEvent, now: datetime) -> Move:
    return replace(response), (Line("flapping", event.text),)


RULES.refuse("FLP-3", EventKind.FLAPPING, _ALL - _UNOWNED - {State.HELD}, "nobody is being paged")


_SAME = RULES.refusal("PRI-5", "it is that bad already")


@RULES.rule("PRI-1", EventKind.WORSE, [State.HELD], "Hold only as long as the worse priority allows.")
def _worsen_held(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    worse = _worse(response, event, now)
    if worse is None:
        return _SAME
    moved, effects = moves.rehold(replace(worse, deadlines={}), event.until, now)
    return moved, (_raised(worse), *effects)


@RULES.rule("PRI-2", EventKind.WORSE, _UNOWNED, "Begin to page the same tier anew by the worse row.")
def _worsen_paging(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    worse = _worse(response, event, now)
    return _SAME if worse is None else _page_worse(worse, now)


@RULES.rule(
    "PRI-3",
    EventKind.WORSE,
    _OWNED,
    "Raised to P1: the ack is void, page the owner and the tier; else tell the owner, shorten the lease.",
)
def _worsen_owned(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    worse = _worse(response, event, now)
    if worse is None:
        return _SAME
    if worse.priority is Priority.P1:
        return _page_worse(worse, now)
    fresh = moves.take(worse, worse.tier, worse.owner, now).deadlines
    sooner = {timer: min(due, fresh.get(timer, due)) for timer, due in response.deadlines.items()}
    line = _raised(worse)
    return replace(worse, deadlines=sooner), (line, Tell(worse.owner, line.text))


@RULES.rule(
    "PRI-4",
    EventKind.WORSE,
    OVER | {State.CLEARED, State.SUPPRESSED},
    "Remember it for when it fires again; a P1 that was resolved by hand is paged.",
)
def _worsen_later(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    worse = _worse(response, event, now)
    if worse is None:
        return _SAME
    urgent = worse.priority is Priority.P1
    if urgent and worse.firing and worse.state in OVER:
        return _page_worse(replace(worse, tier=Tier.OPS), now)
    if urgent and worse.state is State.CLEARED:
        worse = replace(worse, back=moves.PAGING_STATE[worse.tier], paused={})
    return worse, (_raised(worse),)


RULES.refuse("PRI-6", EventKind.WORSE, [State.MERGED], "it goes on in the incident it was merged into")


@RULES.rule("PRI-7", EventKind.EASED, LIVE, "Write it down; lowering a priority never pages.")
def _ease(response: Response, event: MachineEvent, now: datetime) -> Move:
    return replace(response), (Line("eased", event.text),)


RULES.refuse("PRI-8", EventKind.EASED, OVER | {State.MERGED}, "it is over")


def _worse(response: Response, event: MachineEvent, now: datetime) -> Response | None:
    """Return the response at its worse priority; an equal one is as bad again, after it was better."""
    if event.priority is None or event.priority > response.priority:
        return None
    just_begun = response.state in PAGING | {State.HELD} and response.since >= now
    if event.priority == response.priority and just_begun:
        return None
    return replace(response, priority=event.priority)


def _raised(response: Response) -> Line:
    return Line("worse", f"now P{response.priority:d}")


def _page_worse(response: Response, now: datetime) -> Move:
    first = moves.people(response.owner)
    moved, effects = moves.page_tier(response, response.tier, now, reason="it got worse", first=first)
    return moved, (_raised(response), Withdraw(), *effects)
