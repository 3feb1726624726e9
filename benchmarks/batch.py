"""Hold what the batch pass is sure of against what was true, and measure what a pass costs.

    ALERTMESH_DATA=... python -m benchmarks.batch [STREAM...] [--learn] [--cost] [--models DIR]

Every stream is replayed with a pass that only looks. A merge is right when most series of both groups
belong to one true incident, a split when those of its two sides do not. The same proposal is made pass
after pass: each distinct one counts once in all. What automatic merges and splits do to the figures of
grouping is printed by `python -m benchmarks.grouping --set correlate.batch.apply=...`.
"""

import argparse
import os
import sys
import tempfile
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from alertmesh.config import load
from alertmesh.core.entries import Proposed
from alertmesh.core.regrouping import RegroupKind
from alertmesh.correlate.batch import SHIPPED, confidence, propose
from alertmesh.correlate.batch_window import Affinity, Item, Window
from alertmesh.correlate.batchsettings import BatchSettings
from alertmesh.pipeline import Pipeline
from alertmesh.recorded import RecordedAlert, read_recorded
from alertmesh.replay import Line, Replay, read_edges
from alertmesh.wiring import Wiring
from benchmarks.batch_learn import Example, Looked, examples, learn
from benchmarks.streams import Stream, chosen, lay, streams

_BINS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.01)
_SIZES = (100, 500, 1_500)
_ROUNDS = 5


class History(NamedTuple):
    """When a series had a line of the recording, and to which true incident each belongs."""

    times: list[float]
    incidents: list[str]

    def at(self, moment: float) -> str:
        """Return the true incident of the last line up to a moment."""
        return self.incidents[bisect_right(self.times, moment) - 1]


def main() -> None:
    """Print reliability tables, learned weights, or costs."""
    given = _arguments()
    if given.cost:
        print(*costs(), sep="\n")
        return
    data = os.environ.get("ALERTMESH_DATA")
    if not data:
        sys.exit("ALERTMESH_DATA must name the directory that holds microservices/")
    wanted = chosen(streams(Path(data)), given.streams)
    seen = [look for stream in wanted for look in watched(stream, given.models)]
    if given.learn:
        print(learn(seen))
        return
    found = examples(seen, SHIPPED.pairs)
    for kind in RegroupKind:
        print(*reliability(found, kind), sep="\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "streams", nargs="*", metavar="STREAM", help="such as fleet_busy; microservices/ else"
    )
    parser.add_argument("--learn", action="store_true", help="print the weights that the streams teach")
    parser.add_argument("--cost", action="store_true", help="print what a pass costs")
    parser.add_argument("--models", default="", help="directory of learned models, or none")
    return parser.parse_args()


def watched(stream: Stream, models: str) -> Iterator[Looked]:
    """Replay a stream and yield each window, with the true incident of each series in it."""
    truth, windows = stream.truth(), list[Window]()

    def look(pipeline: Pipeline, now: datetime) -> Proposed:
        windows.append(pipeline.correlate.suggestions.window(now))
        return Proposed(at=now)

    with tempfile.TemporaryDirectory() as scratch:
        laid = lay(stream, Path(scratch))
        edges = read_edges(laid.topology) if laid.topology else []
        run = Replay(Wiring(load(None, None, {"models": models} if models else {}), edges=edges), look=look)
        alerts = list(read_recorded(laid.alerts))
        run.run(alerts)
    told = _histories(run.lines, alerts, truth)
    for window in windows:
        yield Looked(stream.name, window, [told[item.series].at(window.at) for item in window.items])


def _histories(
    lines: Sequence[Line], alerts: Sequence[RecordedAlert], truth: dict[str, str]
) -> dict[str, History]:
    told: dict[str, History] = {}
    for line, alert in zip(lines, alerts, strict=True):
        known = told.setdefault(line.series, History([], []))
        known.times.append(alert.time.timestamp())
        known.incidents.append(truth[line.id])
    return told


def reliability(found: Sequence[Example], kind: RegroupKind) -> Iterator[str]:
    """Yield a table: of the proposals that were so sure, which share was right."""
    these = [one for one in found if one.kind is kind]
    made = Counter(one.key for one in these)
    sure = [confidence(kind, one.measures, SHIPPED) for one in these]
    yield f"\n{kind.value}: {len(made)} distinct proposals"
    yield f"{'confidence':<14} {'distinct':>8} {'said':>6} {'right':>6}"
    for low, high in pairwise(_BINS):
        inside = [(one, said) for one, said in zip(these, sure, strict=True) if low <= said < high]
        count = sum(1 / made[one.key] for one, _ in inside)
        if inside:
            said = sum(value / made[one.key] for one, value in inside) / count
            right = sum(one.is_right / made[one.key] for one, _ in inside) / count
            yield f"{low:.2f} to {min(high, 1.0):.2f}   {count:>8.0f} {said:>6.2f} {right:>6.2f}"


def costs() -> Iterator[str]:
    """Yield the processor time of a pass over windows of several sizes, in one cluster and in twelve."""
    yield f"{'series':>7} {'clusters':>9} {'ms a pass':>10}"
    propose(_window(10, 1), BatchSettings())  # the first one imports
    for size in _SIZES:
        for clusters in (1, 12):
            window = _window(size, clusters)
            began = time.process_time()
            for _ in range(_ROUNDS):
                propose(window, BatchSettings())
            yield f"{size:>7} {clusters:>9} {(time.process_time() - began) * 1_000 / _ROUNDS:>10.1f}"


def _window(size: int, clusters: int) -> Window:
    """Return a window of many small troubles over half an hour, each of ten series of ten things."""
    items = tuple(_item(number, f"c{number % clusters}") for number in range(size))
    kinds = tuple(sorted({item.kind for item in items}))
    table = tuple((1.0,) * len(kinds) for _ in kinds)
    return Window(1_800.0, items, Affinity(kinds, table, table))


def _item(number: int, cluster: str) -> Item:
    trouble, place = divmod(number, 10)
    subject = f"{cluster}|s{trouble}-{place}"
    shared = (
        (f"{cluster}|node|n{trouble % 40}", 0.5),
        (f"{cluster}|rack|r{trouble % 7}", 0.4),
        (subject, 0.8),
    )
    return Item(
        series=f"{number}",
        group=trouble + 1,
        kind=f"K{place}",
        cluster=cluster,
        namespace=f"ns{trouble % 5}",
        subject=subject,
        shared=shared,
        near=(f"{cluster}|n{trouble % 40}",),
        began=float((trouble * 37) % 1_800 + place),
        cleared=None,
        of=10,
    )


if __name__ == "__main__":
    main()
