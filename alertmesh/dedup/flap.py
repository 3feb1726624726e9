"""Tell which series change so often that not every change is worth telling.

The idea is that of Nagios' flap detection, newer changes weighing more. We see changes and no
samples, so the rate is counted over time. While a series flaps, the incident counts it as firing;
what matters then is to see soon when it is an outage instead.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.matchers import Matcher, matches_all, parse_matchers
from alertmesh.core.records import Records
from alertmesh.core.series import Change, ChangeKind, Mark, Note
from alertmesh.dedup.flapsettings import FlapException, FlapSettings, FlapWindow
from alertmesh.dedup.phases import lengths, p95
from alertmesh.dedup.rule import Verdict
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.timers import Timers
from alertmesh.dedup.wording import clock, span

_NEW, _OLD = 1.2, 0.8
_KEPT = 32
_PATIENCE = 2.0  # a phase may last this much longer than almost all before it
_HABIT = 4  # so many firing phases must be known before a long one says anything
_AGAIN = 3  # so many changes after an outage it may flap again: its end is told
_FORGET = 2


class FlapState(Struct, gc=False, omit_defaults=True):
    """The newest moments at which a series began to fire or cleared, in turns, oldest first.

    Moments are seconds since 1970. `since` is when it began to flap, 0 while it does not; `count`
    is how often it has changed since then; `due` is when it stops if nothing changes; `wait` is how
    many changes it must make before it may flap again; `hold` is until when the first page waits.
    """

    changes: list[float]
    firing: bool
    since: float = 0.0
    count: int = 0
    due: float = 0.0
    wait: int = 0
    hold: float = 0.0

    def phases(self, firing: bool) -> list[float]:
        """Return how long the finished phases lasted in which it fired, or did not."""
        return lengths(self.changes, self.firing, firing)


class FlapRule:
    """Mark series that change too often. `dropped` counts series given up for want of room."""

    name = "flap"

    def __init__(self, settings: DedupSettings) -> None:
        self.dropped = 0
        self.states = Records[str, FlapState]("flap", FlapState)
        self.tables: tuple[Records[Any, Any], ...] = (self.states,)
        self._calm: dict[str, None] = {}
        self._timers = Timers()
        self._take(settings)

    def adopt(self, settings: DedupSettings) -> None:
        """Go by other settings; what flaps keeps its limits until it changes, unless all is off."""
        self._take(settings)
        self.restored()

    def restored(self) -> None:
        """Rebuild what follows from the table."""
        self._calm = {}
        self._timers.clear()
        for name in sorted(self.states, key=lambda key: (self.states[key].changes[-1], key)):
            self._file(name, self.states[name])

    def observe(self, change: Change) -> Verdict | None:
        """Count a beginning or an end, and say when that makes the series flap or not any more."""
        if change.kind not in (ChangeKind.OPENED, ChangeKind.CLEARED):
            return None
        name = change.series.id
        state = self.states.get(name)
        if state is None and change.kind is ChangeKind.OPENED:
            return None
        at = change.at.timestamp()
        self._forget(at)
        limits = self._limits(change)
        if limits is None:
            return None if state is None else self._switched_off(name)
        if change.lost and not (state and state.since):
            # The sender fell silent; of the trouble itself that tells nothing.
            self._drop(name)
            return None
        state = _counted(state, change, at)
        if state is None:
            return None
        if state.since or len(state.changes) >= limits.min_changes:
            _trim(state, limits, at)
        verdict = self._judge(state, change, limits)
        state.due = at + self._patience(state, limits) if state.since else 0.0
        self.states.put(name, state)
        self._file(name, state)
        self._make_room()
        return verdict

    def jump(self, by: timedelta) -> None:
        """Go along with a jump of the clock: the time between two changes stays what it was."""
        by_s = by.total_seconds()
        for name in list(self.states):
            state = self.states[name]
            state.changes = [moment + by_s for moment in state.changes]
            if state.since:
                state.since, state.due = state.since + by_s, state.due + by_s
            state.hold += by_s if state.hold else 0.0
            self.states.put(name, state)
        self.restored()

    def deadline(self) -> datetime | None:
        """Return when the next flapping series has been stable for long enough."""
        return self._timers.next()

    def tick(self, now: datetime) -> Sequence[Verdict]:
        """Release the series that have been stable for long enough."""
        return [self._released(name, now) for name in self._timers.due(now)]

    def _take(self, settings: DedupSettings) -> None:
        self._settings: FlapSettings = settings.flap
        self._remember_s = settings.remember.total_seconds()
        self._exceptions = [
            (parse_matchers(rule.matchers), _merged(settings.flap, rule)) for rule in settings.flap.rules
        ]
        limits = [settings.flap, *(found for _, found in self._exceptions if found.enabled)]
        # Which limits hold for a series is not kept with its state: the longest window serves for all.
        self._longest_s = max((_length(window) for one in limits for window in one.windows), default=0.0)

    def _limits(self, change: Change) -> FlapSettings | None:
        """Return the limits of a series; None where the rule is off."""
        found = self._settings
        if not found.enabled:
            return None
        if self._exceptions:
            found = _first(self._exceptions, change.series.labels) or found
        return found if found.enabled else None

    def _judge(self, state: FlapState, change: Change, limits: FlapSettings) -> Verdict | None:
        now = state.changes[-1]
        if state.since:
            state.count += 1
            if all(_rate(state.changes, window, now) < window.low for window in limits.windows):
                return _slowed(state, change)
            # A series that was forgotten and came back has lost its marks.
            if Mark.FLAPPING in change.series.marks:
                return None
            hold = datetime.fromtimestamp(state.hold, UTC)
            return Verdict(series=change.series.id, add=(Mark.FLAPPING,), hold_until=hold)
        state.wait = max(0, state.wait - 1)
        if state.wait or len(state.changes) < limits.min_changes:
            return None
        window = next((w for w in limits.windows if _is_over(state.changes, w, limits.min_changes)), None)
        pauses = state.phases(firing=False)
        # What stays clear for longer than series are known is not flapping: it comes back.
        if window is None or (pauses and median(pauses) > self._remember_s):
            return None
        recent = _within(state.changes, window, now)
        bound = limits.bounds.get(change.series.priority.name, timedelta())
        state.since, state.count, state.hold = now, len(recent), recent[0] + bound.total_seconds()
        return _entered(state, change, limits)

    def _patience(self, state: FlapState, limits: FlapSettings) -> float:
        """Return how long nothing may change before the series flaps no more."""
        habit = p95(state.phases(state.firing))
        patience = max(limits.stable.total_seconds(), _PATIENCE * habit)
        if not state.firing:
            # Later nobody would know the series any more, and the mark could not be taken away.
            return min(patience, self._remember_s)
        if len(state.phases(firing=True)) >= _HABIT:
            patience = min(patience, limits.outage_factor * habit)
        least, most = limits.outage_min.total_seconds(), limits.outage_max.total_seconds()
        return max(least, min(patience, most))

    def _released(self, name: str, now: datetime) -> Verdict:
        if not self._settings.enabled:
            return self._switched_off(name)
        state = self.states[name]
        last = state.changes[-1]
        since = clock(datetime.fromtimestamp(last, UTC))
        quiet = span(now.timestamp() - last)
        flapped = f"it flapped for {span(last - state.since)} with {state.count} changes"
        if state.firing:
            usual = span(p95(state.phases(firing=True)))
            note = Note(
                "FLAP-3",
                f"now stays firing: since {since}, for {quiet}, where {usual} was usual; {flapped} before",
            )
            state.wait = _AGAIN
        else:
            note = Note("FLAP-2", f"stopped flapping: clear since {since}, for {quiet}; {flapped}")
        state.since, state.count, state.due, state.hold = 0.0, 0, 0.0, 0.0
        self.states.put(name, state)
        self._file(name, state)
        return Verdict(series=name, remove=(Mark.FLAPPING,), notes=(note,))

    def _switched_off(self, name: str) -> Verdict:
        flapped = self.states[name].since
        self._drop(name)
        notes = (Note("FLAP-5", "flapping is not looked for any more"),) if flapped else ()
        return Verdict(series=name, remove=(Mark.FLAPPING,), notes=notes)

    def _file(self, name: str, state: FlapState) -> None:
        """Keep a state where it is found when its time comes."""
        self._calm.pop(name, None)
        if not state.since:
            self._calm[name] = None
        due = state.due if self._settings.enabled else state.changes[-1]
        self._timers.set(name, datetime.fromtimestamp(due, UTC) if state.since else None)

    def _forget(self, now: float) -> None:
        for _ in range(_FORGET):
            oldest = next(iter(self._calm), None)
            if oldest is None or self.states[oldest].changes[-1] > now - self._longest_s:
                return
            self._drop(oldest)

    def _make_room(self) -> None:
        while self._calm and len(self.states) > self._settings.max_series:
            self._drop(next(iter(self._calm)))
            self.dropped += 1

    def _drop(self, name: str) -> None:
        self.states.drop(name)
        self._calm.pop(name, None)
        self._timers.set(name, None)


def _counted(state: FlapState | None, change: Change, at: float) -> FlapState | None:
    """Return the state with one change more; a series is watched from its first end on."""
    firing = change.kind is ChangeKind.OPENED
    if state is None:
        opened = change.series.first_seen_at.timestamp()
        return None if firing else FlapState([opened, at], firing)
    state.changes.append(at)
    state.firing = firing
    return state


def _within(changes: Sequence[float], window: FlapWindow, now: float) -> list[float]:
    return [moment for moment in changes if now - moment <= _length(window)]


def _rate(changes: Sequence[float], window: FlapWindow, now: float) -> float:
    """Return how many changes the window holds, each weighed by its age."""
    slope = (_NEW - _OLD) / _length(window)
    return sum(_NEW - slope * (now - moment) for moment in _within(changes, window, now))


def _is_over(changes: Sequence[float], window: FlapWindow, least: int) -> bool:
    now = changes[-1]
    return len(_within(changes, window, now)) >= least and _rate(changes, window, now) >= window.high


def _entered(state: FlapState, change: Change, limits: FlapSettings) -> Verdict:
    recent = state.changes[-state.count :]
    quiet = span(limits.stable.total_seconds())
    text = (
        f"flapping: changed {state.count} times in {span(recent[-1] - recent[0])}; "
        f"it counts as firing until it has not changed for {quiet}"
    )
    hold = datetime.fromtimestamp(state.hold, UTC)
    if hold > change.at:
        text += f"; the first page waits until {clock(hold)}"
    notes = (Note("FLAP-1", text),)
    return Verdict(series=change.series.id, add=(Mark.FLAPPING,), hold_until=hold, notes=notes)


def _slowed(state: FlapState, change: Change) -> Verdict:
    text = f"stopped flapping: it changes seldom now; {state.count} changes since it began"
    state.since, state.count, state.hold = 0.0, 0, 0.0
    return Verdict(series=change.series.id, remove=(Mark.FLAPPING,), notes=(Note("FLAP-4", text),))


def _length(window: FlapWindow) -> float:
    return window.length.total_seconds()


def _trim(state: FlapState, limits: FlapSettings, now: float) -> None:
    """Forget what is out of every window, and more than it takes to reach any of the limits."""
    highest = max((window.high for window in limits.windows), default=0.0)
    kept = max(_KEPT, limits.min_changes, int(highest / _OLD) + 1)
    oldest = now - max((_length(window) for window in limits.windows), default=0.0)
    state.changes = [moment for moment in state.changes[-kept:] if moment >= oldest]


def _merged(settings: FlapSettings, rule: FlapException) -> FlapSettings:
    return replace(
        settings,
        enabled=rule.enabled,
        windows=settings.windows if rule.windows is None else rule.windows,
        min_changes=settings.min_changes if rule.min_changes is None else rule.min_changes,
        stable=settings.stable if rule.stable is None else rule.stable,
    )


def _first(
    exceptions: Sequence[tuple[tuple[Matcher, ...], FlapSettings]], labels: dict[str, str]
) -> FlapSettings | None:
    return next((limits for matchers, limits in exceptions if matches_all(matchers, labels)), None)
