"""A channel that answers what it is told to, and what it may answer."""

from typing import Any

from alertmesh.core.page import Message, Receipt, ReceiptState
from alertmesh.core.ports import Http

REFUSED = Receipt(state=ReceiptState.REFUSED, error="no such number")
WELL = Receipt(state=ReceiptState.SENT)


class Post:
    """A channel that answers what it is told to, and says how it is when asked."""

    per_minute = 0
    idempotent = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.answer = WELL
        self.health = WELL
        self.told: list[Message] = []

    async def send(self, message: Message, now: Any, http: Http) -> Receipt:
        self.told.append(message)
        return self.answer

    async def probe(self, now: Any, http: Http) -> Receipt:
        return self.health
