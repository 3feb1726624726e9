"""An `alertmesh` that kills itself just before one write to the store.

`python -m tests.real.dying NUMBER serve …`; before a write is the same as after the one before it.
"""

import os
import signal
import sys
from itertools import count

from alertmesh.cli import main
from alertmesh.core.ports import Batch
from alertmesh.store.sqlite import SqliteStore


def die_at(number: int) -> None:
    """Have the process killed before write number `number` begins."""
    plain, turns = SqliteStore.write, count(1)

    async def write(self: SqliteStore, batch: Batch) -> int:
        if next(turns) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return await plain(self, batch)

    SqliteStore.write = write  # type: ignore[method-assign]


if __name__ == "__main__":
    die_at(int(sys.argv.pop(1)))
    main()
