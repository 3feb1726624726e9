"""The outside hears of us, by an address and by a file."""

import json

import pytest

from alertmesh.auditor.heartbeat import Heartbeat, Summary
from alertmesh.auditor.knock import Knock
from alertmesh.core.ports import HttpAnswer
from tests.auditor.fakes import NOW, ago

URL = "https://beat.example/secret-path"
SUMMARY = Summary(at=NOW, clean=True, responses=2, open_attempts=0, version="abc")


class World:
    """One address that answers as told, or not at all."""

    def __init__(self, answer=200, body=b""):
        self.answer = answer
        self.body = body
        self.asked = []

    async def __call__(self, method, url, *, headers, body, timeout_s):
        self.asked.append((method, url, body))
        if isinstance(self.answer, Exception):
            raise self.answer
        return HttpAnswer(self.answer, {}, self.body)


@pytest.mark.parametrize(("method", "has_body"), [("GET", False), ("POST", True)])
async def test_the_address_is_called(method, has_body):
    world = World(204)
    assert await Heartbeat(URL, method, "", world).beat(SUMMARY)
    ((asked, url, body),) = world.asked
    assert (asked, url) == (method, URL)
    assert (json.loads(body)["clean"] if body else False) is has_body


async def test_a_file_tells_when_it_was_and_what_was_looked_at(tmp_path):
    file = tmp_path / "beat.json"
    assert await Heartbeat("", "GET", str(file), World()).beat(SUMMARY)
    assert json.loads(file.read_text()) == {
        "at": "2026-01-01T01:00:00Z",
        "clean": True,
        "responses": 2,
        "open_attempts": 0,
        "version": "abc",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["beat.json"]


@pytest.mark.parametrize(
    "answer", [404, 302, 500, TimeoutError("no answer"), ConnectionRefusedError("no")], ids=str
)
async def test_a_call_that_fails_is_logged_without_its_address(answer, capsys):
    assert not await Heartbeat(URL, "GET", "", World(answer)).beat(SUMMARY)
    logged = capsys.readouterr().out
    assert "heartbeat_not" in logged
    assert "secret-path" not in logged


async def test_a_file_that_cannot_be_written_keeps_nobody_from_calling(tmp_path):
    world = World()
    assert not await Heartbeat(URL, "GET", str(tmp_path / "none" / "beat"), world).beat(SUMMARY)
    assert len(world.asked) == 1


@pytest.mark.parametrize(
    ("answer", "body", "trouble"),
    [
        (200, b"{}", ""),
        (503, b'{"ready":false,"reasons":["the disk is full","starting"]}', "the disk is full, starting"),
        (502, b"<html>", "HTTP 502"),
        (TimeoutError("no answer from x in 5 s"), b"", "no answer from x in 5 s"),
    ],
    ids=["ready", "not ready", "not ours", "no answer"],
)
async def test_a_server_says_how_it_is(answer, body, trouble):
    state = await Knock("http://mesh/-/ready", World(answer, body)).ask(NOW)
    assert (state.trouble, state.since) == (trouble, NOW if trouble else None)


async def test_trouble_lasts_since_it_began():
    world = World(503)
    knock = Knock("http://mesh/-/ready", world)
    await knock.ask(ago(30))
    assert (await knock.ask(NOW)).since == ago(30)
    world.answer = 200
    assert (await knock.ask(NOW)).since is None


async def test_a_server_that_is_not_to_be_asked_is_well():
    assert (await Knock("", World(503)).ask(NOW)).trouble == ""
