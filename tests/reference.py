"""What is read off the program itself: tables of the documents, and the description of its API.

`python -m tests.reference` writes them anew; `tests/test_docs.py` fails when that was forgotten.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import msgspec
from prometheus_client.metrics_core import Metric
from pydantic import BaseModel
from typer.main import get_command

from alertmesh.cli import app
from alertmesh.config import load
from alertmesh.console.app import build_app
from alertmesh.console.openapi import document as described
from alertmesh.core.ports import HttpLimits
from alertmesh.dedup.selfhealsettings import HealEntry, SelfhealSettings
from alertmesh.dedup.wording import exact
from alertmesh.escalate.events import EventKind
from alertmesh.escalate.machine import TABLE
from alertmesh.escalate.table import Refusal, Rule
from alertmesh.metrics import Metrics
from alertmesh.zabbix.gauges import LinksCollector
from tests.source import ROOT

DOCS = ROOT / "docs"
OPENAPI = ROOT / "alertmesh/console/ui/openapi.json"


def commands() -> dict[str, Any]:
    """Return every command that does something, by the words one types after `alertmesh`."""
    return dict(_leaves(get_command(app), ""))


def _leaves(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield path, command
        return
    for name, inner in below.items():
        yield from _leaves(inner, f"{path} {name}".strip())


def command_pages() -> str:
    """Render a section for each command: what it does, an example, its arguments and options."""
    return "\n\n".join(_command(path, command) for path, command in commands().items())


def _command(path: str, command: Any) -> str:
    about, _, example = command.help.partition("Example:")
    parts = [f"## alertmesh {path}", about.strip(), f"```bash\n{example.strip()}\n```"]
    rows = [(_typed(item), item.help or "") for item in command.params if item.name != "help"]
    return "\n\n".join([*parts, _table(("argument or option", "meaning"), rows)] if rows else parts)


def _typed(item: Any) -> str:
    names = item.opts if item.param_type_name == "option" else [item.name.upper()]
    return ", ".join(f"`{name}`" for name in names)


def escalation_rules() -> str:
    """Render every rule of the response machine: on what, in which states, what it does."""
    rows = [
        (f"`{entry.id}`", f"`{kind}`", ", ".join(f"`{state}`" for state in states), entry.does)
        for kind, entry, states in _entries()
        if isinstance(entry, Rule)
    ]
    return _table(("rule", "on", "in", "what it does"), rows)


def escalation_refusals() -> str:
    """Render every named refusal of the response machine, and why."""
    whys = {entry.id: entry.why for _, entry, _ in _entries() if isinstance(entry, Refusal)}
    whys |= {refusal.id: refusal.why for refusal in TABLE.refusals}
    return _table(("refusal", "why"), [(f"`{name}`", whys[name]) for name in sorted(whys)])


def _entries() -> Iterator[tuple[EventKind, Rule | Refusal, list[Any]]]:
    found: dict[tuple[EventKind, str], tuple[Rule | Refusal, list[Any]]] = {}
    for (state, kind), entry in TABLE.pairs.items():
        found.setdefault((kind, entry.id), (entry, []))[1].append(state)
    for (kind, _), (entry, states) in sorted(found.items(), key=lambda item: (item[1][0].id, item[0][0])):
        yield kind, entry, sorted(states)


def settings(model: type[BaseModel]) -> set[str]:
    """Return every key that a configuration model has, and of the models in it."""
    below = [inner for field in model.model_fields.values() for inner in _models_in(field.annotation)]
    return set(model.model_fields).union(*map(settings, below))


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def metric_names() -> str:
    """Render every metric of our own: name, type, labels, meaning."""
    metrics = Metrics()
    metrics.registry.register(LinksCollector(()))
    rows = []
    for collector in list(metrics.registry._collector_to_names):
        for family in collector.collect():
            labels = ", ".join(f"`{label}`" for label in _labels(collector, family))
            name = family.name + ("_total" if family.type == "counter" else "")
            rows.append((f"`{name}`", family.type, labels, family.documentation))
    return _table(("metric", "type", "labels", "meaning"), sorted(rows))


def _labels(collector: Any, family: Metric) -> tuple[str, ...]:
    return getattr(collector, "_labelnames", None) or tuple(getattr(family, "_labelnames", ()))


def heal_table() -> str:
    """Render what Kubernetes does by itself, as the shipped rules have it."""
    section = load(None, None, {}).section("dedup")["selfheal"]
    entries = msgspec.convert(section, SelfhealSettings).table
    rows = [
        (f"`{entry.name}`", f"`{entry.matchers}`", entry.does, entry.heals, _needs(entry))
        for entry in entries
    ]
    return _table(("entry", "alerts", "what Kubernetes does", "heals", "waits at most"), rows)


def _needs(entry: HealEntry) -> str:
    if entry.heals == "yes":
        return exact(entry.needs.total_seconds())
    return "never" if entry.heals == "harms" else "once learned"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in line) + " |"
        for line in lines
    )


SECTIONS = {
    "commands": command_pages,
    "metrics": metric_names,
    "rules": escalation_rules,
    "refusals": escalation_refusals,
    "heal-table": heal_table,
}


def section(text: str, name: str) -> str:
    """Return what stands between the marks of a section; empty when a page has none."""
    found = re.search(_marks(name), text, re.DOTALL)
    return found[2].strip() if found else ""


def _marks(name: str) -> str:
    return rf"(<!-- begin: {name} -->\n)(.*?)(<!-- end: {name} -->)"


def rewrite(page: Path) -> None:
    """Put fresh tables between the marks of a page."""
    text = page.read_text(encoding="utf-8")
    for name, render in SECTIONS.items():
        text = re.sub(
            _marks(name), lambda hit, new=render: f"{hit[1]}\n{new()}\n\n{hit[3]}", text, flags=re.DOTALL
        )
    page.write_text(text, encoding="utf-8")


def openapi() -> str:
    """Return the description of the API as the console's build reads it."""
    app = build_app(SimpleNamespace(limits=HttpLimits()), Metrics())  # type: ignore[arg-type]
    return json.dumps(described(app), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for document in sorted(DOCS.glob("*.md")):
        rewrite(document)
    OPENAPI.write_text(openapi(), encoding="utf-8")
