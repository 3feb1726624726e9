"""A real server with a past, whose rules may be changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alertmesh.config import default_rules_dir, load
from alertmesh.core.clock import SystemClock
from alertmesh.store import SqliteStore
from tests.desks.past import live_through, nights
from tests.desks.rules import House, house, write


@asynccontextmanager
async def lived(folder: Path, *, shipped: bool = False) -> AsyncIterator[House]:
    """Run a server that has nine days behind it, over rules of its own or over the shipped ones."""
    file, clock = write(folder), SystemClock()
    file.write_text(file.read_text().replace("memory://", f"sqlite:///{folder / 'a.db'}"))
    store = SqliteStore(folder / "a.db")
    await store.open()
    await live_through(store, load(file, folder / "rules", {}), nights(clock.now()), clock.now())
    await store.close()
    rules = default_rules_dir() if shipped else folder / "rules"
    async with house(folder, rules=rules, store=SqliteStore(folder / "a.db"), clock=clock) as running:
        yield running
