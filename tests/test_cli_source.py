"""The `source` commands print how sources stand and what became of a trial."""

import json
from pathlib import Path

from typer.testing import CliRunner

from alertmesh import cli
from tests.test_client import Api

HEARD = {
    "name": "c1",
    "source": "prometheus",
    "last_seen": "2026-11-23T04:00:00Z",
    "requests": 9,
    "alerts": 40,
    "rejected": 1,
    "unreadable": 2,
    "usual_gap_s": 60.0,
    "skew_s": 1.25,
    "silent_since": "2026-11-23T04:00:00Z",
    "requests_per_minute": 1.0,
    "alerts_per_minute": 4.0,
}
KINDS = [
    {"name": "grafana", "mapped": True, "forms": False, "lease_s": 1, "sample": True},
    {"name": "prometheus", "mapped": False, "forms": False, "lease_s": 1, "sample": True},
]
ALERT = {
    "index": 0,
    "status": "firing",
    "changes": True,
    "fingerprint": "f" * 16,
    "priority": "P1",
    "entity": "host web-01",
    "labels": {"alertname": "Disk"},
    "annotations": {"summary": "full"},
    "starts_at": "2026-11-23T04:00:00+00:00",
    "ends_at": None,
    "url": "",
}
TRIAL = {"accepted": 1, "changed": 1, "rejected": [], "alerts": [ALERT], "sample": False, "sent": ""}


def run(answer, *words):
    with Api(body=json.dumps(answer).encode()) as api:
        result = CliRunner().invoke(cli.app, ["source", *words, "--url", api.url])
    return result, api.asked


def test_sources_are_listed_with_those_never_heard():
    result, _ = run({"sources": [HEARD], "kinds": KINDS, "unknown_words": []}, "list")
    _, first, second = result.stdout.splitlines()
    assert first.split() == [
        *("prometheus/c1", "2026-11-23T04:00:00", "4.0", "3", "1.2", "s"),
        *("silent", "since", "2026-11-23T04:00:00"),
    ]
    assert second.split() == ["grafana", "never", "mapping"]


def test_unknown_severity_words_are_named():
    words = [{"word": "odd", "alerts": 7}, {"word": "odder", "alerts": 1}]
    result, _ = run({"sources": [], "kinds": [], "unknown_words": words}, "list")
    assert result.stdout.endswith("rules/priority.yaml: odd (7), odder (1)\n")


def test_a_body_of_a_file_is_tried(tmp_path: Path):
    body = tmp_path / "body.json"
    body.write_bytes(b"a=b")
    result, [(method, path, _, sent)] = run(TRIAL, "test", "grafana", "--file", str(body), "--from", "c1")
    assert (method, path, sent) == ("POST", "/api/v1/sources/grafana/test?from=c1", b"a=b")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "the body: 1 accepted, 1 of them news",
        "firing   P1 host web-01  ffffffffffffffff",
        "  label alertname = Disk",
        "  annotation summary = full",
        "  from 2026-11-23T04:00:00 to open",
    ]


def test_what_is_refused_is_told_and_fails():
    refused = [{"index": 3, "error": "state: 'odd' says neither firing nor resolved"}]
    result, _ = run(TRIAL | {"rejected": refused}, "test", "grafana")
    assert result.exit_code == 1
    assert "refused  #3: state: 'odd' says neither" in result.stdout


def test_an_alert_can_be_sent():
    result, [(_, path, _, body)] = run(TRIAL | {"sent": "a" * 16, "sample": True}, "test", "own", "--send")
    assert (path, body) == ("/api/v1/sources/own/test?send=true", b"")
    assert "sent     AlertMeshTest, P4, over in a minute: alert aaaaaaaaaaaaaaaa" in result.stdout


def test_an_empty_file_is_refused(tmp_path: Path):
    (tmp_path / "empty").touch()
    result, asked = run(TRIAL, "test", "grafana", "--file", str(tmp_path / "empty"))
    assert (result.exit_code, asked) == (1, [])


def test_json_is_printed_as_it_came():
    result, _ = run(TRIAL, "test", "grafana", "--json")
    assert json.loads(result.stdout) == TRIAL
