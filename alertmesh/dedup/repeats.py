"""Stand at the door and let only news through.

The repeat filter sees every alert of every sender. A repeat of what it knows costs one
dictionary lookup, a few comparisons and a counter; only an instance that begins or stops to fire
becomes an entry of the log. Instances that come by another door under another key are the same
instance if their labels are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from alertmesh.core.alert import Alert, Sighting
from alertmesh.core.entries import Ended, Fired, LogEntry
from alertmesh.core.errors import BadPayload
from alertmesh.core.ports import Count, Door
from alertmesh.dedup.counters import Counters
from alertmesh.dedup.expected import Pace, never
from alertmesh.dedup.instance import NEVER, Aliases, DoorKey, Instance, Transition
from alertmesh.dedup.leases import Leases, bounded, door_lease, lease, leased, renewed

_NONE = timedelta(0)
_REORDER = timedelta(seconds=30)
_REMEMBER = timedelta(minutes=30)


class Admission(Struct):
    """What the filter made of one request.

    `entries` must become durable before the request is answered. `repeats` said nothing new,
    `stale` came too late to count. `refused` are places in the given sightings, and why.
    `transitions` are what `undo` needs.
    """

    entries: list[LogEntry] = field(default_factory=list)
    repeats: int = 0
    stale: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)


class RepeatFilter:
    """Know every instance, and tell transitions from repeats.

    `describe` turns a sighting that is news into an Alert; a repeat never needs it. An explicit
    end makes a firing of the same episode stale for `reorder_window`. Ended instances are
    forgotten after `remember`, or earlier when more than `max_instances` are known (`dropped`
    counts those). Firing instances are never forgotten. `pace` bounds the leases of those alerts
    that must keep coming, by their labels.
    """

    def __init__(
        self,
        describe: Callable[[Door, Sighting, datetime], Alert],
        max_instances: int = 1_000_000,
        reorder_window: timedelta = _REORDER,
        remember: timedelta = _REMEMBER,
        pace: Callable[[Mapping[str, str]], Pace | None] = never,
    ) -> None:
        self.describe = describe
        self.max_instances = max_instances
        self.reorder_window = reorder_window
        self.remember = remember
        self.dropped = 0
        self._pace = pace
        self._instances: dict[str, Instance] = {}
        self._ended: dict[str, Instance] = {}
        self._doors: dict[tuple[str, str], tuple[Door, Aliases]] = {}
        self._leases = Leases(self._instances)
        self._counters = Counters()
        self._restored_at: datetime | None = None

    def __len__(self) -> int:
        return len(self._instances)

    @property
    def open_count(self) -> int:
        """Return how many instances fire."""
        return len(self._instances) - len(self._ended)

    def repace(self, pace: Callable[[Mapping[str, str]], Pace | None], alerts: Iterable[Alert]) -> None:
        """Bound leases by another `pace`, those of the known `alerts` from their next sighting on.

        Who owes them stays known: their senders may never be heard again.
        """
        self._pace = pace
        paced = set()
        for alert in alerts:
            instance = self._instances.get(alert.fingerprint)
            if instance is not None:
                instance.pace = pace(alert.labels)
                paced.add(instance.fingerprint)
        for _, aliases in self._doors.values():
            aliases.renew(paced)

    def sighted(self, fingerprint: str) -> tuple[datetime | None, datetime] | None:
        """Return when a firing instance was last seen, if that is known, and when its lease ends."""
        instance = self._instances.get(fingerprint)
        if instance is None or not instance.firing:
            return None
        last_seen = None if instance.last_seen == NEVER else instance.last_seen
        return last_seen, instance.expires_at

    def owed_by(self, door: DoorKey, since: datetime, until: datetime) -> Iterator[Instance]:
        """Return the instances whose repeats a door owes, or owed.

        These are those that fire under a lease that ends by `until`, and those that ran out at
        `since` or later.
        """
        entered = self._doors.get(door)
        for instance in entered[1].instances() if entered is not None else ():
            if instance.expires_at <= until if instance.firing else instance.ran_out(since):
                yield instance

    def feed(self, door: Door, sightings: Sequence[Sighting], now: datetime) -> Admission:
        """Take the sightings of one request; `now` is when it was received."""
        admission = Admission()
        known = self._aliases(door).known
        gives, touched = door_lease(door, now), self._counters.touched
        repeats = 0
        for index, sighting in enumerate(sightings):
            found = known.get(sighting.identity)
            if (
                found is None
                or not found.firing
                or not sighting.firing
                or (sighting.revision and sighting.revision != found.revision)
            ):
                found = self._news(admission, door, index, sighting, now)
                if found is None:
                    continue
            repeats += 1
            found.repeats += 1
            found.last_seen = now
            if found.idle:
                found.idle = False
                touched.append(found)
            ends_at = sighting.ends_at
            if ends_at is None or ends_at <= now:
                ends_at = gives
            if ends_at > found.expires_at:
                found.expires_at = ends_at
            if sighting.starts_at != found.seen_start:
                found.widen(sighting.starts_at)
        admission.repeats += repeats
        return admission

    def undo(self, admission: Admission) -> None:
        """Take back the transitions of an admission whose entries could not be logged.

        Admissions may be taken back in any order; what a later admission decided stands until
        that one is taken back too.
        """
        for transition in reversed(admission.transitions):
            instance = transition.instance
            if self._instances.get(instance.fingerprint, instance) is instance and transition.take_back():
                self._keep(instance)

    @staticmethod
    def settle(admission: Admission) -> None:
        """Forget how to take back an admission: its entries are durable."""
        for transition in admission.transitions:
            if transition.instance.transition is transition:
                transition.instance.transition = None

    def expire(self, now: datetime) -> Admission:
        """End the instances whose lease ran out, and forget those that ended long ago."""
        admission = Admission()
        for instance in self._leases.due(now):
            self._end(
                admission, instance, Ended(instance.fingerprint, instance.expires_at, now, expired=True)
            )
        self.forget(now)
        return admission

    def forget(self, now: datetime) -> None:
        """Forget instances whose end we learnt of `remember` ago or earlier."""
        while self._ended:
            instance = next(iter(self._ended.values()))
            if instance.told_at + self.remember > now:
                return
            self._drop(instance)

    def next_expiry(self) -> datetime | None:
        """Return when the next lease runs out; None when nothing fires under a lease."""
        return self._leases.next()

    def drain_counts(self) -> list[Count]:
        """Return the counters that moved since the last call: zero where there is none any more."""
        return self._counters.drain()

    def restore(
        self, alerts: Iterable[tuple[Alert, datetime | None]], counts: Iterable[Count], now: datetime
    ) -> None:
        """Take the known instances back after a restart.

        Every firing one gets a full lease from `now` on, since its repeats while we were down
        could not be heard. An alert that ended just when its lease did was not told to have ended.
        """
        self._restored_at = now
        paced, begun = [], {}
        for alert, ended_at in sorted(alerts, key=lambda pair: (pair[1] or now, pair[0].fingerprint)):
            instance = Instance(alert.fingerprint)
            instance.open(alert.starts_at, None, renewed(alert, now))
            instance.pace, instance.revision = self._pace(alert.labels), _revision(alert)
            if ended_at is not None:
                instance.end(ended_at, ended_at, told=ended_at != alert.expires_at)
            elif instance.pace is not None:
                paced.append(instance)
            begun[alert.fingerprint] = alert.received_at
            self._keep(instance)
        self._counters.restore(counts, self._instances, begun)
        for instance in paced:
            self._resume(instance, begun[instance.fingerprint], now)

    def jump(self, by: timedelta, alerts: Iterable[tuple[Alert, datetime | None]], now: datetime) -> None:
        """Go along with a jump of the clock: every lease gets its full length anew, as after a restart."""
        for instance in self._instances.values():
            instance.shift(by, now)
        for alert, ended_at in alerts:
            known = self._instances.get(alert.fingerprint)
            if ended_at is None and known is not None and known.firing:
                known.expires_at = max(known.expires_at, renewed(alert, now))
                self._resume(known, alert.received_at, now)
        for instance in self._instances.values():
            if instance.firing:
                self._leases.watch(instance)

    def observe(self, entry: LogEntry) -> None:
        """Follow an entry of the log that the restored state does not account for yet."""
        if isinstance(entry, Fired):
            instance = self._instance(entry.alert.fingerprint)
            instance.revision = _revision(entry.alert)
            if not instance.firing:
                since = max(entry.at, self._restored_at or entry.at)
                instance.pace = self._pace(entry.alert.labels)
                expires_at = bounded(instance.pace, renewed(entry.alert, since), since)
                instance.open(entry.alert.starts_at, None, expires_at)
                self._keep(instance)
        elif isinstance(entry, Ended):
            instance = self._instance(entry.fingerprint)
            if instance.firing:
                instance.end(entry.ended_at, entry.at, told=not entry.expired)
                self._keep(instance)

    def _news(
        self, admission: Admission, door: Door, index: int, sighting: Sighting, now: datetime
    ) -> Instance | None:
        """Judge what is no repeat at first glance; return the instance if it is one after all."""
        try:
            return self._judge(admission, door, sighting, now)
        except BadPayload as error:
            admission.refused.append((index, str(error)))
            return None

    def _judge(self, admission: Admission, door: Door, sighting: Sighting, now: datetime) -> Instance | None:
        aliases = self._aliases(door)
        instance = aliases.find(sighting.identity)
        alert: Alert | None = None
        if instance is None or not instance.known:
            alert = self.describe(door, sighting, now)
            instance = self._instance(alert.fingerprint)
            instance.pace, instance.door = self._pace(alert.labels), (door.source, door.name)
            aliases.add(sighting.identity, instance, self.max_instances)
        if not sighting.firing:
            self._resolved(admission, instance, sighting, now)
        elif instance.firing:
            if sighting.revision and sighting.revision != instance.revision:
                self._revise(admission, instance, alert or self.describe(door, sighting, now), now)
                instance.revision = sighting.revision
            if instance.pace is None:
                return instance
            self._beat(admission, instance, sighting, door, now)
        elif self._is_late(instance, sighting, now):
            admission.stale += 1
        else:
            alert = alert or self.describe(door, sighting, now)
            expires_at = bounded(instance.pace, lease(sighting, door, now), now)
            self._fire(admission, instance, Fired(leased(alert, expires_at), now), sighting.starts_at)
            instance.last_seen, instance.revision = now, sighting.revision
        return None

    def _revise(self, admission: Admission, instance: Instance, alert: Alert, now: datetime) -> None:
        """Let a firing alert that its sender describes anew through; its episode goes on."""
        admission.transitions.append(Transition(instance))
        expires_at = None if instance.expires_at == NEVER else instance.expires_at
        admission.entries.append(
            Fired(replace(alert, starts_at=instance.starts_at, expires_at=expires_at), now)
        )

    def _beat(
        self, admission: Admission, instance: Instance, sighting: Sighting, door: Door, now: datetime
    ) -> None:
        """Take a repeat of an alert that must keep coming, and hold its sender to the pace it keeps."""
        admission.repeats += 1
        ends_at = lease(sighting, door, now)
        pace = instance.pace
        if pace is not None and (pace.strict or _NONE <= now - instance.last_seen <= pace.longest):
            instance.expires_at = min(ends_at, now + pace.longest)
        else:
            instance.expires_at = max(ends_at, instance.expires_at)
        self._leases.watch(instance)
        instance.repeats += 1
        instance.last_seen = now
        self._counters.touch(instance)
        instance.widen(sighting.starts_at)

    def _resume(self, instance: Instance, begun: datetime, now: datetime) -> None:
        """Hold a sender to its pace after a restart, if it kept it on the average."""
        pace = instance.pace
        if pace is None:
            return
        kept = instance.repeats > 0 and instance.last_seen - begun <= instance.repeats * pace.longest
        if pace.strict or kept:
            instance.expires_at = min(instance.expires_at, now + pace.longest)
            self._leases.watch(instance)

    def _resolved(self, admission: Admission, instance: Instance, sighting: Sighting, now: datetime) -> None:
        ended_at = now if sighting.ends_at is None else min(sighting.ends_at, now)
        if instance.firing:
            # By the sender's own clock, which may be ahead and has told the start as well.
            if sighting.ends_at is not None and instance.is_past(sighting.ends_at, now):
                admission.stale += 1
            else:
                self._end(admission, instance, Ended(instance.fingerprint, ended_at, now))
        elif instance.known and not instance.began_later(sighting.starts_at):
            admission.repeats += 1
        else:
            # The end overtook its firing, which will come too late to count.
            admission.stale += 1
            admission.transitions.append(Transition(instance))
            instance.open(sighting.starts_at or ended_at, None, NEVER)
            instance.end(ended_at, now, told=True)
            self._keep(instance)

    def _is_late(self, instance: Instance, sighting: Sighting, now: datetime) -> bool:
        """Tell whether a firing belongs to an episode whose end overtook it."""
        if not instance.told or sighting.starts_at is None:
            return False
        return sighting.starts_at <= instance.latest_start and now - instance.told_at <= self.reorder_window

    def _fire(
        self, admission: Admission, instance: Instance, entry: Fired, seen_start: datetime | None
    ) -> None:
        admission.transitions.append(Transition(instance))
        admission.entries.append(entry)
        self._counters.reset(instance)
        instance.open(entry.alert.starts_at, seen_start, entry.alert.expires_at or NEVER)
        self._keep(instance)

    def _end(self, admission: Admission, instance: Instance, entry: Ended) -> None:
        admission.transitions.append(Transition(instance))
        admission.entries.append(entry)
        instance.end(entry.ended_at, entry.at, told=not entry.expired)
        self._keep(instance)

    def _keep(self, instance: Instance) -> None:
        """File an instance by its present state, and make room if that is one too many."""
        self._ended.pop(instance.fingerprint, None)
        if not instance.known:
            self._instances.pop(instance.fingerprint, None)
            instance.due = NEVER
            return
        self._instances[instance.fingerprint] = instance
        if instance.firing:
            self._leases.watch(instance)
        else:
            self._ended[instance.fingerprint] = instance
        while self._ended and len(self._instances) > self.max_instances:
            self._drop(next(iter(self._ended.values())))
            self.dropped += 1

    def _drop(self, instance: Instance) -> None:
        del self._ended[instance.fingerprint]
        del self._instances[instance.fingerprint]
        self._counters.reset(instance)
        instance.known = False

    def _instance(self, fingerprint: str) -> Instance:
        return self._instances.get(fingerprint) or Instance(fingerprint)

    def _aliases(self, door: Door) -> Aliases:
        """Return the keys of a door; those of an older definition of it are worthless."""
        key = (door.source, door.name)
        entered = self._doors.get(key)
        if entered is None or (entered[0] is not door and entered[0] != door):
            entered = self._doors[key] = (door, Aliases())
        return entered[1]


def _revision(alert: Alert) -> str:
    """Return what the sender of an alert called its severity, whatever the priority table made of it."""
    return alert.labels.get("severity", "")
