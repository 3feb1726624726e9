"""Give the form of every file as JSON Schema, for editors."""

from typing import Any

from pydantic import BaseModel

from alertmesh.config.mainfile import ChannelFile, MainFile, RosterFile
from alertmesh.config.rulefiles import (
    CorrelateFile,
    DedupFile,
    IncidentsFile,
    InhibitList,
    PolicyFile,
    PriorityFile,
)

_MODELS: dict[str, type[BaseModel]] = {
    "alertmesh": MainFile,
    "channels": ChannelFile,
    "correlate": CorrelateFile,
    "dedup": DedupFile,
    "incidents": IncidentsFile,
    "inhibit": InhibitList,
    "policies": PolicyFile,
    "priority": PriorityFile,
    "rosters": RosterFile,
}


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of `alertmesh.yaml` and of the files of each rules directory, by name."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {name: dialect | model.model_json_schema() for name, model in _MODELS.items()}
