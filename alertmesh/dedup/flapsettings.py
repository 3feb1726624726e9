"""What can be set about flapping, with the defaults that are shipped."""

from datetime import timedelta

from msgspec import Struct, field


class FlapWindow(Struct, frozen=True, kw_only=True):
    """How many changes within `length` are too many.

    A change counts 1.2 when it is new and 0.8 when it is about to leave the window. A series flaps
    from `high` on, and no more below `low`.
    """

    length: timedelta
    high: float
    low: float


_FAST = FlapWindow(length=timedelta(minutes=30), high=5, low=2)
_SLOW = FlapWindow(length=timedelta(hours=4), high=8, low=3)


class FlapException(Struct, frozen=True, kw_only=True):
    """Other limits for the series that `matchers` accept; None takes the general ones."""

    matchers: str
    enabled: bool = True
    windows: tuple[FlapWindow, ...] | None = None
    min_changes: int | None = None
    stable: timedelta | None = None


def _bounds() -> dict[str, timedelta]:
    short, long = timedelta(minutes=5), timedelta(minutes=30)
    return {"P1": timedelta(), "P2": short, "P3": long, "P4": long}


class FlapSettings(Struct, frozen=True, kw_only=True):
    """When a series flaps and when it does so no more.

    It takes `min_changes` and the `high` of one of the `windows`. It ends when nothing changed for
    `stable`, or for twice as long as its phases use to be if that is longer. A firing phase that
    lasts `outage_factor` times as long as almost all before it, and `outage_min` at least, ends it
    sooner; one of `outage_max` ends it in any case. The first page waits for `bounds` of the
    priority at most, from the first of the changes that were too many. The first of the `rules`
    whose matchers accept a series counts. `max_series` bounds how many are watched.
    """

    enabled: bool = True
    windows: tuple[FlapWindow, ...] = (_FAST, _SLOW)
    min_changes: int = 5
    stable: timedelta = timedelta(minutes=15)
    outage_factor: float = 3.0
    outage_min: timedelta = timedelta(minutes=2)
    outage_max: timedelta = timedelta(minutes=30)
    bounds: dict[str, timedelta] = field(default_factory=_bounds)
    max_series: int = 100_000
    rules: tuple[FlapException, ...] = ()
