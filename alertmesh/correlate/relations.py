"""Learn which kind of alert comes with which other, how long after it, how much beyond chance."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from math import log
from typing import Any

from msgspec import Struct

from alertmesh.core.records import Records
from alertmesh.correlate.relation_counts import CHANCE, MET, REACH_S, STRIDE, Counts, KindCount
from alertmesh.correlate.relation_graph import Pair, Relation, graph
from alertmesh.correlate.relation_recent import Place, Places

__all__ = ["BESIDE", "OWN", "SCOPE", "Relation", "RelationSettings", "Relations"]

OWN, BESIDE, SCOPE = 0, 1, 2
"""How far apart two alerts are: on the same thing, one step apart, or only in the same scope."""

_PRIOR = 0.5  # how many chance meetings the experience of all pairs is worth
_UNKNOWN_LIFT = 8.0  # while nothing was learnt at all
_UNKNOWN_MET = 0.25
_FADED = 0.01  # what came this seldom, as far as it is remembered, is drawn no more


class RelationSettings(Struct, frozen=True, kw_only=True):
    """Set how much is remembered and for how long.

    The same kind on the same thing within `again_s` is the same alert. A kind keeps about
    `max_partners`; the last `kinds_per_place` kinds of at most `max_places` places are looked at,
    of a neighbour `kinds_per_neighbour`, of the scope `kinds_per_scope`, and `max_neighbours` of a
    thing. What was learnt counts half after `half_life_days`; a kind is written at most every `save_s`.
    """

    again_s: float = 60.0
    half_life_days: float = 90.0
    save_s: float = 60.0
    max_kinds: int = 1_000
    max_partners: int = 64
    max_places: int = 20_000
    max_neighbours: int = 8
    kinds_per_place: int = 8
    kinds_per_neighbour: int = 2
    kinds_per_scope: int = 4


class Relations:
    """Learn from arrivals in the order of time; what came just before them is not kept over a restart.

    `dropped` counts kinds, partners and places forgotten because of a bound.
    """

    def __init__(self, settings: RelationSettings | None = None) -> None:
        self._settings = settings or RelationSettings()
        bounds = self._settings
        half_life_s = bounds.half_life_days * 86_400.0
        self._counts = Counts(half_life_s, bounds.save_s, bounds.max_kinds, bounds.max_partners)
        self._begin()

    @property
    def tables(self) -> tuple[Records[Any, Any], ...]:
        """Return the durable state."""
        return (self._counts.kinds, self._counts.lags)

    @property
    def dropped(self) -> int:
        """Return how much was forgotten because of a bound."""
        return self._counts.dropped + self._places.dropped + self._scopes.dropped

    def restored(self) -> None:
        """Rebuild what is kept in memory only, after the tables were restored."""
        self._counts.restored()
        self._begin()

    def jump(self, by: timedelta) -> None:
        """Let what was counted stay as long ago as it was; call `restored` after it."""
        self._counts.jump(by)

    def observe(self, kind: str, scope: str, entities: tuple[str, ...], at: datetime) -> None:
        """Take the arrival of a kind; `entities` are tokens: the thing itself, then what is one step away.

        What lies one step away need not name this thing in its turn. An empty scope is none.
        """
        moment = at.timestamp()
        here = self._places.visit(entities[0]) if entities else None
        before = here.own.last(kind) if here is not None else float("-inf")
        if moment - before < self._settings.again_s:
            return
        row = self._counts.arrived(kind, moment)
        if here is not None:
            self._meet_there(row, kind, here, entities, moment)
        if scope:
            self._meet_in_scope(row, kind, scope, here, moment)

    def affinity(self, src: str, dst: str, hop: int) -> tuple[float, float]:
        """Return how telling it is that two kinds come within a minute at `hop`, and how often they did.

        The first is the logarithm of their lift over chance; of pairs that hardly met it is what
        all pairs at that hop have. The order of the two makes no difference.
        """
        met, by_chance = self._met(src, dst, hop)
        if src != dst:
            back, chance = self._met(dst, src, hop)
            met += back
            by_chance += chance
        total = self._counts.total(hop)
        usual = (total[MET] + _UNKNOWN_LIFT * _UNKNOWN_MET) / (total[CHANCE] + _UNKNOWN_MET)
        return log((met + _PRIOR * usual) / (by_chance + _PRIOR)), met

    def edges(self) -> list[Relation]:
        """Return which kind follows which, the surest first."""
        return self.drawing()()

    def drawing(self) -> Callable[[], list[Relation]]:
        """Return what draws the edges as they are now: it may take seconds, in any thread."""
        kinds = self._counts.kinds
        sizes = {kind: kinds[kind].count * self._counts.left(kinds[kind]) for kind in sorted(kinds)}
        sizes = {kind: size for kind, size in sizes.items() if size > _FADED}
        pairs: dict[tuple[str, str], Pair] = {}
        for dst in sizes:
            row = kinds[dst]
            left = self._counts.left(row)
            for src, counts in sorted(row.partners.items()):
                if src != dst and src in sizes:
                    faded = [value * left for value in counts]
                    pairs[src, dst] = Pair(src, dst, faded[:STRIDE], faded[STRIDE : 2 * STRIDE])
        return partial(graph, sizes, pairs)

    def _begin(self) -> None:
        bounds = self._settings
        self._places = Places(bounds.max_places, bounds.kinds_per_place)
        self._scopes = Places(bounds.max_places, bounds.kinds_per_scope)

    def _met(self, src: str, dst: str, hop: int) -> tuple[float, float]:
        row = self._counts.kinds.get(dst)
        counts = row.partners.get(src) if row is not None else None
        if counts is None:
            return 0.0, 0.0
        first = hop * STRIDE
        return counts[first + MET], counts[first + CHANCE]

    def _meet_there(
        self, row: KindCount, kind: str, here: Place, entities: tuple[str, ...], at: float
    ) -> None:
        """Count what came on the thing and beside it since this kind last came to it.

        What was there at that time was counted then; so each pair is one of neighbours in time.
        """
        bounds, counts, own = self._settings, self._counts, here.own
        since = max(own.last(kind), at - REACH_S)
        lately = own.since(since, bounds.kinds_per_place, kind)
        visit = own.note(kind, at)
        if lately:
            counts.met(row, OWN, lately, visit)
        near = dict(here.beside.since(since, bounds.kinds_per_place, ""))
        for token in entities[1 : 1 + bounds.max_neighbours]:
            place = self._places.at(token)
            if len(near) < bounds.kinds_per_place:
                for other, last in place.own.since(since, bounds.kinds_per_neighbour, ""):
                    if other not in near or last[0] > near[other][0]:
                        near[other] = last
            place.beside.note(kind, at)
        if near:
            counts.met(row, BESIDE, near.items(), visit)

    def _meet_in_scope(self, row: KindCount, kind: str, scope: str, here: Place | None, at: float) -> None:
        """Count what came elsewhere in the scope since this kind last came to it."""
        visits = self._scopes.visit(scope).own
        found = visits.since(max(visits.last(kind), at - REACH_S), self._settings.kinds_per_scope, kind)
        if here is not None:
            found = [item for item in found if here.own.last(item[0]) < item[1][0]]
        visit = visits.note(kind, at)
        if found:
            self._counts.met(row, SCOPE, found, visit)
