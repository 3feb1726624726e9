"""Know which of many keys is due next."""

from datetime import datetime
from heapq import heapify, heappop, heappush

_SLACK = 64


class Timers:
    """At most one moment for each key; replacing it costs the logarithm of how many there are.

    >>> from datetime import UTC
    >>> timers = Timers()
    >>> timers.set("a", datetime(2026, 1, 1, tzinfo=UTC))
    >>> timers.set("a", datetime(2026, 1, 2, tzinfo=UTC))
    >>> timers.due(datetime(2026, 1, 1, tzinfo=UTC)), timers.due(datetime(2026, 1, 2, tzinfo=UTC))
    ([], ['a'])
    """

    def __init__(self) -> None:
        self._due: dict[str, datetime] = {}
        self._heap: list[tuple[datetime, str]] = []
        self._first: datetime | None = None

    def set(self, key: str, due: datetime | None) -> None:
        """Let `key` be due at another moment; None for never."""
        before = self._due.get(key)
        if before == due:
            return
        if due is None:
            del self._due[key]
        else:
            self._due[key] = due
            heappush(self._heap, (due, key))
            if len(self._heap) > 2 * len(self._due) + _SLACK:
                self._heap = [(moment, name) for name, moment in self._due.items()]
                heapify(self._heap)
            if self._first is None or due < self._first:
                self._first = due
        if before == self._first:
            self._first = self._earliest()

    def next(self) -> datetime | None:
        """Return the earliest moment; None when nothing will ever be due."""
        return self._first

    def due(self, now: datetime) -> list[str]:
        """Take out the keys that are due by `now`, in order of their moments, then of their names."""
        found: list[str] = []
        while self._first is not None and self._first <= now:
            key = heappop(self._heap)[1]
            del self._due[key]
            found.append(key)
            self._first = self._earliest()
        return found

    def clear(self) -> None:
        """Forget every key."""
        self._due.clear()
        self._heap.clear()
        self._first = None

    def _earliest(self) -> datetime | None:
        while self._heap:
            moment, key = self._heap[0]
            if self._due.get(key) == moment:
                return moment
            heappop(self._heap)
        return None
