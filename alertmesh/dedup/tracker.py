"""Keep the series, and tell what each transition of an instance did to its own."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.alert import Alert, Priority
from alertmesh.core.entries import Ended, Fired
from alertmesh.core.records import Records
from alertmesh.core.series import Change, ChangeKind, Mark, Reading, Series
from alertmesh.dedup.crowd import Crowd
from alertmesh.dedup.fingerprint import SeriesNamer
from alertmesh.dedup.settings import TrackerSettings

_VALUES = ("value", "current_value")
_READINGS = 16
_SUMMARIES = ("summary", "description", "message")
_FORGET_PER_ENTRY = 4
_FORGET_EVERY = timedelta(minutes=1)


class InstanceState(Struct, frozen=True, gc=False, omit_defaults=True):
    """An instance with the body of its newest firing.

    `changed_at` is when we learnt of its last transition. For a lease that ran out, the alert's
    `expires_at` is when it did.
    """

    alert: Alert
    series: str
    changed_at: datetime
    ended_at: datetime | None = None


class SeriesTracker:
    """Know every instance that is remembered and the series it belongs to.

    `dropped` counts ended instances given up before their time, because too many were known.
    """

    def __init__(self, settings: TrackerSettings) -> None:
        self.dropped = 0
        self.instances = Records[str, InstanceState]("instances", InstanceState)
        self.series = Records[str, Series]("series", Series)
        self.tables = (self.instances, self.series)
        self._crowds: dict[str, Crowd] = {}
        self._ended: dict[str, datetime] = {}
        self.adopt(settings)

    def adopt(self, settings: TrackerSettings) -> None:
        """Go by other settings from here on; instances that are known keep their series."""
        self.settings = settings
        self._namer = SeriesNamer(settings.identity)

    def restored(self) -> None:
        """Rebuild what follows from the tables."""
        states = sorted((self.instances[key] for key in self.instances), key=_age)
        self._ended = {s.alert.fingerprint: s.changed_at for s in states if s.ended_at is not None}
        self._crowds = {}
        for state in states:
            series = self.series.get(state.series)
            if state.ended_at is None and series is not None and series.firing > 1:
                crowd = self._crowds.setdefault(state.series, Crowd())
                crowd.add(state.alert.priority, state.alert.severity)

    @property
    def firing(self) -> int:
        """Return how many instances fire."""
        return len(self.instances) - len(self._ended)

    def alerts(self) -> Iterable[tuple[Alert, datetime | None]]:
        """Return the remembered instances, each with the moment it ended or None."""
        return ((state.alert, state.ended_at) for state in self.instances.values())

    def firing_states(self) -> Iterable[InstanceState]:
        """Return the instances that fire, in any order."""
        return (state for state in self.instances.values() if state.ended_at is None)

    def series_of(self, fingerprint: str) -> str | None:
        """Return the series of a remembered instance."""
        state = self.instances.get(fingerprint)
        return None if state is None else state.series

    def deadline(self) -> datetime | None:
        """Return when a tick is worth its while, to forget a minute's worth of ended instances."""
        due = self._next_due()
        return None if due is None else due + _FORGET_EVERY

    def take(self, item: Fired | Ended) -> Change | None:
        """Take one transition and return what it did; None for one that changes nothing."""
        self._forget(item.at, _FORGET_PER_ENTRY)
        return self._fired(item) if isinstance(item, Fired) else self._ended_by(item)

    def mark(self, name: str, marks: tuple[Mark, ...], at: datetime) -> Series | None:
        """Give a series other marks; None for a series that is not remembered."""
        series = self.series.get(name)
        if series is None or series.marks == marks:
            return series
        series = replace(series, marks=marks, changed_at=at)
        self.series.put(name, series)
        return series

    def forget(self, now: datetime) -> None:
        """Forget what ended long ago, a tick's worth of it at most."""
        self._forget(now, self.settings.forget_per_tick)

    def _fired(self, item: Fired) -> Change | None:
        alert = item.alert
        known = self.instances.get(alert.fingerprint)
        if known is not None and known.ended_at is None:
            return self._revised(known, item)
        name = known.series if known is not None else self._namer.name(alert.labels)
        before = self.series.get(name)
        kind = _kind(before, alert.priority)
        extra = 0 if known is not None else 1
        if before is None:
            series = _opened(name, alert, item.at)
        elif before.firing == 0:
            series = _reopened(before, alert, item.at, extra)
        else:
            self._crowd(before).add(alert.priority, alert.severity)
            series = _joined(before, alert, item.at, extra)
        if before is not None:
            series = _noted(before, series, _value(alert), item.at)
        self._ended.pop(alert.fingerprint, None)
        self.instances.put(alert.fingerprint, InstanceState(alert, name, item.at))
        self.series.put(name, series)
        self._make_room()
        return Change(kind=kind, series=series, fingerprint=alert.fingerprint, at=item.at)

    def _revised(self, known: InstanceState, item: Fired) -> Change | None:
        """Take another severity of an instance that fires on; None if it is as it was."""
        before, alert = known.alert, item.alert
        if (before.severity, before.priority) == (alert.severity, alert.priority):
            return None
        series = self.series[known.series]
        priority, severity = alert.priority, alert.severity
        if series.firing > 1:
            crowd = self._crowds[series.id]
            crowd.discard(before.priority, before.severity)
            crowd.add(alert.priority, alert.severity)
            priority, severity = crowd.worst()
        self.instances.put(alert.fingerprint, replace(known, alert=alert))
        after = replace(series, priority=priority, severity=severity, labels=alert.labels, changed_at=item.at)
        after = _noted(series, after, series.value, item.at)
        self.series.put(series.id, after)
        return Change(kind=_turn(series, after), series=after, fingerprint="", at=item.at)

    def _ended_by(self, item: Ended) -> Change | None:
        known = self.instances.get(item.fingerprint)
        if known is None or known.ended_at is not None:
            return None
        before = self.series[known.series]
        alert = replace(known.alert, expires_at=item.ended_at) if item.expired else known.alert
        self.instances.put(item.fingerprint, InstanceState(alert, known.series, item.at, item.ended_at))
        self._ended[item.fingerprint] = item.at
        series, kind = replace(before, firing=before.firing - 1, changed_at=item.at), ChangeKind.CLEARED
        if series.firing:
            priority, severity = self._left(before, alert)
            series = replace(series, priority=priority, severity=severity)
            series = _noted(before, series, before.value, item.at)
            kind = ChangeKind.EASED if priority > before.priority else ChangeKind.SHRANK
        self.series.put(known.series, series)
        self._make_room()
        return Change(
            kind=kind,
            series=series,
            fingerprint=item.fingerprint,
            at=item.at,
            expired=item.expired,
            lost=item.lost,
            ended_at=item.ended_at,
        )

    def _crowd(self, series: Series) -> Crowd:
        """Return the firing instances of a series; a lone one is described by the series itself."""
        crowd = self._crowds.get(series.id)
        if crowd is None:
            crowd = self._crowds[series.id] = Crowd()
            crowd.add(series.priority, series.severity)
        return crowd

    def _left(self, series: Series, gone: Alert) -> tuple[Priority, str]:
        """Return the worst of what still fires once `gone` is out."""
        crowd = self._crowds[series.id]
        crowd.discard(gone.priority, gone.severity)
        if series.firing == 2:
            del self._crowds[series.id]
        return crowd.worst()

    def _forget(self, now: datetime, limit: int) -> None:
        for _ in range(limit):
            due = self._next_due()
            if due is None or due > now:
                return
            self._drop(next(iter(self._ended)))

    def _next_due(self) -> datetime | None:
        told_at = next(iter(self._ended.values()), None)
        return None if told_at is None else told_at + self.settings.remember

    def _make_room(self) -> None:
        while self._ended and len(self.instances) > self.settings.max_instances:
            self._drop(next(iter(self._ended)))
            self.dropped += 1

    def _drop(self, fingerprint: str) -> None:
        """Forget an ended instance, and its series with the last one."""
        del self._ended[fingerprint]
        name = self.instances[fingerprint].series
        self.instances.drop(fingerprint)
        series = self.series[name]
        if series.instances > 1:
            self.series.put(name, replace(series, instances=series.instances - 1))
        else:
            self.series.drop(name)


def _age(state: InstanceState) -> tuple[datetime, str]:
    return (state.changed_at, state.alert.fingerprint)


def _kind(before: Series | None, priority: Priority) -> ChangeKind:
    if before is None or before.firing == 0:
        return ChangeKind.OPENED
    return ChangeKind.WORSE if priority < before.priority else ChangeKind.GREW


def _turn(before: Series, after: Series) -> ChangeKind:
    """Return what another severity of an instance that fires on did to its series."""
    if after.priority == before.priority:
        return ChangeKind.MARKED
    return ChangeKind.WORSE if after.priority < before.priority else ChangeKind.EASED


def _summary(alert: Alert) -> str:
    return next((text for key in _SUMMARIES if (text := alert.annotations.get(key))), "")


def _opened(name: str, alert: Alert, at: datetime) -> Series:
    return Series(
        id=name,
        name=alert.name,
        labels=alert.labels,
        entity=alert.entity,
        source=alert.source,
        priority=alert.priority,
        firing=1,
        opened_at=alert.starts_at,
        first_seen_at=at,
        changed_at=at,
        severity=alert.severity,
        value=_value(alert),
        summary=_summary(alert),
        runbook_url=alert.annotations.get("runbook_url", ""),
        generator_url=alert.generator_url,
    )


def _value(alert: Alert) -> str:
    """Return the measured value that an alert tells, which is a label or an annotation of that name."""
    told = (source.get(name) for source in (alert.labels, alert.annotations) for name in _VALUES)
    return next((text for text in told if text), "")


def _noted(before: Series, after: Series, value: str, at: datetime) -> Series:
    """Return `after` with one more reading if severity or value are not those of `before`."""
    if after.severity == before.severity and value == before.value:
        return after
    known = before.readings or (Reading(before.changed_at, before.severity, before.value),)
    readings = (*known, Reading(at, after.severity, value))
    return replace(after, value=value, readings=readings[-_READINGS:])


def _reopened(before: Series, alert: Alert, at: datetime, extra: int) -> Series:
    """Return the series in a new episode, which `alert` begins."""
    fresh = _opened(before.id, alert, at)
    return replace(
        fresh,
        instances=before.instances + extra,
        episodes=before.episodes + 1,
        marks=before.marks,
        value=before.value,
        readings=before.readings,
    )


def _joined(before: Series, alert: Alert, at: datetime, extra: int) -> Series:
    """Return the series with one more firing instance; the words on it are those of the worst."""
    series = replace(
        before,
        labels=alert.labels,
        entity=alert.entity,
        firing=before.firing + 1,
        instances=before.instances + extra,
        opened_at=min(before.opened_at, alert.starts_at),
        changed_at=at,
    )
    if alert.priority >= before.priority:
        return series
    return replace(
        series,
        priority=alert.priority,
        severity=alert.severity,
        summary=_summary(alert) or before.summary,
        runbook_url=alert.annotations.get("runbook_url", before.runbook_url),
        generator_url=alert.generator_url or before.generator_url,
    )
