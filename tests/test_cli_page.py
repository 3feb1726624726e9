"""The `page`, `channel` and `message` commands, against a running server and without one."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace as changed
from typer.testing import CliRunner, Result

from alertmesh import cli
from alertmesh.config.result import ChannelConfig
from alertmesh.core.clock import SystemClock
from alertmesh.core.errors import AlertMeshError
from alertmesh.core.page import AttemptState, Message, Receipt, ReceiptState
from alertmesh.core.ports import Http
from alertmesh.server import Server
from alertmesh.store.memory import MemoryStore
from alertmesh.wiring import Wiring
from tests.fakes import said, until
from tests.scenarios.people import staffed

REFUSED = Receipt(state=ReceiptState.REFUSED, error="no such number")


class Post:
    """A channel that answers what it is told to, and says how it is when asked."""

    per_minute = 0
    idempotent = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.answer = self.health = Receipt(state=ReceiptState.SENT)

    async def send(self, message: Message, now: datetime, http: Http) -> Receipt:
        return self.answer

    async def probe(self, now: datetime, http: Http) -> Receipt:
        return self.health


class Desk:
    """Runs commands beside a server whose wang has two channels, and gives what they printed."""

    def __init__(self) -> None:
        config = staffed("ding")
        users = config.oncall.users | {"wang": changed(config.oncall.users["wang"], channels=("ding", "sms"))}
        config = replace(
            config,
            listen="127.0.0.1:0",
            oncall=changed(config.oncall, users=users),
            channels={name: ChannelConfig(name, "stdout") for name in ("ding", "sms")},
        )
        self.channels = {name: Post(name) for name in config.channels}
        self.store = MemoryStore()
        self.server = Server(Wiring(config), SystemClock(), self.store)
        self.runtime = self.server.runtime
        self.runtime.outbox.adopt(self.channels, self.runtime.wiring.person, "")
        self.url = ""

    async def __call__(self, *words: str, status: int = 0) -> str:
        done = await asyncio.to_thread(run, *words, "--url", self.url)
        told = done.output + (f"{done.exception}" if isinstance(done.exception, AlertMeshError) else "")
        assert done.exit_code == status, told
        return told

    async def page(self) -> None:
        """Have wang paged, and wait until it is settled."""
        await self.runtime.ingest(self.runtime.door("prometheus", ""), said("Down"))
        ended = (AttemptState.SENT, AttemptState.FAILED)
        await until(lambda: [one for one in self.runtime.attempts(1) if one.state in ended][1:])


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.app, list(words))


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    made.url = await made.server.start()
    yield made
    await made.server.stop()


async def test_a_test_shows_what_became_of_every_way(desk):
    desk.channels["sms"].answer = REFUSED
    told = await desk("page", "test", "wang", status=1)
    last = {line.split()[0]: line for line in told.splitlines()}
    assert "ding             sent after 0." in last["ding"]
    assert "no such number" in last["sms"]


async def test_a_test_of_one_channel_that_works_is_well(desk):
    answer = json.loads(await desk("page", "test", "wang", "--channel", "ding", "--json"))
    assert [(one["channel"], one["state"]) for one in answer["attempts"]] == [("ding", "sent")]


async def test_a_test_of_somebody_who_is_not_known_says_so(desk):
    assert "there is no person nobody" in await desk("page", "test", "nobody", status=1)


async def test_what_failed_is_listed_and_sent_once_more(desk):
    desk.channels["sms"].answer = REFUSED
    await desk.page()
    listed = (await desk("page", "list", "--state", "failed")).split()
    assert listed[1:6] == ["#1", "P1", "page", "wang", "sms"]
    name = listed[-1]
    assert f"{name} is queued" in await desk("page", "retry", name)
    assert "is sent" in await desk("page", "retry", name.replace("sms", "ding"), status=1)


async def test_only_what_is_worth_trying_is_listed(desk):
    desk.channels["sms"].answer = REFUSED
    await desk.page()
    assert await desk("page", "list", "--failed") == ""


async def test_channels_are_listed_with_what_is_wrong(desk):
    desk.channels["sms"].answer = REFUSED
    await desk.page()
    desk.runtime.outbox.gates("ding")[0].pause(desk.runtime.clock.now(), 600, "too fast")
    told = await desk("channel", "list")
    assert "1 refused; last 0 min ago: refused after 1 tries: no such number" in told
    assert ": too fast" in told


async def test_a_probe_fails_with_its_channel(desk):
    assert "well" in await desk("channel", "probe", "ding")
    desk.channels["ding"].health = Receipt(state=ReceiptState.DEAD, error="token is not exist")
    told = await desk("channel", "probe", "ding", status=1)
    assert ("SICK" in told, "token is not exist" in told) == (True, True)


async def test_a_message_about_an_incident_is_shown(desk):
    await desk.page()
    told = await desk("message", "preview", "1", "--kind", "update", "--language", "zh", "--channel", "sms")
    assert told.startswith("--- update zh sms, by update.zh: ")
    assert "text messages" in told


@pytest.mark.parametrize(
    ("kind", "title"), [("page", "[P1] #42"), ("closing", "[已解决]"), ("bundle", "[P1] 3 个事件")]
)
def test_a_sample_is_shown_without_a_server(kind, title):
    told = run("message", "preview", "--kind", kind, "--language", "zh", "--channel", "dingtalk").output
    assert told.splitlines()[1].startswith(title)


def test_a_template_of_ones_own_is_tried(tmp_path):
    (tmp_path / "messages").mkdir()
    (tmp_path / "messages" / "page.en.txt.j2").write_text("Wake up: {{ title }}")
    told = run("message", "preview", "--language", "en", "--rules", str(tmp_path)).output
    assert "Wake up: NodeDiskFull node-7 (+118)" in told


def test_a_bad_template_is_told_by_check_with_its_place(tmp_path):
    file = Path(tmp_path, "messages", "page.en.txt.j2")
    file.parent.mkdir()
    file.write_text("{{ priority }}\n  {{ rot.entity }}\n")
    (file.parent / "page.zh.yaml").write_text("")
    done = run("check", str(tmp_path))
    assert done.exit_code == 1
    assert f"{file.parent}/page.zh.yaml:1:1 is no template" in done.output
    (file.parent / "page.zh.yaml").unlink()
    assert f"{file}:2:6 there is no 'rot' to say" in run("check", str(tmp_path)).output
