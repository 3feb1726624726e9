"""The bus inside one process: a queue of entries that are durable already."""

import asyncio
from collections import deque
from collections.abc import Sequence

from alertmesh.core.ports import StoredEntry


class LocalBus:
    """Hand log entries to one consumer, in the order published.

    An entry on the bus is on disk already and was promised to its sender, so none is ever
    refused or dropped here: the doors ask `full` before they accept more.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._waiting: deque[StoredEntry] = deque()
        self._wake = asyncio.Event()
        self._closed = False

    @property
    def depth(self) -> int:
        """Return how many entries wait."""
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Tell whether as many entries wait as the limit allows, or more."""
        return len(self._waiting) >= self.limit

    def publish(self, entries: Sequence[StoredEntry]) -> None:
        """Queue entries behind those that wait."""
        self._waiting.extend(entries)
        if entries:
            self._wake.set()

    async def take(self, max_items: int) -> list[StoredEntry]:
        """Return up to `max_items` entries, waiting for the first; none once closed and empty.

        A consumer that is cancelled while it waits loses nothing.
        """
        while not self._waiting and not self._closed:
            self._wake.clear()
            await self._wake.wait()
        count = min(max_items, len(self._waiting))
        return [self._waiting.popleft() for _ in range(count)]

    def close(self) -> None:
        """Let the consumer take what waits and then end."""
        self._closed = True
        self._wake.set()
