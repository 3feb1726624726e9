"""Measure what live connections cost a server on which a lot is changing.

    python -m benchmarks.live

The figure is the processor time of the server's process with the connections, less that without them, before
and after. One client in twenty reads what it is sent and is checked; the others count bytes.
"""

import argparse
import asyncio
import os
import resource
import time
import zlib
from pathlib import Path
from typing import NamedTuple

from benchmarks.desk import Changes, Desk, busy, changed, open_incidents
from benchmarks.http_ingest import drain
from benchmarks.rig import Served

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_READ_ONE_IN = 20
_WARM_S = 3.0


class Seen(NamedTuple):
    """What a stretch of time took: the server's share of a core, and what a client got in a second."""

    share: float
    changes: float
    frames: float = 0.0
    rows: float = 0.0
    bytes: float = 0.0


class Client:
    """One connection that reads what comes; those that look into it count `frames`, and `rows` in them."""

    def __init__(self, looks: bool, encoding: str) -> None:
        self.bytes = self.frames = self.rows = 0
        self._looks = looks
        self._encoding = encoding
        self._raw = self._plain = b""
        self._unpack = zlib.decompressobj(16 + zlib.MAX_WBITS)

    async def listen(self, server: Served) -> None:
        """Read until cancelled."""
        reader, writer = await asyncio.open_connection(server.host, server.port)
        try:
            asks = f"Host: localhost\r\nAccept-Encoding: {self._encoding}\r\n"
            writer.write(f"GET /api/v1/live HTTP/1.1\r\n{asks}\r\n".encode())
            await reader.readuntil(b"\r\n\r\n")
            while data := await reader.read(1 << 20):
                self.bytes += len(data)
                if self._looks:
                    self._look(data)
        finally:
            writer.close()

    def _look(self, data: bytes) -> None:
        self._raw += data
        while (end := self._raw.find(b"\r\n")) >= 0 and len(self._raw) >= end + int(self._raw[:end], 16) + 4:
            size = int(self._raw[:end], 16)
            chunk, self._raw = self._raw[end + 2 : end + 2 + size], self._raw[end + size + 4 :]
            self._plain += self._unpack.decompress(chunk) if self._encoding == "gzip" else chunk
        *events, self._plain = self._plain.split(b"\n\n")
        for event in events:
            if b"event: rows\n" in event:
                self.frames += 1
                self.rows += event.count(b'{"id":')


def cpu_s(pid: int) -> float:
    """Return the processor time that a process took so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


async def stretch(server: Served, changes: Changes, seconds: float, clients: list[Client]) -> Seen:
    """Let some time pass with some clients."""
    tasks = [asyncio.create_task(client.listen(server)) for client in clients]
    await changes.keep_coming(server, _WARM_S)
    if any(task.done() for task in tasks):
        raise SystemExit("a connection did not last")
    news = changed(server)
    for client in clients:
        client.bytes = client.frames = client.rows = 0
    began, used = time.perf_counter(), cpu_s(server.pid)
    await changes.keep_coming(server, seconds)
    took, used = time.perf_counter() - began, cpu_s(server.pid) - used
    news = changed(server) - news
    looking = clients[::_READ_ONE_IN]
    frames = max((client.frames for client in looking), default=0) / took
    rows = sum(client.rows for client in looking) / max(1, len(looking)) / took
    sent = sum(client.bytes for client in clients) / max(1, len(clients)) / took
    if any(task.done() for task in tasks):
        raise SystemExit("a connection did not last")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return Seen(used / took, news / took, frames, rows, sent)


async def measure(server: Served, desk: Desk, connections: int, seconds: float, encoding: str) -> list[Seen]:
    """Return the stretches: without connections, with them, and without again."""
    changes = Changes(desk)
    found = []
    for wanted in (0, connections, 0):
        clients = [Client(number % _READ_ONE_IN == 0, encoding) for number in range(wanted)]
        found.append(await stretch(server, changes, seconds, clients))
        drain(server)
    return found


def main() -> None:
    """Print what the connections cost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--connections", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=15.0, help="length of each stretch")
    parser.add_argument("--encoding", choices=("gzip", "identity"), default="gzip")
    parser.add_argument("--alerts", type=int, default=20_000)
    parser.add_argument("--incidents", type=int, default=500)
    parser.add_argument("--changes", type=int, default=200, help="a second")
    asked = parser.parse_args()
    _allow_files(asked.connections + 100)
    desk = Desk(asked.incidents, asked.alerts, asked.changes)
    with busy(desk) as server:
        print(f"{desk.alerts:,} alerts in {open_incidents(server)} open incidents")
        before, seen, after = asyncio.run(
            measure(server, desk, asked.connections, asked.seconds, asked.encoding)
        )
    rates = ", ".join(f"{one.changes:.0f}" for one in (before, seen, after))
    print(f"changes a second: {rates}")
    alone = (before.share + after.share) / 2
    print(f"share of a core: {before.share:.1%} and {after.share:.1%} without connections")
    print(f"with {asked.connections}: {seen.share:.1%}, so they cost {seen.share - alone:.1%}")
    print(
        f"a client got at most {seen.frames:.2f} frames a second, {seen.rows:.0f} changed rows in them, "
        f"{seen.bytes / 1000:.1f} kB as {asked.encoding}"
    )


def _allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


if __name__ == "__main__":
    main()
