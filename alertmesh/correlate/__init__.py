"""Judge which series have one cause, and say why."""

from alertmesh.correlate.inhibit import InhibitRule
from alertmesh.correlate.settings import CorrelateSettings
from alertmesh.correlate.stage import CorrelateStage
from alertmesh.correlate.topology import Edge

__all__ = ["CorrelateSettings", "CorrelateStage", "Edge", "InhibitRule"]
