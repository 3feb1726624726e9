"""Any SMS gateway over HTTP: what it is told, what its answers mean, and what it tells later."""

import base64
from urllib.parse import parse_qs, parse_qsl, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.errors import BadConfig, BadPayload
from alertmesh.core.page import AttemptState, ReceiptState, Recipient, Reply, Report
from alertmesh.core.ports import HttpAnswer, Personal, Probed, Quota, Reporting
from alertmesh.notify.gateway import NOTIFIER
from tests.notify.fakes import T0
from tests.notify.phones import NUMBER, SECOND, SECRET, ZHANG, posted, said

SENT, BUSY, DEAD = ReceiptState.SENT, ReceiptState.BUSY, ReceiptState.DEAD
REFUSED, UNKNOWN = ReceiptState.REFUSED, ReceiptState.UNKNOWN
DELIVERED, FAILED, TAKEN = AttemptState.DELIVERED, AttemptState.FAILED, AttemptState.SENT
DOOR = "https://mesh.example.org/api/v1/callbacks/text"
PLAIN = {"url": "https://sms.example.org/send", "body": '{"to": "{number}", "text": "{text}"}'}
BACK = {"callback_url": DOOR, "callback_secret": SECRET}
KANNEL = {
    "preset": "kannel",
    "url": "http://127.0.0.1:13013/cgi-bin/sendsms",
    "user": "mesh",
    "password": "kannel-s3cret",
    **BACK,
}
FORM = "application/x-www-form-urlencoded"


class Gateway:
    """A gateway that answers the same to everything, and keeps the last request."""

    def __init__(self, status: int = 200, body: bytes = b"") -> None:
        self.answer = HttpAnswer(status, {}, body)
        self.method = self.url = ""
        self.headers: dict[str, str] = {}
        self.body = b""

    async def __call__(self, method, url, *, headers, body, timeout_s) -> HttpAnswer:
        """Take a request."""
        self.method, self.url, self.headers, self.body = method, url, dict(headers), body
        return self.answer


def channel(settings: dict[str, str], **more: str):
    return NOTIFIER.build("text", {**settings, **more})


async def sent(settings: dict[str, str], gateway: Gateway, **changes: object):
    return await channel(settings).send(said(**changes), T0, gateway)


def kinds(settings: dict[str, str]) -> list[bool]:
    return [isinstance(channel(settings), kind) for kind in (Personal, Reporting, Probed)]


def test_what_a_gateway_can_do_depends_on_its_settings():
    assert kinds(PLAIN) == [True, False, False]
    assert kinds(PLAIN | {"callback_secret": SECRET}) == [True, True, False]
    assert kinds(KANNEL) == [True, True, True]


def test_limits_can_be_set():
    made = channel(PLAIN, quotas="1/1m, 20/24h", per_minute="30", idempotent="yes", contact="mobile2")
    assert [quota.count for quota in made.quotas] == [1, 20]
    assert isinstance(made.quotas[0], Quota)
    assert (made.per_minute, made.idempotent, made.contact) == (30, True, "mobile2")


# What it is told


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=60))
async def test_any_title_stands_whole_in_json(title):
    gateway = Gateway()
    await sent(PLAIN, gateway, title=title)
    wanted = f"{title}\n{said().text}".strip()
    assert msgspec.json.decode(gateway.body) == {"to": NUMBER, "text": wanted}


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=60))
async def test_any_title_stands_whole_in_a_form_and_in_an_address(title):
    gateway, wanted = Gateway(), f"{title}\n{said().text}".strip()
    await sent(PLAIN | {"body": "to={number}&text={text}", "content_type": FORM}, gateway, title=title)
    assert dict(parse_qsl(gateway.body.decode())) == {"to": NUMBER, "text": wanted}
    url = "https://sms.example.org/send?to={number}&text={text}"
    await sent({"url": url, "method": "get"}, gateway, title=title)
    assert (gateway.method, dict(parse_qsl(urlsplit(gateway.url).query))["text"]) == ("GET", wanted)


async def test_what_a_monitor_writes_is_never_a_place():
    gateway = Gateway()
    await sent(PLAIN | {"user": "u", "password": "hidden"}, gateway, title="{password}", text="{password}")
    assert b"hidden" not in gateway.body


async def test_a_line_break_ends_no_header():
    gateway = Gateway()
    await sent(PLAIN | {"headers": "X-Text: {text}"}, gateway, title="a\r\nX-Evil: 1")
    assert gateway.headers["X-Text"].startswith("a X-Evil: 1")


@pytest.mark.parametrize(
    ("who", "wanted"),
    [
        ({"user": "u", "password": "p"}, "Basic " + base64.b64encode(b"u:p").decode()),
        ({"token": "t0ken"}, "Bearer t0ken"),
        ({"token": "t0ken", "headers": "Authorization: AppKey {token}"}, "AppKey t0ken"),
    ],
)
async def test_it_is_told_who_we_are(who, wanted):
    gateway = Gateway()
    await sent(PLAIN | who, gateway)
    assert gateway.headers["Authorization"] == wanted


async def test_the_link_stays_whole_when_a_text_is_too_long():
    gateway = Gateway()
    await sent(PLAIN | {"length": "60"}, gateway, title="磁盘 " * 100, text="where\n" * 100)
    text = msgspec.json.decode(gateway.body)["text"]
    assert (len(text) <= 60, text.endswith(f"… {said().url}")) == (True, True)


async def test_a_message_that_does_not_fit_is_its_title_and_its_link():
    gateway = Gateway()
    await sent(PLAIN, gateway, text="Where: node-7\n" * 40)
    assert msgspec.json.decode(gateway.body)["text"] == f"{said().title} {said().url}"


async def test_a_text_can_be_made_of_the_parts_of_a_message():
    gateway = Gateway()
    await sent(PLAIN | {"text": "{priority} #{incident} {title}, reply {code}"}, gateway, title="Disk")
    assert msgspec.json.decode(gateway.body)["text"] == "P1 #42 Disk, reply 7K2F"


@pytest.mark.parametrize("recipients", [(), (Recipient(name="li"),), (ZHANG, ZHANG)])
async def test_it_takes_one_person_with_a_number(recipients):
    gateway = Gateway()
    receipt = await sent(PLAIN, gateway, recipients=recipients)
    assert (receipt.state, gateway.url) == (REFUSED, "")


async def test_another_contact_can_be_the_one():
    gateway = Gateway()
    await sent(PLAIN | {"contact": "mobile2"}, gateway)
    assert msgspec.json.decode(gateway.body)["to"] == SECOND


# What its answers mean


@pytest.mark.parametrize(
    ("settings", "status", "body", "state"),
    [
        ({}, 200, b"", SENT),
        ({}, 204, b"", SENT),
        ({}, 302, b"", REFUSED),
        ({}, 400, b"bad number", REFUSED),
        ({}, 401, b"", DEAD),
        ({}, 429, b"", BUSY),
        ({}, 503, b"", BUSY),
        ({}, 502, b"", UNKNOWN),
        ({"sent_answer": '"code": ?0'}, 200, b'{"code": 0}', SENT),
        ({"sent_answer": '"code": ?0'}, 200, b'{"code": 17}', REFUSED),
        ({"dead_answer": "balance"}, 200, b"no balance left", DEAD),
        ({"refused_answer": "blacklist"}, 503, b"on the blacklist", REFUSED),
        ({"busy_status": "420", "sent_status": "202"}, 420, b"", BUSY),
        ({"sent_status": "202"}, 200, b"", REFUSED),
    ],
)
async def test_an_answer_means(settings, status, body, state):
    assert (await sent(PLAIN | settings, Gateway(status, body))).state is state


async def test_the_id_is_read_from_the_answer():
    gateway = Gateway(200, b'{"messages":[{"id":"m-17"}]}')
    assert (await sent(PLAIN | {"id_answer": '"id":"([^"]+)"'}, gateway)).provider_id == "m-17"


async def test_an_answer_that_repeats_secrets_is_not_shown_with_them():
    who = {"user": "u", "password": "hidden-1", "headers": "X-Key: hidden-2"}
    said_back = f"hidden-1 hidden-2 {SECRET} {base64.b64encode(b'u:hidden-1').decode()} is wrong"
    receipt = await sent(PLAIN | who | BACK, Gateway(401, said_back.encode()))
    assert (receipt.state, receipt.error) == (DEAD, "HTTP 401 … … … … is wrong")


# What it tells later

HEARD = {
    **PLAIN,
    **BACK,
    "report_key": "data.ref",
    "report_id": "data.id",
    "report_status": "data.status",
    "report_error": "data.reason",
    "delivered": "DELIVRD,0",
    "failed": "UNDELIV",
    "reply_from": "from",
    "reply_text": "text",
    "callback_answer": '{"ok":true}',
}


def test_a_report_is_found_where_settings_say():
    body = msgspec.json.encode(
        [
            {"data": {"ref": "k1", "id": 7, "status": "DELIVRD"}},
            {"data": {"ref": "k2", "status": "UNDELIV", "reason": "off"}},
            {"data": {"ref": "k3", "status": "ENROUTE"}},
        ]
    )
    heard = channel(HEARD).hear(posted(body))
    assert heard.reports == (
        Report(state=DELIVERED, key="k1", provider_id="7"),
        Report(state=FAILED, key="k2", error="status UNDELIV off"),
    )
    assert heard.answer == (200, b'{"ok":true}', "application/json")


def test_a_report_may_be_a_form():
    made = channel(HEARD, report_key="ref", report_status="st", report_id="", report_error="")
    heard = made.hear(posted(b"ref=k1&st=0", kind=f"{FORM}; charset=utf-8"))
    assert heard.reports == (Report(state=DELIVERED, key="k1"),)


def test_a_reply_is_heard():
    [reply] = channel(HEARD).hear(posted(b'{"from":"+86 138-0000-0001","text":"ack 42"}')).replies
    assert (reply.sender, reply.text, reply.contact) == (NUMBER, "ack 42", "mobile")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"<xml>", "body"),
        (b"{}", "data.status"),
        (b'{"data":{"status":"0"}}', "data.ref"),
        (b'{"data":[1]}', "data.status"),
        (b"[[]]", "body"),
    ],
)
def test_what_says_nothing_is_refused(body, field):
    with pytest.raises(BadPayload) as caught:
        channel(HEARD).hear(posted(body))
    assert caught.value.field == field


@pytest.mark.parametrize("settings", [HEARD, KANNEL], ids=["generic", "kannel"])
def test_nobody_else_is_heard(settings):
    with pytest.raises(BadPayload) as caught:
        channel(settings).hear(posted(secret="guess", key="k", status="1"))
    assert SECRET not in caught.value.placed


async def test_such_a_gateway_cannot_be_asked():
    assert await channel(HEARD).ask([], T0, Gateway()) == []


# Kannel


async def test_kannel_is_told_everything_in_headers():
    gateway = Gateway(202, b"0: Accepted for delivery")
    receipt = await sent(KANNEL, gateway, title="磁盘满")
    assert (receipt.state, gateway.method, urlsplit(gateway.url).query) == (SENT, "POST", "")
    told = {name.removeprefix("X-Kannel-"): value for name, value in gateway.headers.items()}
    assert (told["Username"], told["Password"], told["To"]) == ("mesh", "kannel-s3cret", NUMBER)
    assert (told["Coding"], told["DLR-Mask"], "From" in told) == ("2", "31", False)
    back = urlsplit(told["DLR-URL"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == DOOR
    assert parse_qs(back.query) == {
        "secret": [SECRET],
        "key": [said().key],
        "status": ["%d"],
        "answer": ["%A"],
    }
    assert gateway.body.decode() == f"磁盘满\n{said().text}"


async def test_a_plain_text_needs_no_wide_letters():
    gateway = Gateway(202, b"0: Accepted for delivery")
    await sent(KANNEL | {"sender": "1069"}, gateway, title="disk full")
    assert (gateway.headers["X-Kannel-Coding"], gateway.headers["X-Kannel-From"]) == ("0", "1069")


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (202, b"0: Accepted for delivery", SENT),
        (202, b"3: Queued for later delivery", SENT),
        (202, b"4: something else", REFUSED),
        (403, b"Authorization failed for sendsms", DEAD),
        (403, b"Not routable. Do not try again.", REFUSED),
        (400, b"Missing receiver(s) number(s), rejected", REFUSED),
        (503, b"Temporal failure, try again later.", BUSY),
    ],
)
async def test_kannels_answers_mean(status, body, state):
    assert (await sent(KANNEL, Gateway(status, body))).state is state


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (400, b"Missing receiver(s) number(s), rejected", SENT),
        (403, b"Authorization failed for sendsms", DEAD),
        (503, b"", BUSY),
    ],
)
async def test_kannels_health_is_asked_for_without_a_number(status, body, state):
    gateway = Gateway(status, body)
    assert (await channel(KANNEL).probe(T0, gateway)).state is state
    assert "X-Kannel-To" not in gateway.headers


@pytest.mark.parametrize(
    ("status", "states"),
    [("1", [DELIVERED]), ("2", [FAILED]), ("4", [TAKEN]), ("8", [TAKEN]), ("16", [FAILED]), ("77", [])],
)
def test_kannels_numbers_mean(status, states):
    reports = channel(KANNEL).hear(posted(key="k1", status=status, answer="NACK/x")).reports
    assert [(report.key, report.state) for report in reports] == [("k1", state) for state in states]


@given(st.permutations(["8", "8", "4", "1", "1", "2"]))
def test_kannels_reports_come_in_any_order(statuses):
    made = channel(KANNEL)
    heard = {one for code in statuses for one in made.hear(posted(key="k", status=code, answer="")).reports}
    assert heard == {
        Report(state=TAKEN, key="k"),
        Report(state=DELIVERED, key="k"),
        Report(state=FAILED, key="k", error="status 2"),
    }


def test_kannels_replies_are_heard_and_not_answered():
    heard = channel(KANNEL).hear(posted(**{"from": NUMBER, "to": "1069", "text": "1", "id": "u-1"}))
    assert heard.replies == (Reply(channel="text", contact="mobile", sender=NUMBER, text="1", id="u-1"),)
    assert heard.answer == (200, b"", "")


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("taken: #42 <ok>", "text/plain", "taken: #42 <ok>"),
        ("已确认 #42 <ok>", "text/xml", "<ud>已确认 #42 ＜ok＞</ud><dcs><coding>2</coding></dcs>"),
    ],
)
def test_what_came_of_a_reply_is_said_in_a_form_that_kannel_keeps(text, kind, part):
    heard = channel(KANNEL).hear(posted(**{"from": NUMBER, "text": "1"}))
    status, body, told = heard.say(text)
    assert (status, told.startswith(kind), part in body.decode()) == (200, True, True)


# Settings


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"url": "http://sms.example.org/send"}, "url"),
        ({"url": "https://h/{phone}"}, "url"),
        ({"body": '{"to": "{number}"}'}, "body"),
        ({"headers": "no colon"}, "headers"),
        ({"method": "DELETE"}, "method"),
        ({"text": "{secret}"}, "text"),
        ({"sent_status": "good"}, "sent_status"),
        ({"sent_answer": "("}, "sent_answer"),
        ({"sent_answer": "a{99999999999}"}, "sent_answer"),
        ({"id_answer": "id"}, "id_answer"),
        ({"callback_url": DOOR}, "callback_secret"),
        ({**BACK, "callback_url": f"{DOOR}?a=1"}, "callback_url"),
        ({"callback_secret": "with space and 16 more"}, "callback_secret"),
        ({"delivered": "1", "failed": "1"}, "failed"),
        ({"report_status": "a b"}, "report_status"),
        ({"preset": "pigeon"}, "preset"),
        ({"quotas": "1 a day"}, "quotas"),
        ({"length": "3"}, "length"),
    ],
)
def test_a_fault_of_settings_is_told(settings, field):
    with pytest.raises(BadConfig) as caught:
        channel(PLAIN | settings)
    assert [problem.split(": ")[1] for problem in caught.value.problems] == [field]


def test_kannel_needs_to_know_us_and_our_door():
    with pytest.raises(BadConfig) as caught:
        channel({"preset": "kannel", "url": KANNEL["url"]})
    fields = {problem.split(": ")[1] for problem in caught.value.problems}
    assert fields == {"user", "password", "callback_url"}
