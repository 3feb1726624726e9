"""A server that kills itself just before one write to its store.

`python -m tests.real.dying NUMBER serve --config FILE`; before a write is as after the one before it.
"""

import asyncio
import os
import signal
import sys
from itertools import count
from pathlib import Path

from alertmesh.config import load
from alertmesh.core.clock import SystemClock
from alertmesh.core.ports import Batch
from alertmesh.server import Server, wired
from alertmesh.store.sqlite import SqliteStore


class MortalStore(SqliteStore):
    """A store whose write number `number` never begins."""

    def __init__(self, path: str, number: int) -> None:
        super().__init__(path)
        self._number = number
        self._turns = count(1)

    async def write(self, batch: Batch) -> int:
        """Write, or die."""
        if next(self._turns) == self._number:
            os.kill(os.getpid(), signal.SIGKILL)
        return await super().write(batch)


async def serve(config: Path, number: int) -> None:
    """Serve until killed, by itself or by others."""
    wiring = wired(lambda: load(config, None, {}), SystemClock())
    store = MortalStore(wiring.config.store.removeprefix("sqlite:///"), number)
    await Server(wiring, SystemClock(), store).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[4]), int(sys.argv[1])))
