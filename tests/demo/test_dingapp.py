"""The stand-in refuses what DingTalk refuses of an app."""

from datetime import timedelta

import msgspec
import pytest

from alertmesh.core.clock import ManualClock
from alertmesh.demo.dingapp import GROUP, KEY, SECRET, STAFF, STREAM_FAULTS, TEMPLATE, DingAppStandIn
from alertmesh.demo.dingcloud import FAULTS, DingCloud
from tests.notify.fakes import T0

SEND, CHAT = "/v1.0/robot/groupMessages/send", "/v1.0/robot/oToMessages/batchSend"
DING, CARDS = "/v1.0/robot/ding/send", "/v1.0/card/instances"
TEXT = {"robotCode": KEY, "msgKey": "sampleText", "msgParam": '{"content":"hello"}'}
TO_GROUP = {**TEXT, "openConversationId": GROUP}
REMIND = {"robotCode": KEY, "remindType": 3, "receiverUserIdList": ["staff1"], "content": "disk"}
CARD = {
    "cardTemplateId": TEMPLATE,
    "outTrackId": "t1",
    "callbackType": "STREAM",
    "cardData": {"cardParamMap": {"title": "disk"}},
    "openSpaceId": f"dtv1.card//IM_GROUP.{GROUP}",
    "imGroupOpenDeliverModel": {"robotCode": KEY},
}
GOOD = "good"


class Caller:
    """Somebody who calls the API by hand."""

    def __init__(self) -> None:
        self.clock = ManualClock(T0)
        groups = {GROUP: frozenset(STAFF)}
        self.cloud = DingCloud(self.clock, (KEY, SECRET), frozenset(STAFF), groups, frozenset({TEMPLATE}))
        self.token = ""

    async def call(self, path, body, method="POST"):
        """Make one call, and return the answer; the token is fetched before."""
        if not self.token:
            given = await self.post("/v1.0/oauth2/accessToken", {"appKey": KEY, "appSecret": SECRET})
            self.token = given["accessToken"]
        return await self.post(path, body, method)

    async def post(self, path, body, method="POST"):
        headers = {"x-acs-dingtalk-access-token": self.token}
        answer = await self.cloud(
            method, f"https://h{path}", headers=headers, body=msgspec.json.encode(body), timeout_s=1
        )
        return msgspec.json.decode(answer.body)


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (SEND, TO_GROUP, GOOD),
        (SEND, {**TO_GROUP, "openConversationId": "other"}, "invalidParam.openConversationIdEmpry"),
        (SEND, {**TO_GROUP, "robotCode": "other"}, "robotNotFound"),
        (SEND, {**TO_GROUP, "msgParam": "x" * 15_001}, "invalidParameter.msgParam.tooLong"),
        (SEND, {**TO_GROUP, "msgParam": "nonsense"}, "invalidParameter.msgParam.invalid"),
        (SEND, {**TO_GROUP, "msgKey": "sampleMarkdown"}, "invalidParameter.msgKey.invalid"),
        (CHAT, {**TEXT, "userIds": ["staff1"]}, GOOD),
        (CHAT, {**TEXT, "userIds": ["staff1"] * 21}, "invalidParameter.userIds.invalid"),
        (DING, REMIND, GOOD),
        (DING, {**REMIND, "receiverUserIdList": ["staff1"] * 21}, "ding.receivercount.limit"),
        (DING, {**REMIND, "receiverUserIdList": ["other"]}, "miss.staffId"),
        (DING, {**REMIND, "remindType": 4}, "invalidParameter.param.invalid"),
        (f"{CARDS}/createAndDeliver", CARD, GOOD),
        (f"{CARDS}/createAndDeliver", {**CARD, "cardTemplateId": "x"}, "param.templateNotExist"),
        (f"{CARDS}/createAndDeliver", {**CARD, "openSpaceId": "x"}, "param.openSpaceIdInvalid"),
        (
            f"{CARDS}/createAndDeliver",
            {**CARD, "cardData": {"cardParamMap": {"title": "x" * 1025}}},
            "param.invalid",
        ),
        ("/v1.0/other", {}, "InvalidAction.NotFound"),
    ],
)
async def test_a_call_is_checked(path, body, code):
    answer = await Caller().call(path, body)
    assert answer.get("code", GOOD) == code


async def test_a_card_is_made_once_and_changed_by_key():
    caller = Caller()
    await caller.call(f"{CARDS}/createAndDeliver", CARD)
    again = await caller.call(f"{CARDS}/createAndDeliver", CARD)
    change = {"outTrackId": "t1", "cardData": {"cardParamMap": {"status": "acked"}}}
    await caller.call(CARDS, {**change, "cardUpdateOptions": {"updateCardDataByKey": True}}, "PUT")
    assert (again["code"], caller.cloud.cards["t1"].values) == (
        "param.cardAlreadyExist",
        {"title": "disk", "status": "acked"},
    )


async def test_a_change_of_a_card_that_is_not_there_is_refused():
    change = {"outTrackId": "t2", "cardData": {"cardParamMap": {"status": "acked"}}}
    assert (await Caller().call(CARDS, change, "PUT"))["code"] == "param.cardNotExist"


async def test_the_twenty_first_call_of_a_second_is_refused():
    caller = Caller()
    codes = [(await caller.call(SEND, TO_GROUP)).get("code", GOOD) for _ in range(21)]
    caller.clock.advance(timedelta(seconds=1))
    codes.append((await caller.call(SEND, TO_GROUP)).get("code", GOOD))
    assert codes[19:] == [GOOD, "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", GOOD]


async def test_a_token_ends_after_two_hours():
    caller = Caller()
    await caller.call(SEND, TO_GROUP)
    caller.clock.advance(timedelta(hours=2))
    assert (await caller.call(SEND, TO_GROUP))["code"] == "InvalidAuthentication"


def test_an_unknown_fault_is_refused():
    with pytest.raises(ValueError, match="boom"):
        Caller().cloud.fail_next("boom")


@pytest.fixture
async def standin():
    served = DingAppStandIn(ManualClock(T0), hang_s=0)
    served.url = await served.start()
    yield served
    await served.stop()


@pytest.mark.parametrize("fault", [*FAULTS, *STREAM_FAULTS])
async def test_a_fault_can_be_ordered(standin, http, fault):
    body = msgspec.json.encode({"kind": fault})
    answer = await http("POST", f"{standin.url}/faults", headers={}, body=body, timeout_s=5)
    assert answer.status == 204


async def test_a_ticket_is_good_once(standin, http):
    topics = [{"topic": "/v1.0/im/bot/messages/get"}, {"topic": "/v1.0/card/instances/callback"}]
    body = msgspec.json.encode({"clientId": KEY, "clientSecret": SECRET, "subscriptions": topics})
    path = f"{standin.url}/v1.0/gateway/connections/open"
    given = msgspec.json.decode((await http("POST", path, headers={}, body=body, timeout_s=5)).body)
    url = f"{given['endpoint']}?ticket={given['ticket'].replace('+', '%2B')}"
    async with http.dial(url, heartbeat_s=5):
        with pytest.raises(ConnectionRefusedError):
            await http.dial(url, heartbeat_s=5).__aenter__()
    assert standin.opened == 1


async def test_nobody_can_be_heard_without_a_stream(standin, http):
    body = b'{"staff":"staff1","text":"ack 42"}'
    answer = await http("POST", f"{standin.url}/say", headers={}, body=body, timeout_s=5)
    assert (answer.status, answer.body) == (400, b"no stream is open")
