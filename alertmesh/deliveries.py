"""The delivery desk: what became of messages, how channels do, and what people can do about it."""

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import quantiles

from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.clock import Clock
from alertmesh.core.delivery import ChannelStatus, QuotaStatus, RobotStatus
from alertmesh.core.errors import BadCommand, StaleCommand
from alertmesh.core.oncall import User
from alertmesh.core.page import Attempt, AttemptState, Page, PageKind
from alertmesh.core.ports import Batch, Channel, ChannelLevel, Levels, Personal, Quota, Reporting, Store
from alertmesh.core.records import Row
from alertmesh.escalate.outbound import attempts_of
from alertmesh.notify import probing
from alertmesh.notify.job import ARRIVED
from alertmesh.notify.limits import Gate
from alertmesh.notify.outbox import Outbox
from alertmesh.notify.preview import Preview, Wanted, preview
from alertmesh.notify.probing import Probe
from alertmesh.wiring import Wiring

Write = Callable[[Batch], Awaitable[object]]

_LATELY = timedelta(hours=24)
_MOST = 500
_STATES = frozenset({"busy", "refused", "dead", "unknown"})
_SENDING = frozenset({AttemptState.QUEUED, AttemptState.CLAIMED, AttemptState.UNKNOWN})


class Deliveries:
    """Answer for every channel and every attempt. `write` makes a batch durable."""

    def __init__(self, store: Store, outbox: Outbox, wiring: Wiring, write: Write, clock: Clock) -> None:
        self._store = store
        self._outbox = outbox
        self._wiring = wiring
        self._write = write
        self._clock = clock
        self._retrying: set[str] = set()
        self._probes: dict[str, Probe] = {}
        self._next_probe: datetime | None = None

    # What became of messages

    def newest(self, before: int | None, limit: int) -> list[tuple[int, Attempt]]:
        """Return up to `limit` attempts numbered below `before`, of all incidents, the newest first."""
        return self._store.newest_attempts(before, limit)

    def worth_trying(self) -> Callable[[Attempt], bool]:
        """Return what tells of one attempt after the other whether it is worth another try.

        It failed, and sending it again would still tell somebody something new. What it looks up it looks up
        once, so ask for a new one each time.
        """
        now, arrived = self._clock.now(), dict[int, set[str]]()

        def is_worth_it(attempt: Attempt) -> bool:
            page = attempt.page
            if attempt.state is not AttemptState.FAILED or now - page.at > _LATELY:
                return False
            if self._outbox.composer.is_stale(page, now):
                return False
            if page.incident not in arrived:
                others = self._store.attempts(page.incident)
                arrived[page.incident] = {one.page.id for one in others if one.state in ARRIVED}
            return page.id not in arrived[page.incident]

        return is_worth_it

    async def retry(self, name: str) -> Attempt:
        """Send an attempt that failed once more.

        KeyError when there is none of that id, BadCommand when it did not fail, StaleCommand when nobody
        needs it any more.
        """
        attempt = self._store.attempt(name)
        if attempt is None:
            raise KeyError(name)
        if attempt.state is not AttemptState.FAILED:
            raise BadCommand(f"{name} did not fail, it is {attempt.state}; only what failed is tried again")
        if self._outbox.composer.is_stale(attempt.page, self._clock.now()):
            raise StaleCommand(f"{name} asks for somebody who is no longer needed")
        if name in self._retrying:
            raise BadCommand(f"{name} is being tried again already")
        self._retrying.add(name)
        try:
            await self._outbox.retry(attempt)
        finally:
            self._retrying.discard(name)
        return self._store.attempt(name) or attempt

    # How channels do

    def levels(self) -> dict[str, ChannelLevel]:
        """Return how much waits for each channel, and whether it takes messages."""
        now, paused = self._clock.now(), self._outbox.paused()
        waiting = self._outbox.waiting()
        return {
            name: ChannelLevel(
                waiting=len(waiting.get(name, ())),
                oldest_s=_oldest_s(waiting.get(name, ()), now),
                limited=_is_full(self._outbox.gates(name), now),
                broken=name in paused,
                healthy=self._probes[name].healthy if name in self._probes else None,
            )
            for name in self._names(waiting)
        }

    def all_levels(self, queue: int) -> Levels:
        """Return how much of everything there is now; `queue` entries wait to be decided."""
        templates = self._outbox.composer.templates
        failures = templates.failures if templates is not None else {}
        return self._wiring.levels(queue, self.levels(), failures)

    def channels(self) -> list[ChannelStatus]:
        """Return every channel as it stands, by name."""
        waiting = self._outbox.waiting()
        return [self._status(name, waiting.get(name, ())) for name in sorted(self._names(waiting))]

    def channel(self, name: str) -> ChannelStatus:
        """Return one channel as it stands; KeyError when there is none of that name."""
        if self._outbox.channel(name) is None:
            raise KeyError(name)
        return self._status(name, self._outbox.waiting().get(name, ()))

    async def probe(self, name: str) -> ChannelStatus:
        """Ask a channel how it is, and return what is known of it then.

        KeyError when there is none of that name, BadCommand for a channel that cannot be asked.
        """
        status = self.channel(name)
        if not await self._ask([name]):
            raise BadCommand(f"channel {name} is of kind {status.kind}, which cannot be asked how it is")
        return self.channel(name)

    async def beat(self) -> None:
        """Ask every channel that can be asked, every few minutes."""
        now = self._clock.now()
        if self._next_probe is not None and now < self._next_probe <= now + probing.EVERY:
            return
        if self._next_probe is None:
            self._probes = {str(name): probing.read(body) for name, body in self._store.rows(probing.TABLE)}
        self._next_probe = now + probing.EVERY
        gone = [name for name in self._probes if name not in self._wiring.config.channels]
        for name in gone:
            del self._probes[name]
        if gone:
            await self._write(Batch(rows=[Row(probing.TABLE, name, None) for name in gone]))
        await self._ask(self._wiring.config.channels)

    async def _ask(self, names: Iterable[str]) -> list[Probe]:
        now, http = self._clock.now(), self._wiring.http
        channels = [channel for name in names if (channel := self._outbox.channel(name)) is not None]
        asked = (probing.ask(one, self._probes.get(one.name), now, http) for one in channels)
        found = [probe for probe in await asyncio.gather(*asked) if probe is not None]
        self._probes.update((probe.channel, probe) for probe in found)
        if found:
            await self._write(Batch(rows=[probing.row(probe) for probe in found]))
        return found

    def _names(self, waiting: Mapping[str, object]) -> list[str]:
        return list(dict.fromkeys((*self._wiring.config.channels, *waiting)))

    def _status(self, name: str, waiting: Sequence[Attempt]) -> ChannelStatus:
        now, probe = self._clock.now(), self._probes.get(name)
        recent = self._store.last_claims(name, now - _LATELY, _MOST)
        failed = [one for one in recent if one.state is AttemptState.FAILED]
        took = [one for one in recent if one.state in ARRIVED]
        waits = sorted(_latency_s(one) for one in took)
        gates, configured = self._outbox.gates(name), self._wiring.config.channels.get(name)
        robots = tuple(_robot(gate, now) for gate in gates)
        paused = self._outbox.paused().get(name)
        return ChannelStatus(
            name=name,
            kind=configured.kind if configured else "",
            reports=isinstance(self._outbox.channel(name), Reporting),
            waiting=len(waiting),
            oldest_s=_oldest_s(waiting, now),
            paused_until=paused,
            why=next((robot.why for robot in robots if robot.why), "") if paused else "",
            robots=robots,
            quotas=_quotas(self._outbox.channel(name)),
            sends=len(recent),
            delivered=sum(one.state in (AttemptState.DELIVERED, AttemptState.READ) for one in recent),
            refusals=Counter(_reason(one) for one in failed),
            latency_p50_s=_share(waits, 50),
            latency_p95_s=_share(waits, 95),
            last_success_at=max((one.settled_at for one in took if one.settled_at), default=None),
            last_failure_at=max((one.settled_at for one in failed if one.settled_at), default=None),
            last_error=failed[0].error if failed else "",
            healthy=probe.healthy if probe else None,
            probed_at=probe.at if probe else None,
            probe_since=probe.since if probe else None,
            probe_error=probe.error if probe else "",
        )

    # Trying it

    async def test(self, person: str, channel: str, priority: Priority | None) -> list[Attempt]:
        """Send somebody a message that asks for nothing, by every way to them, and return the attempts.

        Only by `channel` unless it is empty, and as for `priority` if that is given. KeyError for somebody
        who is not known, BadCommand when there is no such way or a test is still under way.
        """
        user = self._wiring.person(person)
        if user is None:
            raise KeyError(person)
        waiting = self._outbox.waiting().values()
        if any(_is_test_of(one, person) for attempts in waiting for one in attempts):
            raise BadCommand(f"a test message to {person} still waits; it is over in ten minutes at most")
        now = self._clock.now()
        page = _test_page(person, now)
        names = [name for name in _ways(user, page, priority) if channel in ("", name)]
        if not names:
            known = ", ".join(_ways(user, page, priority)) or "none at all"
            raise BadCommand(f"{person} cannot be reached by {channel or 'any channel'}, only by {known}")
        attempts = [
            Attempt(id=f"{page.id}/{name}", page=page, channel=name, state=AttemptState.QUEUED, due_at=now)
            for name in names
        ]
        await self._write(Batch(attempts=attempts))
        self._outbox.enqueue(attempts)
        return attempts

    def preview(self, incident: int, wanted: Wanted) -> Preview:
        """Return what a message about an incident would say.

        KeyError when there never was that incident; ValueError for a kind of message there is none of.
        """
        composer = self._outbox.composer
        found = composer.lookup(incident)
        if found is None:
            raise KeyError(incident)
        return preview(composer, found, wanted, self._clock.now())


def _test_page(person: str, now: datetime) -> Page:
    return Page(
        id=f"test-{person}-{now:%Y%m%dT%H%M%S.%f}",
        incident=0,
        epoch=0,
        cycle=0,
        kind=PageKind.TEST,
        tier="",
        step=0,
        loop=0,
        person=person,
        priority=Priority.P4,
        at=now,
    )


def _ways(user: User, page: Page, priority: Priority | None) -> list[str]:
    """Return the channels by which somebody would be paged, of one priority or of any."""
    asked = [priority] if priority else list(Priority)
    pages = (replace(page, kind=PageKind.PAGE, priority=one) for one in asked)
    found = [attempt.channel for one in pages for attempt in attempts_of(one, {user.name: user})]
    return list(dict.fromkeys(found if priority else (*found, *user.channels)))


def _is_test_of(attempt: Attempt, person: str) -> bool:
    page = attempt.page
    return page.kind is PageKind.TEST and page.person == person and attempt.state in _SENDING


def _reason(attempt: Attempt) -> str:
    """Return why a channel did not take a message: what it answered, or that it reported so later."""
    said = attempt.error.partition(" ")[0]
    return said if said in _STATES else "undelivered"


def _latency_s(attempt: Attempt) -> float:
    taken = attempt.settled_at or attempt.claimed_at or attempt.due_at
    return max(0.0, (taken - attempt.wanted_at).total_seconds())


def _share(waits: Sequence[float], percent: int) -> float | None:
    """Return the time that a share of messages was taken within."""
    if len(waits) < 2:
        return next(iter(waits), None)
    return round(quantiles(waits, n=100, method="inclusive")[percent - 1], 3)


def _oldest_s(waiting: Iterable[Attempt], now: datetime) -> float:
    return max((max(0.0, (now - one.wanted_at).total_seconds()) for one in waiting), default=0.0)


def _is_full(gates: Sequence[Gate], now: datetime) -> bool:
    return bool(gates) and not any(gate.common_room(now) for gate in gates)


def _quotas(channel: Channel | None) -> tuple[QuotaStatus, ...]:
    quotas: tuple[Quota, ...] = channel.quotas if isinstance(channel, Personal) else ()
    return tuple(QuotaStatus(one.count, one.window.total_seconds()) for one in quotas)


def _robot(gate: Gate, now: datetime) -> RobotStatus:
    room = gate.room(now)
    paused = gate.paused_until(now)
    return RobotStatus(
        name=gate.channel,
        room=None if room == sys.maxsize else room,
        per_minute=gate.per_minute or None,
        paused_until=paused,
        why=gate.error if paused else "",
    )
