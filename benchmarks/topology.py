"""Measure what the topology costs: learning from a new series, a question, and names without end.

Example: python -m benchmarks.topology --names 1000000
"""

import argparse
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from alertmesh.core.alert import Entity, Priority
from alertmesh.core.series import Series
from alertmesh.core.topology import Edge
from alertmesh.correlate import CorrelateSettings
from alertmesh.correlate.attributes import Describer
from alertmesh.correlate.topology import Topology

START = datetime(2026, 11, 23, 4, tzinfo=UTC)


def made(number: int, pods: int) -> Series:
    """Make a series about one of `pods` pods, which says where it lies and whom it calls."""
    number %= pods
    pod = f"app-{number % 400}-7d4f8c7b9d-{number:05d}".translate(str.maketrans("013aeiou", "bcdfghjk"))
    labels = {
        "alertname": f"Kind{number % 37}",
        "cluster": f"c{number % 4}",
        "namespace": f"ns-{number % 50}",
        "pod": pod,
        "node": f"node-{number % 2000}",
        "peer": f"app-{number % 390}",
    }
    return Series(
        id=f"{number:016x}",
        name=labels["alertname"],
        labels=labels,
        entity=Entity("pod", pod, labels["cluster"], labels["namespace"]),
        source="prometheus",
        priority=Priority.P3,
        firing=1,
        opened_at=START,
        first_seen_at=START,
        changed_at=START,
    )


def learning(topology: Topology, count: int, pods: int) -> float:
    """Return the microseconds that learning costs for each of `count` series of `pods` pods."""
    describer = Describer(CorrelateSettings())
    spent = 0
    for first in range(0, count, 1000):
        batch = [made(number, pods) for number in range(first, min(count, first + 1000))]
        profiled = [(one, describer.profile(one)) for one in batch]
        begun = time.process_time_ns()
        for offset, (one, profile) in enumerate(profiled):
            topology.labelled(one)
            topology.learn(one, profile, START + timedelta(seconds=(first + offset) / 1000))
        spent += time.process_time_ns() - begun
        for table in topology.tables:
            table.drain()
    return spent / count / 1000


def asking(ask: Callable[[], object], times: int = 200_000) -> float:
    """Return the nanoseconds that a question costs."""
    begun = time.process_time_ns()
    for _ in range(times):
        ask()
    return (time.process_time_ns() - begun) / times


def questions() -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what is asked of 400 services with 20 callees each."""
    edges = [
        Edge(f"s{a}", f"s{(a * 7 + b) % 400}", "calls", "prod") for a in range(400) for b in range(1, 21)
    ]
    topology = Topology([edge for edge in edges if edge.a != edge.b])
    yield "distance of a neighbour", lambda: topology.distance("prod", "s1", "s8")
    yield "distance of two steps", lambda: topology.distance("prod", "s1", "s60")
    yield "distance of a stranger", lambda: topology.distance("prod", "s1", "nobody")
    yield "callers", lambda: topology.callers("prod", "s8")


def main() -> None:
    """Run the measurement and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=20_000, help="how many new series of known pods")
    parser.add_argument(
        "--names", type=int, default=100_000, help="how many series of pods never seen before"
    )
    options = parser.parse_args()
    for name, ask in questions():
        print(f"{name}: {asking(ask):.0f} ns")
    known = Topology()
    learning(known, 2_000, 2_000)
    print(f"learning, known pods: {learning(known, options.series, 2_000):.1f} us a series")
    flooded = Topology()
    cost = learning(flooded, options.names, options.names)
    sizes = {table.table: len(table) for table in flooded.tables}
    print(
        f"learning, {options.names} new pods: {cost:.1f} us a series; kept {sizes}, dropped {flooded.dropped}"
    )


if __name__ == "__main__":
    main()
