"""See a group as the search for its root does: what each thing in it tells, and who calls whom."""

from collections.abc import Callable, Collection, Iterable, Sequence
from heapq import nsmallest

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.correlate.attributes import Part, Profile
from alertmesh.correlate.live import Belonging, Live
from alertmesh.correlate.root_words import Kind, Reader
from alertmesh.correlate.topology import Topology

MOST_THINGS = 40
_MOST_TOLD = 384
_MOST_AROUND = 16
_MOST_NAMELESS, _MOST_WORDS = 32, 12
_BADNESS = {1: 1.0, 2: 0.8, 3: 0.5, 4: 0.25}


class Told(Struct, frozen=True, kw_only=True, gc=False):
    """One series of the group: what `entity` tells, how bad (`weight` in 0..1) and since when in seconds.

    `aliases` are other names of the same thing, `peers` the things it calls by its labels, `places`
    what it lies on.
    """

    series: str
    entity: str
    level: str
    name: str
    kind: Kind
    weight: float = 1.0
    onset: float = 0.0
    outward: bool = False
    aliases: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


class Changed(Struct, frozen=True, gc=False):
    """A change made to a thing `before_s` seconds before the group began: a release, a new setting."""

    entity: str
    before_s: float


class Link(Struct, frozen=True, gc=False):
    """A learned relation between two series of the group: `cause` led to `effect`, as sure as `weight`."""

    cause: str
    effect: str
    weight: float


class View(Struct, frozen=True, kw_only=True, gc=False):
    """What is known of a group when its root is looked for; `calls` are pairs of caller and callee.

    `size` is the number of series in the group, of which `told` may hold only the first.
    """

    told: tuple[Told, ...]
    calls: tuple[tuple[str, str], ...] = ()
    changes: tuple[Changed, ...] = ()
    links: tuple[Link, ...] = ()
    size: int = 0


def view_of(live: Live, topology: Topology, places: Collection[str], reader: Reader) -> View:
    """Return the view of an open group; of a very large one only its first series are looked at."""
    members: Iterable[tuple[str, Belonging]] = live.members.items()
    if len(live.members) > _MOST_TOLD:
        members = nsmallest(_MOST_TOLD, members, key=lambda item: (item[1].joined_at, item[0]))
    known = _Known(live.standing.cluster, topology, places)
    began = live.standing.opened_at
    told = []
    for series, one in members:
        about = known.about(one.profile)
        said = reader.read(one.name)
        told.append(
            Told(
                series=series,
                entity=about.entity,
                level=one.profile.level,
                name=one.name,
                kind=said.kind,
                weight=_BADNESS[one.priority],
                onset=(one.joined_at - began).total_seconds(),
                outward=said.outward,
                aliases=about.aliases,
                peers=about.peers,
                places=about.places,
            )
        )
    placed = put_to_things(told, reader, known.is_known)
    return View(told=placed, calls=known.calls(placed), size=len(live.members))


def put_to_things(told: Sequence[Told], reader: Reader, is_known: Callable[[str], bool]) -> tuple[Told, ...]:
    """Give series that name what they are about in their text only to that thing.

    A thing is one that others in the group tell of or call, or else one that `is_known`; its name
    does not count when the kind of trouble is read.
    """
    nameless = sorted({one.name for one in told if one.level == "unknown"})[:_MOST_NAMELESS]
    if not nameless:
        return tuple(told)
    things = {one.entity for one in told if one.level != "unknown"}
    things.update(peer for one in told for peer in one.peers)
    found = {name: _mentioned(name, things, is_known) for name in nameless}
    return tuple(
        _given(one, found[one.name], reader) if one.level == "unknown" and found.get(one.name) else one
        for one in told
    )


def _mentioned(text: str, things: Collection[str], is_known: Callable[[str], bool]) -> str:
    words = text.split()[:_MOST_WORDS]
    spans = [(i, j) for i in range(len(words)) for j in range(i + 1, len(words) + 1)]
    named = [" ".join(words[i:j]) for i, j in sorted(spans, key=lambda span: span[0] - span[1])]
    first = next((name for name in named if name in things), "")
    return first or next((name for name in named if is_known(name)), "")


def _given(one: Told, thing: str, reader: Reader) -> Told:
    said = reader.read(one.name.replace(thing, " "))
    return replace(one, entity=thing, level="service", kind=said.kind, outward=said.outward)


class _About(Struct, frozen=True, gc=False):
    """What a profile is about, the other names of that, what it calls and where it lies."""

    entity: str
    aliases: tuple[str, ...]
    peers: tuple[str, ...]
    places: tuple[str, ...]


class _Known:
    """What the topology knows of the things of one cluster."""

    def __init__(self, cluster: str, topology: Topology, places: Collection[str]) -> None:
        self._cluster = cluster
        self._topology = topology
        self._places = places
        self._names = frozenset(("app", "node", *places))
        self._abouts: dict[int, _About] = {}

    def is_known(self, name: str) -> bool:
        """Tell whether the topology knows a thing of that name."""
        return bool(self._topology.neighbours(self._cluster, name))

    def about(self, profile: Profile) -> _About:
        """Return what a profile is about."""
        # Equal profiles are shared, so that one object stands for many series.
        known = self._abouts.get(id(profile))
        if known is None:
            known = self._abouts[id(profile)] = self._read(profile)
        return known

    def calls(self, told: Sequence[Told]) -> tuple[tuple[str, str], ...]:
        """Return the calls to and from the things that tell most, a bounded number of each."""
        counts: dict[str, float] = {}
        for one in told:
            for name in (one.entity, *one.aliases, *one.peers):
                counts[name] = counts.get(name, 0.0) + one.weight
        largest = sorted(counts, key=lambda name: (-counts[name], name))[:MOST_THINGS]
        found: dict[tuple[str, str], None] = {}
        for name in largest:
            for callee in self._topology.callees(self._cluster, name)[:_MOST_AROUND]:
                found[name, callee] = None
            for caller in self._topology.callers(self._cluster, name)[:_MOST_AROUND]:
                found[caller, name] = None
        return tuple(found)

    def _read(self, profile: Profile) -> _About:
        own, peers = [profile.subject], []
        places = [profile.node] if profile.node and profile.node != profile.subject else []
        for item in profile.attributes:
            if item.part is Part.PEER:
                peers.append(item.value)
            elif item.part is Part.OWN and item.value not in own and item.key in self._names:
                own.append(item.value)
            elif item.part is Part.PLACE and item.key in self._places and item.value not in own:
                places.append(item.value)
        entity = own[0]
        if len(own) > 1:
            entity = next((name for name in own if self.is_known(name)), entity)
            own = [name for name in own if name != entity]
        return _About(entity, tuple(own) if own[0] != entity else (), tuple(peers), tuple(places))
