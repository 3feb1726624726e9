"""A real Prometheus storm, by both doors, becomes one incident a cause, paged once each and closed."""

import random
from collections import Counter
from datetime import datetime, timedelta

import pytest

from tests.real.alertmesh import AlertMesh, configure
from tests.real.local import wait_until
from tests.real.prometheus import Monitors, Wiring
from tests.real.standin import StandIn
from tests.real.storm_rules import rules_file, storm

CAUSES = ("deploy", "disk", "switch")
_FIRST_PAGE = timedelta(seconds=5)


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """Play the storm once: fire all, let nobody ack, end all; return what was seen on the way."""
    home = tmp_path_factory.mktemp("storm")
    (home / "monitors").mkdir()
    trouble = storm()
    random.Random(7).shuffle(trouble)
    with StandIn() as dingtalk, AlertMesh(configure(home, dingtalk.url)) as mesh:
        wiring = Wiring(f"{mesh.url}/api/v1/ingest/alertmanager", mesh.address)
        with Monitors(home / "monitors", rules_file(), wiring) as monitors:
            for item in trouble:
                monitors.exporter.set_series(item.metric, item.labels, 1)
            wait_until("all alerts", 40, lambda: _alerts(mesh) == len(trouble) - _count("noise", trouble))
            wait_until("the second tier", 40, lambda: len(_pages(mesh, "rnd")) == len(CAUSES))
            seen = Seen(mesh, dingtalk)
            monitors.exporter.clear()
            wait_until("the end", 60, lambda: {i["state"] for i in _paged(mesh)} == {"resolved"})
            to_both_tiers = 2 * len(CAUSES)
            wait_until("closing messages", 20, lambda: len(_closings(mesh)) >= to_both_tiers)
            seen.after(mesh, dingtalk)
            doors = mesh.get("/api/v1/alerts?limit=1000")["alerts"]
    return seen, trouble, doors


class Seen:
    """What the API and the robot showed at the height of the storm, and after it."""

    def __init__(self, mesh, dingtalk):
        self.incidents = _paged(mesh)
        self.members = {i["id"]: mesh.members(i["id"]) for i in self.incidents}
        self.pages = {i["id"]: _sends(mesh, i["id"]) for i in self.incidents}
        self.messages = dingtalk.messages()

    def after(self, mesh, dingtalk):
        """Look again when all is over."""
        self.closed = _paged(mesh)
        self.closings = _closings(mesh)
        self.last_messages = dingtalk.messages()


def _count(cause, trouble):
    return sum(1 for item in trouble if item.cause == cause)


def _paged(mesh):
    return [i for i in mesh.incidents() if i["priority"] == "P1" and i["merged_into"] is None]


def _alerts(mesh):
    return sum(i["counts"]["alerts"] for i in _paged(mesh))


def _sends(mesh, incident):
    return mesh.get(f"/api/v1/incidents/{incident}/pages")["pages"]


def _pages(mesh, tier):
    sends = [send for i in _paged(mesh) for send in _sends(mesh, i["id"])]
    return [s for s in sends if s["tier"] == tier and s["kind"] == "page" and s["state"] == "sent"]


def _closings(mesh):
    sends = [send for i in _paged(mesh) for send in _sends(mesh, i["id"])]
    return [s for s in sends if s["kind"] == "closing" and s["state"] == "sent"]


def _key(rule, labels):
    """Return what tells alerts apart, without what Prometheus adds."""
    added = ("alertname", "severity", "job")
    return rule, frozenset((name, value) for name, value in labels.items() if name not in added)


def _moment(text):
    return datetime.fromisoformat(text)


@pytest.mark.prometheus
def test_each_cause_is_one_incident(played):
    seen, _, _ = played
    assert len(seen.incidents) == len(CAUSES)


@pytest.mark.prometheus
def test_every_alert_of_a_cause_is_in_its_incident_and_no_other(played):
    seen, trouble, _ = played
    cause_of = {_key(item.rule, item.labels): item.cause for item in trouble}
    found = Counter()
    for number, members in seen.members.items():
        for member in members:
            found[number, cause_of[_key(member["name"], member["labels"])]] += 1
    assert len(found) == len(CAUSES)
    assert {cause: n for (_, cause), n in found.items()} == {c: _count(c, trouble) for c in CAUSES}


@pytest.mark.prometheus
def test_the_same_alert_by_two_doors_is_one(played):
    _, trouble, alerts = played
    assert len(alerts) == len(trouble)


@pytest.mark.prometheus
def test_each_incident_has_one_first_page_within_five_seconds_of_its_alert(played):
    seen, _, _ = played
    for incident in seen.incidents:
        first = [s for s in seen.pages[incident["id"]] if s["tier"] == "ops" and s["kind"] == "page"]
        assert len(first) == 1
        assert _moment(first[0]["settled_at"]) - _moment(incident["opened_at"]) < _FIRST_PAGE


@pytest.mark.prometheus
def test_the_robot_heard_of_each_incident_and_of_no_noise(played):
    seen, _, _ = played
    told = "\n".join(message["text"] for message in seen.messages)
    assert all(f"#{incident['id']} " in told for incident in seen.incidents)
    assert "JobSlow" not in told


@pytest.mark.prometheus
def test_the_second_tier_is_paged_when_nobody_acks(played):
    seen, _, _ = played
    for sends in seen.pages.values():
        assert [s["person"] for s in sends if s["tier"] == "rnd" and s["kind"] == "page"] == ["li"]


@pytest.mark.prometheus
def test_the_end_of_the_cause_resolves_and_tells_those_who_were_paged(played):
    seen, _, _ = played
    assert {i["condition"] for i in seen.closed} == {"cleared"}
    told = {(s["page"].split("-")[0], s["person"]) for s in seen.closings}
    assert {person for _, person in told} == {"wang", "li"}
    assert len({incident for incident, _ in told}) == len(CAUSES)


@pytest.mark.prometheus
def test_every_message_was_taken_once(played):
    seen, _, _ = played
    keys = [message["key"] for message in seen.last_messages]
    assert len(keys) == len(set(keys))
