"""The demo: a recorded storm runs into a real AlertMesh, and the terminal shows what becomes of it.

Alerts arrive over HTTP as Prometheus would send them; messages leave over HTTP to the DingTalk
stand-in. Only the clock is quicker, for all of them alike.
"""

import asyncio
import logging
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import msgspec
from aiohttp import ClientSession

from alertmesh.config import Config, load
from alertmesh.core.alert import Priority
from alertmesh.core.clock import Clock, SystemClock
from alertmesh.demo.dingtalk import SECRET, DingTalkStandIn
from alertmesh.demo.stories import storm
from alertmesh.logs import configure_logs
from alertmesh.recorded import RecordedAlert
from alertmesh.server import Server
from alertmesh.wiring import Wiring

_BATCH = 64
_BEAT_S = 0.25
_LINES = 14


class QuickClock:
    """Run `speed` times as fast as the machine's clock, from the moment it is made."""

    def __init__(self, speed: float) -> None:
        self._machine = SystemClock()
        self._start = self._machine.now()
        self._speed = speed

    def now(self) -> datetime:
        """Return the quickened present moment."""
        return self._start + (self._machine.now() - self._start) * self._speed

    def monotonic(self) -> float:
        """Return the quickened seconds."""
        return self._machine.monotonic() * self._speed


async def run_demo(
    speed: float, port: int, seconds: float | None, overrides: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Show the storm until it is over, `seconds` have passed, or somebody presses Ctrl-C."""
    configure_logs(logging.WARNING)
    clock = QuickClock(speed)
    with tempfile.TemporaryDirectory(prefix="alertmesh-demo-") as folder:
        dingtalk = DingTalkStandIn(clock)
        config = _configure(Path(folder), await dingtalk.start(), port, overrides)
        server = Server(Wiring(config), clock)
        url = await server.start()
        screen = Screen(server, dingtalk, url, speed)
        telling = asyncio.create_task(_tell(url, clock))
        try:
            async with asyncio.timeout(seconds):
                await screen.show(telling)
        except (TimeoutError, asyncio.CancelledError):
            pass  # the end that was asked for
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
            screen.last_word()
            await server.stop()
            await dingtalk.stop()


def _configure(folder: Path, dingtalk: str, port: int, overrides: Mapping[str, str]) -> Config:
    file = folder / "alertmesh.yaml"
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
    return load(file, None, overrides)


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
                await asyncio.sleep(_BEAT_S / 5)
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


class Screen:
    """A live picture of incidents and messages in a terminal; plain lines where there is none."""

    def __init__(self, server: Server, dingtalk: DingTalkStandIn, url: str, speed: float) -> None:
        self._server = server
        self._dingtalk = dingtalk
        self._url = url
        self._speed = speed
        self._live = sys.stdout.isatty()
        self._told = 0
        self._states: dict[int, str] = {}
        if not self._live:
            self._print(f"AlertMesh runs at {url} ({speed:g} times real time)")

    async def show(self, telling: "asyncio.Task[None]") -> None:
        """Draw until the storm is told and no incident is open any more."""
        while not telling.done() or any(self._server.runtime.pipeline.incidents.incidents()):
            if self._live:
                self._print("\x1b[H\x1b[2J" + "\n".join(self._picture()))
            else:
                self._tell_new()
            await asyncio.sleep(_BEAT_S)
        telling.result()

    def last_word(self) -> None:
        """Say in one line what the storm came to."""
        found = self._server.runtime.history.incidents(None, 500)
        incidents = [incident for incident, _ in found if incident.merged_into is None]
        alerts = sum(incident.alerts for incident in incidents)
        self._tell_new()
        messages = len(self._dingtalk.messages)
        self._print(f"\n{alerts} alerts became {len(incidents)} incidents and {messages} messages.")

    def _picture(self) -> Iterator[str]:
        width = shutil.get_terminal_size((100, 40)).columns
        now = self._server.runtime.clock.now()
        head = f"AlertMesh at {self._url}   {now:%H:%M:%S} UTC, {self._speed:g} x real time   Ctrl-C ends"
        yield head[:width]
        yield ""
        yield "INCIDENTS"
        for incident, response in self._server.runtime.history.incidents(None, _LINES):
            state = response.state if response else "watched"
            mark = "!" if incident.priority is Priority.P1 else " "
            counts = f"{incident.alerts:4} alerts {incident.series:3} series"
            line = f"{mark}#{incident.id:<3} {incident.priority.name} {state:10} {counts}  {incident.title}"
            yield line[:width]
        yield ""
        yield f"DINGTALK ({len(self._dingtalk.messages)} messages)"
        for message in self._dingtalk.messages[-_LINES:]:
            yield f"  {message.at:%H:%M:%S} {' '.join(message.text.split())}"[:width]

    def _tell_new(self) -> None:
        for _, line in sorted([*self._new_states(), *self._new_messages()]):
            self._print(line)

    def _new_states(self) -> Iterator[tuple[datetime, str]]:
        for incident, response in self._server.runtime.history.incidents(None, _LINES):
            state, since = (response.state, response.since) if response else ("watched", incident.opened_at)
            if self._states.get(incident.id) == state:
                continue
            self._states[incident.id] = state
            count = f"{incident.alerts} alert{'s' * (incident.alerts > 1)}"
            head = f"{since:%H:%M:%S} incident #{incident.id} {incident.priority.name} {state}"
            yield since, f"{head}: {incident.title}, {count}"

    def _new_messages(self) -> Iterator[tuple[datetime, str]]:
        for message in self._dingtalk.messages[self._told :]:
            yield message.at, f"{message.at:%H:%M:%S} DingTalk: {' '.join(message.text.split())[:160]}"
        self._told = len(self._dingtalk.messages)

    def _print(self, text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
