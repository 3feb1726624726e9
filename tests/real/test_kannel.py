"""Text messages through a real Kannel: pages, reports, replies, and a power cut in between."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from alertmesh.core.page import AttemptState, Message, ReceiptState, Recipient
from alertmesh.core.ports import Inbound
from alertmesh.notify.gateway import NOTIFIER
from alertmesh.notify.transport import AiohttpTransport
from tests.notify.phones import NUMBER, SECOND, SECRET, said
from tests.real.kannel import PASSWORD, USER, Arrived, Kannel
from tests.real.local import LocalServer, wait_until

pytestmark = pytest.mark.kannel
CHINESE = "[P1] #42 磁盘将满：node-7 的 /var/lib/containerd 只剩 3%，预计 20 分钟后写满；已影响 5 个服务 "


class Door(LocalServer):
    """What a server does with requests to `/api/v1/callbacks/text`."""

    def __init__(self) -> None:
        super().__init__()
        self.channel = None
        self.reports: list = []
        self.replies: list = []

    def answer(self, method, path, headers, body) -> tuple[int, bytes]:
        """Have the channel hear a request."""
        parts = urlsplit(path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        at = datetime.now(UTC)
        heard = self.channel.hear(
            Inbound(method=method, path=parts.path, query=query, headers=headers, body=body, at=at)
        )
        self.reports += heard.reports
        self.replies += heard.replies
        return heard.answer[0], heard.answer[1]


class Place:
    """A Kannel, the door that it calls back, and a channel between them."""

    def __init__(self, kannel: Kannel, door: Door) -> None:
        self.kannel, self.door = kannel, door
        self.channel = door.channel = self.built()

    def built(self, **changes: str):
        settings = {
            "preset": "kannel",
            "url": self.kannel.url,
            "user": USER,
            "password": PASSWORD,
            "callback_url": f"{self.door.url}/api/v1/callbacks/text",
            "callback_secret": SECRET,
        }
        return NOTIFIER.build("text", settings | changes)

    def send(self, message: Message, channel=None):
        async def once():
            http = AiohttpTransport(["127.0.0.1"])
            try:
                return await (channel or self.channel).send(message, datetime.now(UTC), http)
            finally:
                await http.close()

        return asyncio.run(once())

    def probe(self, channel):
        async def once():
            http = AiohttpTransport(["127.0.0.1"])
            try:
                return await channel.probe(datetime.now(UTC), http)
            finally:
                await http.close()

        return asyncio.run(once())

    def ends(self, key: str) -> list[AttemptState]:
        """Return what was said of a message, beside that Kannel or the carrier has it."""
        said = [report.state for report in list(self.door.reports) if report.key == key]
        return [state for state in said if state is not AttemptState.SENT]


@pytest.fixture
def place(tmp_path):
    """Return a Kannel of its own, without phones as yet."""
    with Door() as door:
        escapes = f"secret={SECRET}&from=%p&to=%P&text=%a&id=%I"
        with Kannel(tmp_path, f"{door.url}/api/v1/callbacks/text?{escapes}") as kannel:
            yield Place(kannel, door)


def test_a_page_reaches_the_phone_whole_and_its_report_comes_back(place):
    place.kannel.attach()
    receipt = place.send(said(title=CHINESE, key="k-chinese"))
    plain = said(
        title="[P2] #43 {disk} ~50%", key="k-plain", recipients=(Recipient(name="li", mobile=SECOND),)
    )
    place.send(plain)
    wait_until("two reports", 10, lambda: place.ends("k-chinese") and place.ends("k-plain"))
    wait_until("two messages", 10, lambda: len(place.kannel.arrived()) >= 2)  # reports may overtake them
    assert receipt.state is ReceiptState.SENT
    assert sorted(place.kannel.arrived()) == [
        Arrived(NUMBER, f"{CHINESE}\n{said().text}"),
        Arrived(SECOND, plain.title),
    ]
    assert set(place.ends("k-chinese") + place.ends("k-plain")) == {AttemptState.DELIVERED}


def test_replies_come_to_the_door(place):
    for count, (number, text) in enumerate([(NUMBER, "1"), (f"+86{SECOND}", "ack 42")], 1):
        place.kannel.attach(number, text)
        wait_until("the reply", 10, lambda count=count: len(place.door.replies) == count)
    found = {(reply.sender, reply.text) for reply in place.door.replies}
    assert found == {(NUMBER, "1"), (SECOND, "ack 42")}
    assert len({reply.id for reply in place.door.replies}) == 2
    assert place.kannel.arrived() == []  # nobody is answered by "empty reply"


def test_kannel_knows_us_or_not(place):
    stranger = place.built(password="guess")
    assert place.probe(place.channel).state is ReceiptState.SENT
    assert place.probe(stranger).state is ReceiptState.DEAD
    refused = place.send(said(), stranger)
    assert (refused.state, "Authorization failed" in refused.error) == (ReceiptState.DEAD, True)
    assert place.send(said(), place.built(url="http://127.0.0.1:9/none")).state is ReceiptState.BUSY


def test_a_queued_message_outlives_a_power_cut_and_arrives_once(place):
    receipt = place.send(said(title="磁盘满", key="k-queued"))
    wait_until("the message on disk", 10, lambda: place.kannel.holds("k-queued"))
    place.kannel.kill_bearerbox()
    place.kannel.start_bearerbox()
    place.kannel.attach()
    wait_until("the report", 30, lambda: place.ends("k-queued"))
    wait_until("the message", 10, place.kannel.arrived)
    assert (receipt.state, place.ends("k-queued")) == (ReceiptState.SENT, [AttemptState.DELIVERED])
    assert place.kannel.arrived() == [Arrived(NUMBER, f"磁盘满\n{said().text}")]
