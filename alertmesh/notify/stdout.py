"""Write pages to a stream: for first steps, and for whoever collects a process's output."""

import sys
from collections.abc import Mapping
from datetime import datetime
from typing import TextIO

import msgspec

from alertmesh.core.page import Message, Receipt, ReceiptState
from alertmesh.core.ports import Channel, Http, Notifier
from alertmesh.notify.settings import Settings

FORMS = ("json", "text")


class Stdout:
    """One stream; `form` is `json` (one line a message) or `text` (a block to read)."""

    per_minute = 0
    idempotent = False
    hosts: tuple[str, ...] = ()

    def __init__(self, name: str, form: str = "json", stream: TextIO | None = None) -> None:
        self.name = name
        self.language = ""
        self._form = form
        self._stream = stream

    async def send(self, message: Message, now: datetime, http: Http) -> Receipt:
        """Write a message and flush it."""
        stream = self._stream or sys.stdout
        try:
            stream.write(self._shown(message, now))
            stream.flush()
        except (OSError, ValueError) as error:
            return Receipt(state=ReceiptState.DEAD, error=f"cannot write: {error}")
        return Receipt(state=ReceiptState.SENT)

    def _shown(self, message: Message, now: datetime) -> str:
        if self._form == "json":
            line = {"at": now, "channel": self.name, **msgspec.to_builtins(message)}
            return msgspec.json.encode(line).decode() + "\n"
        return f"{now:%H:%M:%S} {self.name}\n{message.title}\n{message.text}\n\n"


def build(name: str, settings: Mapping[str, str]) -> Channel:
    """Make a stream channel of `form` (json or text) and `language`, both optional."""
    given = Settings(name, settings)
    form, language = given.text("form", "json"), given.text("language")
    if form not in FORMS:
        given.fault("form", "must be json or text")
    given.done()
    channel = Stdout(name, form)
    channel.language = language
    return channel


NOTIFIER = Notifier("stdout", build)
