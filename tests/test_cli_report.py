"""The `report` and `handover` commands ask the API, and print tables or texts."""

import json

import pytest
from typer.testing import CliRunner

from alertmesh import cli
from tests.test_client import Api

SPAN = {"from": "2026-11-16T00:00:00Z", "to": "2026-11-23T00:00:00Z"}
NONE = {"count": 0, "median": None, "mean": None, "p90": None}
SOME = {"count": 2, "median": 240.0, "mean": 300.0, "p90": 600.0}
FIGURES = {"incidents": 2, "paged": 2, "unacked": 0, "escalated": 1, "to_ack_s": SOME, "to_resolve_s": NONE}
CHANNEL = {
    "channel": "ding", "attempts": 3, "sent": 2, "failed": 1, "waiting": 0, "latency_p50_s": 0.5,
    "latency_p95_s": None,
}  # fmt: skip
ANSWERS = {
    "response": {"by": "team", "total": FIGURES, "parts": [{"key": "pay", "figures": FIGURES}]},
    "load": {"people": [{"person": "wang", "pages": 7, "incidents": 5, "acks": 4, "night_pages": 3,
                         "nights_interrupted": 2}]},
    "noise": {"names": [{"name": "DiskFull", "alerts": 9, "series": 3, "incidents": 2, "paged": 1,
                         "untouched": 1, "owner": {"team": "db"}}]},
    "delivery": {"channels": [CHANNEL], "total": CHANNEL | {"channel": ""}},
    "coverage": {"counts": {"coverage_gap": 1}, "gaps": [{"at": "2026-11-20T03:00:00Z", "incident": 4,
                                                         "priority": "P1", "text": "nobody as primary"}]},
}  # fmt: skip


def run(*words):
    return CliRunner().invoke(cli.app, list(map(str, words)))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("response", "pay 2 2 0 4.0/10.0 min - 1"),
        ("load", "wang 7 5 4 3 2"),
        ("noise", "DiskFull 9 3 2 1 1 db"),
        ("delivery", "ding 3 2 1 0 0.5 s/-"),
        ("coverage", "2026-11-20T03:00:00 #4 P1 nobody as primary"),
    ],
)
def test_a_report_is_a_table(kind, told):
    with Api(body=json.dumps(SPAN | ANSWERS[kind]).encode()) as api:
        done = run("report", kind, "--url", api.url)
    lines = [" ".join(line.split()) for line in done.output.splitlines()]
    assert (lines[0], told in lines) == ("2026-11-16T00:00 to 2026-11-23T00:00 UTC", True)


def test_what_is_asked_is_passed_on():
    with Api(body=json.dumps(SPAN | ANSWERS["response"]).encode()) as api:
        run("report", "--from", SPAN["from"], "--by", "team", "--json", "--url", api.url)
    [(_, path, _, _)] = api.asked
    assert path == "/api/v1/reports/response?from=2026-11-16T00%3A00%3A00Z&by=team"


def test_a_report_that_is_none_is_told():
    assert "a report is one of response" in run("report", "weather").output


def test_the_draft_is_printed_as_text():
    with Api(body=b'{"text":"ops: the shift of wang\\n"}') as api:
        done = run("handover", "show", "ops", "--url", api.url)
    assert (done.output, api.asked[0][1]) == ("ops: the shift of wang\n", "/api/v1/oncall/ops/handover")


def test_notes_may_come_from_a_file(tmp_path):
    (tmp_path / "notes").write_text("watch the disk")
    signed = {"outgoing": "wang", "incoming": "chen", "incidents": [2, 5]}
    with Api(201, json.dumps({"handover": signed}).encode()) as api:
        done = run("handover", "accept", "ops", "--file", tmp_path / "notes", "--url", api.url)
    assert json.loads(api.asked[0][3]) == {"text": "watch the disk", "outgoing": "", "incoming": ""}
    assert done.output == "chen takes over #2, #5 from wang\n"
