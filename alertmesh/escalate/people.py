"""The rules for what people do."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.oncall import Tier
from alertmesh.core.response import Response, State, Timer
from alertmesh.escalate import moves, shiftend
from alertmesh.escalate.events import Effect, EventKind, Line, MachineEvent, Move, Tell, Withdraw
from alertmesh.escalate.policy import steps_of
from alertmesh.escalate.table import ACKED, HANDED, LIVE, OVER, PAGING, Refusal, Table

RULES = Table()

_OWNED = ACKED | {State.SNOOZED}
_WAITING = frozenset({State.HELD, State.SUPPRESSED})
_GONE = OVER | {State.MERGED}
_ALL = frozenset(State)


@RULES.rule(
    "ACK-1",
    EventKind.ACK,
    _WAITING | {State.T1_PAGING, State.SNOOZED, State.EXHAUSTED},
    "The person has it: paging of their tier stops, lease and triage deadline start.",
)
def _take(response: Response, event: MachineEvent, now: datetime) -> Move:
    tier = event.tier or response.tier
    return _taken(response, tier, event, now)


@RULES.rule(
    "ACK-2", EventKind.ACK, ACKED, "The owner renews the lease; another person of the tier takes over."
)
def _take_again(response: Response, event: MachineEvent, now: datetime) -> Move:
    tier = event.tier or response.tier
    if response.state is State.T2_ACKED and tier is Tier.OPS:
        return replace(response, ops_owner=event.actor), (_ack_line(event, "follows for tier 1"),)
    return _taken(response, tier, event, now)


@RULES.rule(
    "ACK-3",
    EventKind.ACK,
    [State.T2_PAGING],
    "Tier 2 has it; an ack by tier 1 makes its owner and does not stop the page to tier 2.",
)
def _take_second(response: Response, event: MachineEvent, now: datetime) -> Move:
    if (event.tier or response.tier) is Tier.RND:
        return _taken(response, Tier.RND, event, now)
    lease = moves.lease(response, Tier.OPS, now)[Timer.LEASE]
    deadlines = {**moves.kept(response, Timer.STEP, Timer.LOOP), Timer.LEASE: lease}
    owned = replace(response, owner=event.actor, ops_owner=event.actor, incoming="", deadlines=deadlines)
    line = _ack_line(event, "has it for tier 1; tier 2 is still paged")
    return owned, (line, Withdraw(Tier.OPS), *_told(response, event.actor))


@RULES.rule(
    "ACK-4", EventKind.ACK, [State.CLEARED], "The person has it if it fires again; it still resolves."
)
def _take_cleared(response: Response, event: MachineEvent, now: datetime) -> Move:
    tier = event.tier or response.tier
    taken = moves.take(response, tier, event.actor, now)
    waiting = replace(
        taken, state=State.CLEARED, back=taken.state, paused=taken.deadlines, deadlines=response.deadlines
    )
    return waiting, (_ack_line(event, "has it"), Withdraw())


@RULES.rule("ACK-5", EventKind.ACK, _GONE, "Too late: write it down, change nothing.")
def _take_late(response: Response, event: MachineEvent, now: datetime) -> Move:
    return response, (Line("noop", f"ack by {event.actor} came after the end: {response.state}"),)


def _taken(response: Response, tier: Tier, event: MachineEvent, now: datetime) -> Move:
    taken = moves.take(replace(response, window_rule=""), tier, event.actor, now)
    partial = response.state is State.T2_PAGING
    line = _ack_line(event, f"has it for {tier}")
    return taken, (line, Withdraw(tier if partial else ""), *_told(response, event.actor))


def _told(response: Response, actor: str) -> tuple[Effect, ...]:
    """Return who hears that `actor` has it now: who had it, and who was asked to take it over."""
    outgoing = shiftend.holder(response) if response.incoming else ""
    former = {response.owner, response.ops_owner} - {"", actor}
    told: list[Effect] = [Tell(name, f"{actor} has it now") for name in sorted(former)]
    if outgoing == actor:
        told.append(Tell(response.incoming, f"{actor} keeps it"))
    elif outgoing:
        told.append(Line("handover", f"{actor} took it over from {outgoing}"))
    return tuple(told)


def _ack_line(event: MachineEvent, text: str) -> Line:
    return Line("ack", f"{event.actor} {text}" + (f": {event.text}" if event.text else ""))


_LAST_STEP = RULES.refusal("UNA-2", "there is nobody further in this round; escalate or assign it")


@RULES.rule("UNA-1", EventKind.UNACK, PAGING, "The paged person cannot: page the next step now.")
def _cannot(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    move = moves.next_step(response, now, reason=f"{event.actor} cannot")
    if move is None:
        return _LAST_STEP
    return move[0], (Line("unack", f"{event.actor} cannot take it"), *move[1])


@RULES.rule("UNA-3", EventKind.UNACK, _OWNED, "The owner gives it up: page the tier from its first step.")
def _give_up(response: Response, event: MachineEvent, now: datetime) -> Move:
    moved, effects = moves.page_tier(response, response.tier, now, reason=f"{event.actor} gave it up")
    return moved, (Line("unack", f"{event.actor} gave it up"), *effects)


RULES.refuse(
    "UNA-4",
    EventKind.UNACK,
    _ALL - PAGING - _OWNED,
    "nobody has it and nobody is being asked; ack or note it",
)


_NO_TIER_2 = RULES.refusal("ESC-8", "the policy has no tier 2 for this priority; assign it to a person")


@RULES.rule(
    "ESC-6",
    EventKind.ESCALATE,
    LIVE - {State.CLEARED, State.T2_PAGING},
    "Page tier 2 now, from the step asked for.",
)
def _escalate(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    if not moves.row(response).rnd_steps:
        return _NO_TIER_2
    return _page_from(response, event, event.step or 0, now)


@RULES.rule(
    "ESC-7", EventKind.ESCALATE, [State.T2_PAGING], "Page the step asked for now, or else the next one."
)
def _escalate_further(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    last = len(steps_of(moves.row(response), Tier.RND)) - 1
    wanted = response.step + 1 if event.step is None else event.step
    return _page_from(response, event, min(wanted, last), now)


RULES.refuse(
    "ESC-9", EventKind.ESCALATE, _GONE | {State.CLEARED}, "it does not fire; note or resolve it instead"
)


def _page_from(response: Response, event: MachineEvent, index: int, now: datetime) -> Move:
    reason = f"{event.actor} escalated" + (f": {event.text}" if event.text else "")
    visible = replace(response, window_rule="")
    moved, effects = moves.page_tier(visible, Tier.RND, now, reason=reason, team=event.team)
    if index > 0 or moved.step < 0:
        moved, later = moves.page_exactly(moved, index, now, reason=reason)
        effects = (effects[0], *later)
    return moved, (Line("escalate", reason), *effects)


@RULES.rule("RES-1", EventKind.RESOLVE, LIVE, "End it by hand: paging stops, whoever was paged is told.")
def _resolve(response: Response, event: MachineEvent, now: datetime) -> Move:
    text = f"resolved by {event.actor}" + (f": {event.text}" if event.text else "")
    return moves.resolve(replace(response, window_rule=""), now, text)


RULES.refuse("RES-2", EventKind.RESOLVE, _GONE, "it is over already; note or close it")


_TOO_LONG = RULES.refusal("SNZ-3", "that is longer than the policy allows or not a positive time")


@RULES.rule(
    "SNZ-2",
    EventKind.SNOOZE,
    _OWNED,
    "Quiet for the time asked, at most the policy's; lease and triage deadline stop.",
)
def _snooze(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    length = timedelta(minutes=event.minutes)
    longest = moves.row(response).max_snooze
    if not timedelta() < length <= longest:
        most = longest.total_seconds() / 60
        return Refusal(_TOO_LONG.id, f"{_TOO_LONG.why}; from 1 to {most:.0f} minutes are possible")
    handed = {} if event.actor == response.owner else moves.kept(response, Timer.HANDOVER)
    quiet = replace(
        response,
        state=State.SNOOZED,
        incoming=response.incoming if handed else "",
        deadlines={Timer.SNOOZE: now + length, **handed},
    )
    return quiet, (Line("snooze", f"{event.actor} asked for {event.minutes} min of quiet"),)


RULES.refuse("SNZ-4", EventKind.SNOOZE, _ALL - _OWNED, "only who has it can snooze it; ack it first")


@RULES.rule(
    "ASG-1",
    EventKind.ASSIGN,
    LIVE - {State.CLEARED},
    "Page the named person now, and with every further step of their tier until somebody acks; naming"
    " oneself is an ack.",
)
def _assign(response: Response, event: MachineEvent, now: datetime) -> Move:
    tier = event.tier or response.tier
    if event.person == event.actor:
        return _taken(response, tier, event, now)
    if not steps_of(moves.row(response), tier):
        tier = Tier.OPS
    visible = replace(response, window_rule="", owner="")
    if not steps_of(moves.row(response), tier):
        return _taken(visible, tier, replace(event, actor=event.person), now)
    reason = f"{event.actor} assigned it to {event.person}" + (f": {event.text}" if event.text else "")
    moved, effects = moves.page_assigned(visible, tier, event.person, now, reason=reason)
    told = (Tell(response.owner, reason),) if response.owner not in ("", event.person) else ()
    return moved, (Line("assign", reason), Withdraw(), *told, *effects)


RULES.refuse(
    "ASG-2", EventKind.ASSIGN, _GONE | {State.CLEARED}, "it does not fire; note or resolve it instead"
)


_WORDLESS = RULES.refusal("RET-2", "say in the text what tier 1 should do")
_TIER_1_HAS_IT = RULES.refusal("RET-3", "tier 1 has it already; assign or unack it")


@RULES.rule(
    "RET-1",
    EventKind.RETURN,
    [State.T2_PAGING, State.T2_ACKED, State.SNOOZED, State.EXHAUSTED],
    "Tier 2 gives it back with a note: page tier 1 anew.",
)
def _give_back(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    if response.tier is Tier.OPS:
        return _TIER_1_HAS_IT
    if not event.text:
        return _WORDLESS
    reason = f"{event.actor} returned it: {event.text}"
    first = moves.people(response.ops_owner)
    moved, effects = moves.page_tier(response, Tier.OPS, now, reason=reason, first=first)
    return moved, (Line("return", reason), Withdraw(), *effects)


RULES.refuse(
    "RET-4",
    EventKind.RETURN,
    _ALL - {State.T2_PAGING, State.T2_ACKED, State.SNOOZED, State.EXHAUSTED},
    "tier 2 does not have it; assign or escalate it",
)


@RULES.rule("NOT-1", EventKind.NOTE, ACKED, "Write it down; a sign of life renews the lease.")
def _note_alive(response: Response, event: MachineEvent, now: datetime) -> Move:
    deadlines = {**response.deadlines, **moves.lease(response, response.tier, now)}
    return _noted(replace(response, deadlines=deadlines), event)


@RULES.rule("NOT-2", EventKind.NOTE, _ALL - ACKED, "Write it down.")
def _note(response: Response, event: MachineEvent, now: datetime) -> Move:
    return _noted(response, event)


def _noted(response: Response, event: MachineEvent) -> Move:
    """Write a note; after a hand-over that nobody took, one by the owner says that they keep it."""
    line = Line("note", event.text)
    is_late = bool(response.incoming) and Timer.HANDOVER not in response.deadlines
    if is_late and response.state in HANDED and shiftend.holder(response) == event.actor:
        kept = Line("handover", f"{event.actor} keeps it")
        return replace(response, incoming=""), (line, kept, Withdraw(shiftend.tier_handed(response)))
    return replace(response), (line,)


@RULES.rule("TIC-1", EventKind.STEP, ACKED, "Tick a step of a runbook; a sign of life renews the lease.")
def _tick_alive(response: Response, event: MachineEvent, now: datetime) -> Move:
    deadlines = {**response.deadlines, **moves.lease(response, response.tier, now)}
    return replace(response, deadlines=deadlines), (Line("step", event.text, event.data),)


@RULES.rule("TIC-2", EventKind.STEP, _ALL - ACKED, "Tick a step of a runbook.")
def _tick(response: Response, event: MachineEvent, _now: datetime) -> Move:
    return response, (Line("step", event.text, event.data),)


_NO_CAUSE = RULES.refusal("CLO-2", "a P1 or P2 is closed with its root cause in the text")


@RULES.rule("CLO-1", EventKind.CLOSE, [State.RESOLVED], "Accept the cause and notes.")
def _close(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    if response.priority <= Priority.P2 and not event.text:
        return _NO_CAUSE
    return replace(response, state=State.CLOSED), (Line("close", event.text or "closed"),)


RULES.refuse("CLO-3", EventKind.CLOSE, LIVE, "it is not resolved; resolve it first")
RULES.refuse("CLO-4", EventKind.CLOSE, [State.CLOSED], "it is closed already")
RULES.refuse("CLO-5", EventKind.CLOSE, [State.MERGED], "it goes on in the incident it was merged into")
