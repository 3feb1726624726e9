"""Reports that come while the message is still being sent: a gateway may be quicker than its own answer."""

from itertools import permutations

import pytest

from alertmesh.core.page import AttemptState, Receipt, ReceiptState, Report
from alertmesh.core.ports import Heard
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
        return await super().send(message, now, http)


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
