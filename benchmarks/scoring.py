"""Score groupings as `alertmesh score` does, and attack steps also by their rates over pairs of alerts.

The rates and the area follow the published protocol of the attack streams: an incident is called
`type.stage.instance`, every instance of a stage weighs the same, every stage of a type, and every type.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

import numpy as np

from alertmesh.scoring import NONE, Scores, numbered, score

__all__ = ["Rates", "Scores", "mean_rates", "score", "step_area", "step_rates"]


class Rates(NamedTuple):
    """How many pairs of alerts of one step are together (`tpr`), and how many others are apart (`tnr`)."""

    tnr: float
    tpr: float


def step_rates(true: Sequence[str], predicted: Sequence[str]) -> dict[str, dict[str, Rates]]:
    """Return the rates of every step by its id, `clean` without noise and `noise` with it.

    All pairs of an alert of the step and any alert count, an alert with itself included.
    """
    groups, _ = numbered(predicted)
    truth, known = numbered(true)
    width = int(groups.max()) + 1
    cells, sizes = np.unique(truth[known] * width + groups[known], return_counts=True)
    names = {number: text for number, text in zip(truth.tolist(), true, strict=True) if text not in NONE}
    found = {}
    for view, counted in (("clean", groups[known]), ("noise", groups)):
        totals = np.bincount(counted, minlength=width)[cells % width]
        found[view] = {
            name: _rates(sizes[cells // width == step], totals[cells // width == step], len(counted))
            for step, name in names.items()
        }
    return found


def _rates(inside: np.ndarray, groups: np.ndarray, everything: int) -> Rates:
    """Reckon the rates of a step with `inside` alerts in groups of that many alerts in all."""
    inside, groups = inside.astype(float), groups.astype(float)
    size = inside.sum()
    others = size * (everything - size)
    together = float((inside * (groups - inside)).sum())
    tnr = 1 - together / others if others else float("nan")
    return Rates(tnr, float((inside**2).sum() / size**2))


def mean_rates(steps: Mapping[str, Rates]) -> Rates:
    """Average over instances, then stages, then types; a rate that is no number counts nowhere."""
    level = dict(steps)
    for depth in (2, 1, 0):
        above: dict[str, list[Rates]] = defaultdict(list)
        for name, rates in level.items():
            above[".".join(name.split(".")[:depth])].append(rates)
        level = {name: Rates(*map(_mean, zip(*found, strict=True))) for name, found in above.items()}
    return level[""]


def _mean(values: Iterable[float]) -> float:
    numbers = [value for value in values if not np.isnan(value)]
    return fmean(numbers) if numbers else float("nan")


def step_area(points: Iterable[Rates]) -> float:
    """Return the area below the best of `points`, read as steps: nothing is gained between two of them."""
    real = [point for point in points if not (np.isnan(point.tnr) or np.isnan(point.tpr))]
    best = [p for p in real if not any(q.tnr > p.tnr and q.tpr > p.tpr for q in real)]
    area = reached = 0.0
    for point in sorted(best, key=lambda point: (-point.tpr, point.tnr)):
        area += (point.tnr - reached) * point.tpr
        reached = point.tnr
    return area if best else float("nan")
