"""One channel's queue: what waits, what was begun, and the three writes around each send.

Before a message leaves, its attempts are durably claimed with key and text; afterwards what
became of them is durable, with the Outcome for the pipeline, before anything else happens. A
message that was begun is repeated only as it was, under the same key.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.clock import Clock
from alertmesh.core.errors import ChannelBusy, ChannelRefused, StoreUnavailable
from alertmesh.core.page import Attempt, AttemptState, Message, Receipt, ReceiptState, Withdrawal
from alertmesh.core.ports import Batch, Channel, Http
from alertmesh.notify.bundle import message_key, pick
from alertmesh.notify.compose import Composer
from alertmesh.notify.job import Job, OutboxSettings, covers, is_told, outcomes, resumed, told, unbegun
from alertmesh.notify.limits import Gate, backoff
from alertmesh.notify.render import maybe_sent

Write = Callable[[Batch], Awaitable[object]]
Observe = Callable[[str, str, float], None]

_PENALTY_S = 600.0
_STORE_RETRY = timedelta(seconds=1)


class Post(Struct, frozen=True):
    """What a lane sends with: the durable write, the network, the clock, the texts, the observer."""

    write: Write
    http: Http
    clock: Clock
    composer: Composer
    settings: OutboxSettings
    observe: Observe


class Lane:
    """Send the attempts of one channel, one message at a time.

    `closing` makes `run_due` return after the message under way.
    """

    def __init__(self, channel: Channel, gate: Gate, post: Post) -> None:
        self.channel = channel
        self.gate = gate
        self.closing = False
        self._post = post
        self._fresh: dict[str, Attempt] = {}
        self._begun: dict[str, Job] = {}
        self._flying: Job | None = None
        self._moved: list[Attempt] = []  # back to the queue, or withdrawn, and not yet written so
        self._unsettled: list[Batch] = []

    def __len__(self) -> int:
        return len(self._fresh) + sum(len(job.attempts) for job in self._begun.values())

    def add(self, attempt: Attempt) -> None:
        """Queue an attempt that was never begun; one that is known already stays as it is."""
        jobs = [*self._begun.values(), *([self._flying] if self._flying else [])]
        if not any(attempt.id == other.id for job in jobs for other in job.attempts):
            self._fresh.setdefault(attempt.id, attempt)

    def resume(self, attempts: Sequence[Attempt]) -> None:
        """Take back a message that was begun before a restart."""
        job = resumed(attempts, self._post.settings.lease)
        self._begun[job.key] = job

    def withdraw(self, withdrawal: Withdrawal) -> None:
        """Stop the queued pages of an incident at once; it is written before the next claim."""
        gone = [attempt for attempt in self._fresh.values() if covers(withdrawal, attempt)]
        for attempt in gone:
            del self._fresh[attempt.id]
        self._moved.extend(gone)
        for job in list(self._begun.values()):
            self._thin_out(job, {attempt.id for attempt in job.attempts if covers(withdrawal, attempt)})
        if self._flying is not None:
            hit = {attempt.id for attempt in self._flying.attempts if covers(withdrawal, attempt)}
            self._flying.revoked |= hit

    async def run_due(self) -> datetime | None:
        """Send everything that may leave now; return when to come back, None for when one is added."""
        try:
            while not self.closing:
                await self._write_pending()
                now = self._post.clock.now()
                paused = self.gate.paused_until(now)
                if paused is not None:
                    await self._tell(now)
                    return paused
                job = self._next_job(now)
                if job is None:
                    return self._next_due(now)
                await self._deliver(job, now)
        except StoreUnavailable:
            return self._post.clock.now() + _STORE_RETRY
        return None

    # Choosing

    def _due(self, now: datetime) -> list[Attempt]:
        return [attempt for attempt in self._fresh.values() if attempt.due_at <= now]

    def _next_job(self, now: datetime) -> Job | None:
        room, common = self.gate.room(now), self.gate.common_room(now)
        due = (job for job in self._begun.values() if job.due_at <= now)
        ready = [job for job in due if (room if job.urgent else common) > 0]
        chosen = pick(self._due(now), room, common)
        if chosen:
            ready.append(Job(key=message_key(chosen), attempts=chosen, due_at=now))
        return min(ready, key=lambda job: job.rank, default=None)

    def _next_due(self, now: datetime) -> datetime | None:
        times = [attempt.due_at for attempt in self._fresh.values()]
        times += [job.due_at for job in self._begun.values()]
        later = [moment for moment in times if moment > now]
        if len(later) < len(times):
            later.append(self.gate.opens_at(now))
        return min(later, default=None)

    # Sending

    async def _deliver(self, job: Job, now: datetime) -> None:
        began = bool(job.message)
        self._take(job)
        stale = {attempt.id for attempt in job.attempts if self._post.composer.is_stale(attempt.page)}
        if stale:
            self._give_back(job, stale, began)
            return
        if job.maybe_sent and not self.channel.idempotent and job.worst > Priority.P2:
            error = "it may have left before a failure, and is not sent twice"
            await self._finish(job, AttemptState.FAILED, Receipt(state=ReceiptState.UNKNOWN, error=error))
            return
        message = self._message(job, now)
        body = job.message or msgspec.json.encode(message)
        claimed = job.claimed(body, now)
        self.gate.note(now)
        try:
            await self._post.write(Batch(attempts=claimed, rows=[self.gate.row()]))
        except StoreUnavailable:
            self._give_back(job, job.revoked, began)
            raise
        if job.revoked:
            job.attempts = claimed
            self._give_back(job, job.revoked, began)
            return
        job.attempts, job.message, job.tries = claimed, body, job.tries + 1
        await self._settle(job, await self._send(message))

    def _message(self, job: Job, now: datetime) -> Message:
        composer = self._post.composer
        if not job.message:
            return composer.compose(job.attempts, job.key, self.channel, now)
        message = msgspec.json.decode(job.message, type=Message)
        if job.maybe_sent and not self.channel.idempotent:
            return maybe_sent(message, composer.language(job.attempts, self.channel))
        return message

    async def _send(self, message: Message) -> Receipt:
        try:
            return await self.channel.send(message, self._post.clock.now(), self._post.http)
        except ChannelBusy as error:
            return Receipt(state=ReceiptState.BUSY, error=str(error), retry_after_s=error.retry_after_s)
        except ChannelRefused as error:
            return Receipt(state=ReceiptState.REFUSED, error=str(error))
        except (TimeoutError, ConnectionError) as error:
            return Receipt(state=ReceiptState.UNKNOWN, error=type(error).__name__)

    def _take(self, job: Job) -> None:
        self._flying = job
        self._begun.pop(job.key, None)
        for attempt in job.attempts:
            self._fresh.pop(attempt.id, None)

    def _give_back(self, job: Job, without: set[str], began: bool) -> None:
        """Queue a message again that did not leave this time, without what is not wanted any more."""
        self._flying = None
        if began:
            self._begun[job.key] = job
            self._thin_out(job, set(without))
            job.revoked = set()
            return
        self._moved.extend(job.split(set(without)))
        back = [unbegun(attempt) for attempt in job.attempts]
        self._fresh.update((attempt.id, attempt) for attempt in back)
        self._moved.extend(back)

    def _thin_out(self, job: Job, ids: set[str]) -> None:
        self._moved.extend(job.split(ids))
        if not job.attempts:
            self._begun.pop(job.key, None)

    # Settling

    async def _settle(self, job: Job, receipt: Receipt) -> None:
        retry = receipt.state in (ReceiptState.BUSY, ReceiptState.UNKNOWN)
        if receipt.state is ReceiptState.SENT:
            await self._finish(job, AttemptState.SENT, receipt)
        elif retry and (receipt.throttled or job.tries < self._post.settings.max_tries):
            await self._again(job, receipt)
        else:
            error = f"{receipt.state} after {job.tries} tries: {receipt.error}"
            await self._finish(job, AttemptState.FAILED, replace(receipt, error=error))

    async def _finish(self, job: Job, state: AttemptState, receipt: Receipt) -> None:
        """Write how a message ended; a failure that the pipeline knows of is not told again."""
        now = self._post.clock.now()
        news = [attempt.id for attempt in job.attempts if state is AttemptState.SENT or not is_told(attempt)]
        settled = [
            replace(
                attempt, state=state, settled_at=now, provider_id=receipt.provider_id, error=receipt.error
            )
            for attempt in job.attempts
        ]
        entries = outcomes([attempt for attempt in settled if attempt.id in news], now)
        self._flying = None
        await self._write(Batch(attempts=settled, entries=entries), now)

    async def _again(self, job: Job, receipt: Receipt) -> None:
        """Queue a message for another try; a throttled channel pauses as a whole."""
        now = self._post.clock.now()
        job.maybe_sent = job.maybe_sent or receipt.state is ReceiptState.UNKNOWN
        wait = backoff(job.tries, job.key, receipt.retry_after_s)
        if receipt.throttled:
            wait = timedelta(seconds=receipt.retry_after_s or _PENALTY_S)
            self.gate.pause(now, wait.total_seconds(), receipt.error or "throttled")
            job.tries -= 1
        job.due_at = now + wait
        self._give_back(job, job.revoked, began=True)
        job.attempts = job.requeued(receipt)
        late = [
            attempt for attempt in job.attempts if now - attempt.page.at >= self._post.settings.tell_after
        ]
        heard = told(job.attempts if receipt.throttled else late, receipt.error)
        _put(job, heard)
        batch = Batch(attempts=list(job.attempts), entries=outcomes(heard, now), rows=[self.gate.row()])
        await self._write(batch, now)

    async def _tell(self, now: datetime) -> None:
        """Let the pipeline know, once, of P1 and P2 pages that wait for a penalty to end."""
        heard = told(self._due(now), self.gate.error)
        self._fresh.update((attempt.id, attempt) for attempt in heard)
        for job in self._begun.values():
            more = told(job.attempts, self.gate.error)
            _put(job, more)
            heard.extend(more)
        if heard:
            await self._write(Batch(attempts=heard, entries=outcomes(heard, now)), now)

    # Writing

    async def _write(self, batch: Batch, now: datetime) -> None:
        self._unsettled.append(batch)
        for attempt in batch.attempts:
            self._post.observe(self.channel.name, attempt.state, (now - attempt.page.at).total_seconds())
        await self._write_pending()

    async def _write_pending(self) -> None:
        """Make durable what was decided in memory, and results whose write failed."""
        while self._unsettled:
            await self._post.write(self._unsettled[0])
            del self._unsettled[0]
        while self._moved:
            now = self._post.clock.now()
            rows = [self._row(attempt, now) for attempt in self._moved]
            await self._post.write(Batch(attempts=rows))
            del self._moved[: len(rows)]

    def _row(self, attempt: Attempt, now: datetime) -> Attempt:
        if attempt.id in self._fresh:
            return attempt
        return replace(attempt, state=AttemptState.WITHDRAWN, settled_at=now)


def _put(job: Job, changed: Sequence[Attempt]) -> None:
    newer = {attempt.id: attempt for attempt in changed}
    job.attempts = [newer.get(attempt.id, attempt) for attempt in job.attempts]
