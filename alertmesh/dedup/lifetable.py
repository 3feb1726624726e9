"""Count lives by the age at which they ended, and read hazards and survival from the counts.

Ages fall into bins that grow with them. Whoever was lost sight of in a bin counts as at risk for
half of it.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, chain
from operator import add, sub

from msgspec import Struct

_FIRST_S, _LAST_S, _EDGES = 5.0, 172_800.0, 32
EDGES: tuple[float, ...] = tuple(_FIRST_S * (_LAST_S / _FIRST_S) ** (n / (_EDGES - 1)) for n in range(_EDGES))
"""The ends of the bins, in seconds; what lives longer than the last is in one more."""

_SCARCE = 0.5  # with less than this at risk, nothing is known of a bin


class Counts(Struct, gc=False):
    """Counts of one level as of some minute; `hazards` is a cache, by how many bins were asked for."""

    healed: list[float]
    lost: list[float]
    total: float
    hazards: dict[int, list[float]] = {}


class Exposed:
    """Counts of one level in the youngest bins, and in `total`, ready to be asked."""

    def __init__(self, healed: list[float], lost: list[float], total: float) -> None:
        self._healed = healed
        self._lost = lost
        self._total = total
        left = accumulate(chain((total,), map(add, healed, lost)), sub)
        self._risk = [reached - half / 2 for reached, half in zip(left, lost, strict=False)]

    def hazards(self, parent: list[float], strength: float) -> list[float]:
        """Return for each bin which part of those that reach it clear in it, shrunk towards `parent`.

        Where hardly anybody was at risk, nothing is hoped for.
        """
        return [
            (healed + strength * above) / (risk + strength) if risk >= _SCARCE else 0.0
            for healed, above, risk in zip(self._healed, parent, self._risk, strict=True)
        ]

    def refined(self, parent: list[float], strength: float) -> list[float]:
        """Return the same, but where nobody was at risk the parent speaks."""
        return [
            (healed + strength * above) / (risk + strength)
            for healed, above, risk in zip(self._healed, parent, self._risk, strict=True)
        ]

    def healed_between(self, start_s: float, end_s: float) -> float:
        """Return how many cleared alone between two ages."""
        return _upto(self._healed, end_s) - _upto(self._healed, start_s)

    def known(self, start_s: float, end_s: float) -> float:
        """Return of how many it is known whether they cleared between two ages."""
        return self._total - _upto(self._healed, start_s) - _upto(self._lost, end_s)


def _share(age_s: float) -> tuple[int, float]:
    """Return the bin of an age, and how much of that bin lies before it."""
    if age_s <= 0:
        return 0, 0.0
    slot = min(bisect_right(EDGES, age_s), _EDGES)
    if slot == _EDGES:
        return slot, 0.0
    low = EDGES[slot - 1] if slot else 0.0
    return slot, (age_s - low) / (EDGES[slot] - low)


def _upto(counts: Sequence[float], age_s: float) -> float:
    slot, part = _share(age_s)
    return sum(counts[:slot]) + part * counts[slot]


def alive_at_edges(hazards: Sequence[float]) -> list[float]:
    """Return the share that is alive at the beginning of each bin, and at the end of the last."""
    alive = [1.0]
    for hazard in hazards:
        alive.append(alive[-1] * (1 - min(1.0, hazard)))
    return alive


def share_alive(alive: Sequence[float], age_s: float) -> float:
    """Return the share that is alive at an age, from what `alive_at_edges` made."""
    slot, part = _share(age_s)
    return alive[slot] + part * (alive[slot + 1] - alive[slot])


def age_when(alive: Sequence[float], share: float) -> float:
    """Return the age at which no more than `share` are alive."""
    for slot in range(min(_EDGES, len(alive) - 1)):
        if alive[slot + 1] <= share:
            low = EDGES[slot - 1] if slot else 0.0
            drop = alive[slot] - alive[slot + 1]
            part = (alive[slot] - share) / drop if drop > 0 else 0.0
            return low + max(0.0, part) * (EDGES[slot] - low)
    return EDGES[-1]
