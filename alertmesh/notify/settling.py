"""What becomes of messages: how each send ended, made durable, and told to the pipeline."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.clock import Clock
from alertmesh.core.page import Attempt, AttemptState, Receipt, ReceiptState, Report
from alertmesh.core.ports import Batch, Channel, Http
from alertmesh.notify.awaited import Awaited
from alertmesh.notify.compose import Composer
from alertmesh.notify.job import (
    ARRIVED,
    Job,
    OutboxSettings,
    is_told,
    outcomes,
    reported,
    says_more,
    told,
)
from alertmesh.notify.limits import Gate, backoff
from alertmesh.notify.pool import Pool
from alertmesh.notify.queue import Queue

Write = Callable[[Batch], Awaitable[object]]
Hurry = Callable[[Sequence[Attempt], datetime], list[Attempt]]

_PENALTY_S = 600.0


class Observer(Protocol):
    """Whoever counts what happens to messages."""

    def attempted(self, attempt: Attempt, now: datetime) -> None:
        """Take note that an attempt reached another state."""
        ...

    def answered(self, channel: str, receipt: Receipt) -> None:
        """Take note of what a channel said about a message that it was given."""
        ...


class Post(Struct, frozen=True):
    """What a lane sends with: the durable write, the network, the clock, the texts, the observer.

    `hurry` brings forward the next way to reach the people of attempts that come to nothing, and
    returns the attempts that changed by that.
    """

    write: Write
    http: Http
    clock: Clock
    composer: Composer
    settings: OutboxSettings
    observer: Observer
    hurry: Hurry


class Settling:
    """Settle the messages of one channel; `awaited` are those that left without a report so far."""

    def __init__(self, channel: Channel, queue: Queue, pool: Pool, post: Post) -> None:
        self.awaited = Awaited(channel)
        self._name = channel.name
        self._queue = queue
        self._pool = pool
        self._post = post
        self._unsettled: list[Batch] = []
        self._writing = asyncio.Lock()  # sends and reports settle at the same time, one after the other
        self._passed: set[str] = set()  # attempts that wait for room, and whose people are reached otherwise

    async def settle(self, job: Job, receipt: Receipt, gate: Gate) -> None:
        """Finish a message that was sent by what the channel answered, or have it sent again."""
        self._post.observer.answered(self._name, receipt)
        retry = receipt.state in (ReceiptState.BUSY, ReceiptState.UNKNOWN)
        if receipt.state is ReceiptState.SENT:
            await self.finish(job, AttemptState.SENT, receipt)
        elif retry and (receipt.throttled or job.tries < self._post.settings.max_tries):
            await self._again(job, receipt, gate)
        else:
            error = f"{receipt.state} after {job.tries} tries: {receipt.error}"
            await self.finish(job, AttemptState.FAILED, replace(receipt, error=error))

    async def finish(self, job: Job, state: AttemptState, receipt: Receipt) -> None:
        """Write how a message ended; a failure that the pipeline knows of is not told again."""
        now = self._post.clock.now()
        settled = [
            replace(
                attempt, state=state, settled_at=now, provider_id=receipt.provider_id, error=receipt.error
            )
            for attempt in job.attempts
        ]
        arrived = state in ARRIVED
        news = [
            after
            for before, after in zip(job.attempts, settled, strict=True)
            if arrived or not is_told(before)
        ]
        if self._queue.flying is job:
            self._queue.flying = None
        hurried = [] if arrived else self._post.hurry(settled, now)
        if state is AttemptState.SENT:
            self.awaited.left(settled, now)
        entries = outcomes(news, now)
        if arrived and state is not AttemptState.SENT:
            entries += reported(settled, now)
        await self.write(Batch(attempts=[*settled, *hurried], entries=entries), now)

    async def close(self, job: Job, report: Report) -> None:
        """Finish a message by what its channel reported before we knew whether it left."""
        state = ReceiptState.SENT if report.state in ARRIVED else ReceiptState.REFUSED
        receipt = Receipt(state=state, provider_id=report.provider_id, error=report.error)
        await self.finish(job, report.state, receipt)

    async def amend(self, attempts: Sequence[Attempt], report: Report) -> None:
        """Write what a channel reported on attempts that were settled, where it says more than is known."""
        now = self._post.clock.now()
        changed = [
            replace(attempt, state=report.state, error=report.error)
            for attempt in self._newest(attempts)
            if says_more(report.state, attempt.state)
        ]
        if not changed:
            return
        for key in {attempt.key for attempt in changed}:
            self.awaited.settled(key)
        hurried = self._post.hurry(changed, now) if report.state is AttemptState.FAILED else []
        await self.write(Batch(attempts=[*changed, *hurried], entries=reported(changed, now)), now)

    async def miss(self, late: Sequence[Attempt], now: datetime) -> None:
        """Have people reached otherwise of whose messages no report came in time."""
        hurried = self._post.hurry(late, now)
        if hurried:
            await self._post.write(Batch(attempts=hurried))

    async def pass_on(self, stuck: Sequence[Attempt], now: datetime) -> None:
        """Have people reached otherwise, once, whose pages are due and must wait for long."""
        news = [attempt for attempt in stuck if attempt.id not in self._passed]
        self._passed = {attempt.id for attempt in stuck}
        if news:
            await self.miss(news, now)

    async def tell(self, now: datetime) -> None:
        """Let the pipeline know, once, of P1 and P2 pages that wait for a penalty to end."""
        queue, error = self._queue, self._pool.error
        heard = told(queue.due(now), error)
        queue.fresh.update((attempt.id, attempt) for attempt in heard)
        for job in queue.begun.values():
            more = told(job.attempts, error)
            _put(job, more)
            heard.extend(more)
        if heard:
            hurried = self._post.hurry(heard, now)
            await self.write(Batch(attempts=[*heard, *hurried], entries=outcomes(heard, now)), now)

    async def write(self, batch: Batch, now: datetime) -> None:
        """Make results durable, after those whose write failed before."""
        self._unsettled.append(batch)
        for attempt in batch.attempts:
            if attempt.channel == self._name:
                self._post.observer.attempted(attempt, now)
        await self.write_pending()

    async def write_pending(self) -> None:
        """Make durable what was decided in memory, and results whose write failed."""
        async with self._writing:
            while self._unsettled:
                await self._post.write(self._unsettled[0])
                del self._unsettled[0]
            moved = self._queue.moved
            while moved:
                now = self._post.clock.now()
                rows = [self._queue.as_written(attempt, now) for attempt in moved]
                await self._post.write(Batch(attempts=rows))
                del moved[: len(rows)]

    def _newest(self, attempts: Sequence[Attempt]) -> list[Attempt]:
        """Return attempts as they stand once everything that is being written is."""
        waiting = {attempt.id: attempt for batch in self._unsettled for attempt in batch.attempts}
        return [waiting.get(attempt.id, attempt) for attempt in attempts]

    async def _again(self, job: Job, receipt: Receipt, gate: Gate) -> None:
        """Queue a message for another try; a throttled robot pauses as a whole."""
        now = self._post.clock.now()
        if receipt.state is ReceiptState.UNKNOWN:
            job.maybe_sent = True
            job.lost_at = job.lost_at or now
        wait = backoff(job.tries, job.key, receipt.retry_after_s)
        if receipt.throttled:
            wait = timedelta(seconds=receipt.retry_after_s or _PENALTY_S)
            gate.pause(now, wait.total_seconds(), receipt.error or "throttled")
            job.tries -= 1
            if self._pool.paused_until(now) is None:
                wait = timedelta()  # another robot of the group takes it
        job.due_at = now + wait
        self._queue.give_back(job, job.revoked, began=True)
        job.attempts = job.requeued(receipt)
        late = [
            attempt for attempt in job.attempts if now - attempt.page.at >= self._post.settings.tell_after
        ]
        blocked = receipt.throttled and wait
        heard = told(job.attempts if blocked else late, receipt.error)
        _put(job, heard)
        hurried = self._post.hurry(heard, now) if heard else []
        batch = Batch(attempts=[*job.attempts, *hurried], entries=outcomes(heard, now), rows=[gate.row()])
        await self.write(batch, now)


def _put(job: Job, changed: Sequence[Attempt]) -> None:
    newer = {attempt.id: attempt for attempt in changed}
    job.attempts = [newer.get(attempt.id, attempt) for attempt in job.attempts]
