"""Hold learned relations between kinds of alerts against a graph that experts drew.

Figures lie in 0..1, larger is better. A relation of a kind with itself never counts.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

Edge = tuple[str, str]


class RelationScores(NamedTuple):
    """What a set of relations is worth.

    `f1` takes the set as it is, with directions; `skeleton_f1` forgets them. `average_precision` goes by
    the scores: the precision at each true relation found, from the surest down, over all true ones.
    """

    named: int
    precision: float
    recall: float
    f1: float
    skeleton_f1: float
    average_precision: float


def score(found: Mapping[Edge, float], true: Collection[Edge]) -> RelationScores:
    """Score relations, each with how sure it is, against the true ones."""
    named = {edge: sure for edge, sure in found.items() if edge[0] != edge[1]}
    wanted = {edge for edge in true if edge[0] != edge[1]}
    precision, recall, f1 = _f1(set(named), wanted)
    skeleton = _f1({frozenset(edge) for edge in named}, {frozenset(edge) for edge in wanted})[2]
    return RelationScores(len(named), precision, recall, f1, skeleton, _average_precision(named, wanted))


def complete(kinds: Collection[str]) -> dict[Edge, float]:
    """Return every relation there can be: what to be better than, for it takes no learning."""
    return {(src, dst): 1.0 for src in kinds for dst in kinds if src != dst}


def _f1(named: Collection[object], wanted: Collection[object]) -> tuple[float, float, float]:
    right = len(set(named) & set(wanted))
    precision = right / len(named) if named else 0.0
    recall = right / len(wanted) if wanted else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if right else 0.0


def _average_precision(named: Mapping[Edge, float], wanted: Collection[Edge]) -> float:
    right, total = 0, 0.0
    for place, edge in enumerate(sorted(named, key=lambda edge: -named[edge]), 1):
        if edge in wanted:
            right += 1
            total += right / place
    return total / len(wanted) if wanted else 0.0
