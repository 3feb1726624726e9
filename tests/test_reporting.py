"""Which shift a hand-over is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alertmesh.core.clock import ManualClock
from alertmesh.core.oncall import Layer, OnCall, Roster, Rotation
from alertmesh.metrics import Metrics
from alertmesh.runtime import Runtime
from alertmesh.store.memory import MemoryStore
from alertmesh.wiring import Wiring
from tests.scenarios.people import staffed

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


async def drafted(layer: Layer, now: datetime) -> tuple[datetime, datetime, datetime]:
    """Return the bounds of the shift that is handed over, and the end of the next."""
    shipped = staffed("console")
    rosters = {**shipped.oncall.rosters, "ops": Roster(name="ops", layers=(layer,))}
    known = shipped.oncall
    config = replace(shipped, oncall=OnCall(users=known.users, rosters=rosters, policies=known.policies))
    runtime = Runtime(Wiring(config), MemoryStore(), ManualClock(now), Metrics())
    await runtime.start()
    found = await runtime.reports.handover("ops", None, None)
    await runtime.stop()
    return found.start, found.end, found.next_end


@pytest.mark.parametrize("weeks", [1, 2, 3, 8])
async def test_a_turn_is_handed_over_whole_however_many_weeks_it_has(weeks: int) -> None:
    turn = timedelta(weeks=weeks)
    layer = Layer(members=("wang", "chen"), rotation=Rotation.WEEKLY, every=weeks, zone="UTC", start=START)
    found = await drafted(layer, START + 2 * turn - timedelta(minutes=10))
    assert found == (START + turn, START + 2 * turn, START + 3 * turn)


async def test_duty_that_changed_weeks_ago_and_never_will_again_is_told_by_the_day() -> None:
    now = START + timedelta(weeks=5)
    layer = Layer(members=("wang",), rotation=Rotation.NONE, zone="UTC", start=START)
    assert await drafted(layer, now) == (now - DAY, now, now + DAY)
