"""Show, make and end silences, and show the maintenance windows."""

import asyncio
from datetime import date, datetime, time, timedelta

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import read_json, send_json
from alertmesh.console.drafts import SilenceBody, draft
from alertmesh.console.problems import Refused
from alertmesh.console.queries import choices, matchers, page, sortable, wording
from alertmesh.console.service import Service
from alertmesh.console.silencedesk import SilenceDesk
from alertmesh.console.tells import tells
from alertmesh.core.errors import BadCommand, StaleCommand
from alertmesh.core.matchers import Matcher, matches_all
from alertmesh.core.silence import Plan, Silence, SilenceState, written
from alertmesh.metrics import Metrics

_LONG = timedelta(days=30)
_SLICE = 1_000
_DECODER = msgspec.json.Decoder(SilenceBody)
_RANK = {SilenceState.ACTIVE: 0, SilenceState.PENDING: 1, SilenceState.EXPIRED: 2}


class SilenceView(Struct, frozen=True, kw_only=True):
    """How the API shows a silence; `alerts` counts the firing alerts that it covers now."""

    id: str
    state: str
    matchers: str
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    updated_at: datetime
    alerts: int


class SilencePage(Struct, frozen=True):
    """A page of silences: active, pending, expired, each by its end; `next` is the next `after`."""

    silences: list[SilenceView]
    next: str | None


class SilenceMade(Struct, frozen=True):
    """The answer to a new or changed silence; `warnings` are for the person to think about."""

    id: str
    silence: SilenceView
    warnings: list[str]


class WindowView(Struct, frozen=True, kw_only=True):
    """How the API shows a maintenance window; `active_until` is null while it does not hold."""

    name: str
    matchers: str
    comment: str
    zone: str
    days: tuple[str, ...]
    begins: time | None
    ends: time | None
    first_day: date | None
    last_day: date | None
    active_until: datetime | None
    next_start: datetime | None
    next_end: datetime | None
    alerts: int


class WindowList(Struct, frozen=True):
    """Every maintenance window, by name."""

    maintenance: list[WindowView]


class Silences:
    """The handlers of `/api/v1/silences` and `/api/v1/maintenance`."""

    def __init__(self, service: Service, metrics: Metrics) -> None:
        self._service = service
        self._desk = SilenceDesk(service, metrics)

    @tells(SilencePage, query=("state", "filter", "after", "limit"))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the silences that match, a page at a time."""
        states = choices(request, "state", SilenceState)
        wanted = matchers(request)
        now = self._service.clock.now()
        views = (
            _show(silence, alerts, now)
            for silence, alerts in self._service.silences()
            if (not states or silence.state(now) in states) and _asks_for(silence, wanted)
        )
        return send_json(SilencePage(*page(request, views, self._service.limits.page, _place)))

    @tells(SilenceView)
    async def show(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return one silence."""
        return send_json(self._view(request.match_info["id"]))

    @tells(SilenceMade, status=201, takes=SilenceBody, query=("language",), may=(404, 409))
    async def put(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Make a silence or change one."""
        body = await read_json(request, _DECODER)
        now = self._service.clock.now()
        before = self._find(body.id) if body.id else None
        silence = draft(body, before, actor, now)
        warnings = wording(request, self._service).warnings(await self._warnings(silence, now))
        try:
            await self._desk.put(silence, body.id, actor)
        except StaleCommand as error:
            raise Refused(409, "stale", str(error), "id") from error
        except BadCommand as error:
            raise Refused(422, "impossible", str(error), "id") from error
        return send_json(SilenceMade(silence.id, self._view(silence.id), warnings), status=201)

    @tells(SilenceView)
    async def expire(self, request: web.Request, actor: str) -> web.StreamResponse:
        """End a silence now."""
        silence = self._find(request.match_info["id"])
        try:
            await self._desk.expire(silence.id, actor)
        except BadCommand as error:
            raise Refused(422, "impossible", str(error), "id") from error
        return send_json(self._view(silence.id))

    @tells(WindowList)
    async def maintenance(self, _request: web.Request, _actor: str) -> web.StreamResponse:
        """Return every maintenance window, and when it holds."""
        return send_json(WindowList([_show_window(plan) for plan in self._service.maintenance()]))

    def _find(self, id: str) -> Silence:
        found = self._desk.find(id)
        if found is None:
            raise Refused(404, "unknown-silence", f"there is no silence {id[:40]!r}", "id")
        return found

    def _view(self, id: str) -> SilenceView:
        silence = self._find(id)
        alerts = next(count for one, count in self._service.silences() if one.id == id)
        return _show(silence, alerts, self._service.clock.now())

    async def _warnings(self, silence: Silence, now: datetime) -> list[str]:
        conditions = tuple(condition.matcher() for condition in silence.matchers)
        firing, matched = await self._count(conditions)
        found: list[str] = []
        if not matched:
            found.append("it matches no alert that fires now")
        if matches_all(conditions, {}):
            found.append("it matches everything, even an alert without any label")
        elif matched > 1 and matched == firing:
            found.append(f"it matches all {firing} alerts that fire now")
        if silence.ends_at - now > _LONG:
            found.append(f"it ends more than {_LONG.days} days from now")
        return found

    async def _count(self, conditions: tuple[Matcher, ...]) -> tuple[int, int]:
        """Return how many alerts fire, and how many of them all conditions accept."""
        firing = [alert.labels for alert, ended_at in self._service.alerts() if ended_at is None]
        matched = 0
        for start in range(0, len(firing), _SLICE):
            part = firing[start : start + _SLICE]
            matched += sum(matches_all(conditions, labels) for labels in part)
            # A hundred thousand alerts take long enough to look at that others must get their turn.
            await asyncio.sleep(0)
        return len(firing), matched


def _asks_for(silence: Silence, wanted: tuple[Matcher, ...]) -> bool:
    """Tell whether the silence's own conditions, read as labels, are wanted."""
    return matches_all(wanted, {condition.name: condition.value for condition in silence.matchers})


def _place(view: SilenceView) -> str:
    return f"{_RANK[SilenceState(view.state)]}-{sortable(view.ends_at)}-{view.id}"


def _show(silence: Silence, alerts: int, now: datetime) -> SilenceView:
    return SilenceView(
        id=silence.id,
        state=silence.state(now),
        matchers=written(silence.matchers),
        starts_at=silence.starts_at,
        ends_at=silence.ends_at,
        created_by=silence.created_by,
        comment=silence.comment,
        updated_at=silence.updated_at,
        alerts=alerts,
    )


def _show_window(plan: Plan) -> WindowView:
    window = plan.window
    return WindowView(
        name=window.name,
        matchers=window.matchers,
        comment=window.comment,
        zone=window.zone,
        days=window.days if window.begins is not None else (),
        begins=window.begins,
        ends=window.ends,
        first_day=window.first_day,
        last_day=window.last_day,
        active_until=plan.until,
        next_start=plan.next_start,
        next_end=plan.next_end,
        alerts=plan.alerts,
    )
