"""Make up the alerts of a week of a Kubernetes cluster, together with the truth about each.

    python -m benchmarks.cluster_week week.jsonl.gz truth.csv --seed 1 --nodes 2000

The week is preceded by a quieter time (`--warmup` days) in which habits can be learned: the
routine jobs run, a quarter of what heals alone happens, and the chronic alerts set in. Equal
arguments give equal bytes. What decides nothing here: no data of any real cluster is read.
"""

import argparse
import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from alertmesh.recorded import RecordedAlert, write_recorded
from benchmarks import cluster_noise, cluster_trouble
from benchmarks.cluster_ground import Alarm, Episode, Ground, Shape, moment, stamp

_LEASE = timedelta(days=400)  # alerts end when they are told to, not by silence


class Week:
    """Everything that happens, from one seed, in order of its beginning."""

    def __init__(self, seed: int, shape: Shape | None = None) -> None:
        ground = Ground(seed, shape or Shape())
        cluster_noise.jobs(ground)
        cluster_noise.chronic(ground)
        cluster_trouble.look_alikes(ground)
        cluster_trouble.troubles(ground)
        cluster_noise.flapping(ground)
        cluster_noise.healing(ground)
        self.shape = ground.shape
        self.episodes = sorted(ground.episodes, key=lambda episode: (episode.start, episode.id))

    def alerts(self) -> Iterator[RecordedAlert]:
        """Return the recording, in order of time; an end comes before a firing of the same second."""
        lines = [
            line for episode in self.episodes for alarm in episode.alarms for line in _lines(episode, alarm)
        ]
        lines.sort(key=lambda line: (line.time, line.status == "firing", line.id))
        return iter(lines)


def write_truth(path: Path, week: Week) -> int:
    """Write one row per episode and return how many there are.

    Times are those of the recording; `must_page` lists `time/priority` of each demand.
    """
    with path.open("w", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(("episode", "kind", "case", "start", "end", "firings", "evaluated", "must_page"))
        for episode in week.episodes:
            demands = " ".join(f"{stamp(one.at)}/P{one.priority}" for one in episode.demands)
            counted = int(episode.start >= week.shape.begin)
            span = stamp(episode.start), stamp(episode.end)
            rows.writerow(
                (episode.id, episode.kind, episode.case, *span, len(episode.alarms), counted, demands)
            )
    return len(week.episodes)


def _lines(episode: Episode, alarm: Alarm) -> Iterator[RecordedAlert]:
    start, end = moment(alarm.start), moment(alarm.end)
    name = f"{episode.id}-{alarm.start}-{alarm.labels.get('node', '')}{alarm.labels.get('pod', '')}"
    text = {"summary": f"{alarm.labels['alertname']} ({alarm.labels['severity']})"}
    yield RecordedAlert(
        id=f"{name}-f",
        time=start,
        status="firing",
        labels=alarm.labels,
        annotations=text,
        ends_at=start + _LEASE,
    )
    yield RecordedAlert(
        id=f"{name}-r",
        time=end,
        status="resolved",
        labels=alarm.labels,
        annotations=text,
        starts_at=start,
        ends_at=end,
    )


def main() -> None:
    """Read the command line and write a recording and its truth."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("alerts", type=Path, help="the JSON lines to write; compressed when it ends in .gz")
    parser.add_argument("truth", type=Path, help="the CSV to write, one row per episode")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--nodes", type=int, default=2000)
    parser.add_argument("--days", type=int, default=7, help="evaluated days")
    parser.add_argument("--warmup", type=int, default=21, help="days before that, to learn from")
    given = parser.parse_args()
    week = Week(given.seed, Shape(given.nodes, given.days, given.warmup))
    lines = write_recorded(given.alerts, week.alerts())
    print(f"{lines} lines, {write_truth(given.truth, week)} episodes")


if __name__ == "__main__":
    main()
