"""Give the form of every file as JSON Schema, for editors."""

from typing import Any

from pydantic import BaseModel

from alertmesh.config.aliases import AliasesFile
from alertmesh.config.calendars import CalendarsFile
from alertmesh.config.examples import with_examples
from alertmesh.config.mainfile import ChannelFile, MainFile, RosterFile
from alertmesh.config.maintenance import MaintenanceFile
from alertmesh.config.mappings import MappingFile
from alertmesh.config.rulefiles import (
    CorrelateFile,
    DedupFile,
    IncidentsFile,
    InhibitList,
    PolicyFile,
    PriorityFile,
)
from alertmesh.config.topologyrules import ServicesFile

_MODELS: dict[str, type[BaseModel]] = {
    "aliases": with_examples(AliasesFile),
    "alertmesh": MainFile,
    "calendars": with_examples(CalendarsFile),
    "channels": with_examples(ChannelFile),
    "correlate": with_examples(CorrelateFile),
    "dedup": with_examples(DedupFile),
    "incidents": with_examples(IncidentsFile),
    "inhibit": InhibitList,
    "maintenance": with_examples(MaintenanceFile),
    "mappings": MappingFile,
    "policies": with_examples(PolicyFile),
    "priority": with_examples(PriorityFile),
    "rosters": with_examples(RosterFile),
    "services": with_examples(ServicesFile),
}


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of `alertmesh.yaml` and of the files of each rules directory, by name."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {name: dialect | model.model_json_schema() for name, model in _MODELS.items()}
