"""Correct a replay as people would, replay again with their words, and score both.

    ALERTMESH_DATA=... python -m benchmarks.corrections [STREAM...] [--words 200] [--set key=value]

Every mistake of the first replay is a word somebody may say: two incidents that hold alerts of one true
incident are to be merged, an alert that sits among those of another is to be split off. So many of them
are drawn, with a seed, and each is said some minutes after the later of its two alerts.
"""

import argparse
import csv
import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from alertmesh.recorded import read_recorded
from alertmesh.scoring import Scores, score
from benchmarks.streams import Laid, Replays, Stream, chosen, lay, streams

_LATER = timedelta(minutes=5)
_ROW = "{:<26} {:<26} {:>6} {:>6} {:>6} {:>6} {:>7} {:>6}"
_HEAD = "stream words inc-F1 clean single pF1 noise left".split()  # noqa: SIM905


class Word(NamedTuple):
    """What somebody says of two input lines."""

    time: datetime
    action: str
    a: str
    b: str


def main() -> None:
    """Score the named streams, by default fleet_busy, without and with corrections."""
    given = _arguments()
    data = os.environ.get("ALERTMESH_DATA")
    if not data:
        sys.exit("ALERTMESH_DATA must name the directory that holds microservices/")
    known = streams(Path(data))
    try:
        wanted = chosen(known, given.streams or ["fleet_busy"])
    except KeyError as error:
        sys.exit(f"there is no stream {error}; there are {', '.join(stream.name for stream in known)}")
    settings = [word for pair in given.set for word in ("--set", pair)]
    print(_ROW.format(*_HEAD))
    for stream in wanted:
        _correct(stream, given, settings)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("streams", nargs="*", metavar="STREAM")
    parser.add_argument("--words", type=int, default=200, help="how many corrections")
    parser.add_argument("--only", choices=("merge", "split"), help="only words of this kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], help="key=value, passed on to `replay`")
    return parser.parse_args()


def _correct(stream: Stream, given: argparse.Namespace, settings: Sequence[str]) -> None:
    truth = stream.truth()
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        laid = lay(stream, home)
        first = _replayed(laid, home, settings)
        print(_row(stream, "none", _scores(truth, first)), flush=True)
        times = {alert.id: alert.time for alert in read_recorded(laid.alerts)}
        words = [word for word in mistakes(truth, first, times) if given.only in (None, word.action)]
        said = sorted(Random(given.seed).sample(words, min(given.words, len(words))))
        feedback = home / "feedback.csv"
        _write(feedback, said)
        second = _replayed(laid, home, [*settings, "--feedback", str(feedback)])
        counts = Counter(word.action for word in said)
        what = f"{counts['merge']} merges, {counts['split']} splits"
        print(_row(stream, what, _scores(truth, second)), flush=True)


def mistakes(
    truth: Mapping[str, str], incident: Mapping[str, str], times: Mapping[str, datetime]
) -> Iterator[Word]:
    """Yield what there is to be said against a grouping; alerts that are left out say nothing."""
    parts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    mixed: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for alert in sorted(times, key=lambda one: (times[one], one)):
        if incident[alert]:
            parts[truth[alert]][incident[alert]].append(alert)
            mixed[incident[alert]][truth[alert]].append(alert)
    for true, held in sorted(parts.items()):
        largest, *others = sorted(held.values(), key=lambda alerts: (-len(alerts), alerts[0]))
        for other in others if true else ():
            yield _said("merge", other[0], largest[0], times)
    for true_in in (mixed[group] for group in sorted(mixed)):
        named = [(len(alerts), true) for true, alerts in true_in.items() if true]
        most = max(named, default=(0, ""))[1]
        for true, alerts in sorted(true_in.items()):
            if most and true != most:
                yield from (_said("split", alert, true_in[most][0], times) for alert in alerts)


def _said(action: str, a: str, b: str, times: Mapping[str, datetime]) -> Word:
    return Word(max(times[a], times[b]) + _LATER, action, a, b)


def _write(path: Path, words: Sequence[Word]) -> None:
    with path.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(Word._fields)
        rows.writerows((word.time.isoformat(), *word[1:]) for word in words)


def _replayed(laid: Laid, home: Path, options: Sequence[str]) -> dict[str, str]:
    return Replays(options, 1).groups(laid, home)[0]


def _scores(truth: Mapping[str, str], incident: Mapping[str, str]) -> Scores:
    return score(list(truth.values()), [incident[alert] for alert in truth])


def _row(stream: Stream, words: str, found: Scores) -> str:
    figures = (found.incident_f1, found.clean_ari, found.single_ari, found.pair_f1)
    texts = [f"{figure:.3f}" for figure in figures]
    name = stream.name.rpartition("/")[2]
    return _ROW.format(name, words, *texts, found.noise_only, f"{found.left_out:.3f}")


if __name__ == "__main__":
    main()
