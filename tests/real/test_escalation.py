"""Escalation of the real process to the end: nobody acks, an ack is forgotten, it began in maintenance."""

import json
import signal
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.request import Request, urlopen

import pytest

from tests.real.alertmesh import POLICY, AlertMesh, configure
from tests.real.local import wait_until
from tests.real.standin import StandIn

_PEOPLE = {"ops": ("wang", "zhao", "chief"), "rnd": ("li", "sun", "head")}
_STEPS = "[{after: 0s, targets: [primary]}, {after: 2s, targets: [secondary]}, {after: 4s, targets: [lead]}]"
_QUICK = (
    POLICY.replace("[{after: 0s, targets: [primary]}]", _STEPS)
    .replace("to_rnd_after: 12s", "to_rnd_after: 8s")
    .replace("ops_lease: 30m", "ops_lease: 10s")
    .replace("loop_every: 10m", "loop_every: 1m")
    .replace("loud_every: 15m", "loud_every: 1m")
    .replace("loops: 1", "loops: 2")
)
_SILENT_S = 20
_LATE = timedelta(seconds=2)  # how late a step may be
_RESTART = timedelta(seconds=8)  # how late a step may be for the restart in the middle, if that is quick


class Paged(NamedTuple):
    """One page as the timeline tells of it."""

    at: datetime
    person: str
    tier: str


@pytest.fixture(scope="module")
def stories(tmp_path_factory):
    """Play all stories at once on one server that is killed and started again in between."""
    home = tmp_path_factory.mktemp("escalation")
    with StandIn() as dingtalk:
        config = _configured(home, dingtalk.url)
        with AlertMesh(config) as mesh:
            _silence(mesh, "born")
            for name in ("unheard", "forgotten", "born"):
                _fire(mesh, name)
            wait_until("three incidents", 10, lambda: len(mesh.incidents()) == 3)
            _act(mesh, "forgotten", "ack")
            wait_until("tier 2", 20, lambda: _pages(mesh, "unheard")[-1:] and _tiers(mesh) == {"ops", "rnd"})
            killed_at = datetime.now(UTC)
            mesh.stop(signal.SIGKILL)
            mesh.start()
            slack = max(_RESTART, datetime.now(UTC) - killed_at + _LATE)
            wait_until("a page after the silence", 60, lambda: _pages(mesh, "born"))
            wait_until("the page of a forgotten ack", 60, lambda: len(_pages(mesh, "forgotten")) >= 2)
            _act(mesh, "forgotten", "resolve")
            wait_until("exhaustion", 240, lambda: _incident(mesh, "unheard")["state"] == "exhausted")
            wait_until("its loud repeat", 90, lambda: _loud_rounds(mesh) >= 2)
            wait_until("delivery", 90, lambda: not _queued(mesh, "unheard"))
            yield Story(mesh, killed_at, slack, dingtalk.state())


class Story(NamedTuple):
    """The server at the end, when it was killed in between, how late that may make a step, and the robot."""

    mesh: AlertMesh
    killed_at: datetime
    slack: timedelta
    robot: dict


def _configured(home, dingtalk):
    file = configure(home, dingtalk)
    config = json.loads(file.read_text())
    names = [name for tier in _PEOPLE.values() for name in tier]
    config["users"] = [
        {"name": name, "mobile": f"1380000{number:04d}", "channels": ["robot"]}
        for number, name in enumerate(names)
    ]
    config["rosters"] = [
        {"name": tier, "members": [first, second], "lead": lead}
        for tier, (first, second, lead) in _PEOPLE.items()
    ]
    file.write_text(json.dumps(config))
    (home / "rules" / "policies" / "quick.yaml").write_text(_QUICK)
    return file


def _post(mesh, path, body):
    headers = {"Content-Type": "application/json"}
    request = Request(f"{mesh.url}{path}", json.dumps(body).encode(), headers)  # noqa: S310  # http on loopback
    with urlopen(request, timeout=10) as answer:  # noqa: S310  # http on loopback
        return json.load(answer)


def _fire(mesh, name):
    labels = {"alertname": f"Broken-{name}", "severity": "critical", "cluster": name, "instance": f"{name}:1"}
    ends = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    body = json.dumps([{"labels": labels, "annotations": {"summary": name}, "endsAt": ends}]).encode()
    assert mesh.post("/api/v2/alerts", body) == 200


def _silence(mesh, name):
    body = {"matchers": f'cluster="{name}"', "comment": "maintenance", "duration_s": _SILENT_S}
    _post(mesh, "/api/v1/silences", body | {"created_by": "wang"})


def _incident(mesh, name):
    return next(one for one in mesh.incidents() if one["labels"]["cluster"] == name)


def _act(mesh, name, action):
    return _post(mesh, f"/api/v1/incidents/{_incident(mesh, name)['id']}/{action}", {})


def _timeline(mesh, name):
    return mesh.get(f"/api/v1/incidents/{_incident(mesh, name)['id']}/timeline?limit=500")["timeline"]


def _at(line):
    return datetime.fromisoformat(line["at"])


def _pages(mesh, name):
    lines = [line for line in _timeline(mesh, name) if line["kind"] == "page"]
    return [Paged(_at(line), line["data"]["person"], line["data"]["tier"]) for line in lines]


def _tiers(mesh):
    return {page.tier for page in _pages(mesh, "unheard")}


def _loud_rounds(mesh):
    return sum(line["kind"] == "exhausted" for line in _timeline(mesh, "unheard"))


def _queued(mesh, name):
    sends = mesh.get(f"/api/v1/incidents/{_incident(mesh, name)['id']}/pages")["pages"]
    return [send for send in sends if send["state"] not in ("sent", "withdrawn")]


def test_what_nobody_acks_goes_through_both_tiers_and_rounds_at_its_times(stories):
    pages = _pages(stories.mesh, "unheard")
    begin = pages[0].at
    once = [("ops", ("wang", "zhao", "chief")), ("rnd", ("li", "sun", "head"))]
    wanted = [
        (tier, person, timedelta(seconds=8 * place + 2 * step))
        for place, (tier, people) in enumerate(once)
        for step, person in enumerate(people)
    ]
    again = [("rnd", person, timedelta(seconds=12 + 60 + 2 * step)) for step, person in enumerate(once[1][1])]
    for page, (tier, person, after) in zip(pages, [*wanted, *again], strict=False):
        slack = stories.slack if begin + after >= stories.killed_at else _LATE
        assert (page.tier, page.person) == (tier, person)
        assert timedelta() <= page.at - begin - after < slack, page


def test_it_ends_loudly_with_all_of_tier_2_and_the_leads_again_and_again(stories):
    loud = [_at(line) for line in _timeline(stories.mesh, "unheard") if line["kind"] == "exhausted"]
    for moment in loud[:2]:
        called = {page.person for page in _pages(stories.mesh, "unheard") if page.at == moment}
        assert called == {*_PEOPLE["rnd"], "chief"}
    assert timedelta(seconds=60) <= loud[1] - loud[0] < timedelta(seconds=62)


def test_a_forgotten_ack_is_paged_again_when_its_lease_ends(stories):
    lines = _timeline(stories.mesh, "forgotten")
    acked = next(_at(line) for line in lines if line["kind"] == "ack")
    again = next(page for page in _pages(stories.mesh, "forgotten") if page.at > acked)
    assert again.person == "wang"
    assert timedelta(seconds=10) <= again.at - acked < timedelta(seconds=10) + stories.slack


def test_what_began_in_a_silence_is_paged_at_its_end_and_not_before(stories):
    lines = _timeline(stories.mesh, "born")
    ended = next(_at(line) for line in lines if line["kind"] == "unsuppressed")
    first = _pages(stories.mesh, "born")[0]
    assert timedelta() <= first.at - ended < timedelta(seconds=5)


def test_a_late_ack_of_what_is_over_leaves_it_over(stories):
    assert _incident(stories.mesh, "forgotten")["state"] == "resolved"
    _act(stories.mesh, "forgotten", "ack")
    assert _incident(stories.mesh, "forgotten")["state"] == "resolved"


def test_no_page_left_twice(stories):
    keys = [message["key"] for message in stories.robot["messages"]]
    assert len(keys) == len(set(keys))
