"""A store as a server would leave it: one P1 that is paged as it should be, and ways to make it wrong."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace

from alertmesh.auditor.checks import judge
from alertmesh.auditor.look import Bounds, Finding
from alertmesh.auditor.survey import Survey
from alertmesh.core.alert import Priority
from alertmesh.core.entries import Tick
from alertmesh.core.incident import Condition, Incident, TimelineEntry
from alertmesh.core.oncall import Tier
from alertmesh.core.page import Attempt, AttemptState
from alertmesh.core.ports import Batch
from alertmesh.core.records import Row
from alertmesh.core.response import Response, State, Timer
from alertmesh.notify.limits import Gate
from alertmesh.notify.probing import Probe, row
from alertmesh.store.sqlite import SqliteStore
from tests.escalate.fakes import policy
from tests.store.makers import START, attempt

NOW = START + timedelta(hours=1)


def ago(seconds: float) -> datetime:
    """Return a moment that many seconds before the look."""
    return NOW - timedelta(seconds=seconds)


def response(**changes: object) -> Response:
    """Return a P1 that is paged at tier 1 since three minutes ago, with the next step in ten seconds."""
    plain = Response(
        incident=1,
        state=State.T1_PAGING,
        epoch=3,
        cycle=1,
        priority=Priority.P1,
        policy=policy(),
        since=ago(180),
        opened_at=ago(185),
        tier=Tier.OPS,
        deadlines={Timer.STEP: ago(-10), Timer.TIER: ago(-300)},
        paged=("li",),
    )
    return replace(plain, **changes)


def page(
    name: str = "a", state: AttemptState = AttemptState.SENT, *, at_s: float = 180, **changes
) -> Attempt:
    """Return an attempt of incident 1, decided `at_s` seconds before the look, and claimed at once."""
    begun = state is not AttemptState.QUEUED
    plain = attempt(name, state, key=f"key-{name}")
    of_page = {key: changes.pop(key) for key in ("incident", "cycle", "tier", "kind") if key in changes}
    told = replace(plain.page, at=ago(at_s), **of_page)
    claimed_at = changes.pop("claimed_at", ago(at_s) if begun else None)
    return replace(plain, page=told, due_at=ago(at_s), claimed_at=claimed_at, **changes)


def incident(**changes: object) -> Incident:
    """Return incident 1 as it fires."""
    plain = Incident(
        id=1,
        group=1,
        title="Down",
        priority=Priority.P1,
        condition=Condition.FIRING,
        opened_at=ago(185),
        changed_at=ago(185),
        labels={},
    )
    return replace(plain, **changes)


def rows(*responses: Response, incidents: Sequence[Incident] = ()) -> list[Row]:
    """Return the rows of responses and incidents."""
    kept = [Row("response", one.incident, msgspec.msgpack.encode(one)) for one in responses]
    return kept + [Row("incident", one.id, msgspec.msgpack.encode(one)) for one in incidents]


def penalty(left_s: float, gate: str = "ding") -> Row:
    """Return the row of a channel or robot that serves a penalty for so long yet."""
    made = Gate(gate, 18)
    made.pause(NOW, left_s, "throttled")
    return made.row()


def probe_row(channel: str, since_s: float, asked_s: float, healthy: bool = False) -> Row:
    """Return the row of a channel that says so since then, and was asked so many seconds ago."""
    error = "" if healthy else "token is not exist"
    return row(Probe(channel=channel, at=ago(asked_s), healthy=healthy, since=ago(since_s), error=error))


def undeliverable(at: datetime) -> TimelineEntry:
    """Return the line that the server writes when it can reach nobody."""
    return TimelineEntry(incident=1, at=at, kind="undeliverable", text="the step reached nobody")


def healthy() -> Batch:
    """Return a store in which nothing is wrong."""
    return Batch(
        entries=[Tick(ago(185)), Tick(ago(2))],
        cursor=2,
        rows=rows(response(), incidents=[incident()]),
        attempts=[page()],
    )


def kept(folder: Path, *batches: Batch) -> str:
    """Write batches into a new store; return its URL."""
    asyncio.run(_write(folder / "mesh.db", batches))
    return f"sqlite:///{folder / 'mesh.db'}"


async def _write(path: Path, batches: Sequence[Batch]) -> None:
    store = SqliteStore(path)
    await store.open()
    for batch in batches:
        await store.write(batch)
    await store.close()


def found(url: str, bounds: Bounds | None = None, now: datetime = NOW) -> list[Finding]:
    """Return what is wrong with a store."""
    return list(judge(Survey(url, ["ding"]).look(now), bounds or Bounds(disk_bytes=1)))
