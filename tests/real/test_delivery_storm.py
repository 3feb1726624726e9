"""A thousand incidents in a minute on the real process, killed in between: paced and bundled, no P1 waits."""

import json
import re
import signal
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.real.alertmesh import AlertMesh, configure
from tests.real.local import LocalServer, wait_until
from tests.real.standin import StandIn

INCIDENTS, URGENT, LENGTH_S = 1_000, 10, 60.0
KILL_AT = 500
MINUTE = timedelta(seconds=60)


class Phone(LocalServer):
    """Takes what is posted, and remembers when."""

    def __init__(self):
        super().__init__()
        self.got = []

    def answer(self, method, path, headers, body):
        message = json.loads(body)
        self.got.append((datetime.now(UTC), f"{message['title']} {message['text']} "))
        return 200, b"{}"


def _configured(home, dingtalk, phone):
    file = configure(home, dingtalk)
    config = json.loads(file.read_text())
    config["channels"].append({"name": "phone", "kind": "webhook", "settings": {"url": phone}})
    chat = [{"after": "0s", "channels": ["robot"]}]
    both = [{"after": "0s", "channels": ["robot", "phone"]}]
    config["users"] = [
        {"name": name, "mobile": f"1380000000{number}", "reach": {"P1": both, "P3": chat}}
        for number, name in enumerate(("wang", "li"))
    ]
    file.write_text(json.dumps(config))
    policy = home / "rules" / "policies" / "quick.yaml"
    policy.write_text(policy.read_text().replace("to_rnd_after: 12s", "to_rnd_after: null"))
    return file


def _fire(mesh, number):
    severity = "critical" if number % (INCIDENTS // URGENT) == 0 else "warning"
    labels = {"alertname": f"Fault{number}", "severity": severity}
    labels |= {name: f"{name}{number}" for name in ("cluster", "service", "instance")}
    ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    body = json.dumps([{"labels": labels, "annotations": {"summary": f"nr {number}"}, "endsAt": ends}])
    wait_until("the alert to be taken", 60, lambda: mesh.post("/api/v2/alerts", body.encode()) == 200)
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """Play the storm; return when each alert was taken, what was shown, and all sends."""
    home = tmp_path_factory.mktemp("delivery")
    with StandIn() as dingtalk, Phone() as phone:
        mesh = AlertMesh(_configured(home, dingtalk.url, phone.url))
        mesh.start()
        begin, taken = time.monotonic(), {}
        for number in range(INCIDENTS):
            if number == KILL_AT:
                mesh.stop(signal.SIGKILL)
                mesh.start()
            taken[number] = _fire(mesh, number)
            threading.Event().wait(max(0.0, begin + number * LENGTH_S / INCIDENTS - time.monotonic()))
        wait_until("every incident", 60, lambda: _newest(mesh) == INCIDENTS)
        wait_until("every page", 240, lambda: len(_mentioned(dingtalk.state())) == INCIDENTS)
        shown = dingtalk.state()
        assert mesh.stop(signal.SIGTERM) == 0
        yield taken, shown, list(phone.got)


def _newest(mesh):
    return mesh.get("/api/v1/incidents?limit=1")["incidents"][0]["id"]


def _mentioned(state):
    """Count how often each incident stands in a message of the group."""
    return Counter(
        int(number)
        for message in state["messages"]
        for number in set(re.findall(r"#(\d+) ", f"{message['title']} {message['text']} "))
    )


@pytest.mark.long
def test_the_robot_is_never_asked_for_more_than_it_takes(played):
    _, shown, _ = played
    times = [datetime.fromisoformat(message["at"]) for message in shown["messages"]]
    assert max(sum(first <= at < first + MINUTE for at in times) for first in times) <= 20
    assert shown["refused"] == {}


@pytest.mark.long
def test_every_incident_is_shown_once_and_nearly_all_in_bundles(played):
    _, shown, _ = played
    assert _mentioned(shown) == dict.fromkeys(range(1, INCIDENTS + 1), 1)
    assert len(shown["messages"]) < 80


@pytest.mark.long
def test_every_p1_is_on_a_phone_within_ten_seconds(played):
    taken, _, got = played
    for number in range(0, INCIDENTS, INCIDENTS // URGENT):
        first = min(at for at, text in got if f"nr {number} " in text or f"Fault{number} " in text)
        assert first - taken[number] < timedelta(seconds=10), number
