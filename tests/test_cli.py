"""The command line explains itself, and says what is wrong in one line."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from alertmesh import __version__, cli
from alertmesh.demo.stories import storm
from alertmesh.recorded import write_recorded
from tests.fakes import NOW
from tests.reference import commands

BAD = "listen: nowhere\nstore: 5x\nusers: [{name: wang}]\n"


def run(*words):
    return CliRunner().invoke(cli.app, list(map(str, words)))


@pytest.mark.parametrize("path", commands())
def test_every_command_explains_itself_with_an_example(path):
    shown = run(*path.split(), "--help")
    assert shown.exit_code == 0
    assert f"Example: alertmesh {path}" in " ".join(shown.output.split())


@pytest.mark.parametrize("group", ["", "incident", "alert", "token"])
def test_a_group_alone_lists_its_commands(group):
    assert "Commands" in run(*group.split()).output


def test_the_version_is_printed():
    assert run("version").output.strip() == __version__
    assert json.loads(run("version", "--json").output) == {"version": __version__}


def test_the_installed_parts_are_listed():
    found = json.loads(run("plugins", "--json").output)
    names = {(item["group"], item["name"]) for item in found}
    assert {("alertmesh.sources", "alertmanager"), ("alertmesh.notifiers", "dingtalk")} <= names
    assert all(item["error"] == "" for item in found)
    assert "dingtalk" in run("plugins").output


# check


def test_what_is_shipped_is_well():
    shown = run("check")
    assert shown.exit_code == 0
    assert shown.output.startswith("all is well")


def test_every_problem_is_named_at_once(tmp_path):
    (tmp_path / "a.yaml").write_text(BAD)
    shown = run("check", tmp_path / "a.yaml")
    assert shown.exit_code == 1
    assert all(f"a.yaml:{line}:" in shown.output for line in (1, 3))


def test_a_file_is_checked_with_a_rules_directory(tmp_path):
    (tmp_path / "a.yaml").write_text("listen: 127.0.0.1:1\n")
    rules = tmp_path / "rules"
    (rules / "policies").mkdir(parents=True)
    (rules / "policies" / "x.yaml").write_text("policies: [{name: x}]\n")
    shown = run("check", tmp_path / "a.yaml", rules, "--json")
    assert shown.exit_code == 1
    assert any("x.yaml:1:" in problem for problem in json.loads(shown.output)["problems"])


def test_the_same_problem_is_named_once(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "a.yaml").write_text(BAD)
    lines = run("check", tmp_path / "a.yaml", tmp_path / "one", tmp_path / "two").output.splitlines()
    assert len(lines) == len(set(lines))


# replay


@pytest.fixture
def recording(tmp_path):
    """Return a recorded storm, compressed."""
    write_recorded(tmp_path / "storm.jsonl.gz", storm(NOW))
    return tmp_path / "storm.jsonl.gz"


def test_a_replay_writes_the_same_twice(recording, tmp_path):
    for name in ("one", "two"):
        out = [f"--{kind}={tmp_path / name}.{kind}" for kind in ("groups", "causes", "summary")]
        assert run("replay", recording, *out).exit_code == 0
    for kind in ("groups", "causes"):
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()
    assert json.loads((tmp_path / "one.summary").read_text())["incidents"] >= 3


def test_a_setting_changes_the_outcome(recording):
    by_attributes = ("replay", recording, "--models", "none")
    joined = json.loads(run(*by_attributes).output)
    apart = json.loads(run(*by_attributes, "--set", "correlate.threshold=1.0").output)
    assert apart["incidents"] > joined["incidents"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("replay", "nowhere.jsonl"), "nowhere.jsonl cannot be read: No such file or directory"),
        (("replay", "x", "--set", "foo"), "--set foo: write key=value"),
        (("replay", "x", "--set", "correlate.threshold=abc"), "should be a valid number"),
        (("replay", "x", "--topology", "none.csv"), "none.csv: No such file or directory"),
        (("serve", "--role", "ingest"), "use all"),
        (("incident", "list", "--url", "ftp://x"), "is not an http"),
        (("token", "list", "--store", "memory://"), "cannot be visited"),
        (("token", "create", "two words", "--store", "memory://"), "cannot be visited"),
    ],
    ids=" ".join,
)
def test_an_error_is_one_line(monkeypatch, capsys, words, said):
    monkeypatch.setattr(sys, "argv", ["alertmesh", *words])
    with pytest.raises(SystemExit) as end:
        cli.main()
    _is_one_line(end.value.code, capsys.readouterr().err, said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--listen", "nowhere"), "should be HOST:PORT"),
        (("--store", "sqlite:////nowhere/at/all.db"), "No such file or directory"),
        (("--store", "memory://", "--listen", "0.0.0.0:0"), "token create"),
    ],
    ids=" ".join,
)
def test_a_server_that_cannot_start_says_why_in_one_line(words, said):
    command = [sys.executable, "-m", "alertmesh", "serve", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    _is_one_line(done.returncode, done.stderr, said)


def _is_one_line(status, errors, said):
    told = [line for line in errors.splitlines() if not line.startswith("timestamp=")]
    assert (status, len(told)) == (1, 1)
    assert told[0].startswith("alertmesh: ")
    assert said in told[0]
