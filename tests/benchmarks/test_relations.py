"""The judge of relations counts as the published tables do."""

from datetime import UTC, datetime, timedelta

import pytest

from alertmesh.recorded import RecordedAlert
from benchmarks.relation_scoring import complete, score
from benchmarks.relations import link_devices, read_relations, window_lift

TRUE = {("a", "b"), ("b", "c")}


def alarm(second, kind, device="1"):
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    labels = {"alertname": kind, "instance": f"device-{device}"}
    return RecordedAlert(id=f"{kind}{second}", time=moment, status="firing", labels=labels)


@pytest.mark.parametrize(
    ("found", "f1", "skeleton"),
    [
        ({("a", "b"): 1, ("b", "c"): 1}, 1.0, 1.0),
        ({("b", "a"): 1, ("c", "b"): 1}, 0.0, 1.0),
        ({("a", "b"): 1, ("b", "a"): 1}, 0.5, 2 / 3),
        ({("a", "a"): 1}, 0.0, 0.0),
        ({}, 0.0, 0.0),
    ],
    ids=["all", "turned round", "one, both ways", "of itself", "none"],
)
def test_f1_with_and_without_directions(found, f1, skeleton):
    scores = score(found, TRUE)
    assert (scores.f1, scores.skeleton_f1) == pytest.approx((f1, skeleton))


def test_average_precision_goes_by_how_sure_each_is():
    assert score(
        {("a", "b"): 0.9, ("c", "a"): 0.5, ("b", "c"): 0.1}, TRUE
    ).average_precision == pytest.approx(5 / 6)


def test_the_complete_graph_finds_everything():
    scores = score(complete("abc"), TRUE)
    assert (scores.named, scores.recall, scores.precision) == (6, 1.0, pytest.approx(1 / 3))


def test_the_counter_takes_what_comes_within_a_minute_on_the_same_device():
    alarms = [alarm(0, "a"), alarm(30, "b"), alarm(40, "c", "2"), alarm(61, "d")]
    assert set(window_lift(alarms)) == {("a", "b"), ("b", "d")}


def test_links_and_relations_are_written_and_read(tmp_path):
    (tmp_path / "links.csv").write_text("a,b\n0,204\n")
    link_devices(tmp_path / "links.csv", tmp_path / "topology.csv")
    assert (tmp_path / "topology.csv").read_text() == "a,b,kind\ndevice-0,device-204,linked\n"
    (tmp_path / "relations.csv").write_text("src,dst,score,lag_s\na,b,0.5,10\n")
    assert read_relations(tmp_path / "relations.csv") == {("a", "b"): 0.5}
