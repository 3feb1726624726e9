"""Whatever is thrown at the doors of a real process, it answers as promised and goes on."""

import gzip
import http.client
import json
from pathlib import Path

import pytest

from tests.real.alertmesh import AlertMesh, configure
from tests.real.local import wait_until

NATIVE = "/api/v1/ingest/alertmanager"
V2 = "/api/v2/alerts"
MOST_MB = 300
_JSON = {"Content-Type": "application/json"}
_LIMIT = 8 * 1024 * 1024


def webhook(*alerts):
    """Return a webhook body."""
    return json.dumps({"version": "4", "status": "firing", "alerts": alerts}).encode()


def an_alert(name="Down", **more):
    return {"status": "firing", "labels": {"alertname": name, "severity": "info"}, **more}


MANY_LABELS = {f"label_{number}": "x" for number in range(100_000)}
DEEP = b"[" * 100_000

CASES = {
    "nothing": (b"", {}, 400, 422),
    "not json": (b"alerts: yes", {}, 400, 400),
    "half of it": (webhook(an_alert())[:40], {}, 400, 400),
    "binary": (bytes(range(256)) * 40, {}, 400, 400),
    "nested deep": (DEEP, {}, 400, 400),
    "a number": (b"17", {}, 400, 400),
    "text": (b'"alert"', {}, 400, 400),
    "nan": (b"NaN", {}, 400, 400),
    "wrong types": (json.dumps({"alerts": {"a": 1}}).encode(), {}, 400, 400),
    "10 MB": (b"[" + b" " * 10_000_000 + b"]", {}, 413, 413),
    "a bomb": (gzip.compress(b" " * 200_000_000), {"Content-Encoding": "gzip"}, 413, 413),
    "no gzip": (b"[]", {"Content-Encoding": "gzip"}, 400, 400),
    "strange encoding": (b"[]", {"Content-Encoding": "br"}, 415, 415),
    "a form": (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}, 415, 415),
}

ITEMS = {
    "100,000 labels": an_alert() | {"labels": MANY_LABELS},
    "labels as a list": an_alert() | {"labels": [1]},
    "a number as a label": an_alert() | {"labels": {"alertname": 5}},
    "no labels": an_alert() | {"labels": {}},
    "a date that is none": an_alert(startsAt="NaN"),
    "a date before all": an_alert(startsAt="-1000-01-01T00:00:00Z"),
    "a date of 10 digits": an_alert(startsAt=1234567890),
    "a status that is none": an_alert() | {"status": "maybe"},
    "a name without end": an_alert("x" * 100_000),
    "nothing": None,
    "a list": [],
}

ODD = {
    "the last moment": an_alert("Last", startsAt="9999-12-31T23:59:59Z", endsAt="9999-12-31T23:59:59Z"),
    "the first moment": an_alert("First", startsAt="0001-01-01T00:00:00+14:00"),
    "half a character": an_alert("Half") | {"labels": {"alertname": "Half", "text": "\ud800"}},
    "a zero": an_alert("Zero") | {"labels": {"alertname": "Zero", "text": "a\0b"}},
    "annotations of 1 MB": an_alert("Long", annotations={"summary": "x" * 1_000_000}),
    "a link that runs": an_alert("Link", generatorURL="javascript:alert(1)"),
}


@pytest.fixture(scope="module")
def mesh(tmp_path_factory):
    """Return a running server that bad things are sent to."""
    with AlertMesh(configure(tmp_path_factory.mktemp("bad"), "http://127.0.0.1:9")) as running:
        yield running


def post(mesh, path, body, **headers):
    """Return status and body of the answer."""
    connection = http.client.HTTPConnection(mesh.address, timeout=20)
    try:
        connection.request("POST", path, body, _JSON | headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (BrokenPipeError, ConnectionResetError):
        return 413, b""  # it hung up on a body that was too large to be read to its end
    finally:
        connection.close()


def metric(mesh, name):
    """Return the sum of all samples of a metric."""
    connection = http.client.HTTPConnection(mesh.address, timeout=20)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


@pytest.mark.parametrize("case", CASES)
def test_a_body_that_cannot_be_read_is_refused_and_counted(mesh, case):
    body, headers, native, v2 = CASES[case]
    before = metric(mesh, "alertmesh_ingest_requests_refused_total")
    assert post(mesh, NATIVE, body, **headers)[0] == native
    assert post(mesh, V2, body, **headers)[0] == v2
    assert metric(mesh, "alertmesh_ingest_requests_refused_total") == before + 2


@pytest.mark.parametrize("case", ["not json", "wrong types", "binary"])
def test_a_refusal_of_our_own_names_the_field(mesh, case):
    problem = json.loads(post(mesh, NATIVE, CASES[case][0])[1])
    assert problem["status"] == 400
    assert problem["field"]
    assert len(json.dumps(problem)) < 1000


@pytest.mark.parametrize("item", ITEMS)
def test_one_bad_alert_is_refused_alone_and_counted(mesh, item):
    before = metric(mesh, "alertmesh_ingest_alerts_rejected_total")
    status, body = post(mesh, NATIVE, webhook(an_alert(), ITEMS[item], an_alert("Other")))
    answer = json.loads(body)
    assert (status, answer["accepted"], [one["index"] for one in answer["rejected"]]) == (202, 2, [1])
    assert len(answer["rejected"][0]["error"]) < 500
    assert metric(mesh, "alertmesh_ingest_alerts_rejected_total") == before + 1


@pytest.mark.parametrize("item", ODD)
@pytest.mark.parametrize("path", [NATIVE, V2])
def test_what_is_odd_is_answered_and_harms_nothing(mesh, item, path):
    body = webhook(ODD[item]) if path == NATIVE else json.dumps([ODD[item]]).encode()
    assert post(mesh, path, body)[0] < 500
    assert mesh.get("/-/ready")["ready"]


def test_a_body_that_says_it_is_longer_than_it_is_waits_for_nobody_else(mesh):
    slow = http.client.HTTPConnection(mesh.address, timeout=20)
    slow.putrequest("POST", NATIVE)
    slow.putheader("Content-Length", "1000")
    slow.endheaders(b"{")
    assert post(mesh, NATIVE, webhook(an_alert()))[0] == 202
    slow.close()


def test_after_all_of_it_a_good_alert_still_pages(mesh):
    good = {"labels": {"alertname": "NodeDown", "severity": "critical", "cluster": "east", "node": "n1"}}
    assert post(mesh, V2, json.dumps([good]).encode())[0] == 200
    found = wait_until("the incident", 20, lambda: [i for i in mesh.incidents() if i["priority"] == "P1"])
    assert "NodeDown" in found[0]["title"]
    assert metric(mesh, "alertmesh_pipeline_failures_total") == 0
    assert "Traceback" not in mesh.log()


def test_memory_did_not_explode(mesh):
    status = Path(f"/proc/{mesh._process.pid}/status").read_text()
    peak_mb = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    assert peak_mb < MOST_MB
