"""Start a real `alertmesh serve` for a benchmark, pinned to one core, and load it over loopback."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

SERVER_CORE, CLIENT_CORE = 0, 1
_READY_S = 30.0


class Served(NamedTuple):
    """A running server: where, as which process, and how long it took to be ready."""

    host: str
    port: int
    pid: int
    ready_s: float

    @property
    def url(self) -> str:
        """Return the base address."""
        return f"http://{self.host}:{self.port}"


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(*arguments: str) -> Iterator[Served]:
    """Run `alertmesh serve` on core 0 with a fresh store until the block ends."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="alertmesh-bench-") as folder:
        store = f"sqlite:///{Path(folder) / 'bench.db'}"
        command = [
            sys.executable,
            "-m",
            "alertmesh",
            "serve",
            "--store",
            store,
            "--listen",
            f"127.0.0.1:{port}",
        ]
        with (Path(folder) / "log").open("wb") as log:
            began = time.perf_counter()
            process = subprocess.Popen(pinned(SERVER_CORE, [*command, *arguments]), stdout=log, stderr=log)
            try:
                _wait_ready(port, process, Path(folder) / "log")
                yield Served("127.0.0.1", port, process.pid, time.perf_counter() - began)
            finally:
                process.terminate()
                process.wait(30)


def pinned(core: int, command: Sequence[str]) -> list[str]:
    """Return `command` bound to one core, where the machine has more than one and can do so."""
    tool = shutil.which("taskset")
    return [tool, "-c", str(core), *command] if tool and (os.cpu_count() or 1) > 1 else list(command)


def _wait_ready(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.perf_counter() + _READY_S
    while time.perf_counter() < end:
        if process.poll() is not None:
            break
        try:
            with urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=1):
                return
        except OSError:
            time.sleep(0.01)
    raise SystemExit(f"the server did not become ready:\n{log.read_text()}")


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process in MB (10^6 bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise SystemExit(f"no process {pid}")


def post_request(path: str, body: bytes) -> bytes:
    """Return the bytes of one keep-alive POST."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Load(NamedTuple):
    """What a load run saw: requests answered 2xx and others, seconds, and latencies in order."""

    answered: int
    refused: int
    seconds: float
    latencies_s: list[float]


def load(server: Served, requests: Sequence[bytes], total: int, connections: int) -> Load:
    """Send `total` requests, taken in turn from `requests`, over some connections as fast as they go."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {CLIENT_CORE})
    return asyncio.run(_load(server, requests, total, connections))


async def _load(server: Served, requests: Sequence[bytes], total: int, connections: int) -> Load:
    latencies: list[float] = []
    refused = 0
    turn = iter(range(total))

    async def one() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection(server.host, server.port)
        for number in turn:
            sent = time.perf_counter()
            writer.write(requests[number % len(requests)])
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"), 0
            )
            if length:
                await reader.readexactly(length)
            latencies.append(time.perf_counter() - sent)
            refused += head[9:10] != b"2"
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return Load(total - refused, refused, time.perf_counter() - began, sorted(latencies))
