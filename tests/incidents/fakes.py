"""Group events for the tests of incidents, made in one line each."""

from datetime import UTC, datetime, timedelta

from alertmesh.core.alert import Entity, Priority
from alertmesh.core.entries import Action, Command
from alertmesh.core.group import (
    Cause,
    Grouped,
    GroupEvent,
    GroupsMerged,
    GroupSplit,
    Join,
    Reason,
    Reroled,
    Role,
)
from alertmesh.core.incident import Incident, IncidentEvent, TimelineEntry
from alertmesh.core.series import Change, ChangeKind, Series
from alertmesh.incidents import IncidentFeed, IncidentSettings, IncidentStage

START = datetime(2026, 11, 23, 4, tzinfo=UTC)
ROLES = {role: Join(0.8, (Reason("same_thing", f"as {role}", 0.8),), role) for role in Role}
JOIN = ROLES[Role.MEMBER]


def at(seconds: float) -> datetime:
    """Return the moment some seconds after the start."""
    return START + timedelta(seconds=seconds)


def grouped(
    group: int,
    name: str,
    priority: int = 2,
    *,
    kind: ChangeKind = ChangeKind.OPENED,
    role: Role = Role.MEMBER,
    seconds: float = 0,
    hold_s: float | None = None,
    **labels: str,
) -> Grouped:
    """Make the news of one series, which is called after its name."""
    service = labels.get("service", name.lower())
    series = Series(
        id=name,
        name=name,
        labels={"alertname": name, "cluster": "prod", "service": service} | labels,
        entity=Entity("service", service, "prod"),
        source="prometheus",
        priority=Priority(priority),
        firing=0 if kind is ChangeKind.CLEARED else 1,
        opened_at=START,
        first_seen_at=START,
        changed_at=at(seconds),
    )
    change = Change(
        kind=kind,
        series=series,
        fingerprint=name,
        at=at(seconds),
        hold_until=at(hold_s) if hold_s is not None else None,
    )
    return Grouped(group=group, change=change, join=ROLES[role])


def cleared(group: int, name: str, priority: int = 2, *, seconds: float = 60) -> Grouped:
    """Make the end of a series."""
    return grouped(group, name, priority, kind=ChangeKind.CLEARED, seconds=seconds)


def merged(winner: int, loser: int, actor: str = "") -> GroupsMerged:
    """Make two groups one."""
    return GroupsMerged(winner=winner, loser=loser, join=JOIN, at=at(90), actor=actor)


def split(group: int, part: int, *series: str) -> GroupSplit:
    """Part a group."""
    return GroupSplit(group=group, part=part, series=series, at=at(90), actor="ann")


def reroled(group: int, series: str, role: Role) -> Reroled:
    """Change the role of a member."""
    return Reroled(group=group, series=series, join=ROLES[role], at=at(90))


class Desk:
    """A stage with all that it told so far."""

    def __init__(self, **settings: object) -> None:
        self._settings = IncidentSettings(**settings)  # type: ignore[arg-type]
        self.stage = IncidentStage(self._settings)
        self.root = ""
        self.events: list[IncidentEvent] = []
        self.lines: list[TimelineEntry] = []
        self.store: dict[str, dict[str | int, tuple[bytes, bool]]] = {}

    def feed(self, *events: GroupEvent) -> IncidentFeed:
        """Feed events as one batch and keep what came of it."""
        told = self.stage.feed(events, self._causes, START)
        self.events += told.events
        self.lines += told.timeline
        self.write()
        return told

    def close(self, *numbers: int, seconds: float = 3600) -> None:
        """Archive incidents."""
        self.stage.retire(numbers, at(seconds))
        self.write()

    def does(self, actor: str, action: Action, text: str = "", incident: int = 1) -> None:
        """Have a person act on an incident, which escalation allowed."""
        args = {"text": text} if text else {}
        self.stage.heed(Command(action=action, incident=incident, actor=actor, at=START, args=args))
        self.write()

    def kinds(self) -> list[tuple[str, int]]:
        """Return what happened so far: kind and incident."""
        return [(event.kind.value, event.incident.id) for event in self.events]

    def one(self, number: int = 1) -> Incident:
        """Return an incident that must be there."""
        incident = self.stage.incident(number)
        assert incident is not None
        return incident

    def names(self, number: int = 1) -> list[str]:
        """Return the members of an incident."""
        return [member.series.id for member in self.stage.members(number)]

    def restart(self) -> None:
        """Build the stage anew from its rows."""
        self.stage = IncidentStage(self._settings)
        for table in self.stage.tables:
            rows = self.store.get(table.table, {})
            table.restore((key, body) for key, (body, live) in sorted(rows.items()) if live)  # type: ignore[type-var]
        self.stage.restored()

    def write(self) -> None:
        """Keep the rows as a store would."""
        for table in self.stage.tables:
            rows = self.store.setdefault(table.table, {})
            for row in table.drain():
                if row.body is None:
                    rows.pop(row.key, None)
                else:
                    rows[row.key] = (row.body, row.live)

    def _causes(self, group: int) -> tuple[Cause, ...]:
        return (Cause(self.root.lower(), self.root, 0.9, "it is the root"),) if self.root else ()
