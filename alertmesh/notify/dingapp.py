"""Page by the robot of a DingTalk enterprise app: a group, or one person in a chat with the robot.

With a card template an incident is one card in each place, made under an id of ours, so that making
it twice shows it once; later pages and news rewrite it. A rewritten card rings nobody, so a later
page also sends one line. Without a template every message is a message of its own.
"""

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct, structs

from alertmesh.core.live import Lines, Situation
from alertmesh.core.page import Attempt, AttemptState, Message, PageKind, Receipt, ReceiptState, Report
from alertmesh.core.ports import Channel, Heard, Http, Inbound, Notifier, Quota
from alertmesh.notify import dingform, dingheard
from alertmesh.notify.asking import ask_each
from alertmesh.notify.ding import Ding, Remind
from alertmesh.notify.dingapi import ENDPOINT, UNSAFE, App, Call, DingApi
from alertmesh.notify.dingboard import Board
from alertmesh.notify.dingcard import Place
from alertmesh.notify.dingcards import Cards, Template, plainer, read, remember, suits
from alertmesh.notify.dingform import Form
from alertmesh.notify.dingheard import Secrets
from alertmesh.notify.dingread import readers
from alertmesh.notify.dingstream import Stream, gateway_hosts
from alertmesh.notify.phone import contact_of
from alertmesh.notify.robot import CONTACT
from alertmesh.notify.settings import Settings

PER_MINUTE = 18  # in a group, as a custom robot; it is not told whether the same limit holds here
REPORT_S = 60
_SENT, _REFUSED = ReceiptState.SENT, ReceiptState.REFUSED
_DINGS = {"app": Remind.APP, "sms": Remind.SMS, "phone": Remind.PHONE}


class _Sent(Struct, rename="camel"):
    process_query_key: str = ""
    invalid_staff_id_list: list[str] = []
    flow_controlled_staff_id_list: list[str] = []
    filtered_staff_id_list: list[str] = []


class Robot(Struct, frozen=True, kw_only=True):
    """A robot of an app by its code, the cards it shows if it does, and the DINGs it sends if it does.

    `card_secret` signs presses that are posted to us; never shown.
    """

    code: str
    card_secret: str = ""
    template: Template | None = None
    ding: Ding | None = None

    def __repr__(self) -> str:
        return "Robot(...)"


class AppChannel(ABC):
    """What a group and a person have in common; secrets never show."""

    def __init__(self, name: str, api: DingApi, robot: Robot) -> None:
        self.name = name
        self.per_minute = 0
        self.idempotent = robot.template is not None
        self.report_s = float(REPORT_S)
        self.language = ""
        self.hosts: tuple[str, ...] = (api.host,)
        self.stream: Stream | None = None
        self._api = api
        self._robot = robot
        self._board = Board()
        self._cards = Cards(name, api, robot.template, self._board) if robot.template else None
        self._shown: OrderedDict[str, Receipt] = OrderedDict()  # by key, what is in the chat already

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    async def send(self, message: Message, now: datetime, http: Http) -> Receipt:
        """Send a message once; the DING that a P1 page asks for is part of it."""
        try:
            place, people = self.place(message), self.people(message)
        except LookupError as error:
            return Receipt(state=_REFUSED, error=str(error))
        receipt = self._shown.get(message.key) or await self._show(message, place, people, now, http)
        if receipt.state is not _SENT or not self._rings(message):
            return receipt
        remember(self._shown, message.key, receipt)  # a DING that is tried again shows nothing again
        return await self._ring(receipt, message, people, now, http)

    async def show(self, message: Message, situation: Situation, now: datetime, http: Http) -> Receipt:
        """Make the card of a message show how its incident stands."""
        if self._cards is None or not suits(message):
            return Receipt(state=_SENT)
        try:
            place = self.place(message)
        except LookupError:
            return Receipt(state=_SENT)
        return await self._cards.show(message, place, situation, now, http)

    def hear(self, request: Inbound) -> Heard:
        """Read what DingTalk posted; BadPayload unless it is signed with the app's secret."""
        secrets = Secrets(self._api.app.secret, self._robot.card_secret)
        return dingheard.hear(request, self.name, secrets)

    async def listen(self, heard: Callable[[Heard], Awaitable[str]], lines: Lines) -> None:
        """Hear people over the stream, if this channel is to."""
        if self.stream is not None:
            await self.stream.run(heard, lines, self._board, self._cards)

    async def ask(self, attempts: Sequence[Attempt], now: datetime, http: Http) -> list[Report]:
        """Ask who read messages; one counts as read when everybody it was for has read it."""
        known = [attempt for attempt in attempts if attempt.message and attempt.provider_id]
        return await ask_each(known, lambda attempt: self._outcome(attempt, now, http))

    async def probe(self, now: datetime, http: Http) -> Receipt:
        """Fetch the access token, or have one: the app is then good, which says nothing of the robot.

        A channel that listens and hears nobody says so too.
        """
        known = await self._api.token(http, now)
        if known.good and self.stream is not None and self.stream.problem:
            error = f"nobody is heard, there is no stream: {self.stream.problem}"
            return Receipt(state=ReceiptState.BUSY, error=error)
        return known.receipt

    @abstractmethod
    def place(self, message: Message) -> Place:
        """Return where a message goes; LookupError, with what to do, when that is nowhere."""

    def people(self, message: Message) -> list[str]:
        """Return the staff ids of those a message is for, where they are known."""
        known = (contact_of(recipient, CONTACT) for recipient in message.recipients)
        return list(dict.fromkeys(one for one in known if one))

    async def _outcome(self, attempt: Attempt, now: datetime, http: Http) -> Report | None:
        message, own = msgspec.json.decode(attempt.message, type=Message), attempt.provider_id
        try:
            place, people = self.place(message), self.people(message)
        except LookupError:
            return None
        if not people or not await readers(self._api, self._robot.code, place, own, now, http) >= set(people):
            return None
        return Report(state=AttemptState.READ, key=attempt.key, provider_id=own)

    async def _show(
        self, message: Message, place: Place, people: Sequence[str], now: datetime, http: Http
    ) -> Receipt:
        if self._cards is None or not suits(message):
            return await self._post(dingform.page(message), message, place, now, http)
        shown = await self._cards.tell(message, place, people, now, http)
        if not shown.silent:
            return shown.receipt
        return await self._post(dingform.again(message), message, place, now, http)

    def _rings(self, message: Message) -> bool:
        fields = message.fields
        asks = fields.get("kind") == PageKind.PAGE and fields.get("priority") == "P1"
        return asks and self._robot.ding is not None

    async def _ring(
        self, shown: Receipt, message: Message, people: Sequence[str], now: datetime, http: Http
    ) -> Receipt:
        """Send the DING; without it the page is not what was asked for, so the next way is to be tried."""
        if self._robot.ding is None or not people:
            error = f"in the chat, but no DING: nobody has {CONTACT} among the contacts"
            return structs.replace(shown, state=_REFUSED, error=error)
        receipt = await self._robot.ding.send(message, people, now, http)
        if receipt.state is _SENT:
            return shown
        return structs.replace(receipt, error=f"in the chat, but no DING: {receipt.error}"[:300])

    async def _post(self, form: Form, message: Message, place: Place, now: datetime, http: Http) -> Receipt:
        first = await self._send_form(form, place, now, http)
        if first.code != UNSAFE:
            return first.receipt
        return plainer(first, await self._send_form(dingform.minimal(message), place, now, http)).receipt

    async def _send_form(self, form: Form, place: Place, now: datetime, http: Http) -> Call:
        body = {"robotCode": self._robot.code, "msgKey": form.key, "msgParam": form.param}
        to: dict[str, object] = {"openConversationId": place.id} if place.group else {"userIds": [place.id]}
        path = "groupMessages/send" if place.group else "oToMessages/batchSend"
        call = await self._api.call(http, "POST", f"/v1.0/robot/{path}", {**body, **to}, now)
        return _sent(call) if call.good else call


class DingGroup(AppChannel):
    """An app's robot in one group."""

    def __init__(self, name: str, api: DingApi, robot: Robot, conversation: str) -> None:
        super().__init__(name, api, robot)
        self.per_minute = PER_MINUTE
        self._where = Place(conversation, group=True)

    def place(self, message: Message) -> Place:
        """Return the group."""
        return self._where


class DingPerson(AppChannel):
    """An app's robot in a chat with each person."""

    def __init__(self, name: str, api: DingApi, robot: Robot) -> None:
        super().__init__(name, api, robot)
        self.contact = CONTACT
        self.quotas: tuple[Quota, ...] = ()

    def place(self, message: Message) -> Place:
        """Return the chat with the one person that a message is for."""
        if len(message.recipients) != 1:
            raise LookupError(f"a message here is for one person, and not for {len(message.recipients)}")
        person = message.recipients[0]
        staff = contact_of(person, CONTACT)
        if not staff:
            raise LookupError(f"{person.name} has no {CONTACT} among the contacts: add the staff id")
        return Place(staff, group=False)


def _sent(call: Call) -> Call:
    """Judge a message that was taken: whoever it did not reach is named in lists of the answer."""
    told = read(call.body, _Sent)
    lists = {
        "no such staff id": told.invalid_staff_id_list,
        "got too much lately": told.flow_controlled_staff_id_list,
        "may not get messages of this app": told.filtered_staff_id_list,
    }
    failed = [f"{', '.join(people)}: {why}" for why, people in lists.items() if people]
    state = _REFUSED if failed else _SENT
    receipt = Receipt(state=state, provider_id=told.process_query_key, error="; ".join(failed)[:200])
    return Call(receipt, "", call.body)


def build_group(name: str, settings: Mapping[str, str]) -> Channel:
    """Make a robot in a group of `app_key`, `app_secret` and `conversation`; see docs/dingtalk.md."""
    given = Settings(name, settings)
    api, robot = _app(given)
    conversation = given.required("conversation", "the openConversationId of the group, cid...")
    channel = DingGroup(name, api, robot, conversation)
    channel.per_minute = given.number("per_minute", PER_MINUTE)
    return _finished(channel, given, api)


def build_person(name: str, settings: Mapping[str, str]) -> Channel:
    """Make a robot that writes to each person of `app_key` and `app_secret`; see docs/dingtalk.md."""
    given = Settings(name, settings)
    api, robot = _app(given)
    channel = DingPerson(name, api, robot)
    channel.per_minute = given.number("per_minute", 0)
    channel.quotas = given.quotas("quotas", "none")
    return _finished(channel, given, api)


def _app(given: Settings) -> tuple[DingApi, Robot]:
    """Read the settings of the app and its robot."""
    key = given.required("app_key", "the Client ID of the app")
    app = App(key, given.required("app_secret", "its Client Secret, as ${NAME} or file:PATH"))
    api = DingApi(app, given.url("endpoint", ENDPOINT))
    code = given.text("robot_code", key)
    template, route, secret = (given.text(f"card_{part}") for part in ("template", "route", "secret"))
    if route and not template:
        given.fault("card_template", "is required beside card_route")
    if route and not secret:
        given.fault("card_secret", "is required beside card_route: the secret it was registered with")
    wanted = given.text("ding")
    if wanted and wanted not in _DINGS:
        given.fault("ding", f"must be one of {', '.join(_DINGS)}")
    remind = _DINGS.get(wanted)
    robot = Robot(
        code=code,
        card_secret=secret,
        template=Template(id=template, robot_code=code, route=route) if template else None,
        ding=Ding(api, code, remind) if remind else None,
    )
    return api, robot


def _finished(channel: AppChannel, given: Settings, api: DingApi) -> Channel:
    """Read what a group and a person have in common; BadConfig lists every fault."""
    channel.report_s = float(given.number("report_s", REPORT_S))
    channel.language = given.text("language")
    hosts = gateway_hosts(given, api.host)
    if given.flag("stream", True):
        channel.stream = Stream(channel.name, api, hosts)
    channel.hosts = tuple(dict.fromkeys((api.host, *hosts)))
    given.done()
    return channel


NOTIFIER = Notifier("dingtalk-app", build_group)
PERSON = Notifier("dingtalk-person", build_person)
