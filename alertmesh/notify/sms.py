"""Page a person by a text message of Alibaba Cloud (SendSms).

In mainland China a message is a template that was approved beforehand, with a few short variables.
Sending the same twice sends it twice: after a lost answer the provider is asked what became of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
from msgspec import Struct, structs

from alertmesh.core.page import Attempt, AttemptState, Message, Receipt, ReceiptState, Reply, Report
from alertmesh.core.ports import Channel, Heard, Http, Inbound, Notifier
from alertmesh.notify.aliphone import AliyunPhone
from alertmesh.notify.aliyun import OK, Client, client, health
from alertmesh.notify.asking import ask_each
from alertmesh.notify.callbacks import CHINA, TAKEN, check, moment, posted
from alertmesh.notify.phone import callee, normal
from alertmesh.notify.settings import Settings
from alertmesh.notify.variables import Variables, read

ENDPOINT = "https://dysmsapi.aliyuncs.com"
QUOTAS = "50/24h"  # of one sign, template and number
LENGTH = 20
REPORT_S = 60
_PAGE = 50
_MOST_PAGES = 10  # 500 messages to one number in a day, ten times what the provider allows
_MIDNIGHT = timedelta(minutes=5)
_MADE_UP = "10000000000"
_WAITING, _FAILED, _DELIVERED = 1, 2, 3
# Refusals of what stands in the variables: sent once more with nothing in it that a monitor wrote.
_WORDING = frozenset(
    {
        "isv.PARAM_NOT_SUPPORT_URL",
        "isv.PARAM_LENGTH_LIMIT",
        "isv.TEMPLATE_PARAMS_ILLEGAL",
        "isv.BLACK_KEY_CONTROL_LIMIT",
        "isv.SMS_CONTENT_ILLEGAL",
        "isv.INVALID_PARAMETERS",
    }
)


class Wording(Struct, frozen=True):
    """The approved words: whose sign, which template, and how its variables are filled."""

    sign: str
    template: str
    variables: Variables


class _Item(Struct):
    """One element of what the provider posts: a report (SmsReport) or a reply (SmsUp)."""

    phone_number: str
    success: bool | None = None
    err_code: str = ""
    err_msg: str = ""
    report_time: str = ""
    biz_id: str = ""
    out_id: str = ""
    content: str | None = None
    send_time: str = ""
    sequence_id: str | int = ""


class _Detail(Struct, rename="pascal"):
    out_id: str = ""
    send_status: int = _WAITING
    err_code: str = ""
    receive_date: str = ""


class _Details(Struct):
    details: list[_Detail] = msgspec.field(name="SmsSendDetailDTO", default_factory=list)


class _Found(Struct):
    details: _Details = msgspec.field(name="SmsSendDetailDTOs", default_factory=_Details)


class AliyunSms(AliyunPhone):
    """One sign and template; each message goes to one number. Keys and secrets never show."""

    def __init__(self, name: str, api: Client, wording: Wording) -> None:
        super().__init__(name, api)
        self._wording = wording

    async def send(self, message: Message, now: datetime, http: Http) -> Receipt:
        """Send a message once; variables that are refused are sent once more without what monitors wrote."""
        try:
            number = callee(message, self.contact)
        except LookupError as error:
            return Receipt(state=ReceiptState.REFUSED, error=str(error))
        variables = self._wording.variables
        filled, plain = variables.fill(message), variables.fill_plainly(message)
        first = await self._api.call(http, "SendSms", self._query(number, message.key, filled), now)
        if first.code not in _WORDING or filled == plain:
            return first.receipt
        second = await self._api.call(http, "SendSms", self._query(number, message.key, plain), now)
        errors = (f"made plain after {first.receipt.error}", second.receipt.error)
        return structs.replace(second.receipt, error="; ".join(error for error in errors if error))

    def prove(self, query: Mapping[str, str]) -> None:
        """Raise BadPayload unless the query carries the secret."""
        check(query, self._secret)

    def hear(self, request: Inbound) -> Heard:
        """Read reports and replies; BadPayload unless the request carries the secret."""
        items = posted(request, self._secret, list[_Item], "a list of reports or replies")
        reports = [_report(item) for item in items if item.content is None and item.success is not None]
        replies = [self._reply(item) for item in items if item.content is not None]
        return Heard(reports=tuple(reports), replies=tuple(replies), answer=TAKEN)

    async def ask(self, attempts: Sequence[Attempt], now: datetime, http: Http) -> list[Report]:
        """Ask what became of messages, found by number and day.

        One that is on its way counts as SENT, which is news only when its answer was lost.
        """
        known = [attempt for attempt in attempts if attempt.message]
        return await ask_each(known, lambda attempt: self._outcome(attempt, now, http))

    async def probe(self, now: datetime, http: Http) -> Receipt:
        """Ask for the messages of a number that nobody has: key, rights, clock and endpoint are then good."""
        question = _question(_MADE_UP, now)
        return health(await self._api.call(http, "QuerySendDetails", question, now))

    def _query(self, number: str, key: str, values: Mapping[str, str]) -> dict[str, str]:
        return {
            "PhoneNumbers": number,
            "SignName": self._wording.sign,
            "TemplateCode": self._wording.template,
            "TemplateParam": msgspec.json.encode(values).decode(),
            "OutId": key,
        }

    async def _outcome(self, attempt: Attempt, now: datetime, http: Http) -> Report | None:
        detail = await self._detail(attempt, now, http)
        return _told(detail, attempt) if detail is not None else None

    async def _detail(self, attempt: Attempt, now: datetime, http: Http) -> _Detail | None:
        message = msgspec.json.decode(attempt.message, type=Message)
        try:
            number = callee(message, self.contact)
        except LookupError:
            return None
        narrowed = {"BizId": attempt.provider_id} if attempt.provider_id else {}
        for day in _days(attempt.claimed_at or now):
            for page in range(1, _MOST_PAGES + 1):
                question = _question(number, day, page) | narrowed
                verdict = await self._api.call(http, "QuerySendDetails", question, now)
                details = _read_details(verdict.body) if verdict.code == OK else []
                for detail in details:
                    if detail.out_id == attempt.key:
                        return detail
                if len(details) < _PAGE:
                    break
        return None

    def _reply(self, item: _Item) -> Reply:
        number, text = normal(item.phone_number) or item.phone_number, item.content or ""
        same = f"{number}\n{item.send_time}\n{text}"
        return Reply(
            channel=self.name,
            contact=self.contact,
            sender=number,
            text=text,
            id=str(item.sequence_id) or sha256(same.encode()).hexdigest()[:32],
        )


def _report(item: _Item) -> Report:
    state = AttemptState.DELIVERED if item.success else AttemptState.FAILED
    error = "" if item.success else f"{item.err_code}: {item.err_msg}".strip(": ")
    return Report(
        state=state, key=item.out_id, provider_id=item.biz_id, error=error, at=moment(item.report_time)
    )


def _told(detail: _Detail, attempt: Attempt) -> Report | None:
    """Say what a record means; one that waits says something only when nobody knew that the message left."""
    state = {_DELIVERED: AttemptState.DELIVERED, _FAILED: AttemptState.FAILED}.get(detail.send_status)
    if state is None and attempt.state is not AttemptState.SENT:
        state = AttemptState.SENT
    if state is None:
        return None
    return Report(
        state=state,
        key=attempt.key,
        provider_id=attempt.provider_id,
        error=detail.err_code if state is AttemptState.FAILED else "",
        at=moment(detail.receive_date),
    )


def _question(number: str, day: datetime, page: int = 1) -> dict[str, str]:
    return {
        "PhoneNumber": number,
        "SendDate": day.astimezone(CHINA).strftime("%Y%m%d"),
        "PageSize": str(_PAGE),
        "CurrentPage": str(page),
    }


def _days(sent: datetime) -> Iterator[datetime]:
    """Yield the day in Beijing on which a message was sent, and the next one when midnight was near."""
    yield sent
    if (sent + _MIDNIGHT).astimezone(CHINA).date() != sent.astimezone(CHINA).date():
        yield sent + _MIDNIGHT


def _read_details(body: bytes) -> list[_Detail]:
    try:
        return msgspec.json.decode(body, type=_Found, strict=False).details.details
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return []


def build(name: str, settings: Mapping[str, str]) -> Channel:
    """Make a channel of `access_key_id`, `access_key_secret`, `sign_name`, `template`; see docs/sms.md."""
    given = Settings(name, settings)
    api, language = client(given, ENDPOINT), given.text("language", "zh")
    wording = Wording(
        given.required("sign_name", "the approved sign"),
        given.required("template", "the code of the approved template, SMS_..."),
        read(given, language, LENGTH),
    )
    return AliyunSms(name, api, wording).set_up(given, QUOTAS, REPORT_S)


NOTIFIER = Notifier("aliyun-sms", build)
