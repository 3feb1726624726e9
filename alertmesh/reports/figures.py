"""Few numbers for many: the middle, the mean and the far end of a list, and shares."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from math import ceil
from statistics import fmean, median

from msgspec import Struct


class Spread(Struct, frozen=True, kw_only=True):
    """How some durations lie, in seconds; all None while there are none.

    `p90` is the smallest that at least nine of ten do not exceed.
    """

    count: int = 0
    median: float | None = None
    mean: float | None = None
    p90: float | None = None


def spread(lengths: Iterable[timedelta | None]) -> Spread:
    """Return how durations lie; those that are None are left out.

    >>> spread([timedelta(seconds=60), None, timedelta(seconds=240)])
    Spread(count=2, median=150.0, mean=150.0, p90=240.0)
    >>> spread([])
    Spread(count=0, median=None, mean=None, p90=None)
    """
    seconds = sorted(length.total_seconds() for length in lengths if length is not None)
    if not seconds:
        return Spread()
    return Spread(
        count=len(seconds),
        median=round(median(seconds), 3),
        mean=round(fmean(seconds), 3),
        p90=round(percentile(seconds, 0.9), 3),
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest of some ordered numbers that at least `share` of them do not exceed.

    >>> percentile([1, 2, 3, 4], 0.5), percentile([1, 2, 3, 4], 0.95)
    (2, 4)
    """
    return ordered[max(ceil(share * len(ordered)) - 1, 0)]


def day_of(moment: datetime, zone: tzinfo) -> date:
    """Return the day of a moment where the clock shows the time of `zone`.

    >>> from datetime import UTC
    >>> from zoneinfo import ZoneInfo
    >>> day_of(datetime(2026, 11, 23, 20, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
    datetime.date(2026, 11, 24)
    """
    return moment.astimezone(zone).date()


def share(part: int, whole: int) -> float | None:
    """Return a part of a whole in 0..1; None when there is no whole.

    >>> share(1, 4), share(0, 0)
    (0.25, None)
    """
    return round(part / whole, 4) if whole else None
