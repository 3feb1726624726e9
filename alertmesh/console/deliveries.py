"""The delivery desk: every try to reach somebody, what failed, how channels do, tests and previews."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import read_json, send_json
from alertmesh.console.problems import Refused
from alertmesh.console.queries import choices, moment, number, page_size
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.console.views import AttemptView, show_attempt
from alertmesh.core.alert import Priority
from alertmesh.core.delivery import ChannelStatus
from alertmesh.core.errors import BadCommand, StaleCommand
from alertmesh.core.page import Attempt, AttemptState, PageKind
from alertmesh.core.ports import AuditEntry
from alertmesh.notify.preview import Preview, Wanted
from alertmesh.notify.templates import KINDS

_SLICE = 200
_NUMBERS = 18
_LANGUAGES = ("en", "zh")
_EVER = datetime.min.replace(tzinfo=UTC)


class SentView(Struct, frozen=True):
    """One try to reach somebody; `incident` is null for a test, and `number` grows with each try."""

    number: int
    incident: int | None
    attempt: AttemptView


class SentPage(Struct, frozen=True):
    """A page of tries, the newest first; `next` is the `before` of the next one.

    A page may be short or empty and still have a next one: each request looks at a bounded number of tries.
    """

    pages: list[SentView]
    next: int | None


class ChannelList(Struct, frozen=True):
    """Every channel, by name."""

    channels: list[ChannelStatus]


class TestBody(Struct, frozen=True, forbid_unknown_fields=True):
    """By which ways to send a test: one channel, those of one priority, or all of them."""

    channel: str = ""
    priority: str | None = None


class TestSent(Struct, frozen=True):
    """A test that is on its way: `page` finds its attempts among the pages."""

    page: str
    attempts: list[AttemptView]


_TEST = msgspec.json.Decoder(TestBody)
Accepts = Callable[[Attempt], bool]


class Deliveries:
    """The handlers of pages, failed deliveries, channels, tests and previews."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @tells(SentPage, query=("person", "channel", "state", "kind", "page", "since", "before", "limit"))
    async def pages(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the tries that match, of all incidents, a page at a time."""
        return await self._listed(request, _filter(request))

    @tells(SentPage, query=("person", "channel", "state", "kind", "page", "since", "before", "limit"))
    async def failed(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return what failed and is still worth trying, a page at a time."""
        wanted, is_worth_it = _filter(request), self._service.deliveries.worth_trying()
        return await self._listed(request, lambda one: wanted(one) and is_worth_it(one))

    async def _listed(self, request: web.Request, accepts: Accepts) -> web.Response:
        limit = page_size(request, self._service.limits.page)
        before = number(request, "before", 0, least=1) or None
        left, found = self._service.limits.scan, list[SentView]()
        while left > 0:
            part = self._service.deliveries.newest(before, min(_SLICE, left))
            for place, one in part:
                before = place
                if accepts(one):
                    found.append(_show(place, one))
                    if len(found) == limit:
                        return send_json(SentPage(found, before))
            if len(part) < min(_SLICE, left):
                return send_json(SentPage(found, None))
            left -= len(part)
            await asyncio.sleep(0)
        return send_json(SentPage(found, before))

    @tells(AttemptView, status=202, may=(409,))
    async def retry(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Send what failed once more; 409 when it did not fail, or nobody needs it any more."""
        name = request.match_info["id"]
        await self._audit(actor, "page.retry", f"page/{name}")
        try:
            attempt = await self._service.deliveries.retry(name)
        except KeyError as error:
            raise Refused(404, "unknown-page", f"there is no attempt {name[:200]}", "id") from error
        except StaleCommand as error:
            raise Refused(409, "stale", str(error), "id") from error
        except BadCommand as error:
            raise Refused(409, "not-failed", str(error), "id") from error
        return send_json(show_attempt(attempt), 202)

    @tells(ChannelList)
    async def channels(self, _request: web.Request, _actor: str) -> web.StreamResponse:
        """Return every channel as it stands."""
        return send_json(ChannelList(self._service.deliveries.channels()))

    @tells(ChannelStatus, may=(409,))
    async def probe(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Ask a channel how it is, without sending anything; 409 for one that cannot be asked."""
        name = request.match_info["name"]
        await self._audit(actor, "channel.probe", f"channel/{name}")
        try:
            return send_json(await self._service.deliveries.probe(name))
        except KeyError as error:
            raise Refused(404, "unknown-channel", f"there is no channel {name}", "name") from error
        except BadCommand as error:
            raise Refused(409, "not-probed", str(error), "name") from error

    @tells(TestSent, status=202, takes=TestBody, may=(409,))
    async def test(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Send a test message to somebody by every way; 409 when there is none or one is under way."""
        person, body = request.match_info["name"], await read_json(request, _TEST)
        if body.priority is not None and body.priority not in Priority.__members__:
            raise Refused(422, "wrong-type", f"is one of {', '.join(Priority.__members__)}", "priority")
        priority = None if body.priority is None else Priority[body.priority]
        detail = f"channel={body.channel or 'all'} priority={body.priority or 'any'}"
        await self._audit(actor, "page.test", f"user/{person}", detail)
        try:
            attempts = await self._service.deliveries.test(person, body.channel, priority)
        except KeyError as error:
            raise Refused(404, "unknown-user", f"there is no person {person}", "name") from error
        except BadCommand as error:
            raise Refused(409, "no-test", str(error), "channel") from error
        return send_json(TestSent(attempts[0].page.id, [show_attempt(one) for one in attempts]), 202)

    @tells(Preview, query=("kind", "language", "channel"))
    async def preview(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return what a message about an incident would say by now."""
        kind = request.query.get("kind", "page")
        if kind not in KINDS or kind == "bundle":
            known = ", ".join(one for one in KINDS if one != "bundle")
            raise Refused(400, "bad-query", f"kind is one of {known}", "kind")
        wanted = Wanted(
            kind=kind,
            language=next(iter(choices(request, "language", _LANGUAGES)), "en"),
            channel=request.query.get("channel", ""),
        )
        text = request.match_info["id"]
        try:
            return send_json(self._service.deliveries.preview(int(text[:_NUMBERS]), wanted))
        except KeyError as error:
            raise Refused(404, "unknown-incident", f"there is no incident {text[:_NUMBERS]}", "id") from error

    async def _audit(self, actor: str, action: str, target: str, detail: str = "") -> None:
        """Write it down first: there must be no action without a line."""
        entry = AuditEntry(
            at=self._service.clock.now(), actor=actor, action=action, target=target, detail=detail
        )
        await self._service.audit(entry)


def _filter(request: web.Request) -> Accepts:
    """Return what tells whether a try is wanted, by person, channel, page, state, kind and since when."""
    same = {name: request.query.getall(name, []) for name in ("person", "channel", "page")}
    states, kinds = choices(request, "state", AttemptState), choices(request, "kind", PageKind)
    since = moment(request, "since", _EVER)

    def accepts(one: Attempt) -> bool:
        mine = {"person": one.page.person, "channel": one.channel, "page": one.page.id}
        return (
            all(not wanted or mine[name] in wanted for name, wanted in same.items())
            and (not states or one.state in states)
            and (not kinds or one.page.kind in kinds)
            and one.page.at >= since
        )

    return accepts


def _show(place: int, attempt: Attempt) -> SentView:
    is_test = attempt.page.kind is PageKind.TEST
    return SentView(place, None if is_test else attempt.page.incident, show_attempt(attempt))
