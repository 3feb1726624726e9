"""Run the whole pipeline over a recording: offline, deterministic, as fast as it can.

The recording's own times are the clock. Between two lines every lease and deadline that falls
due is honoured, so the outcome is what a live run would have decided.
"""

import csv
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from alertmesh.core.alert import Sighting
from alertmesh.core.entries import Fired, LogEntry, Tick
from alertmesh.core.errors import AlertMeshError, BadPayload
from alertmesh.core.group import Grouped, GroupsMerged, GroupSplit, Role
from alertmesh.core.incident import Incident, IncidentEventKind
from alertmesh.core.page import Attempt, PageKind
from alertmesh.core.ports import StoredEntry
from alertmesh.core.series import ChangeKind
from alertmesh.correlate.topology import Edge
from alertmesh.pipeline import Decisions
from alertmesh.recorded import RecordedAlert
from alertmesh.wiring import Wiring

_FINISH_EVERY = 1000
_MOST_ROUNDS = 1_000_000


class Line(Struct):
    """What became of one input line; `group` is 0 when it reached none."""

    id: str
    series: str = ""
    group: int = 0
    role: str = "duplicate"


class Summary(Struct, kw_only=True):
    """The counts of one replay; `compression` is alerts per incident, `seconds` wall time."""

    alerts: int
    refused: int
    series: int
    changes: int
    incidents: int
    watched: int
    pages: int
    compression: float
    rules: dict[str, int]
    seconds: float


class Watcher(Protocol):
    """Somebody who is shown everything that a replay decides."""

    def sent(self, attempts: Sequence[Attempt]) -> None:
        """Take the attempts of one entry of the log."""
        ...

    def decided(self, out: Decisions) -> None:
        """Take all the rest, after each thousand alerts or so and at the end."""
        ...


class Replay:
    """Feed recorded alerts through a pipeline and remember where each one ended."""

    def __init__(self, wiring: Wiring, watcher: Watcher | None = None) -> None:
        self._wiring = wiring
        self._watcher = watcher
        self._pipeline = wiring.pipeline
        self._filter = wiring.filter
        self._seq = 0
        self._out = Decisions()
        self._lines: list[Line] = []
        self._fingerprints: dict[str | int, str] = {}
        self._group_of: dict[str, int] = {}
        self._merged: dict[int, int] = {}
        self._incident_of: dict[int, int] = {}
        self._bodies: dict[int, bytes] = {}
        self._series: set[str] = set()
        self._pages: set[str] = set()
        self._rules: Counter[str] = Counter()
        self._changes = 0
        self._refused = 0
        self._reached: datetime | None = None
        self._began = time.perf_counter()

    def run(self, alerts: Iterable[RecordedAlert]) -> None:
        """Replay `alerts`, which must be in order of time."""
        before: datetime | None = None
        for number, alert in enumerate(alerts, 1):
            if before is not None and alert.time < before:
                raise BadPayload(
                    f"line {number} is earlier than the one before it; sort by time", field="time"
                )
            before = alert.time
            self._catch_up(alert.time)
            self._take(alert)
            if number % _FINISH_EVERY == 0:
                self._finish()
        self._finish()

    def follow(self, entries: Iterable[LogEntry]) -> None:
        """Replay entries of a log, which passed the door in their time; deadlines are honoured as ever."""
        for number, entry in enumerate(entries, 1):
            self._catch_up(entry.at)
            self._decide([entry])
            if number % _FINISH_EVERY == 0:
                self._finish()
        self._finish()

    def advance(self, until: datetime) -> None:
        """Let time go on to `until`."""
        self._catch_up(until)
        self._finish()

    def incidents(self) -> list[Incident]:
        """Return every incident as it ended, oldest first."""
        decode = msgspec.msgpack.Decoder(Incident).decode
        return [decode(self._bodies[number]) for number in sorted(self._bodies)]

    def summary(self) -> Summary:
        """Return the counts so far."""
        incidents = len(set(self._incident_of.values()) - self._merged_incidents())
        groups = {self._survivor(line.group) for line in self._lines if line.group}
        return Summary(
            alerts=len(self._lines),
            refused=self._refused,
            series=len(self._series),
            changes=self._changes,
            incidents=incidents,
            watched=sum(1 for group in groups if group not in self._incident_of),
            pages=len(self._pages),
            compression=round(len(self._lines) / incidents, 3) if incidents else 0.0,
            rules=dict(sorted(self._rules.items())),
            seconds=round(time.perf_counter() - self._began, 3),
        )

    def write_groups(self, path: Path) -> None:
        """Write `id,incident,role`, one row per input line, in input order."""
        with path.open("w", newline="") as out:
            rows = csv.writer(out, lineterminator="\n")
            rows.writerow(("id", "incident", "role"))
            for line in self._lines:
                incident = self._incident_of.get(self._survivor(line.group), "")
                rows.writerow((line.id, incident, line.role))

    def write_causes(self, path: Path) -> None:
        """Write `incident,entity,score,reason`, the best candidate of each incident first."""
        with path.open("w", newline="") as out:
            rows = csv.writer(out, lineterminator="\n")
            rows.writerow(("incident", "entity", "score", "reason"))
            for incident in self.incidents():
                for cause in incident.causes:
                    rows.writerow((incident.id, cause.entity, f"{cause.score:.4f}", cause.reason))

    def _catch_up(self, until: datetime) -> None:
        """Let everything happen that falls due up to `until`."""
        for _ in range(_MOST_ROUNDS):
            due = [moment for moment in (self._filter.next_expiry(), self._pipeline.deadline()) if moment]
            if not due or min(due) > until:
                self._reached = until
                return
            now = max(min(due), self._reached or until)
            self._decide(self._filter.expire(now).entries)
            deadline = self._pipeline.deadline()
            if deadline is not None and deadline <= now:
                self._decide([Tick(now)])
        raise AlertMeshError(f"time does not get past {until:%FT%T}: a deadline is never done with")

    def _take(self, alert: RecordedAlert) -> None:
        sighting = alert.sighting()
        line = Line(alert.id)
        self._lines.append(line)
        door = self._wiring.recorded_door(alert.source)
        admission = self._filter.feed(door, (sighting,), alert.time)
        self._refused += len(admission.refused)
        self._remember(sighting, admission.entries)
        first = len(self._out.changes)
        self._decide(admission.entries)
        self._place(line, sighting, {change.kind for change in self._out.changes[first:]})

    def _remember(self, sighting: Sighting, entries: Iterable[LogEntry]) -> None:
        for entry in entries:
            if isinstance(entry, Fired):
                self._fingerprints[sighting.identity] = entry.alert.fingerprint

    def _decide(self, entries: Iterable[LogEntry]) -> None:
        for entry in entries:
            self._seq += 1
            groups, incidents = len(self._out.groups), len(self._out.incidents)
            self._pipeline.decide(StoredEntry(self._seq, entry), self._out)
            # Counted at once: a later withdrawal takes queued pages out of what was decided so far.
            self._pages |= {item.page.id for item in self._out.attempts if item.page.kind is PageKind.PAGE}
            if self._watcher is not None:
                self._watcher.sent(self._out.attempts)
            self._out.attempts.clear()
            for event in self._out.groups[groups:]:
                self._follow(event)
            for happened in self._out.incidents[incidents:]:
                if happened.kind in (IncidentEventKind.OPENED, IncidentEventKind.SPLIT):
                    self._incident_of[happened.incident.group] = happened.incident.id

    def _follow(self, event: object) -> None:
        match event:
            case Grouped(group=group, change=change):
                self._group_of[change.series.id] = group
            case GroupsMerged(winner=winner, loser=loser):
                self._merged[loser] = winner
            case GroupSplit(part=part, series=moved):
                for series in moved:
                    self._group_of[series] = part
                for line in self._lines:
                    if line.series in moved and self._survivor(line.group) == event.group:
                        line.group = part

    def _place(self, line: Line, sighting: Sighting, kinds: set[ChangeKind]) -> None:
        series = self._pipeline.dedup.series_of(self._fingerprints.get(sighting.identity, ""))
        if series is None:
            return
        self._series.add(series)
        line.series = series
        line.group = self._group_of.get(series, 0)
        if ChangeKind.OPENED in kinds:
            line.role = self._role(series)

    def _role(self, series: str) -> str:
        join = self._pipeline.correlate.join_of(series)
        return Role.MEMBER if join is None else join.role

    def _survivor(self, group: int) -> int:
        while group in self._merged:
            group = self._merged[group]
        return group

    def _merged_incidents(self) -> set[int]:
        return {self._incident_of[group] for group in self._merged if group in self._incident_of} - {
            self._incident_of[group] for group in self._incident_of if group not in self._merged
        }

    def _finish(self) -> None:
        out = self._pipeline.finish(self._out)
        if self._watcher is not None:
            self._watcher.decided(out)
        self._changes += len(out.changes)
        self._rules.update(line.rule for line in out.timeline if line.rule)
        for row in out.rows:
            if row.table == "incident" and row.body is not None:
                self._bodies[int(row.key)] = row.body
        self._out = Decisions()


def read_edges(path: Path) -> list[Edge]:
    """Read a topology: CSV with the columns a, b, kind and, if known, cluster."""
    try:
        with path.open(newline="", encoding="utf-8") as source:
            rows = csv.DictReader(source)
            missing = {"a", "b", "kind"} - set(rows.fieldnames or ())
            if missing:
                raise BadPayload(f"{path.name}: no column {', '.join(sorted(missing))}", field=path.name)
            return [Edge(row["a"], row["b"], row["kind"], row.get("cluster") or "") for row in rows]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadPayload(f"{path} cannot be read: {error}") from error
