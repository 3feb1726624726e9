"""Measure how well the root of an incident is found, beside the plainest ideas.

    ALERTMESH_DATA=... python -m benchmarks.rootcause [STREAM...]
    ALERTMESH_DATA=... python -m benchmarks.rootcause --across     also: learned on other systems
    ALERTMESH_DATA=... python -m benchmarks.rootcause --learn weights.json

AC@k is the share of incidents whose root is among the first k; of equal scores the last place counts.
`true groups` ranks what belongs to an incident, `end to end` takes for each true incident the incident of
`alertmesh replay` that holds most of its alerts.
"""

import argparse
import csv
import gzip
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from alertmesh.correlate.root_evidence import gather
from alertmesh.correlate.root_view import View
from alertmesh.correlate.root_words import Reader, RootWords
from alertmesh.correlate.rootcause import Ranker, RootWeights
from alertmesh.recorded import read_recorded
from benchmarks.convert import convert, convert_topology
from benchmarks.rootcause_baselines import BASELINES, Scores
from benchmarks.rootcause_groups import Truth, held, read_truth, topology_of
from benchmarks.rootcause_learn import Case, learn, unseen_odds
from benchmarks.rootcause_propagation import read_scenarios

_ROW = "{:<20} {:<26} {:>5} {:>6} {:>6} {:>6}   {:>5} {:>6} {:>6} {:>6}"
_HEAD = ("stream", "ranking", "all", "AC@1", "AC@3", "MRR", "vis.", "AC@1", "AC@3", "MRR")
Ranking = Callable[[View], Scores]


class Group(NamedTuple):
    """A true incident with the view of it that is ranked."""

    truth: Truth
    view: View


class Figures(NamedTuple):
    """How well roots were found, from 0 to 1."""

    incidents: int
    first: float
    third: float
    mean_reciprocal: float


def place_of(scores: Scores, root: str) -> int | None:
    """Return the place of the root, 1 the best, last among equals; None when it is no candidate.

    >>> place_of({"a": 2.0, "b": 1.0, "c": 1.0}, "b")
    3
    """
    if root not in scores:
        return None
    return sum(score >= scores[root] for score in scores.values())


def figures(places: Sequence[int | None]) -> Figures:
    """Sum up where the roots stood.

    >>> figures([1, 3, None, 2]).first
    0.25
    """
    count = max(1, len(places))
    known = [place for place in places if place is not None]
    first, third = (sum(place <= most for place in known) / count for most in (1, 3))
    return Figures(len(places), first, third, sum(1 / place for place in known) / count)


def true_groups(stream: Path, ranker: Ranker) -> list[Group]:
    """Return the true incidents of a stream, as far as they have alerts."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        convert(stream, home / "alerts.jsonl")
        convert_topology(stream, home / "topology.csv")
        alerts = {alert.id: alert for alert in read_recorded(home / "alerts.jsonl")}
        topology = topology_of(home / "topology.csv")
    belongs = _belongs(stream)
    members: dict[str, list[str]] = {}
    for alert, group in belongs.items():
        members.setdefault(group, []).append(alert)
    return [
        Group(
            truth, ranker.view(held([alerts[one] for one in members[truth.group]], truth.cluster), topology)
        )
        for truth in read_truth(stream)
        if truth.group in members
    ]


def ours(weights: RootWeights | None = None) -> Ranking:
    """Return our ranking under some weights, the shipped ones if none are given."""
    ranker = Ranker(weights or RootWeights())
    return lambda view: {cause.entity: cause.score for cause in ranker.causes(view, 5)}


def end_to_end(stream: Path) -> list[tuple[Truth, Scores]]:
    """Replay a stream; return for each true incident the candidates of the incident that stands for it."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        convert(stream, home / "alerts.jsonl")
        convert_topology(stream, home / "topology.csv")
        program = Path(sys.executable).with_name("alertmesh")
        outputs = ["--groups", str(home / "groups.csv"), "--causes", str(home / "causes.csv")]
        inputs = [str(home / "alerts.jsonl"), "--topology", str(home / "topology.csv")]
        subprocess.run([program, "replay", *inputs, *outputs], check=True, stdout=subprocess.DEVNULL)
        incident = {row["id"]: row["incident"] for row in _rows(home / "groups.csv")}
        causes: dict[str, dict[str, float]] = {}
        for row in _rows(home / "causes.csv"):
            causes.setdefault(row["incident"], {})[row["entity"]] = float(row["score"])
    stands = _standing_for(_belongs(stream), incident)
    return [(truth, causes.get(stands.get(truth.group, ""), {})) for truth in read_truth(stream)]


def _standing_for(belongs: Mapping[str, str], incident: Mapping[str, str]) -> dict[str, str]:
    held_by: dict[str, Counter[str]] = {}
    for alert, group in belongs.items():
        if incident.get(alert):
            held_by.setdefault(group, Counter())[incident[alert]] += 1
    return {group: min(counts, key=lambda one: (-counts[one], one)) for group, counts in held_by.items()}


def _belongs(stream: Path) -> dict[str, str]:
    """Return the true incident of each alert that has one."""
    with gzip.open(stream / "alerts.csv.gz", "rt", newline="") as lines:
        return {row["alert_id"]: row["group"] for row in csv.DictReader(lines) if row["group"]}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def _row(stream: str, ranking: str, found: Iterable[tuple[Truth, Scores]]) -> str:
    places = [(truth, place_of(scores, truth.root)) for truth, scores in found]
    every = figures([place for _, place in places])
    seen = figures([place for truth, place in places if truth.is_visible])
    cells = [[one.incidents, *(f"{figure:.3f}" for figure in one[1:])] for one in (every, seen)]
    return _ROW.format(stream, ranking, *cells[0], *cells[1])


def _table(groups: Mapping[str, Sequence[Group]], streams: Mapping[str, Path]) -> None:
    print(_ROW.format(*_HEAD))
    for name, ones in groups.items():
        rankings = {**BASELINES, "true groups": ours()}
        for ranking, scores in rankings.items():
            print(_row(name, ranking, [(one.truth, scores(one.view)) for one in ones]))
        print(_row(name, "end to end", end_to_end(streams[name])), flush=True)


def _system(cluster: str) -> str:
    """Return which system a cluster of a fleet is a copy of."""
    return cluster.rstrip("0123456789").rstrip("-")


def _cases(groups: Mapping[str, Sequence[Group]]) -> list[tuple[str, Case]]:
    reader = Reader(RootWords())
    return [
        (_system(one.truth.cluster), Case(gather(one.view, reader), one.truth.root))
        for ones in groups.values()
        for one in ones
    ]


def _across(groups: Mapping[str, Sequence[Group]]) -> None:
    """Print what weights are worth on a system none of whose incidents they were learned from."""
    cases = _cases(groups)
    print("\nlearned on the other systems only")
    print(_ROW.format(*_HEAD))
    for system in sorted({name for name, _ in cases}):
        weights = learn([case for name, case in cases if name != system])
        scores = ours(weights)
        for stream, ones in groups.items():
            mine = [(one.truth, scores(one.view)) for one in ones if _system(one.truth.cluster) == system]
            if mine:
                print(_row(stream, system, mine), flush=True)


def _confidence(groups: Mapping[str, Sequence[Group]]) -> None:
    """Print how often it was so that the first was the root, and that none was, by how sure it was said."""
    print("\nsaid     first: groups, said, so    none: groups, said, so")
    ranker = Ranker()
    first: list[tuple[float, bool]] = []
    none: list[tuple[float, bool]] = []
    for one in (one for ones in groups.values() for one in ones):
        evidence = gather(one.view, Reader(RootWords()))
        cause = ranker.causes(one.view)[0]
        first.append((cause.score, cause.entity == one.truth.root))
        unseen = one.truth.root not in {thing.name for thing in evidence.things}
        none.append((unseen_odds(evidence, RootWeights()), unseen))
    for fifth in range(5):
        cells = []
        for said in (first, none):
            here = [pair for pair in said if min(4, int(pair[0] * 5)) == fifth]
            count = max(1, len(here))
            sums = [sum(pair[0] for pair in here) / count, sum(pair[1] for pair in here) / count]
            cells.append(f"{len(here):>12} {sums[0]:>6.2f} {sums[1]:>6.2f}")
        print(f"{fifth / 5:.1f}-{fifth / 5 + 0.2:.1f}", *cells)


def _propagation(path: Path) -> None:
    """Print how often a root of a graph of how faults spread is found, where it is a candidate at all."""
    reader = Reader(RootWords())
    scenarios = read_scenarios(path, reader)
    print(f"\nfault propagation: {len(scenarios)} graphs; alerting: those one of whose roots alerts")
    print(
        "{:<20} {:>6} {:>6} {:>6}   {:>5} {:>6} {:>6} {:>6}".format(
            *_HEAD[1:2], *_HEAD[3:6], "alert.", *_HEAD[3:6]
        )
    )
    for name, ranking in {**BASELINES, "ours": ours()}.items():
        places: list[int | None] = []
        alerting: list[int | None] = []
        for one in scenarios:
            scores = ranking(one.view)
            found = [place for root in one.roots if (place := place_of(scores, root))]
            places.append(min(found, default=None))
            if one.roots & {told.entity for told in one.view.told}:
                alerting.append(places[-1])
        cells = [f"{figure:.3f}" for figure in figures(places)[1:]]
        more = [f"{figure:.3f}" for figure in figures(alerting)[1:]]
        print("{:<20} {:>6} {:>6} {:>6}   {:>5} {:>6} {:>6} {:>6}".format(name, *cells, len(alerting), *more))


def _cost(groups: Mapping[str, Sequence[Group]]) -> None:
    """Print what a ranking costs, as the groups are and for all of them thrown together up to 200 series."""
    views = [one.view for ones in groups.values() for one in ones]
    told = tuple(one for view in views for one in view.told)[:200]
    calls = tuple(sorted({pair for view in views for pair in view.calls}))
    for ranked in (views, [View(told=told, calls=calls, size=len(told))] * 100):
        ranker, began = Ranker(), time.process_time()
        for view in ranked:
            ranker.causes(view)
        spent = (time.process_time() - began) / max(1, len(ranked))
        size = sum(view.size for view in ranked) / max(1, len(ranked))
        print(f"\nranking a group of {size:.0f} series takes {spent * 1e3:.2f} ms of processor time")


def main() -> None:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("streams", nargs="*", help="names under microservices/; all if none is given")
    parser.add_argument("--across", action="store_true", help="learn on all systems but one, measure on that")
    parser.add_argument("--learn", type=Path, metavar="OUT", help="write weights learned on all streams here")
    given = parser.parse_args()
    if "ALERTMESH_DATA" not in os.environ:
        sys.exit("ALERTMESH_DATA must name the directory that holds microservices/")
    data = Path(os.environ["ALERTMESH_DATA"])
    found = {path.name: path for path in sorted((data / "microservices").iterdir()) if path.is_dir()}
    streams = {name: found[name] for name in given.streams or found}
    groups = {name: true_groups(path, Ranker()) for name, path in streams.items()}
    if given.learn:
        weights = learn([case for _, case in _cases(groups)])
        given.learn.write_bytes(msgspec.json.format(msgspec.json.encode(weights)) + b"\n")
        return
    _table(groups, streams)
    _confidence(groups)
    if given.across:
        _across(groups)
    scenarios = data / "itbench_propagation" / "scenarios.json"
    if scenarios.exists():
        _propagation(scenarios)
    _cost(groups)


if __name__ == "__main__":
    main()
