"""Channels that go on after a message left: they hear from people, and show how things stand now."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol, runtime_checkable

from msgspec import Struct

from alertmesh.core.page import Message, Receipt
from alertmesh.core.ports import Heard, Http
from alertmesh.core.response import State


class Socket(Protocol):
    """An open WebSocket; ConnectionError when it breaks."""

    async def receive(self, timeout_s: float) -> str | None:
        """Return the next text, None when the other side closed; TimeoutError when nothing comes in time."""
        ...

    async def send(self, text: str) -> None:
        """Send a text."""
        ...


class Dial(Protocol):
    """The way to a WebSocket; its errors are those of `Http`, when it is entered."""

    def __call__(self, url: str, *, heartbeat_s: float) -> AbstractAsyncContextManager[Socket]:
        """Open a WebSocket that counts as broken when nothing comes back for about `heartbeat_s`."""
        ...


class Lines(Struct, frozen=True):
    """What a channel that listens works with: requests, sockets, and the time."""

    http: Http
    dial: Dial
    now: Callable[[], datetime]


@runtime_checkable
class Listening(Protocol):
    """A channel that holds a connection of its own, over which it hears from people."""

    async def listen(self, heard: Callable[[Heard], Awaitable[str]], lines: Lines) -> None:
        """Hand over what is heard, and tell people what `heard` returns, until cancelled.

        Never raises for what the other side does.
        """
        ...


class Situation(Struct, frozen=True, kw_only=True):
    """How an incident stands, for whoever shows it: `owner` as people know them, empty for nobody."""

    incident: int
    state: State
    since: datetime
    owner: str = ""


@runtime_checkable
class Showing(Protocol):
    """A channel whose messages can be rewritten where they are, once something changed."""

    async def show(self, message: Message, situation: Situation, now: datetime, http: Http) -> Receipt:
        """Make a message that left before show how its incident stands; SENT when there is nothing to do."""
        ...
