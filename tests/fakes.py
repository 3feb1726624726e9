"""What the shell is tested with: a store that can fail and be slow, a pipeline that stumbles."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from alertmesh.core.alert import Parsed, Sighting
from alertmesh.core.entries import Fired
from alertmesh.core.errors import StoreUnavailable
from alertmesh.core.ports import Batch, StoredEntry
from alertmesh.pipeline import Decisions, Pipeline
from alertmesh.store.memory import MemoryStore

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
_LONG_S = 10.0


async def until(ready: Callable[[], Any]) -> Any:
    """Return the first true answer of `ready`; fail after ten seconds."""
    async with asyncio.timeout(_LONG_S):
        while not (answer := ready()):  # noqa: ASYNC110  # what is waited for sets no event
            await asyncio.sleep(0.005)
        return answer


class SlowStore(MemoryStore):
    """A store whose writes fail while `fails`, and wait for `release` while `holds` accepts them."""

    def __init__(self) -> None:
        super().__init__()
        self.fails = False
        self.holds: Callable[[Batch], bool] = lambda batch: False
        self.held: deque[asyncio.Future[None]] = deque()

    async def write(self, batch: Batch) -> int:
        if self.holds(batch):
            self.held.append(asyncio.get_running_loop().create_future())
            await self.held[-1]
        if self.fails:
            raise StoreUnavailable("the disk is full")
        return await super().write(batch)

    def release(self, kept: bool = True) -> None:
        """Let the write that waits longest go on, or fail."""
        if kept:
            self.held.popleft().set_result(None)
        else:
            self.held.popleft().set_exception(StoreUnavailable("the disk is full"))

    def recover(self) -> None:
        """Take everything again, what waits first."""
        self.fails = False
        self.holds = lambda batch: False
        while self.held:
            self.release()


def is_append(batch: Batch) -> bool:
    """Tell whether a batch brings news rather than decisions."""
    return bool(batch.entries)


def is_decision(batch: Batch) -> bool:
    """Tell whether a batch is what was decided."""
    return batch.cursor is not None


class Stumbling(Pipeline):
    """A pipeline with faults: in an entry, when it is to be finished, or when it is asked for the time."""

    bad_alert = ""
    bad_command = False
    bad_finish = False
    bad_deadline = False
    stuck_at: datetime | None = None

    @classmethod
    def of(cls, pipeline: Pipeline) -> "Stumbling":
        """Return `pipeline`, with faults that can be switched on."""
        stumbling = cls.__new__(cls)
        vars(stumbling).update(vars(pipeline))
        return stumbling

    def decide(self, stored: StoredEntry, out: Decisions) -> None:
        entry = stored.entry
        if isinstance(entry, Fired) and entry.alert.name == self.bad_alert:
            raise ZeroDivisionError(entry.alert.name)
        if self.bad_command and type(entry).__name__ == "Command":
            raise ZeroDivisionError("a command")
        super().decide(stored, out)

    def finish(self, out: Decisions) -> Decisions:
        if self.bad_finish:
            raise ZeroDivisionError("finish")
        return super().finish(out)

    def deadline(self) -> datetime | None:
        if self.bad_deadline:
            raise ZeroDivisionError("deadline")
        return self.stuck_at or super().deadline()


def said(*names: str, firing: bool = True, lease_s: float = 86_400, at: datetime = NOW) -> Parsed:
    """Return what a source would make of a request with one alert of each name."""
    sightings = [_sighting(name, firing, at, lease_s) for name in names]
    return Parsed(sightings, range(len(names)), [])


def _sighting(name: str, firing: bool, at: datetime, lease_s: float) -> Sighting:
    return Sighting(
        identity=name,
        firing=firing,
        labels={"alertname": name, "severity": "critical", "cluster": "east", "service": name},
        annotations={},
        starts_at=at if firing else None,
        ends_at=at + timedelta(seconds=lease_s) if firing else at,
    )
