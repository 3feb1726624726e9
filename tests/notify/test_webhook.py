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

    def __init__(self, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.answer = HttpAnswer(status, headers or {}, b"")
        self.headers: dict[str, str] = {}
        self.body = b""

    async def __call__(self, method, url, *, headers, body, timeout_s) -> HttpAnswer:
        """Answer a request."""
        self.headers, self.body = dict(headers), body
        return self.answer


async def send(server: Server, **settings: str):
    channel = NOTIFIER.build("hook", {"url": URL, **settings})
    return await channel.send(said(), T0, server)


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


def test_faults_are_told_all_at_once():
    with pytest.raises(BadConfig) as caught:
        NOTIFIER.build("hook", {"url": "ftp://x", "idempotent": "perhaps", "more": "1"})
    assert len(caught.value.problems) == 3


def test_a_receiver_that_drops_repeats_can_be_declared():
    assert NOTIFIER.build("hook", {"url": URL, "idempotent": "yes"}).idempotent
