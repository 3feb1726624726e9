"""A stand-in for Alibaba Cloud behind a local port: `python -m alertmesh.demo.aliyun --port 9595`.

`POST /` behaves as the SMS and the voice service do, `GET /messages` shows what phones got, and
`POST /faults` with `{"kind": "timeout_after_accept", "times": 1}` makes the next requests fail.
With `--report-url` it posts how each message and call ended; the kinds `duplicate_reports` and
`reorder_reports` have a report posted twice, or only after the next one.
"""

import argparse
import asyncio
import signal
import sys
from collections import Counter

import aiohttp
import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.core.clock import Clock, SystemClock
from alertmesh.demo.telecom import Telecom

KEY_ID, KEY_SECRET = "demo", "demo-secret"
REPORT_FAULTS = ("duplicate_reports", "reorder_reports")
_SLOW_S = 2.0
_HANG_S = 30.0
_REPORT_TRIES = 3


class _Fault(Struct, forbid_unknown_fields=True):
    kind: str
    times: int = 1


class AliyunStandIn:
    """Serve a `Telecom` over HTTP on loopback.

    `report_url`, with its secret, is where ends are posted, `report_s` after a message was taken.
    `slow_s` is how long a slow answer takes, `hang_s` how long one is kept back that was lost.
    """

    def __init__(
        self,
        clock: Clock,
        port: int = 0,
        report_url: str = "",
        report_s: float = 0.2,
        hang_s: float = _HANG_S,
    ) -> None:
        self.telecom = Telecom(clock, {KEY_ID: KEY_SECRET})
        self.report_url = report_url
        self.slow_s = _SLOW_S
        self._port = port
        self._report_s = report_s
        self._hang_s = hang_s
        self._faults: Counter[str] = Counter()
        self._held: bytes | None = None
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def fail_next(self, kind: str, times: int = 1) -> None:
        """Make the next requests or reports fail; ValueError for an unknown kind."""
        if kind in REPORT_FAULTS:
            self._faults[kind] += times
        else:
            self.telecom.fail_next(kind, times)

    async def start(self) -> str:
        """Begin to listen; return the address for `endpoint`."""
        app = web.Application()
        app.router.add_post("/", self._receive)
        app.router.add_get("/messages", self._show)
        app.router.add_post("/faults", self._fault)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._session = aiohttp.ClientSession()
        return f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        """Stop listening and posting."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        session, runner = self._session, self._runner
        self._session = self._runner = None
        if session is not None:
            await session.close()
        if runner is not None:
            await runner.cleanup()

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        if self.telecom.next_fault == "slow":
            await asyncio.sleep(self.slow_s)
        texts, calls = len(self.telecom.texts), len(self.telecom.calls)
        body = await request.read()
        url = str(request.url)
        try:
            answer = await self.telecom(request.method, url, headers=request.headers, body=body, timeout_s=0)
        except TimeoutError:
            self._report_later(texts, calls)
            await asyncio.sleep(self._hang_s)
            return _cut_off(request)
        except ConnectionResetError:
            return _cut_off(request)
        self._report_later(texts, calls)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    def _report_later(self, texts: int, calls: int) -> None:
        """Post how what was taken just now ends."""
        new_texts, new_calls = self.telecom.texts[texts:], self.telecom.calls[calls:]
        if self.report_url and (new_texts or new_calls):
            telecom = self.telecom
            bodies = [telecom.text_reports([text]) for text in new_texts]
            bodies += [telecom.call_reports([call]) for call in new_calls]
            task = asyncio.create_task(self._report(bodies))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _report(self, bodies: list[bytes]) -> None:
        await asyncio.sleep(self._report_s)
        for body in bodies:
            if self._faults["reorder_reports"] and self._held is None:
                self._faults["reorder_reports"] -= 1
                self._held = body
                continue
            times = 1
            if self._faults["duplicate_reports"]:
                self._faults["duplicate_reports"] -= 1
                times = 2
            for posted in [body] * times:
                await self.push(posted)
            if self._held is not None:
                held, self._held = self._held, None
                await self.push(held)

    async def push(self, body: bytes) -> None:
        """Post reports or replies, a few times until they are taken."""
        headers = {"Content-Type": "application/json"}
        for turn in range(_REPORT_TRIES):
            if self._session is None:
                return
            try:
                async with self._session.post(self.report_url, data=body, headers=headers) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError as error:
                sys.stderr.write(f"report not taken: {type(error).__name__}\n")
            await asyncio.sleep(self._report_s * (turn + 1))

    async def _show(self, request: web.Request) -> web.Response:
        telecom = self.telecom
        state = {"texts": telecom.texts, "calls": telecom.calls, "refused": telecom.refused}
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
    standin = AliyunStandIn(SystemClock(), options.port, options.report_url, options.report_s)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    sys.stdout.write(f"{await standin.start()}\n")
    sys.stdout.flush()
    await ended.wait()
    await standin.stop()


def main(arguments: list[str] | None = None) -> None:
    """Run a stand-in until it is told to end; its address is the first line it prints."""
    parser = argparse.ArgumentParser(prog="python -m alertmesh.demo.aliyun", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--report-url", default="", help="where ends of messages are posted, with its secret")
    parser.add_argument("--report-s", type=float, default=1.0, help="how long a message takes to arrive")
    asyncio.run(_serve(parser.parse_args(arguments)))


if __name__ == "__main__":
    main()
