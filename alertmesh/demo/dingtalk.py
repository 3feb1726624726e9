"""A stand-in for DingTalk behind a local port: `python -m alertmesh.demo.dingtalk --port 9494`.

`POST /robot/send` behaves as the real one, `GET /messages` shows what the group saw, and
`POST /faults` with `{"kind": "html", "times": 1}` makes the next requests fail.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Mapping

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.core.clock import Clock, SystemClock
from alertmesh.demo.robot import Accepted, Robot

TOKEN = "demo"  # noqa: S105  # opens nothing but the stand-in
SECRET = "SECdemo"  # noqa: S105
_SLOW_S = 2.0
_HANG_S = 30.0


class _Fault(Struct, forbid_unknown_fields=True):
    kind: str
    times: int = 1


class DingTalkStandIn:
    """Serve a `Robot` over HTTP on loopback.

    `robots` maps access tokens to signing secrets. `slow_s` is how long a slow answer takes.
    """

    def __init__(
        self,
        clock: Clock,
        robots: Mapping[str, str] | None = None,
        port: int = 0,
        slow_s: float = _SLOW_S,
        hang_s: float = _HANG_S,
    ) -> None:
        self.robot = Robot(clock, {TOKEN: SECRET} if robots is None else robots)
        self._token = next(iter(robots)) if robots else TOKEN
        self._port = port
        self._slow_s = slow_s
        self._hang_s = hang_s
        self._runner: web.AppRunner | None = None

    @property
    def messages(self) -> list[Accepted]:
        """Return what the group sees, oldest first."""
        return self.robot.messages

    @property
    def duplicates(self) -> int:
        """Return how many repeats were dropped."""
        return self.robot.duplicates

    def fail_next(self, kind: str, times: int = 1) -> None:
        """Make the next requests fail; see `robot.FAULTS`."""
        self.robot.fail_next(kind, times)

    async def start(self) -> str:
        """Begin to listen; return the address of the first robot, with its access token."""
        app = web.Application(client_max_size=1 << 20)
        app.router.add_post("/robot/send", self._receive)
        app.router.add_get("/messages", self._show)
        app.router.add_post("/faults", self._fault)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return f"http://127.0.0.1:{self._port}/robot/send?access_token={self._token}"

    async def stop(self) -> None:
        """Stop listening."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        if self.robot.next_fault == "slow":
            await asyncio.sleep(self._slow_s)
        body = await request.read()
        try:
            answer = await self.robot(
                request.method, str(request.url), headers=request.headers, body=body, timeout_s=0
            )
        except TimeoutError:
            await asyncio.sleep(self._hang_s)
            return _cut_off(request)
        except ConnectionResetError:
            return _cut_off(request)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    async def _show(self, request: web.Request) -> web.Response:
        state = {
            "messages": self.messages,
            "duplicates": self.duplicates,
            "arrivals": self.robot.arrivals,
            "refused": self.robot.refused,
        }
        return web.Response(body=msgspec.json.encode(state), content_type="application/json")

    async def _fault(self, request: web.Request) -> web.Response:
        try:
            fault = msgspec.json.decode(await request.read(), type=_Fault)
            self.fail_next(fault.kind, fault.times)
        except (msgspec.MsgspecError, ValueError) as error:
            return web.Response(status=400, text=str(error))
        return web.Response(status=204)


def _cut_off(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _serve(options: argparse.Namespace) -> None:
    standin = DingTalkStandIn(SystemClock(), {options.token: options.secret}, options.port)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    url = await standin.start()
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    await ended.wait()
    await standin.stop()


def main(arguments: list[str] | None = None) -> None:
    """Run a stand-in until it is told to end; the robot's address is the first line it prints."""
    parser = argparse.ArgumentParser(prog="python -m alertmesh.demo.dingtalk", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--secret", default=SECRET)
    asyncio.run(_serve(parser.parse_args(arguments)))


if __name__ == "__main__":
    main()
