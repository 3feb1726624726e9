"""The robot's payload, signature and answers."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.page import Message, ReceiptState
from alertmesh.core.ports import HttpAnswer
from alertmesh.notify.robot import BODY_LIMIT, judge, markdown, plain, signed_url

URL = "https://oapi.dingtalk.com/robot/send?access_token=t"
SENT, BUSY, DEAD = ReceiptState.SENT, ReceiptState.BUSY, ReceiptState.DEAD
REFUSED, UNKNOWN = ReceiptState.REFUSED, ReceiptState.UNKNOWN


def said(**changes: object) -> Message:
    """Return a message to one person."""
    plain_message = Message(
        key="k1",
        title="[P1] #42 disk",
        text="Where: node-7\nOpen: https://m/incidents/42",
        minimal="P1 #42 open the console",
        mobiles=("13800000001",),
        url="https://m/incidents/42",
    )
    return msgspec.structs.replace(plain_message, **changes)


def body(message: Message) -> dict:
    return msgspec.json.decode(markdown(message, message.key))


def answer(code: int, text: str = "", status: int = 200) -> HttpAnswer:
    return HttpAnswer(status, {}, msgspec.json.encode({"errcode": code, "errmsg": text}))


def test_the_signature_is_the_documented_one():
    moment = datetime.fromtimestamp(1_700_000_000, UTC)
    sign = "N5P09a4%2Bp1AMJIJWnIvQd2Yxw9%2Bfu%2FoEBnPrjCcsLXk%3D"
    assert signed_url(URL, "SECabc123", moment) == f"{URL}&timestamp=1700000000000&sign={sign}"


def test_each_moment_is_signed_anew():
    now = datetime(2026, 11, 23, tzinfo=UTC)
    later = now + timedelta(milliseconds=1)
    assert signed_url(URL, "SECabc123", now) != signed_url(URL, "SECabc123", later)


def test_without_a_secret_the_address_stays():
    assert signed_url(URL, "", datetime(2026, 11, 23, tzinfo=UTC)) == URL


def test_the_key_travels_with_the_message():
    assert body(said())["msgUuid"] == "k1"


def test_a_mentioned_mobile_stands_in_the_text_too():
    sent = body(said())
    assert (sent["at"]["atMobiles"], "@13800000001" in sent["markdown"]["text"]) == (["13800000001"], True)


def test_the_link_opens_in_the_browser():
    assert (
        "[Open](dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fm" in body(said())["markdown"]["text"]
    )


@pytest.mark.parametrize("trap", ["[click](http://evil)", "![x](http://evil)", "[a]()"])
def test_a_monitor_cannot_plant_a_link(trap):
    assert "](" not in body(said(text=trap, title=trap, url=""))["markdown"]["text"]


@given(st.lists(st.text(max_size=2000), min_size=1, max_size=40))
def test_a_body_is_never_too_long_and_keeps_link_and_mention(lines):
    message = said(text="\n".join([*lines * 3, "Open: https://m/incidents/42"]))
    sent = markdown(message, "k1")
    text = msgspec.json.decode(sent)["markdown"]["text"]
    assert (len(sent) <= BODY_LIMIT, "@13800000001" in text, "[Open](" in text) == (True, True, True)


def test_one_endless_line_is_cut():
    sent = markdown(said(text="磁盘" * 20_000), "k1")
    assert (len(sent) <= BODY_LIMIT, "磁盘" in sent.decode(), "…" in sent.decode()) == (True, True, True)


def test_the_minimal_form_is_plain_text_with_the_mention():
    sent = msgspec.json.decode(plain(said(), "k1m"))
    assert (sent["msgtype"], sent["text"]["content"], sent["msgUuid"]) == (
        "text",
        "P1 #42 open the console\n@13800000001",
        "k1m",
    )


@pytest.mark.parametrize(
    ("code", "text", "state", "pause_s"),
    [
        (0, "ok", SENT, 0),
        (-1, "系统繁忙", BUSY, 0),
        (130101, "send too fast, exceed 20 times per minute", BUSY, 600),
        (410100, "发送速度太快而限流", BUSY, 600),
        (999999, "send too fast", BUSY, 600),
        (310000, "机器人发送签名不匹配", DEAD, 0),
        (310000, "invalid timestamp", DEAD, 0),
        (300005, "token is not exist", DEAD, 0),
        (300001, "", DEAD, 0),
        (400101, "access_token不存在", DEAD, 0),
        (400013, "群已被解散", DEAD, 0),
        (400102, "机器人已停用", DEAD, 0),
        (400106, "机器人不存在", DEAD, 0),
        (400105, "unsupported msgtype", REFUSED, 0),
        (43004, "content type", REFUSED, 0),
        (430102, "unsafe text", REFUSED, 0),
        (460101, "message too long, exceed 20000 bytes", REFUSED, 0),
    ],
)
def test_an_error_code_means(code, text, state, pause_s):
    receipt = judge(answer(code, text)).receipt
    assert (receipt.state, receipt.retry_after_s, receipt.throttled) == (state, pause_s, pause_s > 0)


def test_a_wrong_time_points_at_the_clock():
    assert "clock" in judge(answer(310000, "invalid timestamp")).receipt.error


@pytest.mark.parametrize(
    ("status", "content", "state"),
    [
        (200, b"<html>deny</html>", BUSY),
        (403, b"<html>deny</html>", BUSY),
        (200, b'{"status":1111,"punish":"deny"}', BUSY),
        (200, b"{}", BUSY),
        (502, b"bad gateway", UNKNOWN),
        (404, b"", DEAD),
    ],
)
def test_an_answer_that_is_not_the_robots(status, content, state):
    assert judge(HttpAnswer(status, {}, content)).receipt.state is state


@given(st.binary(max_size=300), st.integers(100, 599))
def test_no_answer_is_too_odd_to_judge(content, status):
    assert judge(HttpAnswer(status, {}, content)).receipt.state in ReceiptState
