"""The rules for deadlines that came due."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.oncall import Tier
from alertmesh.core.response import Response, State, Timer
from alertmesh.escalate import moves, shiftend
from alertmesh.escalate.events import (
    TIMER_EVENTS,
    Archive,
    EventKind,
    Line,
    MachineEvent,
    Move,
    PageWanted,
    Tell,
)
from alertmesh.escalate.hours import counts
from alertmesh.escalate.policy import steps_of
from alertmesh.escalate.table import ACKED, HANDED, OVER, PAGING, Refusal, Table

RULES = Table()


@RULES.rule("ESC-1", EventKind.HOLD_DUE, [State.HELD], "The hold is over: page tier 1.")
def _hold_over(response: Response, event: MachineEvent, now: datetime) -> Move:
    return moves.page_tier(response, Tier.OPS, now, reason="opened")


@RULES.rule(
    "ESC-2",
    EventKind.STEP_DUE,
    PAGING,
    "Nobody answered: page the next step of the tier that counts at this hour; what only flaps waits, P1"
    " and P2 do not.",
)
def _next_step(response: Response, event: MachineEvent, now: datetime) -> Move:
    if moves.may_wait(response):
        return moves.put_off(response, Timer.STEP, now)
    moved, effects = moves.page_step(response, response.step + 1, now, reason="no answer")
    if moved.cycle != response.cycle or not any(isinstance(effect, PageWanted) for effect in effects):
        return moved, effects
    return moved, (Line("paging", f"step {moved.step + 1} of {moved.tier}"), *effects)


@RULES.rule(
    "ESC-3",
    EventKind.TIER_DUE,
    [State.T1_PAGING],
    "Tier 1 did not answer: page tier 2, or wait for the hours in which it may be; what only flaps waits,"
    " P1 and P2 do not.",
)
def _second_tier(response: Response, event: MachineEvent, now: datetime) -> Move:
    if moves.may_wait(response):
        return moves.put_off(response, Timer.TIER, now)
    return moves.second_tier(response, now, reason="operations did not answer")


@RULES.rule(
    "ESC-4",
    EventKind.LOOP_DUE,
    PAGING,
    "Page all steps again; after the last round become EXHAUSTED; what only flaps waits, P1 and P2 do not.",
)
def _next_round(response: Response, event: MachineEvent, now: datetime) -> Move:
    if moves.may_wait(response):
        return moves.put_off(response, Timer.LOOP, now)
    return moves.next_round(response, now)


@RULES.rule(
    "ESC-5",
    EventKind.LOUD_DUE,
    [State.EXHAUSTED],
    "Page the leads and all of tier 2 again; what only flaps waits, P1 and P2 do not.",
)
def _loud(response: Response, event: MachineEvent, now: datetime) -> Move:
    if moves.may_wait(response):
        return moves.put_off(response, Timer.LOUD, now)
    every = max(moves.row(response).loud_every, moves.MIN_REPEAT)
    again = replace(response, loop=response.loop + 1, deadlines={Timer.LOUD: now + every})
    return again, (Line("exhausted", "still no answer"), *moves.loud_pages(again))


_NO_TIER_2 = RULES.refusal("TRI-2", "the policy has no tier 2 to pass it on to")


@RULES.rule(
    "TRI-1",
    EventKind.TRIAGE_DUE,
    [State.T1_ACKED],
    "Tier 1 neither fixed it nor passed it on: page tier 2, or wait for the hours in which it may be.",
)
def _triage(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    if not moves.row(response).rnd_steps:
        return _NO_TIER_2
    if not counts(moves.row(response).rnd_when, response.policy.calendar, now):
        return moves.put_off_tier(response, Timer.TRIAGE, now)
    return moves.page_tier(response, Tier.RND, now, reason="triage took too long")


@RULES.rule(
    "LEA-1",
    EventKind.LEASE_DUE,
    ACKED,
    "No sign of life from the owner: page the tier and the owner again.",
)
def _lease(response: Response, event: MachineEvent, now: datetime) -> Move:
    first = moves.people(response.owner)
    return moves.page_tier(response, response.tier, now, reason="the owner went silent", first=first)


@RULES.rule(
    "LEA-2",
    EventKind.LEASE_DUE,
    [State.T2_PAGING],
    "The tier-1 owner went silent while tier 2 is paged: page tier 1 as well.",
)
def _ops_lease(response: Response, event: MachineEvent, now: datetime) -> Move:
    targets = (*moves.people(response.ops_owner), *steps_of(moves.row(response), Tier.OPS)[0].targets)
    running = moves.kept(response, Timer.STEP, Timer.LOOP)
    alone = replace(
        response, cycle=response.cycle + 1, owner="", ops_owner="", incoming="", deadlines=running
    )
    reason = "the owner went silent"
    page = PageWanted(tier=Tier.OPS, targets=targets, step=0, loop=response.loop, reason=reason)
    return alone, (Line("paging", f"ops is paged: {reason}"), page)


@RULES.rule("REM-1", EventKind.REMINDER_DUE, ACKED, "Remind the owner before the lease ends.")
def _remind(response: Response, event: MachineEvent, now: datetime) -> Move:
    end = response.deadlines.get(Timer.LEASE, now)
    rest = moves.kept(response, Timer.LEASE, Timer.TRIAGE, Timer.HANDOVER)
    again = now + moves.STATUS_EVERY
    if response.tier is Tier.RND and response.priority is Priority.P1 and again < end:
        rest[Timer.REMINDER] = again
    left = max(end - now, timedelta())
    text = f"still yours? Without a sign of life it is paged again in {left.total_seconds() // 60:.0f} min"
    told = replace(response, deadlines=rest)
    return told, (Line("reminded", response.owner), Tell(response.owner, text))


@RULES.rule(
    "SNZ-1",
    EventKind.SNOOZE_DUE,
    [State.SNOOZED],
    "The quiet is over: page the owner and who is on duty.",
)
def _snooze_over(response: Response, event: MachineEvent, now: datetime) -> Move:
    first = moves.people(response.owner)
    return moves.page_tier(response, response.tier, now, reason="the snooze is over", first=first)


@RULES.rule(
    "HND-4",
    EventKind.HANDOVER_DUE,
    HANDED,
    "Whoever came on duty did not take it over: page who had it and the lead, once.",
)
def _not_taken_over(response: Response, event: MachineEvent, now: datetime) -> Move:
    return shiftend.page_outgoing(response, now)


@RULES.rule(
    "SUP-1",
    EventKind.WINDOW_DUE,
    [State.SUPPRESSED],
    "The window ended: page if it still fires, else resolve.",
)
def _window_over(response: Response, event: MachineEvent, now: datetime) -> Move:
    return end_window(response, now)


def end_window(response: Response, now: datetime) -> Move:
    """Leave a suppression: what still fires is paged, what cleared meanwhile never was."""
    visible = replace(response, window_rule="")
    if not response.firing:
        return moves.resolve(visible, now, "cleared while suppressed")
    moved, effects = moves.page_tier(visible, Tier.OPS, now, reason="still firing after the suppression")
    why = f": {response.window_rule}" if response.window_rule else ""
    return moved, (Line("unsuppressed", f"the suppression ended{why}"), *effects)


@RULES.rule(
    "CLR-1", EventKind.CLEAR_DUE, [State.CLEARED], "It stayed clear: resolve and tell whoever was paged."
)
def _stayed_clear(response: Response, event: MachineEvent, now: datetime) -> Move:
    return moves.resolve(response, now, "cleared")


@RULES.rule(
    "END-1",
    EventKind.REOPEN_DUE,
    OVER,
    "The reopen window is over: archive; what was resolved by hand and still fires is paged anew.",
)
def _window_passed(response: Response, event: MachineEvent, now: datetime) -> Move:
    if response.firing and moves.row(response).ops_steps:
        first = moves.people(response.owner)
        return moves.page_tier(
            response, Tier.OPS, now, reason="resolved by hand but still firing", first=first
        )
    return replace(response, deadlines={}), (Line("archived", "archived"), Archive())


@RULES.rule("END-2", EventKind.REOPEN_DUE, [State.MERGED], "Archive the merged incident.")
def _archive_merged(response: Response, event: MachineEvent, now: datetime) -> Move:
    return replace(response, deadlines={}), (Line("archived", "archived"), Archive())


for _number, _kind in enumerate(TIMER_EVENTS.values(), 1):
    _rest = [state for state in State if (state, _kind) not in RULES.pairs]
    RULES.refuse(f"TIM-{_number}", _kind, _rest, "this deadline does not run in this state")
