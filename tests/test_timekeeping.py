"""Time goes on, but a deadline that nothing moves must not fill the log."""

from datetime import timedelta

import pytest

from alertmesh.core.clock import ManualClock
from alertmesh.core.entries import Tick
from alertmesh.core.errors import StoreUnavailable
from alertmesh.metrics import Metrics
from alertmesh.runtime import Runtime
from alertmesh.timekeeping import STUCK
from alertmesh.wiring import Wiring
from tests.fakes import NOW, SlowStore, Stumbling
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
