"""Hold a grouping of alerts against the true incidents.

Noise alerts belong to no incident. An alert that was left out of every incident counts as a group of its
own. Figures lie in 0..1, larger is better, where nothing else is said.
"""

import csv
import gzip
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alertmesh.core.errors import BadPayload

NONE = ("", "-")


class Scores(NamedTuple):
    """What one grouping is worth; MEANINGS says what each figure is.

    Several, because each can be had cheaply alone: one big group leaves nothing out, and a group for every
    alert never mixes two incidents.
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


MEANINGS = {
    "alerts": "alerts that were judged",
    "incident_f1": "the headline: BCubed F1 of each true incident, noise in its groups counted; their mean",
    "clean_ari": "adjusted Rand index without the noise: 1 perfect, 0 no better than chance",
    "single_ari": "adjusted Rand index, each noise alert an incident of its own",
    "pair_f1": "F1 over pairs of alerts that belong together, without the noise",
    "compression": "alerts per group; an alert outside every incident is a group",
    "per_true": "groups per true incident; 1 at best",
    "mixed": "groups with alerts of several true incidents; 0 at best",
    "noise_only": "incidents of nothing but noise; 0 at best",
    "left_out": "share of true incidents none of whose alerts is in any incident; 0 at best",
}


def read_grouping(path: Path) -> dict[str, str]:
    """Read the incident of each alert, '' for none, from what `replay --groups` wrote."""
    return _column(path, ("id",), "incident")


def read_truth(path: Path) -> dict[str, str]:
    """Read the true incident of each alert, '' for noise; the ids may stand under `id` or `alert_id`."""
    return _column(path, ("id", "alert_id"), "group")


def score_against(truth: Mapping[str, str], grouping: Mapping[str, str]) -> Scores:
    """Score a grouping by ids; BadPayload names an alert that only one of the two knows.

    A missing alert is refused rather than taken as noise: most often the two files belong to different
    streams, and the figures would say nothing.
    """
    for known, other, where in ((truth, grouping, "grouping"), (grouping, truth, "truth")):
        missing = [alert for alert in known if alert not in other]
        if missing:
            raise BadPayload(f"{len(missing)} alerts are not in the {where}, the first is {missing[0]}", "id")
    if all(group in NONE for group in truth.values()):
        raise BadPayload(
            "the truth names no incident: there is nothing to hold the grouping against", "group"
        )
    return score(list(truth.values()), [grouping[alert] for alert in truth])


def _column(path: Path, keys: tuple[str, ...], wanted: str) -> dict[str, str]:
    """Read one column by the first of `keys` that is there; every id may stand in one row only."""
    found: dict[str, str] = {}
    opener = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", newline="", encoding="utf-8") as lines:
            rows = csv.DictReader(lines)
            names = rows.fieldnames or ()
            key = next((name for name in keys if name in names), None)
            if key is None or wanted not in names:
                absent = " or ".join(keys) if key is None else wanted
                raise BadPayload(f"{path.name}: no column {absent}; there are {', '.join(names)}", absent)
            for row in rows:
                if row[key] in found:
                    raise BadPayload(f"{path.name}:{rows.line_num}: {key} {row[key]} is there twice", key)
                found[row[key]] = row[wanted] or ""
    except (UnicodeDecodeError, csv.Error, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadPayload(f"{path} cannot be read: {error}") from error
    return found


def score(true: Sequence[str], predicted: Sequence[str]) -> Scores:
    """Score `predicted` incident ids against `true` ones, alert by alert; '' and '-' stand for none."""
    truth, known = numbered(true)
    groups, placed = numbered(predicted)
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
        width = int(groups.max(initial=0)) + 1
        cells, counts = np.unique(truth * width + groups, return_counts=True)
        self.groups = cells % width
        self.rows = np.unique(cells // width, return_inverse=True)[1]
        self.columns = np.unique(self.groups, return_inverse=True)[1]
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


def numbered(ids: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Number the ids from 0, each alert without one apart; return the numbers and who has an id."""
    numbers: dict[str, int] = {}
    apart = (text if text not in NONE else f"\0{place}" for place, text in enumerate(ids))
    codes = np.fromiter((numbers.setdefault(text, len(numbers)) for text in apart), np.int64, len(ids))
    return codes, np.fromiter((text not in NONE for text in ids), np.bool_, len(ids))


def _incident_f1(table: _Table, group_sizes: NDArray[np.float64]) -> float:
    share = table.counts / table.row_sums[table.rows]
    precision = np.bincount(table.rows, weights=share * table.counts / group_sizes[table.groups])
    recall = np.bincount(table.rows, weights=share**2)
    return float((2 * precision * recall / (precision + recall)).mean())


def _left_out(truth: NDArray[np.int64], placed: NDArray[np.bool_]) -> float:
    incidents = np.unique(truth)
    return float(1 - len(np.unique(truth[placed])) / len(incidents)) if len(incidents) else 0.0
