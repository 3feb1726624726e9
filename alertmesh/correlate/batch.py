"""Look at everything that is active at once, and propose what of it is one trouble, or two.

A series is placed when it comes, by what is known then. Here the whole window is clustered again by
what is known of every pair by now; where the clusters contradict the groups, a merge or a split is
proposed. It runs in a worker: nothing here touches the stage.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import exp, expm1, log, log1p
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from alertmesh.core.regrouping import Regrouping, RegroupKind, Term
from alertmesh.correlate.batch_pairs import Matrix, Pairs, PairWeights, weighed
from alertmesh.correlate.batch_window import Item, Window
from alertmesh.correlate.batchsettings import BatchSettings

Places = NDArray[np.int64]

_APART = 0.6  # clusters are no further apart than this
_MANY = 12  # more series than this make nothing surer: of larger groups too few were learned from
_MOST_HELD = 0.5  # a cluster speaks for a group when it holds more of it than this
_DEFAULT_PAIRS = PairWeights()


class SureWeights(Struct, frozen=True, kw_only=True):
    """How much each measure of a proposal adds to the log-odds that it is right.

    Learned by `benchmarks/batch.py`. Of the pairs across the two sides: `across` is the mean
    likelihood of one cause, `best` that of the likeliest of each series, `likeness` and `near` the
    means of what they share and of standing next to each other. `within` is the mean likelihood
    within the looser side; `gap` the time between the middles of both, `nearest` between their nearest
    beginnings, as logarithms of minutes; `usual` how often the more usual side came before, `habits`
    the difference; `held` the share of both that the cluster holds; `few` and `series` the sizes of
    the smaller side and of both, as logarithms, up to a dozen.
    """

    bias: float = 0.0
    across: float = 0.0
    best: float = 0.0
    within: float = 0.0
    gap: float = 0.0
    nearest: float = 0.0
    likeness: float = 0.0
    near: float = 0.0
    usual: float = 0.0
    habits: float = 0.0
    held: float = 0.0
    few: float = 0.0
    series: float = 0.0


MEASURES = SureWeights.__struct_fields__[1:]


class BatchWeights(Struct, frozen=True, kw_only=True):
    """Everything that was learned for the batch pass."""

    pairs: PairWeights = _DEFAULT_PAIRS
    merge: SureWeights = SureWeights(
        bias=-3.91,
        across=1.38,
        best=0.44,
        gap=-0.97,
        nearest=-0.38,
        usual=-0.19,
        few=0.38,
        series=1.25,
    )
    split: SureWeights = SureWeights(
        bias=2.45,
        across=-2.53,
        best=-1.52,
        within=0.67,
        likeness=-0.95,
        near=-0.24,
        habits=0.23,
        few=0.46,
        series=-0.98,
    )


SHIPPED = BatchWeights()


class Sides(NamedTuple):
    """Two sets of series, by their places in the block, that are one trouble or two."""

    kind: RegroupKind
    groups: tuple[int, ...]
    one: list[int]
    other: list[int]
    held: float


def propose(
    window: Window, settings: BatchSettings, weights: BatchWeights = SHIPPED
) -> tuple[Regrouping, ...]:
    """Return what should be merged and split, the surest first, whatever the order of items."""
    window.seen.turn()
    found = [
        proposal
        for block in blocks(window.items)
        for proposal in _looked(block, window, weights)
        if proposal.confidence >= settings.suggest
    ]
    found.sort(key=lambda proposal: (-proposal.confidence, proposal.kind, proposal.groups, proposal.series))
    return tuple(found[: settings.max_proposals])


def blocks(items: Sequence[Item]) -> list[list[Item]]:
    """Return the items by cluster; clusters that share a value of a global label are one block."""
    home: dict[str, str] = {}

    def root(name: str) -> str:
        while home.setdefault(name, name) != name:
            name = home[name]
        return name

    for item in items:
        for token, _ in item.shared:
            if token.startswith("|"):
                first, second = sorted((root(f"cluster {item.cluster}"), root(f"value {token}")))
                home[second] = first
    parts: dict[str, list[Item]] = {}
    for item in sorted(items, key=lambda item: (item.began, item.series)):
        parts.setdefault(root(f"cluster {item.cluster}"), []).append(item)
    return [parts[name] for name in sorted(parts)]


def confidence(kind: RegroupKind, measures: Sequence[float], weights: BatchWeights) -> float:
    """Return how sure a proposal is, by its measures in the order of `MEASURES`."""
    sure = weights.merge if kind is RegroupKind.MERGE else weights.split
    odds = sure.bias + sum(
        getattr(sure, name) * value for name, value in zip(MEASURES, measures, strict=True)
    )
    return round(1.0 / (1.0 + exp(-odds)), 4)


def _looked(block: Sequence[Item], window: Window, weights: BatchWeights) -> tuple[Regrouping, ...]:
    """Return what is proposed for a block, without another look if it is as it was the last time."""
    if not _is_worth_a_look(block):
        return ()
    if any(item.cleared is None for item in block):
        return tuple(_proposed(block, window, weights))  # what fires depends on the moment
    key = (tuple(block), window.affinity.between({item.kind for item in block}), weights)
    found = window.seen.get(key)
    if found is None:
        found = tuple(_proposed(block, window, weights))
        window.seen.put(key, found)
    return found


def _proposed(block: Sequence[Item], window: Window, weights: BatchWeights) -> Iterator[Regrouping]:
    for sides, measures in candidates(block, window, weights.pairs):
        leaving = sides.one if sides.kind is RegroupKind.SPLIT else [*sides.one, *sides.other]
        measured = dict(zip(MEASURES, measures, strict=True))
        yield Regrouping(
            kind=sides.kind,
            groups=sides.groups,
            series=tuple(sorted(block[place].series for place in leaving)),
            confidence=confidence(sides.kind, measures, weights),
            reason=_reason(sides, measured),
            terms=tuple(Term(name, round(value, 3)) for name, value in measured.items()),
        )


def _reason(sides: Sides, measured: dict[str, float]) -> str:
    """Put into words why two are one, or one is two."""
    one, other = len(sides.one), len(sides.other)
    likely, minutes = measured["across"], expm1(measured["gap"])
    if sides.kind is RegroupKind.MERGE:
        seconds = 60.0 * expm1(measured["nearest"])
        near = f", {measured['near']:.0%} of the pairs stand next to each other" if measured["near"] else ""
        return (
            f"Looked at together, {one} series here and {other} there are {likely:.0%} likely one trouble, "
            f"pair by pair; the nearest began {seconds:.0f} s apart{near}"
        )
    return (
        f"Looked at together, {one} series and the other {other} are only {likely:.0%} likely one trouble, "
        f"pair by pair; they began {minutes:.0f} min apart"
    )


def candidates(
    block: Sequence[Item], window: Window, weights: PairWeights
) -> list[tuple[Sides, tuple[float, ...]]]:
    """Return what the clusters contradict in the groups of one block, with the measures of each."""
    if not _is_worth_a_look(block):
        return []
    pairs = weighed(block, window.affinity, window.at, weights)
    labels = clustered(pairs.likely)
    if labels is None:
        return []
    members: dict[int, list[int]] = {}
    for place, item in enumerate(block):
        members.setdefault(item.group, []).append(place)
    sides = [*_merges(members, labels), *_splits(members, labels, block)]
    return list(_measured(sides, block, pairs))


def clustered(likely: Matrix) -> list[int] | None:
    """Return the cluster of each series, of those likely enough one trouble in the mean; None: all are apart.

    The means lie between the least and the greatest, so often there is nothing to be worked out.
    """
    count = len(likely)
    distances = 1.0 - likely
    far = np.count_nonzero(distances >= _APART)
    if far == 0:
        return [0] * count
    if far == count * (count - 1):
        return None
    # It takes a second to import, which only a worker can spare.
    from sklearn.cluster import linkage_tree  # type: ignore[import-untyped]  # has no types

    joined, *_, heights = linkage_tree(
        distances, affinity="precomputed", linkage="average", return_distance=True
    )
    near = int(np.count_nonzero(heights < _APART))  # the nearest were joined first
    heads = list(range(count + near))
    for head, (one, other) in reversed(list(enumerate(joined[:near].tolist(), count))):
        heads[one] = heads[other] = heads[head]
    return heads[:count]


def _is_worth_a_look(block: Sequence[Item]) -> bool:
    """Tell whether there are two groups, or one that may be two: of three series, all of them in sight."""
    if len({item.group for item in block}) > 1:
        return True
    return len(block) > 2 and block[0].of == len(block)


def _merges(members: dict[int, list[int]], labels: Sequence[int]) -> Iterator[Sides]:
    """Yield the groups that one cluster holds most of, each with the oldest of them."""
    holds: dict[int, list[tuple[int, float]]] = {}
    for group, places in sorted(members.items()):
        ((cluster, most),) = Counter([labels[place] for place in places]).most_common(1)
        share = most / len(places)
        if share > _MOST_HELD:
            holds.setdefault(cluster, []).append((group, share))
    for _, held in sorted(holds.items()):
        first, share = held[0]
        for group, other in held[1:]:
            yield Sides(RegroupKind.MERGE, (first, group), members[first], members[group], min(share, other))


def _splits(members: dict[int, list[int]], labels: Sequence[int], block: Sequence[Item]) -> Iterator[Sides]:
    """Yield the parts of a group that another cluster holds than its first series."""
    for group, places in sorted(members.items()):
        if len(places) != block[places[0]].of:
            continue  # of the rest nothing is known any more
        clusters = sorted({labels[place] for place in places} - {labels[places[0]]})
        for cluster in clusters:
            part = [place for place in places if labels[place] == cluster]
            rest = [place for place in places if labels[place] != cluster]
            if len(part) > 1 and rest:
                yield Sides(RegroupKind.SPLIT, (group,), part, rest, 1.0)


class _Side(NamedTuple):
    """What the measures need of one side, whatever the other is."""

    places: Places
    began: Matrix
    middle: float
    usual: float
    within: float

    @classmethod
    def of(cls, places: Sequence[int], block: Sequence[Item], likely: Matrix) -> "_Side":
        """Sum up the series at some places of a block."""
        here = np.array(places, dtype=np.int64)
        began = sorted(block[place].began for place in places)
        middle = (began[(len(began) - 1) // 2] + began[len(began) // 2]) / 2.0
        usual = sum(block[place].usual for place in places) / len(places)
        return cls(here, np.array(began), middle, usual, _within(likely, here))


def _measured(
    found: Sequence[Sides], block: Sequence[Item], pairs: Pairs
) -> Iterator[tuple[Sides, tuple[float, ...]]]:
    known: dict[int, _Side] = {}  # by the identity of the list: most merges have their older group in common
    for sides in found:
        for places in (sides.one, sides.other):
            if id(places) not in known:
                known[id(places)] = _Side.of(places, block, pairs.likely)
        yield sides, _measures(sides, known[id(sides.one)], known[id(sides.other)], pairs)


def _measures(sides: Sides, one: _Side, other: _Side, pairs: Pairs) -> tuple[float, ...]:
    rows, columns = one.places[:, None], other.places[None, :]
    cross = pairs.likely[rows, columns]
    nearest = float(np.abs(one.began[:, None] - other.began[None, :]).min())
    smaller, both = min(len(sides.one), len(sides.other)), len(sides.one) + len(sides.other)
    return (
        float(cross.mean()),
        min(float(cross.max(axis=1).mean()), float(cross.max(axis=0).mean())),
        min(one.within, other.within),
        log1p(abs(one.middle - other.middle) / 60.0),
        log1p(nearest / 60.0),
        float(pairs.likeness[rows, columns].mean()),
        float(pairs.near[rows, columns].mean()),
        max(one.usual, other.usual),
        abs(one.usual - other.usual),
        sides.held,
        log(min(smaller, _MANY // 2)),
        log(min(both, _MANY)),
    )


def _within(likely: Matrix, places: Places) -> float:
    count = len(places)
    if count < 2:
        return 1.0
    return float((likely[np.ix_(places, places)].sum() - count) / (count * (count - 1)))
