"""What is known around one incident, asked over HTTP of a running AlertMesh."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from alertmesh.core.alert import Parsed, Sighting
from alertmesh.core.clock import ManualClock
from alertmesh.core.entries import TopologySet
from alertmesh.core.ports import Count
from alertmesh.core.runbook import Runbook, RunbookStep
from alertmesh.core.sheet import Words
from alertmesh.core.topology import Edge, Service
from alertmesh.correlate.relations import Relation, Relations
from alertmesh.metrics import Metrics
from alertmesh.runtime import Runtime
from alertmesh.store.memory import MemoryStore
from alertmesh.wiring import Wiring
from tests.console.fakes import Server
from tests.fakes import NOW, until
from tests.scenarios.people import staffed

NODE = {"alertname": "NodeFilesystemAlmostOutOfSpace", "severity": "critical", "node": "n1"}
POD = {
    "alertname": "KubePodNotReady",
    "severity": "warning",
    "node": "n1",
    "namespace": "shop",
    "pod": "cart-6c9f7d5b84-bcdfg",
}
CALLS = (("web", "cart"), ("mobile", "web"), ("kiosk", "mobile"), ("cart", "db"))


def reported(*labels, firing=True):
    sightings = [
        Sighting(
            identity=str(number),
            firing=firing,
            labels={"cluster": "east", **one},
            annotations={},
            starts_at=NOW if firing else None,
            ends_at=None if firing else NOW,
        )
        for number, one in enumerate(labels)
    ]
    return Parsed(sightings, range(len(labels)), [])


@pytest.fixture
async def runtime():
    made = Runtime(Wiring(staffed("console")), MemoryStore(), ManualClock(NOW), Metrics())
    await made.start()
    edges = tuple(Edge(a, b, "calls", "east") for a, b in CALLS)
    await made.topology(TopologySet(source="cmdb", edges=edges, actor="ann", at=NOW))
    await made.ingest(made.door("prometheus", ""), reported(NODE, POD))
    await until(lambda: made.incident(1) and made.incident(1)[0].series == 2)
    yield made
    await made.stop()


@pytest.fixture
async def api(runtime):
    async with Server(runtime) as caller:
        yield caller


async def asked(api, path):
    answer = await api.get(f"/api/v1/incidents/1/{path}")
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def ticked(api, **body):
    return await api.post("/api/v1/incidents/1/step", json.dumps(body).encode())


async def test_the_graph_tells_what_alerts_and_who_may_be_hit(api):
    found = await asked(api, "graph")
    nodes = {node["name"]: node for node in found["nodes"]}
    hops = {name: node["hop"] for name, node in nodes.items()}
    assert hops == {"n1": 0, "cart": 0, "web": 1, "mobile": 2}, "db is no caller, and kiosk is too far"
    assert (nodes["n1"]["firing"], nodes["n1"]["priority"], nodes["web"]["priority"]) == (1, "P1", "")
    assert nodes["n1"]["root"] > (nodes["cart"]["root"] or 0)
    edges = {(edge["a"], edge["b"]): (edge["kind"], edge["spreads"]) for edge in found["edges"]}
    assert edges == {
        ("east/cart", "east/n1"): ("runs_on", "to_a"),
        ("east/web", "east/cart"): ("calls", "to_a"),
        ("east/mobile", "east/web"): ("calls", "to_a"),
    }


async def test_which_alert_follows_which_is_worked_out_now_and_then(api, runtime, monkeypatch):
    follows = [Relation(NODE["alertname"], POD["alertname"], 0.9, 30.0, 5.0)]
    drawn = []

    def drawing(_relations):
        drawn.append(runtime.clock.now())
        return lambda: follows

    monkeypatch.setattr(Relations, "drawing", drawing)
    found = [(await asked(api, "graph"))["relations"] for _ in range(2)]
    told = {"src": NODE["alertname"], "dst": POD["alertname"], "score": 0.9, "lag_s": 30}
    assert (found, len(drawn)) == ([[told], [told]], 1)
    runtime.clock.wall.advance(timedelta(minutes=10))
    await asked(api, "graph")
    assert len(drawn) == 2


async def test_what_was_changed_comes_with_its_lag_nearest_first(api, runtime):
    told = [
        {"kind": "deploy", "service": "cart", "time": (NOW - timedelta(minutes=9)).isoformat()},
        {"kind": "config", "node": "n1", "time": (NOW - timedelta(minutes=2)).isoformat()},
        {"kind": "deploy", "service": "other", "time": NOW.isoformat()},
        {"kind": "deploy", "service": "cart", "time": (NOW - timedelta(hours=30)).isoformat()},
    ]
    await runtime.changed(json.dumps(told).encode())
    await until(lambda: len(list(runtime.changes())) == 4)
    found = await asked(api, "changes")
    assert [(one["thing"], one["kind"], one["lag_s"]) for one in found["changes"]] == [
        ("n1", "config", 120),
        ("cart", "deploy", 540),
    ]
    assert found["changes"][0]["root"] > 0.5
    assert len((await asked(api, "changes?hours=48"))["changes"]) == 3


async def test_repeats_are_folded_by_name(api, runtime):
    alerts = [alert.fingerprint for alert, _ in runtime.alerts()]
    runtime.desks.evidence.counted([Count(one, 3, NOW) for one in alerts])
    found = await asked(api, "repeats")
    assert [(kind["name"], kind["series"], kind["total"]) for kind in found["kinds"]] == [
        ("KubePodNotReady", 1, 4),
        ("NodeFilesystemAlmostOutOfSpace", 1, 4),
    ], "three repeats and the firing itself"
    assert found["series"][0]["counts"] == [4]
    assert [span["ended"] for span in found["series"][0]["spans"]] == [None]
    assert (await asked(api, "repeats?limit=1"))["left_out"] == 1


async def test_the_runbook_of_the_likely_root_comes_first(api):
    found = (await asked(api, "runbooks"))["runbooks"]
    assert next((book["name"], book["root"]) for book in found) == ("disk-full", True)
    assert {"pods-not-ready"} < {book["name"] for book in found}


@pytest.fixture
async def catalogued():
    """Serve a service of the catalogue whose alerts do not bear its name."""
    config = staffed("console")
    step = (RunbookStep(text=Words("Look.", "看。")),)
    books = [
        Runbook(name="ours", title=Words("Ours", "自己的"), steps=step, services=("checkout",)),
        Runbook(name="named", title=Words("Named", "点名的"), steps=step, alerts=("Another",)),
        Runbook(name="other", title=Words("Other", "别的"), steps=step, services=("cart",)),
    ]
    services = [
        Service(
            name="checkout",
            match='app=~"checkout|checkout-worker"',
            cluster="east",
            owner="Li Wei",
            runbooks=("named", "https://wiki.example.com/checkout", "javascript:alert(1)"),
        ),
        Service(name="cart", match='app="cart"', owner="wang"),
    ]
    sections = {**config.sections, "runbooks": {"runbooks": books}, "services": {"services": services}}
    made = Runtime(Wiring(replace(config, sections=sections)), MemoryStore(), ManualClock(NOW), Metrics())
    await made.start()
    worker = {"alertname": "Slow", "severity": "critical", "app": "checkout-worker"}
    await made.ingest(made.door("prometheus", ""), reported(worker))
    await until(lambda: made.incident(1) is not None)
    async with Server(made) as caller:
        yield caller
    await made.stop()


async def test_a_runbook_fits_whatever_the_catalogue_says_belongs_to_its_service(catalogued):
    found = await asked(catalogued, "runbooks")
    assert {book["name"]: book["alerts"] for book in found["runbooks"]} == {"ours": ["Slow"], "named": []}


async def test_whom_to_ask_about_a_service_that_is_hit_and_where_to_read_is_told(catalogued):
    found = await asked(catalogued, "runbooks")
    links = ["https://wiki.example.com/checkout"]
    assert found["services"] == [{"name": "checkout", "owner": "Li Wei", "links": links}]


async def test_a_tick_is_seen_by_all_until_it_is_taken_back(api):
    assert (await ticked(api, runbook="disk-full", step=2)).status == 200
    [book] = [one for one in (await asked(api, "runbooks"))["runbooks"] if one["name"] == "disk-full"]
    assert [step["done"] for step in book["steps"][:3]] == [False, True, False]
    assert (book["done"], book["steps"][1]["by"], book["steps"][1]["at"]) == (
        1,
        "local",
        "2026-11-23T10:00:00Z",
    )
    lines = (await asked(api, "timeline"))["timeline"]
    assert next(line["text"] for line in lines if line["kind"] == "step").startswith("step 2 of disk-full: ")
    await ticked(api, runbook="disk-full", step=2, done=False)
    [book] = [one for one in (await asked(api, "runbooks"))["runbooks"] if one["name"] == "disk-full"]
    assert book["done"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"runbook": "none", "step": 1}, "runbook"),
        ({"runbook": "disk-full", "step": 0}, "step"),
        ({"runbook": "disk-full", "step": 99}, "step"),
        ({"runbook": "disk-full", "step": 1, "epoch": 10**20}, "epoch"),
    ],
)
async def test_a_tick_of_nothing_is_refused(api, body, field):
    answer = await ticked(api, **body)
    assert (answer.status, (await answer.json())["field"]) == (422, field)


async def test_past_incidents_tell_how_they_went(api, runtime):
    for path, body in (
        ("root", {"entity": "n1"}),
        ("note", {"text": "old logs"}),
        ("resolve", {"text": "made room"}),
    ):
        answer = await api.post(f"/api/v1/incidents/1/{path}", json.dumps(body).encode())
        assert answer.status == 200
    await runtime.ingest(runtime.door("prometheus", ""), reported(NODE, POD, firing=False))
    runtime.clock.wall.advance(timedelta(hours=2))
    await until(lambda: runtime.incident(1)[0].archived)
    await runtime.ingest(runtime.door("prometheus", ""), reported(NODE, POD))
    await until(lambda: runtime.incident(2))
    answer = await api.get("/api/v1/incidents/2/similar")
    [past] = (await answer.json())["similar"]
    told = {name: past[name] for name in ("incident", "ending", "ended_by", "root_by", "series")}
    assert told == {"incident": 1, "ending": "by_hand", "ended_by": "local", "root_by": "local", "series": 2}
    assert [note["text"] for note in past["notes"]] == ["old logs"]


async def test_a_silence_is_looked_at_before_it_is_made(api):
    async def covered(matchers):
        body = json.dumps({"matchers": matchers}).encode()
        return await (await api.post("/api/v1/silences/preview", body)).json()

    part = await covered('node="n1", alertname=~"Kube.*"')
    assert (part["alerts"], part["firing"], part["suppressed"]) == (1, 2, 0)
    assert [(one["incident"], one["covered"], one["firing"]) for one in part["incidents"]] == [(1, 1, 2)]
    assert [one["name"] for one in part["examples"]] == ["KubePodNotReady"]
    assert (await covered('node="n1"'))["suppressed"] == 1
    assert (await covered('node="n2"'))["incidents"] == []


@pytest.mark.parametrize("matchers", ["", "{}", "a", 'a=~"("'])
async def test_a_silence_of_nothing_is_refused(api, matchers):
    answer = await api.post("/api/v1/silences/preview", json.dumps({"matchers": matchers}).encode())
    assert (answer.status, (await answer.json())["field"]) == (422, "matchers")


@pytest.mark.parametrize("path", ["graph", "changes", "repeats", "similar", "runbooks"])
async def test_an_incident_that_never_was_is_told(api, path):
    assert (await api.get(f"/api/v1/incidents/99/{path}")).status == 404


async def test_why_something_is_the_root_is_told_in_the_readers_language(api):
    told = [(await asked(api, f"causes?language={one}"))["causes"][0]["reason"] for one in ("en", "zh")]
    assert "tells of NodeFilesystem" in told[0]
    assert "报出 NodeFilesystem" in told[1]
