"""What holds for the robots of Feishu and of WeCom alike."""

import pytest

from alertmesh.core.page import ReceiptState
from alertmesh.demo import feishu, wecom
from alertmesh.demo.hookbots import HookServer
from alertmesh.notify.transport import AiohttpTransport
from tests.notify import test_feishu, test_wecom
from tests.notify.fakes import T0
from tests.notify.test_robot import said


@pytest.mark.parametrize("group", [test_feishu.Group, test_wecom.Group], ids=["feishu", "wecom"])
@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("timeout_after_accept", ReceiptState.UNKNOWN),
        ("drop_before_accept", ReceiptState.UNKNOWN),
        ("html", ReceiptState.UNKNOWN),
        ("busy", ReceiptState.BUSY),
        ("rush", ReceiptState.BUSY),
    ],
)
async def test_a_fault_is_told_apart(group, fault, state):
    made = group()
    made.robots.fail_next(fault)
    assert (await made.send()).state is state


@pytest.mark.parametrize(
    ("module", "path", "secret"),
    [
        (test_feishu, f"{feishu.PATH}{test_feishu.TOKEN}", {"secret": test_feishu.SECRET}),
        (test_wecom, f"{wecom.PATH}?key=key-1111", {}),
    ],
    ids=["feishu", "wecom"],
)
async def test_the_stand_in_answers_behind_a_port(module, path, secret):
    robots = module.Group().robots
    server, http = HookServer(robots), AiohttpTransport({"127.0.0.1"})
    channel = module.NOTIFIER.build("local", {"webhook": f"{await server.start()}{path}", **secret})
    receipt = await channel.send(said(), T0, http)
    await http.close()
    await server.stop()
    assert (receipt.state, len(robots.messages)) == (ReceiptState.SENT, 1)
