"""What becomes of an alertmanager.yml."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
import yaml

from alertmesh.config import load
from alertmesh.config.document import Document
from alertmesh.core.alert import Priority
from alertmesh.core.errors import BadConfig
from alertmesh.core.matchers import matches_all, parse_matchers
from alertmesh.escalate.policy import PolicyBook
from alertmesh.escalate.windows import occurrence
from alertmesh.importing.alertmanager import convert
from tests.importing.samples import PLAIN, SHOP

RECEIVERS = "receivers: [{name: a}, {name: b}, {name: c}, {name: d}]\n"


def imported(text):
    return convert(Document.parse("am.yml", text))


@pytest.fixture
def loaded(tmp_path):
    """Return what writes an import and loads it with the product's own loader."""

    def write(text):
        found = imported(text)
        for name, content in {**found.files, **found.secrets, "alertmesh.yaml": "rules: rules\n"}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return load(tmp_path / "alertmesh.yaml", None, {})

    return write


def left(text):
    """Return the remarks about what is left, each with its line alone."""
    return [f"{remark.place.split(':')[1]} {remark.text}" for remark in imported(text).remarks if remark.left]


def route(text, receivers=RECEIVERS):
    return f"route: {text}\n{receivers}"


def receivers_of(config, **labels):
    """Return the people that the first page of an alert reaches."""
    policy = PolicyBook(config.oncall.policies).choose(labels)
    row = policy.rows[Priority.P3]
    found = []
    for target in row.ops_steps[0].targets:
        named = (policy.ops_roster,) if target == "primary" else (target.removeprefix("user:"),)
        found += named
    return found


@pytest.mark.parametrize(
    ("labels", "people"),
    [
        ({}, ["audit"]),
        ({"team": "db"}, ["audit"]),
        ({"team": "db", "severity": "critical"}, ["audit", "db-pager"]),
        ({"team": "db", "severity": "page", "cluster": "east", "env": "prod"}, ["audit", "db-east"]),
        ({"team": "db", "severity": "page", "cluster": "east", "env": "dev"}, ["audit", "db-pager"]),
        ({"team": "shop"}, ["audit", "shop-chat"]),
        ({"team": "gone"}, ["audit", "nobody-knows"]),
    ],
)
def test_the_same_receivers_get_the_same_alerts(loaded, labels, people):
    assert receivers_of(loaded(SHOP), **labels) == people


def test_what_nothing_matches_goes_to_the_root(loaded):
    config = loaded(route("{receiver: a, routes: [{matchers: [x=y], receiver: b}]}"))
    assert receivers_of(config, x="y") == ["b"]
    assert receivers_of(config, x="z") == ["a"]


@pytest.mark.parametrize(
    ("labels", "people"),
    [
        ({"x": "1", "y": "1", "z": "1"}, ["b", "c"]),
        ({"x": "1", "y": "1"}, ["b", "c"]),
        ({"x": "1", "z": "1"}, ["b", "d"]),
        ({"x": "1"}, ["b"]),
        ({"y": "1", "z": "1"}, ["c"]),
        ({"z": "1"}, ["d"]),
        ({}, ["a"]),
    ],
)
def test_a_route_that_goes_on_brings_others_in(loaded, labels, people):
    config = loaded(
        route(
            "{receiver: a, routes: ["
            "{matchers: [x=1], receiver: b, continue: true},"
            "{matchers: [y=1], receiver: c}, {matchers: [z=1], receiver: d}]}"
        )
    )
    assert receivers_of(config, **labels) == people


def test_times_are_inherited_and_the_shorter_of_two_counts(loaded):
    times = "group_wait: 10s, repeat_interval: 3h"
    below = "{matchers: [y=1], receiver: c, routes: [{matchers: [z=1], receiver: d, group_wait: 0s}]}"
    first = "{matchers: [x=1], receiver: b, group_wait: 1m, repeat_interval: 1h, continue: true}"
    config = loaded(route(f"{{receiver: a, {times}, routes: [{first}, {below}]}}"))
    rows = {policy.name: policy.rows[Priority.P1] for policy in config.oncall.policies}
    told = {
        name: (row.hold.total_seconds(), row.loop_every.total_seconds() / 3600) for name, row in rows.items()
    }
    assert told == {
        "a": (10, 3),
        "b": (60, 1),
        "c": (10, 3),
        "d": (0, 3),
        "b-and-c": (10, 1),
        "b-and-d": (0, 1),
    }


def test_channels_have_their_secrets_in_files(loaded):
    channels = loaded(SHOP).channels
    assert {name: channel.kind for name, channel in channels.items()} == {
        "ops": "dingtalk",
        "audit": "webhook",
        "db-east": "webhook",
        "console": "stdout",
    }
    url = channels["ops"].settings["webhook"].get_secret_value()
    assert url == "https://oapi.dingtalk.com/robot/send?access_token=abc"
    assert channels["audit"].settings["token"].get_secret_value() == "tok"
    assert "abc" not in "".join(imported(SHOP).files.values())


def test_inhibition_is_carried_over_in_both_forms(loaded):
    assert loaded(SHOP).section("inhibit")["rules"] == [
        {
            "id": "alertmanager-1",
            "source": 'severity="critical"',
            "target": 'severity=~"warning|info"',
            "equal": ("cluster", "alertname"),
        },
        {
            "id": "alertmanager-2",
            "source": 'alertname="NodeDown"',
            "target": 'alertname=~"Pod.+", team!="core"',
            "equal": (),
        },
    ]


def test_a_rule_without_conditions_goes_on_to_mean_every_alert(loaded):
    rule = "inhibit_rules: [{target_matchers: [severity=info], equal: [alertname]}]\n"
    [found] = loaded(PLAIN + rule).section("inhibit")["rules"]
    assert (found["source"], found["target"]) == ('alertname=~".*"', 'severity="info"')
    assert matches_all(parse_matchers(found["source"]), {})


def is_muted(config, labels, at):
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    for window in config.section("maintenance")["windows"]:
        found = occurrence(window, moment)
        inside = found is not None and found.start <= moment < found.end
        if inside and matches_all(parse_matchers(window.matchers), labels):
            return True
    return False


MUTED = """{receiver: a, routes: [
  {matchers: [severity=critical, x=1], receiver: b},
  {matchers: [team=db], receiver: c, mute_time_intervals: [nights],
   routes: [{matchers: [cluster=east], receiver: d}]}]}
time_intervals: [{name: nights, time_intervals: [{times: [{start_time: '22:00', end_time: '24:00'}],
  weekdays: ['monday']}]}]"""


@pytest.mark.parametrize(
    ("labels", "at", "muted"),
    [
        ({"team": "db"}, "2026-11-23T23:00", True),  # a Monday
        ({"team": "db"}, "2026-11-23T21:59", False),
        ({"team": "db"}, "2026-11-24T00:00", False),
        ({"team": "db"}, "2026-11-24T23:00", False),
        ({"team": "web"}, "2026-11-23T23:00", False),
        ({"team": "db", "cluster": "east"}, "2026-11-23T23:00", False),  # the route below is not mute
        ({"team": "db", "severity": "critical"}, "2026-11-23T23:00", True),
        ({"team": "db", "severity": "critical", "x": "1"}, "2026-11-23T23:00", False),  # another route's
        ({"team": "db", "x": "1"}, "2026-11-23T23:00", True),
    ],
)
def test_a_mute_route_is_mute_and_no_other(loaded, labels, at, muted):
    assert is_muted(loaded(route(MUTED)), labels, at) is muted


def test_a_mute_route_on_which_continue_has_a_say_pages_rather_than_not():
    assert any("nights" in line and "of this route alone" in line for line in left(SHOP))
    assert yaml.safe_load(imported(SHOP).files["rules/maintenance/alertmanager.yaml"]) == {"windows": []}


def test_what_is_left_is_told_by_its_line():
    lines = SHOP.splitlines()
    told = left(SHOP)
    for text, start in [
        ("smtp_smarthost", "global smtp_smarthost"),
        ("smtp_from", "global smtp_from"),
        ("templates:", "templates: messages"),
        ("mute_time_intervals: [nights]", "the time interval 'nights'"),
        ("receiver: nobody-knows", "there is no receiver 'nobody-knows'"),
        ("proxy_url", "http_config: proxy_url"),
        ("routing_key", "receiver 'db-pager': there is no channel of the kind pagerduty"),
        ("name: db-pager", "receiver 'db-pager' reaches nobody here"),
        ("bridge:8060", "this is a bridge to DingTalk"),
        ("to: db@example.org", "receiver 'db-east': there is no channel of the kind email"),
        ("months:", "months: windows know days of the week only"),
        ("audit.example.org", "the address gets AlertMesh's own message"),
    ]:
        number = next(number for number, line in enumerate(lines, 1) if text in line)
        assert any(line.startswith(f"{number} {start}") for line in told), (number, start, told)
    assert len(told) == 12


def test_what_is_done_in_another_way_is_a_note():
    notes = [remark.text for remark in imported(SHOP).remarks if not remark.left]
    for start in ("group_by", "group_interval", "resolve_timeout", "a DingTalk robot", "holds only within"):
        assert any(note.startswith(start) for note in notes)


def test_nothing_is_left_of_what_there_is_a_counterpart_for(loaded):
    assert left(PLAIN) == []
    assert receivers_of(loaded(PLAIN), severity="info") == ["quiet"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (route("{receiver: a, wait: 5s}"), "1 wait is not known"),
        (route("{receiver: a, active_time_intervals: [x]}"), "1 active_time_intervals: write windows"),
        (route("{receiver: a, routes: [{receiver: b, mute_time_intervals: [x]}]}"), "1 there is no time"),
        (route("{receiver: a}") + "tracing: {}\n", "3 tracing is not known"),
        (
            "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url_file: /x}]}]\n",
            "2 receiver 'a': an address in a file",
        ),
    ],
)
def test_other_things_that_are_left(text, says):
    assert any(line.startswith(says) for line in left(text))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("route: [", "am.yml:2:1 is not YAML"),
        ("receivers: []\n", "am.yml:1:1 there is no `route`"),
        ("route: []\n", "am.yml:1:1 should be a mapping"),
        ("route: {receiver: a, routes: {}}\n", "am.yml:1:22 should be a list"),
        (route("{receiver: a, matchers: ['x~y']}"), "am.yml:1:33 cannot read matcher"),
        (route("{receiver: a, match_re: {x: '('}}"), "am.yml:1:33 bad regular expression"),
        (route("{receiver: a, group_wait: soon}"), "am.yml:1:22 should be a duration"),
        (
            route("{receiver: a}")
            + "time_intervals: [{name: x, time_intervals: [{weekdays: [friday:monday]}]}]\n",
            "am.yml:3:57 should be a day",
        ),
        (
            route("{receiver: a}")
            + "time_intervals: [{name: x, time_intervals: [{times: [{start_time: '9', end_time: '9'}]}]}]\n",
            "am.yml:3:54 start_time should be a time",
        ),
        (
            route("{receiver: a}") + "time_intervals: [{name: x, time_intervals: [{location: Mars/Base}]}]\n",
            "am.yml:3:45 'Mars/Base' is no time zone",
        ),
    ],
)
def test_what_alertmanager_would_not_take_is_refused_with_its_place(text, problem):
    with pytest.raises(BadConfig) as raised:
        imported(text)
    assert raised.value.problems[0].startswith(problem)


def test_too_many_cases_are_refused():
    routes = ", ".join(f"{{matchers: [l{n}=x], receiver: b, continue: true}}" for n in range(12))
    with pytest.raises(BadConfig, match="`continue` makes more than 300 cases"):
        imported(route(f"{{receiver: a, routes: [{routes}]}}"))


def test_odd_names_become_names_that_are_taken(loaded):
    receivers = "receivers: [{name: 'db team'}, {name: db-team}, {name: 值班}]\n"
    text = route(
        "{receiver: 值班, routes: [{matchers: [x=1], receiver: db team}, {receiver: db-team}]}", receivers
    )
    users = loaded(text).oncall.users
    assert {user.display: user.name for user in users.values()} == {
        "db team": "db-team",
        "db-team": "db-team-2",
        "值班": "import",
    }


def test_label_names_of_any_kind_and_quotes_survive(loaded):
    config = loaded(route("""{receiver: a, routes: [{matchers: ['"k8s.pod"="a \\"b\\""'], receiver: b}]}"""))
    assert receivers_of(config, **{"k8s.pod": 'a "b"'}) == ["b"]


# The command


def run(*words):
    return subprocess.run(
        [sys.executable, "-m", "alertmesh", *map(str, words)], capture_output=True, text=True, check=False
    )


def test_the_result_of_the_command_passes_the_check(tmp_path):
    (tmp_path / "am.yml").write_text(SHOP, encoding="utf-8")
    done = run("import", tmp_path / "am.yml", "--out", tmp_path / "mesh")
    assert done.returncode == 1  # something was left
    assert "am.yml:3:3 left out: global smtp_smarthost" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("12 left out, ")
    checked = run("check", tmp_path / "mesh" / "alertmesh.yaml")
    assert (checked.returncode, checked.stdout) == (0, "all is well, 0 examples hold\n")
    secret = tmp_path / "mesh" / "rules" / "channels" / "ops.url"
    assert oct(secret.stat().st_mode)[-3:] == "600"
    again = run("import", tmp_path / "am.yml", "--out", tmp_path / "mesh")
    assert (again.returncode, "is there already" in again.stderr) == (1, True)


def test_the_command_says_when_nothing_was_left_and_when_nothing_can_be_read(tmp_path):
    (tmp_path / "am.yml").write_text(PLAIN, encoding="utf-8")
    done = run("import", tmp_path / "am.yml", "--json")
    assert (done.returncode, '"left": 0' in done.stdout) == (0, True)
    assert list(tmp_path.iterdir()) == [tmp_path / "am.yml"]
    assert run("import", tmp_path / "none.yml").returncode == 2
