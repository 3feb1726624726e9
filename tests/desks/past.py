"""A store with a past: what a server would have left behind that ran for some days."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from alertmesh.config import Config
from alertmesh.core.alert import Alert, Entity, Priority
from alertmesh.core.entries import Ended, Fired, LogEntry, Tick
from alertmesh.core.labels import fingerprint
from alertmesh.core.ports import Batch, Store, StoredEntry
from alertmesh.desks.noise_ledger import Ledger
from alertmesh.wiring import Wiring

WORDS = {Priority.P1: "critical", Priority.P2: "error", Priority.P3: "warning", Priority.P4: "info"}
MINUTE = timedelta(minutes=1)
_REPEATS = 9  # how often a monitor tells of an alert


def episode(
    name: str, host: str, start: datetime, length: timedelta, priority: Priority = Priority.P3
) -> list[LogEntry]:
    """Return the entries of an alert that fires at `start` and ends `length` later."""
    labels = {"alertname": name, "instance": host, "team": "storage", "severity": WORDS[priority]}
    alert = Alert(
        fingerprint=fingerprint(labels),
        source="prometheus",
        labels=labels,
        annotations={"summary": f"{name} on {host}"},
        starts_at=start,
        received_at=start,
        priority=priority,
        entity=Entity("host", host, ""),
    )
    return [Fired(alert, start), Ended(alert.fingerprint, start + length, start + length)]


def nights(end: datetime, days: int = 9) -> list[LogEntry]:
    """Return a nightly job that loads a host, and a link that flaps all day: both are proposed."""
    midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
    entries: list[LogEntry] = []
    for day in range(days, 0, -1):
        begin = midnight - timedelta(days=day)
        entries += episode("BackupLoadHigh", "db-1", begin + timedelta(hours=2), 20 * MINUTE)
        for turn in range(12):
            minutes = 60 * (6 + turn) + (day * 17 + turn * turn * 7) % 50
            entries += episode("LinkDown", "sw-7", begin + minutes * MINUTE, 3 * MINUTE)
        host = f"web-{day}"
        entries += episode("ServiceDown", host, begin + timedelta(hours=11), 25 * MINUTE, Priority.P2)
    return entries


async def live_through(store: Store, config: Config, entries: Iterable[LogEntry], end: datetime) -> None:
    """Decide on entries as a server does that ticks every minute, and keep all of it in `store`."""
    pipeline, ledger = Wiring(config).pipeline, Ledger()
    waiting = sorted(entries, key=lambda entry: entry.at)
    ledger.begin(store, waiting[0].at)
    heard = 0
    for seq, entry in enumerate(_ticked(waiting, end), 1):
        out = pipeline.feed([StoredEntry(seq, entry)])
        heard += _REPEATS if isinstance(entry, Fired) else 0
        rows = [*out.rows, *ledger.take(out, entry.at), *ledger.heard(heard, entry.at)]
        await store.write(Batch(entries=[entry], cursor=seq, rows=rows, timeline=out.timeline))
    await store.write(Batch(rows=ledger.rows()))


def _ticked(entries: list[LogEntry], end: datetime) -> Iterable[LogEntry]:
    """Yield entries with ticks between them: every minute for a while after each, and then once an hour."""
    now = entries[0].at
    for place, entry in enumerate(entries):
        yield entry
        until = entries[place + 1].at if place + 1 < len(entries) else end
        now = entry.at
        while (now := now + (MINUTE if now < entry.at + 40 * MINUTE else 60 * MINUTE)) < until:
            yield Tick(now)
