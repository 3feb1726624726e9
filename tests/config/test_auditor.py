import pytest

from alertmesh.config import load
from alertmesh.core.errors import BadConfig

PEOPLE = """
channels:
- {name: robot, kind: webhook, settings: {url: "https://hooks.example/a"}}
- {name: twin, kind: webhook, settings: {url: "https://hooks.example/a"}}
- {name: apart, kind: webhook, settings: {url: "https://other.example/b"}}
users: [{name: wang, mobile: "13800000001", channels: [robot]}]
rosters: [{name: ops, members: [wang]}, {name: rnd, members: [wang]}]
"""


def loaded(folder, entry="", people=PEOPLE):
    path = folder / "alertmesh.yaml"
    path.write_text(people + (f"auditor: {{{entry}}}\n" if entry else ""))
    return load(path, None, {})


def told(folder, entry="", people=PEOPLE):
    return [warning.replace(f"{folder}/", "") for warning in loaded(folder, entry, people).warnings]


def test_the_defaults_watch_every_quarter_of_a_minute(tmp_path):
    auditor = loaded(tmp_path).auditor
    assert (auditor.every_s, auditor.overdue_s, auditor.unpaged_s, auditor.repeat_s) == (15, 60, 90, 900)
    assert auditor.heartbeat_url.get_secret_value() == auditor.ready_url == auditor.file == ""


def test_a_heartbeat_by_reference_is_not_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("HEARTBEAT", "https://beat.example/secret-path/")
    config = loaded(tmp_path, "heartbeat_url: '${HEARTBEAT}'")
    assert config.auditor.heartbeat_url.get_secret_value() == "https://beat.example/secret-path"
    assert "secret-path" not in repr(config)


def test_without_heartbeat_and_channels_it_warns(tmp_path):
    first, second = told(tmp_path)
    assert first.startswith("alertmesh.yaml:2:1 auditor.heartbeat_url is not set")
    assert second.startswith("alertmesh.yaml:2:1 auditor.channels is empty")


@pytest.mark.parametrize("name", ["robot", "twin"])
def test_a_channel_that_people_are_paged_by_is_warned_of(tmp_path, name):
    (warning,) = told(tmp_path, f"heartbeat_url: 'https://beat.example/1', channels: [apart, {name}]")
    assert warning.startswith("alertmesh.yaml:8:70 auditor.channels")
    assert "'robot'" in warning


@pytest.mark.parametrize(("name", "warned"), [("robot", True), ("twin", True), ("apart", False)])
def test_channels_of_reach_page_people_and_those_it_stands_in_for_do_not(tmp_path, name, warned):
    ways = "channels: [apart], reach: {P1: [{after: 0s, channels: [robot]}]}"
    entry = f"heartbeat_url: 'https://beat.example/1', channels: [{name}]"
    assert bool(told(tmp_path, entry, PEOPLE.replace("channels: [robot]", ways))) == warned


def test_a_heartbeat_and_a_channel_of_its_own_is_all_that_is_wanted(tmp_path):
    assert told(tmp_path, "heartbeat_url: 'https://beat.example/1', channels: [apart]") == []


def test_rules_alone_are_not_warned_of():
    assert load(None, None, {}).warnings == ()


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("channels: [robbot]", "there is no channel 'robbot'; did you mean 'robot'?"),
        ("people: [wong]", "there is no user 'wong'; did you mean 'wang'?"),
        ("heartbeat_url: beat.example", "should be an address"),
        ("ready_url: never", "ready_url: String should match pattern"),
        ("heartbeat_method: PUT", "should be 'GET' or 'POST'"),
        ("every_s: 0", "every_s"),
        ("unpaged_s: 0s", "unpaged_s"),
        ("hearbeat_url: x", "unknown key; did you mean 'heartbeat_url'?"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, entry, said):
    with pytest.raises(BadConfig) as caught:
        loaded(tmp_path, entry)
    (problem,) = caught.value.problems
    assert "alertmesh.yaml:8:" in problem
    assert said in problem
