"""What can be set about alerts that come at their usual time, with the defaults that are shipped."""

from datetime import timedelta

from msgspec import Struct, field


def _bounds() -> dict[str, timedelta]:
    short, long = timedelta(minutes=5), timedelta(minutes=30)
    return {"P1": timedelta(), "P2": short, "P3": long, "P4": long}


class RoutineSettings(Struct, frozen=True, kw_only=True):
    """When a time is usual for a kind of alert, and how far a run may go beyond what is usual.

    A time is usual when at least `min_runs` runs (`min_days` for periods of a day and longer) began
    there, in at least `share` of the periods since the first, and unrelated alerts would do so with
    a probability of `chance` at most. A run may begin off that time by what was seen before, but
    always by `least_jitter`, and never by more than `most_jitter` or `jitter` of the period. After
    more than `max_missed` periods without a run the time is not usual any more, until it comes again. Daily
    and weekly habits follow the wall clock of `zone`.

    A run may last `patience` times as long as usual and `margin` more, and have `growth` times as
    many instances, and it is routine for `bounds` of its priority at most; one that
    begins with a P1 is never. Firing again within
    `rejoin` of its end continues a run.
    The newest `max_runs` runs of `max_habits` kinds of alert are known; in one run `max_series`
    series are marked at most.
    """

    enabled: bool = True
    min_runs: int = 4
    min_days: int = 3
    share: float = 0.6
    chance: float = 0.0002
    jitter: float = 0.1
    least_jitter: timedelta = timedelta(minutes=3)
    most_jitter: timedelta = timedelta(minutes=45)
    max_missed: int = 4
    zone: str = "UTC"
    patience: float = 1.5
    margin: timedelta = timedelta(minutes=2)
    growth: float = 1.2
    rejoin: timedelta = timedelta(minutes=1)
    bounds: dict[str, timedelta] = field(default_factory=_bounds)
    max_habits: int = 20_000
    max_runs: int = 64
    max_series: int = 256
