import re
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from alertmesh.console import (
    deliveries,
    digest,
    feedback,
    problems,
    silences,
    sources,
    topology,
    views,
    why,
)
from alertmesh.core.contact import HeartbeatStatus, SourceStatus
from alertmesh.core.delivery import ChannelStatus
from alertmesh.core.incident import Recurrence, Similar
from alertmesh.desks import evidence_changes
from alertmesh.notify.preview import Preview
from tests.console.fakes import a_response, an_alert, an_incident

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
SHAPES = {
    "Incident": views.IncidentView,
    "Cause": views.CauseView,
    "Together": views.TogetherView,
    "Similar": Similar,
    "Recurrence": Recurrence,
    "Member": views.MemberView,
    "Line": views.LineView,
    "Attempt": views.AttemptView,
    "Sent": deliveries.SentView,
    "Channel": ChannelStatus,
    "Preview": Preview,
    "Alert": views.AlertView,
    "Heartbeat": HeartbeatStatus,
    "Source": SourceStatus,
    "Kind": sources.Kind,
    "Trial": sources.Trial,
    "Proposal": digest.ProposalView,
    "Judgement": feedback.JudgementView,
    "Silence": silences.SilenceView,
    "Window": silences.WindowView,
    "Edge": topology.EdgeView,
    "Change": evidence_changes.ChangeView,
    "Why": why.WhyView,
    "Opinion": why.OpinionView,
    "Apart": why.ApartView,
    "Problem": problems.Problem,
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_document_has_every_field_and_no_other(name: str) -> None:
    section = PAGE.split(f"\n## {name}\n")[1].split("\n## ")[0].split("| kind |")[0]
    shape: type[Struct] = SHAPES[name]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(shape.__struct_fields__)


def test_the_document_has_every_kind_of_problem() -> None:
    told = set(re.findall(r"`([a-z-]+)`", PAGE.split("| kind |")[1]))
    sources = "".join(path.read_text() for path in (ROOT / "alertmesh" / "console").glob("*.py"))
    raised = set(re.findall(r'(?:efused|_unauthorized|problem)\((?:\w+\.)?\w+, "([a-z-]+)"', sources))
    assert raised - told == set()


def test_no_field_is_left_out() -> None:
    shown = msgspec.to_builtins(views.show_incident(an_incident(1), None))
    assert set(shown) == set(views.IncidentView.__struct_fields__)


def test_an_incident_shows_its_response() -> None:
    shown = views.show_incident(an_incident(1), a_response(1, owner="ann"))
    assert (shown.owner, shown.tier, shown.policy, shown.paged) == ("ann", "ops", "default", ("ann",))


def test_an_incident_shows_how_often_its_root_came_back() -> None:
    shown = views.show_incident(an_incident(1, recurrence=Recurrence("n1", 4, 30)), None)
    assert msgspec.to_builtins(shown.recurrence) == {"entity": "n1", "times": 4, "days": 30}


def test_an_alert_without_end_fires() -> None:
    assert views.show_alert(an_alert("a"), None).state == "firing"
