"""Count what a series did on each of the last days, in a few numbers."""

from msgspec import Struct

DAY_S = 86_400.0
DAYS = 7


class Week(Struct, gc=False, omit_defaults=True):
    """Seconds of firing and episodes of the day that `until` is in and of the seven before it.

    Moments are seconds since 1970 and days those of UTC; the newest day comes first. All that
    happened before `until` is counted. `first` is when counting began.
    """

    first: float
    until: float
    on_s: list[float]
    episodes: list[int]

    def advance(self, now: float, firing: bool) -> None:
        """Count the time up to `now`, during all of which it fired or did not."""
        oldest = (_day(now) - DAYS) * DAY_S
        if self.until < oldest:
            self.until, self.on_s, self.episodes = oldest, [0.0], [0]
        while _day(self.until) < _day(now):
            self._count((_day(self.until) + 1) * DAY_S, firing)
            self.on_s = [0.0, *self.on_s[:DAYS]]
            self.episodes = [0, *self.episodes[:DAYS]]
        self._count(max(now, self.until), firing)

    def pass_over(self, by: float, now: float) -> None:
        """Go on `by` seconds later, no later than `now`, as if it had not fired meanwhile; or earlier."""
        self.first = min(self.first + by, now)
        if by < 0:
            self.until += by
        else:
            self.advance(min(self.until + by, now), firing=False)

    def begin(self) -> None:
        """Count one more episode."""
        self.episodes[0] += 1

    def share(self) -> float:
        """Return which part of the last seven days it fired; 0 while fewer than these are known."""
        if self.until - self.first < DAYS * DAY_S:
            return 0.0
        # Of the oldest day only what is less than seven days ago counts.
        left = 1 - self.until % DAY_S / DAY_S
        on_s = sum(self.on_s[:DAYS]) + sum(self.on_s[DAYS:]) * left
        # A clock that was set back has some hours twice.
        return min(1.0, on_s / (DAYS * DAY_S))

    def busy_days(self, episodes: int) -> int:
        """Return on how many of the last seven days it began at least so many times."""
        return sum(count >= episodes for count in self.episodes[:DAYS])

    def begun(self) -> int:
        """Return how many episodes began on the last seven days, today included."""
        return sum(self.episodes[:DAYS])

    def _count(self, until: float, firing: bool) -> None:
        if firing:
            self.on_s[0] += until - self.until
        self.until = until


def week_from(moment: float) -> Week:
    """Return a week in which nothing happened yet."""
    return Week(moment, moment, [0.0], [0])


def _day(moment: float) -> int:
    return int(moment // DAY_S)
