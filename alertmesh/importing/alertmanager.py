"""Turn an `alertmanager.yml` into rule files."""

from typing import Any

import yaml
from msgspec import Struct

from alertmesh.config.document import Document
from alertmesh.core.errors import BadConfig
from alertmesh.importing.matching import conditions, written
from alertmesh.importing.policies import policies, rosters
from alertmesh.importing.reading import Part, Remark, Report
from alertmesh.importing.receivers import Receivers
from alertmesh.importing.routes import Route, every, outcomes, read_route
from alertmesh.importing.timetables import Timetables

_TOP = (
    "global",
    "inhibit_rules",
    "mute_time_intervals",
    "receivers",
    "route",
    "templates",
    "time_intervals",
)
_ROUTE = (
    "active_time_intervals",
    "continue",
    "group_by",
    "group_interval",
    "group_wait",
    "match",
    "match_re",
    "matchers",
    "mute_time_intervals",
    "receiver",
    "repeat_interval",
    "routes",
)
_SIDES = ("match", "match_re", "matchers")
_INHIBIT = ("equal", "name", *(f"{side}_{form}" for side in ("source", "target") for form in _SIDES))
_ANY = 'alertname=~".*"'  # of a rule without conditions, which Alertmanager takes to mean every alert
_ON_DUTY = "# One roster and one person a receiver; put the people in who have duty, and their turns.\n"
_ORDER = (
    "# The first policy whose matchers accept the labels that all alerts of an incident share is used.\n"
    "# Alertmanager has one tier: name the developers as `rnd_roster` and set `to_rnd_after`.\n"
)


class Imported(Struct, frozen=True):
    """What became of a configuration: texts of files by their path, secrets likewise, and what to know."""

    files: dict[str, str]
    secrets: dict[str, str]
    remarks: list[Remark]

    @property
    def left(self) -> int:
        """Return how many things were not carried over."""
        return sum(remark.left for remark in self.remarks)


def convert(document: Document) -> Imported:
    """Return rule files that do what an Alertmanager's configuration did, as far as that goes.

    Raises BadConfig for what Alertmanager would not take either.
    """
    if document.problems:
        raise BadConfig(document.problems)
    root, report = Part(document, document.data), Report()
    top = root.get("route")
    if top is None:
        raise BadConfig([f"{document.name}:1:1 there is no `route`; is this an alertmanager.yml?"])
    for key, part in root.others(_TOP):
        report.left(part, f"{key} is not known")
    _global(root, report)
    receivers = Receivers(report)
    for part in root.each("receivers"):
        receivers.read(part)
    tree = read_route(top)
    _routes(tree, receivers, report)
    made = policies(outcomes(tree), receivers.channels.people)
    files = {
        "channels": _file("", channels=receivers.channels.entries),
        "rosters": _file(_ON_DUTY, users=receivers.channels.users, rosters=rosters(made)),
        "policies": _file(_ORDER, policies=made),
        "inhibit": _file("", rules=_inhibit(root, report)),
        "maintenance": _file("", windows=Timetables(root, report).windows(tree)),
    }
    return Imported(
        {f"rules/{name}/alertmanager.yaml": text for name, text in files.items()},
        {f"rules/channels/{name}": text for name, text in receivers.channels.secrets.items()},
        report.remarks(),
    )


def _file(words: str, **content: list[dict[str, Any]]) -> str:
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
    return f"# Made by `alertmesh import`.\n{words}{text}"


def _global(root: Part, report: Report) -> None:
    part = root.get("global")
    for key, below in part.pairs() if part is not None else ():
        if key == "resolve_timeout":
            report.note(below, "resolve_timeout: the `lease` of a source in alertmesh.yaml, 5m unless set")
        else:
            report.left(below, f"global {key} has no counterpart")
    templates = root.get("templates")
    if templates is not None and templates.items():
        report.left(templates, "templates: messages have a form of their own; see docs/notify.md")


def _routes(tree: Route, receivers: Receivers, report: Report) -> None:
    """Say what of the routes is done in another way, and find those without a receiver."""
    for route in every(tree):
        for key, part in route.part.others(_ROUTE):
            report.left(part, f"{key} is not known")
        grouped, interval = route.part.get("group_by"), route.part.get("group_interval")
        if grouped is not None:
            report.note(grouped, "group_by: what has one cause becomes one incident, by more than labels")
        if route.goes_on:
            text = "continue: one page goes to the receivers of this route and of those after it that match"
            report.note(route.part.get("continue") or route.part, text)
        if interval is not None:
            report.note(interval, "group_interval: news of an incident is told when it comes")
        if route.receiver not in receivers.channels.people:
            named = route.part.get("receiver") or route.part
            text = f"there is no receiver {route.receiver!r}: its pages are printed by the channel console"
            report.left(named, text)
            receivers.put(route.receiver, [])


def _inhibit(root: Part, report: Report) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    for number, part in enumerate(root.each("inhibit_rules"), 1):
        for key, below in part.others(_INHIBIT):
            report.left(below, f"{key} is not known")
        equal = [item.word() for item in part.each("equal")]
        report.note(
            part,
            "holds only within one cluster, and between alerts that have every label of `equal`"
            if equal
            else "holds only within one cluster",
        )
        rules.append(
            {
                "id": f"alertmanager-{number}",
                "source": written(conditions(part, "source_")) or _ANY,
                "target": written(conditions(part, "target_")) or _ANY,
                "equal": equal,
            }
        )
    return rules
