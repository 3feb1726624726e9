"""A stand-in for Alibaba Cloud behind a local port: `python -m alertmesh.demo.aliyun --port 9595`.

`POST /` behaves as the SMS and the voice service do, `GET /messages` shows what phones got, and
`POST /faults` with `{"kind": "timeout_after_accept", "times": 1}` makes the next requests fail.
With `--report-url` it posts how each message and call ended; the kinds `duplicate_reports` and
`reorder_reports` have a report posted twice, or only after the next one.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp
from aiohttp import web

from alertmesh.core.clock import Clock, SystemClock
from alertmesh.core.ports import HttpAnswer
from alertmesh.demo.standin import HANG_S, StandIn, serve
from alertmesh.demo.telecom import Telecom

KEY_ID, KEY_SECRET = "demo", "demo-secret"
REPORT_FAULTS = ("duplicate_reports", "reorder_reports")
_REPORT_TRIES = 3


class AliyunStandIn(StandIn):
    """Serve a `Telecom` over HTTP on loopback.

    `report_url`, with its secret, is where ends are posted, `report_s` after a message was taken.
    """

    def __init__(
        self,
        clock: Clock,
        port: int = 0,
        report_url: str = "",
        report_s: float = 0.2,
        hang_s: float = HANG_S,
    ) -> None:
        self.telecom = Telecom(clock, {KEY_ID: KEY_SECRET})
        super().__init__(self.telecom, port, hang_s=hang_s)
        self.report_url = report_url
        self._report_s = report_s
        self._faults: Counter[str] = Counter()
        self._held: bytes | None = None
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def fail_next(self, kind: str, times: int = 1) -> None:
        """Make the next requests or reports fail; ValueError for an unknown kind."""
        if kind in REPORT_FAULTS:
            self._faults[kind] += times
        else:
            super().fail_next(kind, times)

    async def start(self) -> str:
        """Begin to listen; return the address for `endpoint`."""
        url = await super().start()
        self._session = aiohttp.ClientSession()
        return url

    async def stop(self) -> None:
        """Stop listening and posting."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        session, self._session = self._session, None
        if session is not None:
            await session.close()
        await super().stop()

    def routes(self) -> Iterable[web.RouteDef]:
        """Return where both services are asked."""
        return [web.post("/", self.receive)]

    def state(self) -> Mapping[str, Any]:
        """Return what phones got, and what was refused."""
        return {"texts": self.telecom.texts, "calls": self.telecom.calls, "refused": self.telecom.refused}

    async def ask(self, request: web.Request, body: bytes) -> HttpAnswer:
        """Return what the service answers; what it took is reported later, also when the answer is lost."""
        texts, calls = len(self.telecom.texts), len(self.telecom.calls)
        try:
            return await super().ask(request, body)
        finally:
            self._report_later(texts, calls)

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


def main(arguments: list[str] | None = None) -> None:
    """Run a stand-in until it is told to end; its address is the first line it prints."""
    parser = argparse.ArgumentParser(prog="python -m alertmesh.demo.aliyun", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--report-url", default="", help="where ends of messages are posted, with its secret")
    parser.add_argument("--report-s", type=float, default=1.0, help="how long a message takes to arrive")
    options = parser.parse_args(arguments)
    serve(AliyunStandIn(SystemClock(), options.port, options.report_url, options.report_s))


if __name__ == "__main__":
    main()
