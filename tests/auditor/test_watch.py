"""Rounds over a real file: pings while all is well, and words by channels of its own when it is not."""

import asyncio
import json
import sqlite3
from contextlib import asynccontextmanager, closing
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from alertmesh import cli
from alertmesh.auditor.look import Check
from alertmesh.auditor.watch import Auditor, as_data
from alertmesh.config import load
from alertmesh.core.clock import ManualClock
from alertmesh.core.entries import Tick
from alertmesh.core.ports import Batch
from alertmesh.core.response import Timer
from alertmesh.demo.dingtalk import DingTalkStandIn
from alertmesh.store.sqlite import SqliteStore
from tests.auditor.fakes import NOW, ago, healthy, kept, response, rows
from tests.real.local import LocalServer

EVERY_S = 15.0
OVERDUE = Batch(rows=rows(response(deadlines={Timer.STEP: ago(300)})))


class Outside(LocalServer):
    """The heartbeat service and the server's `/-/ready` behind one port."""

    def __init__(self):
        super().__init__()
        self.pings = 0
        self.status = 200

    def answer(self, method, path, headers, body):
        if path == "/-/ready":
            return self.status, b'{"reasons": ["the disk is full"]}'
        self.pings += 1
        return 200, b"OK"


class World:
    """An auditor of one store, its robot, and what is outside."""

    def __init__(self, folder, outside, robot, config, clock):
        self.clock, self.outside, self.robot = clock, outside, robot
        self.beat = folder / "beat.json"
        self.auditor = Auditor(config, config.store, clock)
        self.at_s = 0.0

    async def rounds(self, number):
        """Have so many rounds and return what the last one found."""
        for _ in range(number):
            found = await self.auditor.round(self.at_s)
            self.clock.advance(timedelta(seconds=EVERY_S))
            self.at_s += EVERY_S
        return [finding.check for finding in found.findings]

    @property
    def titles(self):
        return [message.title for message in self.robot.messages]


def configured(folder, url, **settings):
    robot = {"webhook": "file:webhook", "secret": "file:secret"}
    auditor = {"channels": ["own"], "people": ["operator"], "file": str(folder / "beat.json"), "disk_mb": 1}
    config = {
        "store": f"sqlite:///{folder / 'mesh.db'}",
        "channels": [
            {"name": "own", "kind": "dingtalk", "settings": robot},
            {"name": "console", "kind": "stdout"},
        ],
        "users": [{"name": "operator", "mobile": "13800000001", "channels": ["console"]}],
        "rosters": [{"name": name, "members": ["operator"]} for name in ("ops", "rnd")],
        "auditor": auditor | settings,
    }
    (folder / "webhook").write_text(url)
    (folder / "secret").write_text("SECdemo")
    file = folder / "alertmesh.yaml"
    file.write_text(json.dumps(config))
    return file


@asynccontextmanager
async def world(folder, **settings):
    clock = ManualClock(NOW)
    robot = DingTalkStandIn(clock)
    with Outside() as outside:
        given = {"heartbeat_url": f"{outside.url}/beat", "ready_url": f"{outside.url}/-/ready"} | settings
        file = configured(folder, await robot.start(), **given)
        made = World(folder, outside, robot, load(file, None, {}), clock)
        try:
            yield made
        finally:
            await made.auditor.close()
            await robot.stop()


async def written(folder, *batches):
    await asyncio.to_thread(kept, folder, *batches)


async def test_while_all_is_well_it_pings_and_keeps_quiet(tmp_path):
    await written(tmp_path, healthy())
    async with world(tmp_path) as mesh:
        assert await mesh.rounds(1) == []
        assert mesh.outside.pings == 1
        assert json.loads(mesh.beat.read_text())["responses"] == 1
        assert mesh.titles == []


async def test_what_lasts_is_told_by_its_own_robot_until_it_is_over(tmp_path):
    await written(tmp_path, healthy(), OVERDUE)
    async with world(tmp_path, overdue_s=240) as mesh:
        assert await mesh.rounds(1) == [Check.OVERDUE]
        assert mesh.titles == []
        await mesh.rounds(5)
        assert mesh.titles == ["The pager does not work as it should"]
        assert mesh.robot.messages[0].mobiles == ("13800000001",)
        assert mesh.outside.pings == 0
        assert not mesh.beat.exists()
        mended = response(deadlines={Timer.STEP: NOW + timedelta(hours=1)})
        await written(tmp_path, Batch(rows=rows(mended)))
        await mesh.rounds(3)
        assert mesh.titles[1:] == ["The pager works again"]
        assert mesh.outside.pings == 3


async def test_a_server_that_is_away_stops_the_ping_at_once_and_is_told_after_a_minute(tmp_path):
    await written(tmp_path, healthy())
    async with world(tmp_path) as mesh:
        mesh.outside.status = 503
        assert await mesh.rounds(4) == []
        assert (mesh.titles, mesh.outside.pings) == ([], 0)
        assert Check.SERVER in await mesh.rounds(1)
        assert "the disk is full" in mesh.robot.messages[0].text


async def test_a_store_that_cannot_be_read_any_more_is_told_at_once(tmp_path):
    await written(tmp_path, healthy())
    async with world(tmp_path) as mesh:
        await mesh.rounds(1)
        (tmp_path / "mesh.db").rename(tmp_path / "gone.db")
        assert await mesh.rounds(1) == [Check.STORE]
        assert "there is no such file" in mesh.robot.messages[0].text
        assert mesh.outside.pings == 1


async def test_a_store_that_is_not_there_yet_may_come(tmp_path):
    async with world(tmp_path) as mesh:
        assert await mesh.rounds(1) == [Check.STORE]
        assert mesh.titles == []
        await written(tmp_path, healthy())
        assert await mesh.rounds(1) == []


async def test_a_locked_store_is_not_waited_for(tmp_path):
    await written(tmp_path, healthy())
    async with world(tmp_path, read_s=0.05) as mesh:
        with closing(sqlite3.connect(tmp_path / "mesh.db", isolation_level=None)) as writer:
            writer.execute("PRAGMA locking_mode=EXCLUSIVE")
            writer.execute("BEGIN EXCLUSIVE")
            writer.execute("DELETE FROM count")
            assert await mesh.rounds(2) == [Check.STORE]
        assert "no answer within 0.05 s" in mesh.robot.messages[0].text


async def test_it_reads_while_the_server_writes_and_changes_nothing(tmp_path):
    store = SqliteStore(tmp_path / "mesh.db")
    await store.open()
    await store.write(healthy())
    async with world(tmp_path) as mesh:
        for number in range(4):
            await store.write(Batch(entries=[Tick(NOW)], cursor=3 + number))
            assert await mesh.rounds(1) == []
    assert store.cursor() == 6
    await store.close()


async def test_words_that_do_not_arrive_are_tried_again_and_logged(tmp_path, capsys):
    await written(tmp_path, healthy(), OVERDUE)
    async with world(tmp_path) as mesh:
        mesh.robot.fail_next("refuse_moderation", 6)  # more than one round tries
        await mesh.rounds(3)
        assert mesh.titles == []
        assert "not_told" in capsys.readouterr().out
        await mesh.rounds(1)
        assert len(mesh.titles) == 1


async def test_findings_are_plain_data(tmp_path):
    await written(tmp_path, healthy(), OVERDUE)
    async with world(tmp_path) as mesh:
        data = as_data(await mesh.auditor.once())
        (finding,) = data["findings"]
        assert (data["clean"], data["read"]) == (False, True)
        assert (finding["check"], finding["invariant"], finding["incident"]) == ("overdue", "I2", 1)
        assert finding["do"]


@pytest.mark.parametrize(
    ("batches", "status"),
    [([Batch(entries=[Tick(NOW)], cursor=1)], 0), ([healthy()], 1), ([], 2)],
    ids=["well", "wrong", "blind"],
)
def test_one_look_tells_by_its_exit_status(tmp_path, batches, status):
    if batches:
        kept(tmp_path, *batches)
    file = configured(tmp_path, "http://127.0.0.1:1/robot/send?access_token=demo", ready_url="none")
    shown = CliRunner().invoke(cli.app, ["auditor", "--config", str(file), "--once", "--json"])
    assert shown.exit_code == status
    line = next(line for line in shown.output.splitlines() if line.startswith("{"))
    assert json.loads(line)["clean"] is (status == 0)
