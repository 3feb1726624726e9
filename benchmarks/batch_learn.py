"""Learn the weights of the batch pass from streams whose true incidents are known.

Two logistic regressions, the one over pairs of series, the other over proposals, each held near what one
would set by hand and to the side of zero that makes sense. Systems count alike, however many alerts they had.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alertmesh.core.regrouping import RegroupKind
from alertmesh.correlate.batch import MEASURES, BatchWeights, Sides, SureWeights, blocks, candidates
from alertmesh.correlate.batch_pairs import PIECES, PairWeights, pieces
from alertmesh.correlate.batch_window import Item, Window

Matrix = NDArray[np.float64]

PAIRS_BY_HAND = PairWeights(
    bias=-2.0,
    minute=0.5,
    minutes=2.0,
    overlap=1.0,
    together=0.3,
    likeness=1.5,
    namespace=0.2,
    kind=0.0,
    same=0.7,
    step=0.7,
    steps=0.2,
    affinity=0.2,
    usual=-0.3,
    habits=-0.2,
)
MERGE_BY_HAND = SureWeights(
    bias=-2.5,
    across=3.0,
    best=2.0,
    within=0.0,
    gap=-0.7,
    nearest=-0.5,
    likeness=1.0,
    near=1.0,
    usual=-0.5,
    habits=-0.3,
    held=0.5,
    few=0.0,
    series=0.0,
)
SPLIT_BY_HAND = SureWeights(
    bias=2.5,
    across=-3.0,
    best=-2.0,
    within=0.5,
    gap=0.6,
    nearest=0.4,
    likeness=-1.0,
    near=-0.5,
    usual=0.0,
    habits=0.3,
    held=0.0,
    few=0.3,
    series=0.0,
)
_FREE = frozenset({"bias", "kind", "few", "series"})  # may come out on either side of zero
_NEAR = 0.01
_EVERY = 8  # of a long stream, the pairs of one window in so many
_ROUNDS = 400


class Looked(NamedTuple):
    """One window of a stream, and the true incident of each of its series; '' for noise."""

    stream: str
    window: Window
    truth: list[str]


class Example(NamedTuple):
    """One proposal: its measures, whether it is right, what makes it the same in another pass, and where."""

    kind: RegroupKind
    key: tuple[object, ...]
    measures: tuple[float, ...]
    is_right: bool
    system: str


class Rows(NamedTuple):
    """What a regression learns from: features, answers, how much each row counts."""

    features: Matrix
    answers: Matrix
    counts: Matrix


def learn(seen: Sequence[Looked]) -> BatchWeights:
    """Return the weights that the windows teach."""
    pairs = PairWeights(**_fitted(_pair_rows(seen), PAIRS_BY_HAND, PIECES))
    found = examples(seen, pairs)
    names = ("bias", *MEASURES)
    merge = _fitted(_example_rows(found, RegroupKind.MERGE), MERGE_BY_HAND, names)
    split = _fitted(_example_rows(found, RegroupKind.SPLIT), SPLIT_BY_HAND, names)
    return BatchWeights(pairs=pairs, merge=SureWeights(**merge), split=SureWeights(**split))


def examples(seen: Sequence[Looked], weights: PairWeights) -> list[Example]:
    """Return every candidate of every window, and whether it is right."""
    found = []
    for stream, window, truth in seen:
        true = {item.series: incident for item, incident in zip(window.items, truth, strict=True)}
        for block in blocks(window.items):
            for sides, measures in candidates(block, window, weights):
                key = (stream, sides.kind, block[0].cluster, sides.groups)
                right = _is_right(sides, block, true)
                found.append(Example(sides.kind, key, measures, right, _system(block)))
    return found


def _is_right(sides: Sides, block: Sequence[Item], true: Mapping[str, str]) -> bool:
    one, other = (_most([true[block[place].series] for place in side]) for side in (sides.one, sides.other))
    is_one = one == other and one != ""
    return is_one if sides.kind is RegroupKind.MERGE else not is_one


def _most(values: Sequence[str]) -> str:
    return Counter(values).most_common(1)[0][0]


def _system(block: Sequence[Item]) -> str:
    return _most([item.namespace for item in block])


def _pair_rows(seen: Sequence[Looked]) -> Rows:
    features, answers, counts, systems = [], [], [], []
    every = {
        stream: _EVERY if many > 1_000 else 1 for stream, many in Counter(one.stream for one in seen).items()
    }
    for number, (stream, window, truth) in enumerate(seen):
        true = {item.series: incident for item, incident in zip(window.items, truth, strict=True)}
        for block in blocks(window.items) if number % every[stream] == 0 else ():
            upper = np.triu_indices(len(block), 1)
            if len(upper[0]):
                weighed = [values[upper] for _, values in pieces(block, window.affinity, window.at)]
                features.append(np.stack(weighed, axis=1))
                names = np.array([true[item.series] for item in block])
                alike = (names[:, None] == names[None, :]) & (names != "")[:, None]
                answers.append(alike[upper].astype(float))
                counts.append(np.full(len(upper[0]), len(upper[0]) ** -0.5))
                systems += [_system(block)] * len(upper[0])
    return _balanced(np.concatenate(features), np.concatenate(answers), np.concatenate(counts), systems)


def _example_rows(found: Sequence[Example], kind: RegroupKind) -> Rows:
    these = [one for one in found if one.kind is kind]
    made = Counter(one.key for one in these)
    return _balanced(
        np.array([one.measures for one in these]),
        np.array([float(one.is_right) for one in these]),
        np.array([1.0 / made[one.key] for one in these]),
        [one.system for one in these],
    )


def _balanced(features: Matrix, answers: Matrix, counts: Matrix, systems: Sequence[str]) -> Rows:
    """Have every system count alike; one that is hardly there is left out."""
    names = np.array(systems)
    shares = np.zeros(len(counts))
    for name in sorted(set(systems)):
        here = names == name
        if counts[here].sum() > 0.01 * counts.sum():
            shares[here] = counts[here] / counts[here].sum()
    return Rows(features, answers, shares / shares.sum())


def _fitted(rows: Rows, guess: PairWeights | SureWeights, names: Sequence[str]) -> dict[str, float]:
    """Return the likeliest weights near the guess; each step that crosses zero ends there."""
    first = np.array([getattr(guess, name) for name in names])
    free = np.array([name in _FREE for name in names])
    laid = np.hstack([np.ones((len(rows.features), 1)), rows.features])
    weights = first.copy()
    step = 4.0 / (float(rows.counts @ (laid**2).sum(axis=1)) + 8.0 * _NEAR)
    ahead, pace = weights, 1.0
    for _ in range(_ROUNDS):
        likely = 1.0 / (1.0 + np.exp(-(laid @ ahead)))
        slope = laid.T @ (rows.counts * (likely - rows.answers)) + 2.0 * _NEAR * (ahead - first)
        moved = ahead - step * slope
        moved = np.where(free | (moved * first > 0.0), moved, 0.0)
        faster = (1.0 + (1.0 + 4.0 * pace**2) ** 0.5) / 2.0
        ahead, weights, pace = moved + (pace - 1.0) / faster * (moved - weights), moved, faster
    return {name: round(float(value), 2) for name, value in zip(names, weights, strict=True)}
