"""Make incidents of groups, and keep their facts and history."""

from alertmesh.incidents.book import IncidentFeed
from alertmesh.incidents.settings import IncidentSettings
from alertmesh.incidents.stage import IncidentStage

__all__ = ["IncidentFeed", "IncidentSettings", "IncidentStage"]
