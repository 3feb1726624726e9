"""Replay recorded alarms of telecom devices and score the relations that were learned.

    ALERTMESH_DATA=... python -m benchmarks.relations [STREAM...] [--thirds]

Each stream goes through `alertmesh replay --relations` with the one default configuration. Beside it stand
the complete graph, which names every pair, a simple counter of what comes within a minute, and what was
published. The experts' graph is read only to score. `--thirds` also replays each third of a stream by itself.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from alertmesh.recorded import RecordedAlert, read_recorded, write_recorded
from benchmarks.convert import convert
from benchmarks.relation_scoring import Edge, RelationScores, complete, score

PUBLISHED: dict[str, dict[str, float]] = {
    "18V": {"PC": 0.430, "PCMCI": 0.423, "ADM4": 0.407, "MLE_SGL": 0.374, "THP": 0.577, "NIAGARA": 0.57},
    "24V": {"PC": 0.227, "PCMCI": 0.327, "ADM4": 0.262, "MLE_SGL": 0.325, "THP": 0.372, "NIAGARA": 0.35},
    "25V": {"PC": 0.192, "PCMCI": 0.292, "ADM4": 0.252, "MLE_SGL": 0.305, "THP": 0.339, "NIAGARA": 0.36},
}
"""The directed F1 that papers tell, by the first word of a stream's name."""

_WINDOW_S = 60.0
_TOP = 6
_LINE = "{:<20} {:<22} {:>6} {:>6} {:>6} {:>6} {:>8} {:>6}"


def main() -> None:
    """Score the named streams, or all of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("streams", nargs="*", help="the first letters of names under telecom_causal/")
    parser.add_argument("--thirds", action="store_true", help="also replay each third of the time by itself")
    given = parser.parse_args()
    data = os.environ.get("ALERTMESH_DATA")
    if not data:
        sys.exit("ALERTMESH_DATA must name the directory that holds telecom_causal/")
    print(_LINE.format("stream", "what", "named", "prec.", "recall", "F1", "skeleton", "AP"))
    for stream in sorted(path for path in (Path(data) / "telecom_causal").iterdir() if path.is_dir()):
        if not given.streams or any(stream.name.startswith(name) for name in given.streams):
            _measure(stream, 3 if given.thirds else 0)


def window_lift(alerts: Sequence[RecordedAlert]) -> dict[Edge, float]:
    """Return for each kind the six that most beyond chance come within a minute after it on a device."""
    met: Counter[Edge] = Counter()
    kinds = Counter(alert.labels["alertname"] for alert in alerts)
    for device in _by_device(alerts).values():
        for place, first in enumerate(device):
            followers = set()
            for second in device[place + 1 :]:
                if (second.time - first.time).total_seconds() > _WINDOW_S:
                    break
                followers.add(second.labels["alertname"])
            met.update((first.labels["alertname"], name) for name in followers)
    found: dict[Edge, float] = {}
    for kind in kinds:
        lifts = {edge: count / kinds[edge[1]] for edge, count in met.items() if edge[0] == kind != edge[1]}
        best = sorted(lifts, key=lambda edge: (-lifts[edge], edge))[:_TOP]
        found.update({edge: lifts[edge] for edge in best})
    return found


def link_devices(links: Path, out: Path) -> None:
    """Write the links between devices as a topology, under the names that `convert` gives them."""
    with links.open(newline="") as rows, out.open("w", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(("a", "b", "kind"))
        writer.writerows(
            (f"device-{row['a']}", f"device-{row['b']}", "linked") for row in csv.DictReader(rows)
        )


def read_relations(path: Path) -> dict[Edge, float]:
    """Read what `alertmesh replay --relations` wrote."""
    with path.open(newline="") as rows:
        return {(row["src"], row["dst"]): float(row["score"]) for row in csv.DictReader(rows)}


def _measure(stream: Path, parts: int) -> None:
    with (stream / "true_edges.csv").open(newline="") as rows:
        true = {(f"Alarm{row['src']}", f"Alarm{row['dst']}") for row in csv.DictReader(rows)}
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        convert(stream, home / "alerts.jsonl")
        if (stream / "topology.csv").exists():
            link_devices(stream / "topology.csv", home / "topology.csv")
        alerts = list(read_recorded(home / "alerts.jsonl"))
        kinds = {alert.labels["alertname"] for alert in alerts}
        learned = _replay(home, alerts)
        _tell(stream.name, "learned", score(learned, true))
        for number, part in enumerate(_parts(alerts, parts), 1):
            _tell(stream.name, f"learned, part {number} of {parts}", score(_replay(home, part), true))
    _tell(stream.name, "complete graph", score(complete(kinds), true))
    _tell(stream.name, f"lift in 60 s, top {_TOP}", score(window_lift(alerts), true))
    for name, f1 in PUBLISHED.get(stream.name.split("_")[0], {}).items():
        print(_LINE.format(stream.name, f"{name}, published", "", "", "", f"{f1:.3f}", "", ""), flush=True)


def _replay(home: Path, alerts: Sequence[RecordedAlert]) -> dict[Edge, float]:
    write_recorded(home / "part.jsonl", iter(alerts))
    command = [str(Path(sys.executable).with_name("alertmesh")), "replay", str(home / "part.jsonl")]
    if (home / "topology.csv").exists():
        command += ["--topology", str(home / "topology.csv")]
    outputs = ["--relations", str(home / "relations.csv"), "--summary", str(home / "summary.json")]
    subprocess.run([*command, *outputs], check=True)
    told: Mapping[str, float] = json.loads((home / "summary.json").read_bytes())
    if told["alerts"] != len(alerts):
        sys.exit(f"the replay told of {told['alerts']} alerts, not of {len(alerts)}")
    return read_relations(home / "relations.csv")


def _parts(alerts: Sequence[RecordedAlert], parts: int) -> Iterator[Sequence[RecordedAlert]]:
    for number in range(parts):
        yield alerts[len(alerts) * number // parts : len(alerts) * (number + 1) // parts]


def _by_device(alerts: Sequence[RecordedAlert]) -> dict[str, list[RecordedAlert]]:
    devices: dict[str, list[RecordedAlert]] = defaultdict(list)
    for alert in alerts:
        devices[alert.labels["instance"]].append(alert)
    return devices


def _tell(stream: str, what: str, scores: RelationScores) -> None:
    figures = [f"{figure:.3f}" for figure in scores[1:]]
    print(_LINE.format(stream, what, scores.named, *figures), flush=True)


if __name__ == "__main__":
    main()
