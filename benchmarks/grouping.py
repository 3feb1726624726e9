"""Replay recorded streams, score the incidents that come out, and other ways of grouping beside them.

    ALERTMESH_DATA=... python -m benchmarks.grouping [STREAM...] [--baselines] [--warm] [--json OUT]

Every stream runs twice with the one default configuration; both runs must give the same bytes. At the end
stands whether every stream is at least as good as a session gap of two minutes for each cluster.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from alertmesh.recorded import RecordedAlert, read_recorded
from alertmesh.scoring import Scores, score
from benchmarks.attack_steps import Sweep, print_areas
from benchmarks.baselines import SESSION, Baseline, baselines
from benchmarks.ceiling import ceiling, runs
from benchmarks.streams import Replays, Stream, chosen, lay, lay_after, streams, teacher

_WIDTHS = "{:<26} {:<34} {:>7} {:>6} {:>6} {:>6} {:>6} {:>7} {:>6} {:>6} {:>6} {:>6} {:>10}"
_HEAD = "stream method alerts inc-F1 clean single pF1 compr. per mixed noise left alerts/s".split()  # noqa: SIM905
_TOLERANCE = 0.01
_CEILING = "also the best that is left when repeats within so many seconds are folded; more with commas"


class Result(NamedTuple):
    """What one way of grouping made of one stream."""

    stream: str
    method: str
    scores: Scores
    alerts_per_s: float


class Rival(NamedTuple):
    """Whether a stream came out no worse than the session gap, but for the tolerance."""

    stream: str
    ours: float
    gap: float

    @property
    def is_met(self) -> bool:
        return self.ours >= self.gap - _TOLERANCE


def main() -> None:
    """Score the named streams, or those of microservices/."""
    given = _arguments()
    data = os.environ.get("ALERTMESH_DATA")
    if not data:
        sys.exit("ALERTMESH_DATA must name the directory that holds microservices/ and ait_ads/")
    known = streams(Path(data))
    try:
        wanted = chosen(known, given.streams)
    except KeyError as error:
        sys.exit(f"there is no stream {error}; there are {', '.join(stream.name for stream in known)}")
    replays = Replays(_passed_on(given), 1 if given.once else 2)
    if given.sweep:
        print_areas(wanted, Sweep(given.key, given.values.split(",")), replays)
        return
    results = []
    print(_WIDTHS.format(*_HEAD))
    for stream in wanted:
        for result in _measured(stream, known, replays, given):
            results.append(result)
            print(_row(result), flush=True)
    gate = rivals(results)
    print(*verdicts(gate), sep="\n")
    if given.json:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(_written(results, gate))))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("streams", nargs="*", metavar="STREAM", help="such as fleet_busy or ait_ads/original")
    parser.add_argument("--baselines", action="store_true", help="also run other ways of grouping")
    parser.add_argument("--warm", action="store_true", help="also replay each after another of its kind")
    parser.add_argument("--once", action="store_true", help="replay once, without comparing two runs")
    parser.add_argument("--models", help="directory of learned models, passed on to `alertmesh replay`")
    parser.add_argument("--set", action="append", default=[], help="key=value, passed on likewise")
    parser.add_argument("--ceiling", metavar="SECONDS", help=_CEILING)
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write every figure here")
    parser.add_argument(
        "--sweep", action="store_true", help="attack streams: area over values of one setting"
    )
    parser.add_argument("--key", default="correlate.threshold", help="the setting that is swept")
    parser.add_argument("--values", default=".15,.3,.4,.5,.6,.7,.8,.9,.97", help="its values, with commas")
    return parser.parse_args()


def _passed_on(given: argparse.Namespace) -> list[str]:
    settings = [word for pair in given.set for word in ("--set", pair)]
    return [*settings, "--models", given.models] if given.models else settings


def _measured(
    stream: Stream, known: Sequence[Stream], replays: Replays, given: argparse.Namespace
) -> Iterator[Result]:
    """Run everything that is asked for on one stream."""
    truth = stream.truth()
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        laid = lay(stream, home)
        yield _ours(stream.name, "alertmesh", truth, replays.groups(laid, home))
        alerts = list(read_recorded(laid.alerts))
        if given.warm and (past := teacher(stream, known)):
            both = lay_after(lay(past, _folder(home, "past")), laid, _folder(home, "both"))
            replayed = replays._replace(times=1).groups(both, home / "both")
            yield _ours(stream.name, f"alertmesh after {past.name.rpartition('/')[2]}", truth, replayed)
    true = [truth[alert.id] for alert in alerts]
    others = [other for other in baselines(alerts) if given.baselines or other.family == SESSION]
    yield from _others(stream.name, others, alerts, true)
    for lease in map(float, given.ceiling.split(",") if given.ceiling else ()):
        began = time.perf_counter()
        scores = ceiling(runs(alerts, lease), true)
        rate = len(alerts) / (time.perf_counter() - began)
        yield Result(stream.name, f"(ceiling, lease {lease:g} s)", scores, rate)


def _folder(home: Path, name: str) -> Path:
    (home / name).mkdir()
    return home / name


def _ours(
    stream: str, method: str, truth: Mapping[str, str], replayed: tuple[dict[str, str], float]
) -> Result:
    incident, seconds = replayed
    if missing := truth.keys() - incident.keys():
        sys.exit(f"{stream}: {len(missing)} alerts have no line in the groups, one is {min(missing)}")
    scores = score(list(truth.values()), [incident[alert] for alert in truth])
    return Result(stream, method, scores, len(incident) / max(seconds, 1e-9))


def _others(
    stream: str, others: Sequence[Baseline], alerts: Sequence[RecordedAlert], true: Sequence[str]
) -> Iterator[Result]:
    """Run every baseline; of a family only the best setting is told."""
    best: dict[str, Result] = {}
    for baseline in others:
        if baseline.most is not None and len(alerts) > baseline.most:
            print(f"{stream}: {baseline.family} left out, it is run up to {baseline.most:,} alerts")
            continue
        result = _other(stream, baseline, alerts, true)
        kept = best.setdefault(baseline.family, result)
        if result.scores.incident_f1 > kept.scores.incident_f1:
            best[baseline.family] = result
    yield from best.values()


def _other(stream: str, baseline: Baseline, alerts: Sequence[RecordedAlert], true: Sequence[str]) -> Result:
    began = time.perf_counter()
    groups = baseline.group(alerts)
    seconds = time.perf_counter() - began
    return Result(stream, baseline.title, score(true, list(map(str, groups))), len(alerts) / seconds)


def rivals(results: Sequence[Result]) -> list[Rival]:
    """Hold every stream as replayed cold against its session gap."""
    ours = {result.stream: result.scores.incident_f1 for result in results if result.method == "alertmesh"}
    return [
        Rival(result.stream, ours[result.stream], result.scores.incident_f1)
        for result in results
        if result.method.startswith(SESSION)
    ]


def verdicts(gate: Sequence[Rival]) -> Iterator[str]:
    """Put into lines which streams keep up."""
    yield f"\nno worse than a session {SESSION} per cluster or host, by more than {_TOLERANCE}:"
    for rival in gate:
        word = "met" if rival.is_met else "not met"
        yield f"{_short(rival.stream):<26} {word:<8} {rival.ours:.3f} against {rival.gap:.3f}"
    yield f"{sum(rival.is_met for rival in gate)} of {len(gate)} streams met"


def _row(result: Result) -> str:
    scores = result.scores
    kept = [scores.incident_f1, scores.clean_ari, scores.single_ari, scores.pair_f1]
    figures = [f"{figure:.3f}" for figure in kept]
    rest = [f"{scores.compression:.1f}", f"{scores.per_true:.2f}", scores.mixed, scores.noise_only]
    last = [f"{scores.left_out:.3f}", f"{result.alerts_per_s:,.0f}"]
    return _WIDTHS.format(_short(result.stream), result.method, scores.alerts, *figures, *rest, *last)


def _short(stream: str) -> str:
    return stream.removeprefix("microservices/")


def _written(results: Sequence[Result], gate: Sequence[Rival]) -> dict[str, Any]:
    rows = [
        {"stream": r.stream, "method": r.method, **r.scores._asdict(), "alerts_per_s": round(r.alerts_per_s)}
        for r in results
    ]
    return {"results": rows, "gate": [{**rival._asdict(), "met": rival.is_met} for rival in gate]}


if __name__ == "__main__":
    main()
