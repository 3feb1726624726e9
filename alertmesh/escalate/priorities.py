"""The rules for how bad an incident is: what its alerts say, and what people say."""

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.oncall import Tier
from alertmesh.core.response import Response, State, Timer, Word
from alertmesh.escalate import holding, moves
from alertmesh.escalate.events import Effect, EventKind, Line, MachineEvent, Move, Tell, Withdraw
from alertmesh.escalate.policy import steps_of
from alertmesh.escalate.table import ACKED, LIVE, OVER, PAGING, Refusal, Table

RULES = Table()

_OWNED = ACKED | {State.SNOOZED}
_UNOWNED = PAGING | {State.EXHAUSTED}
_LATER = OVER | {State.CLEARED, State.SUPPRESSED}

_SAME = RULES.refusal("PRI-5", "it is that bad already")
_STANDS = RULES.refusal("PRI-9", "a person said how bad it is, and it is no worse than it was then")


@RULES.rule("PRI-1", EventKind.WORSE, [State.HELD], "Hold only as long as the worse priority allows.")
def _worsen_held(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    return _worsen(response, event, now)


@RULES.rule("PRI-2", EventKind.WORSE, _UNOWNED, "Begin to page the same tier anew by the worse row.")
def _worsen_paging(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    return _worsen(response, event, now)


@RULES.rule(
    "PRI-3",
    EventKind.WORSE,
    _OWNED,
    "Raised to P1: the ack is void, page the owner and the tier; else tell the owner, shorten the lease.",
)
def _worsen_owned(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    return _worsen(response, event, now)


@RULES.rule(
    "PRI-4",
    EventKind.WORSE,
    _LATER,
    "Remember it for when it fires again; a P1 that was resolved by hand is paged.",
)
def _worsen_later(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    return _worsen(response, event, now)


RULES.refuse("PRI-6", EventKind.WORSE, [State.MERGED], "it goes on in the incident it was merged into")


@RULES.rule("PRI-7", EventKind.EASED, LIVE, "Write it down; lowering a priority never pages.")
def _ease(response: Response, event: MachineEvent, now: datetime) -> Move:
    return replace(response, eased=True), (Line("eased", event.text),)


RULES.refuse("PRI-8", EventKind.EASED, OVER | {State.MERGED}, "it is over")


_AGREED = RULES.refusal("PRI-11", "it has that priority already")


@RULES.rule(
    "PRI-10",
    EventKind.PRIORITY,
    LIVE,
    "A person says how bad it is: raising acts as a worsening, lowering pages nobody and the milder row"
    " applies; it stands until the alerts are worse than they were then.",
)
def _say(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    said, before = event.priority, response.priority
    if said is None or said == before:
        return _AGREED
    alerts = before if response.word is None else response.word.against
    against = said if response.eased and said > alerts else alerts
    word = None if said == alerts else Word(said, against, event.actor)
    spoken = replace(response, priority=said, word=word)
    why = f": {event.text}" if event.text else ""
    line = Line("priority", f"{event.actor} says it is P{said:d}, not P{before:d}{why}")
    if said < before:
        return _raise(spoken, event, now, line, f"{event.actor} raised it to P{said:d}")
    return _lower(spoken, event, now, line)


RULES.refuse(
    "PRI-12", EventKind.PRIORITY, OVER | {State.MERGED}, "it is over or goes on elsewhere; write a note"
)


def page_as_p1(response: Response, now: datetime, line: Line, reason: str) -> Move:
    """Page the owner and the tier anew as a P1, whatever a person said before."""
    urgent = replace(response, priority=Priority.P1, word=None, eased=False)
    return _page(urgent, now, line, reason)


def _worsen(response: Response, event: MachineEvent, now: datetime) -> Move | Refusal:
    worse = _worse(response, event, now)
    if not isinstance(worse, Response):
        return worse
    return _raise(worse, event, now, Line("worse", f"now P{worse.priority:d}"), "it got worse")


def _worse(response: Response, event: MachineEvent, now: datetime) -> Response | Move | Refusal:
    """Return the response at its worse priority; an equal one is as bad again, after it was better."""
    said, word = event.priority, response.word
    if said is None or said > response.priority:
        return _SAME
    if word is not None and said >= word.against:
        return _STANDS
    if word is not None and said == response.priority:
        agreed = replace(response, word=None, eased=False)
        return agreed, (Line("worse", f"its alerts make it P{said:d} as well"),)
    just_begun = response.state in PAGING | {State.HELD} and response.since >= now
    if said == response.priority and just_begun:
        return _SAME
    return replace(response, priority=said, word=None, eased=False)


def _raise(worse: Response, event: MachineEvent, now: datetime, line: Line, reason: str) -> Move:
    if worse.state is State.HELD:
        moved, effects = holding.rehold(replace(worse, deadlines={}), event.until, now)
        return moved, (line, *effects)
    urgent = worse.priority is Priority.P1
    if worse.state in _UNOWNED or (urgent and worse.state in _OWNED):
        return _page(worse, now, line, reason)
    if worse.state in _OWNED:
        return _hurry(worse, now, line)
    if urgent and worse.firing and worse.state in OVER:
        return _page(replace(worse, tier=Tier.OPS), now, line, reason)
    if urgent and worse.state is State.CLEARED:
        worse = replace(worse, back=moves.PAGING_STATE[worse.tier], paused={})
    elif worse.back in _OWNED:
        worse = replace(worse, paused=_sooner(worse, worse.paused, now))
    return worse, (line,)


def _hurry(response: Response, now: datetime, line: Line) -> Move:
    """Let the owner know, and the shorter lease of the worse row run."""
    sooner = _sooner(response, response.deadlines, now)
    return replace(response, deadlines=sooner), (line, Tell(response.owner, line.text))


def _sooner(response: Response, deadlines: Mapping[Timer, datetime], now: datetime) -> dict[Timer, datetime]:
    """Return the deadlines of an owned response, none later than its row would set it now."""
    latest = moves.take(response, response.tier, response.owner, now).deadlines
    latest[Timer.SNOOZE] = now + moves.row(response).max_snooze
    return {timer: min(due, latest.get(timer, due)) for timer, due in deadlines.items()}


def _page(response: Response, now: datetime, line: Line, reason: str) -> Move:
    first = moves.people(response.owner)
    moved, effects = moves.page_tier(response, response.tier, now, reason=reason, first=first)
    return moved, (line, Withdraw(), *effects)


def _lower(spoken: Response, event: MachineEvent, now: datetime, line: Line) -> Move:
    moved = _milder(spoken, now)
    effects: list[Effect] = [line]
    if moved.state is not spoken.state:
        effects.append(Withdraw())
    if spoken.owner not in ("", event.actor):
        effects.append(Tell(spoken.owner, line.text))
    return moved, tuple(effects)


def _milder(response: Response, now: datetime) -> Response:
    """Return the response as the milder row has it, counted from now; nobody is paged for it."""
    change = _MILDER.get(response.state)
    return response if change is None else change(response, now)


def _held_longer(response: Response, now: datetime) -> Response:
    wanted, due = moves.row(response), response.deadlines.get(Timer.HOLD)
    if not wanted.ops_steps or due is None:
        return replace(response, deadlines={})
    return replace(response, deadlines={Timer.HOLD: max(due, response.opened_at + wanted.hold)})


def _paged_slower(response: Response, now: datetime) -> Response:
    wanted = moves.row(response)
    if steps_of(wanted, response.tier):
        slower = moves.slowed(response, now)
    elif wanted.ops_steps:
        slower = _back_to_tier_1(response, now)
    else:
        slower = replace(response, state=State.HELD, tier=Tier.OPS, step=-1, deadlines={})
    return slower


def _back_to_tier_1(response: Response, now: datetime) -> Response:
    """Return the response as tier 1 has it, since the milder row pages no developers."""
    if response.ops_owner:
        return moves.take(response, Tier.OPS, response.ops_owner, now)
    tier_1 = replace(response, state=State.T1_PAGING, tier=Tier.OPS, step=len(moves.row(response).ops_steps))
    return moves.slowed(tier_1, now)


def _louder_later(response: Response, now: datetime) -> Response:
    wanted = moves.row(response)
    if not steps_of(wanted, response.tier):
        return _paged_slower(response, now)
    return replace(response, deadlines={Timer.LOUD: now + max(wanted.loud_every, moves.MIN_REPEAT)})


def _resumed_milder(response: Response, now: datetime) -> Response:
    if response.back is None:
        return response
    inner = _milder(replace(response, state=response.back, deadlines=response.paused), now)
    outer = replace(inner, state=State.CLEARED, back=inner.state, paused=inner.deadlines)
    return replace(outer, deadlines=response.deadlines)


_MILDER: dict[State, Callable[[Response, datetime], Response]] = {
    State.HELD: _held_longer,
    State.T1_PAGING: _paged_slower,
    State.T2_PAGING: _paged_slower,
    State.EXHAUSTED: _louder_later,
    State.CLEARED: _resumed_milder,
}
