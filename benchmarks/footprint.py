"""Measure what AlertMesh weighs: time of --help, time from start to ready, memory of open series.

python -m benchmarks.footprint
"""

import argparse
import statistics
import subprocess
import sys
import time

from benchmarks.http_ingest import drain, requests
from benchmarks.rig import load, pinned, resident_mb, served


def help_s() -> float:
    """Return the seconds that `alertmesh --help` takes as a whole process."""
    began = time.perf_counter()
    command = pinned(0, [sys.executable, "-m", "alertmesh", "--help"])
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def start_s() -> float:
    """Return the seconds from process start to a 200 of /-/ready, on an empty store."""
    with served() as server:
        return server.ready_s


def memory_mb(series: int) -> tuple[float, float]:
    """Return resident MB before and with `series` open series."""
    with served() as server:
        before = resident_mb(server.pid)
        for first in range(0, series, 10_000):
            bodies = requests(first, min(10_000, series - first), "m")
            load(server, bodies, len(bodies), 4)
            drain(server)
        return before, resident_mb(server.pid)


def main() -> None:
    """Print medians."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--series", type=int, default=100_000)
    asked = parser.parse_args()
    print(f"--help: {statistics.median(help_s() for _ in range(asked.rounds)):.3f} s")
    print(f"start to ready: {statistics.median(start_s() for _ in range(asked.rounds)):.2f} s")
    before, after = memory_mb(asked.series)
    print(f"memory: {before:.0f} MB empty, {after:.0f} MB with {asked.series:,} open series")


if __name__ == "__main__":
    main()
