"""The ways from one state to another that several rules share."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.oncall import PolicyRow, Tier
from alertmesh.core.response import Response, State, Timer
from alertmesh.escalate.events import Closing, Effect, Line, Move, PageWanted, Withdraw
from alertmesh.escalate.policy import hold_bound, row_of, steps_of

REMINDER_SHARE = 0.8  # of the lease
STATUS_EVERY = timedelta(minutes=30)  # how often the developer who has a P1 is asked for news
PUT_OFF = timedelta(minutes=30)  # how long what only flaps waits before it is looked at again
MIN_REPEAT = timedelta(minutes=1)  # a policy without a pause must not page in a tight loop
PAGING_STATE = {Tier.OPS: State.T1_PAGING, Tier.RND: State.T2_PAGING}
_OPS_LEASE_RUNS = frozenset({State.T1_ACKED, State.T2_PAGING})
ACKED_STATE = {Tier.OPS: State.T1_ACKED, Tier.RND: State.T2_ACKED}


def row(response: Response) -> PolicyRow:
    """Return the policy row that applies to the response now."""
    return row_of(response.policy, response.priority)


def kept(response: Response, *timers: Timer) -> dict[Timer, datetime]:
    """Return those of the response's deadlines that are of `timers`."""
    return {timer: due for timer, due in response.deadlines.items() if timer in timers}


def hold(response: Response, wish: datetime | None, now: datetime) -> Move:
    """Hold the first page: as long as the row says or the series wish, within the priority's bound."""
    held = replace(response, state=State.HELD, back=None, paused={}, deadlines={}, owner="", ops_owner="")
    if not row(held).ops_steps:
        return held, (Line("held", f"P{held.priority:d} is not paged"),)
    until = max(now + row(held).hold, wish or now)
    until = max(now, min(until, held.opened_at + hold_bound(held.policy, held.priority)))
    if until <= now:
        return page_tier(held, Tier.OPS, now, reason="opened")
    held = replace(held, deadlines={Timer.HOLD: until})
    return held, (Line("held", f"first page held until {until:%H:%M:%S} UTC"),)


def rehold(response: Response, wish: datetime | None, now: datetime) -> Move:
    """Work the hold out anew after the incident changed; only the bound can shorten a running one."""
    if not row(response).ops_steps:
        return response, (Line("held", f"P{response.priority:d} is not paged"),)
    opened = response.opened_at
    until = max(opened + row(response).hold, wish or opened, response.deadlines.get(Timer.HOLD, opened))
    until = min(until, opened + hold_bound(response.policy, response.priority))
    if until <= now:
        return page_tier(response, Tier.OPS, now, reason="opened")
    held = replace(response, deadlines={Timer.HOLD: until})
    return held, (Line("held", f"first page held until {until:%H:%M:%S} UTC"),)


def release(response: Response, now: datetime) -> Move:
    """Give up every wish to wait: hold until the row's own time is over, counted from when holding began."""
    if not row(response).ops_steps:
        return response, ()
    until = response.since + row(response).hold
    until = min(until, response.deadlines.get(Timer.HOLD, until))
    if until <= now:
        return page_tier(response, Tier.OPS, now, reason="it does not clear alone")
    return replace(response, deadlines={Timer.HOLD: until}), ()


def page_tier(
    response: Response,
    tier: Tier,
    now: datetime,
    *,
    reason: str,
    first: tuple[str, ...] = (),
    team: str = "",
) -> Move:
    """Begin to page `tier` anew, in a new cycle; `first` are people to page along with the first step.

    `team` is the roster of tier 2 that a person asked for.
    """
    steps = steps_of(row(response), tier)
    begun = _routed(_begun(response, tier, now), response, team)
    if not steps and tier is Tier.RND:
        return exhaust(begun, now)
    if not steps:
        unpaged = replace(begun, state=State.HELD, deadlines={})
        return unpaged, (Line("held", f"P{begun.priority:d} is not paged"),)
    line = Line("paging", f"{tier} is paged: {reason}")
    if steps[0].after and not first:
        later = {**begun.deadlines, Timer.STEP: now + steps[0].after}
        return replace(begun, deadlines=later), (line,)
    paged, effects = page_step(begun, 0, now, reason=reason, first=first)
    return paged, (line, *effects)


def may_wait(response: Response) -> bool:
    """Tell whether one page is enough: all that fires flaps, and it is no worse than P3."""
    return response.unsteady and response.priority > Priority.P2


def put_off(response: Response, timer: Timer, now: datetime) -> Move:
    """Let a deadline pass without a page, and look again later."""
    if timer in response.put_off:
        lines: tuple[Effect, ...] = ()
    else:
        lines = (Line("flapping", "nobody else is paged while it only flaps"),)
    waiting = tuple(dict.fromkeys((*response.put_off, timer)))
    return replace(response, put_off=waiting, deadlines={**response.deadlines, timer: now + PUT_OFF}), lines


def go_on(response: Response, now: datetime) -> Response:
    """Let what was put off happen now."""
    due = {timer: now if timer in response.put_off else due for timer, due in response.deadlines.items()}
    return replace(response, put_off=(), deadlines=due)


def _begun(response: Response, tier: Tier, now: datetime) -> Response:
    """Return the response in a new cycle; when tier 2 is paged, tier 1 keeps its owner and lease."""
    wanted = row(response)
    owner = "" if tier is Tier.OPS else response.ops_owner
    deadlines: dict[Timer, datetime] = {}
    if tier is Tier.OPS and wanted.to_rnd_after is not None and wanted.rnd_steps:
        deadlines = {Timer.TIER: now + wanted.to_rnd_after}
    elif owner and response.state in _OPS_LEASE_RUNS:
        deadlines = kept(response, Timer.LEASE)
    return replace(
        response,
        state=PAGING_STATE[tier],
        tier=tier,
        cycle=response.cycle + 1,
        step=-1,
        loop=0,
        owner=owner,
        ops_owner=owner,
        back=None,
        paused={},
        put_off=(),
        deadlines=deadlines,
    )


def _routed(begun: Response, before: Response, team: str) -> Response:
    """Leave open which team of tier 2 is paged, unless a person named it, now or since tier 1 had it."""
    if team:
        return replace(begun, rnd_roster=team, rnd_why="", rnd_asked=True)
    if begun.tier is Tier.RND and before.tier is Tier.RND and before.rnd_asked:
        return begun
    return replace(begun, rnd_roster="", rnd_why="", rnd_asked=False)


def page_step(
    response: Response, index: int, now: datetime, *, reason: str, first: tuple[str, ...] = ()
) -> Move:
    """Page step `index` of the tier that is being paged, and set when it goes on."""
    wanted, steps = row(response), steps_of(row(response), response.tier)
    index = min(index, len(steps) - 1)
    deadlines = kept(response, Timer.TIER, Timer.LEASE)
    if index + 1 < len(steps):
        deadlines[Timer.STEP] = now + max(steps[index + 1].after - steps[index].after, timedelta())
    else:
        again = now + max(wanted.loop_every, MIN_REPEAT)
        handover = deadlines.get(Timer.TIER)
        last_round = response.loop + 1 >= wanted.loops
        if handover is None or (handover > again and not last_round):
            deadlines[Timer.LOOP] = again
    effect = PageWanted(
        tier=response.tier,
        targets=(*first, *steps[index].targets),
        step=index,
        loop=response.loop,
        reason=reason,
    )
    return replace(response, step=index, deadlines=deadlines), (effect,)


def next_step(response: Response, now: datetime, *, reason: str) -> Move | None:
    """Page the next step now, or tier 2 after the last one of tier 1; None when there is none."""
    wanted = row(response)
    if response.step + 1 < len(steps_of(wanted, response.tier)):
        return page_step(response, response.step + 1, now, reason=reason)
    if response.tier is Tier.OPS and Timer.TIER in response.deadlines:
        return page_tier(response, Tier.RND, now, reason=reason)
    return None


def next_round(response: Response, now: datetime) -> Move:
    """Page all steps once more, or give up being quiet after the last round."""
    wanted = row(response)
    if response.loop + 1 >= wanted.loops:
        return exhaust(response, now)
    again = replace(response, loop=response.loop + 1, step=-1)
    moved, effects = page_step(again, 0, now, reason="still no answer")
    return moved, (Line("paging", f"round {again.loop + 1} of {response.tier}"), *effects)


def exhaust(response: Response, now: datetime) -> Move:
    """Nobody answered in any round: from now on be loud until somebody does."""
    tier = Tier.RND if row(response).rnd_steps else Tier.OPS
    loud = replace(
        response,
        state=State.EXHAUSTED,
        tier=tier,
        cycle=response.cycle + 1,
        step=0,
        loop=0,
        owner="",
        ops_owner="",
        put_off=(),
        deadlines={Timer.LOUD: now + max(row(response).loud_every, MIN_REPEAT)},
    )
    return loud, (Line("exhausted", "nobody answered; everybody is paged from now on"), *loud_pages(loud))


def loud_pages(response: Response) -> tuple[Effect, ...]:
    """Return the pages of one loud round: the leads, and all of the tier that should have answered."""
    wanted = [PageWanted(tier=response.tier, targets=("all", "lead"), step=0, loop=response.loop, reason="")]
    if response.tier is not Tier.OPS:
        wanted.append(PageWanted(tier=Tier.OPS, targets=("lead",), step=0, loop=response.loop, reason=""))
    return tuple(replace(page, reason="nobody answers") for page in wanted)


def take(response: Response, tier: Tier, owner: str, now: datetime) -> Response:
    """Return the response as `owner` of `tier` has it: with a lease, and for tier 1 a triage deadline."""
    wanted = row(response)
    deadlines = lease(response, tier, now)
    if tier is Tier.OPS and wanted.rnd_steps:
        running = response.deadlines.get(Timer.TRIAGE)
        deadlines[Timer.TRIAGE] = running or now + wanted.triage
    ops_owner = owner if tier is Tier.OPS else response.ops_owner
    return replace(
        response,
        state=ACKED_STATE[tier],
        tier=tier,
        owner=owner,
        ops_owner=ops_owner,
        back=None,
        paused={},
        deadlines=deadlines,
    )


def lease(response: Response, tier: Tier, now: datetime) -> dict[Timer, datetime]:
    """Return the deadlines of a lease that begins now: its end and the reminder before."""
    wanted = row(response)
    length = wanted.ops_lease if tier is Tier.OPS else wanted.rnd_lease
    reminder = length * REMINDER_SHARE
    if tier is Tier.RND and response.priority is Priority.P1:
        reminder = min(reminder, STATUS_EVERY)
    return {Timer.LEASE: now + length, Timer.REMINDER: now + reminder}


def resolve(response: Response, now: datetime, text: str) -> Move:
    """End the paging: queued pages stop, and whoever was paged hears that it is over."""
    ended = replace(
        response,
        state=State.RESOLVED,
        back=None,
        paused={},
        deadlines={Timer.REOPEN: now + response.policy.reopen_window},
    )
    closing: Iterable[Effect] = (Closing(text),) if response.paged else ()
    return ended, (Line("resolved", text), Withdraw(), *closing)


def people(*names: str) -> tuple[str, ...]:
    """Return targets that name people, leaving out empty names and repeats."""
    return tuple(dict.fromkeys(f"user:{name}" for name in names if name))
