"""Know whose lease runs out next, without touching anything when a lease is extended."""

from collections.abc import Mapping
from datetime import datetime
from heapq import heappop, heappush

from alertmesh.dedup.instance import NEVER, Instance


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
