"""Know which things stand next to each other: who calls whom, what runs where, who owns what."""

from collections.abc import Sequence

from msgspec import Struct

from alertmesh.correlate.attributes import Attribute, Part, Profile


class Edge(Struct, frozen=True):
    """A known relation: `a` calls, runs on, or owns `b`; `kind` is `calls`, `runs_on` or `owns`."""

    a: str
    b: str
    kind: str
    cluster: str = ""


class Neighbour(Struct, frozen=True, gc=False):
    """A thing one step away, by its index tokens, and the relation in words."""

    name: str
    tokens: tuple[str, ...]
    words: str


_WORDS = {
    "calls": ("calls", "is called by"),
    "runs_on": ("runs on", "carries"),
    "owns": ("owns", "is owned by"),
}


class Topology:
    """Answer who is one step away; at most `limit` neighbours of a thing are kept, in edge order.

    >>> Topology([Edge("web", "cart", "calls")]).callers("", "cart")
    ('web',)
    """

    def __init__(self, edges: Sequence[Edge] = (), limit: int = 32) -> None:
        self._near: dict[tuple[str, str], dict[str, Neighbour]] = {}
        self._callers: dict[tuple[str, str], list[str]] = {}
        self._limit = limit
        for edge in edges:
            there, back = _WORDS.get(edge.kind, ("is linked to", "is linked to"))
            self._add(edge.cluster, edge.a, edge.b, there)
            self._add(edge.cluster, edge.b, edge.a, back)
            if edge.kind == "calls":
                self._callers.setdefault((edge.cluster, edge.b), []).append(edge.a)

    def near(self, profile: Profile) -> list[Neighbour]:
        """Return what stands one step from the things the series is about."""
        if not self._near:
            return []
        found: dict[str, Neighbour] = {}
        for value in _owned(profile.attributes):
            found.update(self._near.get((profile.cluster, value), {}))
            if profile.cluster:
                found.update(self._near.get(("", value), {}))
        return [_scoped(neighbour, profile.cluster) for neighbour in found.values()]

    def callers(self, cluster: str, name: str) -> tuple[str, ...]:
        """Return who is known to call `name`."""
        own = self._callers.get((cluster, name), ())
        anywhere = self._callers.get(("", name), ()) if cluster else ()
        return (*own, *anywhere)

    def _add(self, cluster: str, a: str, b: str, words: str) -> None:
        near = self._near.setdefault((cluster, a), {})
        if len(near) < self._limit:
            near[b] = Neighbour(b, (), words)


def _owned(attributes: Sequence[Attribute]) -> list[str]:
    return [item.value for item in attributes if item.part is Part.OWN and item.key in ("app", "node")]


def _scoped(neighbour: Neighbour, cluster: str) -> Neighbour:
    tokens = tuple(f"{cluster}|{key}|{neighbour.name}" for key in ("app", "node"))
    return Neighbour(neighbour.name, tokens, neighbour.words)
