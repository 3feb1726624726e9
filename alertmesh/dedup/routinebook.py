"""Keep what each kind of alert uses to do: its newest runs, and the usual times found in them."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.records import Records
from alertmesh.core.series import Change, Series
from alertmesh.dedup.rhythm import Wall, Window, add_run, deviation_s, find_windows, last_run, without_last
from alertmesh.dedup.routinesettings import RoutineSettings

_EAGER = 8  # up to so many runs each one is looked at, later every so many
_OFTEN, _SELDOM = 8, 16  # the latter for kinds of alert without usual times
_LATE_S = 3_600


class Habit(Struct, kw_only=True, omit_defaults=True):
    """What one kind of alert uses to do; `until` is the end of its last run, in seconds.

    `series` is one of that kind, kept only while there are usual times to tell of.
    """

    until: int
    series: Series | None = None
    runs: bytes = b""
    total: int = 0
    windows: tuple[Window, ...] = ()


class Run(Struct, kw_only=True, omit_defaults=True):
    """A run that is under way; `window` is the usual time it came at, None when it is not routine.

    `until` is when the mark of the `marked` series is taken away, unless they clear before.
    """

    start: int
    firing: int = 0
    peak: int = 0
    worst: int = Priority.P4
    window: Window | None = None
    until: datetime | None = None
    marked: list[str] = []
    broken: str = ""


class HabitBook:
    """The habits of all kinds of alert. `dropped` counts those given up for want of room.

    Those without usual times are given up first, then the ones not seen for longest.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self.habits = Records[str, Habit]("routine_habits", Habit)
        self._plain: dict[str, None] = {}
        self._regular: dict[str, None] = {}
        self.adopt(RoutineSettings())

    def adopt(self, settings: RoutineSettings) -> None:
        """Go by other settings from the next run on."""
        self._settings = settings
        self.wall = Wall(settings.zone)

    def restored(self) -> None:
        """Rebuild what follows from the table."""
        self._plain, self._regular = {}, {}
        for key in sorted(self.habits, key=lambda name: (self.habits[name].until, name)):
            self._file(key, self.habits[key])

    def known(self) -> list[Habit]:
        """Return the kinds of alert that have usual times."""
        return [self.habits[key] for key in sorted(self._regular)]

    def begin(self, key: str, change: Change) -> Run:
        """Begin a run, or go on with the last one when it ended a moment ago."""
        start = _start(change)
        habit = self.habits.get(key)
        before = last_run(habit.runs) if habit is not None else None
        if habit is None or before is None:
            return Run(start=start)
        if start - habit.until > self._settings.rejoin.total_seconds():
            return Run(start=start)
        habit.runs = without_last(habit.runs)
        self.habits.put(key, habit)
        return Run(start=before[0], peak=before[2], worst=before[3])

    def end(self, key: str, run: Run, change: Change) -> None:
        """Remember a run that ended, and look for usual times now and then."""
        end = int(change.at.timestamp())
        habit = self.habits.get(key) or Habit(until=end)
        habit.until, habit.total = end, habit.total + 1
        length = max(0, end - run.start)
        habit.runs = add_run(habit.runs, (run.start, length, run.peak, run.worst), self._settings.max_runs)
        every = _OFTEN if habit.windows else _SELDOM
        if habit.total <= _EAGER or habit.total % every == 0:
            habit.windows = find_windows(habit.runs, self._settings, self.wall)
        else:
            # Marked or not, it came at its time.
            habit.windows = tuple(_seen(w, run) if self._fits(w, run) else w for w in habit.windows)
        habit.series = change.series if habit.windows else None
        self.habits.put(key, habit)
        self._file(key, habit)
        self._make_room()

    def _fits(self, window: Window, run: Run) -> bool:
        return abs(deviation_s(window, run.start, self.wall)) <= window.tolerance_s

    def _file(self, key: str, habit: Habit) -> None:
        self._plain.pop(key, None)
        self._regular.pop(key, None)
        (self._regular if habit.windows else self._plain)[key] = None

    def _make_room(self) -> None:
        while len(self.habits) > self._settings.max_habits:
            shelf = self._plain or self._regular
            oldest = next(iter(shelf))
            del shelf[oldest]
            self.habits.drop(oldest)
            self.dropped += 1


def _start(change: Change) -> int:
    """Return when it began, as its sender says unless that is hard to believe."""
    told, learnt = change.series.opened_at.timestamp(), change.at.timestamp()
    return int(told if learnt - _LATE_S <= told <= learnt else learnt)


def _seen(window: Window, run: Run) -> Window:
    """Return a window that was seen once more."""
    passed = max(0, round((run.start - window.last) / window.period_s))
    if passed == 0:
        return window
    return replace(window, last=run.start, seen=window.seen + 1, of=window.of + passed)
