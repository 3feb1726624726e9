"""A small world for the outbox: a clock to move, a store, a robot, incidents and people."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.clock import ManualClock
from alertmesh.core.entries import Outcome
from alertmesh.core.errors import StoreUnavailable
from alertmesh.core.group import Cause
from alertmesh.core.incident import Condition, Incident
from alertmesh.core.oncall import Policy, Tier, User
from alertmesh.core.page import Attempt, AttemptState, Message, Page, PageKind, Receipt, ReceiptState
from alertmesh.core.ports import Batch, Channel
from alertmesh.core.response import Response, State, Timer
from alertmesh.demo.robot import Accepted, Robot
from alertmesh.notify.dingtalk import DingTalk
from alertmesh.notify.outbox import Outbox
from alertmesh.store.memory import MemoryStore

T0 = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TOKEN, SECRET = "t0ken", "SECabc123"
URL = f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}"
ZHANG = User(name="zhang", display="Zhang San", mobile="13800000001", language="en", channels=("ding",))
LI = User(name="li", display="Li Si", mobile="13800000002", language="zh", channels=("ding",))
PEOPLE = {user.name: user for user in (ZHANG, LI)}
POLICY = Policy(
    name="default",
    version="1",
    matchers="",
    ops_roster="ops",
    rnd_roster="rnd",
    rows={},
    hold_bounds={},
    clear_hold=timedelta(minutes=5),
    reopen_window=timedelta(minutes=30),
)


def incident(number: int = 42, **changes: object) -> Incident:
    """Return a firing disk incident of a node, with 118 further alerts."""
    plain = Incident(
        id=number,
        group=number,
        title="NodeDiskFull node-7 (+118)",
        priority=Priority.P1,
        condition=Condition.FIRING,
        opened_at=T0 - timedelta(minutes=12),
        changed_at=T0,
        labels={"cluster": "prod", "node": "node-7"},
        series=7,
        firing=5,
        alerts=119,
        services=("shop", "cart", "pay", "search", "login"),
        causes=(
            Cause(
                "node prod/node-7",
                "s1",
                0.82,
                "node node-7 tells of NodeDiskFull, 6 things that alert lie on it",
            ),
        ),
        summary="Disk of node-7 is 97% full",
        runbook_url="https://runbooks.example.org/disk",
    )
    return replace(plain, **changes)


def response(number: int = 42, **changes: object) -> Response:
    """Return the response to an incident whose first tier is being paged."""
    plain = Response(
        incident=number,
        state=State.T1_PAGING,
        epoch=2,
        cycle=1,
        priority=Priority.P1,
        policy=POLICY,
        since=T0,
        opened_at=T0 - timedelta(minutes=12),
        deadlines={Timer.STEP: T0 + timedelta(minutes=3), Timer.TIER: T0 + timedelta(minutes=8)},
    )
    return replace(plain, **changes)


def page(number: int = 42, **changes: object) -> Page:
    """Return the first page of an incident, to zhang."""
    plain = Page(
        id=f"p{number}",
        incident=number,
        epoch=2,
        cycle=1,
        kind=PageKind.PAGE,
        tier=Tier.OPS,
        step=0,
        loop=0,
        person="zhang",
        priority=Priority.P1,
        at=T0,
    )
    return replace(plain, **changes)


def attempt(number: int = 42, channel: str = "ding", **changes: object) -> Attempt:
    """Return a queued attempt to page zhang of an incident; `changes` are those of the page."""
    wanted = page(number, **changes)
    name = f"{wanted.kind}-{number:04d}-{wanted.person}-{wanted.step}-{channel}"
    return Attempt(id=name, page=wanted, channel=channel, state=AttemptState.QUEUED, due_at=wanted.at)


class Crash(Exception):
    """The process ends here."""


class Talker:
    """A channel that answers what it is told to, and remembers every message."""

    def __init__(self, *answers: Receipt, idempotent: bool = False, name: str = "talk") -> None:
        self.name = name
        self.per_minute = 0
        self.idempotent = idempotent
        self.answers = list(answers)
        self.told: list[Message] = []

    async def send(self, message: Message, now: datetime, http: object) -> Receipt:
        """Remember the message and give the next answer; SENT when there is none left."""
        self.told.append(message)
        return self.answers.pop(0) if self.answers else Receipt(state=ReceiptState.SENT)


class World:
    """Everything around an outbox. `crash_at` ends the process at that write: 1.0 before it, 1.5 after."""

    def __init__(self, *channels: Channel) -> None:
        self.clock = ManualClock(T0)
        self.store = MemoryStore()
        self.robot = Robot(self.clock, {TOKEN: SECRET})
        self.channels = list(channels) or [DingTalk("ding", URL, SECRET)]
        self.known: dict[int, tuple[Incident, Response]] = {}
        self.outcomes: list[Outcome] = []
        self.heard = asyncio.Event()
        self.writes = 0
        self.crash_at = 0.0
        self.failing_writes = 0

    async def open(self, *attempts: Attempt) -> Outbox:
        """Return an outbox with some attempts queued in it."""
        await self.store.open()
        outbox = self.outbox()
        await self.queue(outbox, *attempts)
        return outbox

    def outbox(self) -> Outbox:
        """Return a new outbox on the same store, as after a restart."""
        named = {channel.name: channel for channel in self.channels}
        people = PEOPLE.get
        return Outbox(self.store, self.write, named, self.robot, self.clock, self.known.get, people)

    async def write(self, batch: Batch) -> int:
        """Write to the store, unless the process crashes or the disk fails just now."""
        self.writes += 1
        if self.failing_writes:
            self.failing_writes -= 1
            raise StoreUnavailable("disk full")
        if self.crash_at == self.writes:
            raise Crash
        last = await self.store.write(batch)
        self.outcomes += [entry for entry in batch.entries if isinstance(entry, Outcome)]
        if self.outcomes:
            self.heard.set()
        if self.crash_at == self.writes + 0.5:
            raise Crash
        return last

    async def queue(self, outbox: Outbox, *attempts: Attempt) -> None:
        """Queue attempts as the runtime does."""
        await self.store.write(Batch(attempts=attempts))
        outbox.enqueue(attempts)

    async def run(self, outbox: Outbox, **span: float) -> None:
        """Let the outbox work for a while of its own time."""
        end = self.clock.now() + timedelta(**span)
        while (moment := await outbox.run_due()) is not None and moment <= end:
            self.clock.set(moment)
        self.clock.set(end)

    async def restarted(self) -> Outbox:
        """Return an outbox that took everything back from the store."""
        self.crash_at = 0.0
        outbox = self.outbox()
        outbox.recover()
        return outbox

    @property
    def shown(self) -> Sequence[Accepted]:
        """Return what the group saw."""
        return self.robot.messages

    def states(self, number: int = 42) -> list[AttemptState]:
        """Return the durable states of an incident's attempts."""
        return [each.state for each in self.store.attempts(number)]


def mentions(shown: Sequence[Accepted], number: int) -> int:
    """Count the messages that an incident appears in."""
    return sum(f"#{number} " in message.title + " " + message.text + " " for message in shown)
