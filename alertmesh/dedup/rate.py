"""Count how much comes a minute, in a fixed small memory."""

from collections import deque
from datetime import datetime, timedelta

_MINUTE = timedelta(minutes=1)
_MINUTES = 5


class Rate:
    """What came within the last five minutes, as a number a minute.

    >>> from datetime import UTC
    >>> at, rate = datetime(2026, 11, 23, 4, tzinfo=UTC), Rate()
    >>> rate.add(at, 30)
    >>> rate.add(at + _MINUTE, 20)
    >>> rate.per_minute(at + 2 * _MINUTE), rate.per_minute(at + timedelta(hours=1))
    (10.0, 0.0)
    """

    __slots__ = ("_buckets",)

    def __init__(self) -> None:
        self._buckets: deque[tuple[datetime, int]] = deque(maxlen=_MINUTES + 1)

    def add(self, at: datetime, count: int) -> None:
        """Count what came at `at`; a moment before the newest counts as that one."""
        if self._buckets and at - self._buckets[-1][0] < _MINUTE:
            begin, before = self._buckets[-1]
            self._buckets[-1] = (begin, before + count)
        else:
            self._buckets.append((at, count))

    def per_minute(self, now: datetime) -> float:
        """Return how much came a minute, over the last five."""
        since = now - _MINUTES * _MINUTE
        return sum(count for begin, count in self._buckets if begin > since) / _MINUTES
