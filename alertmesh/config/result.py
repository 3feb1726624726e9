"""What a configuration comes to once it was read and found good."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from alertmesh.config.auditor import AuditorConfig
from alertmesh.config.entries import Placed
from alertmesh.config.examples import ExampleEntry
from alertmesh.config.mappings import MappingConfig
from alertmesh.config.models import NO_MODELS, ModelFiles
from alertmesh.config.modules import ModuleConfig
from alertmesh.config.oidc import OidcConfig
from alertmesh.config.zabbix import ZabbixConfig
from alertmesh.core.oncall import OnCall
from alertmesh.core.ports import HttpLimits
from alertmesh.core.texts import TextFile


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """One way to reach people; its settings may be secrets and only `reveal` shows them."""

    name: str
    kind: str
    settings: Mapping[str, SecretStr] = field(default_factory=dict, repr=False)

    def reveal(self) -> dict[str, str]:
        """Return the settings in clear, for the notifier alone."""
        return {name: value.get_secret_value() for name, value in self.settings.items()}


@dataclass(frozen=True, slots=True)
class DoorConfig:
    """One named sender; `lease` None stands for that of its source."""

    name: str
    source: str
    lease: timedelta | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may wait and how much one request may ask for; `section("alerts")` has the rest."""

    queue_entries: int = 50_000
    http: HttpLimits = field(default_factory=HttpLimits)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a configuration was read: the main file if any, the rules directory, and what was set over both.

    `digests` tell the text of each file that was read, by its name: the first 16 digits of its SHA-256.
    """

    file: Path | None
    rules: Path
    overrides: Mapping[str, str] = field(default_factory=dict, repr=False)
    digests: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that was configured; built once, and replaced as a whole.

    `version` changes with any of the files. `section` gives the settings of a stage as plain
    data, because the structs they become belong to the stages. `examples` are those of all rule
    files, each with the place where it was written. `warnings` are what can be used but is likely
    to be regretted, as `file:line:col message`. `messages` are the templates as they
    were read. `oidc` is None where people sign in by password alone. `roster_places` tell where each
    roster was written. `origin` is None for one that was not read from files.
    """

    version: str
    listen: str
    store: str
    external_url: str
    retention_days: int
    limits: Limits
    oncall: OnCall
    doors: Mapping[str, DoorConfig]
    channels: Mapping[str, ChannelConfig]
    sections: Mapping[str, dict[str, Any]] = field(repr=False)
    examples: tuple[Placed[ExampleEntry], ...] = field(default=(), repr=False)
    models: ModelFiles = NO_MODELS
    zabbix: tuple[ZabbixConfig, ...] = ()
    modules: Mapping[str, ModuleConfig] = field(default_factory=dict)
    mappings: tuple[MappingConfig, ...] = ()
    messages: tuple[TextFile, ...] = field(default=(), repr=False)
    auditor: AuditorConfig = field(default_factory=AuditorConfig)
    oidc: OidcConfig | None = None
    warnings: tuple[str, ...] = ()
    roster_places: Mapping[str, str] = field(default_factory=dict, repr=False)
    origin: Origin | None = field(default=None, repr=False)

    @property
    def example_count(self) -> int:
        """Return how many examples there are to be run."""
        return len(self.examples) + sum(len(mapping.examples) for mapping in self.mappings)

    def section(self, name: str) -> dict[str, Any]:
        """Return what was set for a section of the rules, such as `dedup`, or for `alerts`.

        Only what was set is there; the defaults of everything else are the stage's own.
        """
        return deepcopy(self.sections[name])
