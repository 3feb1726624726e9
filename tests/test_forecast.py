"""What is foretold of an alert is what becomes of it."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import time, timedelta

import pytest
from msgspec import structs

from alertmesh.core.alert import Priority
from alertmesh.core.oncall import Calendar, Reach, Rotation, User, When, single
from alertmesh.core.silence import Condition, Silence, Window
from alertmesh.core.topology import Service
from alertmesh.forecast import forecast
from tests.scenarios.people import staffed
from tests.scenarios.timetable import Timetable, clock

CONFIG = staffed("chat")
START = clock("10:00")


def windowed(*windows):
    return replace(CONFIG, sections={**CONFIG.sections, "maintenance": {"windows": list(windows)}})


def foretold(config, until, **labels):
    """Return when whom a page is said to reach."""
    found = forecast(config, labels, START)
    return [
        (f"{page.at:%H:%M:%S}", called.person)
        for page in found.pages
        for called in page.people
        if page.at <= clock(until)
    ]


def came(config, until, **labels):
    """Return when whom a page reached in the whole program."""
    table = Timetable(config)
    table.fires(labels.pop("alertname"), **labels).at(until)
    return [(f"{left.at:%H:%M:%S}", left.person) for left in table.unexpected if left.kind == "page"]


@pytest.mark.parametrize(
    ("severity", "until"),
    [("critical", "10:15"), ("error", "10:40"), ("warning", "11:30"), ("info", "12:00")],
)
def test_what_is_foretold_comes(severity, until):
    labels = {"alertname": "Odd", "node": "n1", "severity": severity}
    assert foretold(CONFIG, until, **labels) == came(CONFIG, until, **labels)
    assert foretold(CONFIG, until, **labels) or severity == "info"


@pytest.mark.parametrize(
    ("ops", "rnd"),
    [
        (single("ops", "wang"), None),
        (single("ops", "wang", lead="zhao"), None),
        (single("ops", "gone", lead="zhao"), None),
        (single("ops", "gone"), None),
        (single("ops", "gone", "chen"), None),
        (None, single("rnd", "gone", "sun", lead="qian")),
        (None, single("rnd", "gone", lead="qian")),
        (None, single("rnd", "gone")),
    ],
)
def test_steps_without_anybody_come_as_foretold(ops, rnd):
    shipped = CONFIG.oncall.rosters
    rosters = {"ops": ops or shipped["ops"], "rnd": rnd or shipped["rnd"]}
    config = replace(CONFIG, oncall=structs.replace(CONFIG.oncall, rosters=rosters))
    labels = {"alertname": "Odd", "severity": "critical"}
    found = forecast(config, labels, START)
    last = f"10:{found.pages[-1].at.minute:02d}"
    assert sorted(foretold(config, last, **labels)) == sorted(came(config, last, **labels))


def test_a_second_round_of_tier_1_comes_as_foretold():
    [shipped] = CONFIG.oncall.policies
    row = structs.replace(
        shipped.rows[1], loop_every=timedelta(minutes=5), to_rnd_after=timedelta(minutes=30)
    )
    policy = structs.replace(shipped, rows={**shipped.rows, 1: row})
    config = replace(CONFIG, oncall=structs.replace(CONFIG.oncall, policies=(policy,)))
    labels = {"alertname": "Odd", "severity": "critical"}
    found = foretold(config, "10:36", **labels)
    assert sorted(found) == sorted(came(config, "10:36", **labels))
    assert [at for at, person in found if person == "wang"] == ["10:00:00", "10:11:00", "10:22:00"]


@pytest.mark.parametrize("person", ["sam", "gone"], ids=["its own", "a team without anybody"])
@pytest.mark.parametrize("app", ["cart", "blog"], ids=["of a service", "of no service"])
def test_tier_2_is_the_team_that_was_foretold(person, app):
    services = (Service(name="cart", match='app="cart"', team="shop"),)
    oncall = structs.replace(
        CONFIG.oncall,
        services=services,
        users=CONFIG.oncall.users | {"sam": User(name="sam", channels=("chat",))},
        rosters=CONFIG.oncall.rosters | {"shop": single("shop", person)},
    )
    sections = {**CONFIG.sections, "services": {"services": list(services)}}
    config = replace(CONFIG, oncall=oncall, sections=sections)
    labels = {"alertname": "Odd", "severity": "critical", "app": app, "cluster": "east"}
    found = forecast(config, labels, START)
    assert foretold(config, "10:09", **labels) == came(config, "10:09", **labels)
    assert (found.service, found.team, found.team_why) == {
        "cart": ("cart", "shop", "shop: owner of cart"),
        "blog": ("", "rnd", "rnd: it belongs to no service of the catalogue"),
    }[app]


def test_somebody_is_called_by_the_channels_of_the_priority():
    ways = {Priority.P1: (Reach(timedelta(), ("chat",)), Reach(timedelta(minutes=2), ("voice", "chat")))}
    wang = User(name="wang", channels=("plain",), reach=ways)
    oncall = structs.replace(CONFIG.oncall, users=CONFIG.oncall.users | {"wang": wang})
    labels = {"alertname": "Odd", "severity": "critical"}
    found = forecast(replace(CONFIG, oncall=oncall), labels, START)
    assert found.pages[0].people[0].channels == ("chat", "voice")


@pytest.mark.parametrize("severity", ["critical", "warning"])
@pytest.mark.parametrize("narrowed", ["rnd_when", "ops_steps"])
def test_hours_count_as_foretold(severity, narrowed):
    [shipped] = CONFIG.oncall.policies
    rows = {}
    for priority, row in shipped.rows.items():
        steps = tuple(structs.replace(step, when=When.WORKING) for step in row.ops_steps)
        change = {"ops_steps": steps} if narrowed == "ops_steps" else {"rnd_when": When.WORKING}
        rows[priority] = structs.replace(row, **change)
    policy = structs.replace(shipped, rows=rows, calendar=Calendar(begins=time(11), ends=time(12)))
    config = replace(CONFIG, oncall=structs.replace(CONFIG.oncall, policies=(policy,)))
    labels = {"alertname": "Odd", "severity": severity}
    found = foretold(config, "11:05", **labels)
    assert found
    told = came(config, "11:05", **labels)
    assert sorted(one for one in told if one[0] <= found[-1][0]) == sorted(found)


def test_a_page_comes_between_the_first_moment_and_the_last():
    labels = {"alertname": "DiskFull", "node": "n1", "severity": "error"}  # one that is waited for
    found = forecast(CONFIG, labels, START)
    first, _ = came(CONFIG, "11:00", **labels)[0]
    assert f"{found.first_page:%H:%M:%S}" <= first <= f"{found.held_at_most:%H:%M:%S}"


def test_maintenance_puts_the_first_page_off_as_foretold():
    backup = Window(name="backup", matchers='node="n1"', begins=time(9), ends=time(10, 30))
    longer = Window(name="longer", matchers='node="n1"', begins=time(10, 29), ends=time(11))
    other = Window(name="other", matchers='node="n2"', begins=time(9), ends=time(12))
    config = windowed(backup, longer, other)
    labels = {"alertname": "Odd", "node": "n1", "severity": "critical"}
    found = forecast(config, labels, START)
    assert [(cover.kind, cover.name) for cover in found.covers] == [
        ("maintenance", "backup"),
        ("maintenance", "longer"),
    ]
    assert foretold(config, "11:04", **labels) == came(config, "11:04", **labels)
    assert found.first_page == clock("11:00")


def test_silences_put_it_off_too():
    silence = Silence(
        id="s1",
        matchers=(Condition("node", "=~", "n."),),
        starts_at=START - timedelta(hours=1),
        ends_at=START + timedelta(hours=1),
        created_by="ann",
        comment="disk swap",
        updated_at=START,
    )
    labels = {"alertname": "Odd", "severity": "critical"}
    assert forecast(CONFIG, labels, START, [silence]).first_page == START
    found = forecast(CONFIG, {**labels, "node": "n1"}, START, [silence])
    assert (found.first_page, found.covers[0].comment) == (START + timedelta(hours=1), "disk swap")


def test_who_has_duty_is_that_of_the_moment():
    ops = single("ops", "wang", "chen", rotation=Rotation.DAILY, start=clock("10:00"))
    rosters = {**CONFIG.oncall.rosters, "ops": ops}
    config = replace(CONFIG, oncall=structs.replace(CONFIG.oncall, rosters=rosters))
    found = forecast(config, {"severity": "critical"}, clock("1 09:58"))
    # The turn changes between the steps: who was secondary is primary by then.
    assert [page.people[0].person for page in found.pages[:2]] == ["wang", "wang"]


def test_rules_that_would_hide_it_are_named():
    labels = {"alertname": "KubePodNotReady", "severity": "warning", "node": "n1", "namespace": "shop"}
    found = {rule.rule: rule for rule in forecast(CONFIG, labels, START).hides}
    assert sorted(found) == ["critical-over-lower", "node-down-over-pods"]
    assert found["node-down-over-pods"].equal == {"node": "n1"}


def test_what_is_only_watched_pages_nobody():
    found = forecast(CONFIG, {"severity": "info"}, START)
    assert (found.priority, found.watched_s, found.first_page, found.pages) == ("P4", None, None, ())


# The command


def run(*words):
    return subprocess.run(
        [sys.executable, "-m", "alertmesh", "route", "test", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_tells_every_step(tmp_path):
    (tmp_path / "mesh.yaml").write_text(
        "users: [{name: wang, channels: [console]}, {name: li, channels: [console]}]\n"
        "rosters: [{name: ops, members: [wang]}, {name: rnd, members: [li], lead: li}]\n"
        "sources: [{name: east, source: prometheus, labels: {severity: critical}}]\n",
        encoding="utf-8",
    )
    told = run("alertname=Odd", "--from", "east", "-c", tmp_path / "mesh.yaml", "--at", "2026-11-23T04:00")
    assert told.stdout.splitlines() == [
        "P1 (severity critical), policy default, version 1",
        "tier 1:",
        "  2026-11-23 04:00:00 UTC      +0s wang (primary) by console",
        "  2026-11-23 04:03:00 UTC      +3m nobody as secondary",
        "  2026-11-23 04:03:00 UTC      +3m nobody as lead",
        "tier 2, if nobody of tier 1 takes it:",
        "  2026-11-23 04:03:00 UTC      +3m li (primary) by console",
        "  2026-11-23 04:06:00 UTC      +6m nobody as secondary",
        "  2026-11-23 04:06:00 UTC      +6m li (lead) by console",
        "3 rounds, 5m apart; then everybody every 15m",
    ]


def test_the_command_tells_which_team_tier_2_would_be(tmp_path):
    (tmp_path / "services.yaml").write_text("services: [{name: cart, match: app=cart, roster: rnd}]\n")
    told = run("alertname=Odd", "severity=critical", "app=cart", "--rules", tmp_path)
    assert "tier 2 would be rnd: owner of cart" in told.stdout.splitlines()


def test_the_command_prints_json():
    found = json.loads(run("alertname=Odd", "severity=critical", "empty=", "--json").stdout)
    assert (found["priority"], found["policy"]) == ("P1", "default")
    assert found["labels"] == {"alertname": "Odd", "severity": "critical"}
    assert found["pages"][0]["people"] == [
        {"person": "operator", "target": "primary", "channels": ["console"]}
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["alertname"], "alertname: write LABEL=VALUE"),
        (["a=b", "--at", "noon"], "--at noon: write a moment"),
        (["a=b", "--from", "nowhere"], "--from nowhere: there is no source"),
        (["a=b", "--url", "http://127.0.0.1:9"], "no answer from http://127.0.0.1:9"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(words, says):
    done = run(*words)
    assert (done.returncode, says in done.stderr) == (1, True)
