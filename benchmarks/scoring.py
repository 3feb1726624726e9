"""Hold a grouping of alerts against the true incidents.

Noise alerts belong to no incident. An alert that was left out of every incident counts as a group of its
own. Figures lie in 0..1, larger is better, where nothing else is said.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_NONE = ("", "-")


class Scores(NamedTuple):
    """What one grouping is worth.

    `incident_f1`: for each true incident the alert-weighted (BCubed) precision and recall of the groups that
    hold its alerts, noise in those groups counted against them; the mean of their F1, each incident weighing
    the same. `clean_ari` and `pair_f1` leave noise out; `single_ari` takes each noise alert as an incident of
    its own. `compression` is alerts per group. `per_true` is groups per true incident (1 is best). `mixed`
    counts groups with alerts of several true incidents, `noise_only` those that hold nothing but noise;
    `left_out` is the share of true incidents none of whose alerts is in any incident (both 0 at best).
    """

    alerts: int
    incident_f1: float
    clean_ari: float
    single_ari: float
    pair_f1: float
    compression: float
    per_true: float
    mixed: int
    noise_only: int
    left_out: float


def score(true: Sequence[str], predicted: Sequence[str]) -> Scores:
    """Score `predicted` incident ids against `true` ones, alert by alert; '' and '-' stand for none."""
    truth, known = _codes(true)
    groups, placed = _codes(predicted)
    table = _Table(truth[known], groups[known])
    sizes = np.bincount(groups).astype(float)
    of_incidents = np.bincount(groups[known], minlength=len(sizes))
    noise_only = np.unique(groups[~known & placed & (of_incidents[groups] == 0)])
    return Scores(
        alerts=len(true),
        incident_f1=_incident_f1(table, sizes),
        clean_ari=table.ari(),
        single_ari=_Table(truth, groups).ari(),
        pair_f1=table.pair_f1(),
        compression=len(true) / max(1, len(sizes)),
        per_true=float(np.bincount(table.rows).mean()),
        mixed=int((np.bincount(table.columns) > 1).sum()),
        noise_only=len(noise_only),
        left_out=_left_out(truth[known], placed[known]),
    )


class _Table:
    """How many alerts each true incident (row) has in each group (column); only cells that are not empty."""

    def __init__(self, truth: NDArray[np.int64], groups: NDArray[np.int64]) -> None:
        pairs, counts = np.unique(np.stack([truth, groups]), axis=1, return_counts=True)
        self.rows = np.unique(pairs[0], return_inverse=True)[1]
        self.columns = np.unique(pairs[1], return_inverse=True)[1]
        self.groups = pairs[1]
        self.counts = counts.astype(float)
        self.row_sums = np.bincount(self.rows, weights=self.counts)
        self.column_sums = np.bincount(self.columns, weights=self.counts)

    def ari(self) -> float:
        both, same_row, same_column = self._pairs()
        total = float(self.counts.sum())
        by_chance = same_row * same_column / max(1.0, total * (total - 1) / 2)
        best = (same_row + same_column) / 2
        return (both - by_chance) / (best - by_chance) if best != by_chance else 1.0

    def pair_f1(self) -> float:
        both, same_row, same_column = self._pairs()
        precision = both / same_column if same_column else 1.0
        recall = both / same_row if same_row else 1.0
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    def _pairs(self) -> tuple[float, float, float]:
        sums = (self.counts, self.row_sums, self.column_sums)
        both, same_row, same_column = (float((n * (n - 1)).sum()) / 2 for n in sums)
        return both, same_row, same_column


def _codes(ids: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Number the ids from 0, each alert without one apart; return the numbers and who has an id."""
    named = np.array([text not in _NONE for text in ids])
    apart = [text if has else f"\0{place}" for place, (text, has) in enumerate(zip(ids, named, strict=True))]
    return np.unique(apart, return_inverse=True)[1].astype(np.int64), named


def _incident_f1(table: _Table, group_sizes: NDArray[np.float64]) -> float:
    share = table.counts / table.row_sums[table.rows]
    precision = np.bincount(table.rows, weights=share * table.counts / group_sizes[table.groups])
    recall = np.bincount(table.rows, weights=share**2)
    return float((2 * precision * recall / (precision + recall)).mean())


def _left_out(truth: NDArray[np.int64], placed: NDArray[np.bool_]) -> float:
    incidents = np.unique(truth)
    return float(1 - len(np.unique(truth[placed])) / len(incidents)) if len(incidents) else 0.0
