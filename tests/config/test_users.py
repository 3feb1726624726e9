"""How people are reached, as written."""

from datetime import timedelta
from pathlib import Path

import pytest

from alertmesh.config import load
from alertmesh.core.alert import Priority
from alertmesh.core.errors import BadConfig
from alertmesh.core.oncall import Reach
from alertmesh.escalate.outbound import ways_to

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
    ("priority", "way"),
    [(Priority.P1, "sms"), (Priority.P2, "sms"), (Priority.P3, "group"), (Priority.P4, "group")],
)
def test_what_is_worse_than_all_in_reach_goes_by_the_channels(tmp_path: Path, priority, way) -> None:
    user = loaded(tmp_path, "      P3: [{after: 0s, channels: [group]}]\n    channels: [sms]\n")
    assert ways_to(user, priority) == (Reach(timedelta(), (way,)),)


def test_a_p1_in_reach_goes_by_that_and_not_by_the_channels(tmp_path: Path) -> None:
    user = loaded(tmp_path, P1 + "    channels: [sms]\n")
    assert ways_to(user, Priority.P1)[0].channels == ("group",)


def test_without_channels_the_loudest_go_by_the_nearest_milder_way(tmp_path: Path) -> None:
    user = loaded(tmp_path, "      P3: [{after: 0s, channels: [group]}, {after: 3m, channels: [sms]}]\n")
    assert [way.channels for way in ways_to(user, Priority.P1)] == [("group",), ("sms",)]


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
