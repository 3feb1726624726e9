"""Print what the dedup stage costs for each series that opens and clears, with each rule added in turn.

    python -m benchmarks.dedup_rules
    python -m benchmarks.dedup_rules --million

The rules are the shipped ones. Times are processor time of the stage and of encoding its rows, the
least of the runs; bytes are those of the encoded rows before the store has them. `learned` has all
rules and a month of outcomes of every kind behind it, `storm` a storm that rages.
"""

import argparse
import gc
import os
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

from alertmesh.config import load
from alertmesh.core.alert import Alert, Entity, Priority, Sighting
from alertmesh.core.entries import Ended, Fired, Tick
from alertmesh.core.labels import fingerprint
from alertmesh.core.ports import Door
from alertmesh.dedup.repeats import RepeatFilter
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.stage import DedupStage
from alertmesh.ingest.normalise import Limits, Normaliser
from alertmesh.ingest.priority import PriorityTable
from benchmarks.http_ingest import suffix
from benchmarks.rig import resident_mb

START = datetime(2026, 11, 23, 4, tzinfo=UTC)
DOOR = Door("prometheus", "prometheus", timedelta(0))
Entry = Fired | Ended | Tick


class Cost(Struct):
    """What one entry costs: microseconds in the stage and in encoding, rows and bytes to write."""

    stage_us: float
    encode_us: float
    rows: float
    bytes: float

    def __str__(self) -> str:
        times = f"{self.stage_us:6.1f} us +{self.encode_us:5.1f} us encoding"
        return f"{times}, {self.rows:5.2f} rows, {self.bytes:6.0f} bytes"


def sighting(number: int) -> Sighting:
    """Make the decoded form of one alert of a pod; each number is another series."""
    app = number % 40
    labels = {
        "alertname": f"Rule{number % 60:02d}",
        "severity": ("warning", "critical", "info")[number % 3],
        "cluster": f"c{number % 4}",
        "namespace": f"team-{app:02d}",
        "pod": f"app-{app:02d}-7d9f8b6c5-{suffix(number)}",
        "node": f"node-{number % 500:03d}",
        "job": "kube-state-metrics",
        "run": "n",
    }
    notes = {"summary": f"pod {number} is not well", "runbook_url": f"https://runbooks.example/{number % 60}"}
    return Sighting(number, True, labels, notes, START)


def describe(door: Door, seen: Sighting, now: datetime) -> Alert:
    """Make an Alert of a sighting."""
    labels = seen.labels
    return Alert(
        fingerprint=fingerprint(labels),
        source=door.source,
        labels=labels,
        annotations=seen.annotations,
        starts_at=now,
        received_at=now,
        priority=(Priority.P3, Priority.P2, Priority.P4)[int(seen.identity) % 3],
        entity=Entity("pod", labels["pod"], labels["cluster"], labels["namespace"]),
        severity=labels["severity"],
    )


def firings(numbers: Sequence[int], start: datetime, rate: float) -> list[Fired]:
    """Return the entries of series that open one after the other, `rate` a second."""
    step = timedelta(seconds=1 / rate)
    moments = [start + step * place for place in range(len(numbers))]
    return [Fired(describe(DOOR, sighting(n), at), at) for n, at in zip(numbers, moments, strict=True)]


def ends(fired: Sequence[Fired], after: timedelta) -> list[Ended]:
    """Return the ends of what fired, each `after` its begin."""
    return [Ended(entry.alert.fingerprint, entry.at + after, entry.at + after) for entry in fired]


def month(kinds: int = 60) -> Iterator[Entry]:
    """Yield a month in which each kind of alert came once a day and cleared within minutes."""
    for day in range(30):
        begin = START - timedelta(days=30 - day) + timedelta(minutes=7 * day)
        fired = firings(range(-kinds * (day + 1), -kinds * day), begin, 0.05)
        both: list[Fired | Ended] = [*fired, *ends(fired, timedelta(seconds=90 + day))]
        yield from sorted(both, key=lambda entry: entry.at)
        yield Tick(begin + timedelta(hours=12))


def drained(stage: DedupStage) -> tuple[int, int]:
    """Return how many rows there are to write, and how many bytes they have."""
    rows = [row for table in stage.tables for row in table.drain()]
    return len(rows), sum(len(row.body or b"") for row in rows)


def cost(stage: DedupStage, entries: Sequence[Fired | Ended], batch: int) -> Cost:
    """Feed entries one by one, as the pipeline does, and drain the tables after each batch."""
    total = Cost(0.0, 0.0, 0.0, 0.0)
    for first in range(0, len(entries), batch):
        begun = time.process_time_ns()
        for entry in entries[first : first + batch]:
            stage.feed((entry,), entry.at)
        fed = time.process_time_ns()
        rows, size = drained(stage)
        total.stage_us += (fed - begun) / 1e3
        total.encode_us += (time.process_time_ns() - fed) / 1e3
        total.rows += rows
        total.bytes += size
    each = 1 / len(entries)
    return Cost(total.stage_us * each, total.encode_us * each, total.rows * each, total.bytes * each)


def best(costs: Sequence[Cost]) -> Cost:
    """Return the least of each figure."""
    return Cost(
        min(one.stage_us for one in costs),
        min(one.encode_us for one in costs),
        min(one.rows for one in costs),
        min(one.bytes for one in costs),
    )


def measured(name: str, stage: DedupStage, options: argparse.Namespace) -> None:
    """Print what openings and clears cost a stage, over disjoint sets of series."""
    opened: list[Cost] = []
    cleared: list[Cost] = []
    begin = START
    for run in range(options.runs):
        numbers = range(run * options.series, (run + 1) * options.series)
        fired = firings(numbers, begin, options.rate)
        ended = ends(fired, timedelta(minutes=10))
        gc.collect()
        gc.disable()
        opened.append(cost(stage, fired, options.batch))
        cleared.append(cost(stage, ended, options.batch))
        gc.enable()
        begin = ended[-1].at + timedelta(hours=1)
        stage.feed((Tick(begin),), begin)
        drained(stage)
    print(f"{name:<22}open  {best(opened)}")
    print(f"{'':<22}clear {best(cleared)}")


def prepared(settings: DedupSettings, history: Iterator[Entry]) -> DedupStage:
    """Return a stage with all rules that lived through a history."""
    stage = DedupStage(settings)
    for entry in history:
        stage.feed((entry,), entry.at)
    drained(stage)
    return stage


def ladder(settings: DedupSettings, options: argparse.Namespace) -> None:
    """Print the costs of the tracker alone, and of each rule more; then those of harder days."""
    every = DedupStage(settings).rules
    for count in range(len(every) + 1):
        stage = DedupStage(settings)
        stage.rules = stage.rules[:count]
        measured(f"+ {every[count - 1].name}" if count else "tracker", stage, options)
    measured("learned", prepared(settings, month()), options)
    calm = firings(range(-3_000, 0), START - timedelta(hours=1), 1.0)
    measured("storm", prepared(settings, iter(calm)), options)


def million(settings: DedupSettings, count: int) -> None:
    """Print the memory of a filter and a stage that know `count` open series."""
    before = resident_mb(os.getpid())
    known, stage = RepeatFilter(Normaliser(PriorityTable(), Limits()).describe), DedupStage(settings)
    for first in range(0, count, 500):
        now = START + timedelta(seconds=first / 5_000)
        seen = [sighting(number) for number in range(first, min(first + 500, count))]
        for entry in known.feed(DOOR, seen, now).entries:
            if isinstance(entry, Fired):
                stage.feed((entry,), entry.at)
        drained(stage)
    after = resident_mb(os.getpid())
    print(f"{len(stage.series):,} open series: {after:.0f} MB resident, {before:.0f} MB before")
    print(f"{(after - before) * 1e6 / len(stage.series):.0f} bytes a series; given up: {stage.dropped:,}")


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--series", type=int, default=10_000, help="series a run (default 10000)")
    parser.add_argument("--batch", type=int, default=64, help="entries a transaction (default 64)")
    parser.add_argument("--runs", type=int, default=3, help="runs, of which the best counts (default 3)")
    parser.add_argument("--rate", type=float, default=5_000.0, help="series a second (default 5000)")
    parser.add_argument("--million", action="store_true", help="memory of open series instead")
    parser.add_argument("--count", type=int, default=1_000_000, help="series for --million")
    options = parser.parse_args()
    config = load(None, None, {})
    settings = msgspec.convert(config.section("dedup"), DedupSettings)
    if options.million:
        million(settings, options.count)
    else:
        ladder(settings, options)


if __name__ == "__main__":
    main()
