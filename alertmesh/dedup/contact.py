"""What is kept of one sender: when it was heard, at which gaps, and how far its clock is off."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import log2
from statistics import median

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.contact import Refusal, SourceStatus
from alertmesh.dedup.instance import DoorKey
from alertmesh.dedup.rate import Rate

_ONE = timedelta(seconds=1)
_STEPS = 2
_BUCKETS = 40
_FULL = 2_048
_SAMPLES = 63
_STALE = timedelta(minutes=10)
_RELIABLE = 0.99
_ALIKE = 4.0
_REFUSALS = 8
_WHY_CHARS = 300


class ContactState(Struct, frozen=True, omit_defaults=True):
    """What outlives a restart. `owing` says that alerts were left firing; `gaps` counts by length."""

    name: str
    source: str
    last_seen: datetime
    owing: bool = False
    gaps: tuple[int, ...] = ()


class Contact:
    """One sender. Noting a request takes a fixed, small time and no memory.

    `judged` says that its present silence was looked at already, `moved` that there is something
    to write. `silent_since` is when it was last heard, for one that is missing.
    """

    __slots__ = (
        "_counted_at",
        "_gaps",
        "_skews",
        "alert_rate",
        "alerts",
        "judged",
        "key",
        "label",
        "moved",
        "owing",
        "refusals",
        "rejected",
        "request_rate",
        "requests",
        "silent_since",
        "state",
        "unreadable",
    )

    def __init__(self, state: ContactState) -> None:
        self.state = state
        self.key: DoorKey = (state.source, state.name)
        self.label = state.source if state.name == state.source else f"{state.source}/{state.name}"
        self.requests = self.alerts = self.rejected = self.unreadable = 0
        self.request_rate, self.alert_rate = Rate(), Rate()
        self.owing = self.judged = False
        self.moved = True
        self.silent_since: datetime | None = None
        self._counted_at = state.last_seen
        self._gaps = list(state.gaps) or [0] * _BUCKETS
        self._skews: deque[float] = deque(maxlen=_SAMPLES)
        self.refusals: deque[Refusal] = deque(maxlen=_REFUSALS)

    def hear(self, now: datetime, since: datetime | None) -> None:
        """Note a request; a gap in which we were away (before `since`) or it was missing is no gap.

        Requests of one second are one.
        """
        before = self._counted_at
        if now - before >= _ONE:
            if self.silent_since is None and (since is None or before >= since):
                self._count((now - before).total_seconds())
            self._counted_at = now
        self.state = replace(self.state, last_seen=max(now, self.state.last_seen))
        self.judged = self.owing = False
        self.moved = True

    def shift(self, by: timedelta, now: datetime) -> None:
        """Go along with a jump of the clock by `by` to `now`; how much comes a minute is counted anew."""
        self.state = replace(self.state, last_seen=min(self.state.last_seen + by, now))
        self._counted_at = min(self._counted_at + by, now)
        if self.silent_since is not None:
            self.silent_since = min(self.silent_since + by, now)
        self.request_rate, self.alert_rate = Rate(), Rate()
        self._skews.clear()
        self.judged, self.moved = False, True

    def count(self, now: datetime, alerts: int, rejected: int) -> None:
        """Count a request, by its alerts that could be read and those that were refused."""
        self.requests += 1
        self.alerts += alerts
        self.rejected += rejected
        self.request_rate.add(now, 1)
        self.alert_rate.add(now, alerts)

    def refuse(self, now: datetime, why: Iterable[str], whole: bool = False) -> None:
        """Remember what was not taken, as far as there is room: of many alike, the last say enough."""
        self.refusals.extend(Refusal(now, one[:_WHY_CHARS], whole) for one in why)

    def measure(self, lag: timedelta) -> None:
        """Note how long before its receipt an alert says that it began; one that is old says nothing."""
        if lag < _STALE:
            self._skews.append(lag.total_seconds())

    def usual_gap(self, learn: int) -> timedelta | None:
        """Return the gap that 99 % do not exceed; None before `learn` were seen."""
        if sum(self._gaps) < learn:
            return None
        return timedelta(seconds=self._quantile(_RELIABLE))

    def is_regular(self) -> bool:
        """Tell whether it comes at like gaps, so that a long one means something."""
        return self._quantile(_RELIABLE) <= _ALIKE * self._quantile(0.5)

    def saved(self) -> ContactState:
        """Return what outlives a restart."""
        return replace(self.state, owing=self.owing, gaps=tuple(self._gaps))

    def status(self, learn: int, now: datetime | None) -> SourceStatus:
        """Return how it stands."""
        usual, at = self.usual_gap(learn), now or self.state.last_seen
        return SourceStatus(
            name=self.state.name,
            source=self.state.source,
            last_seen=self.state.last_seen,
            requests=self.requests,
            alerts=self.alerts,
            rejected=self.rejected,
            usual_gap_s=None if usual is None else usual.total_seconds(),
            skew_s=round(median(self._skews), 3) if self._skews else None,
            silent_since=self.silent_since,
            unreadable=self.unreadable,
            requests_per_minute=self.request_rate.per_minute(at),
            alerts_per_minute=self.alert_rate.per_minute(at),
            refusals=tuple(reversed(self.refusals)),
        )

    def _count(self, gap_s: float) -> None:
        self._gaps[min(int(_STEPS * log2(gap_s)), _BUCKETS - 1)] += 1
        if sum(self._gaps) >= _FULL:
            self._gaps = [count // 2 for count in self._gaps]

    def _quantile(self, share: float) -> float:
        """Return the upper end of the class of gaps that holds the wanted share, in seconds."""
        wanted, seen = share * sum(self._gaps), 0
        for place, count in enumerate(self._gaps):
            seen += count
            if count and seen >= wanted:
                return float(2.0 ** ((place + 1) / _STEPS))
        return 0.0
