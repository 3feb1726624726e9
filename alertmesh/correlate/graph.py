"""Answer what stands one or two steps from a thing, fast enough to be asked for every candidate."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from alertmesh.core.topology import Edge, EdgeKind, KnownEdge
from alertmesh.correlate.attributes import Attribute, Part, Profile

SAME, DIRECT, TWO_STEPS, FAR = 0, 1, 2, -1
"""What `Graph.distance` answers."""

_MEMO = 65_536


class Neighbour(Struct, frozen=True, gc=False):
    """A thing one step away, by its index tokens, and the relation in words.

    `inferred` says that nobody told of the relation: it was seen in how the two alert.
    """

    name: str
    tokens: tuple[str, ...]
    words: str
    inferred: bool = False


class Link(Struct, frozen=True, gc=False):
    """One edge as it is seen from a thing: the other end, the kind, and whether it leads there."""

    name: str
    kind: str
    forward: bool
    inferred: bool


_WORDS: dict[str, tuple[str, str]] = {
    EdgeKind.CALLS: ("calls", "is called by"),
    EdgeKind.RUNS_ON: ("runs on", "carries"),
    EdgeKind.OWNS: ("owns", "is owned by"),
}
_LINKED = "is linked to"
_Way = tuple[str, str, bool, str]  # source, kind, whether it goes forward, and the other end
_Told = tuple[
    bool, bool, str
]  # whether it was inferred, whether it leads to a single pod, and words of its own


def is_minor(known: KnownEdge) -> bool:
    """Tell whether an edge leads to a single pod.

    Such edges count for distance. Grouping does not look them up: a pod's own profile says where
    it lies and whose it is, and there are too many of them to be named.
    """
    return known.source == "labels" and known.edge.kind in (EdgeKind.OWNS, EdgeKind.RUNS_ON)


class _View(Struct, gc=False):
    """Everything one step from a thing, ready to be asked."""

    names: frozenset[str]
    near: tuple[Neighbour, ...]
    callers: tuple[str, ...]
    callees: tuple[str, ...]
    neighbours: tuple[str, ...]


_NOWHERE = _View(frozenset(), (), (), (), ())


class Graph:
    """Answer who is one or two steps away; an edge without a cluster holds in every cluster.

    At most `limit` neighbours of a thing are named: those that somebody told of before those that
    were inferred, then in the order of their names. What it answers depends on the edges that it
    knows, not on the order in which they came.

    >>> graph = Graph()
    >>> for a, b in (("web", "cart"), ("cart", "db")):
    ...     graph.add(KnownEdge(Edge(a, b, "calls"), "startup"))
    >>> graph.callers("", "cart"), graph.callees("prod", "cart"), graph.neighbours("prod", "cart")
    (('web',), ('db',), ('db', 'web'))
    >>> [graph.distance("prod", "web", name) for name in ("web", "cart", "db", "mail")]
    [0, 1, 2, -1]
    """

    def __init__(self, limit: int = 32) -> None:
        self._ways: dict[tuple[str, str], dict[_Way, _Told]] = {}
        self._views: dict[str, dict[str, _View]] = {}
        self._viewed = 0
        self._limit = limit

    def add(self, known: KnownEdge) -> None:
        """Know an edge from here on; the same edge by another source is kept beside it."""
        edge, source = known.edge, known.source
        told = (known.inferred, is_minor(known), known.words)
        self._put(edge.cluster, edge.a, (source, edge.kind, True, edge.b), told)
        self._put(edge.cluster, edge.b, (source, edge.kind, False, edge.a), told)

    def remove(self, edge: Edge, source: str) -> None:
        """Forget what a source told of an edge; nothing happens when it told nothing."""
        self._drop(edge.cluster, edge.a, (source, edge.kind, True, edge.b))
        self._drop(edge.cluster, edge.b, (source, edge.kind, False, edge.a))

    def near(self, profile: Profile) -> list[Neighbour]:
        """Return what stands one step from the things the series is about."""
        if not self._ways:
            return []
        found: dict[str, Neighbour] = {}
        for value in _owned(profile.attributes):
            for neighbour in self._view(profile.cluster, value).near:
                found.setdefault(neighbour.name, neighbour)
        return list(found.values())

    def callers(self, cluster: str, name: str) -> tuple[str, ...]:
        """Return who is known to call `name`."""
        return self._view(cluster, name).callers

    def callees(self, cluster: str, name: str) -> tuple[str, ...]:
        """Return what `name` is known to call."""
        return self._view(cluster, name).callees

    def neighbours(self, cluster: str, name: str) -> tuple[str, ...]:
        """Return everything one step from `name`, whatever the relation is."""
        return self._view(cluster, name).neighbours

    def links(self, cluster: str, name: str) -> Iterator[Link]:
        """Yield every edge at a thing, each once for each source that tells of it."""
        for where in dict.fromkeys((cluster, "")):
            for (_, kind, forward, other), told in self._ways.get((where, name), {}).items():
                yield Link(other, kind, forward, told[0])

    def distance(self, cluster: str, a: str, b: str) -> int:
        """Return how many steps lie between two things: 0, 1 or 2, and -1 for more or when unknown."""
        if a == b:
            return SAME
        around = self._view(cluster, a).names
        if not around:
            return FAR
        if b in around:
            return DIRECT
        return FAR if around.isdisjoint(self._view(cluster, b).names) else TWO_STEPS

    def _put(self, cluster: str, name: str, way: _Way, told: _Told) -> None:
        ways = self._ways.setdefault((cluster, name), {})
        if ways.get(way) != told:
            ways[way] = told
            self._outdate(cluster, name)

    def _drop(self, cluster: str, name: str, way: _Way) -> None:
        ways = self._ways.get((cluster, name))
        if ways is None or ways.pop(way, None) is None:
            return
        if not ways:
            del self._ways[cluster, name]
        self._outdate(cluster, name)

    def _outdate(self, cluster: str, name: str) -> None:
        for views in (self._views.get(cluster),) if cluster else self._views.values():
            if views is not None and views.pop(name, None) is not None:
                self._viewed -= 1

    def _view(self, cluster: str, name: str) -> _View:
        views = self._views.get(cluster)
        view = views.get(name) if views is not None else None
        return view if view is not None else self._looked(cluster, name)

    def _looked(self, cluster: str, name: str) -> _View:
        own = self._ways.get((cluster, name))
        anywhere = self._ways.get(("", name)) if cluster else None
        if own is None and anywhere is None:
            return _NOWHERE
        if self._viewed >= _MEMO:
            self._views.clear()
            self._viewed = 0
        ways = [*(own or {}).items(), *(anywhere or {}).items()]
        view = self._views.setdefault(cluster, {})[name] = _seen(cluster, ways, self._limit)
        self._viewed += 1
        return view


def _seen(cluster: str, ways: Iterable[tuple[_Way, _Told]], limit: int) -> _View:
    ranked = sorted(ways, key=_rank)
    near: dict[str, Neighbour] = {}
    for way, told in ranked:
        if not told[1]:
            near.setdefault(way[3], _neighbour(cluster, way, told))
    calls = [(way[3], way[2]) for way, _ in ranked if way[1] == EdgeKind.CALLS]
    return _View(
        names=frozenset(way[3] for way, _ in ranked),
        near=tuple(near.values())[:limit],
        callers=tuple(dict.fromkeys(name for name, forward in calls if not forward))[:limit],
        callees=tuple(dict.fromkeys(name for name, forward in calls if forward))[:limit],
        neighbours=tuple(dict.fromkeys(way[3] for way, _ in ranked))[:limit],
    )


def _rank(item: tuple[_Way, _Told]) -> tuple[bool, bool, str, str, bool, str]:
    (source, kind, forward, name), (inferred, minor, _) = item
    return (inferred, minor, name, kind, not forward, source)


def _neighbour(cluster: str, way: _Way, told: _Told) -> Neighbour:
    inferred, _, words = told
    there, back = _WORDS.get(way[1], (_LINKED, _LINKED))
    tokens = (f"{cluster}|app|{way[3]}", f"{cluster}|node|{way[3]}")
    return Neighbour(way[3], tokens, words or (there if way[2] else back), inferred)


def _owned(attributes: Sequence[Attribute]) -> list[str]:
    return [item.value for item in attributes if item.part is Part.OWN and item.key in ("app", "node")]
