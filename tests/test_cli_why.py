"""The `incident why` command prints reasons, and why two are not one."""

import json

from typer.testing import CliRunner

from alertmesh import cli
from tests.test_client import Api

REASON = {"feature": "time", "text": "It came 14 s after", "weight": 2.0}
WHY = {
    "series": "s1",
    "name": "CPUHigh",
    "entity": "pod shop/web-0",
    "role": "member",
    "joined_at": "2026-11-23T04:00:00Z",
    "probability": 0.94,
    "threshold": 0.5,
    "log_odds": True,
    "reasons": [REASON],
    "kept_out": ["Without it, no"],
    "rival": {"group": 7, "incident": 3, "probability": 0.31},
}
OPINION = {
    "series": "s1",
    "name": "CPUHigh",
    "group": 7,
    "incident": None,
    "at": "2026-11-23T04:00:00Z",
    "probability": 0.31,
    "threshold": 0.5,
    "for_it": [REASON],
    "against_it": [],
}
APART = {
    "incidents": [42, 43],
    "answer": "ann said so",
    "verdicts": [],
    "facts": ["They share nothing"],
    "then": OPINION,
    "now": None,
}


def run(answer, *words):
    with Api(body=json.dumps(answer).encode()) as api:
        done = CliRunner().invoke(cli.app, ["incident", "why", *words, "--url", api.url])
    return api.asked[0][1], done.output


def test_each_alert_says_why_it_is_in():
    path, output = run({"incident": 42, "why": [WHY]}, "42")
    assert path == "/api/v1/incidents/42/why"
    assert output.splitlines() == [
        "CPUHigh on pod shop/web-0: 94% of 50% needed",
        "  +2.00  It came 14 s after",
        "  * Without it, no",
        "  * next best: #3, 31%",
    ]


def test_two_incidents_say_why_they_are_two():
    path, output = run(APART, "42", "--not", "43")
    assert path == "/api/v1/incidents/42/why-not/43"
    assert output.splitlines() == [
        "#42 and #43 are two. ann said so.",
        "  They share nothing",
        "then (2026-11-23T04:00:00): CPUHigh in group 7 31% of 50% needed",
        "  +2.00  It came 14 s after",
    ]


def test_it_is_printed_as_json():
    assert json.loads(run(APART, "42", "--not", "43", "--json")[1]) == APART
