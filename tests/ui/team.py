"""A team whose people take turns, with weeks of work behind them: what the demo's storm has not.

Operations change every day, by layers for day and night; developers every week; nobody has the databases
from Saturday on. The past is written into the store before the server begins.
"""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from alertmesh.config import load
from alertmesh.core.alert import Priority
from alertmesh.core.clock import SystemClock
from alertmesh.core.incident import TimelineEntry
from alertmesh.core.page import Attempt, AttemptState, Page, PageKind
from alertmesh.core.ports import Batch
from alertmesh.core.records import Row
from alertmesh.server import Server
from alertmesh.store import SqliteStore
from alertmesh.wiring import Wiring
from tests.console.fakes import a_member, a_response, an_incident
from tests.real.local import free_port

DAYS = 40
"""How many days of work lie behind the team."""

ZONE = "Asia/Shanghai"
NAMES = {"PodCrashLooping": 5, "NodeDown": 9, "DiskFull": 7, "LatencyHigh": 3, "网络抖动": 1}
_FIRST = 100_001


@asynccontextmanager
async def team() -> AsyncIterator[str]:
    """Run AlertMesh for the team, and return its address."""
    with tempfile.TemporaryDirectory(prefix="alertmesh-team-") as folder:
        port, path = free_port(), Path(folder) / "mesh.db"
        file = Path(folder) / "alertmesh.yaml"
        file.write_bytes(msgspec.yaml.encode(configured(port, path, datetime.now(UTC))))
        store = SqliteStore(path)
        await store.open()
        await store.write(_past(datetime.now(UTC)))
        await store.close()
        server = Server(Wiring(load(file, None, {})), SystemClock())
        url = await server.start()
        try:
            yield url
        finally:
            await server.stop()


def configured(port: int, store: Path, now: datetime) -> dict[str, Any]:
    """Return a configuration with three rosters, of which one has a gap ahead."""
    people = {"wang": "Wang Wei", "chen": "Chen Yu", "zhao": "赵敏", "li": "Li Na", "sun": "Sun Hao"}
    monday = (now - timedelta(days=now.weekday() + 14)).date().isoformat()
    day = {"begins": "09:00", "ends": "21:00"}
    turns = {"rotation": "daily", "zone": ZONE}
    night, morning = f"{monday}T21:00:00", f"{monday}T09:00:00"
    ops = [
        {"name": "night", "members": ["zhao", "wang", "chen"], "start": night, **turns},
        {"name": "day", "members": ["wang", "chen", "zhao"], "start": morning, "hours": [day], **turns},
    ]
    ends = f"{(now + timedelta(days=5)).date().isoformat()}T18:00:00"
    dba = [{"name": "dba", "members": ["sun"], "until": ends}]
    return {
        "listen": f"127.0.0.1:{port}",
        "store": f"sqlite:///{store}",
        "external_url": f"http://127.0.0.1:{port}",
        "users": [
            {"name": name, "display": display, "mobile": f"1380000000{n}", "channels": ["stdout"]}
            for n, (name, display) in enumerate(people.items())
        ],
        "channels": [{"name": "stdout", "kind": "stdout"}],
        "rosters": [
            {"name": "ops", "layers": ops, "lead": "li"},
            {"name": "rnd", "members": ["li", "sun", "chen"], "rotation": "weekly", "zone": ZONE,
             "start": f"{monday}T10:00:00", "lead": "li"},
            {"name": "dba", "layers": [{"zone": ZONE, **one} for one in dba], "lead": "li"},
        ],
    }  # fmt: skip


def _past(now: datetime) -> Batch:
    """Return the work of the weeks before: some incidents a day, of every fate, the same each time."""
    dice = Random(8)
    timeline: list[TimelineEntry] = []
    rows: list[Row] = []
    attempts: list[Attempt] = []
    number = _FIRST
    for day in range(DAYS, 0, -1):
        begins = now - timedelta(days=day)
        for _ in range(dice.randint(3, 12)):
            opened = begins + timedelta(seconds=dice.randrange(86_400))
            lines = [line for line in _course(dice, number, opened) if line.at < now]
            pages = enumerate(line for line in lines if line.kind == "page")
            timeline += lines
            rows += _rows(dice, number, opened)
            attempts += [_attempt(dice, line, place) for place, line in pages]
            number += 1
    return Batch(timeline=timeline, rows=rows, attempts=attempts)


def _course(dice: Random, number: int, opened: datetime) -> Iterator[TimelineEntry]:
    def line(minutes: float, kind: str, actor: str = "", **data: str) -> TimelineEntry:
        at = opened + timedelta(minutes=minutes)
        text = f"{kind} as told"
        return TimelineEntry(incident=number, at=at, kind=kind, text=text, actor=actor, data=data)

    yield line(0, "opened")
    if dice.random() < 0.25:  # healed before anybody was paged
        yield line(3, "resolved", state="resolved")
        return
    person, later = dice.sample(["wang", "chen", "zhao"], 2)
    yield line(1, "paging", state="t1_paging")
    yield line(1, "page", person=person, tier="ops")
    acked = 1 + dice.expovariate(1 / 4)
    if dice.random() < 0.04:
        yield line(2, "coverage_gap")
    if acked > 5:
        yield line(5, "page", person=later, tier="ops")
    if dice.random() < 0.1:  # nobody took it
        yield line(40, "resolved", state="resolved")
        return
    yield line(acked, "ack", person, state="t1_acked")
    ends = acked + dice.expovariate(1 / 30)
    if dice.random() < 0.3:
        yield line(acked + 6, "escalate", person, state="t2_paging")
        yield line(acked + 6, "page", person="li", tier="rnd")
        yield line(acked + 9, "ack", "li", state="t2_acked")
        ends += 15
    yield line(ends, "resolved", person if dice.random() < 0.6 else "", state="resolved")


def _rows(dice: Random, number: int, opened: datetime) -> Iterator[Row]:
    priority = dice.choice([Priority.P1, Priority.P2, Priority.P2, Priority.P3])
    name = dice.choices(list(NAMES), list(NAMES.values()))[0]
    labels = {"cluster": dice.choice(["east", "west"]), "team": dice.choice(["pay", "shop", "infra"])}
    title = f"{name} on n{number % 9}"
    incident = an_incident(number, title=title, priority=priority, labels=labels, opened_at=opened)
    yield Row("incident", number, msgspec.msgpack.encode(incident), live=False)
    yield Row("response", number, msgspec.msgpack.encode(a_response(number, priority=priority)), live=False)
    for place in range(dice.randint(1, 6)):
        member = a_member(number)
        series = msgspec.structs.replace(
            member.series, id=f"{number}s{place}", name=name, instances=dice.randint(1, 40), labels=labels
        )
        row = msgspec.structs.replace(member, series=series)
        yield Row("member", f"{number:010d}/s{place}", msgspec.msgpack.encode(row), live=False)


def _attempt(dice: Random, line: TimelineEntry, place: int) -> Attempt:
    page = Page(
        id=f"p{line.incident}-{place}",
        incident=line.incident,
        epoch=1,
        cycle=1,
        kind=PageKind.PAGE,
        tier=line.data["tier"],
        step=0,
        loop=0,
        person=line.data["person"],
        priority=Priority.P2,
        at=line.at,
    )
    state = dice.choices([AttemptState.DELIVERED, AttemptState.SENT, AttemptState.FAILED], [6, 3, 1])[0]
    return Attempt(
        id=f"{page.id}/ding",
        page=page,
        channel=dice.choice(["ding", "ding", "sms", "voice"]),
        state=state,
        due_at=line.at,
        settled_at=line.at + timedelta(seconds=dice.expovariate(1 / 3)),
    )
