"""Miss the alerts that must keep coming.

The repeat filter ends such an alert when it does not come again in time, so that its silence is
an entry of the log like any other. This rule waits for the grace that is left, raises an alert of
its own, and ends that one when the heartbeat is back.
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
from alertmesh.core.series import Change, ChangeKind, Mark, Note
from alertmesh.dedup.expected import Expected, Heartbeat
from alertmesh.dedup.rule import Verdict
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.timers import Timers
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

    def __init__(self, settings: DedupSettings) -> None:
        self.dropped = 0
        self.streams = Records[str, Stream]("heartbeats", Stream)
        self._timers = Timers()
        self._stream_of: dict[str, str] = {}
        self._lost: set[str] = set()
        self._begun = False
        self._settle(settings)

    @property
    def tables(self) -> tuple[Records[Any, Any], ...]:
        """Return the durable state."""
        return (self.streams,)

    def adopt(self, settings: DedupSettings) -> None:
        """Go by other settings; what is no longer a heartbeat is missed no longer."""
        self._settle(settings)
        self.restored()

    def restored(self) -> None:
        """Rebuild the indexes; whatever is due waits for a full period from the next entry on."""
        self._begun = False
        self._timers.clear()
        self._lost.clear()
        self._stream_of.clear()
        for key in self.streams:
            self._index(key, self.streams[key])

    def deadline(self) -> datetime | None:
        """Return when a stream is to be looked at; at once to start waiting for what is required."""
        return self._timers.next() if self._begun or not self._unseen() else _AT_ONCE

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
        if change.kind is ChangeKind.MARKED:
            return None
        if change.kind in _ENDS:
            key = self._stream_of.pop(change.fingerprint, None)
            if key is not None:
                self._stopped(key, change)
                return None
            return self._orphaned(change)
        found = self.expected.find(series.labels)
        if found is None:
            return None
        self._came(found, change)
        return Verdict(series=series.id, add=(Mark.EXPECTED,))

    def tick(self, now: datetime) -> Sequence[Verdict | Fired | Ended]:
        """Raise an alert for what is missing, and end those of what is back or forgotten."""
        self._begin(now)
        said: list[Verdict | Fired | Ended] = []
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

    def _begin(self, now: datetime) -> None:
        """Give everything that is or will be due a full period, for it may be us who were away."""
        if self._begun:
            return
        self._begun = True
        for heartbeat in self._unseen():
            stream = Stream(heartbeat.name, {}, "", now, due=now + heartbeat.every + heartbeat.grace)
            self._put(_key(heartbeat, {}), stream)
        for key in list(self.streams):
            stream = self.streams[key]
            declared = self.expected.heartbeats.get(stream.heartbeat)
            if declared is not None and stream.due is not None and not stream.alive:
                due = max(stream.due, now + declared.every + declared.grace)
                self._put(key, replace(stream, due=due))

    def _came(self, heartbeat: Heartbeat, change: Change) -> None:
        labels = {name: value for name in heartbeat.tells_apart if (value := change.series.labels.get(name))}
        key = _key(heartbeat, labels)
        stream = self.streams.get(key)
        if stream is None:
            if len(self.streams) >= self.settings.max_streams:
                self.dropped += 1
                return
            stream = Stream(heartbeat.name, labels, change.series.source, change.at)
        if len(stream.alive) >= self.settings.max_instances:
            self.dropped += 1
            return
        since = stream.since if stream.alive else change.at
        self._stream_of[change.fingerprint] = key
        self._put(
            key,
            replace(
                stream,
                source=change.series.source,
                since=since,
                alive=(*stream.alive, change.fingerprint),
                due=change.at if stream.alert else None,
            ),
        )
        if labels:
            self._answered(_key(heartbeat, {}), change.at)

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
            labels = {n: value for n in heartbeat.by if (value := change.series.labels.get(n))}
            key = _key(heartbeat, labels)
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
        (SILENT, ChangeKind.CLEARED, "HB-5", "The source was heard again."),
    )
    for name, kind, rule, text in notes:
        if (change.series.name, change.kind) == (name, kind):
            return Verdict(series=change.series.id, notes=(Note(rule, text),))
    return None


def _key(heartbeat: Heartbeat, labels: Mapping[str, str]) -> str:
    return xxhash.xxh3_64_hexdigest(orjson.dumps((heartbeat.name, labels), option=orjson.OPT_SORT_KEYS))
