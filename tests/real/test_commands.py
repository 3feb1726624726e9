"""The commands against one running server: tokens come and go, incidents are worked, signals are heeded."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.real.alertmesh import AlertMesh, configure
from tests.real.local import wait_until

NOBODY = "http://127.0.0.1:9"  # nothing is paged here: the robot is never reached
ALERT = {"labels": {"alertname": "NodeDown", "severity": "critical", "cluster": "east", "node": "n1"}}


class Command:
    """Run commands beside a server, in a directory of their own."""

    def __init__(self, config, url):
        self.config = config
        self._url = url

    def __call__(self, *words, token=""):
        return subprocess.run(
            [sys.executable, "-m", "alertmesh", *map(str, words)],
            env=os.environ | {"ALERTMESH_URL": self._url, "ALERTMESH_TOKEN": token},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def json(self, *words, **how):
        done = self(*words, "--json", **how)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def mesh(tmp_path_factory):
    """Return a running server with one incident."""
    home = tmp_path_factory.mktemp("commands")
    config = configure(home, NOBODY)
    policy = home / "rules" / "policies" / "quick.yaml"  # tier 1 keeps it, however slow the commands are
    policy.write_text(policy.read_text().replace("to_rnd_after: 12s", "to_rnd_after: null"))
    with AlertMesh(config) as running:
        assert running.post("/api/v2/alerts", json.dumps([ALERT]).encode()) == 200
        wait_until("the incident", 20, running.incidents)
        yield running


@pytest.fixture(scope="module")
def command(mesh):
    """Return what runs a command against the server."""
    return Command(mesh._config, mesh.url)


def test_incidents_are_listed(command):
    assert command("incident", "list").stdout.startswith("#1")
    assert [i["id"] for i in command.json("incident", "list", "--priority", "P1")["incidents"]] == [1]
    assert command.json("incident", "list", "--state", "closed")["incidents"] == []


def test_an_incident_is_shown_with_its_timeline(command):
    assert command("incident", "show", "1").stdout.startswith("#1 P1 NodeDown on n1")
    assert command.json("incident", "show", "1")["timeline"]


def test_a_root_that_somebody_named_is_shown_first(command):
    assert command("incident", "root", "1", "--entity", "tor-3").returncode == 0
    assert "likely tor-3 (100%): local said so" in command("incident", "show", "1").stdout


def test_alerts_are_listed(command):
    assert "alertname=NodeDown" in command("alert", "list", "--filter", 'cluster="east"').stdout
    assert command.json("alert", "list", "--filter", 'cluster="west"')["alerts"] == []


def test_an_incident_is_worked_from_ack_to_resolve(command):
    assert command("incident", "ack", "1").stdout.startswith("#1 is t1_acked, owner ")
    for words in (("note", "1", "seen"), ("snooze", "1", "10"), ("ack", "1"), ("escalate", "1")):
        done = command("incident", *words)
        assert done.returncode == 0, done.stderr
    assert "#1 is resolved" in command("incident", "resolve", "1", "--text", "a cable").stdout
    said = [line["text"] for line in command.json("incident", "show", "1")["timeline"]]
    assert any("a cable" in line for line in said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "99"), "99"),
        (("ack", "1", "--epoch", "0"), "HTTP 409"),
        (("merge", "1", "99"), "HTTP 422"),
        (("split", "1", "nothing"), "HTTP 422"),
        (("move", "1", "nothing", "--into", "99"), "HTTP 422"),
        (("root", "1"), "HTTP 422"),
        (("unrelated", "1", "--other", "99"), "HTTP 422"),
        (("snooze", "1", "0"), "HTTP 422"),
    ],
    ids=lambda part: part[0] if isinstance(part, tuple) else "",
)
def test_what_the_server_refuses_is_said_in_one_line(command, words, said):
    done = command("incident", *words)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert said in done.stderr


def test_tokens_are_made_and_revoked_while_the_server_runs(mesh, command):
    config = ("--config", mesh._config)
    token = command("token", "create", "ops", "--scope", "admin", *config).stdout.strip()
    assert [item["name"] for item in command.json("token", "list", *config)] == ["ops"]
    wait_until("the token to count", 20, lambda: command("incident", "list").returncode == 1)
    assert "ALERTMESH_TOKEN" in command("incident", "list").stderr
    assert command("incident", "list", token=token).returncode == 0
    assert command("token", "revoke", "ops", *config).returncode == 0
    assert command("token", "revoke", "ops", *config).returncode == 1
    wait_until("the token to be gone", 20, lambda: command("incident", "list").returncode == 0)


def test_hup_reloads_and_keeps_the_old_set_when_the_new_one_is_bad(mesh):
    good = mesh._config.read_text()
    mesh._process.send_signal(signal.SIGHUP)
    wait_until("a reload", 20, lambda: "event=reloaded" in mesh.log())
    mesh._config.write_text("listen: nowhere")
    mesh._process.send_signal(signal.SIGHUP)
    wait_until("a refusal", 20, lambda: "event=reload_refused" in mesh.log())
    mesh._config.write_text(good)
    assert mesh.get("/api/v1/status")["ready"]


def test_a_second_server_on_the_same_store_says_so(command):
    done = command("serve", "--config", command.config, "--listen", "127.0.0.1:0")
    assert done.returncode == 1
    assert "in use" in done.stderr.splitlines()[-1]


def test_a_terminated_server_leaves_with_0(tmp_path):
    mesh = AlertMesh(configure(tmp_path, NOBODY))
    mesh.start()
    assert mesh.stop(signal.SIGTERM) == 0
    assert "event=stopped undecided=0" in mesh.log()
