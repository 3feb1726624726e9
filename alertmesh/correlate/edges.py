"""Keep the edges that are learned or imported: durable, bounded, and forgotten in time."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush

from msgspec.structs import replace

from alertmesh.core.entries import TopologySet
from alertmesh.core.errors import BadCommand
from alertmesh.core.records import Records
from alertmesh.core.topology import LEARNED, MOST_CHARS, RESERVED, Edge, EdgeKind, KnownEdge
from alertmesh.correlate.graph import Graph, is_minor
from alertmesh.correlate.topologysettings import TopologySettings

_LABELS, _INFERRED = "labels", "inferred"
_FRESH = 0.125  # an edge is not written again before this part of its life is over
_OF_PODS = (EdgeKind.OWNS, EdgeKind.RUNS_ON)
_SEPARATOR = "\x1f"
_SLACK = 64
_NEVER = datetime.max.replace(tzinfo=UTC)
_HOUR = timedelta(hours=1)


class EdgeBook:
    """The table of edges, and the graph kept in step with it.

    `table` is the durable state; `dropped` counts learned edges that had to make room, `forgotten`
    all that labels had told and that are known no more.
    """

    def __init__(self, settings: TopologySettings, graph: Graph) -> None:
        self.settings = settings
        self.table = Records[str, KnownEdge]("correlate_edge", KnownEdge)
        self.dropped = 0
        self.forgotten = 0
        self._graph = graph
        self._imported: dict[str, set[str]] = {}
        self._learned: set[str] = set()
        self._ends: dict[tuple[str, str], set[str]] = {}  # learned edges by what they touch
        self._fresh: dict[Edge, datetime] = {}  # until when what labels told need not be written again
        self._nodes: dict[tuple[str, str], str] = {}
        self._owners: dict[tuple[str, str], str] = {}
        self._due: list[tuple[datetime, str]] = []

    def restored(self) -> None:
        """Rebuild what is kept in memory only, after the table was restored."""
        indexes = (self._imported, self._learned, self._ends, self._due)
        for index in (*indexes, self._fresh, self._nodes, self._owners):
            index.clear()
        for key in self.table:
            self._note(key, self.table[key])

    def jump(self, by: timedelta) -> None:
        """Let what was told stay as long ago as it was, and be forgotten as much later."""
        self.table.rewrite(
            lambda one: replace(one, seen=one.seen and one.seen + by, until=one.until and one.until + by)
        )

    def learn(self, edges: Iterable[Edge], at: datetime) -> datetime:
        """Take edges that labels spell out; return until when they need not be told again."""
        until = _NEVER
        for edge in edges:
            fresh = self._fresh.get(edge)
            if fresh is None or at >= fresh:
                placement = edge.kind in _OF_PODS
                life = self.settings.placement_age_s if placement else self.settings.edge_age_s
                self._learn(KnownEdge(edge, _LABELS, at, at + timedelta(seconds=life)))
            until = min(until, self._fresh.get(edge, until))
        return until

    def infer(self, edge: Edge, words: str, at: datetime) -> None:
        """Take an edge that was concluded from alerts, in words that say from which."""
        until = at + timedelta(seconds=self.settings.edge_age_s)
        self._learn(KnownEdge(edge, _INFERRED, at, until, inferred=True, words=words))

    def unlearn(self, edge: Edge) -> None:
        """Take back what labels told of an edge; nothing happens when they told nothing."""
        self._forget(_key(_LABELS, edge))

    def uninfer(self, edge: Edge) -> None:
        """Take back an edge that was concluded; nothing happens when it was not."""
        self._forget(_key(_INFERRED, edge))

    def is_inferred(self, edge: Edge) -> bool:
        """Tell whether an edge was concluded from alerts."""
        return _key(_INFERRED, edge) in self.table

    def placed(self, cluster: str, pod: str) -> tuple[str, str]:
        """Return the node and the workload that labels told of a pod; empty where they told nothing."""
        key = (cluster, pod)
        return self._nodes.get(key, ""), self._owners.get(key, "")

    def tell(self, entry: TopologySet) -> None:
        """Take an import: in place of what its source told before, or beside it when it adds.

        BadCommand when the source may not be written or there is no room; then nothing changes.
        """
        if entry.source in RESERVED or not entry.source:
            raise BadCommand(f"{entry.source!r} is not a source that can be imported")
        told = {_key(entry.source, edge): edge for edge in entry.edges}
        before = self._imported.get(entry.source, set())
        after = before | told.keys() if entry.adds else told.keys()
        total = sum(map(len, self._imported.values())) - len(before) + len(after)
        if total > self.settings.max_told:
            raise BadCommand(
                f"that would be {total} imported edges; max_told allows {self.settings.max_told}"
            )
        for key in sorted(before - after):
            self._forget(key)
        until = None if entry.ttl_s is None else entry.at + timedelta(seconds=entry.ttl_s)
        for key, edge in told.items():
            known = self.table.get(key)
            # What stays for ever need not be written again each time that it is told.
            if known is None or known.until is not None or until is not None:
                self._put(key, KnownEdge(edge, entry.source, entry.at, until))
            elif known.seen is None or entry.at - known.seen >= _HOUR:
                self._put(key, replace(known, seen=entry.at))

    def age(self, at: datetime) -> None:
        """Forget what was not told again in time."""
        due = self._due
        while due and due[0][0] <= at:
            until, key = heappop(due)
            known = self.table.get(key)
            if known is not None and known.until == until:
                self._forget(key)

    def _learn(self, known: KnownEdge) -> None:
        edge = known.edge
        if not _is_sound(edge):
            return
        key = _key(known.source, edge)
        before = self.table.get(key)
        if before is not None and before.words == known.words and _is_fresh(before, known):
            return
        if before is not None and before.until and known.until and before.until > known.until:
            known = replace(known, seen=before.seen, until=before.until)
        self._put(key, known)
        if before is None:
            self._make_room(edge)

    def _make_room(self, edge: Edge) -> None:
        settings = self.settings
        for name in (edge.a, edge.b):
            touching = self._ends.get((edge.cluster, name), set())
            while len(touching) > settings.max_per_thing:
                self._give_up(min(touching, key=self._order))
        while len(self._learned) > settings.max_learned:
            self._give_up(self._soonest())

    def _soonest(self) -> str:
        """Return the learned edge that would be forgotten first."""
        kept: list[tuple[datetime, str]] = []
        while True:
            until, key = heappop(self._due)
            known = self.table.get(key)
            if known is None or known.until != until:
                continue
            if key in self._learned:
                for item in kept:
                    heappush(self._due, item)
                return key
            kept.append((until, key))

    def _give_up(self, key: str) -> None:
        self._forget(key)
        self.dropped += 1

    def _order(self, key: str) -> tuple[datetime, str]:
        until = self.table[key].until
        assert until is not None  # noqa: S101  # learned edges end
        return until, key

    def _put(self, key: str, known: KnownEdge) -> None:
        if self.table.get(key) == known:
            return
        self.table.put(key, known)
        self._note(key, known)

    def _note(self, key: str, known: KnownEdge) -> None:
        if known.source in LEARNED:
            self._learned.add(key)
            self._note_learned(key, known)
        else:
            self._imported.setdefault(known.source, set()).add(key)
        self._graph.add(known)
        if known.until is not None:
            heappush(self._due, (known.until, key))
            if len(self._due) > 2 * len(self.table) + _SLACK:
                self._due = [(one.until, name) for name in self.table if (one := self.table[name]).until]
                heapify(self._due)

    def _note_learned(self, key: str, known: KnownEdge) -> None:
        edge = known.edge
        for name in _crowded(known):
            self._ends.setdefault((edge.cluster, name), set()).add(key)
        if known.source == _LABELS and known.seen is not None and known.until is not None:
            self._fresh[edge] = known.seen + (known.until - known.seen) * _FRESH
            if edge.kind == EdgeKind.RUNS_ON:
                self._nodes[edge.cluster, edge.a] = edge.b
            elif edge.kind == EdgeKind.OWNS:
                self._owners[edge.cluster, edge.b] = edge.a

    def _forget_learned(self, key: str, known: KnownEdge) -> None:
        edge = known.edge
        for name in _crowded(known):
            self._leave(edge.cluster, name, key)
        if known.source == _LABELS:
            self.forgotten += 1
            self._fresh.pop(edge, None)
            places, ends = (
                (self._nodes, (edge.a, edge.b))
                if edge.kind == EdgeKind.RUNS_ON
                else (self._owners, (edge.b, edge.a))
            )
            if places.get((edge.cluster, ends[0])) == ends[1]:
                del places[edge.cluster, ends[0]]

    def _forget(self, key: str) -> None:
        known = self.table.get(key)
        if known is None:
            return
        self.table.drop(key)
        self._graph.remove(known.edge, known.source)
        if known.source in LEARNED:
            self._learned.discard(key)
            self._forget_learned(key, known)
        else:
            told = self._imported[known.source]
            told.discard(key)
            if not told:
                del self._imported[known.source]

    def _leave(self, cluster: str, name: str, key: str) -> None:
        touching = self._ends.get((cluster, name))
        if touching is not None:
            touching.discard(key)
            if not touching:
                del self._ends[cluster, name]


def _crowded(known: KnownEdge) -> tuple[str, ...]:
    """Return the ends of a learned edge that may have many: a pod has one node and one owner."""
    edge = known.edge
    if not is_minor(known):
        return edge.a, edge.b
    return (edge.b,) if edge.kind == EdgeKind.RUNS_ON else (edge.a,)


def _key(source: str, edge: Edge) -> str:
    return _SEPARATOR.join((source, edge.cluster, edge.kind, edge.a, edge.b))


def _is_sound(edge: Edge) -> bool:
    """Tell whether a learned edge is worth keeping: two names, none of them endless or odd."""
    texts = (edge.a, edge.b, edge.cluster)
    odd = any(len(text) > MOST_CHARS or _SEPARATOR in text for text in texts)
    return bool(edge.a and edge.b) and edge.a != edge.b and not odd


def _is_fresh(before: KnownEdge, now: KnownEdge) -> bool:
    if before.seen is None or before.until is None or now.seen is None:
        return False
    return now.seen - before.seen < (before.until - before.seen) * _FRESH
