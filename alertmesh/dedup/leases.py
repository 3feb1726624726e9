"""Know whose lease runs out next, without touching anything when a lease is extended."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from heapq import heappop, heappush

from msgspec.structs import replace

from alertmesh.core.alert import Alert, Sighting
from alertmesh.core.ports import Door
from alertmesh.dedup.expected import Pace
from alertmesh.dedup.instance import NEVER, Instance

_NONE = timedelta(0)


class Leases:
    """A heap of the moments at which leases must be looked at again.

    An extended lease is only noticed when its old end comes; so a repeat costs nothing here, and
    an instance has one place in the heap at most.
    """

    def __init__(self, instances: Mapping[str, Instance]) -> None:
        self._instances = instances
        self._heap: list[tuple[datetime, str]] = []

    def watch(self, instance: Instance) -> None:
        """Look at `instance` when its lease ends."""
        if instance.expires_at < instance.due:
            instance.due = instance.expires_at
            heappush(self._heap, (instance.due, instance.fingerprint))

    def due(self, now: datetime) -> list[Instance]:
        """Return the firing instances whose lease ended by `now`, in order of their ends."""
        found = []
        while (moment := self.next()) is not None and moment <= now:
            instance = self._instances[heappop(self._heap)[1]]
            instance.due = NEVER
            found.append(instance)
        return found

    def next(self) -> datetime | None:
        """Return the earliest end of a lease; None when there is none."""
        while self._heap:
            moment, fingerprint = self._heap[0]
            instance = self._instances.get(fingerprint)
            if instance is not None and instance.firing and instance.due == moment == instance.expires_at:
                return moment
            heappop(self._heap)
            if instance is not None and instance.due == moment:
                instance.due = NEVER
                if instance.firing:
                    self.watch(instance)
        return None


def door_lease(door: Door, now: datetime) -> datetime:
    """Return the end of a lease that the door gives; a door without a lease gives one without end."""
    return NEVER if door.lease <= _NONE else now + door.lease


def lease(sighting: Sighting, door: Door, now: datetime) -> datetime:
    """Return the end of the lease that a sighting gives, else that of its door."""
    ends_at = sighting.ends_at
    return door_lease(door, now) if ends_at is None or ends_at <= now else ends_at


def bounded(pace: Pace | None, expires_at: datetime, now: datetime) -> datetime:
    """Return the end of a lease that begins now, no later than a strict pace lets it be."""
    return expires_at if pace is None or not pace.strict else min(expires_at, now + pace.longest)


def leased(alert: Alert, ends_at: datetime) -> Alert:
    """Return the alert with the lease that this filter will hold it to."""
    expires_at = None if ends_at == NEVER else ends_at
    return alert if alert.expires_at == expires_at else replace(alert, expires_at=expires_at)


def renewed(alert: Alert, now: datetime) -> datetime:
    """Return the end of a full lease of `alert` that begins now."""
    if alert.expires_at is None:
        return NEVER
    length = max(alert.expires_at - alert.received_at, _NONE)
    return now + length if length < NEVER - now else NEVER
