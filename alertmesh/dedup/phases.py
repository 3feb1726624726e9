"""Tell how long a series fired and paused from the moments at which it changed."""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil


def lengths(changes: Sequence[float], fires_now: bool, firing: bool) -> list[float]:
    """Return how long the finished phases lasted in which it fired, or paused; the newest first.

    `changes` are the moments at which it began to fire and cleared, in turns and in order;
    `fires_now` says what the last one was.

    >>> lengths([0, 60, 300, 420], fires_now=False, firing=True)
    [120, 60]
    """
    every = [later - earlier for earlier, later in pairwise(changes)]
    return every[::-1][1 if firing is fires_now else 0 :: 2]


def p95(values: Sequence[float]) -> float:
    """Return the value that 95 % do not exceed, by nearest rank; 0 when there are none.

    >>> p95([3.0, 1.0, 2.0])
    3.0
    """
    return sorted(values)[ceil(0.95 * len(values)) - 1] if values else 0.0
