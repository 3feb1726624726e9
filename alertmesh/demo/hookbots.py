"""What the stand-ins for robots of chat groups have in common: windows, faults, and a local port.

Each can be used as `core.ports.Http` directly; `HookServer` puts it behind a port. `GET /messages` shows what
the group saw, and `POST /faults` with `{"kind": "html", "times": 1}` makes the next requests fail.
"""

import argparse
import asyncio
import signal
import sys
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.core.clock import Clock, SystemClock
from alertmesh.core.ports import HttpAnswer

FAULTS = ("timeout_after_accept", "drop_before_accept", "slow", "html", "busy", "rush")
_SLOW_S = 2.0
_HANG_S = 30.0


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


class Bots(ABC):
    """Robots of one group, without a network.

    `messages` is what the group sees, each send by itself, for nothing tells a repeat. `refused` counts
    errors by code.
    """

    def __init__(self, clock: Clock) -> None:
        self.messages: list[Shown] = []
        self.refused: Counter[int] = Counter()
        self._clock = clock
        self._faults: deque[str] = deque()
        self._sends: dict[tuple[str, timedelta], deque[datetime]] = {}

    def fail_next(self, kind: str, times: int = 1) -> None:
        """Make the next requests fail; ValueError for a kind that is not in FAULTS."""
        if kind not in FAULTS:
            raise ValueError(f"{kind!r} is not one of {', '.join(FAULTS)}")
        self._faults.extend([kind] * times)

    @property
    def next_fault(self) -> str:
        """Return what the next request will suffer, or an empty text."""
        return self._faults[0] if self._faults else ""

    async def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        timeout_s: float,
    ) -> HttpAnswer:
        """Answer one request; raises TimeoutError and ConnectionResetError for those faults."""
        fault = self._faults.popleft() if self._faults else ""
        if fault == "drop_before_accept":
            raise ConnectionResetError("dropped before it was read")
        if fault == "html":
            return HttpAnswer(502, {"Content-Type": "text/html"}, b"<html><body>bad gateway</body></html>")
        try:
            shown = self.take(url, headers, body, fault)
        except Refusal as refusal:
            self.refused[refusal.code] += 1
            return self.said(refusal.code, refusal.text)
        self.messages.append(shown)
        if fault == "timeout_after_accept":
            raise TimeoutError("accepted, but the answer is lost")
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


class _Fault(Struct, forbid_unknown_fields=True):
    kind: str
    times: int = 1


class HookServer:
    """Serve robots on loopback.

    `slow_s` is how long a slow answer takes, `hang_s` how long one is kept back that was lost.
    """

    def __init__(self, bots: Bots, port: int = 0, slow_s: float = _SLOW_S, hang_s: float = _HANG_S) -> None:
        self.bots = bots
        self._port = port
        self._slow_s = slow_s
        self._hang_s = hang_s
        self._runner: web.AppRunner | None = None

    async def start(self) -> str:
        """Begin to listen; return the address without a path."""
        app = web.Application(client_max_size=1 << 20)
        app.router.add_get("/messages", self._show)
        app.router.add_post("/faults", self._fault)
        app.router.add_post("/{path:.*}", self._receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        """Stop listening."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        if self.bots.next_fault == "slow":
            await asyncio.sleep(self._slow_s)
        body, url = await request.read(), str(request.url)
        try:
            answer = await self.bots(request.method, url, headers=request.headers, body=body, timeout_s=0)
        except TimeoutError:
            await asyncio.sleep(self._hang_s)
            return _cut_off(request)
        except ConnectionResetError:
            return _cut_off(request)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    async def _show(self, request: web.Request) -> web.Response:
        state = {"messages": self.bots.messages, "refused": self.bots.refused}
        return web.Response(body=msgspec.json.encode(state), content_type="application/json")

    async def _fault(self, request: web.Request) -> web.Response:
        try:
            fault = msgspec.json.decode(await request.read(), type=_Fault)
            self.bots.fail_next(fault.kind, fault.times)
        except (msgspec.MsgspecError, ValueError) as error:
            return web.Response(status=400, text=str(error))
        return web.Response(status=204)


def _cut_off(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _serve(bots: Bots, port: int, path: str) -> None:
    server = HookServer(bots, port)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    sys.stdout.write(f"{await server.start()}{path}\n")
    sys.stdout.flush()
    await ended.wait()
    await server.stop()


def run(make: Callable[[Clock], Bots], path: str, words: str, arguments: list[str] | None) -> None:
    """Run robots behind a port until told to end; the address of the first is the first line printed."""
    parser = argparse.ArgumentParser(description=words)
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(_serve(make(SystemClock()), parser.parse_args(arguments).port, path))
