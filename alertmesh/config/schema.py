"""Give the form of every file as JSON Schema, for editors."""

from datetime import time, timedelta
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

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
from alertmesh.config.runbooks import RunbooksFile
from alertmesh.config.topologyrules import ServicesFile
from alertmesh.config.values import write_duration

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
    "runbooks": with_examples(RunbooksFile),
    "services": with_examples(ServicesFile),
}


class _AsWritten(GenerateJsonSchema):
    """Give defaults in the form in which files have them, and not in that of ISO 8601."""

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, time):
            return f"{dft:%H:%M}"
        return write_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of `alertmesh.yaml` and of the files of each rules directory, by name."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {
        name: dialect | model.model_json_schema(schema_generator=_AsWritten)
        for name, model in _MODELS.items()
    }
