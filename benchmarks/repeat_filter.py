"""Print what a repeated alert costs at the door, and how many new ones pass filter and stage a second."""

import argparse
import statistics
import time
from datetime import UTC, datetime, timedelta

from alertmesh.core.alert import Alert, Entity, Priority, Sighting
from alertmesh.core.entries import Fired
from alertmesh.core.labels import fingerprint
from alertmesh.core.ports import Door
from alertmesh.dedup.repeats import RepeatFilter
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.stage import DedupStage

START = datetime(2026, 1, 1, tzinfo=UTC)
DOOR = Door("prometheus", "prometheus", timedelta(minutes=5))


def describe(door: Door, sighting: Sighting, now: datetime) -> Alert:
    """Make an Alert with the real fingerprint, and nothing else that costs."""
    return Alert(
        fingerprint=fingerprint(sighting.labels),
        source=door.source,
        labels=sighting.labels,
        annotations=sighting.annotations,
        starts_at=sighting.starts_at or now,
        received_at=now,
        priority=Priority.P2,
        entity=Entity("host", sighting.labels["instance"]),
        severity=sighting.labels["severity"],
    )


def sighting(number: int, now: datetime) -> Sighting:
    """Make the decoded form of one firing alert, new objects each time as a decoder would."""
    labels = {
        "alertname": f"Rule{number % 200}",
        "cluster": "c1",
        "env": "prod",
        "instance": f"10.0.{number // 250}.{number % 250}:9100",
        "job": "node",
        "namespace": "monitoring",
        "severity": "warning",
        "team": "infra",
    }
    annotations = {"summary": f"rule {number % 200} is over its limit"}
    ends_at = now + timedelta(minutes=4)
    return Sighting(number * 7919, True, labels, annotations, START, ends_at)


def batches(count: int, size: int, now: datetime) -> list[list[Sighting]]:
    """Cut `count` alerts into requests of `size`."""
    every = [sighting(number, now) for number in range(count)]
    return [every[at : at + size] for at in range(0, count, size)]


def repeat_ns(count: int, size: int, runs: int) -> float:
    """Return the median cost of one repeat, in nanoseconds."""
    known = RepeatFilter(describe)
    costs = []
    for run in range(runs + 1):
        now = START + timedelta(minutes=run)
        requests = batches(count, size, now)
        begun = time.perf_counter_ns()
        for request in requests:
            known.feed(DOOR, request, now)
        costs.append((time.perf_counter_ns() - begun) / count)
        known.drain_counts()
    return statistics.median(costs[1:])


def new_per_second(count: int, size: int) -> float:
    """Return how many alerts never seen before pass the filter and the stage in a second."""
    known, stage = RepeatFilter(describe), DedupStage(DedupSettings())
    requests = batches(count, size, START)
    begun = time.perf_counter()
    for request in requests:
        entries = known.feed(DOOR, request, START).entries
        stage.feed([entry for entry in entries if isinstance(entry, Fired)], START)
        for table in stage.tables:
            table.drain()
    return count / (time.perf_counter() - begun)


def main() -> None:
    """Run both measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=20_000, help="known instances (default 20000)")
    parser.add_argument("--batch", type=int, default=64, help="alerts per request (default 64)")
    parser.add_argument("--runs", type=int, default=5, help="runs of which the median is taken (default 5)")
    args = parser.parse_args()
    print(f"repeat: {repeat_ns(args.instances, args.batch, args.runs):.0f} ns per alert")
    news = statistics.median(new_per_second(args.instances, args.batch) for _ in range(args.runs))
    print(f"new: {news:.0f} alerts/s through filter and stage")


if __name__ == "__main__":
    main()
