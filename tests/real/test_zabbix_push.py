"""A real Zabbix tells a real AlertMesh, both set up by our own command."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.real.alertmesh import AlertMesh, configure
from tests.real.local import free_port, wait_until
from tests.real.prometheus import Monitors, Wiring
from tests.real.zabbix import Zabbix

pytestmark = pytest.mark.zabbix
NOBODY = "http://127.0.0.1:9"  # nothing is paged here: the robot is never reached
WITHIN_S = 30.0
HOST = "web-01"


def alertmesh(*words, **environment):
    """Run a command of ours and return its status and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "alertmesh", *map(str, words)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def zabbix():
    """Return a Zabbix that nobody has set up before."""
    with Zabbix() as running:
        yield running


@pytest.fixture(scope="module")
def mesh(tmp_path_factory):
    with AlertMesh(configure(tmp_path_factory.mktemp("push"), NOBODY)) as running:
        yield running


@pytest.fixture(scope="module")
def setup(zabbix, mesh):
    """Return what runs `zabbix setup` against the two, and gives what it said line by line."""

    def run(*words, url=mesh.url, token="unused"):  # noqa: S107
        status, said = alertmesh(
            "zabbix", "setup", "--url", zabbix.url, "--user", zabbix.user, "--alertmesh-url", url, *words,
            ZABBIX_PASSWORD=zabbix.password, ALERTMESH_INGEST_TOKEN=token,
        )  # fmt: skip
        return status, said.splitlines()

    return run


@pytest.fixture(scope="module")
def first_said(setup):
    """Return what the first setup said."""
    status, said = setup()
    assert status == 0, "\n".join(said)
    return said


@pytest.fixture(scope="module")
def pushing(first_said, zabbix):
    """Return a Zabbix that was set up and has a host with a trigger."""
    trigger = {
        "expression": "last(/HOST/http.status)>=500",
        "priority": 4,
        "event_name": "HTTP status {ITEM.LASTVALUE} on {HOST.NAME}",
        "opdata": "code {ITEM.LASTVALUE}",
        "manual_close": 1,
        "tags": [{"tag": "service", "value": "shop"}, {"tag": "scope", "value": 'a "quoted" one'}],
    }
    zabbix.make_host(HOST, {"http.status": "3"}, {"HTTP errors on {HOST.NAME}": trigger})
    zabbix.send(HOST, "http.status", 200)
    return zabbix


def alerts(mesh, host=HOST):
    return mesh.get(f"/api/v1/alerts?filter=host%3D%22{host}%22")["alerts"]


def firing(mesh, host=HOST):
    return [one for one in alerts(mesh, host) if one["state"] == "firing"]


def test_the_first_setup_makes_everything(first_said):
    assert {line.split()[0] for line in first_said} == {"created"}
    assert len(first_said) == 10


def test_a_second_setup_changes_nothing(setup, pushing):
    status, said = setup()
    assert (status, {line.split()[0] for line in said}) == (0, {"unchanged"})


def test_what_somebody_changed_is_mended_and_what_somebody_added_stays(setup, pushing):
    [media] = pushing.call("mediatype.get", filter={"name": "AlertMesh"}, output=["mediatypeid"])
    pushing.call("mediatype.update", mediatypeid=media["mediatypeid"], script="return 'changed';", status=1)
    [user] = pushing.call("user.get", filter={"username": "alertmesh"}, output=["userid"])
    mail = {"mediatypeid": "1", "sendto": ["ops@example.com"], "active": 0, "severity": 1}
    pushing.call("user.update", userid=user["userid"], timezone="Asia/Shanghai", medias=[mail])
    [action] = pushing.call("action.get", filter={"name": "AlertMesh"}, output=["actionid"])
    only = {"evaltype": 0, "conditions": [{"conditiontype": 4, "operator": 5, "value": "0"}]}
    pushing.call("action.update", actionid=action["actionid"], esc_period="2h", filter=only)
    _, said = setup(token="another token")
    changed = [line for line in said if line.startswith("updated")]
    assert [line.split(None, 1)[1] for line in changed] == [
        "global macro {$ALERTMESH.TOKEN}",
        "media type AlertMesh",
        "media type AlertMesh: it was switched off",
        "user alertmesh",
        "action AlertMesh",
    ]
    [user] = pushing.call("user.get", filter={"username": "alertmesh"}, selectMedias="extend")
    assert sorted(one["mediatypeid"] for one in user["medias"]) == sorted(["1", media["mediatypeid"]])
    [action] = pushing.call("action.get", filter={"name": "AlertMesh"}, selectFilter="extend")
    assert len(action["filter"]["conditions"]) == 1
    assert setup(token="another token")[1] == [
        line.replace("updated  ", "unchanged") for line in said if "off" not in line
    ]


def test_a_problem_fires_and_ends(pushing, mesh):
    pushing.send(HOST, "http.status", 503)
    [alert] = wait_until("the alert", WITHIN_S, lambda: firing(mesh))
    assert alert["labels"]["alertname"] == "HTTP errors on {HOST.NAME}"
    assert alert["labels"]["service"] == "shop"
    assert alert["labels"]["scope"] == 'a "quoted" one'
    assert alert["annotations"]["summary"] == f"HTTP status 503 on {HOST}"
    assert (alert["priority"], alert["entity"]["name"]) == ("P2", HOST)
    assert alert["generator_url"].startswith(f"{pushing.url}/tr_events.php?triggerid=")
    pushing.send(HOST, "http.status", 200)
    wait_until("the end", WITHIN_S, lambda: not firing(mesh))


def test_an_update_is_the_same_alert_and_a_close_by_hand_ends_it(pushing, mesh):
    pushing.send(HOST, "http.status", 504)
    [alert] = wait_until("the alert", WITHIN_S, lambda: firing(mesh))
    [problem] = [one for one in pushing.problems() if one["name"] == f"HTTP status 504 on {HOST}"]
    pushing.call("event.acknowledge", eventids=[problem["eventid"]], action=6, message="looking")
    wait_until("the update to be sent", WITHIN_S, lambda: _sent(pushing, problem["eventid"]) >= 2)
    assert [one["fingerprint"] for one in firing(mesh)] == [alert["fingerprint"]]
    pushing.call("event.acknowledge", eventids=[problem["eventid"]], action=1)
    wait_until("the end", WITHIN_S, lambda: not firing(mesh))
    pushing.send(HOST, "http.status", 200)


def test_a_severity_that_an_operator_raises_is_the_same_alert_and_worse(pushing, mesh):
    pushing.send(HOST, "http.status", 505)
    [before] = wait_until("the alert", WITHIN_S, lambda: firing(mesh))
    [problem] = [one for one in pushing.problems() if one["name"] == f"HTTP status 505 on {HOST}"]
    pushing.call("event.acknowledge", eventids=[problem["eventid"]], action=8, severity=5)
    [after] = wait_until(
        "the change", WITHIN_S, lambda: [one for one in firing(mesh) if one["priority"] == "P1"]
    )
    assert (after["fingerprint"], after["starts_at"]) == (before["fingerprint"], before["starts_at"])
    pushing.send(HOST, "http.status", 200)
    wait_until("the end", WITHIN_S, lambda: not firing(mesh))


def test_a_service_made_of_problems_is_an_alert_of_its_own(pushing, mesh):
    made_of = [{"tag": "service", "operator": 0, "value": "shop"}]
    pushing.call("service.create", name="Web shop", algorithm=1, sortorder=0, problem_tags=made_of)
    time.sleep(6)  # services are read anew every five seconds
    pushing.send(HOST, "http.status", 510)
    [alert] = wait_until("the service", WITHIN_S, lambda: _of_service(mesh, "Web shop"))
    assert alert["labels"]["alertname"] == "Zabbix service status"
    assert alert["annotations"]["summary"] == 'Status of service "Web shop" changed to High'
    assert (alert["priority"], alert["entity"]["kind"], alert["entity"]["name"]) == (
        "P2",
        "service",
        "Web shop",
    )
    pushing.send(HOST, "http.status", 200)
    wait_until("both ends", WITHIN_S, lambda: not firing(mesh) and not _of_service(mesh, "Web shop"))


def test_what_happens_while_alertmesh_is_down_is_told_again(pushing, mesh):
    assert mesh.stop(signal.SIGTERM) == 0
    pushing.send(HOST, "http.status", 506)
    failed = {"output": ["error"], "filter": {"status": [0, 3]}}
    wait_until(
        "a try in vain", WITHIN_S, lambda: any(one["error"] for one in pushing.call("alert.get", **failed))
    )
    mesh.start()
    [alert] = wait_until("the alert", WITHIN_S, lambda: firing(mesh))
    assert alert["annotations"]["summary"] == f"HTTP status 506 on {HOST}"
    assert mesh.stop(signal.SIGKILL) != 0
    mesh.start()
    assert [one["fingerprint"] for one in firing(mesh)] == [alert["fingerprint"]]
    pushing.send(HOST, "http.status", 200)
    wait_until("the end", WITHIN_S, lambda: not firing(mesh))


def test_what_zabbix_and_prometheus_see_of_one_host_is_one_incident(pushing, mesh, tmp_path):
    alert = "{alert: HostUnreachable, expr: up_from_afar == 0, labels: {severity: critical}}"
    rule = f"groups: [{{name: rig, rules: [{alert}]}}]"
    trigger = {"expression": "last(/HOST/load)>10", "priority": 5}
    pushing.make_host("10.0.0.7 db-07", {"load": "0"}, {"Load is too high": trigger})
    with Monitors(tmp_path, rule, Wiring(f"{mesh.url}/api/v1/ingest/alertmanager", mesh.address)) as monitors:
        monitors.exporter.set_series("up_from_afar", {"instance": "db-07:9100", "job": "node-exporter"}, 0)
        pushing.send("10.0.0.7 db-07", "load", 99)
        names = {"HostUnreachable", "Load is too high"}
        found = wait_until("both in one incident", WITHIN_S, lambda: _together(mesh, names))
    assert {one["entity"]["name"] for one in found} == {"db-07"}
    assert {one["source"] for one in found} in ({"zabbix", "prometheus"}, {"zabbix", "alertmanager"})


def test_a_message_that_zabbix_cuts_arrives(pushing, mesh):
    tags = [{"tag": f"tag-{n}", "value": "x" * 255} for n in range(255)]
    trigger = {"expression": "last(/HOST/long)>0", "priority": 5, "tags": tags}
    pushing.make_host("long-01", {"long": "3"}, {"Long": trigger})
    pushing.send("long-01", "long", 1)
    [alert] = wait_until("the alert", WITHIN_S, lambda: firing(mesh, "long-01"))
    assert (alert["priority"], alert["labels"]["alertname"]) == ("P1", "Long")


def test_the_check_proves_the_way_and_leaves_nothing(setup, pushing, mesh):
    before = pushing.call("host.get", output=["host"])
    status, said = setup("--check", "--sender", f"127.0.0.1:{pushing.trapper_port}")
    assert status == 0, "\n".join(said)
    assert said[-1].startswith("check      the way is open: ")
    assert pushing.call("host.get", output=["host"]) == before
    assert pushing.call("hostgroup.get", filter={"name": "AlertMesh trials"}) == []


def test_the_check_says_where_the_way_ends(setup, pushing):
    where = f"127.0.0.1:{pushing.trapper_port}"
    nobody = f"http://127.0.0.1:{free_port()}"
    status, said = setup("--check", "--sender", where, url=nobody)
    assert status == 1
    assert "the way is not open" in said[-1]
    assert pushing.call("hostgroup.get", filter={"name": "AlertMesh trials"}) == []
    assert setup()[0] == 0


def test_the_token_it_makes_reads_problems_and_does_nothing_else(setup, pushing):
    status, said = setup("--make-token")
    token = said[-1].split()[1]
    assert (status, len(token)) == (0, 64)
    asked, own = pushing.call, pushing._token
    pushing._token = token
    try:
        assert [one["host"] for one in asked("host.get", output=["host"], filter={"host": HOST})] == [HOST]
        with pytest.raises(Exception, match="No permissions"):
            asked("host.create", host="x", groups=[{"groupid": "2"}])
    finally:
        pushing._token = own


@pytest.mark.parametrize(
    ("words", "environment", "told"),
    [
        (["--url", "zabbix.example"], {"ZABBIX_TOKEN": "x"}, "begins with http"),
        (["--url", NOBODY], {}, "ZABBIX_PASSWORD"),
        (["--url", NOBODY], {"ZABBIX_TOKEN": "x"}, "cannot be reached"),
    ],
    ids=["no address", "no account", "nobody there"],
)
def test_what_cannot_work_is_said_in_one_line(words, environment, told):
    status, said = alertmesh("zabbix", "setup", "--alertmesh-url", NOBODY, *words, **environment)
    assert status == 1
    assert told in said
    assert "Traceback" not in said


def _of_service(mesh, name):
    found = mesh.get("/api/v1/alerts?filter=alertname%3D%22Zabbix%20service%20status%22")["alerts"]
    return [one for one in found if one["labels"]["service"] == name and one["state"] == "firing"]


def _together(mesh, names):
    """Return the series of the incident that has all of these names, when there is one."""
    for incident in mesh.incidents():
        members = mesh.members(incident["id"])
        if names <= {one["name"] for one in members}:
            return members
    return None


def _sent(zabbix, event):
    return len(zabbix.call("alert.get", eventids=[event], filter={"status": 1}))
