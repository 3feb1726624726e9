"""Tell the time in one place, so that everything else can be given it."""

from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol

JUMP = timedelta(seconds=30)
"""By how much the wall clock may be set at once without anything being made of it."""

_NONE = timedelta(0)
_AT_ONCE_S = 1.0


class Clock(Protocol):
    """Source of the present moment, as aware UTC."""

    def now(self) -> datetime:
        """Return the present moment by the wall clock, which may be set."""
        ...

    def monotonic(self) -> float:
        """Return seconds that count up from some moment, and go on when the wall clock is set."""
        ...


class SystemClock:
    """Read the machine's clocks."""

    def now(self) -> datetime:
        """Return the machine's present moment."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's seconds; they stand still while it sleeps."""
        return monotonic()


class SteadyClock:
    """Show the time of another clock, but take part in a jump of it only when told to.

    A wall clock that is set by hand, and a machine that slept, would else bring hours between
    two entries of the log before anybody could tell the pipeline that they did not pass. `wall` is
    the other clock.

    >>> wall = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    >>> steady = SteadyClock(wall)
    >>> wall.jump(timedelta(hours=1))
    >>> steady.now().hour, str(steady.leap())
    (0, '1:00:00')
    >>> steady.follow(steady.leap())
    >>> steady.now().hour, str(steady.leap())
    (1, '0:00:00')
    """

    def __init__(self, wall: Clock) -> None:
        self.wall = wall
        self._origin, _ = self._read()

    def now(self) -> datetime:
        """Return the present moment, as of the last jump that was followed."""
        origin, passed = self._read()
        if abs(origin - self._origin) <= JUMP:
            self._origin = origin
        return self._origin + passed

    def monotonic(self) -> float:
        """Return the seconds of the other clock."""
        return self.wall.monotonic()

    def leap(self) -> timedelta:
        """Return how far the wall clock is ahead after a jump, negative for behind; 0 without one."""
        by = self._read()[0] - self._origin
        return by if abs(by) > JUMP else _NONE

    def follow(self, by: timedelta) -> None:
        """Show a time that is later by `by` from here on."""
        self._origin += by

    def _read(self) -> tuple[datetime, timedelta]:
        """Return what the wall clock showed when the seconds began, and how many passed since.

        Both are read anew if there was a pause in between, which would look like a jump.
        """
        while True:
            before = self.wall.monotonic()
            wall = self.wall.now()
            if self.wall.monotonic() - before < _AT_ONCE_S:
                passed = timedelta(seconds=before)
                return wall - passed, passed


class ManualClock:
    """Stand still until moved, for tests and replay.

    >>> clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    >>> clock.advance(timedelta(minutes=5)).minute
    5
    """

    def __init__(self, start: datetime) -> None:
        self._now = self._start = start
        self._jumped = _NONE

    def now(self) -> datetime:
        """Return the moment last set."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds since the start, without the jumps."""
        return (self._now - self._jumped - self._start).total_seconds()

    def set(self, moment: datetime) -> None:
        """Let all the time pass up to `moment`."""
        self._now = moment

    def jump(self, by: timedelta) -> None:
        """Show a time that is later by `by`, or earlier, though no time passed."""
        self._now += by
        self._jumped += by

    def advance(self, by: timedelta) -> datetime:
        """Move on by `by` and return the new moment."""
        self._now += by
        return self._now
