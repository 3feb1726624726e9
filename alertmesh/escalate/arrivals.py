"""Read what happened to incidents into what their responses are told."""

from datetime import datetime

from alertmesh.core.alert import Priority
from alertmesh.core.incident import Condition, IncidentEvent, IncidentEventKind
from alertmesh.core.oncall import Policy
from alertmesh.core.response import Response, State, Timer
from alertmesh.escalate.events import EventKind, MachineEvent

_OPENING = frozenset(
    {
        IncidentEventKind.OPENED,
        IncidentEventKind.REFIRED,
        IncidentEventKind.GREW,
        IncidentEventKind.WORSE,
        IncidentEventKind.SPLIT,
    }
)
_HELD_BY_OWNER = frozenset({State.T1_ACKED, State.T2_ACKED, State.SNOOZED})


def is_opening(item: IncidentEvent) -> bool:
    """Tell whether an event is a sign of life: an incident without a response gets one by it."""
    return item.kind in _OPENING


def opened(item: IncidentEvent, policy: Policy, now: datetime) -> Response:
    """Return the response to an incident that has none, before its first event."""
    incident = item.incident
    return Response(
        incident=incident.id,
        state=State.HELD,
        epoch=0,
        cycle=0,
        step=-1,
        priority=incident.priority,
        policy=policy,
        since=now,
        opened_at=min(item.fires_since or incident.opened_at, now),
        firing=incident.condition is Condition.FIRING,
    )


def told(item: IncidentEvent, is_new: bool) -> MachineEvent:
    """Return what the response is told; one that `is_new` opens, whatever made it."""
    kind = EventKind(item.kind.value)
    return MachineEvent(
        kind=EventKind.OPENED if is_new and kind is not EventKind.SPLIT else kind,
        text=item.detail,
        priority=item.incident.priority,
        until=item.hold_until,
        into=item.other,
        unsteady=item.unsteady,
        new_root=item.root is Priority.P1,
    )


def bequest(loser: Response) -> MachineEvent:
    """Return what the survivor of a merge is told: owner and lease of the incident that ends in it."""
    return MachineEvent(
        kind=EventKind.ABSORBED,
        actor=loser.owner if loser.state in _HELD_BY_OWNER else "",
        tier=loser.tier,
        person=loser.incoming if Timer.HANDOVER in loser.deadlines else "",
        into=loser.incident,
        priority=loser.priority,
        until=loser.deadlines.get(Timer.LEASE, loser.deadlines.get(Timer.SNOOZE)),
    )
