"""Set aside noise that nobody acts on: what is always on, or comes and goes all day long.

Such a series is marked, pages nobody while it keeps to its habit, and is proposed in the digest
to be fixed, tuned or dropped. A P1 is never set aside.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

from alertmesh.core.alert import Priority
from alertmesh.core.digest import Noise, Proposal
from alertmesh.core.matchers import matches_all, parse_matchers
from alertmesh.core.records import Records
from alertmesh.core.series import Change, ChangeKind, Mark, Note, Series
from alertmesh.dedup.chronicsettings import ChronicSettings
from alertmesh.dedup.habit import GRACE_S, Habit, describe, proposal
from alertmesh.dedup.rule import Verdict
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.timers import Timers
from alertmesh.dedup.week import DAY_S, DAYS, week_from
from alertmesh.dedup.wording import span

_FORGET = 2
_LOOK = timedelta(minutes=30)
_AWAY = 2 * _LOOK
_UNTIL = "until"


class ChronicRule:
    """Mark series that are chronic noise. `dropped` counts series not watched for want of room.

    Of a series that never cleared nothing is kept but since when it fires: all else is in `known`,
    the series that are remembered. `looked` has the moment up to which somebody looked: as nothing may
    happen for days, the rule looks at its series by itself now and then. Time without a look does not count.
    """

    name = "chronic"

    def __init__(self, settings: DedupSettings, known: Records[str, Series]) -> None:
        self.dropped = 0
        self._known = known
        self.habits = Records[str, Habit]("chronic", Habit)
        self.looked = Records[str, datetime]("chronic_looked", datetime)
        self.tables: tuple[Records[Any, Any], ...] = (self.habits, self.looked)
        self._new: dict[str, datetime] = {}
        self._idle: dict[str, None] = {}
        self._timers = Timers()
        self._take(settings.chronic)

    @property
    def watched(self) -> int:
        """Return how many series are watched."""
        return len(self._new) + len(self.habits)

    def adopt(self, settings: DedupSettings) -> None:
        """Go by other settings from here on; what was counted stays, unless the rule is off."""
        self._take(settings.chronic)
        self.restored()

    def restored(self) -> None:
        """Rebuild what follows from the table."""
        self._refile()
        firing = [one for one in self._known.values() if one.firing and one.id not in self.habits]
        firing.sort(key=lambda one: (one.first_seen_at, one.id))
        room = max(0, self._settings.max_series - len(self.habits)) if self._settings.enabled else 0
        self._new = {one.id: one.first_seen_at for one in firing[:room]}

    def jump(self, by: timedelta) -> None:
        """Go along with a jump of the clock: what happened stays as long ago as it was."""
        self._pass_over(by.total_seconds(), inf)
        until = self.looked.get(_UNTIL)
        if until is not None:
            self.looked.put(_UNTIL, until + by)

    def heed(self, series: Series) -> None:
        """Bar what became a heartbeat, to be lifted at the next look, and unbar what is none any more."""
        habit = self.habits.get(series.id)
        if habit is not None:
            habit.barred = self._is_barred(series)
            self._keep(series.id, habit)

    def observe(self, change: Change) -> Verdict | None:
        """Count what a change means, and say when it makes the series chronic or not any more."""
        series = change.series
        habit = self.habits.get(series.id)
        if not self._settings.enabled:
            return None if habit is None else self._switched_off(series.id, habit)
        if habit is None:
            if change.kind is ChangeKind.OPENED:
                self._begin(series.id, change.at)
                return None
            habit = self._met(series)
            if habit is None:
                return None
        elif _is_nothing_new(change, habit):
            return None
        at = change.at.timestamp()
        self._forget(at)
        self._count(habit, change, at)
        verdict = self._judge(habit, change)
        if habit.noise is None:
            habit.most = max(habit.most, habit.firing)
        self._keep(series.id, habit)
        return verdict

    def deadline(self) -> datetime | None:
        """Return when a series becomes chronic by time alone, or stops being so, or when to look again."""
        first, until = next(iter(self._new.values()), None), self.looked.get(_UNTIL)
        times = (
            self._timers.next(),
            None if first is None else first + self._settings.on_for,
            None if until is None or not self.watched else until + _LOOK,
        )
        return min((moment for moment in times if moment is not None), default=None)

    def tick(self, now: datetime) -> Sequence[Verdict]:
        """Say which series became chronic by time alone, and which are not any more."""
        self._look(now)
        self._meet(now)
        verdicts = [self._due(name, now.timestamp()) for name in self._timers.due(now)]
        return [verdict for verdict in verdicts if verdict is not None]

    def proposals(self) -> list[Proposal]:
        """Return what should be done about each chronic series."""
        names = (name for name in self.habits if self.habits[name].noise is not None)
        return [proposal(name, self.habits[name]) for name in names]

    def _take(self, settings: ChronicSettings) -> None:
        self._settings = settings
        self._never = [parse_matchers(text) for text in settings.never]

    def _is_barred(self, series: Series) -> bool:
        expected = Mark.EXPECTED in series.marks
        return expected or any(matches_all(matchers, series.labels) for matchers in self._never)

    def _look(self, now: datetime) -> None:
        """Let no time count in which nobody looked, as this did not run or its machine slept."""
        away = now - (self.looked.get(_UNTIL) or now)
        if away > _AWAY:
            self._pass_over(away.total_seconds(), now.timestamp())
        self.looked.put(_UNTIL, now)

    def _pass_over(self, by: float, now: float) -> None:
        """Let everything be as long ago as it was `by` seconds before `now`."""
        for name in list(self._new):
            self._look_at(name)
        for name in list(self.habits):
            self.habits[name].pass_over(by, now)
            self.habits.put(name, self.habits[name])
        self._refile()

    def _begin(self, name: str, at: datetime) -> None:
        if not self.watched or _UNTIL not in self.looked:
            self.looked.put(_UNTIL, at)
        most = self._settings.max_series - len(self._new)
        while self._idle and len(self.habits) >= most:
            self._drop(next(iter(self._idle)))
            self.dropped += 1
        if len(self.habits) < most:
            self._new[name] = at
        else:
            self.dropped += 1

    def _met(self, series: Series) -> Habit | None:
        """Return the habit of a series that has not changed before since it began to fire."""
        began = self._new.pop(series.id, None)
        if began is None:
            return None
        owner = {key: value for key in self._settings.owner_labels if (value := series.labels.get(key))}
        at = began.timestamp()
        week = week_from(at)
        week.begin()
        habit = Habit(series.name, owner, series.priority, week, [at])
        habit.barred = self._is_barred(series)
        return habit

    def _meet(self, now: datetime) -> None:
        """Give a habit to the series that have fired for so long that they are looked at."""
        while (name := next(iter(self._new), None)) is not None:
            if self._new[name] + self._settings.on_for > now:
                return
            self._look_at(name)

    def _look_at(self, name: str) -> None:
        """Give a habit to a series as it stands."""
        series = self._known[name]
        habit = self._met(series)
        if habit is not None:
            habit.firing = habit.most = series.firing
            self._keep(name, habit)

    def _count(self, habit: Habit, change: Change, at: float) -> None:
        habit.week.advance(at, firing=habit.firing > 0)
        if change.kind in (ChangeKind.OPENED, ChangeKind.CLEARED):
            habit.turn(at)
        if change.kind is ChangeKind.OPENED:
            if Mark.ROUTINE not in change.series.marks:
                # What comes by the clock is a habit of its own, however often it comes.
                habit.week.begin()
            habit.barred = self._is_barred(change.series)
        habit.firing = change.series.firing
        habit.priority = change.series.priority

    def _judge(self, habit: Habit, change: Change) -> Verdict | None:
        name = change.series.id
        if habit.noise is None:
            return self._marked(name, habit)
        if habit.barred:
            return self._lifted(name, habit, _never())
        if habit.firing and habit.priority < habit.usual:
            text = f"not set aside any more: it is {habit.priority.name} now and was {habit.usual.name}"
            return self._lifted(name, habit, Note("CHR-3", text))
        if habit.firing > 2 * habit.most:
            text = f"not set aside any more: {habit.firing} alerts fire at once, and {habit.most} did at most"
            return self._lifted(name, habit, Note("CHR-4", text))
        # A series that was forgotten and came back has lost its marks.
        if Mark.CHRONIC in change.series.marks:
            return None
        note = Note("CHR-1", f"set aside as noise: {describe(habit)}")
        return Verdict(series=name, add=(Mark.CHRONIC,), notes=(note,))

    def _due(self, name: str, now: float) -> Verdict | None:
        habit = self.habits[name]
        if not self._settings.enabled:
            return self._switched_off(name, habit)
        habit.week.advance(now, firing=habit.firing > 0)
        verdict = self._marked(name, habit) if habit.noise is None else self._timed_out(name, habit, now)
        self._keep(name, habit)
        return verdict

    def _timed_out(self, name: str, habit: Habit, now: float) -> Verdict | None:
        """Return that a habit was left, whose time had come; what is always on is only counted on."""
        if habit.barred:
            return self._lifted(name, habit, _never())
        lasted = span(now - habit.changes[-1])
        if not habit.firing:
            return self._lifted(name, habit, Note("CHR-2", f"not noise any more: clear for {lasted}"))
        if habit.noise is Noise.ALWAYS_ON:
            return None
        text = f"not set aside any more: {describe(habit)}, but now fires for {lasted}"
        return self._lifted(name, habit, Note("CHR-5", text))

    def _marked(self, name: str, habit: Habit) -> Verdict | None:
        """Return the verdict that a series is chronic, if it is."""
        now = habit.week.until
        if habit.barred or habit.priority is Priority.P1 or now < habit.not_before - GRACE_S:
            return None
        noise = habit.noise_by(self._settings)
        if noise is None:
            return None
        habit.noise, habit.since, habit.usual = noise, now, habit.priority
        text = (
            f"set aside as noise: {describe(habit)}; "
            f"it pages again when it gets worse or was clear for {span(habit.clearest(self._settings))}"
        )
        return Verdict(series=name, add=(Mark.CHRONIC,), notes=(Note("CHR-1", text),))

    def _lifted(self, name: str, habit: Habit, note: Note) -> Verdict:
        # A flapper that paused is known at once for what it is; anything else is looked at anew.
        if habit.noise is not Noise.RECURRING or note.rule != "CHR-2":
            habit.not_before = habit.week.until + self._settings.on_for.total_seconds()
        habit.noise, habit.since = None, 0.0
        return Verdict(series=name, remove=(Mark.CHRONIC,), notes=(note,))

    def _switched_off(self, name: str, habit: Habit) -> Verdict | None:
        self._drop(name)
        if habit.noise is None:
            return None
        note = Note("CHR-6", "not set aside any more: noise is not looked for")
        return Verdict(series=name, remove=(Mark.CHRONIC,), notes=(note,))

    def _keep(self, name: str, habit: Habit) -> None:
        self.habits.put(name, habit)
        self._file(name, habit)

    def _refile(self) -> None:
        self._idle = {}
        self._timers.clear()
        for name in sorted(self.habits, key=lambda key: (self.habits[key].changes[-1], key)):
            self._file(name, self.habits[name])

    def _file(self, name: str, habit: Habit) -> None:
        """Keep a habit where it is found when its time comes."""
        self._idle.pop(name, None)
        if not habit.firing and habit.noise is None:
            self._idle[name] = None
        moment = self._next(habit)
        self._timers.set(name, None if moment is None else datetime.fromtimestamp(moment, UTC))

    def _next(self, habit: Habit) -> float | None:
        """Return when time alone can bring something."""
        settings, last = self._settings, habit.changes[-1]
        if not settings.enabled:
            return last
        if habit.noise is None:
            if not habit.firing or habit.barred or habit.priority is Priority.P1:
                return None
            return max(last + settings.on_for.total_seconds(), habit.not_before)
        if not habit.firing:
            return last + habit.clearest(settings)
        if habit.barred:
            return habit.week.until
        tomorrow = habit.week.until + DAY_S
        return last + habit.longest(settings) if habit.noise is Noise.RECURRING else tomorrow

    def _forget(self, now: float) -> None:
        for _ in range(_FORGET):
            oldest = next(iter(self._idle), None)
            if oldest is None or self.habits[oldest].changes[-1] > now - (DAYS + 1) * DAY_S:
                return
            self._drop(oldest)

    def _drop(self, name: str) -> None:
        self.habits.drop(name)
        self._idle.pop(name, None)
        self._timers.set(name, None)


def _never() -> Note:
    return Note("CHR-6", "not set aside any more: the rules say never")


def _is_nothing_new(change: Change, habit: Habit) -> bool:
    """Tell whether a change neither begins, ends nor worsens anything; most changes in a storm do not."""
    series = change.series
    return (
        change.kind in (ChangeKind.GREW, ChangeKind.SHRANK)
        and series.priority == habit.priority
        and series.firing <= habit.most
    )
