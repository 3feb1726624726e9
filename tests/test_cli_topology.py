"""The `topology` commands send what a file has, and print what is known."""

import json

import pytest
from typer.testing import CliRunner

from alertmesh import cli
from tests.test_client import Api

TAKEN = b'{"source":"cmdb","edges":3,"added":2,"removed":1}'
EDGE = {
    "a": "web",
    "b": "cart",
    "kind": "linked",
    "cluster": "",
    "source": "inferred",
    "inferred": True,
    "seen": "2026-11-23T04:00:00Z",
    "until": None,
    "words": "alerted together in 14 of 16 cases with",
}


def run(*words):
    return CliRunner().invoke(cli.app, ["topology", *map(str, words)])


@pytest.mark.parametrize(
    ("name", "kind"), [("edges.csv", "text/csv"), ("edges.json", "application/json")], ids=["csv", "json"]
)
def test_a_file_is_sent_as_it_is(tmp_path, name, kind):
    (tmp_path / name).write_text("what it holds")
    with Api(body=TAKEN) as api:
        done = run("import", tmp_path / name, "--source", "cmdb", "--ttl", "2d", "--url", api.url)
    [(method, path, headers, body)] = api.asked
    assert (method, path, body) == ("POST", "/api/v1/topology?source=cmdb&ttl=2d", b"what it holds")
    assert (headers["Content-Type"], done.output) == (kind, "cmdb has 3 edges: 2 added, 1 removed\n")


def test_a_fault_is_told(tmp_path):
    (tmp_path / "edges.csv").write_text("a,b,kind\n")
    with Api(422, b'{"detail":"line 3.kind: is one of calls"}') as api:
        done = run("import", tmp_path / "edges.csv", "--source", "cmdb", "--url", api.url)
    assert (done.exit_code, "line 3.kind" in str(done.exception)) == (1, True)


def test_a_file_that_is_not_there_is_named(tmp_path):
    done = run("import", tmp_path / "none.csv", "--source", "cmdb")
    assert (done.exit_code, "No such file" in done.output) == (1, True)


def test_edges_are_listed_with_who_told():
    with Api(body=json.dumps({"edges": [EDGE], "next": "x"}).encode()) as api:
        done = run("list", "--name", "web", "--filter", 'source="inferred"', "--url", api.url)
    told = "web linked cart (inferred, seen 2026-11-23T04:00:00: alerted together in 14 of 16 cases)"
    assert done.output == f"any cluster: {told}\nand more\n"


def test_edges_are_printed_as_json():
    with Api(body=json.dumps({"edges": [EDGE], "next": None}).encode()) as api:
        done = run("list", "--json", "--url", api.url)
    assert json.loads(done.output) == {"edges": [EDGE], "next": None}
