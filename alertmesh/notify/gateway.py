"""Page a person by text message through any gateway that takes HTTP: what it is told and says is configured.

`preset: kannel` is such a configuration, for Kannel's sendsms (see `kannel`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote, urlsplit

from msgspec import Struct

from alertmesh.core.page import Attempt, Message, Receipt, ReceiptState, Report
from alertmesh.core.ports import Channel, Heard, Http, Inbound, Notifier, Quota
from alertmesh.notify import answers, form, hearing, kannel
from alertmesh.notify.answers import Answers
from alertmesh.notify.callbacks import PARAMETER, check, read_secret
from alertmesh.notify.form import Form, filled, places
from alertmesh.notify.hearing import Hearing
from alertmesh.notify.phone import MOBILE, callee
from alertmesh.notify.settings import Settings, host_of
from alertmesh.notify.variables import FIELDS, cut

SHORT = "{title} {url}"
LENGTH = 280
REPORT_S = 60
_PRESETS = {"": ({}, Hearing()), "kannel": (kannel.SETTINGS, kannel.HEARING)}
_WORDS = frozenset({"title", "body", "minimal", "url", *FIELDS})


class Wording(Struct, frozen=True):
    """What a text message says: a template, and how many characters it may have.

    Without a template it is the whole message if that fits, or else its title and link.
    """

    template: str = ""
    length: int = LENGTH

    def write(self, message: Message) -> str:
        """Return the text; when it is too long, the title gives way, so that the link stays whole."""
        whole = f"{message.title}\n{message.text}".strip()
        if not self.template and len(whole) <= self.length:
            return whole
        text = self._filled(message, message.title)
        surplus = len(text) - self.length
        if surplus > 0 and len(message.title) > surplus:
            text = self._filled(message, cut(message.title, len(message.title) - surplus))
        return text[: self.length]

    def _filled(self, message: Message, title: str) -> str:
        own = {"title": title, "body": message.text, "minimal": message.minimal, "url": message.url}
        return filled(self.template or SHORT, {**message.fields, **own}).strip()


class SmsGateway:
    """One gateway; each message goes to one number. What proves who we are never shows."""

    def __init__(self, name: str, request: Form, meaning: Answers, wording: Wording) -> None:
        self.name = name
        self.per_minute = 0
        self.idempotent = False
        self.contact = MOBILE
        self.quotas: tuple[Quota, ...] = ()
        self.language = ""
        self.hosts = (host_of(request.url),)
        self._request = request
        self._meaning = meaning
        self._wording = wording

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    async def send(self, message: Message, now: datetime, http: Http) -> Receipt:
        """Send a message once."""
        try:
            number = callee(message, self.contact)
        except LookupError as error:
            return Receipt(state=ReceiptState.REFUSED, error=str(error))
        text = self._wording.write(message)
        parts = {
            "number": number,
            "text": text,
            "key": message.key,
            "callback": self._callback(message.key),
            "coding": "0" if text.isascii() else "2",
        }
        return await self._exchange(parts, http)

    def _callback(self, key: str) -> str:
        """Return the address for reports on a message; nothing here calls back."""
        return ""

    def _shy(self) -> tuple[str, ...]:
        """Return what may never show, should an answer repeat it."""
        return self._request.secrets()

    async def _exchange(self, parts: Mapping[str, str], http: Http) -> Receipt:
        answer = await self._request.post(parts, http)
        return answer if isinstance(answer, Receipt) else self._meaning.judge(answer, self._shy())


class Callback(Struct, frozen=True):
    """Where a gateway calls us back, what proves that it is the one, and how it is understood."""

    url: str
    secret: str
    hearing: Hearing

    def __repr__(self) -> str:
        return "Callback(...)"


class ReportingSmsGateway(SmsGateway):
    """A gateway that calls back about messages and with replies."""

    def __init__(
        self, name: str, request: Form, meaning: Answers, wording: Wording, callback: Callback
    ) -> None:
        super().__init__(name, request, meaning, wording)
        self.report_s = float(REPORT_S)
        self._back = callback

    def prove(self, query: Mapping[str, str]) -> None:
        """Raise BadPayload unless the query carries the secret."""
        check(query, self._back.secret)

    def hear(self, request: Inbound) -> Heard:
        """Read reports and replies; BadPayload unless the request carries the secret."""
        self.prove(request.query)
        return self._back.hearing.hear(request, self.name, self.contact)

    async def ask(self, attempts: Sequence[Attempt], now: datetime, http: Http) -> list[Report]:
        """Return nothing: such a gateway tells by itself, and cannot be asked."""
        return []

    def _callback(self, key: str) -> str:
        if not self._back.url:
            return ""
        return f"{self._back.url}?{PARAMETER}={self._back.secret}&key={quote(key, safe='')}"

    def _shy(self) -> tuple[str, ...]:
        return (*super()._shy(), self._back.secret)


class Kannel(ReportingSmsGateway):
    """Kannel, whose health can be asked for: a message to nobody is refused only after the password."""

    async def probe(self, now: datetime, http: Http) -> Receipt:
        """Return SENT when Kannel knows us, else what is wrong."""
        receipt = await self._exchange({"text": "-"}, http)
        return Receipt(state=ReceiptState.SENT) if receipt.state is ReceiptState.REFUSED else receipt


def build(name: str, settings: Mapping[str, str]) -> Channel:
    """Make a gateway of `url` and what it wants to be told, or of a `preset`; see docs/sms.md."""
    given = Settings(name, settings)
    preset = given.text("preset")
    if preset not in _PRESETS:
        given.fault("preset", f"must be one of {', '.join(filter(None, _PRESETS))}")
        preset = ""
    shape, heard = _PRESETS[preset]
    request, meaning, wording = form.read(given, shape), answers.read(given, shape), _wording(given)
    back, report_s = _callback(given, heard), given.number("report_s", REPORT_S)
    channel: SmsGateway
    if preset == "kannel":
        _check_kannel(given, request, back)
        channel = Kannel(name, request, meaning, wording, back)
    elif back.secret:
        channel = ReportingSmsGateway(name, request, meaning, wording, back)
    else:
        channel = SmsGateway(name, request, meaning, wording)
    if isinstance(channel, ReportingSmsGateway):
        channel.report_s = float(report_s)
    channel.contact = given.text("contact", MOBILE)
    channel.quotas = given.quotas("quotas", "none")
    channel.per_minute = given.number("per_minute", 0)
    channel.idempotent = given.flag("idempotent", False)
    channel.language = given.text("language")
    given.done()
    return channel


def _wording(given: Settings) -> Wording:
    template, length = given.text("text"), given.number("length", LENGTH)
    if unknown := sorted(places(template) - _WORDS):
        given.fault("text", f"{{{unknown[0]}}} is not one of {', '.join(sorted(_WORDS))}")
    if not 20 <= length <= 1600:
        given.fault("length", "must be 20 to 1600 characters")
    return Wording(template, length)


def _callback(given: Settings, heard: Hearing) -> Callback:
    url = given.url("callback_url") if given.text("callback_url") else ""
    secret = read_secret(given)
    if url and not secret:
        given.fault("callback_secret", "is required with callback_url")
    if urlsplit(url).query or urlsplit(url).fragment or "%" in url:
        given.fault("callback_url", "must be a plain address: secret and key are added to it")
    return Callback(url, secret, hearing.read(given, heard))


def _check_kannel(given: Settings, request: Form, back: Callback) -> None:
    for field in ("user", "password"):
        if not request.fixed[field]:
            given.fault(field, "is required: those of Kannel's group sendsms-user")
    if not back.url:
        given.fault("callback_url", "is required: where Kannel reaches /api/v1/callbacks/ of this channel")


NOTIFIER = Notifier("sms-gateway", build)
