"""Two teams of three under the shipped rules, all reached by one channel."""

from dataclasses import replace

from alertmesh.config import Config, load
from alertmesh.core.oncall import OnCall, Roster, User

NAMES = ("wang", "chen", "zhao", "li", "sun", "qian")
_OPS = Roster(name="ops", members=("wang", "chen"), lead="zhao")
_RND = Roster(name="rnd", members=("li", "sun"), lead="qian")


def staffed(channel: str) -> Config:
    """Return the shipped configuration with six people whom `channel` reaches."""
    shipped = load(None, None, {})
    users = {name: User(name=name, channels=(channel,)) for name in NAMES}
    rosters = {"ops": _OPS, "rnd": _RND}
    return replace(shipped, oncall=OnCall(users=users, rosters=rosters, policies=shipped.oncall.policies))
