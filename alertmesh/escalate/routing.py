"""Decide which team tier 2 is: the one that owns the likely root; and who else should hear of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.catalogue import Catalogue
from alertmesh.core.group import Cause
from alertmesh.core.hosts import HOST_LABELS
from alertmesh.core.incident import Incident, Member
from alertmesh.core.kubernetes import workload
from alertmesh.core.oncall import OnCall
from alertmesh.core.series import Series
from alertmesh.core.topology import PEER_LABELS, Service
from alertmesh.escalate.roster import Rota

SURE = 0.5
"""How likely it must be that a team has the root for it to be paged while another one is hit.

More likely than not: below that, the page would more often wake the wrong people than the right ones.
"""

MOST_SERIES = 1_000
"""How many series of an incident are looked at; those that joined first show where it began."""

_ELSEWHERE = frozenset((*HOST_LABELS, *PEER_LABELS, "instance"))
"""Labels that name where a thing lies or whom it calls, not what it is."""


class OpenIncidents(Protocol):
    """The open incidents, as they stand."""

    def incident(self, number: int) -> Incident | None:
        """Return an open incident."""
        ...

    def members(self, number: int) -> Iterable[Member]:
        """Return the series of an open incident, in order of joining."""
        ...


class NoIncidents:
    """Open incidents of which nothing is known."""

    def incident(self, number: int) -> Incident | None:
        """Return None."""
        return None

    def members(self, number: int) -> Iterable[Member]:
        """Return nothing."""
        return ()


class Hears(Struct, frozen=True):
    """Whoever has duty in `roster` is told why it concerns them; it asks for no ack."""

    roster: str
    text: str


class Route(Struct, frozen=True, kw_only=True):
    """The roster that tier 2 is paged from, and why in one sentence; nothing to say without a catalogue.

    `service` is the one that the likely root belongs to, `hit` the other one that is hit hardest;
    either may be unknown, and empty then.
    """

    roster: str
    why: str = ""
    service: str = ""
    hit: str = ""
    hears: tuple[Hears, ...] = ()


class _Owner(Struct, frozen=True):
    """The service by which a roster answers for a thing; `need` is the thing if the service only needs it."""

    service: str
    roster: str
    need: str = ""

    def __str__(self) -> str:
        return f"owner of {self.service}" + (f", which needs {self.need}" if self.need else "")


class Router:
    """Answer by the catalogue who owns what; `rosters` are those of all services."""

    def __init__(self, oncall: OnCall) -> None:
        self._services = {service.name: service for service in oncall.services}
        self._ranks = {name: rank for rank, name in enumerate(self._services)}
        self._catalogue = Catalogue(oncall.services)
        self._rosters = {name: _roster(one, oncall) for name, one in self._services.items()}
        self._needing: dict[str, list[Service]] = {}
        for service in oncall.services:
            for needed in service.depends_on:
                self._needing.setdefault(needed, []).append(service)
        self.rosters = frozenset(self._rosters.values()) - {""}

    def route(self, incident: Incident, members: Iterable[Member], default: str) -> Route:
        """Return the route of an incident; `default` is the roster of what nobody is known to own.

        The owner of the likely root is paged. When that is too unsure, it is the only team that is hit, else
        the default one, and the likely owner hears of it.
        """
        if not self._services:
            return Route(roster=default)
        hits = _Hits(self, islice((one for one in members if one.series.is_on), MOST_SERIES))
        owners = [self._owner(cause, incident, hits) for cause in incident.causes]
        first = owners[0].service if owners and owners[0] else ""
        hit = hits.hardest(but=first)
        route = _choose(incident.causes, owners, hits.teams(default), default)
        other = self._rosters.get(hit, "")
        if other and other not in (route.roster, *(one.roster for one in route.hears)):
            count = hits.counts[hit]
            series = "1 series fires" if count == 1 else f"{count} series fire"
            told = Hears(other, f"{hit} is hit, {series}")
            route = replace(route, hears=(*route.hears, told))
        return replace(route, service=first, hit=hit)

    def alone(self, labels: Mapping[str, str], default: str) -> Route:
        """Return the route of an alert with these labels that stays the only one."""
        if not self._services:
            return Route(roster=default)
        name = self._catalogue.service(labels, labels.get("cluster", ""), labels.get("namespace", ""))
        roster = self.roster(name)
        if roster:
            return Route(roster=roster, why=f"{roster}: {_Owner(name, roster)}", service=name)
        why = f"no roster is known for {name}" if name else "it belongs to no service of the catalogue"
        return Route(roster=default, why=f"{default}: {why}", service=name)

    def service(self, series: Series) -> str:
        """Return the service that a series belongs to, empty when there is none."""
        return self._catalogue.of(series)

    def roster(self, service: str) -> str:
        """Return the roster that answers for a service, empty when none is known."""
        return self._rosters.get(service, "")

    def most(self, counts: Mapping[str, int]) -> str:
        """Return the service that counts most, of equals the first in the catalogue; empty for none."""
        return min(counts, key=lambda name: (-counts[name], self._ranks[name]), default="")

    def _owner(self, cause: Cause, incident: Incident, hits: "_Hits") -> _Owner | None:
        """Return who owns a candidate: the service that it is or belongs to, else the team that needs it."""
        cluster = hits.cluster(cause.series) or incident.labels.get("cluster", "")
        named = self._services.get(cause.entity)
        if named is None or not _is_in(cluster, named):
            named = self._services.get(hits.about(cause.entity))
        if named is not None and self._rosters[named.name]:
            return _Owner(named.name, self._rosters[named.name])
        needing = [one.name for one in self._needing.get(cause.entity, ()) if _is_in(cluster, one)]
        needing = [name for name in needing if name in hits.counts] or needing
        rosters = {self._rosters[name] for name in needing}
        roster = next(iter(rosters)) if len(rosters) == 1 else ""
        if roster:
            return _Owner(needing[0], roster, cause.entity)
        # What several teams need is nobody's in particular.
        return _Owner(named.name, "") if named is not None else None


def is_staffed(rota: Rota, roster: str, now: datetime) -> bool:
    """Tell whether anybody of a roster can be reached."""
    return bool(rota.resolve(("all", "lead"), roster, now).people)


class _Hits:
    """Which services the series of an incident that fire belong to, and how many of each."""

    def __init__(self, router: Router, members: Iterable[Member]) -> None:
        self._router = router
        self._found = [(one.series, router.service(one.series)) for one in members]
        self.counts = Counter(service for _, service in self._found)

    def teams(self, default: str) -> set[str]:
        """Return the rosters of what is hit; what nobody is known to own is the default one's."""
        return {self._router.roster(service) or default for service in self.counts}

    def hardest(self, but: str) -> str:
        """Return the service, other than `but`, of which most series fire."""
        return self._router.most({name: n for name, n in self.counts.items() if name not in ("", but)})

    def cluster(self, series: str) -> str:
        """Return the cluster of a series, empty when it is not known."""
        found = (one for one, _ in self._found if one.id == series)
        return next((one.labels.get("cluster") or one.entity.cluster for one in found), "")

    def about(self, entity: str) -> str:
        """Return the service of most series that are about a thing."""
        return self._router.most(
            Counter(service for one, service in self._found if service and _is_about(one, entity))
        )


def _roster(service: Service, oncall: OnCall) -> str:
    return next((name for name in (service.roster, service.team) if name in oncall.rosters), "")


def _is_in(cluster: str, service: Service) -> bool:
    return not cluster or service.cluster in ("", cluster)


def _is_about(series: Series, entity: str) -> bool:
    name = series.entity.name
    if entity in (name, workload(name)) or entity.endswith(f"/{name}"):
        return True
    if series.entity.kind in ("node", "host"):
        return False
    return any(value == entity and label not in _ELSEWHERE for label, value in series.labels.items())


def _choose(causes: Sequence[Cause], owners: Sequence[_Owner | None], hit: set[str], default: str) -> Route:
    """Choose the roster by the owners of the causes and the teams that are hit."""
    if not causes:
        return Route(roster=default, why=f"{default}: nothing tells what the root is")
    root, owner = causes[0], owners[0]
    likely = f"the likely root ({root.score:.2f})"
    if owner is None:
        return Route(roster=default, why=f"{default}: nobody is known to own {root.entity}, {likely}")
    if not owner.roster:
        return Route(roster=default, why=f"{default}: no roster is known for {owner.service}, {likely}")
    roster = owner.roster
    share = sum(
        cause.score for cause, one in zip(causes, owners, strict=True) if one and one.roster == roster
    )
    alone = next(iter(hit)) if len(hit) == 1 else default
    paged = roster if share >= SURE else alone
    if paged == roster:
        return Route(roster=roster, why=f"{roster}: {owner}, {likely}")
    unsure = f"{root.entity} of {roster} is too unsure a root ({share:.2f})"
    why = unsure if paged == default else f"the only team that is hit; {unsure}"
    told = Hears(roster, f"{root.entity} may be the root ({share:.2f})")
    return Route(roster=paged, why=f"{paged}: {why}", hears=(told,))
