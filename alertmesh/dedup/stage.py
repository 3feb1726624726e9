"""Turn transitions of instances into changes of series, each with what the rules know of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from alertmesh.core.alert import Alert
from alertmesh.core.digest import Proposal
from alertmesh.core.entries import Ended, Fired, Tick
from alertmesh.core.ports import Storm
from alertmesh.core.records import Records
from alertmesh.core.series import Change, ChangeKind, Mark, Series
from alertmesh.dedup.chronic import ChronicRule
from alertmesh.dedup.flap import FlapRule
from alertmesh.dedup.heartbeat import HeartbeatRule, Stream
from alertmesh.dedup.routine import RoutineRule
from alertmesh.dedup.rule import Heeder, Jumper, Proposer, Rule, Verdict
from alertmesh.dedup.selfheal import SelfhealRule
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.storm import StormRule
from alertmesh.dedup.tracker import SeriesTracker


class DedupStage:
    """Track the series and ask every rule about each change, in a fixed order."""

    def __init__(self, settings: DedupSettings) -> None:
        self.settings = settings
        self.tracker = SeriesTracker(settings)
        self.rules: tuple[Rule, ...] = _rules(settings, self.tracker)

    @property
    def tables(self) -> tuple[Records[Any, Any], ...]:
        """Return the durable state."""
        return (*self.tracker.tables, *(table for rule in self.rules for table in rule.tables))

    @property
    def series(self) -> Records[str, Series]:
        """Return the series that are remembered."""
        return self.tracker.series

    @property
    def dropped(self) -> int:
        """Return what was forgotten because of a bound, by the tracker and all rules."""
        return self.tracker.dropped + sum(rule.dropped for rule in self.rules)

    def adopt(self, settings: DedupSettings) -> None:
        """Go by other settings from here on; what the rules learned stays."""
        self.settings = settings
        self.tracker.adopt(settings)
        for rule in self.rules:
            rule.adopt(settings)

    def restored(self) -> None:
        """Rebuild what follows from the tables."""
        self.tracker.restored()
        for rule in self.rules:
            rule.restored()

    @property
    def firing(self) -> int:
        """Return how many instances fire."""
        return self.tracker.firing

    def alerts(self) -> Iterable[tuple[Alert, datetime | None]]:
        """Return the remembered instances, each with the moment it ended or None."""
        return self.tracker.alerts()

    def series_of(self, fingerprint: str) -> str | None:
        """Return the series of a remembered instance."""
        return self.tracker.series_of(fingerprint)

    def deadline(self) -> datetime | None:
        """Return when the next tick is wanted."""
        times = [rule.deadline() for rule in self.rules]
        times.append(self.tracker.deadline())
        return min((moment for moment in times if moment is not None), default=None)

    def jump(self, by: timedelta) -> None:
        """Go along with a jump of the clock by `by`; usual times and how long all is kept go by the clock."""
        for rule in self.rules:
            if isinstance(rule, Jumper):
                rule.jump(by)

    def digest(self) -> list[Proposal]:
        """Return what the rules propose to do about noise, by owner and name."""
        proposers = [rule for rule in self.rules if isinstance(rule, Proposer)]
        found = [one for proposer in proposers for one in proposer.proposals()]
        return sorted(found, key=lambda one: (sorted(one.owner.items()), one.name, one.series, one.noise))

    def heartbeats(self) -> list[Stream]:
        """Return what is known of the alerts that must keep coming, a stream each."""
        rules = [rule for rule in self.rules if isinstance(rule, HeartbeatRule)]
        return [stream for rule in rules for stream in rule.streams.values()]

    def storms(self) -> tuple[Storm, ...]:
        """Return the storms that rage now, that of all sources together first."""
        return tuple(storm for rule in self.rules if isinstance(rule, StormRule) for storm in rule.storms())

    def feed(self, items: Sequence[Fired | Ended | Tick], now: datetime) -> list[Change]:
        """Take entries in order and return what they did; what fell due before each comes first."""
        changes: list[Change] = []
        for item in items:
            self._run_due(item.at, changes)
            if isinstance(item, Tick):
                self.tracker.forget(item.at)
            else:
                self._transition(item, changes)
        return changes

    def _run_due(self, now: datetime, changes: list[Change]) -> None:
        for rule in self.rules:
            due = rule.deadline()
            if due is None or due > now:
                continue
            for said in rule.tick(now):
                if isinstance(said, Verdict):
                    self._marked(said, now, changes)
                else:
                    self._transition(said, changes)

    def _transition(self, item: Fired | Ended, changes: list[Change]) -> None:
        change = self.tracker.take(item)
        if change is None:
            return
        for rule in self.rules:
            verdict = rule.observe(change)
            if verdict is not None:
                change = self._with(change, verdict)
        changes.append(change)

    def _marked(self, verdict: Verdict, now: datetime, changes: list[Change]) -> None:
        series = self.tracker.series.get(verdict.series)
        if series is not None:
            bare = Change(kind=ChangeKind.MARKED, series=series, fingerprint="", at=now)
            change = self._with(bare, verdict)
            changes.append(change)
            if Mark.EXPECTED in (*verdict.add, *verdict.remove):
                for rule in self.rules:
                    if isinstance(rule, Heeder):
                        rule.heed(change.series)

    def _with(self, change: Change, verdict: Verdict) -> Change:
        """Return the change with what one more rule says about it."""
        marks = _marks(change.series.marks, verdict)
        holds = [hold for hold in (change.hold_until, verdict.hold_until) if hold is not None]
        return replace(
            change,
            series=self.tracker.mark(change.series.id, marks, change.at) or change.series,
            hold_until=max(holds, default=None),
            notes=(*change.notes, *verdict.notes),
        )


def _marks(marks: tuple[Mark, ...], verdict: Verdict) -> tuple[Mark, ...]:
    if not verdict.add and not verdict.remove:
        return marks
    return tuple(sorted({*marks, *verdict.add} - {*verdict.remove}))


def _rules(settings: DedupSettings, tracker: SeriesTracker) -> tuple[Rule, ...]:
    known = tracker.series
    return (
        HeartbeatRule(settings, tracker),
        FlapRule(settings),
        SelfhealRule(settings, known),
        RoutineRule(settings),
        ChronicRule(settings, known),
        StormRule(settings),
    )
