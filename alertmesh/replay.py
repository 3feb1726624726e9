"""Run the whole pipeline over a recording: offline, deterministic, as fast as it can.

The recording's own times are the clock. Between two lines every lease and deadline that falls
due is honoured, so the outcome is what a live run would have decided.
"""

import csv
import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from alertmesh.core.alert import Sighting
from alertmesh.core.entries import Action, Feedback, Fired, LogEntry, Tick
from alertmesh.core.errors import AlertMeshError, BadPayload
from alertmesh.core.group import Grouped, GroupsMerged, GroupSplit, Role, SeriesMoved
from alertmesh.core.incident import Incident, IncidentEventKind
from alertmesh.core.page import Attempt, PageKind
from alertmesh.core.ports import StoredEntry
from alertmesh.core.series import ChangeKind
from alertmesh.correlate.topology import Edge
from alertmesh.feedback import Remark
from alertmesh.pipeline import Decisions
from alertmesh.recorded import RecordedAlert
from alertmesh.secondlook import Look, Rhythm, look
from alertmesh.wiring import Wiring

_FINISH_EVERY = 1000
_MOST_ROUNDS = 1_000_000
_PEOPLE = "people"


class Line(Struct):
    """What became of one input line; `group` is 0 when it reached none.

    `episode` counts how often its series had begun to fire by then.
    """

    id: str
    series: str = ""
    group: int = 0
    role: str = "duplicate"
    episode: int = 0


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

    def __init__(self, wiring: Wiring, watcher: Watcher | None = None, look: Look = look) -> None:
        self._wiring = wiring
        self._watcher = watcher
        self._pipeline = wiring.pipeline
        self._filter = wiring.filter
        self._rhythm = Rhythm(wiring.pipeline)
        self._look = look
        self._seq = 0
        self._out = Decisions()
        self._lines: list[Line] = []
        self._by_id: dict[str, Line] = {}
        self._lines_of: dict[str, list[Line]] = {}
        self._names: dict[str, str] = {}
        self._episodes: Counter[str] = Counter()
        self._since: dict[str, int] = {}
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

    def run(self, alerts: Iterable[RecordedAlert], remarks: Sequence[Remark] = ()) -> None:
        """Replay `alerts`, which must be in order of time, and what people said of them meanwhile.

        Each of `remarks`, also in order of time, takes effect before the first alert that is later.
        """
        before: datetime | None = None
        waiting = deque(remarks)
        for number, alert in enumerate(alerts, 1):
            if before is not None and alert.time < before:
                raise BadPayload(
                    f"line {number} is earlier than the one before it; sort by time", field="time"
                )
            before = alert.time
            while waiting and waiting[0].time < alert.time:
                self._hear(waiting.popleft())
            self._catch_up(alert.time)
            self._take(alert)
            if remarks:
                self._by_id[alert.id] = self._lines[-1]
            if number % _FINISH_EVERY == 0:
                self._finish()
        for remark in waiting:
            self._hear(remark)
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

    @property
    def lines(self) -> Sequence[Line]:
        """Return what became of each input line, in input order."""
        return self._lines

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

    def write_relations(self, path: Path) -> None:
        """Write `src,dst,score,lag_s` between alert names: what was learned to follow what."""
        with path.open("w", newline="") as out:
            rows = csv.writer(out, lineterminator="\n")
            rows.writerow(("src", "dst", "score", "lag_s"))
            for edge in self._pipeline.correlate.relations.edges():
                rows.writerow((edge.src, edge.dst, f"{edge.score:.4f}", f"{edge.lag_s:g}"))

    def _catch_up(self, until: datetime) -> None:
        """Let everything happen that falls due up to `until`."""
        if self._reached is None:
            self._wiring.warm_up(until)
        for _ in range(_MOST_ROUNDS):
            looking = self._rhythm.due(self._reached or until)
            moments = (self._filter.next_expiry(), self._pipeline.deadline(), looking)
            due = [moment for moment in moments if moment]
            if not due or min(due) > until:
                self._reached = until
                return
            now = max(min(due), self._reached or until)
            self._decide(self._filter.expire(now).entries)
            deadline = self._pipeline.deadline()
            if deadline is not None and deadline <= now:
                self._decide([Tick(now)])
            if looking is not None and looking <= now:
                self._decide([self._look(self._pipeline, now)])
                self._rhythm.looked()
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

    def _hear(self, remark: Remark) -> None:
        """Take what somebody said of the alerts of earlier lines."""
        self._catch_up(remark.time)
        one, other = self._line(remark, "a", remark.a), Line(remark.b)
        present, b, group = self._is_present(one), remark.b, 0
        if remark.action is not Action.ROOT:
            other, group = self._line(remark, "b", remark.b), self._survivor(one.group)
            shared = remark.action is Action.SPLIT and group == self._survivor(other.group)
            present, b = self._is_present(other) and (present or shared), other.series
            group = group if shared and present else 0
            if shared and one is not other and one.series == other.series:
                other = self._later(one, other)
            self._since |= {line.series: line.episode for line in (one, other)}
        names = self._names.get(one.series, ""), self._names.get(other.series, "")
        word = Feedback(action=remark.action, actor=_PEOPLE, at=remark.time, a=one.series, b=b, names=names)
        self._decide([msgspec.structs.replace(word, past=not present, group=group)])

    def _line(self, remark: Remark, field: str, id: str) -> Line:
        line = self._by_id.get(id)
        if line is None:
            raise remark.unfit(field, f"no input line up to that time has the id {id!r}")
        return line

    def _later(self, one: Line, other: Line) -> Line:
        """Return the later of two lines of one series; if they are of one episode, another begins with it."""
        lines = self._lines_of[one.series]
        place = max(number for number, line in enumerate(lines) if line is one or line is other)
        if one.episode == other.episode:
            self._episodes[one.series] += 1
            for line in lines[place:]:
                line.episode += 1
        return lines[place]

    def _is_present(self, line: Line) -> bool:
        """Tell whether the series of a line is still where it was then."""
        group = self._survivor(line.group)
        return group > 0 and group == self._survivor(self._group_of.get(line.series, 0))

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
                group = self._survivor(happened.incident.group)
                if happened.kind in (IncidentEventKind.OPENED, IncidentEventKind.SPLIT):
                    self._incident_of[happened.incident.group] = happened.incident.id
                    self._incident_of[group] = happened.incident.id
                elif happened.kind is IncidentEventKind.MERGED and happened.other is not None:
                    self._incident_of[group] = happened.other

    def _follow(self, event: object) -> None:
        match event:
            case Grouped(group=group, change=change):
                self._group_of[change.series.id] = group
                self._episodes[change.series.id] += change.kind is ChangeKind.OPENED
            case GroupsMerged(winner=winner, loser=loser):
                self._merged[loser] = winner
                if loser in self._incident_of:
                    self._incident_of.setdefault(winner, self._incident_of[loser])
            case GroupSplit(group=group, part=part, series=moved, actor=actor):
                for series in moved:
                    self._carry_over(series, (group, part), self._episodes[series] if actor else 0)
            case SeriesMoved(group=group, into=part, series=moved):
                for series in moved:
                    self._carry_over(series, (group, part), 0)

    def _carry_over(self, series: str, way: tuple[int, int], since: int) -> None:
        """Move the lines of a series from episode `since` on, or from the one that people spoke of."""
        group, self._group_of[series] = way
        since = self._since.get(series, since)
        for line in reversed(self._lines_of.get(series, ())):
            if line.episode < since:
                break
            if self._survivor(line.group) == group:
                line.group = way[1]

    def _place(self, line: Line, sighting: Sighting, kinds: set[ChangeKind]) -> None:
        series = self._pipeline.dedup.series_of(self._fingerprints.get(sighting.identity, ""))
        if series is None:
            return
        self._series.add(series)
        line.series = series
        line.group = self._group_of.get(series, 0)
        line.episode = self._episodes[series]
        self._lines_of.setdefault(series, []).append(line)
        self._names[series] = sighting.labels.get("alertname", "")
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
