"""Tell what folding repeats leaves to be won: no grouping of what is folded can be better.

An alert of the same labels within the lease of the one before is a repeat and stays where that one is. Each
such run is put where it does most good, with the truth in hand.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from alertmesh.recorded import RecordedAlert
from alertmesh.scoring import NONE, Scores, score

Cells = Mapping[int, Counter[str]]


def runs(alerts: Sequence[RecordedAlert], lease_s: float) -> list[int]:
    """Return the number of each alert's run of repeats; an end that was told ends it as well."""
    until: dict[frozenset[tuple[str, str]], float] = {}
    number: dict[frozenset[tuple[str, str]], int] = {}
    found: list[int] = []
    begun = 0
    for alert in alerts:
        key = frozenset(alert.labels.items())
        began = alert.time.timestamp()
        if began > until.get(key, float("-inf")):
            number[key], begun = begun, begun + 1
        until[key] = alert.ends_at.timestamp() if alert.ends_at else began + lease_s
        found.append(number[key])
    return found


def ceiling(found: Sequence[int], true: Sequence[str]) -> Scores:
    """Score whole runs, each put where most of it belongs, or where it matters most: the better of both."""
    cells: dict[int, Counter[str]] = {}
    for run, incident in zip(found, true, strict=True):
        cells.setdefault(run, Counter())["" if incident in NONE else incident] += 1
    sizes = Counter(true)
    tries = [_by_count(cells), _by_share(cells, sizes)]
    scores = [score(true, [placed[run] or f"alone {run}" for run in found]) for placed in tries]
    return max(scores, key=lambda scored: scored.incident_f1)


def _by_count(cells: Cells) -> dict[int, str]:
    return {run: max(counts, key=lambda name: (counts[name], name)) for run, counts in cells.items()}


def _by_share(cells: Cells, sizes: Mapping[str, int]) -> dict[int, str]:
    """Place each run where it holds the greatest share of an incident, small incidents first."""
    placed = {}
    for run, counts in cells.items():
        named = [name for name in counts if name]
        placed[run] = max(named, key=lambda name: (counts[name] / sizes[name], name), default="")
    return placed
