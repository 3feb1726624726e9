"""Show who has duty now, at another moment, and in the weeks to come."""

from datetime import UTC, datetime, timedelta

from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import send_json
from alertmesh.console.problems import Refused
from alertmesh.console.queries import moment, page, page_size, sortable, wording
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.console.wording import Wording
from alertmesh.core.duty import DutyFault, DutyLoad, OnDuty
from alertmesh.core.oncall import OnCall, Roster, Tier

_AHEAD = timedelta(days=14)
_LOOK = timedelta(days=56)
_QUARTER = timedelta(days=92)
_LONGEST = timedelta(days=366)
_REACH = timedelta(days=3_660)  # further away than any roster is planned, and than calendars count


class Use(Struct, frozen=True):
    """A policy that pages a roster, and for which tier."""

    policy: str
    tier: str


class NextView(Struct, frozen=True):
    """Who has duty after the present turn; an empty name is nobody."""

    starts_at: datetime
    primary: str
    secondary: str


class DutyView(Struct, frozen=True, kw_only=True):
    """How the API shows who has duty in one roster; `reachable` is false when the primary cannot be paged.

    The primary has duty by the `layer`, or by the `override` of that id in the place of `covered`.
    """

    roster: str
    zone: str
    lead: str
    used_by: tuple[Use, ...]
    primary: str
    secondary: str
    others: tuple[str, ...]
    reachable: bool
    why: str
    layer: str
    override: str
    covered: str
    until: datetime | None
    next: NextView | None


class DutyPage(Struct, frozen=True):
    """A page of rosters by name, as they stand at a moment; `next` is the next `after`."""

    at: datetime
    oncall: list[DutyView]
    next: str | None


class ShiftView(Struct, frozen=True, kw_only=True):
    """How the API shows that the same people have duty for a while; nobody at all is a gap.

    The primary has duty by the `layer`, or by the `override` of that id in the place of `covered`.
    """

    starts_at: datetime
    ends_at: datetime | None
    primary: str
    secondary: str
    others: tuple[str, ...]
    why: str
    layer: str
    override: str
    covered: str


class ShiftPage(Struct, frozen=True):
    """A page of shifts in order of time; `next`, the time that is left, is the `after` of the next page."""

    roster: str
    zone: str
    shifts: list[ShiftView]
    next: str | None


class FaultView(Struct, frozen=True, kw_only=True):
    """How the API shows one thing that is wrong with a roster."""

    kind: str
    starts_at: datetime
    ends_at: datetime
    person: str
    text: str


class FaultList(Struct, frozen=True, kw_only=True):
    """What is wrong with a roster in a span of time, and how much each member has; no faults: all is well."""

    roster: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    faults: list[FaultView]
    load: list[DutyLoad]


class OnCallTimes:
    """The handlers of `/api/v1/oncall` and of a roster's shifts."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @tells(DutyPage, query=("at", "roster", "person", "after", "limit"), may=(404,))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return who has duty in each roster, a page at a time."""
        now = self._service.clock.now()
        at = near(request, "at", now, now)
        oncall = self._service.duties.oncall()
        roster, person = request.query.get("roster"), request.query.get("person")
        if roster is not None:
            find_roster(oncall, roster)
        names = sorted(oncall.rosters) if roster is None else [roster]
        found = [self._service.duties.at(name, at) for name in names]
        wanted = [duty for duty in found if person is None or duty.has(person)]
        shown, after = page(request, wanted, self._service.limits.page, lambda duty: duty.roster)
        return send_json(DutyPage(at, [self._view(duty, oncall) for duty in shown], after))

    @tells(ShiftPage, query=("from", "to", "after", "limit"))
    async def shifts(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the shifts of a roster in a span of time."""
        roster = find_roster(self._service.duties.oncall(), request.match_info["roster"])
        start, end = _left(request, self._service.clock.now())
        limit = page_size(request, self._service.limits.page)
        found = self._service.duties.shifts(roster.name, start, end)
        left = f"{sortable(found[limit].start)}/{sortable(end)}" if len(found) > limit else None
        return send_json(ShiftPage(roster.name, roster.zone, [_shift(one) for one in found[:limit]], left))

    @tells(FaultList, query=("from", "to", "language"))
    async def gaps(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return what is wrong with a roster in the weeks ahead."""
        roster = find_roster(self._service.duties.oncall(), request.match_info["roster"])
        start, end = span(request, self._service.clock.now(), _LOOK)
        duties, said = self._service.duties, wording(request, self._service)
        faults = [_fault(one, said) for one in duties.faults(roster.name, start, end)]
        found = FaultList(
            roster=roster.name,
            zone=roster.zone,
            starts_at=start,
            ends_at=end,
            faults=faults[: self._service.limits.page],
            load=duties.loads(roster.name, start, end),
        )
        return send_json(found)

    @tells(None, query=("from", "to"), media="text/calendar")
    async def calendar(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the shifts of a roster for a calendar program."""
        now = self._service.clock.now()
        roster = find_roster(self._service.duties.oncall(), request.match_info["roster"])
        start, end = span(request, now, _QUARTER)
        return _send_calendar(self._service.duties.calendar(roster.name, start, end, now))

    @tells(None, query=("from", "to"), media="text/calendar")
    async def person_calendar(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the duty of one person in any roster for a calendar program."""
        now, name = self._service.clock.now(), request.match_info["name"]
        if name not in self._service.duties.oncall().users:
            raise Refused(404, "unknown-user", f"there is nobody called {name[:40]!r}", "name")
        start, end = span(request, now, _QUARTER)
        return _send_calendar(self._service.duties.person_calendar(name, start, end, now))

    def _view(self, duty: OnDuty, oncall: OnCall) -> DutyView:
        roster = oncall.rosters[duty.roster]
        user = oncall.users.get(duty.primary)
        then = None if duty.end is None else self._service.duties.at(duty.roster, duty.end)
        return DutyView(
            roster=duty.roster,
            zone=roster.zone,
            lead=roster.lead,
            used_by=uses(oncall, duty.roster),
            primary=duty.primary,
            secondary=duty.secondary,
            others=duty.others,
            reachable=user is not None and bool(user.channels),
            why=duty.why,
            layer=duty.layer,
            override=duty.override,
            covered=duty.covered,
            until=duty.end,
            next=None if then is None else NextView(then.start, then.primary, then.secondary),
        )


def find_roster(oncall: OnCall, name: str) -> Roster:
    """Return a roster by name; raises Refused with 404."""
    found = oncall.rosters.get(name)
    if found is None:
        raise Refused(404, "unknown-roster", f"there is no roster {name[:40]!r}", "roster")
    return found


def span(request: web.Request, now: datetime, ahead: timedelta) -> tuple[datetime, datetime]:
    """Return `from` and `to`, from now for as long as `ahead` unless told; raises Refused with 400."""
    start = near(request, "from", now, now)
    end = near(request, "to", start + ahead, now)
    if not timedelta(0) < end - start <= _LONGEST:
        raise Refused(400, "bad-query", f"to must be later than from, by {_LONGEST.days} days at most", "to")
    return start, end


def _left(request: web.Request, now: datetime) -> tuple[datetime, datetime]:
    """Return the time whose shifts are asked for: what the page before left, else `from` and `to`."""
    after = request.query.get("after")
    if after is None:
        return span(request, now, _AHEAD)
    try:
        start, end = (datetime.fromisoformat(part).astimezone(UTC) for part in after.split("/"))
        if timedelta(0) < end - start <= _LONGEST and max(abs(start - now), abs(end - now)) <= _REACH:
            return start, end
    except (ValueError, TypeError, OverflowError):
        pass
    raise Refused(400, "bad-query", "after is the `next` of a page", "after")


def near(request: web.Request, name: str, default: datetime, now: datetime) -> datetime:
    """Return a moment that is not ages away; raises Refused with 400."""
    at = moment(request, name, default)
    if abs(at - now) > _REACH:
        raise Refused(400, "bad-query", f"{name} may be ten years away at most", name)
    return at


def uses(oncall: OnCall, roster: str) -> tuple[Use, ...]:
    """Return the policies that page a roster."""
    return tuple(
        Use(policy.name, str(tier))
        for policy in oncall.policies
        for tier, paged in ((Tier.OPS, policy.ops_roster), (Tier.RND, policy.rnd_roster))
        if paged == roster
    )


def _shift(duty: OnDuty) -> ShiftView:
    return ShiftView(
        starts_at=duty.start,
        ends_at=duty.end,
        primary=duty.primary,
        secondary=duty.secondary,
        others=duty.others,
        why=duty.why,
        layer=duty.layer,
        override=duty.override,
        covered=duty.covered,
    )


def _fault(fault: DutyFault, said: Wording) -> FaultView:
    return FaultView(
        kind=fault.kind,
        starts_at=fault.start,
        ends_at=fault.end,
        person=fault.person,
        text=said.fault(fault.text),
    )


def _send_calendar(text: str) -> web.Response:
    return web.Response(
        text=text,
        content_type="text/calendar",
        charset="utf-8",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )
