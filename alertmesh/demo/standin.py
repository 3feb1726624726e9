"""A stand-in behind a port of this machine: it answers or cuts off, takes orders, and runs until told to end.

`GET /messages` shows what people got, and `POST /faults` with `{"kind": "html", "times": 1}` makes the next
requests fail.
"""

import asyncio
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.core.ports import HttpAnswer
from alertmesh.demo.faults import Faulty

SLOW_S = 2.0
HANG_S = 30.0


class _Fault(Struct, forbid_unknown_fields=True):
    kind: str
    times: int = 1


class StandIn(ABC):
    """Serve a service on loopback; port 0 is any that is free.

    `slow_s` is how long a slow answer takes, `hang_s` how long one is kept back that was lost.
    """

    def __init__(self, service: Faulty, port: int, slow_s: float = SLOW_S, hang_s: float = HANG_S) -> None:
        self.slow_s = slow_s
        self._service = service
        self._port = port
        self._hang_s = hang_s
        self._runner: web.AppRunner | None = None

    @abstractmethod
    def routes(self) -> Iterable[web.RouteDef]:
        """Return what is served besides `/messages` and `/faults`; `receive` serves the service itself."""

    @abstractmethod
    def state(self) -> Mapping[str, Any]:
        """Return what `/messages` shows."""

    def fail_next(self, kind: str, times: int = 1) -> None:
        """Make the next requests fail; ValueError for an unknown kind."""
        self._service.fail_next(kind, times)

    def order(self, kind: str, times: int) -> None:
        """Do what was posted to `/faults`; ValueError for an unknown kind."""
        self.fail_next(kind, times)

    async def start(self) -> str:
        """Begin to listen; return the address without a path."""
        app = web.Application(client_max_size=1 << 20)
        app.add_routes([web.get("/messages", self._show), web.post("/faults", self._fault), *self.routes()])
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

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Pass a request on to the service, and its answer or its fault back."""
        if self._service.next_fault == "slow":
            await asyncio.sleep(self.slow_s)
        body = await request.read()
        try:
            answer = await self.ask(request, body)
        except TimeoutError:
            await asyncio.sleep(self._hang_s)
            return _cut_off(request)
        except ConnectionResetError:
            return _cut_off(request)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    async def ask(self, request: web.Request, body: bytes) -> HttpAnswer:
        """Return what the service answers; raises TimeoutError and ConnectionResetError for those faults."""
        url = str(request.url)
        return await self._service(request.method, url, headers=request.headers, body=body, timeout_s=0)

    async def _show(self, request: web.Request) -> web.Response:
        return web.Response(body=msgspec.json.encode(self.state()), content_type="application/json")

    async def _fault(self, request: web.Request) -> web.Response:
        try:
            fault = msgspec.json.decode(await request.read(), type=_Fault)
            self.order(fault.kind, fault.times)
        except (msgspec.MsgspecError, ValueError) as error:
            return web.Response(status=400, text=str(error))
        return web.Response(status=204)


def serve(standin: StandIn, path: str = "") -> None:
    """Print a stand-in's address with `path`, the first line printed, and run it until told to end."""
    asyncio.run(_serve(standin, path))


async def _serve(standin: StandIn, path: str) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    sys.stdout.write(f"{await standin.start()}{path}\n")
    sys.stdout.flush()
    await ended.wait()
    await standin.stop()


def _cut_off(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
