"""Alertmanager's API v2 for alerts, groups, receivers and status: amtool, Grafana and karma read it.

A list may hold a hundred thousand alerts, so it is looked at and sent a slice at a time.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from heapq import merge

from aiohttp import web

from alertmesh import __version__
from alertmesh.console.alertmanager_forms import (
    WINDOW,
    AlertForm,
    Named,
    alert_form,
    answer,
    encoded,
    moment,
)
from alertmesh.console.alertmanager_queries import Wanted, wanted
from alertmesh.console.alertmanager_streams import slices, stream
from alertmesh.console.routing_text import routing
from alertmesh.console.service import Service
from alertmesh.console.tells import Object, Objects, tells
from alertmesh.core.alert import Alert
from alertmesh.core.matchers import matches_all
from alertmesh.core.standing import Standing

SPOKEN = "0.25.0"
"""Which Alertmanager's API this is; tools compare it with what they know."""

_MOST_HIDERS = 10
_INCIDENT = "incident"

Stood = tuple[Alert, Standing]
GroupKey = tuple[int, str, str]  # incident or 0, policy, and without an incident the alert's name


class Alertmanager:
    """The handlers of `/api/v2/alerts`, `/alerts/groups`, `/receivers` and `/status`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._started: datetime | None = None

    async def begin(self, _app: web.Application) -> None:
        """Take note of when the server started."""
        self._started = self._service.clock.now()

    @tells(Objects, query=("filter", "receiver", "active", "silenced", "inhibited", "unprocessed"))
    async def alerts(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the alerts that fire and are asked for, in the order of their fingerprints."""
        found = await self._found(wanted(request))
        hiders = await self._hiders(found)
        return await stream(request, (encoded(form) for form in _forms(found, hiders)))

    @tells(Objects, query=("filter", "receiver", "active", "silenced", "inhibited"))
    async def groups(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the same alerts by incident; those without one by name."""
        found = await self._found(wanted(request))
        hiders = await self._hiders(found)
        groups: dict[GroupKey, list[bytes]] = {}
        async for part in slices(zip(found, _forms(found, hiders), strict=True)):
            for (_, standing), form in part:
                key = (standing.incident or 0, standing.policy, "" if standing.incident else _name(form))
                groups.setdefault(key, []).append(encoded(form))
        return await stream(request, (self._group(key, groups[key]) for key in sorted(groups)))

    @tells(Objects)
    async def receivers(self, _request: web.Request, _actor: str) -> web.StreamResponse:
        """Return the names of all policies: they say who hears of what."""
        return answer([Named(policy.name) for policy in self._service.policies()])

    @tells(Object)
    async def status(self, _request: web.Request, _actor: str) -> web.StreamResponse:
        """Return which API this is, since when it runs, and the policies as a routing tree."""
        now = self._service.clock.now()
        version = {"version": SPOKEN, "revision": __version__, "branch": "alertmesh", "buildUser": ""}
        return answer(
            {
                "cluster": {"peers": [], "status": "disabled"},
                "config": {"original": routing(self._service.policies())},
                "uptime": moment(self._started or now),
                "versionInfo": {**version, "buildDate": "", "goVersion": ""},
            }
        )

    async def _found(self, which: Wanted) -> list[Stood]:
        """Return what fires and is asked for, by fingerprint."""
        firing = [alert for alert, ended_at in self._service.alerts() if ended_at is None]
        runs: list[list[Stood]] = []
        async for part in slices(firing):
            stood = [
                (alert, standing)
                for alert in part
                if matches_all(which.conditions, alert.labels)
                and (standing := self._service.standing(alert)) is not None
                and _is_wanted(standing, which)
            ]
            runs.append(sorted(stood, key=_fingerprint))
        found: list[Stood] = []
        async for stood in slices(merge(*runs, key=_fingerprint)):
            found += stood
        return found

    async def _hiders(self, found: Sequence[Stood]) -> dict[str, list[str]]:
        """Return the firing alerts of each series that hides some of `found`; a few of them tell enough."""
        hiders: dict[str, list[str]] = {one.hider: [] for _, one in found if one.hider is not None}
        if not hiders:
            return hiders
        firing = [alert for alert, ended_at in self._service.alerts() if ended_at is None]
        async for part in slices(firing):
            for alert in part:
                standing = self._service.standing(alert)
                known = None if standing is None else hiders.get(standing.series)
                if known is not None and len(known) < _MOST_HIDERS:
                    known.append(alert.fingerprint)
        return hiders

    def _group(self, key: GroupKey, alerts: Sequence[bytes]) -> bytes:
        number, policy, name = key
        labels = {"alertname": name} if name else {}
        if number:
            found = self._service.incident(number)
            # karma takes groups of the same labels and receiver for one, so the number is among them.
            labels = {**(found[0].labels if found else {}), _INCIDENT: str(number)}
        head = encoded({"labels": labels, "receiver": Named(policy)})[:-1]
        return head + b',"alerts":[' + b",".join(alerts) + b"]}"


def _is_wanted(standing: Standing, which: Wanted) -> bool:
    if which.receiver is not None and not which.receiver.fits(standing.policy):
        return False
    muted = any(id.startswith(WINDOW) for id in standing.covers)
    silenced = any(not id.startswith(WINDOW) for id in standing.covers)
    if not (muted or silenced or standing.hider):
        return which.active
    return not (
        (silenced and not which.silenced)
        or (muted and not which.muted)
        or (standing.hider and not which.inhibited)
    )


def _forms(found: Sequence[Stood], hiders: dict[str, list[str]]) -> Iterator[AlertForm]:
    return (alert_form(alert, standing, hiders.get(standing.hider or "", ())) for alert, standing in found)


def _fingerprint(item: Stood) -> str:
    return item[0].fingerprint


def _name(form: AlertForm) -> str:
    return form.labels.get("alertname", "")
