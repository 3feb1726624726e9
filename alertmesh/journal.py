"""Write to the store in order: what the doors admit, what people ask, what was decided.

A write that was begun is finished whatever becomes of whoever waits for it, because an entry
that is in the log but never reached the pipeline would be lost.
"""

import asyncio
from collections.abc import Callable

import structlog

from alertmesh.bus.local import LocalBus
from alertmesh.core.errors import StoreUnavailable
from alertmesh.core.ports import Batch, Store, StoredEntry
from alertmesh.dedup.repeats import Admission
from alertmesh.metrics import Metrics
from alertmesh.pipeline import Decisions

_RETRY_S = 0.5
_PAGE = 10_000

log = structlog.get_logger()


def _nothing(_last: int = 0) -> None:
    """Do nothing."""


class Journal:
    """The one way to the log. `fails` says that the store did not take the last write."""

    def __init__(self, store: Store, bus: LocalBus, metrics: Metrics) -> None:
        self._store = store
        self._bus = bus
        self._metrics = metrics
        self._writing: set[asyncio.Task[int]] = set()
        self._admitting: dict[asyncio.Task[int], None] = {}
        self.fails = False

    def backlog(self) -> list[StoredEntry]:
        """Return every entry of the log that nothing was decided on yet."""
        found: list[StoredEntry] = []
        after = self._store.cursor()
        while page := self._store.tail(after, _PAGE):
            found.extend(page)
            after = page[-1].seq
        return found

    async def append(self, batch: Batch, told: Callable[[int], None] = _nothing) -> int:
        """Make a batch durable and hand its entries, in order, to the pipeline.

        Returns the number of its last entry, and calls `told` with it before anything is decided.
        Raises StoreUnavailable when nothing of it was kept.
        """
        return await asyncio.shield(self._begin(batch, kept=told))

    async def admit(self, admission: Admission, undo: Callable[[Admission], None]) -> None:
        """Return when the transitions of an admission are durable, and those that it repeats.

        `undo` takes the admission back when its entries are not kept. Raises StoreUnavailable then,
        and also when what it repeats was not kept: the sender has to come again either way.
        """
        earlier = tuple(self._admitting) if admission.repeats or admission.stale else ()
        if admission.entries:
            task = self._begin(Batch(entries=admission.entries), undo=lambda: undo(admission))
            self._admitting[task] = None
            task.add_done_callback(lambda done: self._admitting.pop(done, None))
            await asyncio.shield(task)
        for other in earlier:
            await asyncio.shield(other)

    async def commit(self, out: Decisions) -> None:
        """Make decisions durable, trying again for as long as the store does not take them."""
        batch = Batch(cursor=out.cursor, rows=out.rows, timeline=out.timeline, attempts=out.attempts)
        while True:
            try:
                await self._write(batch)
            except StoreUnavailable as error:
                log.error("decisions_not_written", error=str(error), retry_s=_RETRY_S)
                await asyncio.sleep(_RETRY_S)
            else:
                return

    async def settle(self, at_most_s: float) -> None:
        """Wait, but not for ever, until the writes under way are done."""
        if self._writing:
            await asyncio.wait(self._writing, timeout=at_most_s)

    def _begin(
        self,
        batch: Batch,
        *,
        undo: Callable[[], None] = _nothing,
        kept: Callable[[int], None] = _nothing,
    ) -> asyncio.Task[int]:
        task = asyncio.ensure_future(self._publish(batch, undo, kept))
        self._writing.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[int]) -> None:
        self._writing.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waited has it; a caller that is gone wants it no more

    async def _publish(self, batch: Batch, undo: Callable[[], None], kept: Callable[[int], None]) -> int:
        try:
            last = await self._write(batch)
        except BaseException:
            undo()
            raise
        kept(last)
        first = last - len(batch.entries) + 1
        self._bus.publish([StoredEntry(first + n, entry) for n, entry in enumerate(batch.entries)])
        return last

    async def _write(self, batch: Batch) -> int:
        try:
            with self._metrics.writing(len(batch.entries)):
                last = await self._store.write(batch)
        except StoreUnavailable:
            self.fails = True
            raise
        self.fails = False
        return last
