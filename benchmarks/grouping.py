"""Replay the recorded fleets and score the incidents that come out.

    ALERTMESH_DATA=... python -m benchmarks.grouping [STREAM...]

Every stream runs twice with the one default configuration; both runs must give the same bytes.
"""

import csv
import gzip
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.convert import convert, convert_topology
from benchmarks.scoring import Scores, score

_WIDTHS = "{:<18} {:>7} {:>6} {:>6} {:>6} {:>6} {:>7} {:>5} {:>5} {:>6} {:>6} {:>9}"
_HEAD = "stream alerts inc-F1 clean single pF1 compr. per mixed noise left alerts/s".split()  # noqa: SIM905


def main() -> None:
    """Score the named streams, or all of them."""
    data = os.environ.get("ALERTMESH_DATA")
    if not data:
        sys.exit("ALERTMESH_DATA must name the directory that holds microservices/")
    streams = sorted(path for path in (Path(data) / "microservices").iterdir() if path.is_dir())
    wanted = sys.argv[1:] or [path.name for path in streams]
    print(_WIDTHS.format(*_HEAD))
    for stream in streams:
        if stream.name in wanted:
            scores, seconds = measure(stream)
            print(_row(stream.name, scores, seconds), flush=True)


def measure(stream: Path) -> tuple[Scores, float]:
    """Replay one stream twice; return its scores and the seconds of the faster run."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        convert(stream, home / "alerts.jsonl")
        convert_topology(stream, home / "topology.csv")
        runs = [_replay(home, number) for number in (1, 2)]
        groups = [(home / f"groups{number}.csv").read_bytes() for number in (1, 2)]
        if groups[0] != groups[1]:
            sys.exit(f"{stream.name}: two replays of the same alerts gave different groups")
        with (home / "groups1.csv").open(newline="") as lines:
            incident = {row["id"]: row["incident"] for row in csv.DictReader(lines)}
    with gzip.open(stream / "alerts.csv.gz", "rt", newline="") as lines:
        truth = {row["alert_id"]: row["group"] for row in csv.DictReader(lines)}
    if missing := truth.keys() - incident.keys():
        sys.exit(f"{stream.name}: {len(missing)} alerts have no line in the groups, one is {min(missing)}")
    return score(list(truth.values()), [incident[alert] for alert in truth]), min(runs)


def _replay(home: Path, number: int) -> float:
    program = Path(sys.executable).with_name("alertmesh")
    summary = home / f"summary{number}.json"
    outputs = ["--groups", str(home / f"groups{number}.csv"), "--summary", str(summary)]
    inputs = [str(home / "alerts.jsonl"), "--topology", str(home / "topology.csv")]
    subprocess.run([program, "replay", *inputs, *outputs], check=True, stdout=subprocess.DEVNULL)
    return float(json.loads(summary.read_bytes())["seconds"])


def _row(name: str, scores: Scores, seconds: float) -> str:
    kept = [scores.incident_f1, scores.clean_ari, scores.single_ari, scores.pair_f1]
    figures = [f"{figure:.3f}" for figure in kept]
    rest = [f"{scores.compression:.1f}", f"{scores.per_true:.2f}", scores.mixed, scores.noise_only]
    rate = scores.alerts / max(seconds, 1e-9)
    return _WIDTHS.format(name, scores.alerts, *figures, *rest, f"{scores.left_out:.3f}", f"{rate:,.0f}")


if __name__ == "__main__":
    main()
