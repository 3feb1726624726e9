"""What tests of messages to phones share: a message to one person, and requests of providers."""

from datetime import datetime

import msgspec

from alertmesh.core.page import Attempt, AttemptState, Message, Recipient
from alertmesh.core.ports import Inbound
from tests.notify.fakes import T0, attempt

NUMBER, SECOND = "13800000001", "13900000002"
SECRET = "callback_secret_1"
ACCOUNT = {"access_key_id": "id-1", "access_key_secret": "s3cret"}
ZHANG = Recipient(name="zhang", mobile=f"+86 {NUMBER}", contacts={"mobile2": SECOND})
FIELDS = {
    "priority": "P1",
    "incident": "42",
    "count": "119",
    "title": "NodeDiskFull node-7",
    "code": "7K2F",
    "kind": "page",
    "opened": "2026-11-23 03:48",
}


def said(**changes: object) -> Message:
    """Return a message to zhang."""
    plain = Message(
        key="0123456789abcdef0123456789abcdef",
        title="[P1] #42 NodeDiskFull node-7 (+118)",
        text="Where: node-7",
        minimal="P1 #42",
        url="https://mesh.example.org/p/7K2F",
        recipients=(ZHANG,),
        fields=FIELDS,
    )
    return msgspec.structs.replace(plain, **changes)


def left(message: Message, state: AttemptState, provider_id: str = "", at: datetime = T0) -> Attempt:
    """Return the attempt that carries a message."""
    return msgspec.structs.replace(
        attempt(),
        key=message.key,
        message=msgspec.json.encode(message),
        state=state,
        provider_id=provider_id,
        claimed_at=at,
    )


def posted(body: bytes = b"", secret: str = SECRET, kind: str = "application/json", **query: str) -> Inbound:
    """Return a request of a provider."""
    return Inbound(
        method="POST" if body else "GET",
        path="/api/v1/callbacks/phone",
        query={"secret": secret, **query},
        headers={"Content-Type": kind},
        body=body,
        at=T0,
    )
