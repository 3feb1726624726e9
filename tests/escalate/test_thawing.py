"""Responses come back from their rows as they were, whatever they hold."""

import msgspec
import pytest
from msgspec.structs import replace

from alertmesh.core.oncall import Tier
from alertmesh.core.response import Response, State, Timer
from alertmesh.escalate.thawing import Thawing
from tests.escalate.fakes import P2, after, policy, response

FULL = response(
    State.CLEARED,
    P2,
    tier=Tier.RND,
    owner="dan",
    ops_owner="ann",
    back=State.T2_ACKED,
    deadlines={Timer.CLEAR: after(5), Timer.WINDOW: after(9)},
    paused={Timer.LEASE: after(60)},
    paged=("ann", "dan"),
    put_off=(Timer.STEP,),
    merged_into=None,
)


@pytest.mark.parametrize(
    "whole", [response(), FULL, replace(FULL, merged_into=7)], ids=["bare", "full", "merged"]
)
def test_a_response_comes_back_as_it_was(whole):
    assert Thawing()(msgspec.msgpack.encode(whole)) == whole


def test_a_policy_is_held_once_and_another_version_of_it_apart():
    thawing = Thawing()
    bodies = [replace(FULL, incident=n, policy=policy(version=str(n % 2))) for n in range(4)]
    read: list[Response] = [thawing(msgspec.msgpack.encode(one)) for one in bodies]
    assert [one.policy.version for one in read] == ["0", "1", "0", "1"]
    assert len({id(one.policy) for one in read}) == 2


def test_what_is_no_response_is_refused_with_its_field():
    body = msgspec.msgpack.encode({"incident": 1, "state": "odd"})
    with pytest.raises(msgspec.ValidationError, match=r"\$\.state"):
        Thawing()(body)
