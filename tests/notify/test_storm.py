"""A storm of a thousand incidents in a minute: the rate law holds, no P1 waits, nothing is lost."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from alertmesh.core.alert import Priority
from alertmesh.core.page import Attempt, AttemptState, Receipt
from alertmesh.core.ports import Quota
from alertmesh.demo.robot import Robot
from alertmesh.notify.dingtalk import DingTalk
from alertmesh.notify.outbox import Outbox
from tests.notify.fakes import SECRET, T0, World, attempt
from tests.notify.test_reaching import Phone

MINUTE = timedelta(minutes=1)
TOKENS = ("one", "two")
URL = "https://oapi.dingtalk.com/robot/send?access_token="
INCIDENTS, URGENT = 1_000, 10


class Handset(Phone):
    """A phone whose messages are dated."""

    def __init__(self) -> None:
        super().__init__(quotas=[Quota(50, timedelta(days=1))])
        self.report_s = 3600.0
        self.got: list[tuple[datetime, str]] = []

    async def send(self, message, now, http) -> Receipt:
        """Date the message."""
        self.got.append((now, f"{message.title} {message.text} "))
        return await super().send(message, now, http)


def storm() -> list[list[Attempt]]:
    """Return what is decided in each second: P1 by chat and SMS at once, the rest by chat."""
    seconds: list[list[Attempt]] = [[] for _ in range(60)]
    for number in range(INCIDENTS):
        urgent = number % (INCIDENTS // URGENT) == 50
        second = number * 60 // INCIDENTS
        priority = Priority.P1 if urgent else Priority.P3
        at = T0 + timedelta(seconds=second)
        ways = ("one", "sms") if urgent else (TOKENS[number % 2],)
        seconds[second] += [attempt(number + 1, channel=way, priority=priority, at=at) for way in ways]
    return seconds


class Storm:
    """A world with two robots of one group and a phone."""

    def __init__(self) -> None:
        self.phone = Handset()
        robots = [DingTalk(token, URL + token, SECRET) for token in TOKENS]
        self.world = World(*robots, self.phone)
        self.world.robot = Robot(self.world.clock, dict.fromkeys(TOKENS, SECRET))

    def worker(self) -> Outbox:
        return self.world.outbox()

    async def play(self, workers: Sequence[Outbox], restart_at: int = -1) -> None:
        """Give the storm to the workers in turn; at one second all of them are replaced by one."""
        for second, decided in enumerate(storm()):
            if second == restart_at:
                workers = [await self.world.restarted()]
            for number, one in enumerate(decided):
                await self.world.queue(workers[number % len(workers)], one)
            await self._run(workers, timedelta(seconds=1))
        await self._run(workers, timedelta(minutes=20))

    async def _run(self, workers: Sequence[Outbox], span: timedelta) -> None:
        clock, end = self.world.clock, self.world.clock.now() + span
        while True:
            moments = [moment for worker in workers if (moment := await worker.run_due()) is not None]
            if not moments or min(moments) > end:
                break
            clock.set(max(min(moments), clock.now()))
        clock.set(end)


@pytest.fixture(params=["one worker", "two workers", "a restart"])
async def played(request) -> Storm:
    made = Storm()
    await made.world.store.open()
    workers = [made.worker() for _ in range(2 if request.param == "two workers" else 1)]
    await made.play(workers, restart_at=30 if request.param == "a restart" else -1)
    return made


async def test_a_storm_of_a_thousand_incidents(played):
    robot, store = played.world.robot, played.world.store
    for token in TOKENS:
        times = [message.at for message in robot.messages if message.token == token]
        assert max(sum(first <= at < first + MINUTE for at in times) for first in times) <= 20
    assert robot.refused == {}
    states = Counter(one.state for number in range(INCIDENTS) for one in store.attempts(number + 1))
    assert states == {AttemptState.SENT: INCIDENTS + URGENT}
    shown = Counter()
    for message in robot.messages:
        text = f"{message.title} {message.text} "
        shown.update(number for number in range(1, INCIDENTS + 1) if f"#{number} " in text)
    assert shown == dict.fromkeys(range(1, INCIDENTS + 1), 1)


async def test_every_p1_is_on_a_phone_within_ten_seconds(played):
    for number in range(51, INCIDENTS + 1, INCIDENTS // URGENT):
        decided = T0 + timedelta(seconds=(number - 1) * 60 // INCIDENTS)
        got = min(at for at, text in played.phone.got if f"#{number} " in text)
        assert got - decided < timedelta(seconds=10)


async def test_the_group_sees_few_messages_and_all_of_the_rest_in_bundles(played):
    messages = played.world.robot.messages
    assert len(messages) <= 60
    bundles = [message for message in messages if "incidents" in message.title or "个事件" in message.title]
    assert sum(message.text.count("#") for message in bundles) > INCIDENTS * 0.9
