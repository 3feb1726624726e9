"""Write until a limit on the file size refuses, then lift it; print what happened to each batch."""

import asyncio
import resource
import sys

from alertmesh.core.errors import StoreUnavailable
from alertmesh.core.ports import Batch
from alertmesh.store import SqliteStore
from tests.store.makers import row, ticks

BODY = b"x" * 100_000
UNLIMITED = resource.RLIM_INFINITY


async def main(path: str) -> None:
    """Print the numbers of the log entries that are there in the end."""
    store = SqliteStore(path)
    await store.open()
    await store.write(Batch(entries=ticks(1)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, UNLIMITED))
    big = [Batch(entries=ticks(n), rows=[row(f"{n}/{part}", BODY) for part in range(5)]) for n in (2, 3)]
    for result in await asyncio.gather(*map(store.write, big), return_exceptions=True):
        print("refused" if isinstance(result, StoreUnavailable) else result)
    resource.setrlimit(resource.RLIMIT_FSIZE, (UNLIMITED, UNLIMITED))
    print(await store.write(Batch(entries=ticks(4))))
    print([stored.entry for stored in store.tail(0, 9)] == ticks(1, 4), store.row("t", "2/0"))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
