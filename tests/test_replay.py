"""A replay decides what a live run would have, twice the same."""

import csv
from datetime import UTC, datetime, timedelta

import pytest

from alertmesh.config import load
from alertmesh.config.models import NO_MODELS
from alertmesh.core.errors import BadPayload
from alertmesh.core.incident import Condition
from alertmesh.demo.stories import storm
from alertmesh.recorded import RecordedAlert
from alertmesh.replay import Replay, read_edges
from alertmesh.wiring import Wiring
from tests.scenarios.people import staffed

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)


def alert(second, name, status="firing", severity="critical", **more):
    labels = {"alertname": name, "severity": severity, "cluster": "east", "service": name}
    at = NOW + timedelta(seconds=second)
    return RecordedAlert(id=f"{name}{second}", time=at, status=status, labels=labels, **more)


def replayed(*alerts):
    run = Replay(Wiring(staffed("console")))
    run.run(alerts)
    return run


def rows(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_every_line_has_a_row_in_order(tmp_path):
    run = replayed(alert(0, "Down"), alert(5, "Down"), alert(9, "Other"), alert(9, "Down", "resolved"))
    run.write_groups(tmp_path / "g.csv")
    assert rows(tmp_path / "g.csv") == [
        ["id", "incident", "role"],
        ["Down0", "1", "member"],
        ["Down5", "1", "duplicate"],
        ["Other9", "2", "member"],
        ["Down9", "1", "duplicate"],
    ]


def test_an_alert_without_an_end_ends_with_the_resolve_timeout_of_its_source():
    end = NOW + timedelta(minutes=5)
    run = replayed(alert(0, "Down"), alert(299, "Other"), alert(301, "Third"))
    found = {incident.title: incident for incident in run.incidents()}
    assert found["Down on Down"].condition is Condition.CLEARED
    assert found["Down on Down"].cleared_at == end
    assert found["Other on Other"].condition is Condition.FIRING


def test_a_repeat_extends_what_has_no_end():
    run = replayed(alert(0, "Down"), alert(200, "Down"), alert(400, "Down"), alert(600, "Other"))
    assert run.incidents()[0].condition is Condition.FIRING


def test_an_end_that_is_given_holds():
    run = replayed(alert(0, "Down", ends_at=NOW + timedelta(hours=1)), alert(3000, "Other"))
    assert run.incidents()[0].condition is Condition.FIRING


def test_deadlines_between_the_lines_page_people():
    run = replayed(alert(0, "Down", ends_at=NOW + timedelta(hours=1)), alert(600, "Other"))
    assert run.summary().pages >= 5  # three of tier 1, tier 2, and the second alert


def test_a_line_out_of_order_is_refused():
    with pytest.raises(BadPayload, match="line 2 is earlier"):
        replayed(alert(5, "Down"), alert(4, "Other"))


def test_nothing_comes_to_nothing():
    counts = replayed().summary()
    assert (counts.alerts, counts.incidents, counts.compression) == (0, 0, 0.0)


def test_a_storm_replays_twice_the_same(tmp_path):
    for name in ("one", "two"):
        run = replayed(*storm(NOW))
        run.write_groups(tmp_path / f"{name}.groups")
        run.write_causes(tmp_path / f"{name}.causes")
    for kind in ("groups", "causes"):
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()


@pytest.mark.parametrize("models", [NO_MODELS, load(None, None, {}).models], ids=["attributes", "shipped"])
def test_the_storm_of_three_causes_is_a_handful_of_incidents(models):
    run = Replay(Wiring(staffed("console", models)))
    run.run(storm(NOW))
    urgent = [i for i in run.incidents() if i.priority == 1 and i.merged_into is None]
    assert len(urgent) == 3
    assert run.summary().compression > 50


def test_a_topology_is_read(tmp_path):
    (tmp_path / "t.csv").write_text("a,b,kind,cluster\nshop,db,calls,east\nweb,shop,calls,\n")
    found = [(edge.a, edge.b, edge.kind, edge.cluster) for edge in read_edges(tmp_path / "t.csv")]
    assert found == [("shop", "db", "calls", "east"), ("web", "shop", "calls", "")]


@pytest.mark.parametrize(
    ("content", "said"), [(b"a,b\n1,2\n", "no column kind"), (b"\xff\xfe", "cannot be read")]
)
def test_a_bad_topology_is_said(tmp_path, content, said):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(BadPayload, match=said):
        read_edges(tmp_path / "t.csv")


def test_what_was_learned_to_follow_what_is_written(tmp_path):
    hours = range(0, 36_000, 3600)
    alarms = [(start + lag, name) for start in hours for lag, name in ((0, "Link"), (20, "Loss"))]
    run = Replay(Wiring(staffed("console")))
    run.run(
        RecordedAlert(
            id=f"{second}",
            time=NOW + timedelta(seconds=second),
            status="firing",
            labels={"alertname": name, "instance": "router-1"},
            ends_at=NOW + timedelta(seconds=second + 300),
        )
        for second, name in alarms
    )
    run.write_relations(tmp_path / "r.csv")
    header, first = rows(tmp_path / "r.csv")[:2]
    assert (header, first[:2], first[3]) == (["src", "dst", "score", "lag_s"], ["Link", "Loss"], "30")
