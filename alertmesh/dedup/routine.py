"""Know the alerts that come at their usual time: the nightly backup, the hourly job.

What is known belongs to the kind of alert, not to the series: each run of a job may have another
pod. Nothing is marked that comes at another time, lasts longer, is worse or is more than usual.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import floor
from typing import Any

from alertmesh.core.alert import Priority
from alertmesh.core.digest import Proposal
from alertmesh.core.records import Records
from alertmesh.core.series import Change, ChangeKind, Mark, Note, Series
from alertmesh.dedup.rhythm import Window, deviation_s
from alertmesh.dedup.routinebook import Habit, HabitBook, Run
from alertmesh.dedup.routinekind import kind_of
from alertmesh.dedup.routinesettings import RoutineSettings
from alertmesh.dedup.routinewords import proposal, said_when
from alertmesh.dedup.rule import Verdict
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.timers import Timers
from alertmesh.dedup.wording import clock, span

_STEPS = {
    ChangeKind.OPENED: 1,
    ChangeKind.GREW: 1,
    ChangeKind.WORSE: 1,
    ChangeKind.EASED: -1,
    ChangeKind.SHRANK: -1,
    ChangeKind.CLEARED: -1,
}
_NOT_ANY_MORE = "not routine any more"
_OFF = "routine is not looked for any more"


class RoutineRule:
    """Mark series that come at their usual time."""

    name = "routine"

    def __init__(self, settings: DedupSettings) -> None:
        self.book = HabitBook()
        self.runs = Records[str, Run]("routine_runs", Run)
        self.tables: tuple[Records[Any, Any], ...] = (self.book.habits, self.runs)
        self._timers = Timers()
        self.adopt(settings)

    @property
    def dropped(self) -> int:
        """Return how many kinds of alert were forgotten for want of room."""
        return self.book.dropped

    def adopt(self, settings: DedupSettings) -> None:
        """Go by other settings; a run keeps its mark until it ends or breaks its habit, unless all is off."""
        self._settings: RoutineSettings = settings.routine
        self.book.adopt(settings.routine)
        self._retime()

    def restored(self) -> None:
        """Rebuild what follows from the tables."""
        self.book.restored()
        self._retime()

    def observe(self, change: Change) -> Verdict | None:
        """Follow the runs of a kind of alert, and mark what is as usual."""
        step = _STEPS.get(change.kind, 0) if change.fingerprint else 0
        if step == 0 and change.kind is not ChangeKind.WORSE:
            return None
        if not self._settings.enabled:
            return _switched_off(change)
        key = kind_of(change.series)
        run = self.runs.get(key)
        notes: list[Note] = []
        if run is None:
            if step <= 0:
                return None
            run = self._begin(key, change, notes)
        run.firing = max(0, run.firing + step)
        run.peak = max(run.peak, run.firing)
        run.worst = min(run.worst, change.series.priority)
        verdict = self._judge(key, run, change, notes)
        if run.firing:
            self.runs.put(key, run)
        else:
            self._end(key, run, change)
        return verdict

    def deadline(self) -> datetime | None:
        """Return when the next run goes beyond its habit."""
        return self._timers.next()

    def tick(self, now: datetime) -> Sequence[Verdict]:
        """Take the mark from runs that last longer than usual, and from the rest of broken ones."""
        verdicts: list[Verdict] = []
        for key in self._timers.due(now):
            run = self.runs[key]
            if not self._settings.enabled:
                run.broken = _OFF
            elif run.window is not None:
                lasted, usual = span(now.timestamp() - run.start), span(run.window.length_s)
                run.broken = f"{_NOT_ANY_MORE}: still fires after {lasted}, usually over within {usual}"
            notes = (Note("RTN-2", run.broken),)
            verdicts += [Verdict(series=name, remove=(Mark.ROUTINE,), notes=notes) for name in run.marked]
            if self._settings.enabled:
                run.window, run.until, run.marked = None, None, []
                self.runs.put(key, run)
            else:
                self.runs.drop(key)
        return verdicts

    def proposals(self) -> list[Proposal]:
        """Propose a maintenance window for each well known time of a day or a week."""
        pairs = [(h.series, w) for h in self.book.known() if h.series is not None for w in h.windows]
        found = [proposal(series, window, self.book.wall) for series, window in pairs]
        return [said for said in found if said is not None]

    def _retime(self) -> None:
        """Look at each run when its time comes; with the rule off, at once at those that are marked."""
        self._timers.clear()
        for key in list(self.runs):
            run = self.runs[key]
            if self._settings.enabled:
                self._timers.set(key, run.until)
            elif run.marked:
                self._timers.set(key, datetime.fromtimestamp(run.start, UTC))
            else:
                self.runs.drop(key)

    def _begin(self, key: str, change: Change, notes: list[Note]) -> Run:
        run = self.book.begin(key, change)
        run.firing = change.series.firing - 1
        habit = self.book.habits.get(key)
        if habit is not None and habit.windows:
            run.window = self._usual(habit, run, change, notes)
        if run.window is not None:
            run.until = self._until(run, run.window, change)
            self._timers.set(key, run.until)
        return run

    def _end(self, key: str, run: Run, change: Change) -> None:
        """Close a run; of one whose sender fell silent nobody knows how long it lasted."""
        self.runs.drop(key)
        self._timers.set(key, None)
        if not change.lost:
            self.book.end(key, run, change)

    def _usual(self, habit: Habit, run: Run, change: Change, notes: list[Note]) -> Window | None:
        """Return the usual time that a run comes at, if it may be taken for routine."""
        wall, priority = self.book.wall, change.series.priority
        near = [w for w in habit.windows if abs(deviation_s(w, run.start, wall)) <= w.tolerance_s]
        window = next((w for w in near if self._is_recent(w, run.start)), None)
        if window is None:
            notes.append(Note("RTN-3", f"not at a usual time: comes {said_when(habit.windows[0], wall)}"))
            return None
        if priority is Priority.P1 or _short(window) >= self._bound(priority).total_seconds():
            usual = f"comes {said_when(window, wall)} for {span(window.length_s)}"
            notes.append(Note("RTN-4", f"{usual}, but a {priority.name} does not wait so long"))
            return None
        return window if self._until(run, window, change) > change.at else None

    def _is_recent(self, window: Window, start: int) -> bool:
        return round((start - window.last) / window.period_s) <= self._settings.max_missed + 1

    def _bound(self, priority: Priority) -> timedelta:
        return self._settings.bounds.get(priority.name, timedelta(0))

    def _until(self, run: Run, window: Window, change: Change) -> datetime:
        """Return until when a run may be routine, as far as this series goes."""
        lasts = timedelta(seconds=window.longest_s * self._settings.patience) + self._settings.margin
        usual_end = datetime.fromtimestamp(run.start, UTC) + lasts
        return min(usual_end, change.series.first_seen_at + self._bound(change.series.priority))

    def _judge(self, key: str, run: Run, change: Change, notes: list[Note]) -> Verdict | None:
        series = change.series
        if run.window is None or run.until is None:
            stale = Mark.ROUTINE in series.marks and series.id not in run.marked and series.firing > 0
            remove = (Mark.ROUTINE,) if stale else ()
            return Verdict(series=series.id, remove=remove, notes=tuple(notes)) if stale or notes else None
        run.broken = self._broken(run, run.window, series)
        if run.broken:
            return self._break(key, run, change)
        if change.kind is ChangeKind.CLEARED:
            run.marked = [name for name in run.marked if name != series.id]
        elif _STEPS[change.kind] > 0:
            run.until = min(run.until, self._until(run, run.window, change))
            self._timers.set(key, run.until)
        return self._marked(run, run.window, run.until, change) if change.kind is ChangeKind.OPENED else None

    def _broken(self, run: Run, window: Window, series: Series) -> str:
        """Return in what way a run is beyond its habit; empty when it is not."""
        usual = Priority(window.priority)
        if series.priority < usual:
            return f"{_NOT_ANY_MORE}: it is {series.priority.name}, usually {usual.name}"
        if run.firing > floor(window.firing * self._settings.growth):
            return f"{_NOT_ANY_MORE}: {run.firing} fire at once, usually {window.firing} at most"
        return ""

    def _break(self, key: str, run: Run, change: Change) -> Verdict:
        """Take the mark from the series of this change now, and from the others at once after it."""
        name = change.series.id
        run.marked = [other for other in run.marked if other != name]
        run.window, run.until = None, change.at if run.marked else None
        self._timers.set(key, run.until)
        return Verdict(series=name, remove=(Mark.ROUTINE,), notes=(Note("RTN-2", run.broken),))

    def _marked(self, run: Run, window: Window, until: datetime, change: Change) -> Verdict | None:
        series = change.series
        if len(run.marked) >= self._settings.max_series or until <= change.at:
            return _unmarked(change)
        if series.id not in run.marked:
            run.marked.append(series.id)
        text = (
            f"routine: comes {said_when(window, self.book.wall)} for {span(window.length_s)}, "
            f"seen {window.seen} of {window.of} times; not paged until {clock(until)}"
        )
        notes = (Note("RTN-1", text),)
        return Verdict(series=series.id, add=(Mark.ROUTINE,), hold_until=until, notes=notes)


def _short(window: Window) -> float:
    """Return how long a short run lasts: as much less than usual as a long one lasts more."""
    return 2 * window.length_s - window.longest_s


def _switched_off(change: Change) -> Verdict | None:
    return _unmarked(change, Note("RTN-2", _OFF))


def _unmarked(change: Change, *notes: Note) -> Verdict | None:
    if Mark.ROUTINE not in change.series.marks:
        return None
    return Verdict(series=change.series.id, remove=(Mark.ROUTINE,), notes=notes)
