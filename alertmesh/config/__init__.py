"""Read `alertmesh.yaml` and the rules directory, and say everything that is wrong with them."""

from alertmesh.config.folder import default_rules_dir
from alertmesh.config.loading import load
from alertmesh.config.result import ChannelConfig, Config, DoorConfig, Limits, Origin
from alertmesh.config.schema import schemas

__all__ = [
    "ChannelConfig",
    "Config",
    "DoorConfig",
    "Limits",
    "Origin",
    "default_rules_dir",
    "load",
    "schemas",
]
