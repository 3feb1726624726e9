"""`alertmesh whatif` and the examples of `alertmesh check`, as typed."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from alertmesh.cli import app
from alertmesh.cli_whatif import _moment
from alertmesh.core.ports import Batch
from alertmesh.store import SqliteStore
from tests.test_whatif import ended, fired

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def typed(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
async def past(tmp_path):
    """Return the address of a store in which one alert came and went."""
    store = SqliteStore(tmp_path / "a.db")
    await store.open()
    await store.write(Batch(entries=[fired("web", 1), ended("web", 30)]))
    await store.close()
    return f"sqlite:///{tmp_path / 'a.db'}"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T04:00", datetime(2026, 11, 23, 4, tzinfo=UTC)),
        ("2026-11-23T04:00+08:00", datetime(2026, 11, 22, 20, tzinfo=UTC)),
        ("1d", datetime(2026, 11, 23, tzinfo=UTC)),
        ("0s", NOW),
    ],
)
def test_a_moment(text, moment):
    assert _moment(text, NOW, "--from") == moment


def test_a_comparison_as_json(past, tmp_path):
    (tmp_path / "rules").mkdir()
    window = ("--from", "2026-11-23T04:00", "--to", "2026-11-23T05:00")
    done = typed("whatif", *window, "--rules", tmp_path / "rules", "--store", past, "--json")
    found = json.loads(done.stdout)
    assert (found["alerts"], found["then"]["incidents"], found["differences"]) == (1, 1, [])


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--from", "noon"), "--from noon: write 2026-11-23T04:00"),
        (("--from", "1d", "--to", "2d"), "--from must be earlier than --to"),
    ],
)
def test_a_bad_time_is_refused(words, problem, tmp_path):
    done = typed("whatif", *words, "--rules", tmp_path)
    assert done.exit_code == 1
    assert problem in done.stderr


def test_check_says_how_many_examples_hold():
    assert typed("check").stdout.startswith("all is well, ")


def test_check_tells_of_an_example_that_does_not_hold(tmp_path):
    example = '{name: a, given: [{at: "10:00", labels: {alertname: A}}], expect: {incidents: 9}}'
    (tmp_path / "priority.yaml").write_text(f"examples: [{example}]\n")
    done = typed("check", tmp_path)
    assert done.exit_code == 1
    problem = "priority.yaml:1:90 example 'a': incidents should be 9, came out 1"
    assert done.stdout == f"{tmp_path}/{problem}\n"
