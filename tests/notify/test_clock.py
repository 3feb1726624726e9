"""The wall clock is set while pages wait: each leaves after the time it had left."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from alertmesh.core.page import AttemptState
from tests.notify.fakes import T0, World, attempt

HOUR = timedelta(hours=1)
LATER = timedelta(minutes=3)
both_ways = pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["forward", "back"])


@both_ways
async def test_what_waits_for_its_time_waits_as_long_as_it_would_have(by):
    world = World()
    outbox = await world.open(replace(attempt(), due_at=T0 + LATER))
    world.clock.jump(by)
    outbox.jump(by)
    await world.run(outbox, minutes=2.9)
    assert len(world.shown) == 0
    await world.run(outbox, minutes=0.2)
    assert len(world.shown) == 1


async def test_what_was_decided_before_the_clock_was_set_back_leaves_at_once():
    world = World()
    outbox = await world.open()
    world.clock.jump(-HOUR)
    await world.queue(outbox, attempt())
    await world.run(outbox, seconds=1)
    assert len(world.shown) == 1


async def test_what_was_begun_before_the_clock_was_set_back_is_tried_again_within_its_lease():
    world = World()
    begun = replace(attempt(), state=AttemptState.CLAIMED, key="k", claimed_at=T0, tries=1)
    await world.store.open()
    await world.queue(world.outbox(), begun)
    world.clock.jump(-HOUR)
    outbox = await world.restarted()
    await world.run(outbox, seconds=25)
    assert len(world.shown) == 1
