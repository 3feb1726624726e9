"""Read everything, say everything that is wrong, or return the configuration."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from alertmesh.config import auditor, oidc
from alertmesh.config.aliases import AliasesFile
from alertmesh.config.calendars import BUILT_IN, CalendarsFile
from alertmesh.config.document import Document, merged
from alertmesh.config.entries import Named, Placed, Shelf
from alertmesh.config.examples import ExamplesFile
from alertmesh.config.folder import RulesFolder, default_rules_dir
from alertmesh.config.mainfile import ChannelFile, LimitsEntry, MainFile, RosterFile
from alertmesh.config.maintenance import MaintenanceFile
from alertmesh.config.mappings import MappingConfig, MappingFile
from alertmesh.config.messages import read_templates
from alertmesh.config.models import read_models
from alertmesh.config.modules import ModuleConfig
from alertmesh.config.people import People
from alertmesh.config.problems import Checked, read_whole, unknown
from alertmesh.config.references import References
from alertmesh.config.result import Config, DoorConfig, Limits, Origin
from alertmesh.config.rulefiles import (
    CorrelateFile,
    DedupFile,
    IncidentsFile,
    InhibitFile,
    PolicyFile,
    PriorityFile,
    given,
)
from alertmesh.config.runbooks import RunbooksFile
from alertmesh.config.teams import roster_problems, roster_warnings
from alertmesh.config.topologyrules import ServicesFile
from alertmesh.config.values import Model
from alertmesh.config.zabbix import ZabbixConfig
from alertmesh.core.alert import Priority
from alertmesh.core.errors import BadConfig
from alertmesh.core.ports import HttpLimits
from alertmesh.core.silence import Window
from alertmesh.core.texts import digest_of

MERGED: dict[str, type[Model]] = {
    "aliases": AliasesFile,
    "correlate": CorrelateFile,
    "dedup": DedupFile,
    "incidents": IncidentsFile,
    "priority": PriorityFile,
}
"""Sections whose files make one whole together."""

_HTTP = frozenset({"alerts_per_request", "body_bytes", "body_s", "page", "scan"})
_WORDLESS = "without `words` every severity word is unknown; copy them from the shipped rules/priority.yaml"
_BUILT_IN_USERS = """
users:
  - {name: operator, display: On-call operator, channels: [console]}
  - {name: developer, display: Developer, channels: [console]}
"""


def load(config_path: Path | None, rules_dir: Path | None, overrides: Mapping[str, str]) -> Config:
    """Return the configuration of a file and a rules directory; either may be left out.

    `overrides` are settings by their path, such as `store` or `correlate.threshold`, as YAML.
    Raises BadConfig with every problem of every file as `file:line:col message`.
    """
    return _Loading(config_path, rules_dir, overrides).config()


class _Loading:
    """One run over all files; problems are collected until the end."""

    def __init__(
        self, config_path: Path | None, rules_dir: Path | None, overrides: Mapping[str, str]
    ) -> None:
        self._documents: list[Document] = []
        self._examples: list[Placed[Any]] = []
        self._problems: list[str] = []
        self._warnings: list[str] = []
        self._path = config_path
        document = _main_document(config_path)
        self._given = overrides
        self._overrides = {tuple(key.split(".")): text for key, text in overrides.items()}
        for path, text in self._overrides.items():
            if path[0] not in MERGED:
                document.put(path, text)
        self._main = self._checked(MainFile, document)
        beside = config_path.parent if config_path else Path()
        named = beside / self._main.content.rules if self._main.content.rules else default_rules_dir()
        self._folder = RulesFolder(rules_dir or named)
        self._problems += self._folder.problems
        self._messages = read_templates(self._folder.path, self._problems)
        self._models = read_models(self._main.content.models, beside, self._problems)

    def config(self) -> Config:
        main = self._main.content
        people = self._people()
        sections = {name: self._section(name) for name in MERGED}
        sections["inhibit"] = {"rules": self._inhibit()}
        sections["alerts"] = _alert_limits(main.limits)
        sections["maintenance"] = {"windows": self._windows()}
        services = self._shelf("service", "services", [self._files("services", ServicesFile)])
        sections["services"] = {"services": [entry.service() for entry in services.entries()]}
        runbooks = self._shelf("runbook", "runbooks", [self._files("runbooks", RunbooksFile)])
        sections["runbooks"] = {"runbooks": [entry.runbook() for entry in runbooks.entries()]}
        self._problems += roster_problems(services, people)
        self._problems += people.problems(_installed("alertmesh.notifiers"))
        mappings = self._mappings()
        doors = self._doors([*_installed("alertmesh.sources"), *(mapping.name for mapping in mappings)])
        zabbix, modules = self._zabbix(), self._modules()
        watching = self._main.document
        if people.users.complete and people.channels.complete:
            names = people.users.names(), people.channels.names()
            self._problems += auditor.problems(main.auditor, watching, *names)
        if main.oidc is not None:
            self._problems += oidc.problems(main.oidc, watching, main.external_url)
            self._warnings += oidc.warnings(main.oidc, watching, main.external_url)
        if self._problems:
            raise BadConfig(list(dict.fromkeys(self._problems)))
        oncall, channels = people.oncall(sections["services"]["services"]), people.channel_configs()
        self._warnings += roster_warnings(services, people.rosters)
        if self._path is not None:
            clear = {name: channel.reveal() for name, channel in channels.items()}
            self._warnings += auditor.warnings(main.auditor, watching, oncall.users, clear)
        return Config(
            version=self._version(),
            listen=main.listen,
            store=main.store,
            external_url=main.external_url,
            retention_days=main.retention_days,
            limits=_limits(main.limits),
            oncall=oncall,
            doors=doors,
            channels=channels,
            sections=sections,
            examples=tuple(self._examples),
            models=self._models,
            zabbix=zabbix,
            modules=modules,
            mappings=tuple(mappings),
            messages=self._messages,
            auditor=main.auditor.config(),
            oidc=main.oidc.config() if main.oidc else None,
            warnings=tuple(self._warnings),
            roster_places={placed.entry.name: placed.place for placed in people.rosters},
            origin=Origin(self._path, self._folder.path, self._given, self._digests()),
        )

    def _rules(self, section: str, secrets: Mapping[str, str] | None = None) -> list[Document]:
        """Return the files of a section without the examples that stand in them."""
        documents = self._folder.documents(section, secrets)
        for document in documents:
            part = document.cut("examples")
            checked = Checked(ExamplesFile, part)
            self._problems += checked.problems
            if self._folder.holds(document):  # shipped examples are about the shipped rules
                found = enumerate(checked.content.examples)
                self._examples += [Placed(entry, part, ("examples", index)) for index, entry in found]
        return documents

    def _checked(self, model: type[Any], document: Document) -> Checked[Any]:
        self._documents.append(document)
        checked = Checked(model, document)
        self._problems += checked.problems
        return checked

    def _files(self, section: str, model: type[Model], secrets: Mapping[str, str] | None = None) -> list[Any]:
        return [self._checked(model, found) for found in self._rules(section, secrets)]

    def _people(self) -> People:
        rosters = self._files("rosters", RosterFile)
        channels = self._files("channels", ChannelFile, os.environ)
        users = self._shelf("user", "users", [rosters, [self._main]])
        if not len(users) and users.complete:
            built_in = Checked(RosterFile, Document.parse("built-in users", _BUILT_IN_USERS))
            users = self._shelf("user", "users", [[built_in]])
        built_in_calendars = Checked(CalendarsFile, Document.parse("built-in calendars", BUILT_IN))
        calendars = [[built_in_calendars], self._files("calendars", CalendarsFile)]
        return People(
            users=users,
            channels=self._shelf("channel", "channels", [channels, [self._main]]),
            rosters=self._shelf("roster", "rosters", [rosters, [self._main]]),
            policies=self._shelf("policy", "policies", [self._files("policies", PolicyFile)]),
            calendars=self._shelf("calendar", "calendars", calendars),
        )

    def _shelf(self, kind: str, key: str, ranks: Iterable[Iterable[Checked[Any]]]) -> Shelf[Any]:
        """Return the entries of all files; those of a later rank stand in for earlier ones."""
        total: Shelf[Named] = Shelf(kind, key)
        for rank in ranks:
            shelf: Shelf[Named] = Shelf(kind, key)
            for checked in rank:
                shelf.add(checked.document, getattr(checked.content, key), self._problems)
                shelf.complete = shelf.complete and key not in checked.broken
            total.overlay(shelf)
        return total

    def _section(self, name: str) -> dict[str, Any]:
        model = MERGED[name]
        documents = self._rules(name)
        overridden = Document("--set", {})
        for path, text in self._overrides.items():
            if path[0] == name:
                overridden.put(path[1:] or ("",), text)
        parts = [self._checked(model, document) for document in (*documents, overridden)]
        if any(part.problems for part in parts):
            return {}
        together = Document(
            documents[-1].name if documents else name, merged([p.document.data for p in parts])
        )
        whole = Checked(model, together)
        self._problems += whole.problems
        settings = given(whole.content)
        if name == "priority" and "words" not in settings:
            self._warnings.append(f"{together.name}:1:1 {_WORDLESS}")
        return _plain(settings)

    def _inhibit(self) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for document in self._rules("inhibit"):
            document.nest("rules")
            checked = self._checked(InhibitFile, document)
            for index, entry in enumerate(checked.content.rules):
                if entry.id in found:
                    place = checked.document.at(("rules", index, "id"))
                    self._problems.append(f"{place} rule {entry.id!r} was given already")
                found[entry.id] = entry.model_dump()
        return list(found.values())

    def _windows(self) -> list[Window]:
        shelf = self._shelf("window", "windows", [self._files("maintenance", MaintenanceFile)])
        return [entry.window() for entry in shelf.entries()]

    def _mappings(self) -> list[MappingConfig]:
        """Return the mappings of all files; one of the rules directory stands in for a shipped one."""
        taken = {*_installed("alertmesh.sources"), "changes"}
        found: dict[str, MappingConfig] = {}
        for documents in self._folder.layers("mappings"):
            rank: dict[str, str] = {}
            for document in documents:
                self._documents.append(document)
                entry, problems = read_whole(MappingFile, document)
                self._problems += problems
                if entry is None:
                    continue
                place = document.at(("name",))
                if entry.name in taken:
                    self._problems.append(f"{place} source {entry.name!r} is there already, as a plugin")
                if entry.name in rank:
                    self._problems.append(
                        f"{place} source {entry.name!r} was given already at {rank[entry.name]}"
                    )
                rank[entry.name] = place
                own = entry.examples if self._folder.holds(document) else ()
                placed = tuple(
                    Placed(example, document, ("examples", index)) for index, example in enumerate(own)
                )
                found[entry.name] = entry.config(placed)
        return list(found.values())

    def _doors(self, sources: list[str]) -> dict[str, DoorConfig]:
        shelf = self._shelf("source", "sources", [[self._main]])
        for placed in shelf:
            if placed.entry.source not in sources:
                self._problems.append(
                    placed.fault(unknown("kind of source", placed.entry.source, sources), "source")
                )
        return {entry.name: DoorConfig(**entry.model_dump()) for entry in shelf.entries()}

    def _zabbix(self) -> tuple[ZabbixConfig, ...]:
        shelf = self._shelf("Zabbix server", "zabbix", [[self._main]])
        return tuple(entry.config() for entry in shelf.entries())

    def _modules(self) -> dict[str, ModuleConfig]:
        shelf = self._shelf("module", "modules", [[self._main]])
        known = _installed("alertmesh.modules")
        for placed in shelf:
            if placed.entry.name not in known:
                self._problems.append(placed.fault(unknown("module", placed.entry.name, known), "name"))
        return {entry.name: entry.config() for entry in shelf.entries()}

    def _digests(self) -> dict[str, str]:
        texts = {document.name: document.text for document in self._documents}
        texts |= {file.path: file.text for file in self._messages}
        return {name: digest_of(text) for name, text in texts.items()}

    def _version(self) -> str:
        digest = hashlib.sha256()
        for document in self._documents:
            digest.update(f"{document.name}\0{document.text}\0".encode())
        digest.update(repr(sorted(self._overrides.items())).encode())
        digest.update(self._models.grouping)
        for file in self._messages:
            digest.update(f"{file.name}\0{file.text}\0".encode())
        return digest.hexdigest()[:12]


def _main_document(path: Path | None) -> Document:
    if path is None:
        return Document("alertmesh.yaml", {})
    return Document.read(path, References(os.environ, path.parent).resolve)


def _installed(group: str) -> list[str]:
    """Return the names of the plugins of a group, without loading any."""
    return sorted({point.name for point in entry_points(group=group)})


def _limits(entry: LimitsEntry) -> Limits:
    http = {name: value for name, value in given(entry).items() if name in _HTTP}
    return Limits(entry.queue_entries, HttpLimits(**http))


def _alert_limits(entry: LimitsEntry) -> dict[str, Any]:
    return {name: value for name, value in given(entry).items() if name not in _HTTP | {"queue_entries"}}


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    """Return a section with priorities as the numbers that they are."""
    if "watch_priorities" in settings:
        settings["watch_priorities"] = [int(Priority[name]) for name in settings["watch_priorities"]]
    for key in ("habit_times", "watch_at_most"):
        if key in settings:
            settings[key] = {int(Priority[name]): value for name, value in settings[key].items()}
    return settings
