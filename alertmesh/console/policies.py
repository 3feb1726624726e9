"""Show the rosters and the escalation policies in force."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import send_json
from alertmesh.console.oncall import Use, uses
from alertmesh.console.queries import page
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.core.oncall import Hours, Layer, OnCall, Policy, PolicyRow, Roster, Step


class HoursView(Struct, frozen=True):
    """How the API shows the hours to which a layer is bound; an end not after the beginning is next day's."""

    begins: time
    ends: time
    days: tuple[str, ...]
    on: str


class LayerView(Struct, frozen=True, kw_only=True):
    """How the API shows a layer of a roster; `every` counts hours, days or weeks, as `rotation` says."""

    name: str
    role: str
    members: tuple[str, ...]
    rotation: str
    every: int
    zone: str
    start: datetime | None
    begins_then: bool
    until: datetime | None
    hours: tuple[HoursView, ...]


class RosterView(Struct, frozen=True, kw_only=True):
    """How the API shows a roster; `services` page it as their tier 2."""

    name: str
    zone: str
    lead: str
    members: tuple[str, ...]
    layers: tuple[LayerView, ...]
    used_by: tuple[Use, ...]
    services: tuple[str, ...]


class RosterPage(Struct, frozen=True):
    """A page of rosters by name; `next` is the next `after`."""

    rosters: list[RosterView]
    next: str | None


class StepView(Struct, frozen=True):
    """How the API shows a step: who is paged, how long after the tier began to be, and in which hours."""

    after_s: float
    targets: tuple[str, ...]
    when: str


class RowView(Struct, frozen=True, kw_only=True):
    """How the API shows what a policy does for one priority; `to_rnd_after_s` null is by hand alone."""

    hold_s: float
    hold_bound_s: float | None
    ops_steps: tuple[StepView, ...]
    rnd_steps: tuple[StepView, ...]
    to_rnd_after_s: float | None
    rnd_when: str
    triage_s: float
    ops_lease_s: float
    rnd_lease_s: float
    max_snooze_s: float
    loops: int
    loop_every_s: float
    loud_every_s: float


class PolicyView(Struct, frozen=True, kw_only=True):
    """How the API shows a policy; `rows` are by priority."""

    name: str
    version: str
    matchers: str
    ops_roster: str
    rnd_roster: str
    calendar: str
    clear_hold_s: float
    reopen_window_s: float
    rows: dict[str, RowView]


class PolicyPage(Struct, frozen=True):
    """A page of policies in the order in which they are asked; `next` is the next `after`."""

    policies: list[PolicyView]
    next: str | None


class Policies:
    """The handlers of `/api/v1/rosters` and `/api/v1/policies`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @tells(RosterPage, query=("name", "after", "limit"))
    async def rosters(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the rosters, a page at a time."""
        oncall = self._service.duties.oncall()
        wanted = request.query.get("name")
        found = [oncall.rosters[name] for name in sorted(oncall.rosters) if wanted in (None, name)]
        shown, after = page(request, found, self._service.limits.page, lambda roster: roster.name)
        return send_json(RosterPage([_roster(one, oncall) for one in shown], after))

    @tells(PolicyPage, query=("after", "limit"))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the policies, a page at a time."""
        found = enumerate(self._service.policies())  # the order in which they are asked tells more than names
        shown, after = page(request, found, self._service.limits.page, lambda one: f"{one[0]:06}")
        return send_json(PolicyPage([_policy(one) for _, one in shown], after))


def members(roster: Roster) -> tuple[str, ...]:
    """Return everybody who takes turns in a roster, once each."""
    return tuple(dict.fromkeys(name for layer in roster.layers for name in layer.members))


def _roster(roster: Roster, oncall: OnCall) -> RosterView:
    return RosterView(
        name=roster.name,
        zone=roster.zone,
        lead=roster.lead,
        members=members(roster),
        layers=tuple(_layer(layer) for layer in roster.layers),
        used_by=uses(oncall, roster.name),
        services=tuple(one.name for one in oncall.services if (one.roster or one.team) == roster.name),
    )


def _layer(layer: Layer) -> LayerView:
    return LayerView(
        name=layer.name,
        role=layer.role,
        members=layer.members,
        rotation=layer.rotation,
        every=layer.every,
        zone=layer.zone,
        start=layer.start,
        begins_then=layer.begins_then,
        until=layer.until,
        hours=tuple(_hours(hours) for hours in layer.hours),
    )


def _hours(hours: Hours) -> HoursView:
    return HoursView(hours.begins, hours.ends, tuple(str(day) for day in hours.days), hours.on)


def _policy(policy: Policy) -> PolicyView:
    return PolicyView(
        name=policy.name,
        version=policy.version,
        matchers=policy.matchers,
        ops_roster=policy.ops_roster,
        rnd_roster=policy.rnd_roster,
        calendar=policy.calendar.name,
        clear_hold_s=policy.clear_hold.total_seconds(),
        reopen_window_s=policy.reopen_window.total_seconds(),
        rows={level.name: _row(row, policy.hold_bounds.get(level)) for level, row in policy.rows.items()},
    )


def _row(row: PolicyRow, bound: timedelta | None) -> RowView:
    return RowView(
        hold_s=row.hold.total_seconds(),
        hold_bound_s=_seconds(bound),
        ops_steps=_steps(row.ops_steps),
        rnd_steps=_steps(row.rnd_steps),
        to_rnd_after_s=_seconds(row.to_rnd_after),
        rnd_when=row.rnd_when,
        triage_s=row.triage.total_seconds(),
        ops_lease_s=row.ops_lease.total_seconds(),
        rnd_lease_s=row.rnd_lease.total_seconds(),
        max_snooze_s=row.max_snooze.total_seconds(),
        loops=row.loops,
        loop_every_s=row.loop_every.total_seconds(),
        loud_every_s=row.loud_every.total_seconds(),
    )


def _steps(steps: Sequence[Step]) -> tuple[StepView, ...]:
    return tuple(StepView(step.after.total_seconds(), step.targets, step.when) for step in steps)


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
