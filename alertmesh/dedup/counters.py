"""Know which repeat counters have to be written, and which are nobody's any more."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from alertmesh.core.ports import Count
from alertmesh.dedup.instance import Instance


class Counters:
    """The instances whose counters moved since they were last written: each stands in `touched` once.

    A counter of an episode that is over, or of an instance that is forgotten, becomes zero.
    """

    __slots__ = ("touched",)

    def __init__(self) -> None:
        self.touched: list[Instance] = []

    def touch(self, instance: Instance) -> None:
        """Have the counter of an instance written."""
        if instance.idle:
            instance.idle = False
            self.touched.append(instance)

    def reset(self, instance: Instance) -> None:
        """Have the counter of an instance written, if it has one, which is about to become zero."""
        if instance.repeats:
            self.touch(instance)

    def drain(self) -> list[Count]:
        """Return the counters that moved since the last call."""
        touched, self.touched = self.touched, []
        for instance in touched:
            instance.idle = True
        return [Count(one.fingerprint, one.repeats if one.known else 0, one.last_seen) for one in touched]

    def restore(
        self, counts: Iterable[Count], instances: Mapping[str, Instance], begun: Mapping[str, datetime]
    ) -> None:
        """Give the instances their counters back; one of an episode before that which began is zero."""
        for count in counts:
            known = instances.get(count.fingerprint)
            if known is not None and count.last_seen >= begun[count.fingerprint]:
                known.repeats, known.last_seen = count.repeats, count.last_seen
            else:
                self.touch(known or Instance(count.fingerprint))
