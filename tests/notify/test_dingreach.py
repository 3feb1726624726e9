"""The outbox pages by an enterprise app: read or not, with or without DING, and over a crash at any write."""

from contextlib import suppress

import pytest
from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.page import AttemptState
from alertmesh.demo.dingcloud import DingCloud
from alertmesh.notify.codes import Codes
from alertmesh.notify.dingapp import PERSON
from alertmesh.notify.outbox import Outbox
from tests.notify.dingoffice import APP, TEMPLATE
from tests.notify.fakes import ZHANG, Crash, Talker, World, attempt, incident, response
from tests.notify.test_reaching import later

STAFFED = replace(ZHANG, contacts={"dingtalk": "staff1"})


class Reach(World):
    """A world in which zhang is reached in a chat with the robot first, and then by another way."""

    def __init__(self, **settings: str) -> None:
        super().__init__(PERSON.build("chat", {**APP, "card_template": TEMPLATE, **settings}), Talker())
        self.cloud = DingCloud(
            self.clock, ("key", "secret"), frozenset({"staff1"}), {}, frozenset({TEMPLATE})
        )
        self.known[42] = (incident(), response())

    def outbox(self) -> Outbox:
        named = {channel.name: channel for channel in self.channels}
        return Outbox(
            self.store,
            self.write,
            named,
            self.cloud,
            self.clock,
            self.known.get,
            {"zhang": STAFFED}.get,
            codes=Codes(b"secret"),
        )

    async def page(self, **changes: object) -> Outbox:
        """Queue a page by both ways, the second in ten minutes."""
        return await self.open(attempt(channel="chat", **changes), later("talk", 10, **changes))

    @property
    def other(self) -> int:
        """Return how many messages went by the other way."""
        return len(self.channels[1].told)


@pytest.mark.parametrize(("readers", "others"), [(set(), 1), ({"staff1"}, 0)], ids=["unread", "read"])
async def test_a_p1_that_is_not_read_within_a_minute_goes_the_next_way(readers, others):
    world = Reach()
    outbox = await world.page()
    await world.run(outbox, seconds=10)
    (card,) = world.cloud.cards.values()
    world.cloud.read[card.id] = readers
    await world.run(outbox, seconds=60)
    assert world.other == others


async def test_a_ding_without_money_goes_the_next_way_at_once():
    world = Reach(ding="phone")
    world.cloud.fail_next("no_ding_quota")
    outbox = await world.page()
    await world.run(outbox, seconds=1)
    assert (world.other, AttemptState.FAILED in world.states(), len(world.cloud.cards)) == (1, True, 1)


async def test_a_month_that_is_used_up_goes_the_next_way_at_once():
    world = Reach()
    world.cloud = DingCloud(
        world.clock, ("key", "secret"), frozenset({"staff1"}), {}, frozenset({TEMPLATE}), monthly=1
    )
    await world.run(await world.page(), seconds=5)
    assert world.other == 1


@pytest.mark.parametrize("crash_at", [1.0, 1.5, 2.0, 2.5])
@pytest.mark.parametrize("fault", ["", "timeout_after_accept", "drop_before_accept"])
async def test_a_crash_at_any_write_leaves_one_card(crash_at, fault):
    world = Reach()
    world.crash_at = crash_at
    if fault:
        world.cloud.fail_next(fault)
    outbox = await world.page(priority=Priority.P2)
    with suppress(Crash):
        await world.run(outbox, minutes=2)
    world.channels[0] = PERSON.build("chat", {**APP, "card_template": TEMPLATE})
    await world.run(await world.restarted(), minutes=2)
    assert (len(world.cloud.cards), world.states()[0]) == (1, AttemptState.SENT)
    assert len(world.cloud.messages) <= 1
