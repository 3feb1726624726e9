"""An organisation on DingTalk with a group, two people, and channels that page them."""

from datetime import timedelta

from msgspec.structs import replace

from alertmesh.core.clock import ManualClock
from alertmesh.core.live import Situation
from alertmesh.core.page import Message, Recipient
from alertmesh.core.response import State
from alertmesh.demo.dingcloud import DingCloud
from alertmesh.notify.dingapp import NOTIFIER, PERSON
from tests.notify.fakes import T0

GROUP, TEMPLATE = "cid1", "incident.schema"
APP = {"app_key": "key", "app_secret": "secret"}
ZHANG = Recipient(name="zhang", display="Zhang San", contacts={"dingtalk": "staff1"})
LI = Recipient(name="li", contacts={"dingtalk": "staff2"})


def asking(key: str = "k1", **fields: str) -> Message:
    """Return the page of a P1 incident to zhang; `fields` are those of the message."""
    known = {
        "kind": "page",
        "priority": "P1",
        "incident": "42",
        "count": "1",
        "code": "AB12CD34",
        "title": "disk",
        "opened": "2026-11-23 03:48",
    }
    return Message(
        key=key,
        title="[P1] #42 disk",
        text="Where: node-7\nOpen: https://m/p/AB12CD34",
        minimal="P1 #42 open the console",
        url="https://m/p/AB12CD34",
        recipients=(ZHANG,),
        fields={**known, **fields},
    )


def news(key: str, kind: str = "update", **changes: object) -> Message:
    """Return news of the same incident."""
    return replace(asking(key, kind=kind, code=""), title="[P1] #42 disk: news", **changes)


def acked(by: str = "Zhang San", state: State = State.T1_ACKED) -> Situation:
    """Return how the incident stands once somebody has it."""
    return Situation(incident=42, state=state, since=T0 + timedelta(minutes=2), owner=by)


class Office:
    """A cloud, and channels to it; settings without a value are left out."""

    def __init__(self, **settings: str) -> None:
        self.clock = ManualClock(T0)
        people = frozenset({"staff1", "staff2"})
        self.cloud = DingCloud(self.clock, ("key", "secret"), people, {GROUP: people}, frozenset({TEMPLATE}))
        wanted = {"card_template": TEMPLATE, **settings}
        self.settings = {name: value for name, value in {**APP, **wanted}.items() if value}
        self.group = NOTIFIER.build("app", {**self.settings, "conversation": GROUP})
        self.person = PERSON.build("chat", self.settings)

    async def tell(self, message: Message):
        """Send a message to the group."""
        return await self.group.send(message, self.clock.now(), self.cloud)

    async def chat(self, message: Message):
        """Send a message to the person whom it is for."""
        return await self.person.send(message, self.clock.now(), self.cloud)

    async def show(self, message: Message, situation: Situation):
        """Have the group's card of a message show how its incident stands."""
        return await self.group.show(message, situation, self.clock.now(), self.cloud)

    @property
    def card(self):
        """Return the one card that there is."""
        (card,) = self.cloud.cards.values()
        return card
