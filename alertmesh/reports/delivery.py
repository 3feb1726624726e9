"""How well channels carry messages: how many left, how many did not, and how long it took."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, tzinfo

from msgspec import Struct, field

from alertmesh.core.page import AttemptState, PageKind
from alertmesh.reports.figures import day_of, percentile, share

_ARRIVED = (AttemptState.DELIVERED, AttemptState.READ)
_SENT = (AttemptState.SENT, *_ARRIVED)


class Try(Struct, frozen=True, kw_only=True, gc=False):
    """One send of one message through one channel, as reports count it."""

    channel: str
    kind: PageKind
    state: AttemptState
    wanted_at: datetime
    settled_at: datetime | None


class ChannelFigures(Struct, frozen=True, kw_only=True):
    """What one channel did; `pages` are the attempts that ask for an ack.

    `delivered` are those of the `sent` of which it is known that they reached the person; `waiting` counts
    what has not ended yet. The latency of those that were sent is from when the
    message was wanted, retries and waiting for the channel's limits included.
    """

    channel: str
    attempts: int
    pages: int
    sent: int
    delivered: int
    failed: int
    withdrawn: int
    waiting: int
    failure_rate: float | None
    latency_p50_s: float | None
    latency_p95_s: float | None


class DayFigures(Struct, frozen=True, kw_only=True):
    """What all channels did on one day."""

    day: date
    sent: int
    failed: int
    latency_p50_s: float | None
    latency_p95_s: float | None


class DeliveryReport(Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """The attempts that were due in a span of time: together (an empty `channel`), by channel and by day."""

    start: datetime
    end: datetime
    total: ChannelFigures
    channels: list[ChannelFigures]
    days: list[DayFigures]


class _Count(Struct):
    """The attempts of one channel while they are being counted."""

    attempts: int = 0
    pages: int = 0
    states: dict[AttemptState, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)

    def add(self, one: Try) -> None:
        """Count one attempt."""
        self.attempts += 1
        self.pages += one.kind is PageKind.PAGE
        self.states[one.state] = self.states.get(one.state, 0) + 1
        if one.state in _SENT and one.settled_at is not None:
            self.latencies.append(max((one.settled_at - one.wanted_at).total_seconds(), 0.0))

    def _of(self, *states: AttemptState) -> int:
        return sum(self.states.get(state, 0) for state in states)

    def figures(self, channel: str) -> ChannelFigures:
        """Return the counts."""
        sent, delivered = self._of(*_SENT), self._of(*_ARRIVED)
        failed, withdrawn = self._of(AttemptState.FAILED), self._of(AttemptState.WITHDRAWN)
        ordered = sorted(self.latencies)
        return ChannelFigures(
            channel=channel,
            attempts=self.attempts,
            pages=self.pages,
            sent=sent,
            delivered=delivered,
            failed=failed,
            withdrawn=withdrawn,
            waiting=self.attempts - sent - failed - withdrawn,
            failure_rate=share(failed, sent + failed),
            latency_p50_s=round(percentile(ordered, 0.5), 3) if ordered else None,
            latency_p95_s=round(percentile(ordered, 0.95), 3) if ordered else None,
        )


def report(tries: Iterable[Try], start: datetime, end: datetime, zone: tzinfo = UTC) -> DeliveryReport:
    """Count attempts by channel, and by the day of `zone` on which they were wanted."""
    total, counts, days = _Count(), dict[str, _Count](), dict[date, _Count]()
    for one in tries:
        total.add(one)
        counts.setdefault(one.channel, _Count()).add(one)
        days.setdefault(day_of(one.wanted_at, zone), _Count()).add(one)
    channels = [count.figures(channel) for channel, count in sorted(counts.items())]
    by_day = [_of_day(day, count.figures("")) for day, count in sorted(days.items())]
    return DeliveryReport(start=start, end=end, total=total.figures(""), channels=channels, days=by_day)


def _of_day(day: date, all: ChannelFigures) -> DayFigures:
    return DayFigures(
        day=day,
        sent=all.sent,
        failed=all.failed,
        latency_p50_s=all.latency_p50_s,
        latency_p95_s=all.latency_p95_s,
    )
