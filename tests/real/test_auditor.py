"""The auditor beside the real server: it hears the server stand still and die, and tells by its own robot."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.real.alertmesh import POLICY, AlertMesh, configure
from tests.real.local import LocalServer, wait_until
from tests.real.standin import StandIn

_BOUNDS = {"every_s": 1, "overdue_s": 3, "unpaged_s": 10, "server_s": 5, "repeat_s": 600, "disk_mb": 1}
_SECOND_STEP = "[{after: 0s, targets: [primary]}, {after: 6s, targets: [lead]}]"
_WRONG, _WELL = "The pager does not work as it should", "The pager works again"


class Beats(LocalServer):
    """Whoever waits for the heartbeat."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def answer(self, method, path, headers, body):
        self.count += 1
        return 200, b"OK"

    def more(self):
        """Return a question: did another one come since?"""
        before = self.count
        return lambda: self.count > before


class Watching:
    """`alertmesh auditor` as a process of its own."""

    def __init__(self, config):
        self._log = config.parent / "auditor.log"
        self._config = config

    def __enter__(self):
        command = [sys.executable, "-m", "alertmesh", "auditor", "--config", str(self._config), "--json"]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(10) == 0, self._log.read_text()[-3000:]

    def checks(self):
        """Return every kind of finding that any look had."""
        looks = [json.loads(line) for line in self._log.read_text().splitlines() if line.startswith("{")]
        return {finding["check"] for look in looks for finding in look["findings"]}


@pytest.fixture
def scene(tmp_path):
    """Start stand-ins for people, for the auditor's robot and for the heartbeat, and both processes."""
    with StandIn() as people, StandIn() as own, Beats() as beats:
        config = _configured(tmp_path, people.url, own.url, beats.url)
        with AlertMesh(config) as mesh, Watching(config) as auditor:
            wait_until("a heartbeat", 30, beats.more())
            yield mesh, auditor, own, beats


def _configured(home, people, own, beats):
    file = configure(home, people)
    policy = home / "rules" / "policies" / "quick.yaml"
    policy.write_text(POLICY.replace("[{after: 0s, targets: [primary]}]", _SECOND_STEP))
    config = json.loads(file.read_text())
    (home / "own").write_text(f"{own}/robot/send?access_token=standin")
    settings = {"webhook": f"file:{home / 'own'}", "secret": f"file:{home / 'secret'}"}
    config["channels"].append({"name": "own", "kind": "dingtalk", "settings": settings})
    config["auditor"] = _BOUNDS | {
        "heartbeat_url": f"{beats}/beat",
        "file": str(home / "beat.json"),
        "channels": ["own"],
        "people": ["wang"],
    }
    for roster in config["rosters"]:
        roster["lead"] = "li"
    file.write_text(json.dumps(config))
    return file


def _fire(mesh):
    labels = {"alertname": "Down", "severity": "critical", "cluster": "a", "instance": "a:1"}
    ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    body = json.dumps([{"labels": labels, "annotations": {}, "endsAt": ends}]).encode()
    assert mesh.post("/api/v2/alerts", body) == 200


def _titles(robot):
    return [message["title"] for message in robot.messages()]


@pytest.mark.prometheus
def test_a_server_that_stands_still_is_told_and_so_is_that_it_goes_on(scene, tmp_path):
    mesh, auditor, own, beats = scene
    _fire(mesh)
    wait_until("the incident", 10, mesh.incidents)
    wait_until("a heartbeat while a P1 is paged as it should be", 10, beats.more())
    os.kill(mesh.pid, signal.SIGSTOP)
    try:
        wait_until("the shout", 30, lambda: _titles(own) == [_WRONG])
        silent = beats.count
        assert own.messages()[0]["mobiles"] == ["13800000001"]
        wait_until("the overdue step", 30, lambda: {"server", "overdue"} <= auditor.checks())
        assert beats.count == silent
    finally:
        os.kill(mesh.pid, signal.SIGCONT)
    wait_until("the end", 60, lambda: _titles(own)[-1] == _WELL)
    wait_until("the heartbeat again", 20, beats.more())
    assert json.loads((tmp_path / "beat.json").read_text())["clean"]


@pytest.mark.prometheus
def test_a_server_that_was_killed_with_a_step_to_come_is_told(scene):
    mesh, auditor, own, beats = scene
    _fire(mesh)
    wait_until("the incident", 10, mesh.incidents)
    mesh.stop(signal.SIGKILL)
    wait_until("the shout", 30, lambda: _titles(own) == [_WRONG])
    wait_until("the overdue step", 30, lambda: {"server", "overdue"} <= auditor.checks())
    silent = beats.count
    mesh.start()
    wait_until("the end", 60, lambda: _titles(own)[-1] == _WELL)
    assert beats.count > silent
