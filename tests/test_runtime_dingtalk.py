"""The whole program with a DingTalk app: what people do in a chat counts, and cards show how things stand."""

from dataclasses import replace

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer
from msgspec import structs
from pydantic import SecretStr

from alertmesh.config.result import ChannelConfig
from alertmesh.console.app import build_app
from alertmesh.core.clock import ManualClock
from alertmesh.core.entries import Action, Command
from alertmesh.core.response import State
from alertmesh.demo.dingapp import GROUP, KEY, SECRET, TEMPLATE, DingAppStandIn
from alertmesh.metrics import Metrics
from alertmesh.notify.dingheard import sign
from alertmesh.runtime import Runtime
from alertmesh.store.memory import MemoryStore
from alertmesh.wiring import Wiring
from tests.fakes import NOW, said, until
from tests.scenarios.people import staffed


def configured(endpoint: str, kind: str = "dingtalk-app"):
    """Return a configuration in which wang is staff1, chen is staff2, and one app pages both."""
    settings = {"app_key": KEY, "app_secret": SECRET, "card_template": TEMPLATE, "endpoint": endpoint}
    if kind == "dingtalk-app":
        settings["conversation"] = GROUP
    plain = staffed("ding")
    staff = {"wang": "staff1", "chen": "staff2"}
    users = {
        name: structs.replace(user, display=name.title(), contacts={"dingtalk": staff.get(name, "")})
        for name, user in plain.oncall.users.items()
    }
    secret = {name: SecretStr(value) for name, value in settings.items()}
    return replace(
        plain,
        oncall=structs.replace(plain.oncall, users=users),
        channels={"ding": ChannelConfig("ding", kind, secret)},
    )


class Program:
    """The program, its clock, and the organisation it pages."""

    def __init__(self, kind: str) -> None:
        self.clock = ManualClock(NOW)
        self.gateway = DingAppStandIn(self.clock)
        self.store = MemoryStore()
        self.kind = kind

    async def start(self) -> None:
        """Start both, and wait until there is a stream and a page of incident 1."""
        self.endpoint = await self.gateway.start()
        await self.restart()
        door = self.runtime.door("prometheus", "")
        await self.runtime.ingest(door, said("Down"))
        await until(lambda: self.gateway.cloud.cards)

    async def restart(self) -> None:
        """Start the program, again if it ran before."""
        config = configured(self.endpoint, self.kind)
        self.runtime = Runtime(Wiring(config, lambda: config), self.store, self.clock, Metrics())
        await self.runtime.start()
        await until(lambda: self.gateway.connections)

    async def stop(self) -> None:
        """Stop both."""
        await self.runtime.stop()
        await self.gateway.stop()

    @property
    def state(self) -> tuple[State, str]:
        """Return what people do about incident 1, and who has it."""
        response = self.runtime.incident(1)[1]
        return response.state, response.owner

    @property
    def track(self) -> str:
        """Return the id of the first card."""
        return next(iter(self.gateway.cloud.cards))

    @property
    def card(self) -> dict[str, str]:
        """Return what the first card shows."""
        return self.gateway.cloud.cards[self.track].values


@pytest.fixture
async def program(request):
    made = Program(getattr(request, "param", "dingtalk-app"))
    await made.start()
    yield made
    await made.stop()


async def test_a_message_to_the_robot_acks_and_the_card_shows_it(program):
    assert program.card["status"] == "Nobody has it yet"
    await program.gateway.say("staff1", "@机器人 确认1")
    await until(lambda: program.state == (State.T1_ACKED, "wang"))
    await until(lambda: program.card["status"] == "acked by Wang 10:00 UTC")
    await until(lambda: program.gateway.answers)
    assert program.gateway.answers == ["#1：已由您处理"]
    assert (len(program.gateway.cloud.cards), program.gateway.cloud.messages) == (1, [])


async def test_a_press_acks_and_its_answer_rewrites_the_card(program):
    await program.gateway.press("staff1", program.track, "ack")
    assert program.state == (State.T1_ACKED, "wang")
    await until(lambda: program.card["status"] == "acked by Wang 10:00 UTC")
    assert program.gateway.late == 0


@pytest.mark.parametrize("program", ["dingtalk-person"], indirect=True)
async def test_a_person_acks_in_the_chat_with_the_robot(program):
    await program.gateway.press("staff1", program.track, "ack")
    await until(lambda: program.card["status"] == "acked by Wang 10:00 UTC")
    assert program.gateway.cloud.cards[program.track].place == "staff1"


async def test_a_message_that_is_posted_by_http_is_answered_in_the_request(program):
    body = msgspec.json.encode({"msgId": "m1", "senderStaffId": "staff1", "text": {"content": "ack 1"}})
    stamp = str(int(NOW.timestamp() * 1000))
    headers = {"timestamp": stamp, "sign": sign(SECRET, stamp)}
    async with TestClient(TestServer(build_app(program.runtime, program.runtime.metrics))) as web:
        answer = await web.post("/api/v1/callbacks/ding", data=body, headers=headers)
        forged = await web.post("/api/v1/callbacks/ding", data=body, headers={**headers, "sign": "x"})
        told = await answer.json()
    assert (told["text"]["content"], forged.status) == ("#1: you have it", 400)
    assert program.state == (State.T1_ACKED, "wang")


async def test_what_is_done_elsewhere_is_shown_too(program):
    await program.runtime.command(Command(action=Action.ACK, incident=1, actor="chen", at=NOW))
    await until(lambda: program.card["status"] == "acked by Chen 10:00 UTC")


async def test_whoever_is_not_known_changes_nothing(program):
    await program.gateway.say("", "ack 1")
    await until(lambda: program.gateway.answers)
    assert program.state == (State.T1_PAGING, "")


async def test_a_restart_and_a_reload_listen_again_and_know_the_card(program):
    await program.runtime.stop()
    await program.restart()
    await program.runtime.reload()
    await until(lambda: program.gateway.opened >= 3 and program.gateway.connections == 1)
    await program.gateway.say("staff1", "ack 1")
    await until(lambda: program.card["status"] == "acked by Wang 10:00 UTC")
    assert len(program.gateway.cloud.cards) == 1
