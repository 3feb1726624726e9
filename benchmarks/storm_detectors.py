"""Print how our storm test does beside river's change detectors, on streams whose truth is known.

Each stream is a day of new alerts that come by chance, three times as many by day as by night, and
then ten times as many for ten minutes. A detector that counts gets a number each ten seconds.
"""

import argparse
import math
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median

from river.drift import ADWIN, PageHinkley

from alertmesh.dedup.rates import rate_from, terms_of
from alertmesh.dedup.stormsettings import StormSettings

DAY_S = 86_400.0
STORM_S = 600.0
SLOT_S = 10.0
RATES = (3.0, 12.0, 60.0)
_IMPORT = """
import time
began = time.perf_counter()
import {}
spent = time.perf_counter() - began
lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(spent, int(lines["VmRSS"].split()[0]) / 1024)
"""

Detector = Callable[[list[float]], list[float]]


def stream(chance: random.Random, per_minute: float) -> list[float]:
    """Return the moments of a day of alerts and of the storm after it."""
    return [
        *_poisson(chance, 0, DAY_S, per_minute),
        *_poisson(chance, DAY_S, DAY_S + STORM_S, 10 * per_minute),
    ]


def _poisson(chance: random.Random, start: float, end: float, per_minute: float) -> Iterator[float]:
    second = start
    while (second := second + chance.expovariate(1.5 * per_minute / 60)) < end:
        if chance.random() * 1.5 < 1 + 0.5 * math.sin(2 * math.pi * second / DAY_S):
            yield second


def ours(moments: list[float]) -> list[float]:
    """Return when our rule says that a storm begins."""
    terms, rate, found = terms_of(StormSettings()), rate_from(0.0), []
    for moment in moments:
        while rate.since and rate.next_look() <= moment:
            rate.look(rate.next_look(), terms)
        raged = rate.since
        rate.count(moment, terms)
        if rate.since and not raged:
            found.append(moment)
    return found


def counted(make: Callable[[], ADWIN | PageHinkley], relative: bool) -> Detector:
    """Return a detector that is fed counts, or counts by what a fading mean of an hour expects."""

    def run(moments: list[float]) -> list[float]:
        detector, found, mean, place = make(), [], 0.0, 0
        for slot in range(int((DAY_S + STORM_S) / SLOT_S)):
            end, count = (slot + 1) * SLOT_S, 0
            while place < len(moments) and moments[place] < end:
                place, count = place + 1, count + 1
            detector.update(count / max(mean, 0.5) if relative else count)
            mean += (count - mean) / min(slot + 1, 360)
            if detector.drift_detected:
                found.append(end)
        return found

    return run


DETECTORS: dict[str, Detector] = {
    "ours": ours,
    "ADWIN": counted(ADWIN, False),
    "ADWIN, relative": counted(ADWIN, True),
    "ADWIN, delta 1e-9, relative": counted(lambda: ADWIN(delta=1e-9, clock=1), True),
    "PageHinkley": counted(lambda: PageHinkley(mode="up"), False),
    "PageHinkley, relative": counted(lambda: PageHinkley(mode="up"), True),
    "PageHinkley, threshold 15, delta 1, relative": counted(
        lambda: PageHinkley(threshold=15, delta=1, mode="up"), True
    ),
}


def row(name: str, per_minute: float, seeds: int) -> str:
    """Return one line: false storms a day, delay of the true one, how many were missed, cost."""
    false, delays, missed, spent, alerts = 0, [], 0, 0.0, 0
    for seed in range(seeds):
        moments = stream(random.Random(seed), per_minute)
        began = time.perf_counter()
        found = DETECTORS[name](moments)
        spent += time.perf_counter() - began
        alerts += len(moments)
        false += sum(moment < DAY_S for moment in found)
        first = next((moment - DAY_S for moment in found if moment >= DAY_S), None)
        delays += [first] if first is not None else []
        missed += first is None
    delay = f"{median(delays):.0f} / {max(delays):.0f}" if delays else "-"
    cost = spent / alerts * 1e6
    return f"| {name} | {per_minute:.0f} | {false / seeds:.1f} | {delay} | {missed} of {seeds} | {cost:.1f} |"


def imported(module: str) -> str:
    """Return how long an import takes in a fresh process, and how much memory it has after it."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT.format(module)], capture_output=True, text=True, check=True
    )
    seconds, megabytes = map(float, done.stdout.split())
    return f"import {module}: {seconds:.2f} s, {megabytes:.0f} MB in all"


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=10)
    seeds = options.parse_args().seeds
    print("| detector | usual alerts/min | false storms a day | delay s, median / most | missed | us/alert |")
    print("|---|---|---|---|---|---|")
    for name in DETECTORS:
        for per_minute in RATES:
            print(row(name, per_minute, seeds), flush=True)
    for module in ("river.drift", "alertmesh.dedup.rates"):
        print(imported(module))


if __name__ == "__main__":
    main()
