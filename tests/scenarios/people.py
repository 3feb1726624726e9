"""Two teams of three under the shipped rules, all reached by one channel."""

from dataclasses import replace

from alertmesh.config import Config, load
from alertmesh.config.models import NO_MODELS, ModelFiles
from alertmesh.core.oncall import OnCall, User, single

NAMES = ("wang", "chen", "zhao", "li", "sun", "qian")
_OPS = single("ops", "wang", "chen", lead="zhao")
_RND = single("rnd", "li", "sun", lead="qian")


def staffed(channel: str, models: ModelFiles = NO_MODELS) -> Config:
    """Return the shipped configuration with six people whom `channel` reaches.

    What belongs together is told by shared attributes alone, unless `models` are given: most tests are
    about what becomes of incidents, and want to make them.
    """
    shipped = replace(load(None, None, {}), models=models)
    users = {name: User(name=name, channels=(channel,)) for name in NAMES}
    rosters = {"ops": _OPS, "rnd": _RND}
    return replace(shipped, oncall=OnCall(users=users, rosters=rosters, policies=shipped.oncall.policies))
