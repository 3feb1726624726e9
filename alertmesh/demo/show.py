"""The demo in a terminal: what becomes of the storm, line by line or as a live picture."""

import asyncio
import logging
import shutil
import sys
import webbrowser
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from alertmesh.core.alert import Priority
from alertmesh.demo.world import LASTS, QuickClock, World, world
from alertmesh.logs import configure_logs

_BEAT_S = 0.25
_LINES = 14


async def run_demo(
    speed: float,
    port: int,
    seconds: float | None,
    browser: bool,
    overrides: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Show the storm until somebody presses Ctrl-C or `seconds` have passed.

    It begins so long ago that it ends in the present. Where nobody sits at a terminal, its end is the
    end of the demo as well. `browser` opens the console.
    """
    configure_logs(logging.WARNING)
    async with world(QuickClock(speed, LASTS), port, overrides) as running:
        screen = Screen(running, speed)
        if browser and sys.stdout.isatty():
            await asyncio.to_thread(webbrowser.open, running.url)
        try:
            async with asyncio.timeout(seconds):
                await screen.show()
        except (TimeoutError, asyncio.CancelledError):
            pass  # the end that was asked for
        finally:
            screen.last_word()


class Screen:
    """A live picture of incidents and messages in a terminal; plain lines where there is none."""

    def __init__(self, running: World, speed: float) -> None:
        self._server = running.server
        self._dingtalk = running.dingtalk
        self._url = running.url
        self._telling = running.telling
        self._speed = speed
        self._live = sys.stdout.isatty()
        self._told = 0
        self._states: dict[int, str] = {}
        if not self._live:
            self._print(f"AlertMesh runs at {self._url} ({speed:g} times real time)")

    async def show(self) -> None:
        """Draw until somebody ends it; in a pipe until the storm is told and no incident is open any more."""
        while self._live or self._goes_on():
            if self._live:
                self._print("\x1b[H\x1b[2J" + "\n".join(self._picture()))
            else:
                self._tell_new()
            await asyncio.sleep(_BEAT_S)
            if self._telling.done():
                self._telling.result()

    def _goes_on(self) -> bool:
        return not self._telling.done() or any(self._server.runtime.pipeline.incidents.incidents())

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
