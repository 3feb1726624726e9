"""The door, the contacts and the stage as the shell joins them, on a clock that tests move."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from alertmesh.core.alert import Parsed, Sighting
from alertmesh.core.contact import OWN_SOURCE
from alertmesh.core.entries import Ended, Fired, LogEntry, Tick
from alertmesh.core.ports import Count, Door
from alertmesh.core.records import Row
from alertmesh.core.series import Change
from alertmesh.dedup.beats import CALLS
from alertmesh.dedup.contacts import Contacts
from alertmesh.dedup.expected import Expected
from alertmesh.dedup.repeats import RepeatFilter
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.stage import DedupStage
from tests.dedup.fakes import DOOR, T0, at, describe

STEP_S = 5.0


class Watchroom:
    """Everything up to the changes of series; time goes on in steps, and each step is a beat."""

    def __init__(self, settings: DedupSettings | None = None, start: datetime = T0) -> None:
        self.settings = settings or DedupSettings()
        self.expected = Expected(self.settings.heartbeat.expected)
        self.filter = RepeatFilter(describe, pace=self.expected.pace)
        self.contacts = Contacts(self.filter, self.settings.contacts)
        self.stage = DedupStage(self.settings)
        self.log: list[LogEntry] = []
        self.changes: list[Change] = []
        self.disk: dict[tuple[str, str | int], Row] = {}
        self.counts: dict[str, Count] = {}
        self.now = start

    at = staticmethod(at)

    def post(self, minute: float, *sightings: Sighting, door: Door = DOOR) -> None:
        """Take one request."""
        self.wait(minute)
        self.contacts.heard(door, Parsed(sightings, range(len(sightings)), []), self.now)
        admission = self.filter.feed(door, sightings, self.now)
        self.contacts.admitted(door, admission, self.now)
        self._decide(admission.entries)

    def call(self, minute: float, name: str) -> None:
        """Take the call of a heartbeat's address."""
        self.post(minute, self.expected.call(name), door=CALLS)

    def wait(self, minute: float) -> None:
        """Let time pass, with a beat at each thing that falls due and at every step."""
        until = max(at(minute), self.now)
        while self.now < until:
            self.now = min(self.now + (at(STEP_S / 60) - T0), until)
            self._beat()

    def sleep(self, minute: float) -> None:
        """Let time pass without a beat, as when the machine stood still."""
        self.now = at(minute)

    def adopt(self, settings: DedupSettings) -> None:
        """Go by other settings."""
        self.settings = settings
        self.expected = Expected(settings.heartbeat.expected)
        self.filter.repace(self.expected.pace, (alert for alert, _ in self.stage.alerts()))
        self.contacts.settings = settings.contacts
        self.stage.adopt(settings)

    def restarted(self, minute: float) -> "Watchroom":
        """Return a room that knows what this one wrote to disk."""
        fresh = Watchroom(self.settings, at(minute))
        fresh.disk, fresh.counts = self.disk, self.counts
        for table in fresh.stage.tables:
            table.restore(self._rows(table.table))
        fresh.stage.restored()
        fresh.filter.restore(fresh.stage.alerts(), self.counts.values(), fresh.now)
        fresh.contacts.restore(self._rows("contacts"), fresh.now)
        return fresh

    def _rows(self, table: str) -> list[tuple[str, bytes]]:
        rows = [row for row in self.disk.values() if row.table == table]
        return [(str(row.key), row.body) for row in rows if row.body is not None]

    def _beat(self) -> None:
        admission = self.contacts.judge(self.filter.expire(self.now), self.now)
        self._decide(admission.entries)
        self.contacts.logged(admission.entries)
        said = self.contacts.check(self.now)
        self._decide(said)
        self.contacts.logged(said)
        due = self.stage.deadline()
        if due is not None and due <= self.now:
            self._decide([Tick(self.now)])
        self.disk.update({(row.table, row.key): row for row in self.contacts.rows(self.now)})
        self.counts.update({count.fingerprint: count for count in self.filter.drain_counts()})
        self.counts = {name: count for name, count in self.counts.items() if count.repeats}

    def _decide(self, entries: Sequence[LogEntry]) -> None:
        self.log.extend(entries)
        wanted = [entry for entry in entries if isinstance(entry, Fired | Ended | Tick)]
        self.changes.extend(self.stage.feed(wanted, self.now))
        for table in self.stage.tables:
            self.disk.update({(row.table, row.key): row for row in table.drain()})


def own(changes: Iterable[Change]) -> list[Change]:
    """Return the changes of alerts that are about alerting itself."""
    return [change for change in changes if change.series.source == OWN_SOURCE]


def notes(changes: Iterable[Change]) -> list[tuple[str, str]]:
    """Return rule and text of every note."""
    return [(note.rule, note.text) for change in changes for note in change.notes]
