"""One channel's way out: what leaves next, and the three writes around each send.

Before a message leaves, its attempts are durably claimed with key and text; afterwards what
became of them is durable, with the Outcome for the pipeline, before anything else happens. A
message that was begun is repeated only as it was, under the same key.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from alertmesh.core.alert import Priority
from alertmesh.core.errors import ChannelBusy, ChannelRefused, StoreUnavailable
from alertmesh.core.page import Attempt, AttemptState, Message, Receipt, ReceiptState, Report
from alertmesh.core.ports import Batch, Channel, Personal, Pooled, Reporting
from alertmesh.notify.bundle import is_urgent, message_key, pick
from alertmesh.notify.job import Job, says_more
from alertmesh.notify.pool import Pool, Quotas, robots_of
from alertmesh.notify.queue import Queue
from alertmesh.notify.render import maybe_sent
from alertmesh.notify.settling import Post, Settling

_STORE_RETRY = timedelta(seconds=1)
_SOON = timedelta(minutes=1)


class Lane:
    """Send the attempts of one channel, one message at a time.

    `closing` makes `run_due` return after the message under way.
    """

    def __init__(self, channel: Channel, pool: Pool, quotas: Quotas, post: Post) -> None:
        self.channel = channel
        self.pool = pool
        self.queue = Queue()
        self.closing = False
        self._quotas = quotas
        self._post = post
        self._settling = Settling(channel, self.queue, pool, post)

    def adopt(self, channel: Channel) -> None:
        """Go by another configuration of the channel; what is queued stays queued."""
        self.channel = channel
        self.pool.adopt(channel)
        self._quotas.adopt(channel)
        self._settling.awaited.adopt(channel)

    def jump(self, by: timedelta) -> None:
        """Go along with a jump of the clock: what waits, waits as long as it would have."""
        self.queue.jump(by)

    def follow(self, attempts: Sequence[Attempt]) -> None:
        """Wait again for reports on a message that left before a restart."""
        self._settling.awaited.left(attempts, attempts[0].settled_at or self._post.clock.now())

    async def heard(self, report: Report, settled: Sequence[Attempt]) -> None:
        """Take what the channel reported; `settled` is the message as the store has it, if it left."""
        flying, begun = self.queue.flying, self.queue.begun.get(report.key)
        if flying is not None and flying.key == report.key:
            if flying.heard is None or says_more(report.state, flying.heard.state):
                flying.heard = report
        elif begun is not None:
            del self.queue.begun[report.key]
            await self._settling.close(begun, report)
        else:
            await self._settling.amend(settled, report)

    async def run_due(self) -> datetime | None:
        """Send everything that may leave now; return when to come back, None for when one is added."""
        try:
            while not self.closing:
                await self._settling.write_pending()
                now = self._post.clock.now()
                await self._look_after_late(now)
                self.pool.refresh()
                paused = self.pool.paused_until(now)
                if paused is not None:
                    await self._settling.tell(now)
                    return min(paused, self._settling.awaited.next_late() or paused)
                job = self._next_job(now)
                if job is None:
                    await self._settling.pass_on(self._stuck(now), now)
                    return self._next_due(now)
                await self._deliver(job, now)
        except StoreUnavailable:
            return self._post.clock.now() + _STORE_RETRY
        return None

    # Choosing

    def _next_job(self, now: datetime) -> Job | None:
        room, common = self.pool.room(now), self.pool.common_room(now)
        due = (job for job in self.queue.begun.values() if job.due_at <= now)
        ready = [job for job in due if (room if job.urgent else common) > 0]
        for person, waiting in self._shares(now):
            most, others = (self._quotas.room(person, now, urgent) for urgent in (True, False))
            chosen = pick(waiting, min(room, most), min(common, others))
            if chosen:
                ready.append(Job(key=message_key(chosen), attempts=chosen, due_at=now))
        return min(ready, key=lambda job: job.rank, default=None)

    def _shares(self, now: datetime) -> Iterator[tuple[str, list[Attempt]]]:
        """Yield what may share a message: all that is due, or what is due for each person."""
        due = self.queue.due(now)
        if not isinstance(self.channel, Personal):
            yield "", due
            return
        shares: dict[str, list[Attempt]] = {}
        for attempt in due:
            shares.setdefault(attempt.page.person, []).append(attempt)
        yield from shares.items()

    def _stuck(self, now: datetime) -> list[Attempt]:
        """Return what is due for people who may get nothing more for a while.

        Others wait for the minute of a robot, and leave together.
        """
        soon = now + _SOON
        return [one for moment, due in self._openings(now) if moment > soon for one in due]

    def _openings(self, now: datetime) -> Iterator[tuple[datetime, list[Attempt]]]:
        """Yield what is due for each person, with when their quotas let some of it leave."""
        for person, due in self._shares(now):
            yield self._quotas.opens_at(person, now, any(map(is_urgent, due))), due

    def _next_due(self, now: datetime) -> datetime | None:
        times = self.queue.times()
        later = [moment for moment in times if moment > now]
        if len(later) < len(times):
            later.append(self._opens_at(now))
        late = self._settling.awaited.next_late()
        return min([*later, *([late] if late else [])], default=None)

    def _opens_at(self, now: datetime) -> datetime:
        """Return when there is more room for something that is due."""
        if not self.pool.common_room(now):
            return self.pool.opens_at(now)
        times = (moment for moment, _ in self._openings(now) if moment > now)
        return min(times, default=self.pool.opens_at(now))

    # Sending

    async def _deliver(self, job: Job, now: datetime) -> None:
        queue, began = self.queue, bool(job.message)
        queue.take(job)
        stale = {attempt.id for attempt in job.attempts if self._post.composer.is_stale(attempt.page, now)}
        if stale:
            queue.give_back(job, stale, began)
            return
        if job.maybe_sent and not self.channel.idempotent and await self._is_answered(job, now):
            return
        message = self._message(job, now)
        body = job.message or msgspec.json.encode(message)
        number = self._robot(job, now)
        claimed = job.claimed(body, now)
        gate = self.pool.gates[number]
        gate.note(now)
        rows = [
            gate.row(),
            *self._quotas.note(job.attempts[0].page.person, now),
            *self._post.composer.rows(job.attempts, job.key, now),
        ]
        try:
            await self._post.write(Batch(attempts=claimed, rows=rows))
        except StoreUnavailable:
            queue.give_back(job, job.revoked, began)
            raise
        if job.revoked:
            job.attempts = claimed
            queue.give_back(job, job.revoked, began)
            return
        job.attempts, job.message, job.tries = claimed, body, job.tries + 1
        receipt = await self._send(message, number)
        if job.heard is not None:
            await self._settling.close(job, job.heard)
        else:
            await self._settling.settle(job, receipt, gate)

    def _robot(self, job: Job, now: datetime) -> int:
        """Return the number of the robot to send by: the one that may have it already, if it is open."""
        robots = robots_of(self.channel)
        if job.maybe_sent and job.robot in robots:
            number = robots.index(job.robot)
            if self.pool.gates[number].paused_until(now) is None:
                return number
        number = self.pool.choose(now)
        job.robot = robots[number] if robots else ""
        return number

    async def _is_answered(self, job: Job, now: datetime) -> bool:
        """Settle a message whose answer was lost by what the provider knows of it, or give it up.

        False means that it is to be sent once more.
        """
        settings = self._post.settings
        if isinstance(self.channel, Reporting):
            found = [one for one in await self._ask(job.attempts, now) if one.key == job.key]
            if found:
                await self._settling.close(job, found[-1])
                return True
            if job.lost_at is not None and now < job.lost_at + settings.ask_for:
                job.due_at = now + settings.ask_every
                self.queue.give_back(job, job.revoked, began=True)
                return True
        if job.worst <= Priority.P2:
            return False
        error = "it may have left before a failure, and is not sent twice"
        receipt = Receipt(state=ReceiptState.UNKNOWN, error=error)
        await self._settling.finish(job, AttemptState.FAILED, receipt)
        return True

    def _message(self, job: Job, now: datetime) -> Message:
        composer = self._post.composer
        if not job.message:
            return composer.compose(job.attempts, job.key, self.channel, now)
        message = msgspec.json.decode(job.message, type=Message)
        if job.maybe_sent and not self.channel.idempotent:
            return maybe_sent(message, composer.language(job.attempts, self.channel))
        return message

    async def _send(self, message: Message, robot: int) -> Receipt:
        now, http = self._post.clock.now(), self._post.http
        try:
            if isinstance(self.channel, Pooled):
                return await self.channel.send_by(robot, message, now, http)
            return await self.channel.send(message, now, http)
        except ChannelBusy as error:
            return Receipt(state=ReceiptState.BUSY, error=str(error), retry_after_s=error.retry_after_s)
        except ChannelRefused as error:
            return Receipt(state=ReceiptState.REFUSED, error=str(error))
        except (TimeoutError, ConnectionError) as error:
            return Receipt(state=ReceiptState.UNKNOWN, error=type(error).__name__)

    async def _look_after_late(self, now: datetime) -> None:
        """Ask for P1 messages that should have been reported by now, and reach people otherwise."""
        late = self._settling.awaited.late(now)
        if not late:
            return
        for report in await self._ask(late, now):
            known = [attempt for attempt in late if attempt.key == report.key]
            late = [attempt for attempt in late if attempt.key != report.key]
            await self._settling.amend(known, report)
        await self._settling.miss(late, now)

    async def _ask(self, attempts: Sequence[Attempt], now: datetime) -> list[Report]:
        if not isinstance(self.channel, Reporting):
            return []
        try:
            return await self.channel.ask(attempts, now, self._post.http)
        except (TimeoutError, ConnectionError):
            return []
