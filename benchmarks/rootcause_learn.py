"""Learn the weights of the root candidates from true incidents: a conditional logit, held near a guess.

The candidates of a group, and that its root is none of them, compete; the weights make what was true
likely. `BY_HAND` is what one would set without having seen an answer, as far as it matters the order of it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from alertmesh.correlate.root_evidence import PIECES, Evidence
from alertmesh.correlate.root_walk import Matrix
from alertmesh.correlate.rootcause import RootWeights

BY_HAND = RootWeights(
    walk=3.0,
    down=3.5,
    resource=2.5,
    error=1.5,
    latency=0.5,
    traffic=-0.8,
    other=0.0,
    variety=0.3,
    volume=0.3,
    early=0.0,
    covers=2.0,
    deepest=0.3,
    named=1.0,
    silent=-0.3,
    frontier=-2.0,
    indirect=-1.5,
    node=-0.5,
    carries=4.0,
    changed=2.0,
    unseen=3.0,
    unseen_explained=-1.0,
    unseen_own_fault=-1.0,
)
_NAMES = (*PIECES, "unseen", "unseen_explained", "unseen_own_fault")
_NEAR = 0.01
_ROUNDS = 20


class Case(NamedTuple):
    """The evidence of one group and which thing was the root."""

    evidence: Evidence
    root: str


def learn(cases: Sequence[Case], guess: RootWeights = BY_HAND) -> RootWeights:
    """Return the weights under which the roots were likeliest, drawn to `guess` where little is known."""
    first = _vector(guess)
    laid = [(_laid(case.evidence), _place(case)) for case in cases]
    weights = first
    for _ in range(_ROUNDS):
        slope, bend = 2 * _NEAR * (weights - first), 2 * _NEAR * np.eye(len(first))
        for rows, root in laid:
            likely = _likely(rows, weights)
            mean = likely @ rows
            slope += (mean - rows[root]) / len(laid)
            bend += ((rows * likely[:, None]).T @ rows - np.outer(mean, mean)) / len(laid)
        weights = weights - np.linalg.solve(bend, slope)
    return RootWeights(**{name: round(float(one), 2) for name, one in zip(_NAMES, weights, strict=True)})


def unseen_odds(evidence: Evidence, weights: RootWeights) -> float:
    """Return how likely the root is none of the candidates."""
    return float(_likely(_laid(evidence), _vector(weights))[-1])


def _vector(weights: RootWeights) -> Matrix:
    return np.array([getattr(weights, name) for name in _NAMES])


def _laid(evidence: Evidence) -> Matrix:
    """Return a row for each candidate, and one last for none of them."""
    rows = np.zeros((len(evidence.things) + 1, len(_NAMES)))
    rows[:-1, : len(PIECES)] = evidence.pieces
    rows[-1, len(PIECES) :] = evidence.group
    return rows


def _likely(rows: Matrix, weights: Matrix) -> Matrix:
    odds = rows @ weights
    likely = np.exp(odds - odds.max())
    shares: Matrix = likely / likely.sum()
    return shares


def _place(case: Case) -> int:
    names = [thing.name for thing in case.evidence.things]
    return names.index(case.root) if case.root in names else len(names)
