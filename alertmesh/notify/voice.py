"""Page a person by a call of Alibaba Cloud that reads a template aloud (SingleCallByTts).

The provider calls one number once a minute, five times an hour and twenty times a day. What became
of a call is reported when it ended; whoever pressed a key has replied with it.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from alertmesh.core.page import Attempt, AttemptState, Message, Receipt, ReceiptState, Reply, Report
from alertmesh.core.ports import Channel, Heard, Http, Inbound, Notifier
from alertmesh.notify.aliphone import AliyunPhone
from alertmesh.notify.aliyun import OK, Client, client, health
from alertmesh.notify.asking import ask_each
from alertmesh.notify.callbacks import TAKEN, check, moment, posted
from alertmesh.notify.phone import callee, normal
from alertmesh.notify.settings import Settings
from alertmesh.notify.variables import Variables, read, spoken

ENDPOINT = "https://dyvmsapi.aliyuncs.com"
QUOTAS = "1/1m,5/1h,20/24h"
LENGTH = 20
REPORT_S = 90
MOST_PLAYS = 3
PRODUCT = "11000000300006"  # voice notifications
_OUT_ID = 15
_REMEMBERED = 5_000
_MADE_UP = "0^0"
_HEARD, _CUT_SHORT, _ENDED = "200000", "200001", "200100"
_ARRIVED = {_HEARD: AttemptState.READ, _CUT_SHORT: AttemptState.DELIVERED}
_UNDER_WAY = frozenset({"", _ENDED, "200101", "200102", "200103", "200201", "300000"})
_MACHINES = frozenset({"INTELLIGENT_ANSWER", "CALL_FORWARDING"})


class Speech(Struct, frozen=True):
    """What is said: the approved template, its variables, how often; and the number that is shown."""

    template: str
    variables: Variables
    plays: int
    shown: str = ""


class _Item(Struct):
    """One element of what the provider posts: the end of a call, or a step on the way."""

    call_id: str
    status_code: str | int = ""
    status_msg: str = ""
    smart_status_code: str = ""
    end_time: str = ""
    callee: str = ""
    out_id: str = ""
    dtmf: str = ""


class _Answer(Struct, rename="pascal"):
    data: str = ""


class _Detail(Struct, rename="camel"):
    state: str | int = ""
    state_desc: str = ""
    duration: int = 0
    end_date: str = ""


class AliyunVoice(AliyunPhone):
    """One approved template that is read to one number at a time. Keys and secrets never show."""

    def __init__(self, name: str, api: Client, speech: Speech) -> None:
        super().__init__(name, api)
        self._speech = speech
        self._keys: dict[str, str] = {}

    async def send(self, message: Message, now: datetime, http: Http) -> Receipt:
        """Call once."""
        try:
            number = callee(message, self.contact)
        except LookupError as error:
            return Receipt(state=ReceiptState.REFUSED, error=str(error))
        query = self._query(number, message)
        self._remember(message.key)
        return (await self._api.call(http, "SingleCallByTts", query, now)).receipt

    def prove(self, query: Mapping[str, str]) -> None:
        """Raise BadPayload unless the query carries the secret."""
        check(query, self._secret)

    def hear(self, request: Inbound) -> Heard:
        """Read how calls ended, and which keys were pressed; BadPayload unless it carries the secret."""
        items = posted(request, self._secret, list[_Item], "a list of calls")
        reports = [report for item in items if (report := self._report(item)) is not None]
        replies = [self._reply(item) for item in items if item.dtmf and item.callee]
        return Heard(reports=tuple(reports), replies=tuple(replies), answer=TAKEN)

    async def ask(self, attempts: Sequence[Attempt], now: datetime, http: Http) -> list[Report]:
        """Ask how calls ended; the provider knows only by the id it gave, and some minutes afterwards."""
        known = [attempt for attempt in attempts if attempt.provider_id]
        return await ask_each(known, lambda attempt: self._outcome(attempt, now, http))

    async def probe(self, now: datetime, http: Http) -> Receipt:
        """Ask for a call that never was: key, rights, clock and endpoint are then good."""
        question = _question(_MADE_UP, now)
        return health(await self._api.call(http, "QueryCallDetailByCallId", question, now))

    def _query(self, number: str, message: Message) -> dict[str, str]:
        values = {
            name: spoken(value) or value for name, value in self._speech.variables.fill(message).items()
        }
        query = {
            "CalledNumber": number,
            "TtsCode": self._speech.template,
            "TtsParam": msgspec.json.encode(values).decode(),
            "PlayTimes": str(self._speech.plays),
            "OutId": message.key[:_OUT_ID],
        }
        return query | ({"CalledShowNumber": self._speech.shown} if self._speech.shown else {})

    def _remember(self, key: str) -> None:
        """Keep which key a shortened one stands for: the provider gives back no more of it."""
        self._keys[key[:_OUT_ID]] = key
        if len(self._keys) > _REMEMBERED:
            del self._keys[next(iter(self._keys))]

    def _report(self, item: _Item) -> Report | None:
        code = str(item.status_code)
        if code in _UNDER_WAY:
            return None
        machine = item.smart_status_code if item.smart_status_code in _MACHINES else ""
        state = AttemptState.FAILED if machine else _ARRIVED.get(code, AttemptState.FAILED)
        error = f"{code}: {machine or item.status_msg}" if state is AttemptState.FAILED else ""
        return Report(
            state=state,
            key=self._keys.get(item.out_id, ""),
            provider_id=item.call_id,
            error=error,
            at=moment(item.end_time),
        )

    def _reply(self, item: _Item) -> Reply:
        return Reply(
            channel=self.name,
            contact=self.contact,
            sender=normal(item.callee) or item.callee,
            text=item.dtmf,
            id=f"{item.call_id}/{item.dtmf}",
        )

    async def _outcome(self, attempt: Attempt, now: datetime, http: Http) -> Report | None:
        detail = await self._detail(attempt, now, http)
        return _told(detail, attempt) if detail is not None else None

    async def _detail(self, attempt: Attempt, now: datetime, http: Http) -> _Detail | None:
        question = _question(attempt.provider_id, attempt.claimed_at or now)
        verdict = await self._api.call(http, "QueryCallDetailByCallId", question, now)
        if verdict.code != OK:
            return None
        try:
            data = msgspec.json.decode(verdict.body, type=_Answer).data
            return msgspec.json.decode(data, type=_Detail, strict=False) if data else None
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None


def _told(detail: _Detail, attempt: Attempt) -> Report | None:
    code = str(detail.state)
    if code == _ENDED and detail.duration:
        code = _CUT_SHORT  # somebody took it; how much they heard is not told
    if code in _UNDER_WAY:
        return None
    state = _ARRIVED.get(code, AttemptState.FAILED)
    error = f"{code}: {detail.state_desc}" if state is AttemptState.FAILED else ""
    return Report(
        state=state,
        key=attempt.key,
        provider_id=attempt.provider_id,
        error=error,
        at=moment(detail.end_date),
    )


def _question(call: str, at: datetime) -> dict[str, str]:
    milliseconds = int(at.astimezone(UTC).timestamp() * 1000)
    return {"CallId": call, "ProdId": PRODUCT, "QueryDate": str(milliseconds)}


def build(name: str, settings: Mapping[str, str]) -> Channel:
    """Make a channel of `access_key_id`, `access_key_secret` and `template`; see docs/sms.md."""
    given = Settings(name, settings)
    api, language = client(given, ENDPOINT), given.text("language", "zh")
    plays, shown = given.number("play_times", 2), given.text("show_number")
    if not 1 <= plays <= MOST_PLAYS:
        given.fault("play_times", f"must be 1 to {MOST_PLAYS}")
    template = given.required("template", "the code of the approved template, TTS_...")
    variables = read(given, language, LENGTH, "priority,incident,title")
    speech = Speech(template, variables, plays, shown)
    return AliyunVoice(name, api, speech).set_up(given, QUOTAS, REPORT_S)


NOTIFIER = Notifier("aliyun-voice", build)
