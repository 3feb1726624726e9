"""Small values to store."""

from datetime import UTC, datetime, timedelta

from alertmesh.core.alert import Priority
from alertmesh.core.entries import Tick
from alertmesh.core.incident import TimelineEntry
from alertmesh.core.page import Attempt, AttemptState, Page, PageKind
from alertmesh.core.ports import Batch
from alertmesh.core.records import Row

START = datetime(2026, 1, 1, tzinfo=UTC)


def moment(seconds: float) -> datetime:
    """Return a time that many seconds after the start."""
    return START + timedelta(seconds=seconds)


def ticks(*seconds: float) -> list[Tick]:
    """Return one log entry a number."""
    return [Tick(moment(number)) for number in seconds]


def row(key: str | int, body: bytes | None = b"x", live: bool = True) -> Row:
    """Return a row of table `t`."""
    return Row("t", key, body, live)


def rows(*keys: str | int) -> Batch:
    """Return a batch with one row a key."""
    return Batch(rows=[row(key) for key in keys])


def line(incident: int, text: str, seconds: float = 0) -> TimelineEntry:
    """Return a timeline line."""
    return TimelineEntry(incident=incident, at=moment(seconds), kind="note", text=text)


def attempt(
    name: str,
    state: AttemptState = AttemptState.QUEUED,
    *,
    claimed_s: float | None = None,
    key: str = "",
    due_s: float = 0,
) -> Attempt:
    """Return an attempt of incident 1 through channel `ding`."""
    page = Page(
        id=f"page-{name}",
        incident=1,
        epoch=1,
        cycle=1,
        kind=PageKind.PAGE,
        tier="ops",
        step=0,
        loop=0,
        person="li",
        priority=Priority.P1,
        at=START,
    )
    claimed = None if claimed_s is None else moment(claimed_s)
    due = moment(due_s)
    return Attempt(id=name, page=page, channel="ding", state=state, due_at=due, key=key, claimed_at=claimed)
