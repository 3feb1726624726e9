"""The connections that channels hold to hear from people, each a task of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog

from alertmesh.core.clock import Clock
from alertmesh.core.errors import AlertMeshError
from alertmesh.core.incident import TimelineEntry
from alertmesh.core.live import Lines, Listening
from alertmesh.core.ports import Channel, Heard, Store
from alertmesh.showing import Display, Lookup
from alertmesh.wiring import Wiring

_AGAIN_S = 5.0

log = structlog.get_logger()


class Listeners:
    """Run every channel that listens, and have others show how incidents stand.

    `heard` carries out what people ask for, by the channel it came over, and returns what to tell them.
    """

    def __init__(
        self,
        heard: Callable[[str, Heard], Awaitable[str]],
        wiring: Wiring,
        store: Store,
        lookup: Lookup,
        clock: Clock,
    ) -> None:
        self._heard = heard
        self._lines = Lines(wiring.http, wiring.http.dial, clock.now)
        self._display = Display(store, lookup, wiring.person, wiring.http, clock)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.show = self._display.beat

    async def start(self, channels: Iterable[Channel | None]) -> None:
        """Begin, or go by other channels from here on."""
        known = [channel for channel in channels if channel is not None]
        await self.stop()
        self._display.adopt(known)
        for channel in known:
            if isinstance(channel, Listening):
                self._begin(channel.name, channel)

    async def stop(self) -> None:
        """Hang up."""
        tasks, self._tasks = self._tasks, {}
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)

    def decided(self, timeline: Iterable[TimelineEntry]) -> None:
        """Take what was decided just now, so that it is shown."""
        self._display.decided(timeline)

    def _begin(self, name: str, channel: Listening) -> None:
        task = asyncio.create_task(self._listen(name, channel), name=f"listen {name}")
        self._tasks[name] = task
        task.add_done_callback(lambda done: self._ended(name, channel, done))

    def _ended(self, name: str, channel: Listening, task: asyncio.Task[None]) -> None:
        """Begin anew after an error of ours, unless somebody hung up or another began."""
        if task.cancelled() or task.exception() is None:
            return
        log.error("listening_ended", channel=name, exc_info=task.exception())
        asyncio.get_running_loop().call_later(_AGAIN_S, self._resume, name, channel, task)

    def _resume(self, name: str, channel: Listening, ended: asyncio.Task[None]) -> None:
        if self._tasks.get(name) is ended:
            self._begin(name, channel)

    async def _listen(self, name: str, channel: Listening) -> None:
        async def heard(told: Heard) -> str:
            """Do what somebody asks for; they are told why it cannot be done."""
            try:
                return await self._heard(name, told)
            except AlertMeshError as error:
                return str(error)

        await channel.listen(heard, self._lines)
