"""The whole path on one screen: log entry -> change -> group -> incident -> page.

Nothing here reads a clock or touches a disk. Entries of the ordered log go in, and what was
decided comes out as data that the shell writes in one transaction.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field

from alertmesh.core.alert import Alert
from alertmesh.core.entries import (
    Action,
    Changed,
    ClockJumped,
    Command,
    Ended,
    Feedback,
    Fired,
    HandoverSigned,
    LogEntry,
    Outcome,
    OverrideAnswered,
    OverrideEnded,
    OverrideSet,
    Proposed,
    Reported,
    RulesChanged,
    SilenceExpired,
    SilenceSet,
    Tick,
    TopologySet,
)
from alertmesh.core.errors import BadCommand
from alertmesh.core.group import GroupEvent
from alertmesh.core.incident import IncidentEvent, Member, TimelineEntry
from alertmesh.core.page import Attempt, Withdrawal
from alertmesh.core.ports import StoredEntry
from alertmesh.core.records import Records, Row
from alertmesh.core.series import Change
from alertmesh.correlate.stage import CorrelateStage
from alertmesh.correlate.suggestions import ANSWERS
from alertmesh.dedup.stage import DedupStage
from alertmesh.escalate.outbound import Escalated, strike
from alertmesh.escalate.stage import EscalateStage
from alertmesh.incidents.stage import IncidentStage

_GROUPING = frozenset({Action.MERGE, Action.SPLIT, Action.MOVE, Action.ROOT, Action.UNRELATED}) | ANSWERS
# The argument of an action that names another incident.
_AGAINST = {Action.MERGE: "into", Action.MOVE: "into", Action.UNRELATED: "other"}


class Decisions(Struct):
    """What a run of log entries led to.

    `refused` maps the sequence number of a command to the reason why it was not carried out.
    """

    cursor: int = 0
    changes: list[Change] = field(default_factory=list)
    groups: list[GroupEvent] = field(default_factory=list)
    incidents: list[IncidentEvent] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)
    timeline: list[TimelineEntry] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    refused: dict[int, BadCommand] = field(default_factory=dict)


class Scene:
    """What silences look at when one begins, and after a restart."""

    def __init__(self, dedup: DedupStage, incidents: IncidentStage) -> None:
        self._dedup = dedup
        self._incidents = incidents

    def firing(self) -> Iterator[tuple[str, Alert]]:
        """Yield every firing instance with the series it belongs to."""
        for alert, ended_at in self._dedup.alerts():
            series = self._dedup.series_of(alert.fingerprint) if ended_at is None else None
            if series is not None:
                yield series, alert

    def members(self) -> Iterator[tuple[int, Member]]:
        """Yield every series that is in a group, with the group."""
        for incident in self._incidents.incidents():
            for member in self._incidents.members(incident.id):
                yield incident.group, member
        for watched in self._incidents.watched():
            for member in watched.members.values():
                yield watched.group, member

    def incident(self, group: int) -> int | None:
        """Return the open incident of a group."""
        return self._incidents.number_of(group)

    def group(self, incident: int) -> int | None:
        """Return the group of an open incident."""
        return self._incidents.group_of(incident)


class Pipeline:
    """The four stages in order, and what goes back from the last to the first when an incident ends."""

    def __init__(
        self, dedup: DedupStage, correlate: CorrelateStage, incidents: IncidentStage, escalate: EscalateStage
    ) -> None:
        self.dedup = dedup
        self.correlate = correlate
        self.incidents = incidents
        self.escalate = escalate
        self.moves = 0  # how many changes and group events there were, for who wants to know of news
        self._stages = (dedup, correlate, incidents, escalate)
        escalate.suppression.scene = Scene(dedup, incidents)
        correlate.look_at(dedup.series.get)
        escalate.look_at(incidents)

    @property
    def tables(self) -> tuple[Records, ...]:  # type: ignore[type-arg]  # each table has key and record types of its own
        """Return every table of durable state, of all stages."""
        return tuple(table for stage in self._stages for table in stage.tables)

    def restored(self) -> None:
        """Rebuild what is derived after all tables were restored."""
        for stage in self._stages:
            stage.restored()

    def deadline(self) -> datetime | None:
        """Return when the next Tick is wanted, or None."""
        times = [moment for stage in self._stages if (moment := stage.deadline()) is not None]
        return min(times, default=None)

    def feed(self, entries: Sequence[StoredEntry]) -> Decisions:
        """Decide on entries in log order."""
        out = Decisions()
        for stored in entries:
            self.decide(stored, out)
        return self.finish(out)

    def decide(self, stored: StoredEntry, out: Decisions) -> None:
        """Decide on one entry, adding to `out`; a refused command is noted there and changes nothing."""
        out.cursor = stored.seq
        try:
            self._decide(stored.entry, out)
        except BadCommand as refusal:
            out.refused[stored.seq] = refusal
            # What fell due before the refused command was decided all the same.
            self._collect(self.escalate.feed((), stored.entry.at), stored.entry.at, out)

    def finish(self, out: Decisions) -> Decisions:
        """Collect the rows that the decisions in `out` changed."""
        for table in self.tables:
            out.rows.extend(table.drain())
        return out

    def _decide(self, entry: LogEntry, out: Decisions) -> None:
        match entry:
            case Fired() | Ended() | Tick():
                changes = self.dedup.feed((entry,), entry.at)
                out.changes.extend(changes)
                groups = self.correlate.feed(changes, entry.at)
                self._work(changes, groups, entry.at, out)
            case Outcome() | Reported():
                self._collect(self.escalate.feed((entry,), entry.at), entry.at, out)
            case Command():
                self._collect(self.escalate.command(entry, entry.at), entry.at, out)
                self.incidents.heed(entry)
                if entry.action in _GROUPING:
                    self._work([], self._regroup(entry), entry.at, out)
            case Feedback():
                self._work([], self.correlate.feedback(entry, entry.at), entry.at, out)
            case Proposed():
                groups = self.correlate.suggestions.review(entry, self._is_taken)
                self._work([], groups, entry.at, out)
            case SilenceSet() | SilenceExpired() | OverrideSet() | OverrideAnswered() | OverrideEnded():
                self._collect(self.escalate.order(entry, entry.at), entry.at, out)
            case HandoverSigned():
                self._collect(self.escalate.order(entry, entry.at), entry.at, out)
            case TopologySet():
                self.correlate.topology.set(entry)
            case Changed():
                self.correlate.changes.note(entry.event, entry.at)
            case ClockJumped():
                self._jump(timedelta(seconds=entry.by_s))
            case RulesChanged():
                pass

    def _jump(self, by: timedelta) -> None:
        """Let no deadline come, or stay away, because the clock was set."""
        self.dedup.jump(by)
        self.correlate.jump(by)
        self.incidents.jump(by)
        self.escalate.jump(by)

    def _work(self, changes: list[Change], groups: list[GroupEvent], now: datetime, out: Decisions) -> None:
        self.moves += len(changes) + len(groups)
        out.groups.extend(groups)
        fed = self.incidents.feed(groups, self.correlate.causes, now)
        out.incidents.extend(fed.events)
        out.timeline.extend(fed.timeline)
        self._collect(self.escalate.feed((*changes, *groups, *fed.events), now), now, out)

    def _collect(self, escalated: Escalated, now: datetime, out: Decisions) -> None:
        for withdrawal in escalated.withdrawals:
            strike(out.attempts, withdrawal)
        out.attempts.extend(escalated.attempts)
        out.withdrawals.extend(escalated.withdrawals)
        out.timeline.extend(escalated.timeline)
        over = self.incidents.retire(escalated.retired, now)
        freed = self.correlate.retire(over, now)
        self.escalate.suppression.forget(over)
        if freed:
            self._work([], freed, now, out)

    def _regroup(self, command: Command) -> list[GroupEvent]:
        """Have the correlator do what escalation found to be in order."""
        group = self._group(command.incident)
        name = _AGAINST.get(command.action, "")
        text = command.args.get(name)
        if text is None and command.action is not Action.MERGE:
            return self.correlate.command(command, group, None, command.at)
        if text is None or not text.isdecimal() or int(text) == command.incident:
            raise BadCommand(f"{name}: {text or ''!r} is not the number of another incident")
        return self.correlate.command(command, group, self._group(int(text)), command.at)

    def _is_taken(self, group: int) -> bool:
        """Tell whether somebody has the incident of a group, or had it before it was passed on."""
        number = self.incidents.number_of(group)
        response = None if number is None else self.escalate.response(number)
        return response is not None and bool(response.owner or response.ops_owner)

    def _group(self, number: int) -> int:
        incident = self.incidents.incident(number)
        if incident is None:
            raise BadCommand(f"incident {number} is not open")
        return incident.group
