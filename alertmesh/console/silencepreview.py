"""Tell what a silence would cover before anybody makes it."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.console.bodies import read_json, send_json
from alertmesh.console.drafts import conditions
from alertmesh.console.service import Service
from alertmesh.console.tells import tells
from alertmesh.console.views import AlertView, show_alert
from alertmesh.core.alert import Alert
from alertmesh.core.matchers import matches_all
from alertmesh.desks.rows import priority_of

_SLICE = 1_000
_EXAMPLES = 20
_MOST_INCIDENTS = 50


class PreviewBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The matchers of a silence that is thought of, in Alertmanager's notation."""

    matchers: str


class HitView(Struct, frozen=True, kw_only=True):
    """An incident that a silence would touch.

    `covered` of its `firing` alerts would be silenced, by this silence or others that hold already; it is
    `suppressed`, and pages nobody, when that is all of them.
    """

    incident: int
    title: str
    priority: str
    firing: int
    covered: int
    suppressed: bool


class CoverView(Struct, frozen=True, kw_only=True):
    """What a silence would cover now: so many of the firing alerts, some of them, and these incidents.

    `suppressed` counts incidents that would page nobody any more; `left_out` those that are not listed.
    """

    alerts: int
    firing: int
    examples: list[AlertView]
    incidents: list[HitView]
    suppressed: int
    left_out: int


class SilencePreview:
    """The handler of `/api/v1/silences/preview`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @tells(CoverView, takes=PreviewBody)
    async def show(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return which alerts and incidents a silence with these matchers would cover now."""
        wanted = conditions((await read_json(request, _DECODER)).matchers)
        firing = [alert for alert, ended_at in self._service.alerts() if ended_at is None]
        hit: list[Alert] = []
        rest: list[Alert] = []
        for part in _slices(firing):
            for alert in part:
                (hit if matches_all(wanted, alert.labels) else rest).append(alert)
            # A hundred thousand alerts take long enough to look at that others must get their turn.
            await asyncio.sleep(0)
        incidents = await self._incidents(hit, rest)
        examples = sorted(hit, key=lambda alert: (alert.priority, alert.starts_at, alert.fingerprint))
        return send_json(
            CoverView(
                alerts=len(hit),
                firing=len(firing),
                examples=[show_alert(alert, None) for alert in examples[:_EXAMPLES]],
                incidents=incidents[:_MOST_INCIDENTS],
                suppressed=sum(one.suppressed for one in incidents),
                left_out=max(0, len(incidents) - _MOST_INCIDENTS),
            )
        )

    async def _incidents(self, hit: Sequence[Alert], rest: Sequence[Alert]) -> list[HitView]:
        covered: Counter[int] = Counter()
        firing: Counter[int] = Counter()
        for part in _slices(hit):
            for alert in part:
                standing = self._service.standing(alert)
                if standing is not None and standing.incident is not None:
                    covered[standing.incident] += 1
            await asyncio.sleep(0)
        firing.update(covered)
        for part in _slices(rest if covered else ()):
            for alert in part:
                standing = self._service.standing(alert)
                number = standing.incident if standing is not None else None
                if standing is not None and number is not None and number in covered:
                    firing[number] += 1
                    covered[number] += bool(standing.covers)
            await asyncio.sleep(0)
        found = [self._hit(number, firing[number], covered[number]) for number in covered]
        return sorted(found, key=lambda one: (not one.suppressed, one.priority, one.incident))

    def _hit(self, number: int, firing: int, covered: int) -> HitView:
        pair = self._service.incident(number)
        return HitView(
            incident=number,
            title=pair[0].title if pair else "",
            priority=priority_of(*pair).name if pair else "",
            firing=firing,
            covered=covered,
            suppressed=covered >= firing,
        )


def _slices(alerts: Sequence[Alert]) -> Iterator[Sequence[Alert]]:
    for start in range(0, len(alerts), _SLICE):
        yield alerts[start : start + _SLICE]


_DECODER = msgspec.json.Decoder(PreviewBody)
