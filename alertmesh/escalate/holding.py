"""How long the first page of an incident waits."""

from datetime import datetime

from msgspec.structs import replace

from alertmesh.core.oncall import Tier
from alertmesh.core.response import Response, State, Timer
from alertmesh.escalate import moves
from alertmesh.escalate.events import Line, Move
from alertmesh.escalate.policy import hold_bound


def hold(response: Response, wish: datetime | None, now: datetime) -> Move:
    """Hold the first page: as long as the row says or the series wish, within the priority's bound."""
    held = replace(response, state=State.HELD, back=None, paused={}, deadlines={}, owner="", ops_owner="")
    held = replace(held, assignee="", incoming="")
    if not moves.row(held).ops_steps:
        return held, (Line("held", f"P{held.priority:d} is not paged"),)
    until = max(now + moves.row(held).hold, wish or now)
    until = max(now, min(until, held.opened_at + hold_bound(held.policy, held.priority)))
    if until <= now:
        return moves.page_tier(held, Tier.OPS, now, reason="opened")
    held = replace(held, deadlines={Timer.HOLD: until})
    return held, (Line("held", f"first page held until {until:%H:%M:%S} UTC"),)


def rehold(response: Response, wish: datetime | None, now: datetime) -> Move:
    """Work the hold out anew after the incident changed; only the bound can shorten a running one."""
    if not moves.row(response).ops_steps:
        return response, (Line("held", f"P{response.priority:d} is not paged"),)
    opened = response.opened_at
    until = max(opened + moves.row(response).hold, wish or opened, response.deadlines.get(Timer.HOLD, opened))
    until = min(until, opened + hold_bound(response.policy, response.priority))
    if until <= now:
        return moves.page_tier(response, Tier.OPS, now, reason="opened")
    held = replace(response, deadlines={Timer.HOLD: until})
    return held, (Line("held", f"first page held until {until:%H:%M:%S} UTC"),)


def release(response: Response, now: datetime) -> Move:
    """Give up every wish to wait: hold until the row's own time is over, counted from when holding began."""
    if not moves.row(response).ops_steps:
        return response, ()
    until = response.since + moves.row(response).hold
    until = min(until, response.deadlines.get(Timer.HOLD, until))
    if until <= now:
        return moves.page_tier(response, Tier.OPS, now, reason="it does not clear alone")
    return replace(response, deadlines={Timer.HOLD: until}), ()
