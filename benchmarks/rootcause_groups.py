"""Lay the true groups of a recorded fleet out as the correlator would hold them."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from alertmesh.core.alert import Priority
from alertmesh.core.group import Join
from alertmesh.core.series import Series
from alertmesh.correlate.attributes import Describer
from alertmesh.correlate.live import Belonging, Live, LiveGroups, Standing
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.topology import Edge, Topology
from alertmesh.ingest.subject import subject
from alertmesh.recorded import RecordedAlert
from alertmesh.replay import read_edges

_WORDS = {"critical": Priority.P1, "disaster": Priority.P1, "high": Priority.P2, "info": Priority.P4}


class Truth(NamedTuple):
    """A true incident: its root, and whether any alert of it names the root at all."""

    group: str
    cluster: str
    root: str
    is_visible: bool


def read_truth(stream: Path) -> list[Truth]:
    """Read the true incidents of a stream."""
    with (stream / "incidents.csv").open(newline="") as lines:
        return [
            Truth(row["group"], row["cluster"], row["root"], row["root_visible"] == "True")
            for row in csv.DictReader(lines)
        ]


def topology_of(path: Path) -> Topology:
    """Read a topology as the correlator knows it."""
    return Topology([Edge(edge.a, edge.b, edge.kind, edge.cluster) for edge in read_edges(path)])


def held(alerts: Sequence[RecordedAlert], cluster: str) -> Live:
    """Return the open group that holds these alerts, each series from its first alert on."""
    groups, describer = LiveGroups(), Describer(CorrelateSettings())
    began = alerts[0].time
    live = groups.open(Standing(id=1, cluster=cluster, opened_at=began, active_at=began))
    for one, at in _series(alerts):
        belonging = Belonging(
            group=1,
            join=Join(1.0),
            joined_at=at,
            name=one.name,
            profile=describer.profile(one),
            priority=one.priority,
        )
        groups.enter(live, one.id, belonging)
    return live


def _series(alerts: Iterable[RecordedAlert]) -> list[tuple[Series, datetime]]:
    found: dict[str, tuple[Series, datetime]] = {}
    for alert in sorted(alerts, key=lambda alert: alert.time):
        labels = {name: value for name, value in alert.labels.items() if name != "severity"}
        key = "/".join(f"{name}={value}" for name, value in sorted(labels.items()))
        severity = alert.labels.get("severity", "")
        priority = _WORDS.get(severity.lower(), Priority.P3)
        known = found.get(key)
        at = known[1] if known else alert.time
        worst = min(priority, known[0].priority) if known else priority
        one = Series(
            id=key,
            name=labels.get("alertname", ""),
            labels=alert.labels,
            entity=subject(alert.labels),
            source=alert.source,
            priority=worst,
            severity=severity,
            firing=1,
            opened_at=at,
            first_seen_at=at,
            changed_at=alert.time,
        )
        found[key] = (one, at)
    return list(found.values())
