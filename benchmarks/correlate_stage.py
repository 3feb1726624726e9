"""Measure the processor time that a new series costs in correlation and incidents together.

Example: python benchmarks/correlate_stage.py --series 20000 --shape storm
"""

import argparse
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from alertmesh.core.alert import Entity, Priority
from alertmesh.core.series import Change, ChangeKind, Series
from alertmesh.correlate import CorrelateSettings, CorrelateStage
from alertmesh.incidents import IncidentSettings, IncidentStage

START = datetime(2026, 11, 23, 4, tzinfo=UTC)


def change(number: int, shape: str) -> Change:
    """Make the first firing of one more series: all of one rack (storm), or spread over many services."""
    app, host = f"app-{number % 400}", f"node-{number % 2000}"
    labels = {"alertname": f"Kind{number % 37}", "cluster": f"c{number % 4}", "severity": "warning"}
    if shape == "storm":
        labels |= {"instance": f"{host}:9100", "rack": "rack-3"}
        entity = Entity("node", host, labels["cluster"])
    else:
        pod = f"{app}-7d4f8c7b9d-{number % 100_000:05d}".translate(str.maketrans("013", "bcd"))
        labels |= {"namespace": f"ns-{number % 50}", "pod": pod, "node": host}
        entity = Entity("pod", pod, labels["cluster"], labels["namespace"])
    at = START + timedelta(seconds=number / 5000)
    series = Series(
        id=f"{number:016x}",
        name=labels["alertname"],
        labels=labels,
        entity=entity,
        source="prometheus",
        priority=Priority.P3,
        firing=1,
        opened_at=at,
        first_seen_at=at,
        changed_at=at,
    )
    return Change(kind=ChangeKind.OPENED, series=series, fingerprint=series.id, at=at)


def batches(count: int, size: int, shape: str) -> Iterator[list[Change]]:
    """Cut `count` changes into batches."""
    for first in range(0, count, size):
        yield [change(number, shape) for number in range(first, min(count, first + size))]


def main() -> None:
    """Run the measurement and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=20_000, help="how many new series")
    parser.add_argument("--batch", type=int, default=500, help="changes a batch")
    parser.add_argument("--shape", choices=("storm", "spread"), default="spread", help="what they share")
    options = parser.parse_args()
    correlate = CorrelateStage(CorrelateSettings(), [])
    incidents = IncidentStage(IncidentSettings())
    correlate_s = incidents_s = 0.0
    for batch in batches(options.series, options.batch, options.shape):
        now, begin = batch[-1].at, time.process_time()
        events = correlate.feed(batch, now)
        middle = time.process_time()
        incidents.feed(events, correlate.causes, now)
        correlate_s += middle - begin
        incidents_s += time.process_time() - middle
    begin = time.process_time()
    rows = [row for table in (*correlate.tables, *incidents.tables) for row in table.drain()]
    drain_s = time.process_time() - begin
    each = 1e6 / options.series
    print(f"{options.shape}: {options.series} new series, {sum(1 for _ in incidents.incidents())} incidents")
    print(f"correlate {correlate_s * each:.1f} us, incidents {incidents_s * each:.1f} us a series")
    print(f"encoding {len(rows)} rows: {drain_s * each:.1f} us a series")


if __name__ == "__main__":
    main()
