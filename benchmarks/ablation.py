"""Take one family of evidence at a time out of the model, and see what the groups lose.

    ALERTMESH_DATA=... python -m benchmarks.ablation native_boutique native_petshop fleet_storm --lines 6000

A family counts nothing then: its terms are multiplied by 0, as if people had taught so. `none` is grouping
by shared attributes alone. The figures are incident-F1 / single ARI; what does not lose anything on any
stream without it does not earn its place.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from alertmesh.config import load
from alertmesh.correlate.features import FAMILIES
from alertmesh.recorded import read_recorded
from alertmesh.replay import Replay, read_edges
from alertmesh.scoring import Scores, read_grouping, score
from alertmesh.wiring import Wiring
from benchmarks.streams import Laid, Stream, chosen, lay, streams

_WHOLE, _ATTRIBUTES = "whole model", "none"


def main() -> None:
    """Print one row per family and one column per stream."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stream", nargs="+")
    parser.add_argument("--lines", type=int, default=6000, help="alerts of each stream that are replayed")
    given = parser.parse_args()
    data = os.environ.get("ALERTMESH_DATA")
    if not data:
        sys.exit("ALERTMESH_DATA must name the directory of the recorded streams")
    asked = chosen(streams(Path(data)), given.stream)
    print(f"{'without':<14}" + "".join(f"{stream.path.name:>22}" for stream in asked))
    with tempfile.TemporaryDirectory() as scratch:
        laid = [(stream, _lay(stream, Path(scratch))) for stream in asked]
        for family in (_WHOLE, *FAMILIES, _ATTRIBUTES):
            cells = [_without(family, stream, files, given.lines) for stream, files in laid]
            print(f"{family:<14}" + "".join(f"{_cell(scores):>22}" for scores in cells), flush=True)


def _lay(stream: Stream, scratch: Path) -> Laid:
    home = scratch / stream.name.replace("/", "-")
    home.mkdir()
    return lay(stream, home)


def _without(family: str, stream: Stream, files: Laid, lines: int) -> Scores:
    """Replay the first alerts of a stream with one family taken out, and score them."""
    settings = {"models": "none"} if family == _ATTRIBUTES else {}
    edges = read_edges(files.topology) if files.topology else []
    wiring = Wiring(load(None, None, settings), edges=edges)
    if family in FAMILIES:
        wiring.pipeline.correlate.distrust(family)
    run = Replay(wiring)
    run.run(islice(read_recorded(files.alerts), lines))
    groups = files.alerts.with_name("groups.csv")
    run.write_groups(groups)
    return _scored(read_grouping(groups), stream)


def _scored(found: dict[str, str], stream: Stream) -> Scores:
    truth = stream.truth()
    ids: Sequence[str] = [alert for alert in truth if alert in found]
    return score([truth[alert] for alert in ids], [found[alert] for alert in ids])


def _cell(scores: Scores) -> str:
    return f"{scores.incident_f1:.3f} / {scores.single_ari:.3f}"


if __name__ == "__main__":
    main()
