"""What is due when, over all responses."""

import heapq
from collections.abc import Iterable
from datetime import datetime

from alertmesh.core.response import Response, Timer

_RANK = {timer: rank for rank, timer in enumerate(Timer)}
_SLACK = 1024  # outdated entries that are not worth a sweep

Entry = tuple[datetime, int, int, int, Timer]


class Agenda:
    """Deadlines in order: the earlier first, then the worse priority, then the older incident.

    Outdated entries are left where they are and passed over, so a change costs O(log n) and
    asking for the first costs nothing.
    """

    def __init__(self) -> None:
        self._heap: list[Entry] = []
        self._current: dict[int, dict[Timer, datetime]] = {}
        self._live = 0

    def rebuild(self, responses: Iterable[Response]) -> None:
        """Start anew from the deadlines of `responses`."""
        self._current = {}
        self._heap = []
        self._live = 0
        for response in responses:
            self._current[response.incident] = response.deadlines
            self._live += len(response.deadlines)
            self._heap.extend(_entry(response, timer) for timer in response.deadlines)
        heapq.heapify(self._heap)

    def put(self, response: Response) -> None:
        """Replace the deadlines of one response by those it has now."""
        before = self._current.get(response.incident, {})
        self._live += len(response.deadlines) - len(before)
        self._current[response.incident] = response.deadlines
        for timer, due in response.deadlines.items():
            if before.get(timer) != due:
                heapq.heappush(self._heap, _entry(response, timer))
        if len(self._heap) > 2 * self._live + _SLACK:
            self._sweep()

    def drop(self, incident: int) -> None:
        """Forget the deadlines of one response."""
        self._live -= len(self._current.pop(incident, {}))

    def first(self) -> datetime | None:
        """Return the earliest deadline, None without any."""
        while self._heap and not self._holds(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: datetime) -> tuple[int, Timer, datetime] | None:
        """Take the first deadline that is due at `now`: incident, which, and when it was."""
        first = self.first()
        if first is None or first > now:
            return None
        due, _, incident, _, timer = heapq.heappop(self._heap)
        return incident, timer, due

    def _holds(self, entry: Entry) -> bool:
        due, _, incident, _, timer = entry
        return self._current.get(incident, {}).get(timer) == due

    def _sweep(self) -> None:
        self._heap = sorted({entry for entry in self._heap if self._holds(entry)})


def _entry(response: Response, timer: Timer) -> Entry:
    due = response.deadlines[timer]
    return due, int(response.priority), response.incident, _RANK[timer], timer
