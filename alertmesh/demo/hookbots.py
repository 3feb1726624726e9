"""What the stand-ins for robots of chat groups have in common: windows, and a local port.

Each can be used as `core.ports.Http` directly; `HookServer` puts it behind a port, as `standin` says.
"""

import argparse
from abc import abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from msgspec import Struct

from alertmesh.core.clock import Clock, SystemClock
from alertmesh.core.ports import HttpAnswer
from alertmesh.demo.faults import Faulty, lose, page
from alertmesh.demo.standin import HANG_S, SLOW_S, StandIn, serve

FAULTS = ("timeout_after_accept", "drop_before_accept", "slow", "html", "busy", "rush")


class Shown(Struct, frozen=True, kw_only=True):
    """A message as the group sees it; `mentioned` are user ids and mobiles."""

    at: datetime
    robot: str
    kind: str
    text: str
    mentioned: tuple[str, ...] = ()


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class Bots(Faulty):
    """Robots of one group, without a network.

    `messages` is what the group sees, each send by itself, for nothing tells a repeat. `refused` counts
    errors by code.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__(FAULTS, page(502, b"<html><body>bad gateway</body></html>"))
        self.messages: list[Shown] = []
        self.refused: Counter[int] = Counter()
        self._clock = clock
        self._sends: dict[tuple[str, timedelta], deque[datetime]] = {}

    def respond(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, fault: str
    ) -> HttpAnswer:
        """Answer a request, and show the group the message that was taken."""
        try:
            shown = self.take(url, headers, body, fault)
        except Refusal as refusal:
            self.refused[refusal.code] += 1
            return self.said(refusal.code, refusal.text)
        self.messages.append(shown)
        lose(fault)
        return self.said(0, "ok")

    @abstractmethod
    def take(self, url: str, headers: Mapping[str, str], body: bytes, fault: str) -> Shown:
        """Return the message of a request; raises Refusal where the real one would."""

    @abstractmethod
    def said(self, code: int, text: str) -> HttpAnswer:
        """Return an answer in the form of the real one."""

    def count(self, robot: str, most: int, window: timedelta) -> bool:
        """Count a request to a robot; False when it is one more than a rolling window may hold."""
        now = self._clock.now()
        sends = self._sends.setdefault((robot, window), deque())
        while sends and sends[0] <= now - window:
            sends.popleft()
        if len(sends) >= most:
            return False
        sends.append(now)
        return True


class HookServer(StandIn):
    """Serve robots on loopback."""

    def __init__(self, bots: Bots, port: int = 0, slow_s: float = SLOW_S, hang_s: float = HANG_S) -> None:
        super().__init__(bots, port, slow_s, hang_s)
        self.bots = bots

    def routes(self) -> Iterable[web.RouteDef]:
        """Return that any path is one of a robot."""
        return [web.post("/{path:.*}", self.receive)]

    def state(self) -> Mapping[str, Any]:
        """Return what the group saw, and what was refused."""
        return {"messages": self.bots.messages, "refused": self.bots.refused}


def run(make: Callable[[Clock], Bots], path: str, words: str, arguments: list[str] | None) -> None:
    """Run robots behind a port until told to end; the address of the first is the first line printed."""
    parser = argparse.ArgumentParser(description=words)
    parser.add_argument("--port", type=int, default=0)
    serve(HookServer(make(SystemClock()), parser.parse_args(arguments).port), path)
