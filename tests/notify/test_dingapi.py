"""Calls to DingTalk as an app: its token, and what answers mean."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.clock import ManualClock
from alertmesh.core.page import ReceiptState
from alertmesh.core.ports import HttpAnswer
from alertmesh.demo.dingcloud import DingCloud
from alertmesh.notify.dingapi import App, DingApi, judge
from tests.notify.fakes import T0

SENT, BUSY, DEAD = ReceiptState.SENT, ReceiptState.BUSY, ReceiptState.DEAD
REFUSED, UNKNOWN = ReceiptState.REFUSED, ReceiptState.UNKNOWN
TOKEN_PATH = "/v1.0/oauth2/accessToken"
RIGHT = "secret"
DING = "/v1.0/robot/ding/send"
DING_BODY = {"robotCode": "key", "remindType": 1, "receiverUserIdList": ["staff1"], "content": "x"}


class Caller:
    """Somebody with an app."""

    def __init__(self, secret: str = RIGHT) -> None:
        self.clock = ManualClock(T0)
        self.cloud = DingCloud(self.clock, ("key", RIGHT), frozenset({"staff1"}), {})
        self.api = DingApi(App("key", secret))

    async def call(self):
        """Send a DING."""
        return await self.api.call(self.cloud, "POST", DING, DING_BODY, self.clock.now())


async def test_the_token_is_fetched_once():
    caller = Caller()
    assert [(await caller.call()).receipt.state for _ in range(3)] == [SENT] * 3
    assert caller.cloud.calls[TOKEN_PATH] == 1


async def test_the_token_is_renewed_before_it_ends():
    caller = Caller()
    await caller.call()
    caller.clock.advance(timedelta(hours=1, minutes=56))
    assert (await caller.call()).good
    assert (caller.cloud.calls[TOKEN_PATH], caller.cloud.refused) == (2, {})


async def test_a_token_that_was_taken_back_is_renewed_once():
    caller = Caller()
    caller.cloud.fail_next("stale_token")
    assert (await caller.call()).good
    assert (caller.cloud.calls[TOKEN_PATH], len(caller.cloud.dings)) == (2, 1)


async def test_a_wrong_secret_is_a_dead_channel():
    receipt = (await Caller("other").call()).receipt
    assert (receipt.state, "app_secret" in receipt.error) == (DEAD, True)


async def test_without_a_token_nothing_can_have_arrived():
    async def lost(*_args, **_named):
        raise TimeoutError

    assert (await Caller().api.call(lost, "POST", DING, DING_BODY, T0)).receipt.state is BUSY


async def test_more_calls_than_the_second_allows_pause_the_channel_shortly():
    caller = Caller()
    receipts = [(await caller.call()).receipt for _ in range(21)]
    assert (receipts[19].state, receipts[20].throttled, receipts[20].retry_after_s) == (SENT, True, 1)


async def test_a_month_that_is_used_up_pauses_the_channel_for_long():
    caller = Caller()
    caller.cloud = DingCloud(caller.clock, ("key", RIGHT), frozenset({"staff1"}), {}, monthly=2)
    receipts = [(await caller.call()).receipt for _ in range(2)]
    assert (receipts[1].throttled, receipts[1].retry_after_s) == (True, 3600)


@pytest.mark.parametrize(
    ("status", "code", "state", "pause_s"),
    [
        (400, "invalidClientIdOrSecret", DEAD, 0),
        (403, "Forbidden.AccessDenied.AccessTokenPermissionDenied", DEAD, 0),
        (403, "Forbidden.AccessDenied.IpNotInWhiteList", DEAD, 0),
        (403, "Forbidden.AccessDenied.QpsLimitForApi", BUSY, 1),
        (403, "Forbidden.AccessDenied.QpmLimitForAppkeyAndApi", BUSY, 60),
        (401, "InvalidAuthentication", BUSY, 0),
        (400, "toomuch.msg", BUSY, 60),
        (400, "ding.serverquota.insufficient", REFUSED, 0),
        (400, "param.templateUnpublished", DEAD, 0),
        (400, "param.contentUnsafe", REFUSED, 0),
        (500, "system.busy", BUSY, 0),
        (500, "system.error", UNKNOWN, 0),
        (400, "what.is.this", REFUSED, 0),
        (502, "what.is.this", UNKNOWN, 0),
        (400, 20001, BUSY, 3600),
    ],
)
def test_an_error_code_means(status, code, state, pause_s):
    body = msgspec.json.encode({"code": code, "message": "m", "requestid": "r"})
    receipt = judge(HttpAnswer(status, {}, body)).receipt
    assert (receipt.state, receipt.retry_after_s, receipt.throttled) == (state, pause_s, pause_s > 0)


@pytest.mark.parametrize(
    ("status", "content", "state", "pause_s"),
    [
        (200, b"<html>deny</html>", BUSY, 300),
        (200, b'{"status":1111,"punish":"deny"}', BUSY, 300),
        (502, b"bad gateway", UNKNOWN, 0),
        (404, b"", DEAD, 0),
        (400, b"{}", BUSY, 30),
    ],
)
def test_an_answer_that_is_not_the_apis(status, content, state, pause_s):
    receipt = judge(HttpAnswer(status, {}, content)).receipt
    assert (receipt.state, receipt.retry_after_s) == (state, pause_s)


@given(st.binary(max_size=300), st.integers(100, 599))
def test_no_answer_is_too_odd_to_judge(content, status):
    assert judge(HttpAnswer(status, {}, content)).receipt.state in ReceiptState
