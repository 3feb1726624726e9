"""The recorded streams, replayed whole: the same bytes each time, and every alert accounted for."""

import csv

import pytest

from alertmesh.config import load
from alertmesh.recorded import read_recorded
from alertmesh.replay import Replay, read_edges
from alertmesh.wiring import Wiring
from benchmarks.convert import convert, convert_topology

STREAMS = ("native_boutique", "native_petshop", "native_trainticket")


def replayed(home, name):
    """Replay the stream converted into `home`; return the bytes of its groups and of its causes."""
    run = Replay(Wiring(load(None, None, {}), edges=read_edges(home / "topology.csv")))
    run.run(read_recorded(home / "alerts.jsonl"))
    run.write_groups(home / f"groups-{name}.csv")
    run.write_causes(home / f"causes-{name}.csv")
    return (home / f"groups-{name}.csv").read_bytes(), (home / f"causes-{name}.csv").read_bytes()


@pytest.mark.data
@pytest.mark.parametrize("stream", STREAMS)
def test_a_stream_gives_the_same_answer_twice(recorded, tmp_path, stream):
    alerts = convert(recorded / "microservices" / stream, tmp_path / "alerts.jsonl")
    convert_topology(recorded / "microservices" / stream, tmp_path / "topology.csv")
    first = replayed(tmp_path, "first")
    assert replayed(tmp_path, "second") == first
    rows = list(csv.DictReader(first[0].decode().splitlines()))
    assert len(rows) == alerts
    assert 1 < len({row["incident"] for row in rows}) < alerts
