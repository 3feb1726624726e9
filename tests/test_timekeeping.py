"""Time goes on, but a deadline that nothing moves must not fill the log."""

from datetime import timedelta

import pytest

from alertmesh.core.clock import ManualClock
from alertmesh.core.entries import ClockJumped, Tick
from alertmesh.core.errors import StoreUnavailable
from alertmesh.metrics import Metrics
from alertmesh.runtime import Runtime
from alertmesh.timekeeping import STUCK
from alertmesh.wiring import Wiring
from tests.fakes import NOW, SlowStore, Stumbling, said, until
from tests.scenarios.people import staffed


class Beats:
    """A timekeeper over a pipeline that always wants a tick."""

    def __init__(self):
        wiring = Wiring(staffed("console"))
        wiring.pipeline = Stumbling.of(wiring.pipeline)
        wiring.pipeline.stuck_at = NOW
        self.store, self.clock = SlowStore(), ManualClock(NOW)
        self.keeper = Runtime(wiring, self.store, self.clock, Metrics()).time

    def ticks(self):
        return [stored.entry for stored in self.store.tail(0, 100)]

    async def beat(self, times=1):
        for _ in range(times):
            await self.keeper.beat()


@pytest.fixture
async def beats():
    made = Beats()
    await made.store.open()
    return made


async def test_one_tick_is_under_way_at_most(beats):
    await beats.beat(5)
    assert beats.ticks() == [Tick(NOW)]


async def test_a_deadline_that_goes_on_brings_the_next_tick_at_once(beats):
    await beats.beat()
    beats.keeper.decided(Tick(NOW), moved=True)
    await beats.beat()
    assert len(beats.ticks()) == 2


async def test_a_tick_that_changed_nothing_is_not_sent_again_at_once(beats):
    await beats.beat()
    beats.keeper.decided(Tick(NOW), moved=False)
    await beats.beat(5)
    assert len(beats.ticks()) == 1


async def test_it_is_tried_again_after_a_while(beats):
    await test_a_tick_that_changed_nothing_is_not_sent_again_at_once(beats)
    beats.clock.advance(STUCK + timedelta(seconds=1))
    await beats.beat()
    assert len(beats.ticks()) == 2


async def test_a_tick_that_was_not_kept_is_sent_again(beats):
    beats.store.fails = True
    with pytest.raises(StoreUnavailable):
        await beats.beat()
    beats.store.fails = False
    await beats.beat()
    assert len(beats.ticks()) == 1


HOUR = timedelta(hours=1)
both_ways = pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["forward", "back"])


@pytest.fixture
async def running():
    made = Runtime(Wiring(staffed("console")), SlowStore(), ManualClock(NOW), Metrics())
    await made.start()
    yield made
    made.store.recover()
    await made.stop()


async def down(runtime, *names, **how):
    at = runtime.clock.now()
    await runtime.ingest(runtime.door("prometheus", ""), said(*names, at=at, **how))


def log(runtime, after=0):
    return [stored.entry for stored in runtime.store.tail(after, 10_000)]


async def paged(runtime, person, incident=1):
    return await until(lambda: [a for a in runtime.attempts(incident) if a.page.person == person])


@both_ways
async def test_no_entry_is_dated_by_the_new_time_before_that_of_the_jump(running, by):
    await down(running, "Down")
    await paged(running, "wang")
    running.clock.wall.jump(by)
    await down(running, "Other", lease_s=3600)
    await until(lambda: ClockJumped(by.total_seconds(), NOW + by) in log(running))
    await down(running, "Third", lease_s=3600)
    entries = log(running)
    place = entries.index(ClockJumped(by.total_seconds(), NOW + by))
    assert {entry.at for entry in entries[:place]} == {NOW}
    assert {entry.at for entry in entries[place:]} == {NOW + by}


@both_ways
async def test_a_jump_pages_nobody_and_the_next_step_comes_when_it_would_have(running, by):
    await down(running, "Down")
    await paged(running, "wang")
    running.clock.wall.advance(timedelta(minutes=2, seconds=50))
    running.clock.wall.jump(by)
    await until(lambda: running.clock.now() == NOW + by + timedelta(minutes=2, seconds=50))
    await until(lambda: not running.bus.depth)
    assert {a.page.person for a in running.attempts(1)} == {"wang"}
    running.clock.wall.advance(timedelta(seconds=10))
    assert [a.due_at for a in await paged(running, "chen")] == [NOW + by + timedelta(minutes=3)]


async def test_a_jump_is_logged_even_if_somebody_cannot_go_along(running):
    def fails(by):
        raise OverflowError("date value out of range")

    running.time.followers.append(fails)
    running.clock.wall.jump(HOUR)
    await until(lambda: "an inner loop fails or stopped" in running.health().reasons)
    assert [e.by_s for e in log(running) if isinstance(e, ClockJumped)] == [3600]
    assert running.clock.now() == NOW + HOUR
    await until(lambda: running.health().ready)


async def test_a_jump_that_could_not_be_logged_is_logged_later_and_time_waits_for_it(running):
    running.store.fails = True
    running.clock.wall.jump(HOUR)
    await until(lambda: "the store does not take writes" in running.health().reasons)
    await until(lambda: running.clock.now() == NOW)
    running.store.fails = False
    await until(lambda: [e.by_s for e in log(running) if isinstance(e, ClockJumped)] == [3600])
    assert running.clock.now() == NOW + HOUR


async def test_a_clock_that_is_set_by_seconds_is_followed_without_a_word(running):
    running.clock.wall.jump(timedelta(seconds=29))
    assert running.clock.now() == NOW + timedelta(seconds=29)
    await running.time.beat()
    assert log(running) == []


async def test_a_clock_that_was_set_back_while_we_were_down_is_noticed():
    store = SlowStore()
    first = Runtime(Wiring(staffed("console")), store, ManualClock(NOW), Metrics())
    await first.start()
    await down(first, "Down")
    await paged(first, "wang")
    await first.stop()
    second = Runtime(Wiring(staffed("console")), store, ManualClock(NOW - HOUR), Metrics())
    await second.start()
    second.clock.wall.advance(timedelta(minutes=3))
    assert [a.due_at for a in await paged(second, "chen")] == [NOW - HOUR + timedelta(minutes=3)]
    await second.stop()
