"""Count how often a kind of alert came after another, how far away and how much later; counts fade."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.records import Records

LAGS = (0.0, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0)
"""The longest lag of each class, in seconds; the first holds what came in the same second."""

WIDTHS = (1.0, 1.0, 4.0, 10.0, 45.0, 240.0, 600.0)
"""How many seconds each class of lags spans."""

NEAR_S = 60.0
"""Within this many seconds two alerts count as having come together."""

REACH_S = LAGS[-1]

NEAR = LAGS.index(NEAR_S) + 1
MET = len(LAGS)
CHANCE = MET + 1
STRIDE = CHANCE + 1
HOPS = 3

Visit = tuple[float, float]
"""When a kind last came somewhere, and how long after the time before."""
_SPARE = 1.5  # a kind may have this many times its partners before the weakest are forgotten,
_REST = 32.0  # and has to come this often again before that is done once more
_STEPS = 64.0  # a row fades in this many steps a half-life


class KindCount(Struct, array_like=True, gc=False):
    """How often a kind came, and after which others; `at` is the moment up to which it has faded.

    For each partner and hop there are the counts by class of lag, then how many came within
    `NEAR_S`, then how many would have by chance. `rest` arrivals are left until partners may be
    exchanged again.
    """

    count: float
    at: float
    partners: dict[str, list[float]]
    rest: float = 0.0


class LagCount(Struct, array_like=True):
    """The same counts over all pairs at one hop."""

    at: float
    bins: list[float]


class Counts:
    """Hold a row for each kind, each with its most frequent partners; `dropped` counts those forgotten."""

    def __init__(self, half_life_s: float, save_s: float, max_kinds: int, max_partners: int) -> None:
        self.kinds = Records[str, KindCount]("correlate_relation", KindCount, self._settle)
        self.lags = Records[str, LagCount]("correlate_relation_lag", LagCount)
        self.dropped = 0
        self.now = 0.0
        self._half_life = half_life_s
        self._save_s = save_s
        self._max_kinds = max_kinds
        self._max_partners = max_partners
        self._room = int(max_partners * _SPARE)
        self._touched: dict[str, float] = {}
        self._totals: list[LagCount] = []
        self.restored()

    def restored(self) -> None:
        """Rebuild what is kept in memory only."""
        self._touched.clear()
        empty = [LagCount(0.0, [0.0] * STRIDE) for _ in range(HOPS)]
        self._totals = [self.lags.get(str(hop)) or empty[hop] for hop in range(HOPS)]
        self.now = max((row.at for row in self.kinds.values()), default=0.0)

    def jump(self, by: timedelta) -> None:
        """Let the counts have faded up to a moment that is later by `by`; call `restored` after it."""
        by_s = by.total_seconds()
        self.kinds.rewrite(lambda row: replace(row, at=row.at + by_s))
        self.lags.rewrite(lambda row: replace(row, at=row.at and row.at + by_s))

    def total(self, hop: int) -> list[float]:
        """Return the counts over all pairs at a hop."""
        return self._totals[hop].bins

    def arrived(self, kind: str, at: float) -> KindCount:
        """Count an arrival of a kind; return its row, faded up to now."""
        self.now = max(self.now, at)
        row = self.kinds.get(kind)
        if row is None:
            row = self._new(kind, at)
        elif at - row.at > self._half_life / _STEPS:
            self._fade(row, at)
        row.count += 1.0
        row.rest -= 1.0
        if kind not in self._touched:
            self._touched[kind] = at
        return row

    def met(self, row: KindCount, hop: int, partners: Iterable[tuple[str, Visit]], visit: Visit) -> None:
        """Count that the kind of a row came, by its own visit, after each partner's.

        When either of them comes every few minutes, they would have met within `NEAR_S` by chance.
        """
        at, usual = visit
        total = self._totals[hop].bins
        first = hop * STRIDE
        known = row.partners
        for kind, (then, gap) in partners:
            counts = known.get(kind)
            if counts is None:
                if len(known) >= self._room and not self._prune(row):
                    continue
                counts = known[kind] = [0.0] * (STRIDE * HOPS)
            lag = at - then
            lag_class = bisect_left(LAGS, lag) if lag > 0.0 else 0
            gap = gap if gap > lag else lag
            gap = gap if gap < usual else usual
            chance = NEAR_S / gap if gap > NEAR_S else 1.0
            counts[first + lag_class] += 1.0
            counts[first + CHANCE] += chance
            total[lag_class] += 1.0
            total[CHANCE] += chance
            if lag_class < NEAR:
                counts[first + MET] += 1.0
                total[MET] += 1.0

    def left(self, row: KindCount) -> float:
        """Return what is left of the counts of a row now."""
        return float(0.5 ** (max(0.0, self.now - row.at) / self._half_life))

    def _new(self, kind: str, at: float) -> KindCount:
        if len(self.kinds) >= self._max_kinds:
            self._forget()
        row = KindCount(0.0, at, {})
        self.kinds.put(kind, row)
        if not len(self.lags):
            self._put_totals()
        return row

    def _fade(self, row: KindCount, at: float) -> None:
        keep = 0.5 ** ((at - row.at) / self._half_life)
        row.count *= keep
        row.partners = {kind: [value * keep for value in counts] for kind, counts in row.partners.items()}
        row.at = at
        for total in self._totals:
            if at - total.at > self._half_life / _STEPS:
                keep = 0.5 ** ((at - total.at) / self._half_life) if total.at else 1.0
                total.bins[:] = [value * keep for value in total.bins]
                total.at = at

    def _prune(self, row: KindCount) -> bool:
        """Make room for new partners, unless that was done a moment ago; tell whether there is room."""
        if row.rest > 0.0:
            self.dropped += 1
            return False
        weakest = sorted((_worth(counts), kind) for kind, counts in row.partners.items())
        for _, kind in weakest[: max(1, len(weakest) - self._max_partners)]:
            del row.partners[kind]
            self.dropped += 1
        row.rest = _REST
        return True

    def _forget(self) -> None:
        """Forget a tenth of the kinds: those that hardly come any more."""
        worth = {kind: self.kinds[kind].count * self.left(self.kinds[kind]) for kind in self.kinds}
        for kind in sorted(worth, key=lambda kind: (worth[kind], kind))[: max(1, self._max_kinds // 10)]:
            self.kinds.drop(kind)
            self._touched.pop(kind, None)
            self.dropped += 1

    def _settle(self) -> None:
        """Put the rows that changed, each at most once in `save_s`: what is learnt grows slowly."""
        due = [kind for kind, since in self._touched.items() if self.now - since >= self._save_s]
        for kind in due:
            del self._touched[kind]
            self.kinds.put(kind, self.kinds[kind])
        if due:
            self._put_totals()

    def _put_totals(self) -> None:
        for hop, total in enumerate(self._totals):
            self.lags.put(str(hop), total)


def _worth(counts: list[float]) -> tuple[float, float]:
    """Return how often a pair came together, at whatever hop, and how often it was seen at all."""
    return sum(counts[MET::STRIDE]), sum(counts)
