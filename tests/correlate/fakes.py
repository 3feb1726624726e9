"""Series and changes for the tests of correlation, made in one line each."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from alertmesh.core.alert import Entity, Priority
from alertmesh.core.group import Grouped, GroupEvent, GroupsMerged, GroupSplit, SeriesMoved
from alertmesh.core.series import Change, ChangeKind, Series
from alertmesh.correlate import CorrelateSettings, CorrelateStage, Edge, InhibitRule

START = datetime(2026, 11, 23, 4, tzinfo=UTC)
_KINDS = (("pod", "pod"), ("service", "service"), ("instance", "node"), ("node", "node"))


def at(seconds: float) -> datetime:
    """Return the moment some seconds after the start."""
    return START + timedelta(seconds=seconds)


def series(name: str, priority: Priority = Priority.P2, **labels: str) -> Series:
    """Make a firing series; its id is readable: the name and the label values."""
    full = {"alertname": name, "cluster": "prod", "severity": "critical"} | labels
    kind, key = next(((kind, key) for key, kind in _KINDS if key in labels), ("unknown", ""))
    entity = Entity(kind, full.get(key, "").removesuffix(":9100"), full["cluster"], full.get("namespace", ""))
    return Series(
        id="/".join((name, *(value for _, value in sorted(labels.items())))),
        name=name,
        labels=full,
        entity=entity,
        source="prometheus",
        priority=priority,
        severity=full["severity"],
        firing=1,
        opened_at=START,
        first_seen_at=START,
        changed_at=START,
    )


def fires(seconds: float, name: str, /, **labels: str) -> Change:
    """Make the change of a series that begins to fire."""
    return turned(seconds, series(name, **labels), ChangeKind.OPENED)


def clears(change: Change, seconds: float) -> Change:
    """Make the end of what `change` began."""
    return turned(seconds, change.series, ChangeKind.CLEARED)


def turned(seconds: float, one: Series, kind: ChangeKind) -> Change:
    """Make any change of a series; one that cleared fires no more."""
    now = replace(one, firing=0) if kind is ChangeKind.CLEARED else one
    return Change(kind=kind, series=now, fingerprint=one.id, at=at(seconds))


class Bench:
    """A stage with its groups followed from its events, as the next stage would."""

    def __init__(
        self, inhibits: Iterable[InhibitRule] = (), edges: Iterable[Edge] = (), **settings: object
    ) -> None:
        self._build = (CorrelateSettings(**settings), list(inhibits), list(edges))  # type: ignore[arg-type]
        self.stage = CorrelateStage(*self._build)
        self.store: dict[str, dict[str | int, bytes]] = {}
        self.of: dict[str, int] = {}
        self.events: list[GroupEvent] = []

    def feed(self, *changes: Change) -> list[GroupEvent]:
        """Feed changes as one batch and keep its rows."""
        events = self.stage.feed(changes, changes[-1].at if changes else START)
        self.follow(events)
        return events

    def follow(self, events: Iterable[GroupEvent]) -> None:
        """Apply events to the picture of who is where."""
        for event in events:
            self.events.append(event)
            if isinstance(event, Grouped):
                self.of[event.change.series.id] = event.group
            elif isinstance(event, GroupsMerged):
                self.of = {
                    one: event.winner if group == event.loser else group for one, group in self.of.items()
                }
            elif isinstance(event, GroupSplit):
                self.of.update(dict.fromkeys(event.series, event.part))
            elif isinstance(event, SeriesMoved):
                self.of.update(dict.fromkeys(event.series, event.into))
        self._write()

    def restart(self, **settings: object) -> None:
        """Build the stage anew from its rows, with some settings changed."""
        self._write()
        self._build = (replace(self._build[0], **settings), *self._build[1:])
        self.stage = CorrelateStage(*self._build)
        for table in self.stage.tables:
            table.restore(self.store.get(table.table, {}).items())
        self.stage.restored()

    def together(self, *changes: Change) -> bool:
        """Tell whether the series of these changes are all in one group."""
        return len({self.of[change.series.id] for change in changes}) == 1

    def groups(self, changes: Iterable[Change]) -> Mapping[int, int]:
        """Count the series of these changes by group."""
        counts: dict[int, int] = {}
        for change in changes:
            group = self.of[change.series.id]
            counts[group] = counts.get(group, 0) + 1
        return counts

    def _write(self) -> None:
        for table in self.stage.tables:
            rows = self.store.setdefault(table.table, {})
            for row in table.drain():
                if row.body is None or not row.live:
                    rows.pop(row.key, None)
                else:
                    rows[row.key] = row.body
