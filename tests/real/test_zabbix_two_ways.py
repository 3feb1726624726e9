"""One trouble that comes twice is one: pushed and pulled, or seen by Zabbix and by Prometheus."""

import json
import os
import re
import subprocess
import sys
import time

import pytest

from tests.real.alertmesh import AlertMesh, configure
from tests.real.local import wait_until
from tests.real.prometheus import Monitors, Wiring

pytestmark = pytest.mark.zabbix
NOWHERE = "http://127.0.0.1:9"
WITHIN_S = 40.0
RULES = """
groups:
- name: hosts
  interval: 1s
  rules:
  - alert: HostLoadHigh
    expr: host_load > 5
    labels: {severity: critical}
    annotations: {summary: 'load of {{ $labels.instance }} is high'}
"""


@pytest.fixture
def mesh(zabbix, tmp_path):
    """Return an AlertMesh that asks as the very user whom our own setup made, with its token."""
    config = configure(tmp_path, NOWHERE)
    content = json.loads(config.read_text())
    setup = ("zabbix", "setup", "--url", zabbix.url, "--user", zabbix.user, "--make-token")
    command = [sys.executable, "-m", "alertmesh", *setup, "--alertmesh-url", f"http://{content['listen']}"]
    secrets = {"ZABBIX_PASSWORD": zabbix.password, "ALERTMESH_INGEST_TOKEN": "unused"}
    said = subprocess.run(
        command, env=os.environ | secrets, check=True, timeout=60, capture_output=True, text=True
    ).stdout
    [token] = re.findall(r"\b[0-9a-f]{64}\b", said)
    content["zabbix"] = [{"url": zabbix.url, "token": token, "every_s": 1, "reconcile_s": 2}]
    config.write_text(json.dumps(content))
    with AlertMesh(config) as running:
        yield running


def a_host(zabbix, name):
    trigger = {"Load is high": {"expression": "last(/HOST/load)>5", "priority": 5}}
    return zabbix.make_host(name, {"load": "0"}, trigger)[name]


def alerts(mesh, host):
    return mesh.get(f"/api/v1/alerts?filter=host%3D%22{host}%22&limit=500")["alerts"]


def heard(mesh, name):
    """Tell whether alerts came in by the door of this name."""
    return any(one["name"] == name and one["alerts"] for one in mesh.get("/api/v1/sources")["sources"])


def test_a_problem_that_is_pushed_and_pulled_is_one_alert(zabbix, mesh):
    host = a_host(zabbix, "two-ways")
    # Left to themselves either may be first, and then the pull has nothing to add.
    [action] = zabbix.call("action.get", filter={"name": "AlertMesh"}, output=["actionid"])
    zabbix.call("action.update", actionid=action["actionid"], status=1)
    time.sleep(2.2)  # the server reads its settings every second
    zabbix.send("two-ways", "load", 9)
    wait_until("the pull", WITHIN_S, lambda: heard(mesh, "zabbix-api"))
    zabbix.call("action.update", actionid=action["actionid"], status=0)
    time.sleep(2.2)
    [alert] = alerts(mesh, "two-ways")
    assert alert["state"] == "firing"
    assert not heard(mesh, "zabbix")
    event = alert["annotations"]["zabbix_event_id"]
    zabbix.call("event.acknowledge", eventids=[event], action=6, message="mine")
    wait_until("the push", WITHIN_S, lambda: heard(mesh, "zabbix"))
    wait_until("the ack", WITHIN_S, lambda: "zabbix:Admin" in {one["owner"] for one in mesh.incidents()})
    zabbix.send("two-ways", "load", 1)
    wait_until("the end", WITHIN_S, lambda: [one["state"] for one in alerts(mesh, "two-ways")] != ["firing"])
    assert len(alerts(mesh, "two-ways")) == 1
    zabbix.call("host.delete", [host])


@pytest.mark.prometheus
def test_a_host_that_both_monitors_complain_about_is_one_incident(zabbix, mesh, tmp_path):
    home = tmp_path / "prometheus"
    home.mkdir()
    host = a_host(zabbix, "web-77")
    with Monitors(home, RULES, Wiring(f"{mesh.url}/api/v1/ingest/alertmanager")) as monitors:
        zabbix.send("web-77", "load", 9)
        monitors.exporter.set_series("host_load", {"instance": "web-77:9100"}, 9)

        def together():
            for incident in mesh.incidents():
                names = {(one["source"], one["name"]) for one in mesh.members(incident["id"])}
                if names >= {("zabbix", "Load is high"), ("alertmanager", "HostLoadHigh")}:
                    return incident
            return None

        wait_until("one incident of both", WITHIN_S, together)
    zabbix.call("host.delete", [host])
