"""Write batches for ever and print the number of each one that the store acknowledged."""

import asyncio
import itertools
import sys

from alertmesh.core.ports import Batch
from alertmesh.store import SqliteStore
from tests.store.makers import line, row, ticks


async def main(path: str) -> None:
    """Keep eight producers busy; batch n holds one entry, three rows and one line, all saying n."""
    store = SqliteStore(path)
    await store.open()
    numbers = itertools.count(1)

    async def produce() -> None:
        while True:
            n = next(numbers)
            parts = [row(f"{n}/{part}", b"x" * 500) for part in "abc"]
            await store.write(Batch(entries=ticks(n), rows=parts, timeline=[line(n, str(n))]))
            print(n, flush=True)

    await asyncio.gather(*(produce() for _ in range(8)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
