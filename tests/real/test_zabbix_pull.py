"""A real Zabbix and AlertMesh, without any message between them but what the API gives and takes."""

import json
import signal
import time

import pytest

from tests.real.alertmesh import AlertMesh, configure
from tests.real.local import wait_until

pytestmark = pytest.mark.zabbix
NOWHERE = "http://127.0.0.1:9"
WAIT_S = 30.0
ACTIONS = {"close": 1, "ack": 2, "message": 4, "severity": 8, "unack": 16}


@pytest.fixture(scope="module")
def token(zabbix):
    """Return an API token of a user of our own, who is not the one that tests act as."""
    groups = [{"usrgrpid": "7"}]
    made = zabbix.call("user.create", username="meshpull", passwd="Qv7-long-word", roleid="3", usrgrps=groups)
    [token] = zabbix.call("token.create", name="mesh", userid=made["userids"][0])["tokenids"]
    return zabbix.call("token.generate", [token])[0]["token"]


class Pair:
    """A host in Zabbix with two triggers, and an AlertMesh that asks that Zabbix alone."""

    def __init__(self, zabbix, home, token, host):
        self.zabbix, self.host = zabbix, host
        config = configure(home, NOWHERE)
        content = json.loads(config.read_text())
        content["users"] = [{"name": name, "channels": ["out"]} for name in ("wang", "li")]
        content["channels"] = [{"name": "out", "kind": "stdout"}]
        entry = {"url": zabbix.url, "token": token, "every_s": 1, "reconcile_s": 2, "inventory_s": 4}
        content["zabbix"] = [entry]
        config.write_text(json.dumps(content))
        self.mesh = AlertMesh(config)
        triggers = {
            "Disk is full": {"expression": "last(/HOST/disk)>90", "priority": 5, "manual_close": 1},
            "Load is high": {"expression": "last(/HOST/load)>5", "priority": 4},
        }
        self.ids = zabbix.make_host(host, {"disk": "0", "load": "0"}, triggers)

    def fire(self, key="disk", value=99):
        """Have a problem begin, and return the id of its event."""
        before = {one["eventid"] for one in self.problems()}
        self.zabbix.send(self.host, key, value)
        fresh = wait_until("a problem", WAIT_S, lambda: {p["eventid"] for p in self.problems()} - before)
        return fresh.pop()

    def recover(self, key="disk"):
        self.zabbix.send(self.host, key, 1)

    def problems(self):
        return self.zabbix.problems(hostids=[self.ids[self.host]])

    def alerts(self):
        return self.mesh.get(f"/api/v1/alerts?filter=host%3D%22{self.host}%22&limit=500")["alerts"]

    def firing(self):
        return [one for one in self.alerts() if one.get("ended_at") is None]

    def numbers(self, members=1):
        """Return the incidents of the host once so many series are in them."""
        found = [
            one["id"]
            for one in self.mesh.incidents()
            for member in self.mesh.members(one["id"])
            if self.host in json.dumps(member)
        ]
        return set(found) if len(found) >= members else set()

    def incident(self, ready=lambda one: True):
        """Wait for the incident of the host that is as wanted."""

        def found():
            shown = [self.mesh.get(f"/api/v1/incidents/{number}") for number in self.numbers()]
            return next((one for one in shown if ready(one)), None)

        return wait_until("an incident", WAIT_S, found)

    def act(self, number, action, **body):
        path = f"/api/v1/incidents/{number}/{action}"
        assert self.mesh.post(path, json.dumps(body).encode()) == 200

    def lines(self, number):
        return self.mesh.get(f"/api/v1/incidents/{number}/timeline?limit=200")["timeline"]

    def event(self, id):
        [found] = self.zabbix.call("event.get", eventids=[id], output="extend", select_acknowledges="extend")
        return found

    def acks(self, id):
        return self.event(id)["acknowledges"]

    def acknowledge(self, id, *actions, **more):
        bits = sum(ACTIONS[name] for name in actions)
        self.zabbix.call("event.acknowledge", eventids=[id], action=bits, **more)

    def settle(self):
        """Give both sides the time for several rounds."""
        time.sleep(6)


@pytest.fixture
def pair(zabbix, tmp_path, token, request):
    made = Pair(zabbix, tmp_path, token, f"pull-{abs(hash(request.node.name)) % 10**8}")
    made.mesh.start()
    yield made
    print(made.mesh.log()[-6000:])
    made.mesh.stop(signal.SIGTERM)
    zabbix.call("host.delete", [made.ids[made.host]])


def test_a_problem_and_its_end_are_found(pair):
    event = pair.fire()
    incident = pair.incident()
    [alert] = pair.firing()
    assert alert["labels"]["alertname"] == "Disk is full"
    assert alert["annotations"]["zabbix_event_id"] == event
    pair.recover()
    pair.incident(lambda one: one["id"] == incident["id"] and one["condition"] == "cleared")


def test_what_happened_while_we_were_down_is_found(pair):
    pair.fire("disk")
    pair.incident()
    pair.mesh.stop(signal.SIGKILL)
    pair.recover("disk")
    wait_until("the end", WAIT_S, lambda: not pair.problems())
    pair.fire("load", 9)
    pair.mesh.start()
    names = wait_until(
        "the other problem alone",
        WAIT_S,
        lambda: [one["labels"]["alertname"] for one in pair.firing()] == ["Load is high"],
    )
    assert names


def test_a_host_that_is_deleted_ends_its_problems_and_says_so(pair):
    pair.fire()
    incident = pair.incident()
    pair.zabbix.call("host.delete", [pair.ids[pair.host]])
    pair.incident(lambda one: one["id"] == incident["id"] and one["condition"] == "cleared")
    wait_until(
        "the reason", WAIT_S, lambda: "deleted or switched off" in json.dumps(pair.lines(incident["id"]))
    )
    pair.settle()
    assert pair.firing() == []
    pair.ids = pair.zabbix.make_host(pair.host, {}, {})


def test_an_ack_here_reaches_zabbix_once(pair):
    event = pair.fire()
    incident = pair.incident()
    pair.act(incident["id"], "ack", text="looking at it")
    wait_until("the ack", WAIT_S, lambda: pair.event(event)["acknowledged"] == "1")
    pair.settle()
    [ack] = pair.acks(event)
    assert "looking at it" in ack["message"]
    assert (ack["username"], int(ack["action"])) == ("meshpull", 6)
    assert [line["kind"] for line in pair.lines(incident["id"])].count("ack") == 1


def test_an_ack_in_zabbix_reaches_the_incident_once(pair):
    event = pair.fire()
    incident = pair.incident()
    pair.acknowledge(event, "ack", "message", message="I know")
    taken = pair.incident(lambda one: one["owner"] == "zabbix:Admin")
    assert taken["id"] == incident["id"]
    pair.settle()
    assert len(pair.acks(event)) == 1
    assert [line["kind"] for line in pair.lines(incident["id"])].count("ack") == 1
    pair.acknowledge(event, "unack")
    pair.incident(lambda one: one["owner"] != "zabbix:Admin")
    pair.settle()
    assert pair.event(event)["acknowledged"] == "0"


def test_what_is_said_while_zabbix_is_away_arrives_later_and_once(pair):
    event = pair.fire()
    incident = pair.incident()
    pair.zabbix.stop("web")
    pair.act(incident["id"], "ack")
    pair.act(incident["id"], "note", text="replacing the disk")
    time.sleep(2)
    pair.mesh.stop(signal.SIGKILL)
    pair.mesh.start()
    pair.zabbix.start("web")
    wait_until("the note", WAIT_S, lambda: "replacing the disk" in json.dumps(pair.acks(event)))
    pair.settle()
    assert len([one for one in pair.acks(event) if "replacing" in one["message"]]) == 1
    assert pair.event(event)["acknowledged"] == "1"


def test_a_resolved_incident_closes_what_may_be_closed(pair):
    disk, load = pair.fire("disk"), pair.fire("load", 9)
    wait_until("both", WAIT_S, lambda: len(pair.firing()) == 2)
    numbers = wait_until("both in incidents", WAIT_S, lambda: pair.numbers(members=2))
    for number in numbers:
        pair.act(number, "resolve", text="done")
    wait_until("the close", WAIT_S, lambda: pair.event(disk)["r_eventid"] != "0")
    wait_until("the ack", WAIT_S, lambda: pair.event(load)["acknowledged"] == "1")
    assert pair.event(load)["r_eventid"] == "0"


def test_a_host_in_maintenance_pages_nobody_and_does_afterwards(pair):
    pair.zabbix.call("hostgroup.get")
    now = int(time.time())
    [maintenance] = pair.zabbix.call(
        "maintenance.create",
        name=f"of {pair.host}",
        active_since=now - 60,
        active_till=now + 3600,
        hostids=[pair.ids[pair.host]],
        timeperiods=[{"timeperiod_type": 0, "start_date": now - 60, "period": 3600}],
    )["maintenanceids"]
    wait_until(
        "the maintenance",
        90,
        lambda: pair.zabbix.call("host.get", hostids=[pair.ids[pair.host]])[0]["maintenance_status"] == "1",
    )
    pair.fire()
    incident = pair.incident(lambda one: one["state"] == "suppressed")
    silences = pair.mesh.get("/api/v1/silences?state=active")["silences"]
    assert [one["created_by"] for one in silences] == ["zabbix:zabbix"]
    pair.zabbix.call("maintenance.delete", [maintenance])
    paging = wait_until(
        "the paging",
        120,
        lambda: pair.mesh.get(f"/api/v1/incidents/{incident['id']}")["state"] == "t1_paging",
    )
    assert paging
