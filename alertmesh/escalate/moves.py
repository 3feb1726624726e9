"""The ways from one state to another that several rules share."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.oncall import PolicyRow, Tier
from alertmesh.core.response import Response, State, Timer
from alertmesh.escalate.events import Closing, Effect, Line, Move, PageWanted, Withdraw
from alertmesh.escalate.hours import counts, first_counting, next_counting
from alertmesh.escalate.policy import row_of, steps_of

REMINDER_SHARE = 0.8  # of the lease
STATUS_EVERY = timedelta(minutes=30)  # how often the developer who has a P1 is asked for news
PUT_OFF = timedelta(minutes=30)  # how long what only flaps waits before it is looked at again
HANDOVER_WAIT = timedelta(minutes=10)  # how long whoever comes on duty may take to take over
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
        deadlines = kept(response, Timer.LEASE, Timer.HANDOVER)
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
        assignee="",
        incoming=response.incoming if Timer.LEASE in deadlines else "",
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
    """Page the first step from `index` on that counts at this hour, and set when it goes on.

    Without one, whoever is named is paged alone, or else the round is over, or waits for its hour;
    a P1 or P2 of which nobody was paged in this round is paged all the same.
    """
    steps = steps_of(row(response), response.tier)
    index = min(index, len(steps) - 1)
    found = first_counting(steps, index, response.policy.calendar, now)
    if found is not None:
        return page_exactly(response, found, now, reason=reason, first=first)
    last = len(steps) - 1
    if first or response.assignee:
        named = (*first, *people(response.assignee))
        return _paged(response, last, named, now, reason)
    if response.step >= 0:
        over = replace(response, step=last, deadlines=_going_on(response, last, now))
        return over, (Line("paging", f"the steps left of {response.tier} do not count at this hour"),)
    if response.priority <= Priority.P2:
        return _page_all_the_same(response, now, reason)
    return _wait_for_hour(response, now)


def page_exactly(
    response: Response, index: int, now: datetime, *, reason: str, first: tuple[str, ...] = ()
) -> Move:
    """Page step `index` at whatever hour, and set when it goes on."""
    steps = steps_of(row(response), response.tier)
    index = min(index, len(steps) - 1)
    return _paged(response, index, (*first, *people(response.assignee), *steps[index].targets), now, reason)


def page_assigned(response: Response, tier: Tier, person: str, now: datetime, *, reason: str) -> Move:
    """Begin a new cycle of `tier` with a page to `person` in place of its first step."""
    begun = replace(_routed(_begun(response, tier, now), response, ""), assignee=person)
    return _paged(begun, 0, people(person), now, reason)


def slowed(response: Response, now: datetime) -> Response:
    """Return the response with its next step, round and tier counted from now, by the row it has now."""
    wanted = row(response)
    step = min(response.step, len(steps_of(wanted, response.tier)) - 1)
    deadlines = kept(response, Timer.LEASE, Timer.HANDOVER)
    if response.tier is Tier.OPS and wanted.to_rnd_after is not None and wanted.rnd_steps:
        deadlines[Timer.TIER] = now + wanted.to_rnd_after
    counted = replace(response, step=step, deadlines=deadlines)
    return replace(counted, deadlines=_going_on(counted, step, now))


def second_tier(response: Response, now: datetime, *, reason: str) -> Move:
    """Page tier 2, or put that off until the row allows it."""
    if not counts(row(response).rnd_when, response.policy.calendar, now):
        return put_off_tier(response, Timer.TIER, now)
    return page_tier(response, Tier.RND, now, reason=reason)


def put_off_tier(response: Response, timer: Timer, now: datetime) -> Move:
    """Move the deadline after which tier 2 is paged into the hours of the row.

    Tier 1 of a P1 or P2 that nobody has is paged in further rounds until then.
    """
    wanted = row(response)
    moment = next_counting(wanted.rnd_when, response.policy.calendar, now)
    deadlines = {**response.deadlines, timer: moment}
    rests = response.state is State.T1_PAGING and deadlines.keys().isdisjoint((Timer.STEP, Timer.LOOP))
    if rests and response.priority <= Priority.P2:
        deadlines[Timer.LOOP] = now + max(wanted.loop_every, MIN_REPEAT)
    line = Line("paging", f"tier 2 is not paged at this hour; it is at {moment:%Y-%m-%d %H:%M} UTC")
    return replace(response, deadlines=deadlines), (line,)


def _paged(response: Response, index: int, targets: tuple[str, ...], now: datetime, reason: str) -> Move:
    page = PageWanted(tier=response.tier, targets=targets, step=index, loop=response.loop, reason=reason)
    return replace(response, step=index, deadlines=_going_on(response, index, now)), (page,)


def _going_on(response: Response, index: int, now: datetime) -> dict[Timer, datetime]:
    """Return the deadlines once step `index` is paged: the next step, or the next round."""
    wanted, steps = row(response), steps_of(row(response), response.tier)
    deadlines = kept(response, Timer.TIER, Timer.LEASE, Timer.HANDOVER)
    if index + 1 < len(steps):
        before = steps[index].after if index >= 0 else timedelta()
        return {**deadlines, Timer.STEP: now + max(steps[index + 1].after - before, timedelta())}
    again = now + max(wanted.loop_every, MIN_REPEAT)
    handover = deadlines.get(Timer.TIER)
    goes_round = response.loop + 1 < wanted.loops or response.priority <= Priority.P2
    if handover is None or (handover > again and goes_round):
        deadlines[Timer.LOOP] = again
    return deadlines


def _page_all_the_same(response: Response, now: datetime, reason: str) -> Move:
    """Page somebody though no step of the tier counts: tier 2 when it may be, else the first step."""
    wanted, calendar = row(response), response.policy.calendar
    is_open = wanted.to_rnd_after is not None and counts(wanted.rnd_when, calendar, now)
    if (
        response.tier is Tier.OPS
        and is_open
        and first_counting(wanted.rnd_steps, 0, calendar, now) is not None
    ):
        return page_tier(response, Tier.RND, now, reason="no step of tier 1 counts at this hour")
    paged, effects = page_exactly(response, 0, now, reason=reason)
    text = f"no step of {response.tier} counts at this hour; P{response.priority:d} is paged all the same"
    return paged, (Line("paging", text), *effects)


def _wait_for_hour(response: Response, now: datetime) -> Move:
    wanted = row(response)
    steps = steps_of(wanted, response.tier)
    moment = min(next_counting(step.when, response.policy.calendar, now) for step in steps)
    deadlines = {**kept(response, Timer.TIER, Timer.LEASE, Timer.HANDOVER), Timer.STEP: moment}
    if Timer.TIER in deadlines and wanted.to_rnd_after is not None:
        deadlines[Timer.TIER] = moment + wanted.to_rnd_after
    text = f"no step of {response.tier} counts at this hour; it is paged at {moment:%Y-%m-%d %H:%M} UTC"
    return replace(response, deadlines=deadlines), (Line("paging", text),)


def next_step(response: Response, now: datetime, *, reason: str) -> Move | None:
    """Page the next step now, or tier 2 after the last one of tier 1; None when there is none."""
    steps = steps_of(row(response), response.tier)
    if first_counting(steps, response.step + 1, response.policy.calendar, now) is not None:
        return page_step(response, response.step + 1, now, reason=reason)
    if response.tier is not Tier.OPS or Timer.TIER not in response.deadlines:
        return None
    if response.priority <= Priority.P2:
        return page_tier(response, Tier.RND, now, reason=reason)
    return second_tier(response, now, reason=reason)


def next_round(response: Response, now: datetime) -> Move:
    """Page all steps once more, or give up being quiet after the last round if no tier is left."""
    wanted = row(response)
    steps, calendar = steps_of(wanted, response.tier), response.policy.calendar
    if response.priority > Priority.P2 and first_counting(steps, 0, calendar, now) is None:
        return _wait_for_hour(replace(response, step=-1), now)
    if response.loop + 1 >= wanted.loops and Timer.TIER not in response.deadlines:
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
        incoming="",
        deadlines={Timer.LOUD: now + max(row(response).loud_every, MIN_REPEAT)},
    )
    return loud, (Line("exhausted", "nobody answered; everybody is paged from now on"), *loud_pages(loud))


def loud_pages(response: Response) -> tuple[Effect, ...]:
    """Return the pages of one loud round: the leads, and all of the tier that should have answered."""
    whole = (*people(response.assignee), "all", "lead")
    wanted = [PageWanted(tier=response.tier, targets=whole, step=0, loop=response.loop, reason="")]
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
        assignee="",
        incoming="",
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
        assignee="",
        incoming="",
        deadlines={Timer.REOPEN: now + response.policy.reopen_window},
    )
    closing: Iterable[Effect] = (Closing(text),) if response.paged else ()
    return ended, (Line("resolved", text), Withdraw(), *closing)


def people(*names: str) -> tuple[str, ...]:
    """Return targets that name people, leaving out empty names and repeats."""
    return tuple(dict.fromkeys(f"user:{name}" for name in names if name))
