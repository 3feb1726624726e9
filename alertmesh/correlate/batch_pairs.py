"""Say of every two series of a window how likely they have one cause, by all that is known of both."""

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from alertmesh.correlate.batch_window import Affinity, Item

Matrix = NDArray[np.float32]

_MOST = 0.97
_LIFT = (-3.0, 5.0)


class PairWeights(Struct, frozen=True, kw_only=True):
    """How much each piece of evidence adds to the log-odds that two series have one cause.

    Learned on recorded faults by `benchmarks/batch.py`; no weight knows a service, a host or an alert by
    its name. `minute`, `minutes` and `overlap` are about the times of the two, `together` about their
    ends, `likeness` about the values they share, `same`, `step` and `steps` about how far apart they
    stand in the topology, `affinity` about their kinds.
    """

    bias: float = -1.91
    minute: float = 0.26
    minutes: float = 1.96
    overlap: float = 1.08
    together: float = 0.0
    likeness: float = 0.91
    namespace: float = 0.0
    kind: float = 0.05
    same: float = 0.28
    step: float = 0.56
    steps: float = 0.32
    affinity: float = 0.06
    usual: float = -0.51
    habits: float = -0.23


PIECES = PairWeights.__struct_fields__


def pieces(
    items: Sequence[Item], affinity: Affinity, at: float, wanted: Container[str] = PIECES
) -> Iterator[tuple[str, Matrix]]:
    """Yield each piece of evidence that is wanted for all pairs, one matrix at a time; the bias is none.

    What is shared and where both stand is always yielded.
    """
    yield from _moments(items, at, wanted)
    yield "likeness", _likeness(items)
    if "namespace" in wanted:
        yield "namespace", _equal([item.namespace for item in items])
    if "kind" in wanted:
        yield "kind", _equal([item.kind for item in items])
    same = _equal([item.subject for item in items])
    step = _steps(items) * (1 - same)
    yield "same", same
    yield "step", step
    if "steps" in wanted:
        yield "steps", _two_steps(items) * (1 - same) * (1 - step)
    if "affinity" in wanted:
        yield "affinity", _affinity(items, affinity, (same + step) > 0)
    usual = np.array([item.usual for item in items], dtype=np.float32)
    if "usual" in wanted:
        yield "usual", np.maximum(usual[:, None], usual[None, :])
    if "habits" in wanted:
        yield "habits", np.abs(usual[:, None] - usual[None, :])


def _moments(items: Sequence[Item], at: float, wanted: Container[str]) -> Iterator[tuple[str, Matrix]]:
    """Yield what the times of the series say."""
    first = min((item.began for item in items), default=0.0)
    began = _column(item.began - first for item in items)
    ended = _column((at if item.cleared is None else item.cleared) - first for item in items)
    ended = np.maximum(ended, began)
    apart = np.abs(began[:, None] - began[None, :])
    for name, fades_s in (("minute", 60.0), ("minutes", 300.0)):
        if name in wanted:
            yield name, np.exp(apart * np.float32(-1.0 / fades_s))
    if "overlap" in wanted:
        yield "overlap", _overlap(began, ended)
    if "together" in wanted:
        over = np.array([item.cleared is not None for item in items])
        both = over[:, None] & over[None, :]
        yield "together", np.exp(np.abs(ended[:, None] - ended[None, :]) * np.float32(-1.0 / 120.0)) * both


class Pairs(NamedTuple):
    """What is known of every two series: how likely one cause, how alike, whether one step apart at most."""

    likely: Matrix
    likeness: Matrix
    near: Matrix


def weighed(items: Sequence[Item], affinity: Affinity, at: float, weights: PairWeights) -> Pairs:
    """Weigh every two series; each has one cause with itself."""
    wanted = {name for name in PIECES if getattr(weights, name)}
    odds = np.full((len(items), len(items)), weights.bias, dtype=np.float32)
    near = np.zeros_like(odds)
    likeness = near
    for name, values in pieces(items, affinity, at, wanted):
        if name in wanted:
            odds += np.float32(getattr(weights, name)) * values
        if name == "likeness":
            likeness = values
        elif name in ("same", "step"):
            near += values
    likely: Matrix = np.reciprocal(1 + np.exp(-odds), dtype=np.float32)
    np.fill_diagonal(likely, 1.0)
    return Pairs(likely, likeness, near)


def _column(values: Iterable[float]) -> Matrix:
    return np.fromiter(values, np.float32)


def _overlap(began: Matrix, ended: Matrix) -> Matrix:
    """Return which share of the time in which either fires both do."""
    both = np.minimum(ended[:, None], ended[None, :]) - np.maximum(began[:, None], began[None, :])
    either = np.maximum(ended[:, None], ended[None, :]) - np.minimum(began[:, None], began[None, :])
    share: Matrix = np.maximum(both, 0) / np.maximum(either, 1)
    return share


def _likeness(items: Sequence[Item]) -> Matrix:
    """Return what the shared values say: each takes its share of the doubt that the others left."""
    columns: dict[str, list[tuple[int, float]]] = {}
    for row, item in enumerate(items):
        for token, weight in item.shared:
            columns.setdefault(token, []).append((row, weight))
    doubt = np.zeros((len(items), len(items)), dtype=np.float32)
    carried = [carrying for carrying in columns.values() if len(carrying) > 1]
    rows = np.array([row for carrying in carried for row, _ in carrying], dtype=np.int64)
    weights = np.array([weight for carrying in carried for _, weight in carrying], dtype=np.float32)
    roots = np.sqrt(-np.log1p(-np.minimum(weights, np.float32(_MOST))))
    end = 0
    for carrying in carried:
        first, end = end, end + len(carrying)
        here, root = rows[first:end], roots[first:end]
        doubt[here[:, None], here] += root[:, None] * root
    likeness: Matrix = -np.expm1(-doubt)
    return likeness


def _equal(values: Sequence[str]) -> Matrix:
    """Return where two are the same; what is not known is like nothing."""
    numbers: dict[str, int] = {}
    places = np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.int32)
    known = np.array([bool(value.rpartition("|")[2]) for value in values])
    equal: Matrix = ((places[:, None] == places[None, :]) & known[:, None] & known[None, :]).astype(
        np.float32
    )
    return equal


def _steps(items: Sequence[Item]) -> Matrix:
    """Return whether the thing of one is one step from the thing of the other."""
    places: dict[str, list[int]] = {}
    for row, item in enumerate(items):
        places.setdefault(item.subject, []).append(row)
    found = np.zeros((len(items), len(items)), dtype=np.float32)
    for row, item in enumerate(items):
        for token in item.near:
            if token in places:
                found[row, places[token]] = 1.0
    either: Matrix = np.maximum(found, found.T)
    return either


def _two_steps(items: Sequence[Item]) -> Matrix:
    """Return whether both things are one step from a third."""
    columns: dict[str, list[int]] = {}
    for row, item in enumerate(items):
        for token in item.near:
            columns.setdefault(token, []).append(row)
    found = np.zeros((len(items), len(items)), dtype=np.float32)
    for rows in columns.values():
        if len(rows) > 1:
            here = np.array(rows, dtype=np.int64)
            found[here[:, None], here] = 1.0
    return found


def _affinity(items: Sequence[Item], affinity: Affinity, near: NDArray[np.bool_]) -> Matrix:
    size = len(affinity.kinds)
    places = {kind: place for place, kind in enumerate(affinity.kinds)}
    rows = np.array([places.get(item.kind, size) for item in items], dtype=np.int64)
    lifts = []
    for table in (affinity.beside, affinity.scope):
        padded = np.zeros((size + 1, size + 1), dtype=np.float32)
        if size:
            padded[:size, :size] = np.clip(table, *_LIFT)
        lifts.append(padded[rows[:, None], rows[None, :]])
    return np.where(near, lifts[0], lifts[1])
