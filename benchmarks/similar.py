"""Measure what a search for similar past incidents costs, and how often it finds truly similar ones.

    python -m benchmarks.similar
    ALERTMESH_DATA=... python -m benchmarks.similar fleet_busy

Cost: searches among 10,000 remembered incidents of a made-up fleet. Quality, with $ALERTMESH_DATA:
the true incidents of a composed fleet, in order of time, each held against those before it. Two are
truly similar if the kind of fault and the root are the same. Many incidents of a fleet are made from
one measurement; `other` leaves those of the same measurement out of the past.
"""

import csv
import gzip
import os
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct

from alertmesh.config import Config, load
from alertmesh.core.alert import Entity, Priority
from alertmesh.core.entries import Fired
from alertmesh.core.group import Cause, Join
from alertmesh.core.incident import Member
from alertmesh.core.series import Series
from alertmesh.correlate.topology import Edge
from alertmesh.incidents.settings import SimilarSettings
from alertmesh.incidents.signature import Limits, Signature, signature
from alertmesh.incidents.similar import Past, PastIncidents, facets_of
from alertmesh.recorded import RecordedAlert, read_recorded
from alertmesh.replay import read_edges
from alertmesh.wiring import Wiring
from benchmarks.convert import convert, convert_topology

START = datetime(2026, 11, 23, 4, tzinfo=UTC)
REMEMBERED, QUERIES = 10_000, 1_000
_LIMITS = Limits()
_ROW = "{:<14} {:<6} {:>8} {:>7} {:>7} {:>8} {:>8} {:>10} {:>10}"


class Trouble(Struct):
    """One true incident: what the product makes of it, and the answers it is judged by."""

    found: Signature
    truth: tuple[str, str]
    root: str
    recording: str


class Hits(Struct):
    """Shares of truly similar incidents, a number for each query."""

    first: list[float] = []
    three: list[float] = []
    random: list[float] = []
    same_root: list[float] = []
    telling: list[float] = []


def main() -> None:
    """Print the cost, and the quality on the fleets that are named or found."""
    print(cost())
    data = os.environ.get("ALERTMESH_DATA")
    if not data:
        return
    streams = sorted(path for path in (Path(data) / "microservices").glob("fleet_*") if path.is_dir())
    heads = ("fleet", "past", "queries", "p@1", "p@3", "random", "root", "in pages", "right")
    print(_ROW.format(*heads))
    for stream in streams:
        if stream.name in (sys.argv[1:] or [path.name for path in streams]):
            troubles = read(stream)
            for name, spared in (("all", 0), ("other", 1)):
                print(_row(stream.name, name, judge(troubles, bool(spared))), flush=True)


def cost() -> str:
    """Search for made-up incidents among as many as are remembered."""
    chance = random.Random(1)
    memory = PastIncidents(SimilarSettings(remembered=REMEMBERED))
    begin = time.process_time()
    for number in range(REMEMBERED):
        memory.remember(_past(number + 1, made_up(chance)))
    remember_us = (time.process_time() - begin) / REMEMBERED * 1e6
    queries = [made_up(chance) for _ in range(QUERIES)]
    spent = []
    for query in queries:
        begin = time.process_time()
        memory.like(query)
        spent.append((time.process_time() - begin) * 1e6)
    spent.sort()
    return (
        f"{REMEMBERED} remembered: a search {spent[len(spent) // 2]:.0f} us, p99 "
        f"{spent[len(spent) * 99 // 100]:.0f} us, worst {spent[-1]:.0f} us; to remember {remember_us:.0f} us"
    )


def made_up(chance: random.Random) -> Signature:
    """Return the signature of a trouble in a fleet of 400 services on 2,000 nodes."""
    kinds = chance.sample(range(120), chance.randint(1, 8))
    app, members = chance.randrange(400), []
    for place in range(chance.randint(1, 40)):
        near = f"app-{(app + chance.randrange(6)) % 400}"
        number = kinds[place % len(kinds)]
        members.append(_member(number, near, f"node-{chance.randrange(2000)}", place))
    return signature(members, (Cause(f"app-{app}", members[0].series.id, 0.8, ""),), _LIMITS)


def judge(troubles: Sequence[Trouble], spares: bool) -> Hits:
    """Hold each incident against those before it; with `spares` not against its own measurement."""
    hits = Hits()
    memories: dict[str, PastIncidents] = defaultdict(lambda: PastIncidents(SimilarSettings(score=0.0)))
    recordings = sorted({trouble.recording for trouble in troubles}) if spares else [""]
    for number, now in enumerate(troubles, 1):
        before = [one for one in troubles[: number - 1] if not spares or one.recording != now.recording]
        right = sum(one.truth == now.truth for one in before)
        key = now.recording if spares else ""
        if right:
            _count(hits, now, before, troubles, memories[key])
        for other in recordings:
            if not spares or other != now.recording:
                memories[other].remember(_past(number, now.found))
    return hits


def _count(
    hits: Hits, now: Trouble, before: Sequence[Trouble], troubles: Sequence[Trouble], memory: PastIncidents
) -> None:
    answers = memory.like(now.found)
    good = [troubles[answer.incident - 1].truth == now.truth for answer in answers]
    right = sum(one.truth == now.truth for one in before)
    hits.first.append(float(good[0]))
    hits.random.append(right / len(before))
    hits.same_root.append(right / max(1, sum(one.root == now.root for one in before)))
    if right >= 3:
        hits.three.append(sum(good) / 3)
    if answers[0].telling:
        hits.telling.append(float(good[0]))


def read(stream: Path) -> list[Trouble]:
    """Return the true incidents of a fleet in order of time, each as the product sees it alone."""
    with (stream / "incidents.csv").open(newline="") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: float(row["start"]))
    with gzip.open(stream / "alerts.csv.gz", "rt", newline="") as lines:
        group = {row["alert_id"]: row["group"] for row in csv.DictReader(lines)}
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        convert(stream, home / "alerts.jsonl")
        convert_topology(stream, home / "topology.csv")
        alerts: dict[str, list[RecordedAlert]] = defaultdict(list)
        for alert in read_recorded(home / "alerts.jsonl"):
            alerts[group[alert.id]].append(alert)
        edges = read_edges(home / "topology.csv")
    config = load(None, None, {})
    return [
        Trouble(
            seen(alerts[row["group"]], config, [edge for edge in edges if edge.cluster == row["cluster"]]),
            (row["kind"], row["root"]),
            row["root"],
            row["src"].partition("+")[0],
        )
        for row in rows
        if alerts[row["group"]]
    ]


def seen(alerts: Iterable[RecordedAlert], config: Config, edges: Sequence[Edge]) -> Signature:
    """Return the signature of the incident that these alerts are; the likely root is the product's own."""
    wiring = Wiring(config, edges=edges)
    stages, members = wiring.pipeline, {}
    groups: Counter[int] = Counter()
    for alert in alerts:
        door = wiring.recorded_door(alert.source)
        fired = Fired(wiring.normaliser.describe(door, alert.sighting(), alert.time), alert.time)
        changes = stages.dedup.feed((fired,), alert.time)
        for event in stages.correlate.feed(changes, alert.time):
            groups[getattr(event, "group", 0)] += 1
        for change in changes:
            series = change.series
            members[series.id] = Member(incident=1, series=series, join=Join(1.0), joined_at=alert.time)
    causes = next(filter(None, (stages.correlate.causes(group) for group, _ in groups.most_common())), ())
    return signature(members.values(), causes, _LIMITS)


def _past(number: int, found: Signature) -> Past:
    at = START + timedelta(minutes=number)
    return Past(incident=number, title="", opened_at=at, closed_at=at, facets=facets_of(found))


def _member(kind: int, app: str, node: str, place: int) -> Member:
    labels = {"alertname": f"Kind{kind}", "namespace": f"ns-{kind % 50}", "service": app, "node": node}
    series = Series(
        id=f"{place:04d}",
        name=labels["alertname"],
        labels=labels | {"cluster": "prod", "team": f"team-{kind % 9}"},
        entity=Entity("service", app, "prod"),
        source="prometheus",
        priority=Priority.P2,
        firing=1,
        opened_at=START,
        first_seen_at=START,
        changed_at=START,
        summary=f"Queue of {app} on {node} holds {kind * 7} jobs, more than limit{kind % 5} allows",
    )
    return Member(incident=1, series=series, join=Join(1.0), joined_at=START)


def _row(fleet: str, past: str, hits: Hits) -> str:
    shares = [hits.first, hits.three, hits.random, hits.same_root]
    figures = [f"{_mean(share):.3f}" for share in shares]
    shown = f"{len(hits.telling) / max(1, len(hits.first)):.3f}"
    return _ROW.format(fleet, past, len(hits.first), *figures, shown, f"{_mean(hits.telling):.3f}")


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


if __name__ == "__main__":
    main()
