"""Mails, against a real mail server on loopback."""

import asyncio
import ssl
from contextlib import asynccontextmanager

import pytest
import trustme
from msgspec.structs import replace

from alertmesh.core.errors import BadConfig
from alertmesh.core.page import Message, ReceiptState, Recipient
from alertmesh.core.ports import Personal, Probed
from alertmesh.notify.email import NOTIFIER
from alertmesh.notify.letter import address, write
from tests.notify.fakes import T0
from tests.notify.mailbox import PASSWORD, USER, Mailbox, served
from tests.real.local import free_port

SENT, BUSY, REFUSED = ReceiptState.SENT, ReceiptState.BUSY, ReceiptState.REFUSED
DEAD, UNKNOWN = ReceiptState.DEAD, ReceiptState.UNKNOWN
LI = Recipient(name="li", display="李四", contacts={"email": "li@bücher.example"})
URL = "https://m/incidents/42"


def mail(**changes: object) -> Message:
    """Return a message to li about incident 42."""
    plain = Message(
        key="k1",
        title="[P1] #42 磁盘已满 node-7",
        text=f"Where: <b>node-7</b>\nRoot: disk & more\nOpen: {URL}",
        minimal="P1 #42",
        url=URL,
        recipients=(LI,),
        language="zh",
        fields={"priority": "P1", "incident": "42", "count": "1"},
    )
    return replace(plain, **changes)


class Post:
    """A mail server with a certificate of its own, and channels that go to it."""

    def __init__(self) -> None:
        self.authority = trustme.CA()
        self.mailbox = Mailbox()
        self.port = free_port()
        self.security = "none"

    @asynccontextmanager
    async def open(self, security: str, host: str = "localhost"):
        """Serve with a security: `starttls`, `tls` or `none`."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.authority.issue_cert(host).configure_cert(context)
        certificate = None if security == "none" else context
        self.security = security
        async with served(self.mailbox, certificate, security == "tls") as self.port:
            yield self

    def channel(self, **settings: str):
        """Return a channel to it."""
        plain = {
            "host": "localhost",
            "port": str(self.port),
            "security": self.security,
            "from": "AlertMesh <alerts@example.com>",
            "ca": self.authority.cert_pem.bytes().decode(),
        }
        return NOTIFIER.build("mail", {**plain, **settings})

    async def send(self, message: Message | None = None, timeout_s: float = 4.0, **settings: str):
        """Send a message now."""
        channel = self.channel(**settings)
        channel._server = replace(channel._server, timeout_s=timeout_s)
        return await channel.send(message or mail(), T0, unreachable)


async def unreachable(*_args: object, **_named: object):
    raise AssertionError("mail goes its own way")


@pytest.fixture
async def plain():
    async with Post().open("none") as post:
        yield post


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
async def test_a_mail_arrives_after_a_log_in(security):
    async with Post().open(security) as post:
        receipt = await post.send(user=USER, password=PASSWORD)
        assert (receipt.state, receipt.provider_id) == (SENT, "2.0.0 OK: queued as 4F3A")
        assert post.mailbox.recipients == [["li@xn--bcher-kva.example"]]


async def test_a_mail_says_what_it_is(plain):
    await plain.send()
    [got] = plain.mailbox.mails
    named = ("Subject", "From", "To", "Date", "Auto-Submitted", "Importance", "Message-ID")
    assert [got[name] for name in named] == [
        "[P1] #42 磁盘已满 node-7",
        "AlertMesh <alerts@example.com>",
        "李四 <li@xn--bcher-kva.example>",
        "Mon, 23 Nov 2026 04:00:00 +0000",
        "auto-generated",
        "high",
        "<k1@example.com>",
    ]


async def test_it_is_plain_text_and_html_without_tags_of_monitors(plain):
    await plain.send()
    [got] = plain.mailbox.mails
    text, html = (got.get_body([kind]).get_content() for kind in ("plain", "html"))
    assert text.splitlines()[:2] == ["Where: <b>node-7</b>", "Root: disk & more"]
    assert "&lt;b&gt;node-7&lt;/b&gt;<br>\r\nRoot: disk &amp; more" in html
    assert f'<a href="{URL}">Open</a>' in html


async def test_mails_of_an_incident_are_one_thread_and_a_repeat_is_the_same_mail(plain):
    for message in (mail(), mail(), mail(key="k2")):
        await plain.send(message)
    first, again, second = plain.mailbox.mails
    assert first["Message-ID"] == again["Message-ID"] != second["Message-ID"]
    assert {each["References"] for each in (first, second)} == {"<incident-42@example.com>"}
    assert first["In-Reply-To"] == first["References"]


def test_a_mail_about_several_incidents_is_in_no_thread():
    several = mail(fields={"priority": "P1", "incident": "42", "count": "3"})
    letter = write(several, LI, address("li@example.com"), address("a@example.com"), T0)
    assert b"References" not in letter.body


async def test_a_button_that_is_no_web_address_is_no_link(plain):
    await plain.send(mail(url="", links=(("Ack", "https://m/p/a"), ("Evil", "javascript:alert(1)"))))
    html = plain.mailbox.mails[0].get_body(["html"]).get_content()
    assert ('<a href="https://m/p/a">Ack</a>' in html, "javascript" in html) == (True, False)


@pytest.mark.parametrize(
    ("step", "answer", "state"),
    [
        ("RCPT", "550 5.1.1 no such user", REFUSED),
        ("RCPT", "450 4.2.1 greylisted", BUSY),
        ("RCPT", "530 5.7.0 log in first", DEAD),
        ("MAIL", "553 5.7.1 sender rejected", DEAD),
        ("MAIL", "451 4.3.0 try later", BUSY),
        ("MAIL", "552 5.3.4 too large", REFUSED),
        ("DATA", "554 5.7.1 looks like spam", REFUSED),
        ("DATA", "452 4.3.1 disk full", BUSY),
        ("DATA", "lost", UNKNOWN),
    ],
)
async def test_an_answer_means(plain, step, answer, state):
    plain.mailbox.answers[step] = answer
    receipt = await plain.send()
    assert (receipt.state, answer[:3] in receipt.error) == (state, answer != "lost")


@pytest.mark.parametrize(("step", "state"), [("RCPT", BUSY), ("DATA", UNKNOWN)])
async def test_no_answer_in_time_is_unknown_once_the_mail_was_sent(plain, step, state):
    plain.mailbox.answers[step] = "never"
    assert (await plain.send(timeout_s=0.3)).state is state


async def test_a_wrong_password_is_a_dead_channel_and_is_not_told(plain):
    receipt = await plain.send(user=USER, password="wrong-password")
    assert (receipt.state, "535" in receipt.error, "wrong-password" in receipt.error) == (DEAD, True, False)


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("fault", ["stranger", "name"])
async def test_a_certificate_that_is_not_trusted_is_a_dead_channel(security, fault):
    host = "elsewhere.example" if fault == "name" else "localhost"
    async with Post().open(security, host) as post:
        if fault == "stranger":
            post.authority = trustme.CA()
        receipt = await post.send(user=USER, password=PASSWORD)
        assert (receipt.state, "certificate not trusted" in receipt.error) == (DEAD, True)
        assert post.mailbox.mails == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_server_without_tls_gets_neither_password_nor_mail(plain, security):
    receipt = await plain.send(security=security, user=USER, password=PASSWORD)
    assert (receipt.state, "TLS" in receipt.error, plain.mailbox.mails) == (DEAD, True, [])


async def test_nobody_listening_is_busy_because_nothing_left():
    assert (await Post().send()).state is BUSY


@pytest.mark.parametrize(
    ("greeting", "state"),
    [
        (b"", BUSY),
        (b"421 too many connections\r\n", BUSY),
        (b"554 go away\r\n", DEAD),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", BUSY),
        (b"220 hello\r\n", BUSY),
        (b"\xff\x00\r\n" * 20, BUSY),
    ],
    ids=["nothing", "full", "refused", "http", "silence", "noise"],
)
async def test_a_greeting_that_is_none(greeting, state):
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()
        writer.close()

    post = Post()
    async with await asyncio.start_server(greet, "127.0.0.1", post.port):
        assert (await post.send(host="127.0.0.1", timeout_s=1)).state is state


@pytest.mark.parametrize(
    ("recipients", "words"),
    [
        ((), "one person"),
        ((LI, LI), "one person"),
        ((replace(LI, contacts={}),), "li has no email"),
        ((replace(LI, contacts={"email": "li"}),), "email of li is no mail address"),
        ((replace(LI, contacts={"email": "a@b\r\nRCPT TO:<x@y>"}),), "is no mail address"),
    ],
    ids=["nobody", "two", "no-address", "not-an-address", "injection"],
)
async def test_somebody_who_cannot_be_written_to_is_refused(recipients, words):
    receipt = await Post().send(mail(recipients=recipients))
    assert (receipt.state, words in receipt.error) == (REFUSED, True)


@pytest.mark.parametrize(("password", "state"), [(PASSWORD, SENT), ("wrong-password", DEAD)])
async def test_a_probe_logs_in_and_sends_nothing(plain, password, state):
    channel = plain.channel(user=USER, password=password)
    receipt = await channel.probe(T0, unreachable)
    assert (receipt.state, plain.mailbox.mails) == (state, [])


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"host": ""}, "host"),
        ({"host": "smtp.example.com:25"}, "host"),
        ({"host": "smtp.example.com", "security": "none"}, "security"),
        ({"security": "ssl"}, "security"),
        ({"port": "99999"}, "port"),
        ({"user": "mesh"}, "password"),
        ({"password": "hush"}, "user"),
        ({"from": "nobody"}, "from"),
        ({"from": ""}, "from"),
        ({"ca": "nonsense"}, "ca"),
        ({"timeout_s": "0"}, "timeout_s"),
        ({"greeting": "a b"}, "greeting"),
        ({"quotas": "often"}, "quotas"),
    ],
)
def test_a_bad_setting_is_named(settings, field):
    with pytest.raises(BadConfig) as caught:
        Post().channel(**settings)
    assert f"channel mail: {field}: " in str(caught.value)
    assert "hush" not in str(caught.value)


def test_it_is_for_one_person_and_can_be_probed():
    channel = Post().channel(quotas="30/1h", per_minute="60")
    assert isinstance(channel, Personal)
    assert isinstance(channel, Probed)
    assert (channel.contact, channel.per_minute, channel.quotas[0].count) == ("email", 60, 30)


def test_ports_follow_the_security():
    secure = {"host": "smtp.example.com", "from": "a@example.com"}
    ports = {
        kind: NOTIFIER.build("mail", {**secure, "security": kind})._server.port
        for kind in ("starttls", "tls")
    }
    assert ports == {"starttls": 587, "tls": 465}
