"""Learn from the roots that people name how much each piece of evidence is to be trusted.

Every piece counts by its shipped weight times a factor, 1 until somebody names a root that was not ranked
first. Then pieces in which the named thing is ahead of those ranked above it gain, the others lose. The
factors stay in `LEAST` to `MOST` and are drawn back to 1 with each lesson, so that a bad day cannot do
much harm and what is not confirmed again fades.
"""

from collections.abc import Sequence
from math import exp

import numpy as np

from alertmesh.core.records import Records
from alertmesh.correlate.root_evidence import PIECES
from alertmesh.correlate.root_walk import Matrix

LEAST, MOST = 0.5, 1.5
MOST_BIAS = 1.0
_RATE = 0.02
_CLIP = 3.0
_BACK = 0.03
_DIGITS = 6
_BIAS = "unseen_bias"
_COUNT = "count"


class RootAdapter:
    """Hold a factor for each piece of evidence, and one bias for `unseen`; `table` is the durable state."""

    def __init__(self) -> None:
        self.table = Records[str, float]("correlate_root_weight", float)

    @property
    def lessons(self) -> int:
        """Return how many named roots moved something."""
        return int(self.table.get(_COUNT) or 0)

    def factor(self, piece: str) -> float:
        """Return by how much the weight of a piece is multiplied."""
        known = self.table.get(piece)
        return 1.0 if known is None else known

    def factors(self) -> Matrix:
        """Return the factors of all pieces, in the order of `PIECES`."""
        return np.array([self.factor(piece) for piece in PIECES])

    @property
    def bias(self) -> float:
        """Return what is added to the log odds that the root is none of the candidates."""
        return self.table.get(_BIAS) or 0.0

    def learn(self, added: Matrix, odds: Sequence[float], named: int | None) -> None:
        """Take a person's word on one group; nothing moves if what was named is likeliest already.

        `added` holds for each candidate, in a row, what the pieces add by their shipped weights; `odds`
        the log odds of each as they are ranked now, and last that of `unseen`. `named` is the row of
        the root; None when it is no candidate: then only `unseen` is moved, if that was not likeliest.
        """
        *ranked, unseen = odds
        best = max(ranked)
        if named is None:
            if unseen <= best:
                self._lean(_chance(best - unseen))
                self._count()
            return
        above = [place for place, one in enumerate(ranked) if one > ranked[named]]
        if above:
            self._step(added, ranked, named, above)
        if unseen > ranked[named]:
            self._lean(-_chance(unseen - ranked[named]))
        if above or unseen > ranked[named]:
            self._count()

    def _step(self, added: Matrix, odds: Sequence[float], named: int, above: Sequence[int]) -> None:
        """Go down the mean slope of the logistic loss of the pairs of the root and what ranks above it."""
        slope = np.zeros(len(PIECES))
        for place in above:
            ahead = np.clip(added[named] - added[place], -_CLIP, _CLIP)
            slope += _chance(odds[place] - odds[named]) * ahead / len(above)
        for piece, part in zip(PIECES, slope, strict=True):
            factor = self.factor(piece)
            moved = 1.0 + (factor - 1.0) * (1.0 - _BACK) + _RATE * float(part)
            if moved != factor:
                self.table.put(piece, round(max(LEAST, min(MOST, moved)), _DIGITS))

    def _lean(self, slope: float) -> None:
        moved = self.bias * (1.0 - _BACK) + _RATE * slope
        self.table.put(_BIAS, round(max(-MOST_BIAS, min(MOST_BIAS, moved)), _DIGITS))

    def _count(self) -> None:
        self.table.put(_COUNT, float(self.lessons + 1))


def _chance(gap: float) -> float:
    """Return the slope of the logistic loss of a pair by how far it is in the wrong order: 0.5 to 1."""
    return 1.0 / (1.0 + exp(-min(30.0, gap)))
