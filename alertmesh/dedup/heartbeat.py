"""Miss the alerts that must keep coming.

The repeat filter ends such an alert when it does not come again in time, so that its silence is
an entry of the log like any other. This rule waits for the grace that is left, raises an alert of
its own, and ends that one when the heartbeat is back. What already fires when it is declared is
followed as if it had been from its beginning on.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import xxhash
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.alert import Alert, Entity, Priority
from alertmesh.core.contact import OWN_SOURCE, Pulse
from alertmesh.core.entries import Ended, Fired
from alertmesh.core.labels import fingerprint
from alertmesh.core.records import Records
from alertmesh.core.series import Change, ChangeKind, Mark, Note, Series
from alertmesh.dedup.expected import Expected, Heartbeat
from alertmesh.dedup.rule import Verdict
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.timers import Timers
from alertmesh.dedup.tracker import InstanceState, SeriesTracker
from alertmesh.dedup.wording import clock, span

MISSING = "HeartbeatMissing"
SILENT = "SourceSilent"
_ENDS = frozenset({ChangeKind.CLEARED, ChangeKind.SHRANK, ChangeKind.EASED})
_SEVERITIES = {Priority.P1: "critical", Priority.P2: "error", Priority.P3: "warning", Priority.P4: "info"}
_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)


class Stream(Struct, frozen=True, gc=False, omit_defaults=True):
    """One heartbeat of one sender, whose `labels` tell it apart from others.

    `alive` are its instances that fire. `since` is when it came to life or stopped. `alert` is the
    one raised while it is missing. `due` is when the rule looks at it again.
    """

    heartbeat: str
    labels: dict[str, str]
    source: str
    since: datetime
    alive: tuple[str, ...] = ()
    alert: str = ""
    due: datetime | None = None

    @property
    def state(self) -> Pulse:
        """Return how it stands."""
        if self.alive:
            return Pulse.ALIVE
        if self.alert:
            return Pulse.MISSING
        return Pulse.LATE if self.source else Pulse.WAITING


class HeartbeatRule:
    """Know each stream of heartbeats that was seen, or is required."""

    name = "heartbeat"

    def __init__(self, settings: DedupSettings, tracker: SeriesTracker) -> None:
        self.dropped = 0
        self.streams = Records[str, Stream]("heartbeats", Stream)
        self._tracker = tracker
        self._timers = Timers()
        self._stream_of: dict[str, str] = {}
        self._lost: set[str] = set()
        self._begun = self._is_news = False
        self._settle(settings)
        self.restored()

    @property
    def tables(self) -> tuple[Records[Any, Any], ...]:
        """Return the durable state."""
        return (self.streams,)

    def adopt(self, settings: DedupSettings) -> None:
        """Go by other settings; what is no longer a heartbeat is missed no longer, and pages again.

        What is waited for is due later or earlier by as much as its period changed.
        """
        before = self.expected.heartbeats
        self._settle(settings)
        for key in list(self.streams):
            stream = self.streams[key]
            old, new = before.get(stream.heartbeat), self.expected.heartbeats.get(stream.heartbeat)
            if old and new and stream.due and stream.state in (Pulse.LATE, Pulse.WAITING):
                by = _patience(stream, new) - _patience(stream, old)
                if by:
                    self.streams.put(key, replace(stream, due=stream.due + by))
        self._reindex()

    def restored(self) -> None:
        """Rebuild the indexes; whatever is due waits for a full period from the next entry on."""
        self._begun = False
        self._reindex()

    def deadline(self) -> datetime | None:
        """Return when a stream is to be looked at; at once when it is news what has to come."""
        return _AT_ONCE if self._is_news else self._timers.next()

    def jump(self, by: timedelta) -> None:
        """Go along with a jump of the clock; whatever is due also gets a full period, as after a restart."""
        for key in list(self.streams):
            stream = self.streams[key]
            due = None if stream.due is None else stream.due + by
            self.streams.put(key, replace(stream, since=stream.since + by, due=due))
        self.restored()

    def observe(self, change: Change) -> Verdict | None:
        """Follow the heartbeats, and say of what ends with its monitor that this proves nothing."""
        self._begin(change.at)
        series = change.series
        if series.source == OWN_SOURCE:
            return _told(change)
        if not change.fingerprint:
            return None
        if change.kind in _ENDS:
            key = self._stream_of.pop(change.fingerprint, None)
            if key is not None:
                self._stopped(key, change)
                return None
            return self._orphaned(change)
        found = self.expected.find(series.labels)
        if found is not None:
            self._came(found, series, change.fingerprint, change.at)
            return Verdict(series=series.id, add=(Mark.EXPECTED,))
        if change.kind is ChangeKind.OPENED and Mark.EXPECTED in series.marks:
            return Verdict(series=series.id, remove=(Mark.EXPECTED,))
        return None

    def tick(self, now: datetime) -> Sequence[Verdict | Fired | Ended]:
        """Raise an alert for what is missing, and end those of what is back or forgotten."""
        said = self._told_anew(now)
        self._begin(now)
        for key in self._timers.due(now):
            stream = self.streams.get(key)
            if stream is None:
                continue
            declared = self.expected.heartbeats.get(stream.heartbeat)
            if stream.alert:
                said.append(Ended(stream.alert, now, now))
            if declared is None or (not stream.alive and stream.alert):
                self._forget(key)
            elif stream.alive:
                self._put(key, replace(stream, alert="", due=None))
            elif not stream.alert:
                alert = _missing(stream, declared, now)
                due = None if declared.required else now + self.settings.forget
                self._put(key, replace(stream, alert=alert.fingerprint, due=due))
                said.append(Fired(alert, now))
        return said

    def _settle(self, settings: DedupSettings) -> None:
        self.settings = settings.heartbeat
        self.expected = Expected(self.settings.expected)

    def _unseen(self) -> list[Heartbeat]:
        """Return what is required and has no stream yet."""
        required = [one for one in self.expected.heartbeats.values() if one.required]
        if not required:
            return []
        seen = {stream.heartbeat for stream in self.streams.values()}
        return [one for one in required if one.name not in seen]

    def _strays(self) -> list[tuple[InstanceState, Heartbeat]]:
        """Return what fires and is a heartbeat whose stream it is not in, oldest first."""
        strays: list[tuple[InstanceState, Heartbeat]] = []
        for state in self._tracker.firing_states():
            alert = state.alert
            found = self.expected.find(alert.labels)
            if found is None or alert.source == OWN_SOURCE:
                continue
            if self._stream_of.get(alert.fingerprint) != _key(found, _told_by(found, alert.labels)):
                strays.append((state, found))
        return sorted(strays, key=lambda pair: (pair[0].changed_at, pair[0].alert.fingerprint))

    def _freed(self) -> list[str]:
        """Return the series that fire and are marked for heartbeats, which they are not any more."""
        known = self._tracker.series.values()
        marked = {series.id for series in known if series.firing and Mark.EXPECTED in series.marks}
        if not marked:
            return []
        states = [state for state in self._tracker.firing_states() if state.series in marked]
        marked.difference_update(one.series for one in states if self.expected.find(one.alert.labels))
        return sorted(marked)

    def _told_anew(self, now: datetime) -> list[Verdict | Fired | Ended]:
        """Take up what fires and became a heartbeat or ceased to be one, and wait for what is required."""
        said: list[Verdict | Fired | Ended] = []
        if not self._is_news:
            return said
        self._is_news = False
        became = Note("HB-6", "It is a heartbeat now: only its silence is an alarm.")
        ceased = Note("HB-7", "It is no heartbeat any more, and counts like any other alert.")
        fresh: dict[str, None] = {}
        for state, found in self._strays():
            name, series = state.alert.fingerprint, self._tracker.series[state.series]
            said += self._left(name, now)
            self._came(found, replace(series, labels=state.alert.labels), name, now)
            if Mark.EXPECTED not in series.marks:
                fresh[series.id] = None
        said += [Verdict(series=name, add=(Mark.EXPECTED,), notes=(became,)) for name in fresh]
        said += [Verdict(series=name, remove=(Mark.EXPECTED,), notes=(ceased,)) for name in self._freed()]
        for heartbeat in self._unseen():
            stream = Stream(heartbeat.name, {}, "", now, due=now + heartbeat.every + heartbeat.grace)
            self._put(_key(heartbeat, {}), stream)
        return said

    def _begin(self, now: datetime) -> None:
        """Give everything that is due a full period after a restart, for it may be us who were away."""
        if self._begun:
            return
        self._begun = True
        for key in list(self.streams):
            stream = self.streams[key]
            declared = self.expected.heartbeats.get(stream.heartbeat)
            if declared is not None and stream.due is not None and not stream.alive:
                due = max(stream.due, now + declared.every + declared.grace)
                self._put(key, replace(stream, due=due))

    def _came(self, heartbeat: Heartbeat, series: Series, fingerprint: str, at: datetime) -> None:
        labels = _told_by(heartbeat, series.labels)
        key = _key(heartbeat, labels)
        stream = self.streams.get(key)
        if stream is None:
            if len(self.streams) >= self.settings.max_streams:
                self.dropped += 1
                return
            stream = Stream(heartbeat.name, labels, series.source, at)
        if len(stream.alive) >= self.settings.max_instances:
            self.dropped += 1
            return
        self._stream_of[fingerprint] = key
        self._put(
            key,
            replace(
                stream,
                source=series.source,
                since=stream.since if stream.alive else at,
                alive=(*stream.alive, fingerprint),
                due=at if stream.alert else None,
            ),
        )
        if labels:
            self._answered(_key(heartbeat, {}), at)

    def _left(self, fingerprint: str, now: datetime) -> list[Ended]:
        """Take an instance out of its stream, which is forgotten with the last one."""
        key = self._stream_of.pop(fingerprint, None)
        if key is None:
            return []
        stream = self.streams[key]
        alive = tuple(name for name in stream.alive if name != fingerprint)
        if alive:
            self._put(key, replace(stream, alive=alive))
            return []
        self._forget(key)
        return [Ended(stream.alert, now, now)] if stream.alert else []

    def _answered(self, key: str, now: datetime) -> None:
        """Stop to wait for anybody's heartbeat, now that there is somebody's."""
        waiting = self.streams.get(key)
        if waiting is None or waiting.source:
            return
        if waiting.alert:
            self._put(key, replace(waiting, due=now))
        else:
            self._forget(key)

    def _stopped(self, key: str, change: Change) -> None:
        stream = self.streams[key]
        alive = tuple(name for name in stream.alive if name != change.fingerprint)
        if alive:
            self._put(key, replace(stream, alive=alive))
            return
        declared = self.expected.heartbeats.get(stream.heartbeat)
        grace = declared.grace if declared is not None else timedelta(0)
        self._put(key, replace(stream, alive=(), since=change.at, due=change.at + grace))

    def _orphaned(self, change: Change) -> Verdict | None:
        """Return a note for the end of an alert whose sender is silent or whose heartbeat stopped."""
        why = f"{change.lost} fell silent" if change.lost else self._stopped_with(change)
        if not why:
            return None
        text = f"Source lost: {why}; this end does not mean that it healed."
        return Verdict(series=change.series.id, notes=(Note("HB-4", text),))

    def _stopped_with(self, change: Change) -> str:
        if not self._lost:
            return ""
        for heartbeat in self.expected.heartbeats.values():
            if heartbeat.ping or heartbeat.auto:
                continue
            key = _key(heartbeat, _told_by(heartbeat, change.series.labels))
            if key in self._lost and self.streams[key].source == change.series.source:
                return f"{heartbeat.name} of its monitor stopped at {clock(self.streams[key].since)}"
        return ""

    def _put(self, key: str, stream: Stream) -> None:
        self.streams.put(key, stream)
        self._timers.set(key, stream.due)
        if stream.alive or not stream.source:
            self._lost.discard(key)
        else:
            self._lost.add(key)

    def _reindex(self) -> None:
        self._timers.clear()
        self._lost.clear()
        self._stream_of.clear()
        for key in self.streams:
            self._index(key, self.streams[key])
        self._is_news = bool(self._unseen() or self._strays() or self._freed())

    def _index(self, key: str, stream: Stream) -> None:
        self._timers.set(key, stream.due if stream.heartbeat in self.expected.heartbeats else _AT_ONCE)
        self._stream_of.update(dict.fromkeys(stream.alive, key))
        if not stream.alive and stream.source:
            self._lost.add(key)

    def _forget(self, key: str) -> None:
        for name in self.streams[key].alive:
            self._stream_of.pop(name, None)
        self.streams.drop(key)
        self._timers.set(key, None)
        self._lost.discard(key)


def own_alert(
    labels: Mapping[str, str], priority: Priority, entity: Entity, annotations: dict[str, str], at: datetime
) -> Alert:
    """Return an alert about alerting itself, which holds until it is told to end."""
    return Alert(
        fingerprint=fingerprint(labels),
        source=OWN_SOURCE,
        labels=dict(labels),
        annotations=annotations,
        starts_at=at,
        received_at=at,
        priority=priority,
        entity=entity,
        severity=_SEVERITIES[priority],
    )


def _missing(stream: Stream, heartbeat: Heartbeat, now: datetime) -> Alert:
    labels = {**stream.labels, **heartbeat.labels, "alertname": MISSING}
    labels.setdefault("heartbeat", heartbeat.name)
    who = ", ".join(f"{name} {value}" for name, value in stream.labels.items())
    of = f" of {who}" if who else ""
    every = f"one is expected every {span(heartbeat.every.total_seconds())}"
    text = f"No {heartbeat.name}{of} since {clock(stream.since)}; {every}."
    cluster = stream.labels.get("cluster", "")
    entity = Entity("cluster", cluster) if cluster else Entity("service", labels["heartbeat"])
    return own_alert(labels, Priority[heartbeat.priority], entity, {"summary": text}, now)


def _told(change: Change) -> Verdict | None:
    """Return a note that says of an alert of our own what it is about."""
    notes: Iterable[tuple[str, ChangeKind, str, str]] = (
        (MISSING, ChangeKind.OPENED, "HB-1", change.series.summary),
        (MISSING, ChangeKind.CLEARED, "HB-2", "The heartbeat is back, or is not expected any more."),
        (SILENT, ChangeKind.OPENED, "HB-3", change.series.summary),
        (SILENT, ChangeKind.CLEARED, "HB-5", "The source was heard again, or is not configured any more."),
    )
    for name, kind, rule, text in notes:
        if (change.series.name, change.kind) == (name, kind):
            return Verdict(series=change.series.id, notes=(Note(rule, text),))
    return None


def _told_by(heartbeat: Heartbeat, labels: Mapping[str, str]) -> dict[str, str]:
    """Return the labels that tell apart who sends a heartbeat, as far as there are any."""
    return {name: value for name in heartbeat.tells_apart if (value := labels.get(name))}


def _patience(stream: Stream, heartbeat: Heartbeat) -> timedelta:
    """Return how long a stream that does not come is waited for."""
    return heartbeat.grace if stream.source else heartbeat.every + heartbeat.grace


def _key(heartbeat: Heartbeat, labels: Mapping[str, str]) -> str:
    return xxhash.xxh3_64_hexdigest(orjson.dumps((heartbeat.name, labels), option=orjson.OPT_SORT_KEYS))
