"""Every queued attempt leaves once, is withdrawn, or is said to have failed."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.core.alert import Priority
from alertmesh.core.page import AttemptState, PageKind, Receipt, ReceiptState, Withdrawal
from alertmesh.core.response import State
from tests.notify.fakes import T0, Crash, Talker, World, attempt, incident, mentions, response

BUSY = Receipt(state=ReceiptState.BUSY, error="busy")
UNKNOWN = Receipt(state=ReceiptState.UNKNOWN, error="no answer in time")
DEAD = Receipt(state=ReceiptState.DEAD, error="bot stopped")
THROTTLED = Receipt(state=ReceiptState.BUSY, error="too fast", throttled=True, retry_after_s=600)


async def test_an_attempt_leaves_and_is_recorded():
    world = World()
    outbox = await world.open(attempt())
    await world.run(outbox, seconds=1)
    assert (mentions(world.shown, 42), world.states()) == (1, [AttemptState.SENT])


async def test_the_pipeline_hears_that_it_was_sent():
    world = World()
    await world.run(await world.open(attempt()), seconds=1)
    assert [(outcome.attempt, outcome.sent) for outcome in world.outcomes] == [
        ("page-0042-zhang-0-ding", True)
    ]


async def test_it_is_claimed_before_it_leaves():
    world = World()
    outbox = await world.open(attempt())
    world.crash_at = 1.5
    with pytest.raises(Crash):
        await outbox.run_due()
    claimed = world.store.attempts(42)[0]
    assert (claimed.state, bool(claimed.key and claimed.message), world.shown) == (
        AttemptState.CLAIMED,
        True,
        [],
    )


async def test_nothing_is_sent_again_after_a_recorded_success():
    world = World()
    await world.run(await world.open(attempt()), seconds=1)
    await world.run(await world.restarted(), minutes=10)
    assert len(world.robot.arrivals) == 1


@pytest.mark.parametrize("write", [1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5], ids=lambda at: f"write-{at}")
@pytest.mark.parametrize("fault", ["", "busy", "timeout_after_accept", "drop_before_accept"])
async def test_a_crash_at_any_write_leaves_each_page_shown_once(write, fault):
    world = World()
    outbox = await world.open(*(attempt(number) for number in range(1, 8)), attempt(9, priority=Priority.P3))
    if fault:
        world.robot.fail_next(fault)
    world.crash_at = write
    try:
        await world.run(outbox, minutes=1)
    except Crash:
        await world.run(await world.restarted(), minutes=2)
    assert [mentions(world.shown, number) for number in [*range(1, 8), 9]] == [1] * 8


async def test_a_claim_is_left_alone_for_its_lease():
    world = World()
    outbox = await world.open(attempt())
    world.crash_at = 1.5
    with pytest.raises(Crash):
        await outbox.run_due()
    assert await (await world.restarted()).run_due() == T0 + timedelta(seconds=20)


async def test_a_retry_says_exactly_the_same():
    talker = Talker(UNKNOWN, idempotent=True)
    world = World(talker)
    world.known[42] = (incident(), response())
    outbox = await world.open(attempt(channel="talk"))
    await outbox.run_due()
    world.known[42] = (incident(title="something else"), response())
    await world.run(outbox, seconds=5)
    assert talker.told[0] == talker.told[1]


@pytest.mark.parametrize(
    ("priority", "sends", "end"),
    [(Priority.P1, 2, AttemptState.SENT), (Priority.P3, 1, AttemptState.FAILED)],
    ids=["P1-sent-again", "P3-given-up"],
)
async def test_a_lost_answer_on_a_channel_that_cannot_tell(priority, sends, end):
    talker = Talker(UNKNOWN)
    world = World(talker)
    await world.run(await world.open(attempt(channel="talk", priority=priority)), minutes=1)
    assert (len(talker.told), world.states()) == (sends, [end])


async def test_a_second_send_of_such_a_channel_is_marked():
    talker = Talker(UNKNOWN)
    world = World(talker)
    await world.run(await world.open(attempt(channel="talk")), minutes=1)
    assert [message.title.startswith("(maybe sent before)") for message in talker.told] == [False, True]


async def test_a_dead_channel_fails_at_once():
    world = World(Talker(DEAD))
    await world.run(await world.open(attempt(channel="talk")), seconds=1)
    assert (world.states(), [outcome.sent for outcome in world.outcomes]) == ([AttemptState.FAILED], [False])


async def test_an_attempt_of_a_channel_that_is_gone_fails():
    world = World()
    await world.run(await world.open(attempt(channel="gone")), seconds=1)
    assert "not configured" in world.outcomes[0].error


async def test_a_busy_channel_is_given_up_at_last():
    talker = Talker(*[BUSY] * 50)
    world = World(talker)
    await world.run(await world.open(attempt(channel="talk", priority=Priority.P3)), hours=1)
    assert (len(talker.told), world.states()) == (12, [AttemptState.FAILED])


async def test_the_pipeline_hears_once_of_a_p1_that_is_late():
    world = World(Talker(*[BUSY] * 50))
    await world.run(await world.open(attempt(channel="talk")), hours=1)
    assert [outcome.sent for outcome in world.outcomes] == [False]


async def test_a_busy_channel_that_recovers_sends_the_page():
    world = World(Talker(BUSY, BUSY))
    await world.run(await world.open(attempt(channel="talk")), minutes=1)
    assert world.states() == [AttemptState.SENT]


async def test_a_throttled_channel_is_quiet_for_ten_minutes():
    talker = Talker(THROTTLED)
    world = World(talker)
    outbox = await world.open(attempt(channel="talk"))
    await outbox.run_due()
    await world.queue(outbox, attempt(43, channel="talk"))
    await world.run(outbox, minutes=9, seconds=59)
    assert len(talker.told) == 1


async def test_a_penalty_outlives_a_restart():
    talker = Talker(THROTTLED)
    world = World(talker)
    await (await world.open(attempt(channel="talk"))).run_due()
    assert await (await world.restarted()).run_due() == T0 + timedelta(minutes=10)


async def test_what_waited_for_a_penalty_leaves_after_it():
    world = World(Talker(THROTTLED))
    outbox = await world.open(attempt(channel="talk"))
    await world.run(outbox, minutes=11)
    assert world.states() == [AttemptState.SENT]


async def test_a_penalty_is_told_at_once_for_every_p1():
    world = World(Talker(THROTTLED))
    outbox = await world.open(attempt(1, channel="talk"))
    await outbox.run_due()
    await world.queue(outbox, attempt(2, channel="talk"), attempt(3, channel="talk", priority=Priority.P3))
    await outbox.run_due()
    assert [(outcome.incident, outcome.sent) for outcome in world.outcomes] == [(1, False), (2, False)]


async def test_a_withdrawn_page_never_leaves():
    world = World()
    outbox = await world.open(attempt())
    outbox.withdraw([Withdrawal(incident=42)])
    await world.run(outbox, minutes=1)
    assert (world.robot.arrivals, world.states()) == ([], [AttemptState.WITHDRAWN])


async def test_the_ack_of_one_tier_leaves_the_other_alone():
    world = World()
    outbox = await world.open(attempt(tier="ops"), attempt(tier="rnd", person="li"))
    outbox.withdraw([Withdrawal(incident=42, tier="ops")])
    await world.run(outbox, minutes=1)
    assert [message.mobiles for message in world.shown] == [("13800000002",)]


async def test_news_is_not_withdrawn():
    world = World()
    outbox = await world.open(attempt(kind=PageKind.CLOSING))
    outbox.withdraw([Withdrawal(incident=42)])
    await world.run(outbox, minutes=1)
    assert len(world.shown) == 1


async def test_a_page_withdrawn_while_it_is_claimed_does_not_leave():
    world = World()
    outbox = await world.open(attempt())
    plain = world.store.write

    async def write_and_ack(batch):
        outbox.withdraw([Withdrawal(incident=42)])
        return await plain(batch)

    world.store.write = write_and_ack
    await world.run(outbox, minutes=1)
    assert (world.robot.arrivals, world.states()) == ([], [AttemptState.WITHDRAWN])


async def test_a_page_withdrawn_before_its_retry_is_not_retried():
    talker = Talker(UNKNOWN, idempotent=True)
    world = World(talker)
    outbox = await world.open(attempt(channel="talk"))
    await outbox.run_due()
    outbox.withdraw([Withdrawal(incident=42)])
    await world.run(outbox, minutes=1)
    assert (len(talker.told), world.states()) == (1, [AttemptState.WITHDRAWN])


@pytest.mark.parametrize("state", [State.T1_ACKED, State.RESOLVED, State.MERGED], ids=str)
async def test_a_page_that_an_ack_overtook_in_a_crash_does_not_leave(state):
    world = World()
    await world.open(attempt())
    world.known[42] = (incident(), response(state=state, since=T0 + timedelta(seconds=1)))
    await world.run(await world.restarted(), minutes=1)
    assert (world.robot.arrivals, world.states()) == ([], [AttemptState.WITHDRAWN])


async def test_an_assigned_person_is_paged_while_acked():
    world = World()
    world.known[42] = (incident(), response(state=State.T1_ACKED, since=T0))
    await world.run(await world.open(attempt(person="li")), minutes=1)
    assert len(world.shown) == 1


@pytest.mark.parametrize("broken", [1, 2], ids=["claim", "result"])
async def test_a_disk_that_fails_for_a_moment_costs_nothing(broken):
    world = World()
    outbox = await world.open(attempt())
    if broken == 2:
        await _fail_second(world)
    else:
        world.failing_writes = 1
    await world.run(outbox, minutes=1)
    assert (len(world.robot.arrivals), world.states()) == (1, [AttemptState.SENT])


async def _fail_second(world: World) -> None:
    plain, seen = world.store.write, []

    async def write(batch):
        seen.append(batch)
        world.failing_writes = 1 if len(seen) == 1 else 0
        return await plain(batch)

    world.store.write = write


async def test_a_storm_becomes_few_messages_that_name_each_incident_once():
    world = World()
    storm = [attempt(number, priority=Priority.P3) for number in range(1, 1001)]
    await world.run(await world.open(*storm), minutes=10)
    counts = {mentions(world.shown, number) for number in range(1, 1001)}
    assert (counts, len(world.shown) <= 18) == ({1}, True)


async def test_a_new_p1_leaves_within_five_seconds_of_a_storm():
    world = World()
    outbox = await world.open(*(attempt(number, priority=Priority.P3) for number in range(1, 1001)))
    await world.run(outbox, seconds=1)
    await world.queue(outbox, attempt(2000))
    await world.run(outbox, seconds=4)
    assert mentions(world.shown, 2000) == 1


async def test_both_people_of_one_page_are_mentioned_in_one_message():
    world = World()
    await world.run(await world.open(attempt(), attempt(person="li")), seconds=1)
    assert [set(message.mobiles) for message in world.shown] == [{"13800000001", "13800000002"}]


async def test_a_bundle_is_retried_as_it_was():
    talker = Talker(BUSY)
    world = World(talker)
    outbox = await world.open(*(attempt(number, channel="talk") for number in range(1, 6)))
    await outbox.run_due()
    await world.queue(outbox, attempt(6, channel="talk"))
    await world.run(outbox, seconds=5)
    bundles = [message for message in talker.told if "incidents" in message.title]
    assert (bundles[0] == bundles[1], len(bundles)) == (True, 2)


@settings(max_examples=40)
@given(
    waits=st.lists(st.tuples(st.integers(0, 15), st.integers(1, 4), st.booleans()), min_size=5, max_size=60),
    faults=st.lists(st.sampled_from(["busy", "timeout_after_accept", "drop_before_accept"]), max_size=10),
)
async def test_no_rolling_minute_holds_more_than_twenty_over_restarts(waits, faults):
    world = World()
    outbox = await world.open()
    for fault in faults:
        world.robot.fail_next(fault)
    for number, (wait_s, priority, restart) in enumerate(waits):
        made = attempt(number, priority=Priority(priority), at=world.clock.now())
        await world.queue(outbox, made)
        await world.run(outbox, seconds=wait_s)
        outbox = await world.restarted() if restart else outbox
    await world.run(outbox, minutes=10)
    minute = timedelta(seconds=60)
    arrivals = world.robot.arrivals
    assert all(sum(first <= other < first + minute for other in arrivals) <= 18 for first in arrivals)
    assert {mentions(world.shown, number) for number in range(len(waits))} == {1}


async def test_the_tasks_send_what_is_queued_and_stop():
    world = World()
    await world.open()
    outbox = world.outbox()
    await outbox.start()
    await world.queue(outbox, attempt())
    await world.heard.wait()
    await outbox.stop()
    assert (world.states(), outbox.broken(), outbox.waiting()) == ([AttemptState.SENT], (), {"ding": []})
