"""The world of the demo: AlertMesh, a DingTalk stand-in, and a recorded storm that runs into it.

Alerts arrive over HTTP as Prometheus would send them; messages leave over HTTP to the stand-in. Only
the clock is quicker, for all of them alike, until the storm has come as far as the present.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import msgspec
from aiohttp import ClientSession
from msgspec import Struct

from alertmesh.config import load
from alertmesh.core.clock import Clock, SystemClock
from alertmesh.demo.dingtalk import SECRET, DingTalkStandIn
from alertmesh.demo.stories import storm
from alertmesh.recorded import RecordedAlert
from alertmesh.server import Server, wired

LASTS = timedelta(minutes=20)
"""How long the storm takes from its first alert to its last end."""

_BATCH = 64
_BEAT_S = 0.05


class QuickClock:
    """Start `past` ago and run `speed` times as fast as the machine's clock until that is caught up with."""

    def __init__(self, speed: float, past: timedelta = timedelta(0)) -> None:
        self._machine = SystemClock()
        self._speed = speed
        self._start = self._machine.monotonic()
        self._origin = self._machine.now() - past
        # At which real second it is as late here as there; without a past it never is, and time runs ahead.
        self._even_s = past.total_seconds() / (speed - 1) if past and speed > 1 else None

    def now(self) -> datetime:
        """Return the quickened present moment."""
        return self._origin + timedelta(seconds=self._passed_s())

    def monotonic(self) -> float:
        """Return the quickened seconds."""
        return self._start + self._passed_s()

    def _passed_s(self) -> float:
        real = self._machine.monotonic() - self._start
        if self._even_s is None or real < self._even_s:
            return real * self._speed
        return self._even_s * self._speed + (real - self._even_s)


class World(Struct):
    """A demo that runs: the server at `url`, who is paged, and the task that tells the storm."""

    server: Server
    dingtalk: DingTalkStandIn
    url: str
    telling: asyncio.Task[None]


@asynccontextmanager
async def world(
    clock: Clock, port: int, overrides: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[World]:
    """Run AlertMesh with a storm that begins now, on a port of loopback; 0 takes a free one."""
    with tempfile.TemporaryDirectory(prefix="alertmesh-demo-") as folder:
        dingtalk = DingTalkStandIn(clock)
        file = _configure(Path(folder), await dingtalk.start(), port)
        server = Server(wired(lambda: load(file, None, overrides), clock), clock)
        url = await server.start()
        telling = asyncio.create_task(_tell(url, clock))
        try:
            yield World(server, dingtalk, url, telling)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            await server.stop()
            await dingtalk.stop()


def _configure(folder: Path, dingtalk: str, port: int) -> Path:
    """Write a configuration, with a directory for rules that are changed in the console; return its file."""
    file = folder / "alertmesh.yaml"
    (folder / "rules").mkdir()
    people = [
        {"name": "wang", "display": "Wang Wei (ops)", "mobile": "13800000001", "channels": ["demo"]},
        {
            "name": "chen",
            "display": "Chen Yu (ops, secondary)",
            "mobile": "13800000002",
            "channels": ["demo"],
        },
        {"name": "li", "display": "Li Na (developer)", "mobile": "13800000003", "channels": ["demo"]},
    ]
    robot = {"webhook": dingtalk, "secret": SECRET}
    content = {
        "rules": "rules",
        "listen": f"127.0.0.1:{port}",
        "store": f"sqlite:///{folder / 'demo.db'}",
        "external_url": f"http://127.0.0.1:{port}",
        "users": people,
        "channels": [
            {
                "name": "demo",
                "kind": "dingtalk",
                "settings": {name: _secret(folder / name, text) for name, text in robot.items()},
            }
        ],
        "rosters": [
            {"name": "ops", "members": ["wang", "chen"], "lead": "wang"},
            {"name": "rnd", "members": ["li"], "lead": "li"},
        ],
    }
    file.write_bytes(msgspec.yaml.encode(content))
    return file


def _secret(file: Path, text: str) -> str:
    """Keep a secret where configuration wants it: out of the file, behind a reference."""
    file.write_text(text, encoding="utf-8")
    return f"file:{file}"


async def _tell(url: str, clock: Clock) -> None:
    """Post the storm as it unfolds, as Prometheus would: in batches, straight to /api/v2/alerts."""
    async with ClientSession() as session:
        waiting: list[RecordedAlert] = []
        for alert in storm(clock.now()):
            while alert.time > clock.now():
                await _post(session, url, waiting)
                waiting.clear()
                await asyncio.sleep(_BEAT_S)
            waiting.append(alert)
        await _post(session, url, waiting)


async def _post(session: ClientSession, url: str, alerts: list[RecordedAlert]) -> None:
    for start in range(0, len(alerts), _BATCH):
        body = msgspec.json.encode([_as_sent(alert) for alert in alerts[start : start + _BATCH]])
        headers = {"Content-Type": "application/json"}
        async with session.post(f"{url}/api/v2/alerts", data=body, headers=headers) as answer:
            answer.raise_for_status()


def _as_sent(alert: RecordedAlert) -> dict[str, object]:
    sent: dict[str, object] = {"labels": alert.labels, "annotations": alert.annotations}
    if alert.status == "firing":
        # A lease far beyond the storm: the recording tells when each alert ends.
        return sent | {"startsAt": alert.time, "endsAt": alert.time.replace(year=alert.time.year + 1)}
    return sent | {"startsAt": alert.starts_at or alert.time, "endsAt": alert.time}
