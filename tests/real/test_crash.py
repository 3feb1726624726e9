"""kill -9 in a storm: what got a 2xx is there after the restart, and every page left exactly once."""

import json
import signal
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.real.alertmesh import AlertMesh, configure
from tests.real.local import wait_until
from tests.real.standin import StandIn

_STORM_S = 1.2


class Sender(threading.Thread):
    """Post new alerts without a pause, as a storm would; remember which got a 2xx."""

    def __init__(self, mesh, lane):
        super().__init__()
        self.taken = []
        self._mesh = mesh
        self._lane = lane
        self._over = threading.Event()

    def run(self):
        """Send until told to end."""
        number = 0
        while not self._over.is_set():
            names = [f"{self._lane}-{number + n}" for n in range(20)]
            if self._mesh.post("/api/v2/alerts", _body(names)) == 200:
                self.taken += names
                number += len(names)
            else:
                self._over.wait(0.05)

    def end(self):
        """Stop sending."""
        self._over.set()
        self.join()


def _body(names):
    start = datetime.now(UTC)
    end = (start + timedelta(hours=1)).isoformat()
    return json.dumps(
        [_alert(name) | {"startsAt": start.isoformat(), "endsAt": end} for name in names]
    ).encode()


def _alert(name):
    team = name.split("-")[0]
    labels = {"alertname": "Broken", "severity": "critical", "cluster": team, "item": name, "team": team}
    return {"labels": labels, "annotations": {"summary": name}}


@pytest.mark.parametrize("kills", [3, pytest.param(25, marks=pytest.mark.long)])
def test_kill_9_in_a_storm_loses_nothing_and_pages_once(tmp_path, kills):
    with StandIn() as dingtalk:
        mesh = AlertMesh(configure(tmp_path, dingtalk.url))
        mesh.start()
        senders = [Sender(mesh, f"team{lane}") for lane in range(3)]
        for sender in senders:
            sender.start()
        for _ in range(kills):
            threading.Event().wait(_STORM_S)
            mesh.stop(signal.SIGKILL)
            mesh.start()
        for sender in senders:
            sender.end()
        taken = {name for sender in senders for name in sender.taken}
        wait_until("an empty queue", 60, lambda: mesh.get("/api/v1/status")["queue"] == 0)
        assert len(taken) > 100
        assert taken <= _known(mesh)
        wait_until("every page", 60, lambda: _unsent(mesh) == [] and _all_reached_tier_2(mesh))
        sends, state = _sent(mesh), dingtalk.state()
        assert mesh.stop(signal.SIGTERM) == 0
    assert {send["key"] for send in sends} == {message["key"] for message in state["messages"]}
    assert max(Counter(message["key"] for message in state["messages"]).values()) == 1
    assert state["duplicates"] <= kills, "only a send under way at a kill may be posted again, under its key"


def _known(mesh):
    found, before = set(), ""
    while True:
        page = mesh.get(f"/api/v1/alerts?limit=1000{before}")
        found |= {alert["labels"]["item"] for alert in page["alerts"]}
        if not page.get("next"):
            return found
        before = f"&after={page['next']}"


def _attempts(mesh):
    return [a for i in mesh.incidents() for a in mesh.get(f"/api/v1/incidents/{i['id']}/pages")["pages"]]


def _unsent(mesh):
    """Return what should have reached the first tier and did not; an incident without a page counts."""
    attempts = _attempts(mesh)
    waiting = [a for a in attempts if a["state"] not in ("sent", "withdrawn")]
    return waiting if attempts else ["no page at all"]


def _all_reached_tier_2(mesh):
    """Tell whether tier 2 was paged for every incident, after which there is nothing to send for long."""
    paged = {a["page"].split("-")[0] for a in _sent(mesh) if a["tier"] == "rnd"}
    return len(paged) == len([i for i in mesh.incidents() if i["merged_into"] is None])


def _sent(mesh):
    return [a for a in _attempts(mesh) if a["state"] == "sent"]
