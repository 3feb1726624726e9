"""Measure ingest over HTTP: repeats of known alerts, and new alerts through to durable incidents.

    python -m benchmarks.http_ingest

The server runs on one core with a fresh SQLite store per round, the load on another core.
"""

import argparse
import statistics
import time
from urllib.request import urlopen

import msgspec

from benchmarks.rig import Load, Served, load, post_request, served

_PATH = "/api/v2/alerts"
_BATCH = 64
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def suffix(number: int) -> str:
    """Return the five letters that Kubernetes would end the name of a pod with, others for each number."""
    letters = []
    for _ in range(5):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "".join(reversed(letters))


def alert(number: int, run: str) -> dict[str, object]:
    """Return one alert as Prometheus sends it: 8 labels, 2 annotations; each number is another series."""
    node, app = number % 500, number % 40
    labels = {
        "alertname": f"Rule{number % 60:02d}",
        "severity": ("warning", "critical", "info")[number % 3],
        "cluster": f"c{number % 4}",
        "namespace": f"team-{app:02d}",
        "pod": f"app-{app:02d}-7d9f8b6c5-{suffix(number)}",
        "node": f"node-{node:03d}",
        "job": "kube-state-metrics",
        "run": run,
    }
    notes = {"summary": f"pod {number} is not well", "runbook_url": f"https://runbooks.example/{number % 60}"}
    return {
        "labels": labels,
        "annotations": notes,
        "startsAt": "2026-11-23T04:00:00.000Z",
        "endsAt": "2099-01-01T00:00:00.000Z",
        "generatorURL": "http://prometheus.example/graph?g0.expr=up",
    }


def requests(first: int, count: int, run: str) -> list[bytes]:
    """Return POSTs that hold alerts number `first` to `first + count`, 64 a request."""
    numbers = range(first, first + count)
    chunks = [numbers[start : start + _BATCH] for start in range(0, count, _BATCH)]
    return [post_request(_PATH, msgspec.json.encode([alert(n, run) for n in chunk])) for chunk in chunks]


def waiting(server: Served) -> int:
    """Return how many log entries wait for the pipeline."""
    with urlopen(f"http://{server.host}:{server.port}/api/v1/status") as answer:
        return int(msgspec.json.decode(answer.read())["queue"])


def drain(server: Served) -> float:
    """Wait until every entry is decided and durable; return the seconds that took."""
    began = time.perf_counter()
    while waiting(server):
        time.sleep(0.01)
    return time.perf_counter() - began


def repeats(alerts: int, total: int, connections: int) -> Load:
    """Send known alerts again and again."""
    with served() as server:
        bodies = requests(0, alerts, "r")
        load(server, bodies, len(bodies), connections)
        drain(server)
        return load(server, bodies, total // _BATCH, connections)


def news(alerts: int, connections: int) -> tuple[Load, float]:
    """Send new alerts; return the load and the seconds until all of them were in durable incidents."""
    with served() as server:
        load(server, requests(0, 2_000, "warm"), 32, connections)
        drain(server)
        bodies = requests(10_000, alerts, "n")
        taken = load(server, bodies, len(bodies), connections)
        return taken, taken.seconds + drain(server)


def main() -> None:
    """Print medians over the rounds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--known", type=int, default=20_000, help="distinct known alerts")
    parser.add_argument("--repeats", type=int, default=640_000, help="repeats a round")
    parser.add_argument("--new", type=int, default=20_000, help="new alerts a round")
    parser.add_argument("--connections", type=int, default=16)
    asked = parser.parse_args()
    runs = [repeats(asked.known, asked.repeats, asked.connections) for _ in range(asked.rounds)]
    rate = statistics.median(run.answered * _BATCH / run.seconds for run in runs)
    p99 = statistics.median(run.latencies_s[int(len(run.latencies_s) * 0.99)] for run in runs)
    refused = sum(run.refused for run in runs)
    print(f"repeats: {rate:,.0f} alerts/s, p99 {p99 * 1000:.1f} ms a request of {_BATCH}, {refused} refused")
    fresh = [news(asked.new, asked.connections) for _ in range(asked.rounds)]
    taken = statistics.median(asked.new / run.seconds for run, _ in fresh)
    whole = statistics.median(asked.new / seconds for _, seconds in fresh)
    print(
        f"new: {whole:,.0f} alerts/s to durable incidents ({taken:,.0f}/s acknowledged as durable in the log)"
    )


if __name__ == "__main__":
    main()
