"""Print what escalation costs with many open incidents: a tick, many deadlines at once, and a start.

    python -m benchmarks.escalation
    python -m benchmarks.escalation --open 10000 --due 1000

The policy is the shipped one, all incidents are P1. One in ten is paged and not answered, the others
are taken, under lease and triage deadline. Times are those of the stage and of encoding its rows: the
median where a run can be had again, else of a single run.
"""

import argparse
import asyncio
import gc
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from msgspec import Struct

from alertmesh.config import load
from alertmesh.core.alert import Priority
from alertmesh.core.entries import Action, Command, Tick
from alertmesh.core.incident import Condition, Incident, IncidentEvent, IncidentEventKind
from alertmesh.core.oncall import OnCall, User, single
from alertmesh.core.ports import Batch
from alertmesh.core.records import Row
from alertmesh.escalate.outbound import Escalated
from alertmesh.escalate.stage import EscalateStage
from alertmesh.store import SqliteStore

START = datetime(2026, 11, 23, 4, tzinfo=UTC)
HANDFUL = 10
_TAKEN_FOR = timedelta(minutes=3)  # how long before the others those were opened that are taken
_CALM = timedelta(minutes=2)
_STEP = timedelta(minutes=3)
_EARLY = timedelta(seconds=30)


class Watch(Struct):
    """The seconds that a block took."""

    seconds: float = 0.0


@contextmanager
def timed() -> Iterator[Watch]:
    """Time a block, without the garbage collector in between."""
    watch = Watch()
    gc.collect()
    gc.disable()
    begun = time.perf_counter()
    try:
        yield watch
    finally:
        watch.seconds = time.perf_counter() - begun
        gc.enable()


def staff() -> OnCall:
    """Return two teams of three under the shipped policies."""
    names = ("ann", "ben", "lea", "dan", "eve", "max")
    rosters = {"ops": single("ops", "ann", "ben", lead="lea"), "rnd": single("rnd", "dan", "eve", lead="max")}
    users = {name: User(name=name, channels=("chat",)) for name in names}
    return OnCall(users=users, rosters=rosters, policies=load(None, None, {}).oncall.policies)


def opening(number: int, priority: Priority, at: datetime) -> IncidentEvent:
    """Return the event of an incident that opens."""
    incident = Incident(
        id=number,
        group=number,
        title=f"trouble {number} of a service",
        priority=priority,
        condition=Condition.FIRING,
        opened_at=at,
        changed_at=at,
        labels={"cluster": f"c{number % 4}", "service": f"service-{number % 400}"},
    )
    return IncidentEvent(kind=IncidentEventKind.OPENED, incident=incident, at=at)


def busy(count: int, due: int) -> EscalateStage:
    """Return a stage with so many open P1 incidents, of which `due` wait for an answer.

    A handful of those was paged a little before the others.
    """
    stage = EscalateStage(staff())
    for number in range(1, count - due + 1):
        at = START - _TAKEN_FOR
        stage.feed((opening(number, Priority.P1, at),), at)
        stage.command(Command(action=Action.ACK, incident=number, actor="ann", at=at), at)
    for number in range(count - due + 1, count + 1):
        at = START - _EARLY if number > count - HANDFUL else START
        stage.feed((opening(number, Priority.P1, at),), at)
    return stage


def drained(stage: EscalateStage) -> list[Row]:
    """Return the rows to write."""
    return [row for table in stage.tables for row in table.drain()]


def tick(stage: EscalateStage, now: datetime) -> tuple[Escalated, list[Row]]:
    """Let time come to `now` and encode what that changed."""
    out = stage.feed((Tick(now),), now)
    return out, drained(stage)


def calm_ms(stage: EscalateStage, runs: int) -> float:
    """Return the median time of a tick at which nothing is due."""
    spans = []
    for run in range(runs):
        with timed() as watch:
            tick(stage, START + _CALM + timedelta(milliseconds=run))
        spans.append(watch.seconds * 1e3)
    return median(spans)


async def kept_s(out: Escalated, rows: list[Row]) -> float:
    """Return how long the SQLite store takes to make decisions durable, in one transaction."""
    with tempfile.TemporaryDirectory(prefix="alertmesh-bench-") as folder:
        store = SqliteStore(Path(folder) / "bench.db")
        await store.open()
        begun = time.perf_counter()
        await store.write(Batch(cursor=0, rows=rows, timeline=out.timeline, attempts=out.attempts))
        spent = time.perf_counter() - begun
        await store.close()
    return spent


def started(rows: dict[str, list[tuple[str | int, bytes]]]) -> tuple[EscalateStage, float]:
    """Return a stage that took these rows back, and how long that took."""
    with timed() as watch:
        stage = EscalateStage(staff())
        for table in stage.tables:
            table.restore(rows.get(table.table, ()))
        stage.restored()
    return stage, watch.seconds


def by_table(rows: list[Row]) -> dict[str, list[tuple[str | int, bytes]]]:
    """Return live rows as a store gives them back."""
    kept: dict[str, list[tuple[str | int, bytes]]] = {}
    for row in rows:
        if row.body is not None:
            kept.setdefault(row.table, []).append((row.key, row.body))
    return kept


def surge(name: str, stage: EscalateStage, now: datetime) -> None:
    """Print what it costs to do at `now` everything that is due by then, and to keep it."""
    with timed() as watch:
        out, rows = tick(stage, now)
    disk = asyncio.run(kept_s(out, rows))
    kept = f"{len(out.attempts):,} pages, {len(rows):,} rows; {disk:.2f} s more in SQLite"
    print(f"{name:<44}{watch.seconds:8.2f} s   {kept}", flush=True)


def main() -> None:
    """Read the arguments, build the stage, print each figure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--open", type=int, default=100_000, help="open incidents (default 100000)")
    parser.add_argument("--due", type=int, default=10_010, help="those nobody answers (default 10010)")
    parser.add_argument("--runs", type=int, default=25, help="ticks with nothing due (default 25)")
    options = parser.parse_args()
    stage = busy(options.open, options.due)
    rows = by_table(drained(stage))
    size = sum(len(body) for kept in rows.values() for _, body in kept)
    print(f"{options.open:,} open incidents, {size / options.open:,.0f} bytes of rows each")
    print(f"{'tick, nothing due':<44}{calm_ms(stage, options.runs):8.2f} ms")
    with timed() as watch:
        tick(stage, START + _STEP - _EARLY)
    print(f"{f'tick, {HANDFUL} due':<44}{watch.seconds * 1e3:8.2f} ms")
    surge(f"tick, {options.due - HANDFUL:,} due", stage, START + _STEP)
    stage, seconds = started(rows)
    print(f"{'start: all rows taken back':<44}{seconds:8.2f} s")
    surge("tick after ten minutes of downtime", stage, START + timedelta(minutes=10))
    with timed() as watch:
        stage.jump(timedelta(hours=1))
        drained(stage)
    print(f"{'jump of the clock':<44}{watch.seconds:8.2f} s")


if __name__ == "__main__":
    main()
