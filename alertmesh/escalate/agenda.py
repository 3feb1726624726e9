"""What is due when, over all responses."""

import heapq
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from alertmesh.core.response import Response, Timer

_RANK = {timer: rank for rank, timer in enumerate(Timer)}
_SLACK = 1024  # outdated entries that are not worth a sweep

Entry = tuple[datetime, int, int, int, Timer]
Late = tuple[int, datetime, int, int, Timer]


class _Kept(NamedTuple):
    """What holds of one response."""

    priority: int
    deadlines: dict[Timer, datetime]


_NOTHING = _Kept(0, {})


class Agenda:
    """Deadlines in order: the earlier first, then the worse priority, then the older incident.

    Those that are late, since nobody was there when they were due, come before all others: the
    worse priority first, then the earlier. Outdated entries are left where they are and passed
    over, so a change costs O(log n) and asking for the first costs nothing.
    """

    def __init__(self) -> None:
        self._heap: list[Entry] = []
        self._late: list[Late] = []
        self._current: dict[int, _Kept] = {}
        self._live = 0

    def rebuild(self, responses: Iterable[Response]) -> None:
        """Start anew from the deadlines of `responses`."""
        self._current, self._heap, self._late = {}, [], []
        self._live = 0
        for response in responses:
            self._current[response.incident] = _Kept(int(response.priority), response.deadlines)
            self._live += len(response.deadlines)
            self._heap.extend(_entry(response, timer) for timer in response.deadlines)
        heapq.heapify(self._heap)

    def put(self, response: Response) -> None:
        """Replace the deadlines of one response by those it has now."""
        before = self._current.get(response.incident, _NOTHING)
        kept = _Kept(int(response.priority), response.deadlines)
        self._live += len(kept.deadlines) - len(before.deadlines)
        self._current[response.incident] = kept
        known = before.deadlines if before.priority == kept.priority else {}
        for timer, due in kept.deadlines.items():
            if known.get(timer) != due:
                heapq.heappush(self._heap, _entry(response, timer))
        if len(self._heap) > 2 * self._live + _SLACK:
            self._sweep()

    def drop(self, incident: int) -> None:
        """Forget the deadlines of one response."""
        self._live -= len(self._current.pop(incident, _NOTHING).deadlines)

    def first(self) -> datetime | None:
        """Return the deadline whose turn is next, None without any."""
        while self._late and not self._holds(_in_time(self._late[0])):
            heapq.heappop(self._late)
        if self._late:
            return self._late[0][1]
        while self._heap and not self._holds(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: datetime, late: datetime | None = None) -> tuple[int, Timer, datetime] | None:
        """Take the next deadline that is due at `now`: incident, which, and when it was.

        Those from before `late` count as late.
        """
        while late is not None and self._heap and self._heap[0][0] < late:
            due, priority, incident, rank, timer = heapq.heappop(self._heap)
            heapq.heappush(self._late, (priority, due, incident, rank, timer))
        first = self.first()
        if first is None or first > now:
            return None
        entry = _in_time(heapq.heappop(self._late)) if self._late else heapq.heappop(self._heap)
        due, _, incident, _, timer = entry
        return incident, timer, due

    def _holds(self, entry: Entry) -> bool:
        due, priority, incident, _, timer = entry
        kept = self._current.get(incident, _NOTHING)
        return kept.priority == priority and kept.deadlines.get(timer) == due

    def _sweep(self) -> None:
        self._heap = sorted({entry for entry in self._heap if self._holds(entry)})


def _entry(response: Response, timer: Timer) -> Entry:
    due = response.deadlines[timer]
    return due, int(response.priority), response.incident, _RANK[timer], timer


def _in_time(late: Late) -> Entry:
    priority, due, incident, rank, timer = late
    return due, priority, incident, rank, timer
