"""What is refused is told in the language that is asked for, or else in that of the reader's browser."""

import json
from typing import Any

import pytest
from aiohttp import ClientResponse

from alertmesh.core.errors import BadCommand, BadConfig, BadPayload, Overloaded, StoreUnavailable
from alertmesh.core.ports import Token
from alertmesh.core.response import State
from alertmesh.escalate.commands import explain
from alertmesh.escalate.events import EventKind, MachineEvent
from alertmesh.escalate.machine import step
from tests.console.fakes import NOW, Caller, FakeService, a_response, an_incident

CHROME = "zh-CN,zh;q=0.9,en;q=0.8"
SNOOZE = "/api/v1/incidents/1/snooze"
FIVE = b'{"minutes": 5}'


@pytest.fixture(autouse=True)
def _refused(service: FakeService) -> None:
    """Have a snooze refused as escalation refuses one of what is over."""
    over = a_response(1, state=State.RESOLVED)
    why = step(over, MachineEvent(kind=EventKind.SNOOZE, actor="ann", epoch=4, minutes=5), NOW).refused
    service.pairs = {1: (an_incident(1), over)}
    service.failure = BadCommand(explain(over, why))


async def told(answer: ClientResponse) -> Any:
    return json.loads(await answer.text())


async def test_a_refused_order_is_told_in_chinese_with_what_is_possible(api: Caller) -> None:
    answer = await api.post(SNOOZE, FIVE, Accept_Language=CHROME)
    problem = await told(answer)
    possible = "事件 #1 现为已解决（第 4 版），可以：认领、添加备注、关闭"
    assert problem["detail"] == f"只有处理人可以延后，请先认领；{possible}"
    assert (problem["type"], problem["title"]) == ("urn:alertmesh:impossible", "Unprocessable Entity")
    assert (problem["status"], problem["field"], problem["incident"]["id"]) == (422, "action", 1)
    assert (answer.status, answer.headers["Content-Language"]) == (422, "zh")
    assert int(answer.headers["Content-Length"]) == len(await answer.read())


@pytest.mark.parametrize(
    ("query", "browser", "is_chinese"),
    [
        ("", "", False),
        ("", CHROME, True),
        ("", "ZH", True),
        ("", "en-GB,en;q=0.9,zh;q=0.8", False),
        ("", "fr", False),
        ("?language=zh", "", True),
        ("?language=zh", "en", True),
        ("?language=en", CHROME, False),
        ("?language=fr", CHROME, True),
    ],
)
async def test_the_language_is_that_asked_for_or_else_that_of_the_browser(
    api: Caller, query: str, browser: str, is_chinese: bool
) -> None:
    answer = await api.post(SNOOZE + query, FIVE, **({"Accept_Language": browser} if browser else {}))
    assert (await told(answer))["detail"].isascii() is not is_chinese
    assert answer.headers.get("Content-Language") == ("zh" if is_chinese else None)


@pytest.mark.parametrize(("query", "vary"), [("", "Accept-Language"), ("?language=zh", None)])
async def test_a_cache_knows_what_the_language_depends_on(api: Caller, query: str, vary: str | None) -> None:
    assert (await api.post(SNOOZE + query, FIVE)).headers.get("Vary") == vary


@pytest.mark.parametrize(
    ("method", "path", "body", "chinese"),
    [
        ("GET", "/api/v1/incidents/9", b"", "没有事件 #9"),
        ("GET", "/api/v1/nothing", b"", "此地址没有内容"),
        ("GET", "/p/look/nothing", b"", "此地址没有内容"),
        ("DELETE", "/api/v1/incidents", b"", "此处不能用 DELETE，只能用 GET, HEAD"),
        ("GET", "/api/v1/incidents?limit=x", b"", "limit 应为不小于 1 的整数"),
        ("GET", "/api/v1/incidents/1?language=fr", b"", "language 应为 en, zh 之一"),
        ("POST", SNOOZE, b"{", "内容不完整"),
        ("POST", SNOOZE, b'{"epoch": "a"}', "应为整数或空值，不能是文本"),
        ("POST", SNOOZE, b"{}", "延后须写明 minutes"),
        ("POST", "/api/v1/incidents/1/ack", FIVE, "认领不需要 minutes"),
        ("POST", "/api/v1/ingest/nothing", b"{}", "没有来源类型 'nothing'"),
        ("POST", "/api/v1/ingest/alertmanager", b"{}", "缺少此项"),
        ("POST", "/api/v1/ingest/alertmanager", b"{", "内容不完整"),
    ],
)
async def test_whatever_is_refused_is_told_in_chinese(
    api: Caller, method: str, path: str, body: bytes, chinese: str
) -> None:
    sent = {"Accept-Language": CHROME, "Content-Type": "application/json"}
    assert (await told(await api.send(method, path, body, sent)))["detail"] == chinese


@pytest.mark.parametrize(
    ("failure", "chinese"),
    [
        (Overloaded("7 entries are waiting to be decided"), "有 7 条记录等待处理，请稍后重试"),
        (StoreUnavailable("disk"), "存储暂时无法写入，请稍后重试"),
        (BadPayload("a fault that nobody foresaw"), "AlertMesh 内部出错，详情见服务器日志"),
    ],
)
async def test_a_failure_of_the_server_is_told_in_chinese(
    service: FakeService, api: Caller, failure: Any, chinese: str
) -> None:
    service.failure = failure
    assert (await told(await api.post(SNOOZE, FIVE, Accept_Language=CHROME)))["detail"] == chinese


async def test_each_fault_of_a_configuration_is_told_in_chinese(service: FakeService, api: Caller) -> None:
    service.bad_config = BadConfig(["rosters/ops.yaml:3:5 zone: is missing", "something new is wrong"])
    problem = await told(await api.post("/-/reload", Accept_Language=CHROME))
    assert problem["detail"] == "配置有误，未生效，仍沿用原有配置"
    assert problem["problems"] == ["rosters/ops.yaml:3:5 zone：缺少此项", "something new is wrong"]


async def test_who_may_not_come_in_is_told_so_in_chinese(service: FakeService, api: Caller) -> None:
    service.tokens = {"s": Token(name="bot", digest="", scopes=("read",), created_at=NOW)}
    unknown = await api.post(SNOOZE, FIVE, Accept_Language=CHROME)
    lacking = await api.post(SNOOZE, FIVE, Accept_Language=CHROME, Authorization="Bearer s")
    assert [(await told(one))["detail"] for one in (unknown, lacking)] == [
        "请登录，或使用令牌",
        "令牌 'bot' 没有权限 'respond'",
    ]


async def test_what_is_written_down_stays_english(service: FakeService, api: Caller) -> None:
    await api.post(SNOOZE + "?language=zh", FIVE, Accept_Language=CHROME)
    assert [entry.action for entry in service.audited] == ["snooze"]
    assert all(f"{entry.target}{entry.detail}".isascii() for entry in service.audited)


async def test_what_has_no_form_is_told_as_it_came(service: FakeService, api: Caller) -> None:
    service.failure = BadCommand("something new stands in the way")
    answer = await api.post(SNOOZE, FIVE, Accept_Language=CHROME)
    assert (await told(answer))["detail"] == "something new stands in the way"
    assert "Content-Language" not in answer.headers


async def test_the_tools_of_alertmanager_are_told_what_alertmanager_says(api: Caller) -> None:
    answer = await api.post("/api/v2/nothing", Accept_Language=CHROME)
    assert (await told(answer))["message"] == "path /api/v2/nothing was not found"
