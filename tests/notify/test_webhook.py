"""A generic webhook: what it sends and how it reads the answer."""

import hmac
from hashlib import sha256

import msgspec
import pytest

from alertmesh.core.errors import BadConfig
from alertmesh.core.page import Message, ReceiptState
from alertmesh.core.ports import HttpAnswer
from alertmesh.notify.webhook import NOTIFIER
from tests.notify.fakes import T0
from tests.notify.test_robot import said

URL = "https://hooks.example.org/alerts"


class Server:
    """A function that answers with one status, and keeps what it got."""

    def __init__(self, status: int = 200, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.answer = HttpAnswer(status, headers or {}, body)
        self.method = ""
        self.headers: dict[str, str] = {}
        self.body = b""

    async def __call__(self, method, url, *, headers, body, timeout_s) -> HttpAnswer:
        """Answer a request."""
        self.method, self.headers, self.body = method, dict(headers), body
        return self.answer


async def send(server: Server, message: Message | None = None, **settings: str):
    channel = NOTIFIER.build("hook", {"url": URL, **settings})
    return await channel.send(message or said(), T0, server)


async def test_the_message_is_posted_as_json():
    server = Server()
    await send(server)
    assert msgspec.json.decode(server.body, type=Message) == said()


async def test_the_key_is_in_a_header():
    server = Server()
    await send(server)
    assert server.headers["Idempotency-Key"] == "k1"


async def test_a_token_is_sent_as_bearer():
    server = Server()
    await send(server, token="t")
    assert server.headers["Authorization"] == "Bearer t"


async def test_the_signature_can_be_checked():
    server = Server()
    await send(server, secret="s")
    stamp, given = (part.split("=")[1] for part in server.headers["X-AlertMesh-Signature"].split(","))
    wanted = hmac.new(b"s", stamp.encode() + b"." + server.body, sha256).hexdigest()
    assert (int(stamp), given) == (int(T0.timestamp()), wanted)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (200, ReceiptState.SENT),
        (204, ReceiptState.SENT),
        (302, ReceiptState.REFUSED),
        (400, ReceiptState.REFUSED),
        (404, ReceiptState.REFUSED),
        (408, ReceiptState.BUSY),
        (429, ReceiptState.BUSY),
        (503, ReceiptState.BUSY),
    ],
)
async def test_a_status_means(status, state):
    assert (await send(Server(status))).state is state


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("Mon, 23 Nov 2026 04:01:00 GMT", 60),
        ("Mon, 23 Nov 2026 03:00:00 GMT", 0),
        ("99999999", 3600),
        ("soon", 0),
        ("", 0),
    ],
)
async def test_the_wish_to_wait_is_honoured(header, seconds):
    assert (await send(Server(503, {"retry-after": header}))).retry_after_s == seconds


ODD = said(title='say "hi" & 磁盘\n{text}', fields={"priority": "P1", "incident": "42"})


@pytest.mark.parametrize(
    ("kind", "body", "wanted"),
    [
        (
            "application/json",
            '{"summary": "{title}", "id": "{incident}", "who": "{mobiles}"}',
            '{"summary": "say \\"hi\\" & 磁盘\\n{text}", "id": "42", "who": "13800000001"}',
        ),
        (
            "application/x-www-form-urlencoded",
            "m={title}&p={priority}",
            "m=say%20%22hi%22%20%26%20%E7%A3%81%E7%9B%98%0A%7Btext%7D&p=P1",
        ),
        ("text/plain; charset=utf-8", "{priority} {title}", 'P1 say "hi" & 磁盘\n{text}'),
    ],
    ids=["json", "form", "text"],
)
async def test_a_body_of_its_own_is_filled_and_escaped(kind, body, wanted):
    server = Server()
    await send(server, ODD, content_type=kind, body=body)
    assert (server.body.decode(), server.headers["Content-Type"]) == (wanted, kind)


async def test_headers_and_method_are_as_configured_and_hold_one_line():
    server = Server()
    await send(server, ODD, method="put", headers="X-Api-Key: k\nX-Title: {title}")
    assert (server.method, server.headers["X-Api-Key"], server.headers["X-Title"]) == (
        "PUT",
        "k",
        'say "hi" & 磁盘 {text}',
    )


async def test_a_body_of_its_own_is_signed_as_it_is_sent():
    server = Server()
    await send(server, secret="s", body='{"text": "{text}"}')
    stamp, given = (part.split("=")[1] for part in server.headers["X-AlertMesh-Signature"].split(","))
    assert given == hmac.new(b"s", stamp.encode() + b"." + server.body, sha256).hexdigest()


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (200, b'{"ok": true}', ReceiptState.SENT),
        (200, b'{"ok": false, "error": "no such room"}', ReceiptState.REFUSED),
        (503, b'{"ok": true}', ReceiptState.BUSY),
    ],
)
async def test_an_answer_that_tells_errors_in_its_body_is_read(status, body, state):
    assert (await send(Server(status, body=body), sent_answer='"ok": *true')).state is state


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"method": "GET"}, "method"),
        ({"headers": "no colon"}, "headers"),
        ({"headers": "Content-Type: text/plain"}, "headers"),
        ({"headers": "X-A: {colour}"}, "headers"),
        ({"body": '{"a": "{colour}"}'}, "body"),
        ({"body": '{"a": {text}}'}, "body"),
        ({"content_type": "text/plain"}, "content_type"),
        ({"sent_answer": "("}, "sent_answer"),
        ({"token": "hush", "headers": "authorization: hush"}, "token"),
    ],
)
def test_a_bad_setting_is_named(settings, field):
    with pytest.raises(BadConfig) as caught:
        NOTIFIER.build("hook", {"url": URL, **settings})
    assert f"channel hook: {field}: " in str(caught.value)
    assert "hush" not in str(caught.value)


def test_faults_are_told_all_at_once():
    with pytest.raises(BadConfig) as caught:
        NOTIFIER.build("hook", {"url": "ftp://x", "idempotent": "perhaps", "more": "1"})
    assert len(caught.value.problems) == 3


def test_a_receiver_that_drops_repeats_can_be_declared():
    assert NOTIFIER.build("hook", {"url": URL, "idempotent": "yes"}).idempotent
