"""People, a policy, incidents and their events, as short as a test wants them."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.entries import Action, Command, Outcome
from alertmesh.core.incident import Condition, Incident, IncidentEvent, IncidentEventKind
from alertmesh.core.oncall import OnCall, Policy, PolicyRow, Roster, Step, User, single
from alertmesh.core.page import Attempt
from alertmesh.core.response import Response, State

T0 = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
P1, P2, P3, P4 = Priority


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def after(count: float) -> datetime:
    return T0 + minutes(count)


def steps(*starts: float) -> tuple[Step, ...]:
    targets = (("primary",), ("secondary",), ("lead",))
    return tuple(Step(minutes(start), who) for start, who in zip(starts, targets, strict=False))


def row(**changes) -> PolicyRow:
    base = PolicyRow(
        hold=minutes(0),
        ops_steps=steps(0, 3, 6),
        rnd_steps=steps(0, 3, 6),
        to_rnd_after=minutes(8),
        triage=minutes(15),
        ops_lease=minutes(30),
        rnd_lease=minutes(60),
        max_snooze=minutes(60),
        loops=3,
        loop_every=minutes(5),
        loud_every=minutes(15),
    )
    return replace(base, **changes)


P2_ROW = row(
    hold=minutes(0.5), ops_steps=steps(0, 7, 15), rnd_steps=steps(0, 7, 15), to_rnd_after=minutes(25)
)
P3_ROW = row(hold=minutes(2), ops_steps=steps(0, 30), rnd_steps=steps(0), to_rnd_after=None, loops=1)
P4_ROW = row(ops_steps=(), rnd_steps=(), to_rnd_after=None)


def policy(**changes) -> Policy:
    base = Policy(
        name="default",
        version="1",
        matchers="",
        ops_roster="ops",
        rnd_roster="rnd",
        rows={P1: row(), P2: P2_ROW, P3: P3_ROW, P4: P4_ROW},
        hold_bounds={P1: minutes(0), P2: minutes(5), P3: minutes(30), P4: minutes(30)},
        clear_hold=minutes(5),
        reopen_window=minutes(30),
    )
    return replace(base, **changes)


def user(name: str, *channels: str) -> User:
    return User(name=name, channels=channels or ("ding",))


OPS = single("ops", "ann", "ben", lead="lea")
RND = single("rnd", "dan", "eve", lead="max")
PEOPLE = ("ann", "ben", "lea", "dan", "eve", "max")


def oncall(*rosters: Roster, users: tuple[User, ...] = (), policies: tuple[Policy, ...] = ()) -> OnCall:
    """Return ops (ann, ben, lead lea) and rnd (dan, eve, lead max), with what is given instead."""
    people = {name: user(name) for name in PEOPLE} | {person.name: person for person in users}
    named = {roster.name: roster for roster in (OPS, RND, *rosters)}
    return OnCall(users=people, rosters=named, policies=policies or (policy(),))


def incident(number: int = 1, priority: Priority = P1, **changes) -> Incident:
    base = Incident(
        id=number,
        group=number,
        title="disk full",
        priority=priority,
        condition=Condition.FIRING,
        opened_at=T0,
        changed_at=T0,
        labels={"service": "shop"},
    )
    return replace(base, **changes)


def happened(kind: str, number: int = 1, priority: Priority = P1, **changes) -> IncidentEvent:
    """Return an event; fields of the incident go in `incident`."""
    of = changes.pop("incident", {})
    return IncidentEvent(
        kind=IncidentEventKind(kind), incident=incident(number, priority, **of), at=T0, **changes
    )


def command(action: str, actor: str = "ann", number: int = 1, epoch: int | None = None, **args) -> Command:
    return Command(action=Action(action), incident=number, actor=actor, at=T0, epoch=epoch, args=args)


def outcome(attempt: Attempt, sent: bool) -> Outcome:
    page = attempt.page
    return Outcome(
        attempt=attempt.id,
        incident=page.incident,
        page=page.id,
        channel=attempt.channel,
        person=page.person,
        sent=sent,
        at=T0,
        error="" if sent else "refused",
    )


def response(state: State = State.HELD, priority: Priority = P1, **changes) -> Response:
    base = Response(
        incident=1,
        state=state,
        epoch=5,
        cycle=1,
        priority=priority,
        policy=policy(),
        since=T0,
        opened_at=T0,
        step=0,
    )
    return replace(base, **changes)
