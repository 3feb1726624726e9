"""Measure what reports over thirty days cost.

    python -m benchmarks.reports [INCIDENTS]

A store is filled with made-up incidents of ten timeline lines and three series each, 10,000 unless told.
`cpu_s` is the processor time of the thread that makes the report; `loop_ms` is the longest that the
event loop had to wait for its turn meanwhile.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from alertmesh.accounts import Accounts
from alertmesh.core.incident import TimelineEntry
from alertmesh.core.ports import Batch
from alertmesh.core.records import Row
from alertmesh.reports import load, noise, response
from alertmesh.store import SqliteStore
from tests.console.fakes import a_member, a_response, an_incident

START = datetime(2026, 11, 1, tzinfo=UTC)
LENGTH = timedelta(days=30)
END = START + LENGTH + timedelta(hours=1)
COURSE: tuple[tuple[int, str, str, dict[str, str]], ...] = (
    (0, "opened", "", {}),
    (0, "joined", "", {"series": "s1", "role": "member"}),
    (0, "held", "", {"state": "held"}),
    (1, "paging", "", {"state": "t1_paging"}),
    (1, "page", "", {"person": "wang", "tier": "ops"}),
    (1, "delivered", "", {"state": "t1_paging"}),
    (4, "page", "", {"person": "chen", "tier": "ops"}),
    (5, "ack", "wang", {"state": "t1_acked"}),
    (25, "cleared", "", {"state": "cleared"}),
    (30, "resolved", "", {"state": "resolved"}),
)
REPORTS: dict[str, Callable[[Accounts], Any]] = {
    "response": lambda past: response.report(past.within(START, END), "priority", START, END),
    "load": lambda past: load.report(past.lines(START, END), lambda _: "Asia/Shanghai", START, END),
    "noise": lambda past: noise.report(
        ((one, past.parts(one.course.incident)) for one in past.within(START, END)), START, END
    ),
}


def lines(number: int, opened: datetime) -> Iterator[TimelineEntry]:
    """Yield the timeline of one incident."""
    for minutes, kind, actor, data in COURSE:
        at = opened + timedelta(minutes=minutes)
        yield TimelineEntry(incident=number, at=at, kind=kind, text=f"{kind} as told", actor=actor, data=data)


def rows(number: int) -> Iterator[Row]:
    """Yield the archived records of one incident."""
    encode = msgspec.msgpack.encode
    yield Row("incident", number, encode(an_incident(number)), live=False)
    yield Row("response", number, encode(a_response(number)), live=False)
    for place in range(3):
        yield Row("member", f"{number:010d}/s{place}", encode(a_member(number)), live=False)


async def fill(store: SqliteStore, incidents: int) -> None:
    """Write incidents at even distances over the whole time."""
    for first in range(1, incidents + 1, 1000):
        numbers = range(first, min(first + 1000, incidents + 1))
        told = [line for n in numbers for line in lines(n, START + LENGTH * (n / (incidents + 1)))]
        await store.write(Batch(timeline=told, rows=[row for n in numbers for row in rows(n)]))


async def measure(store: SqliteStore, make: Callable[[Accounts], Any]) -> tuple[float, float]:
    """Return the processor seconds of one report and the longest wait of the loop in milliseconds."""

    def work() -> float:
        with store.aside() as past:
            begun = time.thread_time()
            make(Accounts(past))
            return time.thread_time() - begun

    making, longest = asyncio.ensure_future(asyncio.to_thread(work)), 0.0
    while not making.done():
        begun = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - begun)
    return await making, longest * 1000


async def main(incidents: int) -> None:
    """Print a row a report."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "mesh.db")
        await store.open()
        await fill(store, incidents)
        for name, make in REPORTS.items():
            cpu_s, loop_ms = await measure(store, make)
            print(f"{name}: {incidents * len(COURSE)} lines, cpu_s {cpu_s:.2f}, loop_ms {loop_ms:.0f}")
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
