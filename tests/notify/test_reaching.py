"""The ways to one person: the next one comes at its time, or at once when one before it comes to nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.entries import Reported
from alertmesh.core.page import Attempt, AttemptState, Receipt, ReceiptState, Report, Withdrawal
from alertmesh.core.ports import Heard, Inbound, Quota
from tests.notify.fakes import T0, Crash, Talker, World, attempt

DEAD = Receipt(state=ReceiptState.DEAD, error="bot stopped")
THROTTLED = Receipt(state=ReceiptState.BUSY, error="too fast", throttled=True, retry_after_s=600)
UNKNOWN = Receipt(state=ReceiptState.UNKNOWN, error="no answer in time")
FAILED, SENT, DELIVERED, READ = (AttemptState(name) for name in ("failed", "sent", "delivered", "read"))


class Phone(Talker):
    """A channel to one person at a time, which reports what became of each message."""

    contact = "mobile"

    def __init__(self, *answers: Receipt, quotas: Sequence[Quota] = (), name: str = "sms") -> None:
        super().__init__(*answers, name=name)
        self.quotas = tuple(quotas)
        self.report_s = 60.0
        self.known: list[Report] = []
        self.asked: list[datetime] = []

    def hear(self, request: Inbound) -> Heard:
        """Hear nothing."""
        return Heard()

    async def ask(self, attempts: Sequence[Attempt], now: datetime, http: object) -> list[Report]:
        """Tell what is known."""
        self.asked.append(now)
        keys = {attempt.key for attempt in attempts}
        return [report for report in self.known if report.key in keys]


class Group(Talker):
    """Several robots of one group."""

    def __init__(self, *answers: Receipt, robots: Sequence[str] = ("a", "b"), per_minute: int = 18) -> None:
        super().__init__(*answers, idempotent=True, name="group")
        self.robots = tuple(robots)
        self.per_minute = per_minute
        self.by: list[int] = []

    async def send_by(self, robot: int, message: object, now: datetime, http: object) -> Receipt:
        """Remember which robot it was."""
        self.by.append(robot)
        return await self.send(message, now, http)


def later(channel: str, minutes: float, **changes: object) -> Attempt:
    """Return a further way to the person of the same page."""
    one = attempt(channel=channel, **changes)
    return replace(one, due_at=one.due_at + timedelta(minutes=minutes))


async def test_the_next_way_comes_at_its_time():
    chat, phone = Talker(), Phone()
    phone.report_s = 3600.0
    world = World(chat, phone)
    outbox = await world.open(attempt(channel="talk"), later("sms", 3))
    await world.run(outbox, minutes=2, seconds=59)
    assert (len(chat.told), len(phone.told)) == (1, 0)
    await world.run(outbox, seconds=2)
    assert len(phone.told) == 1


@pytest.mark.parametrize("answer", [DEAD, THROTTLED], ids=["dead", "throttled"])
async def test_a_way_that_is_closed_brings_the_next_one_forward_and_no_other(answer):
    chat, phone, voice = Talker(answer), Phone(), Phone(name="voice")
    world = World(chat, phone, voice)
    outbox = await world.open(attempt(channel="talk"), later("sms", 3), later("voice", 8))
    await world.run(outbox, seconds=2)
    assert (len(phone.told), len(voice.told)) == (1, 0)


async def test_a_way_brought_forward_stays_so_after_a_restart():
    phone = Phone()
    world = World(Talker(DEAD), phone)
    outbox = await world.open(attempt(channel="talk"), later("sms", 3))
    world.crash_at = 2.5  # the failure is written, the next way has not been taken
    with pytest.raises(Crash):
        await world.run(outbox, seconds=1)
    await world.run(await world.restarted(), seconds=1)
    assert len(phone.told) == 1


async def test_an_ack_stops_the_ways_that_were_still_to_come():
    phone = Phone()
    world = World(Talker(), phone)
    outbox = await world.open(attempt(channel="talk"), later("sms", 3))
    await world.run(outbox, minutes=1)
    outbox.withdraw([Withdrawal(incident=42)])
    await world.run(outbox, minutes=10)
    assert (phone.told, world.states()) == ([], [SENT, AttemptState.WITHDRAWN])


async def test_a_p1_that_nobody_reports_as_delivered_goes_the_next_way_after_a_minute():
    phone, voice = Phone(), Phone(name="voice")
    world = World(phone, voice)
    outbox = await world.open(attempt(channel="sms"), later("voice", 8))
    await world.run(outbox, seconds=59)
    assert voice.told == []
    await world.run(outbox, seconds=2)
    assert (len(phone.asked), len(voice.told)) == (1, 1)


@pytest.mark.parametrize("told", [True, False], ids=["reported", "asked"])
async def test_what_is_delivered_needs_no_other_way(told):
    phone, voice = Phone(), Phone(name="voice")
    world = World(phone, voice)
    outbox = await world.open(attempt(channel="sms"), later("voice", 8))
    await world.run(outbox, seconds=1)
    report = Report(state=DELIVERED, key=phone.told[0].key)
    phone.known = [report]
    if told:
        await outbox.reported("sms", [report])
    await world.run(outbox, minutes=3)
    assert (voice.told, world.states()) == ([], [DELIVERED, AttemptState.QUEUED])


async def test_lateness_is_noticed_after_a_restart():
    voice = Phone(name="voice")
    world = World(Phone(), voice)
    await world.run(await world.open(attempt(channel="sms"), later("voice", 8)), seconds=30)
    outbox = await world.restarted()
    await world.run(outbox, seconds=31)
    await world.run(outbox, seconds=1)
    assert len(voice.told) == 1


async def test_a_failure_that_is_reported_later_goes_the_next_way():
    phone, voice = Phone(), Phone(name="voice")
    world = World(phone, voice)
    outbox = await world.open(attempt(channel="sms", priority=Priority.P2), later("voice", 8))
    await world.run(outbox, seconds=1)
    await outbox.reported("sms", [Report(state=FAILED, key=phone.told[0].key, error="number is off")])
    await world.run(outbox, seconds=2)
    assert len(voice.told) == 1


REPORTS = [
    Report(state=FAILED, error="x"),
    Report(state=DELIVERED),
    Report(state=DELIVERED),
    Report(state=READ),
]


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
async def test_reports_in_any_order_come_to_the_same(order):
    phone = Phone()
    world = World(phone)
    outbox = await world.open(attempt(channel="sms"))
    await world.run(outbox, seconds=1)
    for number in order:
        await outbox.reported("sms", [replace(REPORTS[number], key=phone.told[0].key)])
    assert world.states() == [READ]


async def test_a_report_is_found_by_the_number_of_the_provider():
    phone = Phone(Receipt(state=ReceiptState.SENT, provider_id="biz-1"))
    world = World(phone)
    outbox = await world.open(attempt(channel="sms"))
    await world.run(outbox, seconds=1)
    await outbox.reported("sms", [Report(state=DELIVERED, provider_id="biz-1")])
    assert world.states() == [DELIVERED]


async def test_a_report_that_overtakes_the_answer_counts():
    world = World(phone := Phone())
    outbox = await world.open(attempt(channel="sms"))
    plain = phone.send

    async def send(message, now, http):
        await outbox.reported("sms", [Report(state=DELIVERED, key=message.key)])
        return await plain(message, now, http)

    phone.send = send
    await world.run(outbox, seconds=1)
    assert world.states() == [DELIVERED]


@pytest.mark.parametrize(
    ("known", "sends", "end"),
    [([DELIVERED], 1, DELIVERED), ([SENT], 1, SENT), ([], 2, SENT)],
    ids=["delivered", "taken", "not known"],
)
async def test_a_lost_answer_is_asked_for_before_the_message_is_sent_again(known, sends, end):
    phone = Phone(UNKNOWN)
    world = World(phone)
    outbox = await world.open(attempt(channel="sms"))
    await outbox.run_due()
    phone.known = [Report(state=state, key=phone.told[0].key) for state in known]
    await world.run(outbox, seconds=40)
    assert (len(phone.told), world.states()) == (sends, [end])


async def test_quotas_hold_for_each_person_and_over_restarts():
    phone = Phone(quotas=[Quota(1, timedelta(minutes=1)), Quota(3, timedelta(hours=1))], name="voice")
    world = World(phone)
    outbox = await world.open()
    for minute in range(10):
        at = T0 + timedelta(minutes=minute, seconds=1)
        pages = [
            attempt(minute * 2 + number, channel="voice", at=at, person=person)
            for number, person in enumerate(("zhang", "li"))
        ]
        await world.queue(outbox, *pages)
        await world.run(outbox, minutes=1)
        outbox = await world.restarted()
    called = [message.recipients[0].name for message in phone.told]
    assert {name: called.count(name) for name in ("zhang", "li")} == {"zhang": 3, "li": 3}


async def test_a_person_without_room_is_reached_otherwise_and_hears_of_all_later():
    phone, mail = Phone(quotas=[Quota(1, timedelta(minutes=10))]), Talker(name="mail")
    world = World(phone, mail)
    outbox = await world.open(attempt(1, channel="sms"))
    await world.run(outbox, seconds=1)
    more = [attempt(number, channel="sms", at=world.clock.now()) for number in (2, 3, 4, 5)]
    ways = [replace(attempt(n, channel="mail"), due_at=T0 + timedelta(minutes=30)) for n in (2, 3, 4, 5)]
    await world.queue(outbox, *more, *ways)
    await world.run(outbox, seconds=1)
    assert len(phone.told) == 1
    assert sum(message.title.count("#") + message.text.count("#") for message in mail.told) >= 4
    await world.run(outbox, minutes=11)
    assert len(phone.told) == 2


async def test_a_number_whose_hour_is_used_up_is_left_at_once_though_its_minute_ends_soon():
    quotas = [Quota(1, timedelta(minutes=1)), Quota(2, timedelta(hours=1))]
    phone, mail = Phone(quotas=quotas, name="voice"), Talker(name="mail")
    phone.report_s = 3600.0
    world = World(phone, mail)
    outbox = await world.open()
    for number in (1, 2, 3):
        at = world.clock.now()
        ways = [attempt(number, channel=name, at=at) for name in ("voice", "mail")]
        await world.queue(outbox, ways[0], replace(ways[1], due_at=at + timedelta(minutes=30)))
        await world.run(outbox, seconds=1)
        await world.run(outbox, seconds=60)
    assert (len(phone.told), len(mail.told)) == (2, 1)


async def test_a_person_with_room_is_not_reached_otherwise_while_a_gateway_is_full():
    phone, mail = Phone(quotas=[Quota(50, timedelta(days=1))]), Talker(name="mail")
    phone.per_minute = 2
    world = World(phone, mail)
    outbox = await world.open(*(attempt(number, channel="sms", priority=Priority.P2) for number in (1, 2)))
    await world.run(outbox, seconds=1)
    at = world.clock.now()
    ways = [attempt(3, channel=name, priority=Priority.P2, at=at) for name in ("sms", "mail")]
    await world.queue(outbox, ways[0], replace(ways[1], due_at=at + timedelta(minutes=30)))
    await world.run(outbox, seconds=30)
    assert (len(phone.told), mail.told) == (2, [])


async def test_a_robot_whose_minute_is_full_sends_nobody_another_way():
    chat, phone = Talker(), Phone()
    chat.per_minute = 3
    world = World(chat, phone)
    outbox = await world.open(*(attempt(n, channel="talk", priority=Priority.P2) for n in (1, 2)))
    await world.run(outbox, seconds=1)
    at = world.clock.now()
    later_way = replace(
        attempt(3, channel="sms", priority=Priority.P2, at=at), due_at=at + timedelta(minutes=3)
    )
    await world.queue(outbox, attempt(3, channel="talk", priority=Priority.P2, at=at), later_way)
    await world.run(outbox, seconds=30)
    assert (len(chat.told), phone.told) == (2, [])
    await world.run(outbox, minutes=1)
    assert (len(chat.told), phone.told) == (3, [])


async def test_a_robot_of_a_pool_that_is_throttled_leaves_the_message_to_the_next():
    group = Group(THROTTLED)
    world = World(group)
    await world.run(await world.open(attempt(channel="group")), seconds=1)
    assert (len(set(group.by)), world.states()) == (2, [SENT])


async def test_a_message_that_may_have_arrived_is_repeated_by_the_same_robot():
    group = Group(UNKNOWN)
    world = World(group)
    await world.run(await world.open(attempt(channel="group")), seconds=5)
    assert len(group.by) == 2
    assert len(set(group.by)) == 1


@settings(max_examples=30)
@given(st.lists(st.integers(0, 8), min_size=10, max_size=60), st.integers(1, 3))
async def test_each_robot_of_a_pool_keeps_its_own_minute(waits, robots):
    group = Group(robots=[f"r{number}" for number in range(robots)], per_minute=4)
    world = World(group)
    moments: list[tuple[int, datetime]] = []
    plain = group.send_by

    async def send_by(robot, message, now, http):
        moments.append((robot, now))
        return await plain(robot, message, now, http)

    group.send_by = send_by
    outbox = await world.open()
    for number, wait in enumerate(waits):
        await world.queue(outbox, attempt(number, channel="group", at=world.clock.now()))
        await world.run(outbox, seconds=wait)
        outbox = await world.restarted()
    await world.run(outbox, minutes=10)
    for robot, first in moments:
        same = [at for other, at in moments if other == robot and first <= at < first + timedelta(minutes=1)]
        assert len(same) <= 4


async def test_what_failed_can_be_tried_again():
    talker = Talker(DEAD)
    world = World(talker)
    outbox = await world.open(attempt(channel="talk"))
    await world.run(outbox, seconds=1)
    await outbox.retry(world.store.attempts(42)[0])
    await world.run(outbox, seconds=1)
    assert world.states() == [SENT]


async def test_the_pipeline_hears_what_was_reported_once():
    phone = Phone()
    world = World(phone)
    told = []
    plain = world.store.write

    async def write(batch):
        told.extend(entry for entry in batch.entries if isinstance(entry, Reported))
        return await plain(batch)

    world.store.write = write
    outbox = await world.open(attempt(channel="sms"))
    await world.run(outbox, seconds=1)
    for _ in range(3):
        await outbox.reported("sms", [Report(state=DELIVERED, key=phone.told[0].key)])
    assert [(entry.attempt, entry.state) for entry in told] == [("page-0042-zhang-0-sms", "delivered")]
