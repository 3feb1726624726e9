"""Find the times at which an alert of one kind usually comes, and how such a run usually is.

A run is the time from the first instance that fires to the end of the last. A kind of alert has a
rhythm when the beginnings of its runs lie close together on the circle of some period, in most of
the recent periods, and too often for chance.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from math import comb
from struct import Struct as Layout
from zoneinfo import ZoneInfo

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from alertmesh.dedup.routinesettings import RoutineSettings

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

DAY = 86_400
WEEK = 7 * DAY
_LAYOUT = Layout("<IIHB")
_RUN = np.dtype([("start", "<u4"), ("length", "<u4"), ("firing", "<u2"), ("priority", "u1")])
_MINUTES = (5, 10, 15, 30, 60, 120, 240, 360, 480, 720, 1_440, 10_080)
_PERIODS = tuple(60.0 * minutes for minutes in _MINUTES)
_ZONED_FROM = 7_200  # clocks are changed by an hour, which shorter periods do not feel
_LEAST_FREE, _MOST_FREE = 240, 8 * DAY
_FREE_RUNS = 6
_LAG_BIN = 0.02
_RECENT = 28  # periods that are looked at
_FINEST_S = 60.0  # starts are not known better than this
_MOST_WINDOWS = 12
_SLACK = 1.25
_OUTLIER = 2
_BETTER = 0.1  # so much more must a period explain than one tried before


class Window(Struct, frozen=True, kw_only=True, gc=False):
    """A time at which runs usually begin, and how such a run usually is.

    `phase_s` is that time within the period, on the wall clock if `zoned`. It was seen in `seen`
    of the last `of` periods, the last time at `last`. `length_s` is the usual and `longest_s` the
    longest usual length, `priority` the usual worst, `firing` the most instances at a time.
    """

    period_s: float
    phase_s: float
    tolerance_s: float
    zoned: bool
    seen: int
    of: int
    last: int
    length_s: int
    longest_s: int
    priority: int
    firing: int


class Wall:
    """The wall clock of a zone, as seconds that are added to UTC."""

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self._info = None if zone == "UTC" else ZoneInfo(zone)

    def offset(self, moment: float) -> float:
        """Return how far the wall clock is ahead of UTC at a moment, given in seconds."""
        if self._info is None:
            return 0.0
        ahead = datetime.fromtimestamp(moment, UTC).astimezone(self._info).utcoffset()
        return ahead.total_seconds() if ahead is not None else 0.0

    def shown(self, starts: Numbers) -> list[tuple[bool, Numbers]]:
        """Return moments as the wall clock shows them, and as UTC where that is not the same."""
        if self._info is None:
            return [(True, starts)]
        local = starts + np.array([self.offset(moment) for moment in starts])
        return [(True, local), (False, starts)]


def add_run(runs: bytes, run: tuple[int, int, int, int], limit: int) -> bytes:
    """Append (start, length, instances, priority) to a log of runs and keep the newest `limit`.

    A run takes 11 bytes, so that what a fleet does fits in memory.
    """
    start, length, firing, priority = run
    packed = _LAYOUT.pack(start, min(length, 0xFFFFFFFF), min(firing, 0xFFFF), priority)
    return (runs + packed)[-limit * _LAYOUT.size :]


def last_run(runs: bytes) -> tuple[int, int, int, int] | None:
    """Return the newest run of a log."""
    if not runs:
        return None
    start, length, firing, priority = _LAYOUT.unpack(runs[-_LAYOUT.size :])
    return start, length, firing, priority


def without_last(runs: bytes) -> bytes:
    """Return a log without its newest run."""
    return runs[: -_LAYOUT.size]


def deviation_s(window: Window, start: float, wall: Wall) -> float:
    """Return by how much a start misses the time of a window, negative when it is early."""
    shown = start + wall.offset(start) if window.zoned else start
    half = window.period_s / 2
    return (shown - window.phase_s + half) % window.period_s - half


def find_windows(runs: bytes, settings: RoutineSettings, wall: Wall) -> tuple[Window, ...]:
    """Return the usual times, of the shortest period unless a longer one explains more runs."""
    log = np.frombuffer(runs, _RUN)
    best: tuple[Window, ...] = ()
    explained = 0.0
    if len(log) < min(settings.min_runs, settings.min_days):
        return best
    starts = log["start"].astype(np.float64)
    for period, zoned, shown in _candidates(starts, settings, wall):
        found, share = _Circle(log, shown, period, zoned, settings).windows()
        if found and share > explained + _BETTER:
            best, explained = found, share
    return best


def _least_runs(period: float, settings: RoutineSettings) -> int:
    return settings.min_days if period >= DAY else settings.min_runs


def _candidates(
    starts: Numbers, settings: RoutineSettings, wall: Wall
) -> Iterator[tuple[float, bool, Numbers]]:
    """Yield (period, on the wall clock?, starts on that clock), the usual periods first."""
    span = float(starts[-1] - starts[0])
    shown: list[tuple[bool, Numbers]] | None = None
    for period in _PERIODS:
        if span < (_least_runs(period, settings) - 1) * 0.9 * period:
            continue
        if period < _ZONED_FROM:
            yield period, False, starts
            continue
        shown = shown or wall.shown(starts)
        for zoned, clock in shown:
            yield period, zoned, clock
    for period in _free_periods(starts):
        if span >= (_FREE_RUNS - 2) * period:
            yield period, False, starts


def _free_periods(starts: Numbers) -> list[float]:
    """Return periods that no clock suggests: the median gap, and the distance found most often."""
    if len(starts) < _FREE_RUNS:
        return []
    guesses = [float(np.median(np.diff(starts)))]
    lags = (starts[None, :] - starts[:, None])[np.triu_indices(len(starts), 1)]
    lags = lags[(lags >= _LEAST_FREE) & (lags <= _MOST_FREE)]
    if len(lags):
        bins = np.round(np.log(lags) / _LAG_BIN).astype(np.int64)
        guesses.append(float(np.median(lags[bins == np.argmax(np.bincount(bins))])))
    fitted = [_fitted(starts, guess) for guess in guesses if _LEAST_FREE <= guess <= _MOST_FREE]
    return [p for p in fitted if all(abs(p - usual) > 0.01 * usual for usual in _PERIODS)]


def _fitted(starts: Numbers, guess: float) -> float:
    """Return the period near `guess` that fits best, allowing for periods without a run."""
    steps = np.cumsum(np.round(np.diff(starts) / guess))
    if steps[-1] < 1:
        return guess
    since = starts[1:] - starts[0]
    return float(np.dot(steps, since) / np.dot(steps, steps))


class _Circle:
    """The starts of runs on the circle of one period."""

    def __init__(
        self, log: NDArray[np.void], clock: Numbers, period: float, zoned: bool, settings: RoutineSettings
    ) -> None:
        recent = clock >= clock[-1] - _RECENT * period
        self.log, self.clock = log[recent], clock[recent]
        self.period, self.zoned, self.settings = period, zoned, settings
        self.most = min(settings.jitter * period, settings.most_jitter.total_seconds())
        self.least = min(settings.least_jitter.total_seconds(), self.most)
        self.needed = _least_runs(period, settings) + (0 if period in _PERIODS else 2)

    def windows(self) -> tuple[tuple[Window, ...], float]:
        """Return the usual times, the densest first, and the share of recent runs that came then."""
        left: Places = np.arange(len(self.clock))
        found: list[Window] = []
        while len(left) >= self.needed and len(found) < _MOST_WINDOWS:
            inside = left[self._densest(self.clock[left] % self.period)]
            window = self._window(np.sort(inside)) if len(inside) >= self.needed else None
            if window is None:
                break
            found.append(window)
            left = np.setdiff1d(left, inside)
        return tuple(found), 1 - len(left) / len(self.clock)

    def _densest(self, phases: Numbers) -> Places:
        """Return the places of the starts in the fullest arc, which ends where there is a gap."""
        order: Places = np.argsort(phases, kind="stable")
        ring = np.concatenate([phases[order], phases[order] + self.period])
        ends = np.searchsorted(ring, ring[: len(order)] + 2 * self.most, side="right")
        first = int(np.argmax(ends - np.arange(len(order))))
        arc = np.arange(first, ends[first])
        cuts = np.flatnonzero(np.diff(ring[arc]) > max(self.least, self.most / 2)) + 1
        places: Places = order[max(np.split(arc, cuts), key=len) % len(order)]
        return places

    def _window(self, inside: Places) -> Window | None:
        """Return the window that the runs at these places make, if they are enough to make one."""
        clock, period = self.clock[inside], self.period
        turned = (clock - clock[0] + period / 2) % period - period / 2
        phase = float(clock[0] + turned.mean()) % period
        reach = float(np.abs((clock - phase + period / 2) % period - period / 2).max())
        tolerance = min(max(_SLACK * reach, self.least), self.most)
        cycles = np.round((clock - phase) / period)
        seen = len(np.unique(cycles))
        newest = max(cycles[-1], (self.clock[-1] - phase + tolerance) // period)
        of = int(newest - cycles[0]) + 1
        if seen < self.needed or seen < self.settings.share * of:
            return None
        runs = len(self.clock) - int(inside[0])
        if _chance(2 * reach / period, seen, of, runs, period) > self.settings.chance:
            return None
        return self._described(inside, phase, tolerance, (seen, of))

    def _described(self, inside: Places, phase: float, tolerance: float, seen: tuple[int, int]) -> Window:
        log = self.log[inside]
        lengths = np.sort(log["length"])
        usual = int(lengths[(len(lengths) - 1) // 2])
        normal = lengths[lengths <= _OUTLIER * usual + _FINEST_S]
        return Window(
            period_s=self.period,
            phase_s=phase,
            tolerance_s=tolerance,
            zoned=self.zoned,
            seen=seen[0],
            of=seen[1],
            last=int(log["start"][-1]),
            length_s=usual,
            longest_s=int(normal[int(0.95 * (len(normal) - 1))]),
            priority=int(np.sort(log["priority"])[len(log) // 2]),
            firing=int(np.sort(log["firing"])[int(0.95 * (len(log) - 1))]),
        )


def _chance(width: float, seen: int, of: int, runs: int, period: float) -> float:
    """Bound the probability that unrelated runs meet in one arc in `seen` of `of` periods.

    One run fixes the arc, and in each further period one of the runs in it has to hit it.
    """
    width = min(1.0, max(width, 2 * _FINEST_S / period))
    hit = 1 - (1 - width) ** (runs / of)
    return float(runs * comb(of - 1, seen - 1) * hit ** (seen - 1))
