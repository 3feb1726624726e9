"""How DingTalk treats an enterprise app, without a network: tokens, messages, cards, DINGs, limits, faults.

Can be used as `core.ports.Http` directly. `demo.dingapp` puts it behind a port, with the stream.
"""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec import Struct, field

from alertmesh.core.clock import Clock
from alertmesh.core.ports import HttpAnswer
from alertmesh.demo.faults import Faulty, lose, page

FAULTS = (
    "timeout_after_accept",
    "drop_before_accept",
    "html",
    "banned",
    "busy",
    "slow",
    "unsafe",
    "undelivered",
    "stale_token",
    "flow_controlled",
    "no_ding_quota",
)
_TOKEN_PATH = "/v1.0/oauth2/accessToken"  # noqa: S105
_ONLY = {"undelivered": "createAndDeliver", "flow_controlled": "batchSend", "no_ding_quota": "ding/send"}
QPS, MONTHLY = 20, 5_000
TOKEN_LIFE = timedelta(hours=2)
_PARAM_LIMIT, _VALUE_LIMIT = 15_000, 1_024
_MOST_USERS = 20
_DING_MOST = {1: 200, 2: 20, 3: 20}
_SECOND = timedelta(seconds=1)
_FORMS = {"sampleText": ("content",), "sampleMarkdown": ("title", "text")}
_BUTTONS = tuple(f"action{part}{number}" for number in (1, 2, 3) for part in ("Title", "URL"))
_FORMS["sampleActionCard3"] = ("title", "text", *_BUTTONS)


class ChatMessage(Struct, frozen=True, kw_only=True):
    """A message in a chat: with a group by its conversation, or with a person by their staff id."""

    at: datetime
    place: str
    form: str
    title: str
    text: str
    id: str


class ShownCard(Struct, kw_only=True):
    """A card in a chat, as it looks now; `private` is what single people see besides."""

    place: str
    template: str
    values: dict[str, str]
    mentions: tuple[str, ...] = ()
    private: dict[str, dict[str, str]] = field(default_factory=dict)
    delivered: bool = True
    route: str = ""
    id: str = ""


class SentDing(Struct, frozen=True, kw_only=True):
    """A DING: 1 in the app, 2 an SMS, 3 a phone call."""

    at: datetime
    kind: int
    people: tuple[str, ...]
    content: str


class _Refusal(Exception):
    def __init__(self, code: str, status: int = 400, text: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.text = text or code


class DingCloud(Faulty):
    """One organisation with one app: its `staff`, and `groups` by conversation with who is in them.

    `refused` counts errors by code, `calls` those of each path. `read` are the ids of messages with
    the staff ids of whoever has read them.
    """

    def __init__(
        self,
        clock: Clock,
        app: tuple[str, str],
        staff: frozenset[str],
        groups: Mapping[str, frozenset[str]],
        templates: frozenset[str] = frozenset({"incident.schema"}),
        monthly: int = MONTHLY,
    ) -> None:
        super().__init__(FAULTS, page(200, b"<html><body>deny</body></html>"))
        self.clock = clock
        self.app = app
        self.staff = staff
        self.groups = groups
        self.messages: list[ChatMessage] = []
        self.cards: dict[str, ShownCard] = {}
        self.dings: list[SentDing] = []
        self.read: dict[str, set[str]] = {}
        self.refused: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._templates = templates
        self._monthly = monthly
        self._tokens: dict[str, datetime] = {}
        self._seconds: dict[str, deque[datetime]] = {}
        self._paths: dict[tuple[str, str], Callable[[Any, str], Any]] = {
            ("POST", "/v1.0/robot/groupMessages/send"): self._to_group,
            ("POST", "/v1.0/robot/oToMessages/batchSend"): self._to_people,
            ("POST", "/v1.0/robot/groupMessages/query"): self._readers,
            ("GET", "/v1.0/robot/oToMessages/readStatus"): self._read_status,
            ("POST", "/v1.0/robot/ding/send"): self._ding,
            ("POST", "/v1.0/card/instances/createAndDeliver"): self._create,
            ("PUT", "/v1.0/card/instances"): self._update,
        }

    def draw(self, url: str) -> str:
        """Count a call, and return what it suffers; fetching a token suffers nothing."""
        path = urlsplit(url).path
        self.calls[path] += 1
        can_fail = path != _TOKEN_PATH and path.endswith(_ONLY.get(self.next_fault, ""))
        return super().draw(url) if can_fail else ""

    def respond(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, fault: str
    ) -> HttpAnswer:
        """Answer a call of the API, as a path and a method want it."""
        if fault == "banned":
            return _said(200, {"status": 1111, "wait": 5, "source": "x5", "punish": "deny"})
        try:
            answer = _said(200, self._answer(method, url, headers, body, fault))
        except _Refusal as refusal:
            self.refused[refusal.code] += 1
            told = {"code": refusal.code, "message": refusal.text, "requestid": "r"}
            return _said(refusal.status, told)
        lose(fault)
        return answer

    def verify(self, key: str, secret: str) -> bool:
        """Tell whether these are the credentials of the app."""
        return (key, secret) == self.app

    def _answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes, fault: str) -> Any:
        path = urlsplit(url).path
        given = _payload(body) if method != "GET" else _query(url)
        if path == _TOKEN_PATH:
            return self._token(given)
        self._check(path, headers, fault)
        handler = self._paths.get((method, path))
        if handler is None:
            raise _Refusal("InvalidAction.NotFound", 404)
        return handler(given, fault)

    def _token(self, given: Any) -> Any:
        if not self.verify(given.get("appKey", ""), given.get("appSecret", "")):
            raise _Refusal("invalidClientIdOrSecret")
        token = f"token{len(self._tokens) + 1}"
        self._tokens[token] = self.clock.now() + TOKEN_LIFE
        return {"accessToken": token, "expireIn": int(TOKEN_LIFE.total_seconds())}

    def _check(self, path: str, headers: Mapping[str, str], fault: str) -> None:
        now = self.clock.now()
        sent = {name.lower(): value for name, value in headers.items()}
        token = sent.get("x-acs-dingtalk-access-token", "")
        if fault == "stale_token":
            self._tokens.pop(token, None)
        if now >= self._tokens.get(token, now):
            raise _Refusal("InvalidAuthentication", 401, "不合法的access_token")
        window = self._seconds.setdefault(path, deque())
        while window and window[0] <= now - _SECOND:
            window.popleft()
        if len(window) >= QPS:
            raise _Refusal("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", 403)
        window.append(now)
        if sum(self.calls.values()) > self._monthly:
            raise _Refusal("20001", 400, "api quota of the month exceeded")
        if fault == "busy":
            raise _Refusal("system.busy", 500)

    # Messages

    def _to_group(self, given: Any, fault: str) -> Any:
        conversation = given.get("openConversationId", "")
        if conversation not in self.groups:
            raise _Refusal("invalidParam.openConversationIdEmpry")
        return {"processQueryKey": self._say(given, [conversation], fault)}

    def _to_people(self, given: Any, fault: str) -> Any:
        people = given.get("userIds") or []
        if not people or len(people) > _MOST_USERS:
            raise _Refusal("invalidParameter.userIds.invalid")
        invalid = [one for one in people if one not in self.staff]
        held = [one for one in people if one not in invalid and fault == "flow_controlled"]
        reached = [one for one in people if one not in invalid and one not in held]
        key = self._say(given, reached, fault)
        return {"processQueryKey": key, "invalidStaffIdList": invalid, "flowControlledStaffIdList": held}

    def _say(self, given: Any, places: list[str], fault: str) -> str:
        form, param = str(given.get("msgKey", "")), str(given.get("msgParam", ""))
        if given.get("robotCode") != self.app[0]:
            raise _Refusal("robotNotFound")
        if len(param.encode()) > _PARAM_LIMIT:
            raise _Refusal("invalidParameter.msgParam.tooLong")
        try:
            parts = msgspec.json.decode(param, type=dict[str, str])
        except msgspec.MsgspecError:
            raise _Refusal("invalidParameter.msgParam.invalid") from None
        if form not in _FORMS or not all(parts.get(name) for name in _FORMS[form]):
            raise _Refusal("invalidParameter.msgKey.invalid")
        if fault == "unsafe" and form != "sampleText":
            raise _Refusal("param.contentUnsafe")
        key = f"query{len(self.messages) + len(self.cards) + 1}"
        text = parts.get("text") or parts.get("content", "")
        for place in places:
            title = parts.get("title", "")
            shown = ChatMessage(at=self.clock.now(), place=place, form=form, title=title, text=text, id=key)
            self.messages.append(shown)
        self.read[key] = set()
        return key

    def _readers(self, given: Any, fault: str) -> Any:
        readers = self.read.get(given.get("processQueryKey", ""))
        if readers is None or given.get("openConversationId") not in self.groups:
            raise _Refusal("invalidParameter.processQueryKey.invalid")
        return {"sendStatus": "SUCCESS", "readUserIds": sorted(readers), "hasMore": False}

    def _read_status(self, given: Any, fault: str) -> Any:
        readers = self.read.get(given.get("processQueryKey", ""), set())
        infos = [{"userId": one, "readStatus": "READ", "name": one} for one in sorted(readers)]
        return {"sendStatus": "SUCCESS", "messageReadInfoList": infos}

    def _ding(self, given: Any, fault: str) -> Any:
        people, kind = given.get("receiverUserIdList") or [], given.get("remindType")
        if given.get("robotCode") != self.app[0]:
            raise _Refusal("invalid.chatbotId")
        if kind not in _DING_MOST or not given.get("content"):
            raise _Refusal("invalidParameter.param.invalid")
        if not people or not all(one in self.staff for one in people):
            raise _Refusal("miss.staffId")
        if len(people) > _DING_MOST[kind]:
            raise _Refusal("ding.receivercount.limit")
        if fault == "no_ding_quota":
            raise _Refusal("ding.serverquota.insufficient", 400, "ding server quota insufficient")
        sent = SentDing(at=self.clock.now(), kind=kind, people=tuple(people), content=given["content"])
        self.dings.append(sent)
        return {"openDingId": f"ding{len(self.dings)}"}

    # Cards

    def _create(self, given: Any, fault: str) -> Any:
        track, template = str(given.get("outTrackId", "")), str(given.get("cardTemplateId", ""))
        if template not in self._templates:
            raise _Refusal("param.templateNotExist")
        if not track:
            raise _Refusal("param.outTrackIdEmpty")
        if track in self.cards:
            raise _Refusal("param.cardAlreadyExist")
        values = _values(given, fault)
        place, mentions = self._space(given)
        if given.get("callbackType") not in ("STREAM", "HTTP"):
            raise _Refusal("param.invalid")
        key = f"query{len(self.messages) + len(self.cards) + 1}"
        delivered = fault != "undelivered"
        self.cards[track] = ShownCard(
            place=place,
            template=template,
            values=values,
            mentions=mentions,
            delivered=delivered,
            route=str(given.get("callbackRouteKey", "")),
            id=key,
        )
        self.read[key] = set()
        result = {"spaceId": place, "success": delivered, "carrierId": key if delivered else ""}
        error = {} if delivered else {"errorMsg": "SYSTEM_ERROR"}
        return {"success": True, "result": {"outTrackId": track, "deliverResults": [result | error]}}

    def _space(self, given: Any) -> tuple[str, tuple[str, ...]]:
        kind, _, place = str(given.get("openSpaceId", "")).removeprefix("dtv1.card//").partition(".")
        if kind == "IM_GROUP" and place in self.groups:
            model = given.get("imGroupOpenDeliverModel") or {}
            if model.get("robotCode") != self.app[0]:
                raise _Refusal("param.openDeliverModelError")
            mentions = tuple(one for one in model.get("atUserIds", {}) if one in self.groups[place])
            return place, mentions
        if kind == "IM_ROBOT" and place in self.staff:
            if (given.get("imRobotOpenDeliverModel") or {}).get("spaceType") != "IM_ROBOT":
                raise _Refusal("param.openDeliverModelError")
            return place, ()
        raise _Refusal("param.openSpaceIdInvalid")

    def _update(self, given: Any, fault: str) -> Any:
        card = self.cards.get(str(given.get("outTrackId", "")))
        if card is None:
            raise _Refusal("param.cardNotExist")
        values = _values(given, fault)
        by_key = (given.get("cardUpdateOptions") or {}).get("updateCardDataByKey", False)
        card.values = {**card.values, **values} if by_key else values
        return {"success": True, "result": True}


def _values(given: Any, fault: str) -> dict[str, str]:
    values = (given.get("cardData") or {}).get("cardParamMap") or {}
    if not values:
        raise _Refusal("param.cardPublicDataEmpty")
    if not all(isinstance(value, str) and len(value.encode()) <= _VALUE_LIMIT for value in values.values()):
        raise _Refusal("param.invalid")
    if fault == "unsafe":
        raise _Refusal("param.contentUnsafe")
    return dict(values)


def _payload(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise _Refusal("InvalidParameter.JsonParse") from None


def _query(url: str) -> Any:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def _said(status: int, told: Any) -> HttpAnswer:
    return HttpAnswer(status, {"Content-Type": "application/json"}, msgspec.json.encode(told))
