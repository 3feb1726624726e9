"""Recordings of two services that fail now and then, made for the tests that train on them."""

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alertmesh.recorded import RecordedAlert, write_recorded
from alertmesh.training import Recording

START = datetime(2026, 11, 2, tzinfo=UTC)
_SYMPTOMS = ("HighErrorRate", "HighLatency", "PodRestarts", "QueueGrows", "ProbeFails")
_EVERY_S = 3_600
_STEP_S = 20.0


def failing(hours: int, name: str = "two") -> Recording:
    """Return a recording in which two services fail in turns, half a minute apart, with noise beside them.

    What fails of one service shares no label with each other but the cluster, as of two teams.
    """
    lines = sorted(_lines(hours), key=lambda line: line[0])
    alerts = [
        RecordedAlert(
            id=str(number), time=at, status="firing", labels=labels, ends_at=at + timedelta(minutes=8)
        )
        for number, (at, labels, _) in enumerate(lines, 1)
    ]
    return Recording(name=name, alerts=alerts, truth=[group for _, _, group in lines])


def _lines(hours: int) -> Iterator[tuple[datetime, dict[str, str], str]]:
    for hour in range(hours):
        begin = START + timedelta(seconds=hour * _EVERY_S)
        service = ("cart", "mail")[hour % 2]
        for number, symptom in enumerate(_SYMPTOMS):
            labels = {
                "alertname": symptom,
                "cluster": "c1",
                "service": f"{service}-{number}",
                "severity": "warning",
            }
            yield begin + timedelta(seconds=_STEP_S * number), labels, f"{service}-{hour}"
        for quarter in range(4):
            at = begin + timedelta(seconds=45 + 900 * quarter)
            labels = {"alertname": "DiskFills", "cluster": "c1", "node": f"n{quarter}", "severity": "warning"}
            yield at, labels, ""


def write(recording: Recording, folder: Path) -> tuple[Path, Path]:
    """Write a recording and its truth; return both files."""
    file, truth = folder / f"{recording.name}.jsonl", folder / f"{recording.name}.csv"
    write_recorded(file, iter(recording.alerts))
    _write_truth(truth, [alert.id for alert in recording.alerts], recording.truth)
    return file, truth


def _write_truth(path: Path, ids: Sequence[str], groups: Sequence[str]) -> None:
    with path.open("w", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(("id", "group"))
        rows.writerows(zip(ids, groups, strict=True))
