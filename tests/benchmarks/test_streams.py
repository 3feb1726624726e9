"""Streams are found by name, and a past one is laid before the present one."""

import gzip
from datetime import timedelta

import pytest

from alertmesh.recorded import read_recorded
from benchmarks.streams import Stream, chosen, lay, lay_after, streams, teacher

ALERTS = """alert_id,t,end,source,name,severity,cluster,group
1,{},{},prometheus,Down,critical,c1,i1
"""
TOPOLOGY = "cluster,a,b,kind\nc1,db,n3,runs_on\n"


@pytest.fixture
def data(tmp_path):
    """Return a data directory with two fleets and attack streams of two compositions."""
    for fleet, second in (("fleet_busy", 1000), ("fleet_calm", 2000)):
        home = tmp_path / "microservices" / fleet
        home.mkdir(parents=True)
        (home / "topology.csv").write_text(TOPOLOGY)
        with gzip.open(home / "alerts.csv.gz", "wt") as out:
            out.write(ALERTS.format(second, second + 60))
    for path in ("original/shaw", "original/wilson", "native/shaw"):
        file = tmp_path / "ait_ads" / f"{path}.csv.gz"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ([], ["microservices/fleet_busy", "microservices/fleet_calm"]),
        (["fleet_calm"], ["microservices/fleet_calm"]),
        (["ait_ads"], ["ait_ads/original/shaw", "ait_ads/original/wilson"]),
        (["ait_ads/native"], ["ait_ads/native/shaw"]),
        (["shaw", "ait_ads/original/shaw"], ["ait_ads/original/shaw"]),
    ],
    ids=["none", "last part", "folder", "set aside but named", "once"],
)
def test_streams_are_asked_for_by_name(data, asked, found):
    assert [stream.name for stream in chosen(streams(data), asked)] == found


def test_an_unknown_stream_is_named(data):
    with pytest.raises(KeyError, match="nowhere"):
        chosen(streams(data), ["nowhere"])


@pytest.mark.parametrize(
    ("name", "before"),
    [("fleet_calm", "fleet_busy"), ("fleet_busy", "fleet_calm"), ("original/shaw", "wilson")],
)
def test_one_learns_from_another_of_the_same_kind(data, name, before):
    [stream] = [stream for stream in streams(data) if stream.name.endswith(name)]
    assert teacher(stream, streams(data)).name.rpartition("/")[2] == before


def test_a_stream_without_kin_has_no_teacher(data):
    [alone] = [stream for stream in streams(data) if "native" in stream.name]
    assert teacher(alone, streams(data)) is None


def test_the_past_ends_before_the_present_begins(data, tmp_path):
    homes = [tmp_path / name for name in ("past", "present", "both")]
    for home in homes:
        home.mkdir()
    found: list[Stream] = chosen(streams(data), [])
    both = lay_after(lay(found[1], homes[0]), lay(found[0], homes[1]), homes[2])
    past, present = read_recorded(both.alerts)
    assert (past.id, present.id) == ("past-1", "1")
    assert present.time - past.time == timedelta(weeks=1) - timedelta(seconds=1000)
    assert past.ends_at - past.time == timedelta(seconds=60)
    assert both.topology.read_text().splitlines() == ["a,b,kind,cluster", *["db,n3,runs_on,c1"] * 2]
