"""Turn a recorded alert stream of a data set into the form that `alertmesh replay` reads.

    python -m benchmarks.convert $ALERTMESH_DATA/microservices/fleet_calm storm.jsonl --topology topology.csv
    python -m benchmarks.convert $ALERTMESH_DATA/ait_ads/original/shaw.csv.gz steps.jsonl

The columns that hold the answer (`group`, `phase`, `truth_note`) are never read.
"""

import argparse
import csv
import gzip
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from alertmesh.recorded import RecordedAlert, write_recorded

_LABELS = ("severity", "cluster", "namespace", "service", "pod", "node", "peer", "host", "ip", "rule")
_TOPOLOGY = ("a", "b", "kind", "cluster")


def convert(stream: Path, out: Path) -> int:
    """Write the alerts of `stream`, a .csv.gz or a directory that holds one; return how many."""
    return write_recorded(out, _alerts(_file(stream)))


def convert_topology(stream: Path, out: Path) -> None:
    """Write the relations that belong to `stream`, a directory, to `out`."""
    with (stream / "topology.csv").open(newline="") as lines, out.open("w", newline="") as target:
        writer = csv.DictWriter(target, _TOPOLOGY, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(csv.DictReader(lines))


def _file(stream: Path) -> Path:
    """Return the file of alerts: of telecom devices they are called alarms."""
    if not stream.is_dir():
        return stream
    alarms = stream / "alarms.csv.gz"
    return alarms if alarms.exists() else stream / "alerts.csv.gz"


def _alerts(path: Path) -> Iterator[RecordedAlert]:
    with gzip.open(path, "rt", newline="") as lines:
        rows = csv.DictReader(lines)
        if "alarm" in (rows.fieldnames or ()):
            yield from sorted((_alarm(row) for row in rows), key=lambda alert: alert.time)
        else:
            yield from map(_alert, rows)


def _alarm(row: Mapping[str, str]) -> RecordedAlert:
    """Read an alarm of a telecom device, whose kind and device are numbers."""
    return RecordedAlert(
        id=row["alert_id"],
        time=_moment(row["start"]),
        source="telecom",
        status="firing",
        labels={"alertname": f"Alarm{row['alarm']}", "instance": f"device-{row['device']}"},
        ends_at=_moment(row["end"]),
    )


def _alert(row: Mapping[str, str]) -> RecordedAlert:
    labels = {"alertname": row["name"]} | {name: row[name] for name in _LABELS if row.get(name)}
    return RecordedAlert(
        id=row["alert_id"],
        time=_moment(row["t"]),
        source=row["source"],
        status="firing",
        labels=labels,
        annotations={"summary": row.get("text") or row["name"]},
        ends_at=_moment(row["end"]) if row.get("end") else None,
    )


def _moment(seconds: str) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)


def main() -> None:
    """Read the command line and convert one stream."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "stream", type=Path, help="a directory with alerts.csv.gz or alarms.csv.gz, or one such file"
    )
    parser.add_argument("out", type=Path, help="the JSON lines to write; compressed when it ends in .gz")
    parser.add_argument("--topology", type=Path, help="also write the directory's topology.csv here")
    given = parser.parse_args()
    print(f"{convert(given.stream, given.out)} alerts")
    if given.topology:
        convert_topology(given.stream, given.topology)


if __name__ == "__main__":
    main()
