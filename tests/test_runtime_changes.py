"""The shell takes change events durably, and the root of what alerts then names them."""

from alertmesh.core.clock import ManualClock
from alertmesh.metrics import Metrics
from alertmesh.runtime import Runtime
from alertmesh.store.sqlite import SqliteStore
from alertmesh.wiring import Wiring
from tests.fakes import NOW
from tests.scenarios.people import staffed

DEPLOY = b'[{"kind": "deploy", "service": "cart", "actor": "li"}, {"kind": "deploy"}]'


async def running(path) -> Runtime:
    made = Runtime(Wiring(staffed("console")), SqliteStore(path), ManualClock(NOW), Metrics())
    await made.start()
    return made


async def test_changes_are_taken_one_by_one_and_survive_a_restart(tmp_path):
    first = await running(tmp_path / "a.db")
    taken = await first.changed(DEPLOY)
    await first.stop()
    second = await running(tmp_path / "a.db")
    found = [(event.entity, event.kind, event.at) for event in second.changes()]
    await second.stop()
    assert (taken.accepted, [one.index for one in taken.rejected]) == (1, [1])
    assert found == [("cart", "deploy", NOW)]
