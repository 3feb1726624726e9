"""Measure the processor time that a new series costs in correlation and incidents together.

Example: python benchmarks/correlate_stage.py --series 20000 --shape storm
"""

import argparse
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from alertmesh.config import load
from alertmesh.core.alert import Entity, Priority
from alertmesh.core.series import Change, ChangeKind, Series
from alertmesh.correlate import CorrelateSettings, CorrelateStage
from alertmesh.correlate.model import GroupingModel
from alertmesh.incidents import IncidentSettings, IncidentStage
from alertmesh.wiring import grouping_model

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


def filled(groups: int, series: int, model: GroupingModel | None) -> CorrelateStage:
    """Return a correlator that holds about so many open groups and series, a cluster for each group."""
    correlate = CorrelateStage(CorrelateSettings(), [], (), model)
    for number in range(series):
        began = START - timedelta(minutes=20) + timedelta(seconds=number / 5000)
        made = change(number % 400, "spread")
        labels = made.series.labels | {"cluster": f"old-{number % groups}"}
        entity = Entity("pod", labels["pod"], labels["cluster"], labels["namespace"])
        old = replace(made.series, id=f"old-{number}", labels=labels, entity=entity)
        correlate.feed([replace(made, series=old, at=began)], began)
    return correlate


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
    parser.add_argument("--groups", type=int, default=1, help="groups that are open before")
    parser.add_argument("--open", type=int, default=0, help="series that are open before")
    parser.add_argument("--models", default="", help="none: by shared attributes alone; or a directory")
    options = parser.parse_args()
    settings = {"models": options.models} if options.models else {}
    correlate = filled(options.groups, options.open, grouping_model(load(None, None, settings)))
    print(f"open before: {correlate.open_groups} groups, {options.open} series")
    incidents = IncidentStage(IncidentSettings())
    times: list[float] = []
    incidents_s = 0.0
    for batch in batches(options.series, options.batch, options.shape):
        events = []
        for one in batch:
            begin = time.process_time()
            events += correlate.feed([one], one.at)
            times.append(time.process_time() - begin)
        begin = time.process_time()
        incidents.feed(events, correlate.causes, batch[-1].at)
        incidents_s += time.process_time() - begin
    correlate_s = sum(times)
    begin = time.process_time()
    rows = [row for table in (*correlate.tables, *incidents.tables) for row in table.drain()]
    drain_s = time.process_time() - begin
    each = 1e6 / options.series
    print(f"{options.shape}: {options.series} new series, {sum(1 for _ in incidents.incidents())} incidents")
    times.sort()
    middle, late = times[len(times) // 2] * 1e6, times[len(times) * 99 // 100] * 1e3
    print(f"correlate: median {middle:.0f} us, p99 {late:.2f} ms, {len(times) / correlate_s:,.0f} a second")
    print(f"correlate {correlate_s * each:.1f} us, incidents {incidents_s * each:.1f} us a series")
    print(f"encoding {len(rows)} rows: {drain_s * each:.1f} us a series")


if __name__ == "__main__":
    main()
