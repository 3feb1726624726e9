"""A busy desk for benchmarks of the console: many alerts in many open incidents, and changes all the time."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.request import urlopen

import msgspec

from benchmarks.http_ingest import drain, suffix
from benchmarks.rig import Served, load, post_request, served

_PATH = "/api/v2/alerts"
_NEWS = "alertmesh_ingest_alerts_changed_total{"
_BATCH = 100
_BEATS = 10  # a second
_LONG = timedelta(days=1)
_CHECKS = ("KubePodCrashLooping", "KubePodNotReady", "HighErrorRate", "HighLatency", "QueueGrows")


class Desk(NamedTuple):
    """How much there is: open incidents, the alerts in all of them, and changes a second."""

    incidents: int = 500
    alerts: int = 20_000
    changes: int = 200


def alert(number: int, desk: Desk, since: datetime, until: datetime) -> dict[str, object]:
    """Return an alert as Prometheus sends it; those of one incident are of one service."""
    group = number % desk.incidents
    labels = {
        "alertname": _CHECKS[number // desk.incidents % len(_CHECKS)],
        "severity": ("warning", "critical", "info")[group % 3],
        "cluster": f"c{group % 8}",
        "namespace": f"team-{group:03d}",
        "service": f"{_word(group)}-{group:03d}",
        "pod": f"{_word(group)}-{group:03d}-7d9f8b6c5-{suffix(number)}",
    }
    notes = {"summary": f"{labels['service']}: {labels['alertname']} for ten minutes in {labels['cluster']}"}
    return {"labels": labels, "annotations": notes, "startsAt": since, "endsAt": until}


@contextmanager
def busy(desk: Desk) -> Iterator[Served]:
    """Run a server with that much; what belongs together is told by shared attributes alone."""
    with TemporaryDirectory(prefix="alertmesh-desk-") as folder:
        config = Path(folder) / "alertmesh.yaml"
        config.write_text("models: none\n")
        with served("--config", str(config)) as server:
            now = datetime.now(UTC)
            numbers = range(desk.alerts)
            bodies = [
                msgspec.json.encode(
                    [alert(n, desk, now, now + _LONG) for n in numbers[first : first + _BATCH]]
                )
                for first in range(0, desk.alerts, _BATCH)
            ]
            taken = load(server, [post_request(_PATH, body) for body in bodies], len(bodies), 4)
            if taken.refused:
                raise SystemExit(f"{taken.refused} of {len(bodies)} requests were not taken")
            drain(server)
            yield server


def changed(server: Served) -> int:
    """Return how many alerts were news so far."""
    with urlopen(f"{server.url}/metrics") as answer:  # noqa: S310  # our own server
        lines = answer.read().decode().splitlines()
    return int(sum(float(line.split()[-1]) for line in lines if line.startswith(_NEWS)))


def open_incidents(server: Served) -> int:
    """Return how many incidents are open."""
    found, before = 0, ""
    while True:
        with urlopen(f"{server.url}/api/v1/incidents/rows?open=true&limit=1000{before}") as answer:  # noqa: S310
            page = msgspec.json.decode(answer.read())
        found += len(page["rows"])
        if page["next"] is None:
            return found
        before = f"&before={page['next']}"


class Changes:
    """Alerts of the desk that end and fire again, one after the other, so that none flaps."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turn = count()

    async def keep_coming(self, server: Served, seconds: float) -> None:
        """Send changes at an even pace; those that are late are sent at once."""
        reader, writer = await asyncio.open_connection(server.host, server.port)
        began = time.perf_counter()
        for beat in range(int(seconds * _BEATS)):
            await asyncio.sleep(max(0.0, began + beat / _BEATS - time.perf_counter()))
            writer.write(post_request(_PATH, self._some(self._desk.changes // _BEATS)))
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head[:16]:
                raise SystemExit(f"a change was not taken: {head[:64]!r}")
        writer.close()

    def _some(self, wanted: int) -> bytes:
        now, half = datetime.now(UTC), self._desk.alerts // 2
        found = []
        for turn in (next(self._turn) for _ in range(wanted)):
            # Half of all alerts end one after the other, and then fire again in the same order.
            ends = turn // half % 2 == 0
            found.append(alert(turn % half, self._desk, now, now if ends else now + _LONG))
        return msgspec.json.encode(found)


def _word(group: int) -> str:
    return ("cart", "checkout", "search", "ledger", "stock", "mail", "login", "price")[group % 8]
