"""Tell the time in one place, so that everything else can be given it."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Source of the present moment, as aware UTC."""

    def now(self) -> datetime:
        """Return the present moment."""
        ...


class SystemClock:
    """Read the machine's wall clock."""

    def now(self) -> datetime:
        """Return the machine's present moment."""
        return datetime.now(UTC)


class ManualClock:
    """Stand still until moved, for tests and replay.

    >>> clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    >>> clock.advance(timedelta(minutes=5)).minute
    5
    """

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the moment last set."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Jump to `moment`, forwards or backwards."""
        self._now = moment

    def advance(self, by: timedelta) -> datetime:
        """Move on by `by` and return the new moment."""
        self._now += by
        return self._now
