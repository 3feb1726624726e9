"""The bus inside one process keeps order and loses nothing."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.bus import LocalBus
from alertmesh.core.entries import Tick
from alertmesh.core.ports import StoredEntry

ENTRY = Tick(datetime(2026, 1, 1, tzinfo=UTC))


def entries(*numbers):
    return [StoredEntry(number, ENTRY) for number in numbers]


async def numbers(bus, most):
    return [entry.seq for entry in await bus.take(most)]


async def test_entries_come_in_the_order_published():
    bus = LocalBus(10)
    bus.publish(entries(1, 2))
    bus.publish(entries(3))
    assert await numbers(bus, 9) == [1, 2, 3]


async def test_take_stops_at_its_maximum():
    bus = LocalBus(10)
    bus.publish(entries(1, 2, 3))
    assert (await numbers(bus, 2), bus.depth) == ([1, 2], 1)


async def test_take_waits_for_the_first_entry():
    bus = LocalBus(10)
    taking = asyncio.create_task(numbers(bus, 9))
    await asyncio.sleep(0)
    waited = not taking.done()
    bus.publish(entries(1))
    assert (waited, await taking) == (True, [1])


async def test_an_empty_publication_wakes_nobody():
    bus = LocalBus(10)
    taking = asyncio.create_task(numbers(bus, 9))
    await asyncio.sleep(0)
    bus.publish([])
    await asyncio.sleep(0)
    assert not taking.done()
    bus.close()
    await taking


@pytest.mark.parametrize(("count", "full"), [(0, False), (1, False), (2, True), (3, True)])
async def test_full_from_the_limit_on_but_nothing_is_refused(count, full):
    bus = LocalBus(2)
    bus.publish(entries(*range(count)))
    assert (bus.full, bus.depth) == (full, count)


async def test_a_closed_bus_gives_what_waits_and_then_nothing():
    bus = LocalBus(10)
    bus.publish(entries(1))
    bus.close()
    assert (await numbers(bus, 9), await numbers(bus, 9)) == ([1], [])


async def test_closing_ends_a_waiting_consumer():
    bus = LocalBus(10)
    taking = asyncio.create_task(numbers(bus, 9))
    await asyncio.sleep(0)
    bus.close()
    assert await taking == []


async def test_a_cancelled_consumer_loses_nothing():
    bus = LocalBus(10)
    taking = asyncio.create_task(numbers(bus, 9))
    await asyncio.sleep(0)
    bus.publish(entries(1))
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    assert await numbers(bus, 9) == [1]


@given(st.lists(st.integers(0, 5), max_size=8), st.integers(1, 7))
def test_however_it_is_cut_everything_comes_once_and_in_order(sizes, most):
    async def run():
        bus, sent, got = LocalBus(3), 0, []
        for size in sizes:
            bus.publish(entries(*range(sent, sent + size)))
            sent += size
        bus.close()
        while part := await numbers(bus, most):
            got += part
        return got == list(range(sent))

    assert asyncio.run(run())
