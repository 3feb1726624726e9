"""The shell takes an import of edges durably, and says when it is refused."""

import pytest

from alertmesh.core.clock import ManualClock
from alertmesh.core.entries import TopologySet
from alertmesh.core.errors import BadCommand
from alertmesh.core.topology import Edge, KnownEdge
from alertmesh.metrics import Metrics
from alertmesh.runtime import Runtime
from alertmesh.store.sqlite import SqliteStore
from alertmesh.wiring import Wiring
from tests.fakes import NOW
from tests.scenarios.people import staffed

EDGE = Edge("web", "cart", "calls", "east")


async def running(path) -> Runtime:
    made = Runtime(Wiring(staffed("console")), SqliteStore(path), ManualClock(NOW), Metrics())
    await made.start()
    return made


def told(source="cmdb", **how):
    return TopologySet(source=source, edges=(EDGE,), actor="ann", at=NOW, **how)


async def test_edges_survive_a_restart(tmp_path):
    first = await running(tmp_path / "a.db")
    await first.topology(told())
    before = list(first.edges())
    await first.stop()
    second = await running(tmp_path / "a.db")
    after = list(second.edges())
    await second.stop()
    assert before == after == [KnownEdge(EDGE, "cmdb", NOW)]


async def test_a_refusal_is_raised(tmp_path):
    runtime = await running(tmp_path / "a.db")
    with pytest.raises(BadCommand, match="not a source"):
        await runtime.topology(told("labels"))
    await runtime.stop()
