"""Show, make, answer and end overrides: duty that somebody has in another's place."""

from datetime import datetime, timedelta

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import read_json, send_json
from alertmesh.console.oncall_drafts import AnswerBody, OverrideBody, SpanBody, draft
from alertmesh.console.problems import Refused
from alertmesh.console.queries import choices, page, sortable, wording
from alertmesh.console.service import Duties, Service
from alertmesh.console.tells import tells
from alertmesh.core.entries import OverrideAnswered, OverrideEnded, OverrideSet
from alertmesh.core.errors import BadCommand
from alertmesh.core.oncall import Override, OverrideState
from alertmesh.core.ports import AuditEntry
from alertmesh.metrics import Metrics

_DECODER = msgspec.json.Decoder(OverrideBody)
_ANSWERS = msgspec.json.Decoder(AnswerBody)
_RANK = {OverrideState.ASKED: 0, OverrideState.AGREED: 1}
_FIELDS = frozenset({*OverrideBody.__struct_fields__, "id"})
_LONG, _FAR = timedelta(days=63), timedelta(days=401)

Order = OverrideSet | OverrideAnswered | OverrideEnded


class OverrideView(Struct, frozen=True, kw_only=True):
    """How the API shows an override; `active` tells that it changes who has duty now."""

    id: str
    roster: str
    state: str
    active: bool
    covered: str
    person: str
    starts_at: datetime
    ends_at: datetime
    in_return: SpanBody | None
    comment: str
    created_by: str
    created_at: datetime
    answered_by: str


class OverridePage(Struct, frozen=True):
    """A page of overrides: asked for, agreed, the others, each by its start; `next` is the next `after`."""

    overrides: list[OverrideView]
    next: str | None


class OverrideMade(Struct, frozen=True):
    """The answer to a new override; `warnings` are for the person to think about."""

    id: str
    override: OverrideView
    warnings: list[str]


class Overrides:
    """The handlers of `/api/v1/oncall/overrides`."""

    def __init__(self, service: Service, metrics: Metrics) -> None:
        self._service = service
        self._metrics = metrics

    @tells(OverridePage, query=("state", "roster", "person", "after", "limit"))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the overrides that match, a page at a time."""
        states = choices(request, "state", OverrideState)
        roster, person = request.query.get("roster"), request.query.get("person")
        wanted = [
            one
            for one in self._service.duties.overrides()
            if (not states or one.state in states)
            and roster in (None, one.roster)
            and (person is None or person in (one.person, one.covered))
        ]
        shown, after = page(request, wanted, self._service.limits.page, _place)
        now = self._service.clock.now()
        return send_json(OverridePage([_show(one, now) for one in shown], after))

    @tells(OverrideView)
    async def show(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return one override."""
        return send_json(self._view(request.match_info["id"]))

    @tells(OverrideMade, status=201, takes=OverrideBody, query=("language",))
    async def put(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Give duty to somebody for a while, or ask who takes it."""
        body = await read_json(request, _DECODER)
        now = self._service.clock.now()
        override = draft(body, self._service.duties.oncall(), actor, now)
        said = wording(request, self._service)
        warnings = said.warnings(warnings_about(override, self._service.duties))
        action = "ask" if override.state is OverrideState.ASKED else "override"
        await self._order(action, actor, OverrideSet(override=override, at=now), _said(override))
        return send_json(OverrideMade(override.id, self._view(override.id), warnings), status=201)

    @tells(OverrideView, takes=AnswerBody)
    async def accept(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Take duty that was asked for."""
        return await self._answer(request, actor, accepts=True)

    @tells(OverrideView, takes=AnswerBody)
    async def decline(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Say that one will not take duty that was asked for."""
        return await self._answer(request, actor, accepts=False)

    @tells(OverrideView)
    async def end(self, request: web.Request, actor: str) -> web.StreamResponse:
        """End an override now, or take back what was asked for."""
        id = self._find(request.match_info["id"]).id
        await self._order("end", actor, OverrideEnded(id=id, actor=actor, at=self._service.clock.now()))
        return send_json(self._view(id))

    async def _answer(self, request: web.Request, actor: str, *, accepts: bool) -> web.StreamResponse:
        person = (await read_json(request, _ANSWERS)).person or actor
        id, now = self._find(request.match_info["id"]).id, self._service.clock.now()
        entry = OverrideAnswered(id=id, actor=person, accepts=accepts, at=now)
        await self._order("accept" if accepts else "decline", actor, entry, person)
        return send_json(self._view(id))

    async def _order(self, action: str, actor: str, entry: Order, detail: str = "") -> None:
        # The audit line comes first: there must be no action without one.
        target = f"override/{entry.override.id if isinstance(entry, OverrideSet) else entry.id}"
        await self._service.audit(
            AuditEntry(at=entry.at, actor=actor, action=action, target=target, detail=detail)
        )
        try:
            await self._service.override(entry)
        except BadCommand as error:
            self._metrics.commanded(action, "refused")
            field = str(error).partition(":")[0]
            raise Refused(422, "impossible", str(error), field if field in _FIELDS else "") from error
        self._metrics.commanded(action, "done")

    def _find(self, id: str) -> Override:
        found = next((one for one in self._service.duties.overrides() if one.id == id), None)
        if found is None:
            raise Refused(404, "unknown-override", f"there is no override {id[:40]!r}", "id")
        return found

    def _view(self, id: str) -> OverrideView:
        return _show(self._find(id), self._service.clock.now())


def warnings_about(override: Override, duties: Duties) -> list[str]:
    """Return what somebody may not have thought of: duty that is not there to give, or given twice."""
    rosters = duties.oncall().rosters
    lasts, ahead = override.ends_at - override.starts_at, override.ends_at - override.created_at
    if override.roster not in rosters or not timedelta(0) < lasts < _LONG or not timedelta(0) < ahead < _FAR:
        return []  # nothing such is taken anyway
    found: list[str] = []
    covered, person = override.covered, override.person
    if covered and not _has_duty(covered, override.roster, override, duties):
        found.append(f"{covered} has no duty in {override.roster} then")
    for name in sorted(rosters):
        belongs = any(person in layer.members for layer in rosters[name].layers)
        if belongs and _has_duty(person, name, override, duties):
            found.append(f"{person} has duty in {name} then as it is")
    return found


def _has_duty(person: str, roster: str, override: Override, duties: Duties) -> bool:
    shifts = duties.shifts(roster, override.starts_at, override.ends_at)
    return any(shift.has(person) for shift in shifts)


def _place(override: Override) -> str:
    return f"{_RANK.get(override.state, 2)}-{sortable(override.starts_at)}-{override.id}"


def _said(override: Override) -> str:
    """Return an override in words, for the audit log."""
    who = f"{override.person or 'anybody'} for {override.covered or 'the primary'} in {override.roster}"
    when = f"{override.starts_at:%Y-%m-%d %H:%M} to {override.ends_at:%Y-%m-%d %H:%M} UTC"
    comment = f": {override.comment}" if override.comment else ""
    return f"{who}, {when}{comment}"


def _show(override: Override, now: datetime) -> OverrideView:
    spans = [(override.starts_at, override.ends_at)]
    spans += [override.in_return] if override.in_return is not None else []
    holds = any(start <= now < end for start, end in spans)
    return OverrideView(
        id=override.id,
        roster=override.roster,
        state=override.state,
        active=holds and override.state is OverrideState.AGREED,
        covered=override.covered,
        person=override.person,
        starts_at=override.starts_at,
        ends_at=override.ends_at,
        in_return=override.in_return and SpanBody(*override.in_return),
        comment=override.comment,
        created_by=override.created_by,
        created_at=override.created_at,
        answered_by=override.answered_by,
    )
