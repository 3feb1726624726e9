"""An import of edges in the whole program: it holds from its place in the log on, and over a restart."""

import pytest

from alertmesh.config import load
from alertmesh.core.entries import TopologySet
from alertmesh.core.topology import Edge, Service
from alertmesh.wiring import Wiring
from tests.scenarios.timetable import Timetable


def tell(table: Timetable, *edges: Edge, source: str = "cmdb") -> Timetable:
    now = table.program.clock.now()
    table.program._log([TopologySet(source=source, edges=edges, actor="ann", at=now)])
    table.program.work()
    return table


def incidents(table: Timetable) -> int:
    return len(list(table.program.pipeline.incidents.incidents()))


def troubled(table: Timetable) -> int:
    """Have a service and the one it calls fire, and count the incidents."""
    table.fires("Down", app="cart", namespace="shop").at("10:00:30")
    table.fires("Down", app="web", namespace="front")
    return incidents(table)


def test_without_edges_these_are_two_troubles():
    assert troubled(Timetable()) == 2


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_an_import_makes_one_trouble_of_them(restart):
    table = tell(Timetable(), Edge("web", "cart", "calls"))
    if restart:
        table.restart()
    assert troubled(table) == 1


def test_another_list_takes_the_edge_back():
    table = tell(Timetable(), Edge("web", "cart", "calls"))
    tell(table, Edge("web", "mail", "calls"))
    assert troubled(table) == 2


def test_an_import_that_is_refused_changes_nothing():
    table = tell(Timetable(), Edge("web", "cart", "calls"), source="labels")
    assert troubled(table) == 2


def test_the_catalogue_reaches_the_stage(tmp_path):
    text = "services: [{name: web, match: app=web, depends_on: [cart], runbooks: [http://x]}]"
    (tmp_path / "services.yaml").write_text(text)
    wiring = Wiring(load(None, tmp_path, {}))
    assert wiring.pipeline.correlate.topology.callers("prod", "cart") == ("web",)
    assert wiring.pipeline.correlate._settings.services == (
        Service(name="web", match="app=web", depends_on=("cart",), runbooks=("http://x",)),
    )
