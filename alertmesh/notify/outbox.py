"""Send what the pipeline queued: every attempt leaves, is withdrawn, or is said to have failed.

The pipeline writes attempts in the transaction that decides them; only then are they handed in
here. One task a channel sends them (`lane`). After a restart the store says what is still open.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from alertmesh.core.clock import JUMP, Clock
from alertmesh.core.page import Attempt, AttemptState, Message, Receipt, ReceiptState, Report, Withdrawal
from alertmesh.core.ports import Batch, Channel, Http, Reporting, Store
from alertmesh.notify.codes import Codes
from alertmesh.notify.compose import Composer, Lookup, People
from alertmesh.notify.job import OutboxSettings, unbegun
from alertmesh.notify.lane import Lane
from alertmesh.notify.limits import WINDOW, Gate
from alertmesh.notify.pool import Pool, Quotas
from alertmesh.notify.settling import Observer, Post, Write
from alertmesh.notify.templates import Templates

_LONGEST_SLEEP_S = 0.5
_MOST_FOLLOWED = 1_000
_REMEMBERED = timedelta(days=3)  # how late a channel may report


class Outbox:
    """The queue of every channel.

    `write` makes a batch durable and hands its entries to the pipeline. `lookup` and `people`
    answer for the present moment. `observer` is told of each attempt that changes state and of each
    answer of a channel. With `codes`, pages can be answered.
    """

    def __init__(
        self,
        store: Store,
        write: Write,
        channels: Mapping[str, Channel],
        http: Http,
        clock: Clock,
        lookup: Lookup,
        people: People,
        *,
        external_url: str = "",
        settings: OutboxSettings | None = None,
        observer: Observer | None = None,
        codes: Codes | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._channels = dict(channels)
        self.composer = Composer(lookup, people, external_url, codes)
        self._post = Post(
            write,
            http,
            clock,
            self.composer,
            settings or OutboxSettings(),
            observer or _Nobody(),
            self._hurry,
        )
        self._lanes: dict[str, Lane] = {}
        self._wakes: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._running = False

    def adopt(self, channels: Mapping[str, Channel], people: People, external_url: str) -> None:
        """Use other channels and people from now on; what is queued stays queued."""
        self._channels = dict(channels)
        self.composer.people = people
        self.composer.external_url = external_url
        for name, lane in self._lanes.items():
            lane.adopt(self._channel(name))
            self._wake(name)

    def dress(self, templates: Templates, kinds: Mapping[str, str]) -> None:
        """Write messages by these templates from now on; `kinds` are those of the channels by name."""
        self.composer.templates, self.composer.kinds = templates, kinds

    def enqueue(self, attempts: Sequence[Attempt]) -> None:
        """Take attempts that were just written as queued."""
        for attempt in attempts:
            self._lane(attempt.channel).queue.add(self._dated(attempt))
        for name in {attempt.channel for attempt in attempts}:
            self._wake(name)

    def withdraw(self, withdrawals: Sequence[Withdrawal]) -> None:
        """Stop queued pages: none of them is claimed after this returns.

        Call it before `enqueue` for the same decisions.
        """
        for name, lane in self._lanes.items():
            for withdrawal in withdrawals:
                lane.queue.withdraw(withdrawal)
            if withdrawals:
                self._wake(name)

    def jump(self, by: timedelta) -> None:
        """Go along with a jump of the clock by `by`: what waits, waits as long as it would have."""
        for name, lane in self._lanes.items():
            lane.jump(by)
            self._wake(name)

    def _dated(self, attempt: Attempt) -> Attempt:
        """Return an attempt so that it does not wait for a time that was before the clock was set back."""
        early = max(attempt.page.at, attempt.claimed_at or attempt.page.at) - self._clock.now()
        if early <= JUMP:
            return attempt
        claimed_at = attempt.claimed_at and attempt.claimed_at - early
        return replace(attempt, due_at=attempt.due_at - early, claimed_at=claimed_at)

    def channel(self, name: str) -> Channel | None:
        """Return a configured channel."""
        return self._channels.get(name)

    def waiting(self) -> dict[str, list[Attempt]]:
        """Return what waits, by channel: each way to somebody whose time may still be to come."""
        return {name: lane.queue.waiting() for name, lane in self._lanes.items()}

    def gates(self, name: str) -> Sequence[Gate]:
        """Return what limits a channel: one gate for each of its robots, or one; none before it was used."""
        lane = self._lanes.get(name)
        return lane.pool.gates if lane is not None else ()

    def paused(self) -> dict[str, datetime]:
        """Return the channels that serve a penalty, and until when."""
        now = self._clock.now()
        ends = {name: lane.pool.paused_until(now) for name, lane in self._lanes.items()}
        return {name: end for name, end in ends.items() if end is not None}

    def broken(self) -> tuple[str, ...]:
        """Return the channels whose task ended by an error of ours; `stop` raises it."""
        return tuple(name for name, task in self._tasks.items() if task.done())

    def recover(self) -> None:
        """Take back from the store what was open when the process ended."""
        begun: dict[tuple[str, str], list[Attempt]] = {}
        for attempt in self._store.open_attempts():
            if attempt.key:
                begun.setdefault((attempt.channel, attempt.key), []).append(self._dated(attempt))
            else:
                self._lane(attempt.channel).queue.add(self._dated(attempt))
        for (channel, _), attempts in begun.items():
            self._lane(channel).queue.resume(attempts, self._post.settings.lease)
        for name, kind in self._channels.items():
            if isinstance(kind, Reporting):
                self._follow(name, timedelta(seconds=kind.report_s))

    async def reported(self, channel: str, reports: Sequence[Report]) -> None:
        """Take what a channel reported on messages that it was given, whatever their order."""
        lane, since = self._lane(channel), self._clock.now() - _REMEMBERED
        for report in reports:
            key = report.key or self._key_of(channel, report.provider_id)
            settled = self._store.message(channel, key, since) if key else []
            await lane.heard(replace(report, key=key), settled)
        self._wake(channel)

    async def retry(self, attempt: Attempt) -> None:
        """Try an attempt that failed once more, as if it was new."""
        again = replace(
            unbegun(attempt), due_at=self._clock.now(), error="", provider_id="", robot="", settled_at=None
        )
        await self._post.write(Batch(attempts=[again]))
        self.enqueue([again])

    async def run_due(self) -> datetime | None:
        """Send everything that may leave now, on every channel; return when to come back."""
        moments = [await lane.run_due() for lane in list(self._lanes.values())]
        return min((moment for moment in moments if moment is not None), default=None)

    async def start(self) -> None:
        """Recover, and serve each channel by a task of its own."""
        self.recover()
        self._running = True
        for name in {*self._channels, *self._lanes}:
            self._lane(name)
            self._serve(name)

    async def stop(self) -> None:
        """Let each channel finish the message under way, and stop; raises what ended a task early."""
        self._running = False
        for name, lane in self._lanes.items():
            lane.closing = True
            self._wake(name)
        tasks, self._tasks = self._tasks, {}
        await asyncio.gather(*tasks.values())

    def _channel(self, name: str) -> Channel:
        return self._channels.get(name) or _Missing(name)

    def _lane(self, name: str) -> Lane:
        lane = self._lanes.get(name)
        if lane is None:
            channel = self._channel(name)
            claims = self._store.claimed_since(name, self._clock.now() - 2 * WINDOW)
            pool = Pool(channel, self._store.row, [moment for _, moment in claims])
            lane = self._lanes[name] = Lane(channel, pool, Quotas(channel, self._store.row), self._post)
            self._wakes[name] = asyncio.Event()
            if self._running:
                self._serve(name)
        return lane

    def _hurry(self, failed: Sequence[Attempt], now: datetime) -> list[Attempt]:
        """Bring forward to `now` the next way to reach the person of each failed page; return what changed.

        One way at a time: what comes after it keeps its own time.
        """
        pages = {attempt.page.id for attempt in failed}
        later = [one for lane in self._lanes.values() for one in lane.queue.later(pages, now)]
        first: dict[str, datetime] = {}
        for attempt in later:
            first[attempt.page.id] = min(attempt.due_at, first.get(attempt.page.id, attempt.due_at))
        moved = [replace(one, due_at=now) for one in later if one.due_at == first[one.page.id]]
        for attempt in moved:
            self._lanes[attempt.channel].queue.fresh[attempt.id] = attempt
            self._wake(attempt.channel)
        return moved

    def _follow(self, name: str, patience: timedelta) -> None:
        """Wait for reports on what left before a restart."""
        messages: dict[str, list[Attempt]] = {}
        for attempt in self._store.last_claims(name, self._clock.now() - patience, _MOST_FOLLOWED):
            if attempt.state is AttemptState.SENT:
                messages.setdefault(attempt.key, []).append(attempt)
        for attempts in messages.values():
            self._lane(name).follow(attempts)

    def _key_of(self, channel: str, provider_id: str) -> str:
        recent = self._store.last_claims(channel, self._clock.now() - _REMEMBERED, _MOST_FOLLOWED)
        return next((one.key for one in recent if provider_id and one.provider_id == provider_id), "")

    def _wake(self, name: str) -> None:
        self._wakes[name].set()

    def _serve(self, name: str) -> None:
        if name not in self._tasks:
            self._tasks[name] = asyncio.create_task(self._loop(name), name=f"outbox {name}")

    async def _loop(self, name: str) -> None:
        lane, wake = self._lanes[name], self._wakes[name]
        while not lane.closing:
            wake.clear()
            moment = await lane.run_due()
            if not wake.is_set() and not lane.closing:
                await self._rest(wake, moment)

    async def _rest(self, wake: asyncio.Event, moment: datetime | None) -> None:
        seconds = None
        if moment is not None:
            seconds = min(_LONGEST_SLEEP_S, max(0.0, (moment - self._clock.now()).total_seconds()))
        try:
            async with asyncio.timeout(seconds):
                await wake.wait()
        except TimeoutError:
            return


class _Missing:
    """A channel that is named by an attempt, but not configured."""

    per_minute = 0
    idempotent = True

    def __init__(self, name: str) -> None:
        self.name = name

    async def send(self, message: Message, now: datetime, http: Http) -> Receipt:
        """Refuse."""
        return Receipt(state=ReceiptState.DEAD, error=f"channel {self.name} is not configured")


class _Nobody:
    """Counts nothing."""

    def attempted(self, attempt: Attempt, now: datetime) -> None:
        """Leave it."""

    def answered(self, channel: str, receipt: Receipt) -> None:
        """Leave it."""
