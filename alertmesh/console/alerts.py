"""Show the alerts that are remembered, firing or over."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from heapq import nsmallest

from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import send_json
from alertmesh.console.queries import choices, matchers, page_size
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.console.views import AlertView, show_alert
from alertmesh.core.alert import Alert
from alertmesh.core.matchers import Matcher, matches_all

_STATES = ("firing", "resolved")
_SLICE = 1_000

Remembered = tuple[Alert, datetime | None]


class AlertPage(Struct, frozen=True):
    """A page of alerts in the order of their fingerprints; `next` is the `after` of the next one."""

    alerts: list[AlertView]
    next: str | None


class Alerts:
    """The handler of `/api/v1/alerts`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @tells(AlertPage, query=("state", "filter", "after", "limit"))
    async def index(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the alerts that match, a page at a time."""
        limit = page_size(request, self._service.limits.page)
        states = choices(request, "state", _STATES)
        conditions = matchers(request)
        after = request.query.get("after", "")
        found: list[Remembered] = []
        remembered = list(self._service.alerts())
        for start in range(0, len(remembered), _SLICE):
            part = remembered[start : start + _SLICE]
            found = nsmallest(
                limit + 1, [*found, *_matching(part, after, states, conditions)], key=_fingerprint
            )
            # A hundred thousand alerts take long enough to look at that others must get their turn.
            await asyncio.sleep(0)
        shown = [show_alert(alert, ended_at) for alert, ended_at in found[:limit]]
        return send_json(AlertPage(shown, shown[-1].fingerprint if len(found) > limit else None))


def _matching(
    part: Sequence[Remembered], after: str, states: frozenset[str], conditions: tuple[Matcher, ...]
) -> list[Remembered]:
    return [
        (alert, ended_at)
        for alert, ended_at in part
        if alert.fingerprint > after
        and (not states or ("firing" if ended_at is None else "resolved") in states)
        and matches_all(conditions, alert.labels)
    ]


def _fingerprint(item: Remembered) -> str:
    return item[0].fingerprint
