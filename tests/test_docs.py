"""The documents tell of everything there is, and of nothing else."""

import re
import shlex
import tomllib
import typing
from types import SimpleNamespace

import pytest

from alertmesh.config import (
    aliases,
    calendars,
    mainfile,
    maintenance,
    mappings,
    rulefiles,
    runbooks,
    topologyrules,
)
from alertmesh.console.app import build_app
from alertmesh.core.entries import Action, LogEntry
from alertmesh.core.group import Role
from alertmesh.core.incident import IncidentEventKind
from alertmesh.core.page import PageKind
from alertmesh.core.ports import HttpLimits
from alertmesh.core.response import State, Timer
from alertmesh.core.series import ChangeKind
from alertmesh.escalate.machine import STALE
from alertmesh.metrics import Metrics
from tests.reference import DOCS, SECTIONS, commands, section, settings
from tests.source import ROOT, modules, rule_ids, timeline_kinds

PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "benchmarks").glob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"```bash\n(.*?)```", re.DOTALL)
WORDS = [*ChangeKind, *Role, *Action, *IncidentEventKind, *PageKind]
FILES = {
    "alertmesh.yaml": mainfile.MainFile,
    "rules/calendars": calendars.CalendarsFile,
    "rules/correlate": rulefiles.CorrelateFile,
    "rules/dedup": rulefiles.DedupFile,
    "rules/incidents": rulefiles.IncidentsFile,
    "rules/inhibit": rulefiles.InhibitEntry,
    "rules/maintenance": maintenance.WindowEntry,
    "rules/mappings": mappings.MappingFile,
    "rules/aliases": aliases.AliasesFile,
    "rules/policies": rulefiles.PolicyEntry,
    "rules/priority": rulefiles.PriorityFile,
    "rules/runbooks": runbooks.RunbooksFile,
    "rules/services": topologyrules.ServicesFile,
}
KEYS = [(file, key) for file, model in FILES.items() for key in sorted(settings(model))]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def entry_point_groups() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return set(project["entry-points"])


def calls(page: str) -> list[list[str]]:
    """Return the `alertmesh` commands that a page shows, as typed words."""
    lines = "\n".join(FENCE.findall(page)).replace("\\\n", " ").splitlines()
    typed = [shlex.split(line, comments=True) for line in lines]
    return [words[words.index("alertmesh") + 1 :] for words in typed if "alertmesh" in words]


def is_known(words: list[str]) -> bool:
    """Tell whether a call names a command and only options that it has."""
    names = [name for name in commands() if words[: len(name.split())] == name.split()]
    if not names:
        return words[:1] == ["--help"]
    known = {option for item in commands()[names[0]].params for option in item.opts} | {"--help"}
    return {word.partition("=")[0] for word in words if word.startswith("-")} <= known


def routes() -> list[str]:
    """Return every path that is answered, with its method."""
    app = build_app(SimpleNamespace(limits=HttpLimits()), Metrics())
    found = {f"{route.method} {route.resource.canonical}" for route in app.router.routes()}
    return sorted(line for line in found if not line.startswith("HEAD"))


@pytest.mark.parametrize("name", SECTIONS)
def test_a_table_is_as_the_program_has_it(name):
    pages = {page.name: found for page in DOCS.glob("*.md") if (found := section(page.read_text(), name))}
    assert list(pages.values()) == [SECTIONS[name]()], "write it anew: python -m tests.reference"


@pytest.mark.parametrize("group", sorted(entry_point_groups()))
def test_an_entry_point_group_is_explained(group):
    assert f"| `{group}` |" in text("path.md")


@pytest.mark.parametrize(("file", "key"), KEYS)
def test_a_setting_is_explained(file, key):
    part = text("configuration.md").partition(f"\n## {file}\n")[2].partition("\n## ")[0]
    assert f"\n| `{key}` |" in part


@pytest.mark.parametrize("route", routes())
def test_a_path_is_explained(route):
    assert f"\n| `{route}` |" in text("http.md")


@pytest.mark.parametrize("kind", typing.get_args(LogEntry), ids=lambda kind: kind.__name__)
def test_a_log_entry_is_explained(kind):
    assert f"| `{kind.__struct_config__.tag}` |" in text("path.md")


@pytest.mark.parametrize("word", WORDS, ids=lambda word: f"{type(word).__name__}.{word}")
def test_a_word_is_explained(word):
    assert re.search(rf"^\|[^|]*`{word}`[^|]*\|", text("words.md"), re.MULTILINE)


@pytest.mark.parametrize("word", [*State, *Timer], ids=lambda word: f"{type(word).__name__}.{word}")
def test_a_state_and_a_deadline_is_explained(word):
    assert f"\n| `{word}` |" in text("escalation.md")


@pytest.mark.parametrize("kind", sorted(timeline_kinds(modules())))
def test_a_timeline_line_is_explained(kind):
    lines = text("words.md").partition("## Lines of a timeline")[2].partition("\n## ")[0]
    assert f"\n| `{kind}` |" in lines


@pytest.mark.parametrize("rule", sorted(rule_ids(modules())))
def test_a_rule_is_explained(rule):
    assert any(f"\n| `{rule}` |" in page.read_text(encoding="utf-8") for page in DOCS.glob("*.md"))


def test_the_stale_rule_is_explained():
    assert f"`{STALE}`" in text("escalation.md")


@each_page
def test_links_lead_somewhere(page):
    targets = [link.partition("#")[0] for link in LINK.findall(page.read_text()) if ":" not in link]
    assert [target for target in targets if target and not (page.parent / target).exists()] == []


@each_page
def test_examples_are_real_commands(page):
    assert [words for words in calls(page.read_text()) if not is_known(words)] == []


@each_page
def test_the_index_knows_the_page(page):
    assert DOCS not in page.parents or page.name == "index.md" or f"{page.name})" in text("index.md")


@pytest.mark.parametrize(
    "line", ["alertmesh serve --colour red", "alertmesh paint", "sudo alertmesh incident vanish 42"]
)
def test_an_example_that_is_none_is_found(line):
    [words] = calls(f"```bash\n{line}\n```")
    assert not is_known(words)
