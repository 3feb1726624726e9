"""What a module measures from minute to minute: a short past that survives a restart."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct

KEPT = 720
"""Samples that are kept, the oldest dropped first: half a day at one a minute."""

_GAP = timedelta(minutes=2, seconds=30)


class Sample(Struct, frozen=True, array_like=True):
    """How AlertMesh was at a moment; `decided` and `alerts` are what happened since the sample before."""

    at: float
    decided: int
    alerts: int
    queue: int
    incidents: int
    memory_bytes: int

    @property
    def moment(self) -> datetime:
        """Return when it was."""
        return datetime.fromtimestamp(self.at, UTC)


class Ring(Struct, frozen=True, array_like=True):
    """The samples, and the counters as they stood at the newest: 0 before there is one."""

    samples: tuple[Sample, ...] = ()
    decided: int = 0
    alerts: int = 0

    def grown(self, now: datetime, levels: tuple[int, int, int, int, int]) -> "Ring":
        """Return the ring with one more sample.

        `levels` are the counters of decisions and alerts, the queue, open incidents and memory. A counter
        that is lower than before began anew.

        >>> ring = Ring().grown(datetime(2026, 1, 1, tzinfo=UTC), (7, 5, 0, 1, 0))
        >>> [(one.decided, one.alerts) for one in ring.samples]
        [(0, 0)]
        >>> later = ring.grown(datetime(2026, 1, 1, 0, 1, tzinfo=UTC), (9, 2, 0, 1, 0))
        >>> [(one.decided, one.alerts) for one in later.samples]
        [(0, 0), (2, 2)]
        """
        decided, alerts, queue, incidents, memory = levels
        before = (self.decided, self.alerts) if self.samples else (decided, alerts)
        sample = Sample(
            now.timestamp(),
            _since(before[0], decided),
            _since(before[1], alerts),
            queue,
            incidents,
            memory,
        )
        return Ring((*self.samples, sample)[-KEPT:], decided, alerts)

    def last(self, now: datetime, span: timedelta) -> list[Sample | None]:
        """Return the samples of a time until `now`, with None wherever we did not run."""
        found: list[Sample | None] = []
        for sample in self.samples:
            if sample.moment <= now - span:
                continue
            if found and found[-1] is not None and sample.moment - found[-1].moment > _GAP:
                found.append(None)
            found.append(sample)
        return found


def read(body: bytes | None) -> Ring:
    """Return the ring that was kept; an empty one for none, or one of another form."""
    if body is None:
        return Ring()
    try:
        return _decode(body)
    except (msgspec.DecodeError, ValueError):
        return Ring()


def written(ring: Ring) -> bytes:
    """Return what is kept of a ring."""
    return _encode(ring)


def places(samples: Sequence[Sample | None]) -> list[datetime]:
    """Return where on a chart each sample stands; a gap stands a minute after what it follows."""
    found: list[datetime] = []
    for sample in samples:
        found.append(sample.moment if sample else found[-1] + timedelta(minutes=1))
    return found


def _since(before: int, now: int) -> int:
    return now - before if now >= before else now


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Ring).decode
