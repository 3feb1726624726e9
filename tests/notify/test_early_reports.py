"""Reports that come while the message is still being sent: a gateway may be quicker than its own answer."""

import asyncio
from itertools import permutations

import pytest

from alertmesh.core.page import AttemptState, Receipt, ReceiptState, Report
from alertmesh.core.ports import Batch, Heard
from tests.notify.fakes import Talker, World, attempt

FAILED, DELIVERED, READ = AttemptState.FAILED, AttemptState.DELIVERED, AttemptState.READ
LOST = Receipt(state=ReceiptState.UNKNOWN, error="no answer in time")


class Quick(Talker):
    """A channel that reports before it answers."""

    report_s = 60.0

    def __init__(self, reports: list[AttemptState], *answers: Receipt) -> None:
        super().__init__(*answers, name="sms")
        self.reports = reports
        self.outbox = None
        self.asked = asyncio.Event()

    def hear(self, request) -> Heard:
        """Hear nothing: reports are handed over by `send`."""
        return Heard()

    async def ask(self, attempts, now, http) -> list[Report]:
        """Know nothing."""
        return []

    async def send(self, message, now, http) -> Receipt:
        """Report, and then answer."""
        for state in self.reports:
            await self.outbox.reported("sms", [Report(state=state, key=message.key)])
        receipt = await super().send(message, now, http)
        self.asked.set()
        return receipt


async def after(reports: list[AttemptState], *answers: Receipt) -> tuple[list[AttemptState], int]:
    """Return how the attempt ends, and how often the message was sent."""
    quick = Quick(reports, *answers)
    world = World(quick)
    quick.outbox = await world.open(attempt(channel="sms"))
    await world.run(quick.outbox, seconds=90)
    return world.states(), len(quick.told)


@pytest.mark.parametrize("order", list(permutations([FAILED, DELIVERED, DELIVERED, READ])), ids=str)
async def test_the_best_of_them_counts_in_any_order(order):
    assert await after(list(order)) == ([READ], 1)


async def test_a_report_makes_up_for_a_lost_answer():
    assert await after([DELIVERED], LOST) == ([DELIVERED], 1)


class Slow(World):
    """A world whose disk takes its time, so that others have their turn meanwhile."""

    async def write(self, batch: Batch) -> int:
        """Write after some turns of the others."""
        for _ in range(4):
            await asyncio.sleep(0)
        return await super().write(batch)


@pytest.mark.parametrize("turns", range(16))
async def test_reports_are_heard_whenever_they_come_around_the_answer(turns):
    quick = Quick([])
    world = Slow(quick)
    outbox = quick.outbox = await world.open(attempt(channel="sms"))

    async def report(state: AttemptState, later: int) -> None:
        await quick.asked.wait()
        for _ in range(turns + later):
            await asyncio.sleep(0)
        await outbox.reported("sms", [Report(state=state, key=quick.told[0].key)])

    await asyncio.gather(world.run(outbox, seconds=1), report(DELIVERED, 0), report(FAILED, 1))
    assert (world.states(), len(world.outcomes)) == ([DELIVERED], 1)
