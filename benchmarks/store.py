"""Print how fast the SQLite store makes batches durable, and how long a writer waits for that."""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from alertmesh.core.alert import Alert, Entity, Priority
from alertmesh.core.entries import Fired
from alertmesh.core.incident import TimelineEntry
from alertmesh.core.ports import Batch, Count
from alertmesh.core.records import Row
from alertmesh.store import SqliteStore

START = datetime(2026, 1, 1, tzinfo=UTC)
SMALL, LARGE = b"s" * 150, b"l" * 600
LABELS = {f"label_{n}": f"a value of common length {n}" for n in range(11)}
ROWS_PER_ALERT = 6

Maker = Callable[[int, int], Batch]


class Result(NamedTuple):
    """What one run gave: records a second, and how long writers waited, in milliseconds."""

    per_s: float
    p50: float
    p99: float


def fired(number: int) -> Fired:
    """Make a log entry with the usual size of an alert, about 900 bytes."""
    alert = Alert(
        fingerprint=f"{number * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF:016x}",
        source="prometheus",
        labels=LABELS,
        annotations={"summary": "s" * 120, "description": "d" * 200},
        starts_at=START,
        received_at=START,
        priority=Priority.P2,
        entity=Entity("host", "node-1"),
    )
    return Fired(alert, START)


def log_batch(first: int, size: int) -> Batch:
    """Make a batch of log entries only, as a door writes it."""
    return Batch(entries=[fired(number) for number in range(first, first + size)])


def alert_batch(first: int, size: int) -> Batch:
    """Make a batch of new alerts: a log entry, five rows and a timeline line each."""
    batch = log_batch(first, size)
    rows, lines = [], []
    for number, entry in enumerate(batch.entries, first):
        assert isinstance(entry, Fired)
        name, incident = entry.alert.fingerprint, number // 50
        rows += [Row("instance", name, LARGE), Row("series", name[::-1], LARGE), Row("kind", name, SMALL)]
        rows += [Row("member", f"{incident}/{name}", LARGE), Row("incident", incident, LARGE)]
        lines.append(TimelineEntry(incident=incident, at=START, kind="joined", text="web-1 joined"))
    return Batch(entries=batch.entries, rows=rows, timeline=lines, cursor=first)


def count_batch(first: int, size: int) -> Batch:
    """Make a batch of repeat counters of 100,000 instances that take turns."""
    numbers = (number * 7919 % 100_000 for number in range(first, first + size))
    return Batch(counts=[Count(f"{number:016x}", first, START) for number in numbers])


async def measure(make: Maker, size: int, producers: int, seconds: float) -> Result:
    """Let producers write batches of `size` one after the other for so many seconds."""
    waits: list[float] = []
    with tempfile.TemporaryDirectory() as directory:
        store = SqliteStore(Path(directory) / "bench.db")
        await store.open()
        began = time.perf_counter()

        async def produce(number: int) -> None:
            while (sent := time.perf_counter()) - began < seconds:
                await store.write(make((len(waits) * producers + number) * size, size))
                waits.append(time.perf_counter() - sent)

        await asyncio.gather(*map(produce, range(producers)))
        elapsed = time.perf_counter() - began
        await store.close()
    waits.sort()
    return Result(
        len(waits) * size / elapsed, waits[len(waits) // 2] * 1e3, waits[len(waits) * 99 // 100] * 1e3
    )


def report(title: str, result: Result, rows_each: int) -> None:
    """Print one line of the table."""
    rows = result.per_s * rows_each
    print(f"{title:34} {result.per_s:10,.0f} {rows:10,.0f} {result.p50:9.1f} {result.p99:9.1f}", flush=True)


def main() -> None:
    """Read the arguments, run each workload, print a line each."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="Example: python -m benchmarks.store --seconds 5 --sizes 1 50 500"
    )
    parser.add_argument("--seconds", type=float, default=1.5, help="length of each run (default 1.5)")
    parser.add_argument("--producers", type=int, default=32, help="writers at the same time (default 32)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 50, 500], help="log entries a batch")
    options = parser.parse_args()
    print(f"{'synchronous=FULL':34} {'items/s':>10} {'rows/s':>10} {'p50 ms':>9} {'p99 ms':>9}")
    workloads: list[tuple[str, Maker, int, int, int]] = [
        *((f"log, batches of {n}", log_batch, n, options.producers, 1) for n in options.sizes),
        ("log, batches of 50, one writer", log_batch, 50, 1, 1),
        ("new alerts, batches of 64", alert_batch, 64, 4, 1 + ROWS_PER_ALERT),
        ("new alerts, batches of 500", alert_batch, 500, 1, 1 + ROWS_PER_ALERT),
        ("counters, batches of 20,000", count_batch, 20_000, 1, 1),
    ]
    for title, make, size, producers, rows_each in workloads:
        report(title, asyncio.run(measure(make, size, producers, options.seconds)), rows_each)


if __name__ == "__main__":
    main()
