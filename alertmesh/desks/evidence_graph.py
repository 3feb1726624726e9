"""Draw the things of an incident, how they stand to each other, and who else may be hit."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from alertmesh.core.group import Cause
from alertmesh.core.incident import Member
from alertmesh.core.series import Series
from alertmesh.core.topology import EdgeKind
from alertmesh.correlate.attributes import Part, Profile
from alertmesh.correlate.graph import Link
from alertmesh.correlate.relation_graph import Relation

MOST_THINGS = 60
MOST_AROUND = 60
HOPS = 2
_MOST_SERIES = 2_000
_MOST_RELATIONS = 20
_LOOKUPS = 2_000
_LIES_IN = "lies_in"
_HURTS_FIRST = frozenset({EdgeKind.CALLS, EdgeKind.RUNS_ON, EdgeKind.OWNS, _LIES_IN})
"""Kinds of edge from `a` to `b` on which trouble of `b` reaches `a`."""

Links = Callable[[str, str], Iterable[Link]]
Key = tuple[str, str]


class Node(Struct, frozen=True, kw_only=True):
    """A thing: alerting with its series, or only near to those that do.

    `id` names it in the edges. `hop` is 0 for what alerts, else how many steps trouble has to go to reach it.
    `firing` and `ended` count series, `priority` is the worst of those that fire, else of all; empty for what
    does not alert. `root` is how likely it is the root, null for what is no candidate.
    """

    id: str
    kind: str
    name: str
    cluster: str
    namespace: str
    hop: int
    firing: int = 0
    ended: int = 0
    priority: str = ""
    root: float | None = None
    began: datetime | None = None
    series: tuple[str, ...] = ()


class Arc(Struct, frozen=True, kw_only=True):
    """`a` stands to `b` as `kind` says; `spreads` tells which way trouble goes: to_a, to_b, or both.

    `inferred` says that nobody told of it: it was concluded from alerts.
    """

    a: str
    b: str
    kind: str
    inferred: bool
    spreads: str


class Follows(Struct, frozen=True, kw_only=True):
    """Alerts called `dst` follow those called `src`, as was learned: how likely, after how long."""

    src: str
    dst: str
    score: float
    lag_s: float


class Picture(Struct, frozen=True, kw_only=True):
    """The graph of an incident.

    `left_out` counts things that alert, `around_left_out` things around them, which found no room.
    """

    nodes: list[Node]
    edges: list[Arc]
    relations: list[Follows]
    left_out: int
    around_left_out: int


class _Thing(Struct):
    """What is gathered of one thing."""

    key: Key
    kind: str
    namespace: str
    series: list[Series]
    owns: set[str]
    places: set[tuple[str, str]]
    names: set[str]
    root: float | None = None


def draw(
    members: Sequence[Member],
    causes: Sequence[Cause],
    profile: Callable[[Series], Profile],
    links: Links,
    relations: Iterable[Relation],
) -> Picture:
    """Return the graph of an incident; `links` tells what the topology knows around a thing."""
    things = _gathered(members, profile)
    _rate(things, causes)
    shown = sorted(things.values(), key=_rank)[:MOST_THINGS]
    inside = {thing.key for thing in shown}
    names = {(thing.key[0], name): thing.key for thing in shown for name in sorted(thing.names)}
    walk = _Walk(links, names, frozenset(things))
    around, cut = walk.around(
        [thing.key for thing in shown if any(one.is_on for one in thing.series)]
        or [thing.key for thing in shown]
    )
    known = inside | set(around)
    arcs = {**_placements(shown), **walk.arcs(known)}
    left = _MOST_SERIES
    nodes = []
    for thing in shown:
        nodes.append(_node(thing, left))
        left -= len(nodes[-1].series)
    nodes += [_near(key, hop) for key, hop in around.items()]
    return Picture(
        nodes=nodes,
        edges=sorted(arcs.values(), key=lambda arc: (arc.a, arc.b, arc.kind)),
        relations=_follows(relations, {member.series.name for member in members}),
        left_out=len(things) - len(shown),
        around_left_out=cut,
    )


def _gathered(members: Iterable[Member], profile: Callable[[Series], Profile]) -> dict[Key, _Thing]:
    things: dict[Key, _Thing] = {}
    for member in members:
        series = member.series
        about = profile(series)
        key = (about.cluster, about.subject)
        thing = things.get(key)
        if thing is None:
            kind = "workload" if about.level == "pod" else about.level
            thing = things[key] = _Thing(key, kind, about.namespace, [], set(), set(), {about.subject})
        thing.series.append(series)
        for item in about.attributes:
            if item.part is Part.OWN:
                thing.owns.add(item.token)
                if item.key in ("app", "node"):
                    thing.names.add(item.value)
            elif item.part is Part.PLACE:
                thing.places.add((item.token, EdgeKind.RUNS_ON if item.key == "node" else _LIES_IN))
    return things


def _rate(things: Mapping[Key, _Thing], causes: Iterable[Cause]) -> None:
    """Give each thing that is a candidate for the root its score."""
    by_series = {one.id: thing for thing in things.values() for one in thing.series}
    by_name = {name: thing for thing in things.values() for name in sorted(thing.names)}
    for cause in causes:
        thing = by_name.get(cause.entity) or by_series.get(cause.series)
        if thing is not None:
            thing.root = max(cause.score, thing.root or 0.0)


def _rank(thing: _Thing) -> tuple[float, int, int, int, Key]:
    worst = min(one.priority for one in thing.series)
    firing = sum(one.is_on for one in thing.series)
    return (-(thing.root or 0.0), 0 if firing else 1, worst, -len(thing.series), thing.key)


def _placements(shown: Sequence[_Thing]) -> dict[tuple[str, str, str], Arc]:
    """Return what lies on what, as the labels of the alerts say."""
    owners = {token: thing for thing in shown for token in sorted(thing.owns)}
    found = {}
    for thing in shown:
        for token, kind in sorted(thing.places):
            place = owners.get(token)
            if place is not None and place is not thing:
                arc = _arc(thing.key, place.key, kind, inferred=False)
                found[arc.a, arc.b, arc.kind] = arc
    return found


class _Walk:
    """Go through the topology from what alerts; `names` lead to the things of the incident."""

    def __init__(self, links: Links, names: Mapping[Key, Key], alerting: frozenset[Key]) -> None:
        self._links = links
        self._names = names
        self._alerting = alerting
        self._left = _LOOKUPS
        self._seen: dict[Key, list[tuple[Link, Key]]] = {}

    def around(self, start: Sequence[Key]) -> tuple[dict[Key, int], int]:
        """Return who may be hit from these things, with the number of steps, and how many had no room."""
        found: dict[Key, int] = {}
        edge = list(start)
        passed = set(start)
        cut = 0
        for hop in range(1, HOPS + 1):
            hit: dict[Key, bool] = {}
            for key in edge:
                for link, other in self._near(key):
                    if _harms(link) and other not in passed and other not in self._alerting:
                        hit[other] = hit.get(other, True) and link.inferred
            ranked = sorted(hit, key=lambda key: (hit[key], key))
            room = MOST_AROUND - len(found)
            found.update(dict.fromkeys(ranked[:room], hop))
            cut += max(0, len(ranked) - room)
            passed.update(ranked)
            edge = ranked[:room]
        return found, cut

    def arcs(self, known: set[Key]) -> dict[tuple[str, str, str], Arc]:
        """Return the edges among these things."""
        found: dict[tuple[str, str, str], Arc] = {}
        for key in sorted(known):
            for link, other in self._near(key):
                if other in known and other != key:
                    a, b = (key, other) if link.forward else (other, key)
                    arc = _arc(a, b, link.kind, link.inferred)
                    before = found.get((arc.a, arc.b, arc.kind))
                    if before is None or before.inferred:
                        found[arc.a, arc.b, arc.kind] = arc
        return found

    def _near(self, key: Key) -> list[tuple[Link, Key]]:
        """Return what stands next to a thing; a pod is taken for what owns it."""
        if key not in self._seen:
            self._seen[key] = list(self._looked(key))
        return self._seen[key]

    def _looked(self, key: Key) -> Iterator[tuple[Link, Key]]:
        cluster = key[0]
        for name in [key[1], *sorted(name for (_, name), thing in self._names.items() if thing == key)]:
            for link in self._look(cluster, name):
                other = self._owner(cluster, link.name) if "/" in link.name else link.name
                yield link, self._names.get((cluster, other), (cluster, other))

    def _owner(self, cluster: str, pod: str) -> str:
        owned = (link for link in self._look(cluster, pod) if link.kind == EdgeKind.OWNS and not link.forward)
        return next((link.name for link in owned), pod)

    def _look(self, cluster: str, name: str) -> Iterable[Link]:
        self._left -= 1
        return self._links(cluster, name) if self._left >= 0 else ()


def _harms(link: Link) -> bool:
    """Tell whether trouble goes along a link away from the thing that was asked."""
    return link.kind in _HURTS_FIRST and not link.forward


def _arc(a: Key, b: Key, kind: str, inferred: bool) -> Arc:
    spreads = "to_a" if kind in _HURTS_FIRST else "both"
    return Arc(a=_id(a), b=_id(b), kind=str(kind), inferred=inferred, spreads=spreads)


def _id(key: Key) -> str:
    return "/".join(part for part in key if part)


def _node(thing: _Thing, most: int) -> Node:
    on = [one for one in thing.series if one.is_on]
    return Node(
        id=_id(thing.key),
        kind=thing.kind,
        name=thing.key[1],
        cluster=thing.key[0],
        namespace=thing.namespace,
        hop=0,
        firing=len(on),
        ended=len(thing.series) - len(on),
        priority=min(one.priority for one in on or thing.series).name,
        root=thing.root,
        began=min(one.opened_at for one in on or thing.series),
        series=tuple(one.id for one in thing.series[:most]),
    )


def _near(key: Key, hop: int) -> Node:
    kind = "pod" if "/" in key[1] else "unknown"
    namespace, _, name = key[1].rpartition("/")
    return Node(id=_id(key), kind=kind, name=name, cluster=key[0], namespace=namespace, hop=hop)


def _follows(relations: Iterable[Relation], names: set[str]) -> list[Follows]:
    """Return what was learned of the kinds of alerts that an incident has, the surest first."""
    if len(names) < 2:
        return []
    found = [one for one in relations if one.src in names and one.dst in names]
    found.sort(key=lambda one: (-one.score, one.src, one.dst))
    return [
        Follows(src=one.src, dst=one.dst, score=one.score, lag_s=one.lag_s) for one in found[:_MOST_RELATIONS]
    ]
