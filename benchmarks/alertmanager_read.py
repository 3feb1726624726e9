"""Read 20,000 firing alerts by Alertmanager's API, and watch how long others wait meanwhile.

    python -m benchmarks.alertmanager_read

Others are calls of `/-/healthy`, one after the other: the longest tells how long the server was busy in
one piece.
"""

import argparse
import json
import statistics
import threading
import time
from http.client import HTTPConnection
from typing import Any

from benchmarks.rig import Served, served

_BATCH = 1_000
_GROUPS = 200
_ROUNDS = 5
_FULL_S = 600.0


def main() -> None:
    """Fill a server, read it, print what that took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--alerts", type=int, default=20_000)
    wanted = parser.parse_args().alerts
    with served() as server:
        _fill(server, wanted)
        print(f"{wanted} alerts")
        print(f"idle: others wait {1e3 * _watched(server, lambda: time.sleep(2))[0]:.1f} ms at most")
        for path in ("/api/v2/alerts", "/api/v2/alerts/groups"):
            took, waits, size = [], [], 0
            for _ in range(_ROUNDS):
                began = time.perf_counter()
                wait, size = _watched(server, lambda path=path: len(_get(server, path)))
                took.append(time.perf_counter() - began)
                waits.append(wait)
            middle, worst = statistics.median(took), 1e3 * statistics.median(waits)
            print(f"GET {path}: {middle:.2f} s, {size / 2**20:.1f} MiB, others wait {worst:.1f} ms at most")


def _fill(server: Served, wanted: int) -> None:
    for start in range(0, wanted, _BATCH):
        body = json.dumps([_alert(number) for number in range(start, min(start + _BATCH, wanted))])
        link = HTTPConnection(server.host, server.port, timeout=120)
        link.request("POST", "/api/v2/alerts", body, {"Content-Type": "application/json"})
        answer = link.getresponse()
        if answer.status != 200:
            raise SystemExit(f"not taken: {answer.status} {answer.read()!r}")
        link.close()
    end = time.perf_counter() + _FULL_S
    while json.loads(_get(server, "/api/v1/status"))["queue"] and time.perf_counter() < end:
        time.sleep(0.5)


def _alert(number: int) -> dict[str, Any]:
    group = number % _GROUPS
    labels = {
        "alertname": f"Check{group}",
        "cluster": f"c{group % 10}",
        "namespace": f"ns{group}",
        "instance": f"10.0.{number // 250}.{number % 250}:9100",
        "job": "node",
        "severity": "warning",
        "team": f"team{group % 7}",
        "n": str(number),
    }
    notes = {"summary": f"check {group} failed on {number}", "description": "it has failed for ten minutes"}
    return {"labels": labels, "annotations": notes}


def _watched(server: Served, work: Any) -> tuple[float, Any]:
    """Do some work; return the longest that another caller waited meanwhile, and what came of the work."""
    done, waits = threading.Event(), [0.0]

    def others() -> None:
        link = HTTPConnection(server.host, server.port, timeout=60)
        while not done.is_set():
            began = time.perf_counter()
            link.request("GET", "/-/healthy")
            link.getresponse().read()
            waits.append(time.perf_counter() - began)

    other = threading.Thread(target=others)
    other.start()
    try:
        found = work()
    finally:
        done.set()
        other.join()
    return max(waits), found


def _get(server: Served, path: str) -> bytes:
    link = HTTPConnection(server.host, server.port, timeout=120)
    link.request("GET", path)
    body = link.getresponse().read()
    link.close()
    return body


if __name__ == "__main__":
    main()
