"""Follow the blame from thing to thing: whoever is hurt by another hands it on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def walk(steps: Matrix, start: Matrix, restart: float) -> Matrix:
    """Return how likely a walk is at each thing that begins anew from `start` at the rate `restart`.

    Rows of `steps` are shares that add up to 1.

    >>> walk(np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([1.0, 0.0]), 0.2).round(2).tolist()
    [0.2, 0.8]
    """
    size = len(start)
    return np.asarray(np.linalg.solve((np.eye(size) - (1 - restart) * steps).T, restart * start), np.float64)


def reaching(calls: NDArray[Any]) -> NDArray[np.bool_]:
    """Return for each pair whether the first reaches the second by calls, itself included."""
    reach = (calls > 0) | np.eye(len(calls), dtype=bool)
    for _ in range(4):
        as_numbers = reach.astype(np.float32)
        reach = (as_numbers @ as_numbers) > 0
    return reach
