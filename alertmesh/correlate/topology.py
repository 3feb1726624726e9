"""Know which things stand next to each other, by whoever tells of it, and learn more at run time."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from alertmesh.core.entries import TopologySet
from alertmesh.core.records import Records
from alertmesh.core.series import Series
from alertmesh.core.topology import Edge, EdgeKind, KnownEdge
from alertmesh.correlate.attributes import Part, Profile
from alertmesh.correlate.edges import EdgeBook
from alertmesh.correlate.graph import DIRECT, FAR, SAME, TWO_STEPS, Graph, Neighbour
from alertmesh.correlate.inferred import Companions
from alertmesh.correlate.placement import Placement, pod_of
from alertmesh.correlate.settings import CorrelateSettings

__all__ = ["DIRECT", "FAR", "SAME", "TWO_STEPS", "Edge", "Neighbour", "Topology"]

_MEMO = 16_384
_DEFAULTS = CorrelateSettings()


class Topology:
    """One picture of all sources: start, catalogue, imports, labels, and what alerts together.

    `edges` are those the process was started with. `near`, `callers`, `callees`, `neighbours`,
    `links` and `distance` are those of `graph.Graph`. What is learned or imported is durable in `tables`.

    >>> Topology([Edge("web", "cart", "calls")]).callers("", "cart")
    ('web',)
    """

    def __init__(self, edges: Sequence[Edge] = (), settings: CorrelateSettings = _DEFAULTS) -> None:
        self._startup = tuple(edges)
        self._settings = settings
        self._fixed: list[KnownEdge] = []
        self._told: dict[tuple[int, str], tuple[Profile, int, datetime]] = {}
        self._graph = Graph()
        self._book = EdgeBook(settings.topology, self._graph)
        self._placement = Placement(self._book, settings.exporters)
        self._companions = Companions(settings.topology, self._book, self._graph)
        self.near = self._graph.near
        self.callers = self._graph.callers
        self.callees = self._graph.callees
        self.neighbours = self._graph.neighbours
        self.distance = self._graph.distance
        self.links = self._graph.links
        self.labelled = self._placement.labelled
        self._fix()

    @property
    def tables(self) -> tuple[Records[Any, Any], ...]:
        """Return the durable state."""
        return (self._book.table, self._companions.habits, self._companions.fronts)

    @property
    def dropped(self) -> int:
        """Return how many edges and things were forgotten because of a bound."""
        return self._book.dropped + self._companions.dropped

    def adopt(self, settings: CorrelateSettings) -> None:
        """Go by other settings and another catalogue from here on."""
        self._settings = settings
        self._book.settings = settings.topology
        self._placement.exporters = frozenset(settings.exporters)
        self._companions.settings = settings.topology
        self._fix()

    def restored(self) -> None:
        """Rebuild what is kept in memory only, after the tables were restored."""
        self._told.clear()
        self._book.restored()

    def jump(self, by: timedelta) -> None:
        """Move every moment by `by`; the indexes follow with `restored`."""
        self._book.jump(by)
        self._companions.jump(by)

    def learn(self, series: Series, profile: Profile, at: datetime) -> None:
        """Take what a series that begins to fire teaches; what was not told again in time is forgotten.

        The order of its labels makes no difference.
        """
        self._book.age(at)
        if self._settings.topology.learn:
            self._learn(series, profile, at)
        self._companions.learn(profile, at)

    def _learn(self, series: Series, profile: Profile, at: datetime) -> None:
        """Take what the labels spell out; of what they told a moment ago there is nothing to write.

        Series with the same profile and the same pod spell out the same.
        """
        pod = pod_of(series.labels)
        key = (id(profile), pod)
        told = self._told.get(key)
        # The profile is kept, so that no other one can have its identity.
        if told is not None and told[1] == self._book.forgotten and at < told[2]:
            return
        edges = _calls(profile)
        if pod:
            edges += self._placement.placing(series.labels, profile)
        if not edges and pod:
            return
        until = self._book.learn(edges, at)
        if len(self._told) >= _MEMO:
            self._told.clear()
        self._told[key] = (profile, self._book.forgotten, until)

    def set(self, entry: TopologySet) -> None:
        """Take an import; BadCommand when there is no room for it, and then nothing changes."""
        self._book.age(entry.at)
        self._book.tell(entry)

    def known(self) -> Iterator[KnownEdge]:
        """Yield every edge by every source."""
        yield from self._fixed
        yield from self._book.table.values()

    def _fix(self) -> None:
        """Stand by what is configured: the edges of the start, and those of the catalogue."""
        for known in self._fixed:
            self._graph.remove(known.edge, known.source)
        self._fixed = [KnownEdge(edge, "startup") for edge in self._startup]
        self._fixed += [KnownEdge(edge, "catalogue") for edge in _catalogued(self._settings)]
        for known in self._fixed:
            self._graph.add(known)


def _catalogued(settings: CorrelateSettings) -> Iterable[Edge]:
    for service in settings.services:
        for needed in service.depends_on:
            yield Edge(service.name, needed, EdgeKind.CALLS, service.cluster)


def _calls(profile: Profile) -> list[Edge]:
    """Return the calls that a series' own labels spell out."""
    if profile.level not in ("pod", "service"):
        return []
    caller, cluster = profile.subject, profile.cluster
    return [
        Edge(caller, item.value, EdgeKind.CALLS, cluster)
        for item in profile.attributes
        if item.part is Part.PEER and item.value != caller
    ]
