"""What can be set about alerts that clear alone, with the defaults that are shipped."""

from datetime import timedelta
from typing import Literal

from msgspec import Struct, field


class HealEntry(Struct, frozen=True, kw_only=True):
    """What Kubernetes does by itself about the alerts that `matchers` accept.

    It begins within `acts_after` of the alert, and has taken effect `takes` later. `heals` is yes,
    no, or harms when what it does takes workload down. What harms is never waited for.
    """

    name: str
    matchers: str
    does: str
    heals: Literal["yes", "no", "harms"]
    acts_after: timedelta = timedelta()
    takes: timedelta = timedelta()

    @property
    def needs(self) -> timedelta:
        """Return how long after the alert it has taken effect."""
        return self.acts_after + self.takes


def _bounds() -> dict[str, timedelta]:
    short, long = timedelta(minutes=5), timedelta(minutes=30)
    return {"P1": timedelta(), "P2": short, "P3": long, "P4": long}


class SelfhealSettings(Struct, frozen=True, kw_only=True):
    """When the first page waits for an alert to clear alone, and how that is learned.

    It waits when at least `threshold` of its kind clear within the bound of the priority, judged
    `confidence` surely from `least` known outcomes or more; and it waits until `quantile` of those
    that clear have cleared. Old outcomes count half after `half_life`. A kind in one cluster is
    judged as if `strength` outcomes of all clusters had been seen there. Where the table says that
    Kubernetes does not heal it, it takes `overrule` outcomes, and `overrule_share` instead of
    `threshold`, to wait all the same.

    No end later than `hands_after` from the first page counts as clearing alone, none that we learn
    of later than `late`, and none of more than `mass_alerts` of a source that end within
    `mass_within` of one another when they are `mass_share` of all that fired there. More than
    `crowd` of a kind at once, besides what is usual, are not waited for. The `max_` settings bound
    how many kinds, open episodes and undecided ends are kept.
    """

    enabled: bool = True
    bounds: dict[str, timedelta] = field(default_factory=_bounds)
    threshold: float = 0.7
    confidence: float = 0.85
    least: int = 5
    quantile: float = 0.95
    half_life: timedelta = timedelta(days=14)
    strength: float = 8.0
    overrule: int = 20
    overrule_share: float = 0.8
    hands_after: timedelta = timedelta(minutes=15)
    late: timedelta = timedelta(minutes=6)
    crowd: int = 5
    mass_alerts: int = 20
    mass_share: float = 0.5
    mass_within: timedelta = timedelta(seconds=2)
    max_kinds: int = 5_000
    max_open: int = 200_000
    max_ends: int = 10_000
    table: tuple[HealEntry, ...] = ()
