"""How people are reached, as written."""

from datetime import timedelta
from pathlib import Path

import pytest

from alertmesh.config import load
from alertmesh.core.alert import Priority
from alertmesh.core.errors import BadConfig
from alertmesh.core.oncall import Reach

CHANNELS = "channels: [{name: group, kind: stdout}, {name: sms, kind: stdout}]\n"
ROSTERS = "rosters: [{name: ops, members: [wang]}, {name: rnd, members: [wang]}]\n"
USER = "users:\n  - name: wang\n    reach:\n"
P1 = "      P1: [{after: 0s, channels: [group]}, {after: 3m, channels: [sms]}]\n"


def loaded(folder: Path, user: str):
    path = folder / "alertmesh.yaml"
    path.write_text(CHANNELS + ROSTERS + USER + user)
    return load(path, None, {}).oncall.users["wang"]


def test_ways_have_their_times(tmp_path: Path) -> None:
    ways = (Reach(timedelta(), ("group",)), Reach(timedelta(minutes=3), ("sms",)))
    assert loaded(tmp_path, P1).reach == {Priority.P1: ways}


def test_the_mildest_priority_stands_for_the_channels(tmp_path: Path) -> None:
    user = loaded(tmp_path, P1 + "      P3: [{after: 0s, channels: [group]}]\n")
    assert user.channels == ("group",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(P1.replace("[sms]", "[smss]"), ":6:67 there is no channel .smss.", id="name"),
        pytest.param(P1.replace("3m", "0s"), ":6:11 users.0.reach.P1: should be in order", id="order"),
        pytest.param(P1.replace("[sms]", "[]"), "at least 1", id="none"),
        pytest.param(P1.replace("P1", "P9"), ":6:", id="priority"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadConfig, match=said):
        loaded(tmp_path, text)
