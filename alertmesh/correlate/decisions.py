"""Keep what was weighed when a series was placed: for the people who ask, and to learn from their answer."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.records import Records

PAST = "past"
"""The group was over for far longer than alerts of the scope usually last."""

TIME_ALONE = "time_alone"
"""Nothing but time spoke for the group, in a cluster that several systems share."""


class Weighed(Struct, frozen=True, array_like=True, gc=False):
    """One group that was looked at: the probability that the series belongs there, and the terms of it.

    `terms` are log-odds by family of evidence, in the order of `features.FAMILIES`. `barred` says
    what kept the series out whatever the probability: `PAST` or `TIME_ALONE`; empty for nothing.
    """

    group: int
    probability: float
    terms: tuple[float, ...]
    barred: str = ""


class Decision(Struct, frozen=True, array_like=True, gc=False):
    """Where a series was put at a moment, 0 for a new group, and the likeliest groups at that time.

    `weights` are what each family counted in the terms then, and last the bias; empty: 1 each, and 0.
    `contradicted` says that people judged otherwise.
    """

    at: datetime
    group: int
    weighed: tuple[Weighed, ...]
    weights: tuple[float, ...] = ()
    contradicted: bool = False

    def about(self, groups: Collection[int]) -> Weighed | None:
        """Return what was thought of the likeliest of some groups, if one was weighed at all."""
        return next((item for item in self.weighed if item.group in groups), None)


class Decisions:
    """Remember the last decision about each series; the oldest are let go of beyond `limit`.

    `table` is the durable state, `dropped` counts what was let go of.
    """

    def __init__(self, limit: int) -> None:
        self.table = Records[str, Decision]("correlate_decision", Decision)
        self.dropped = 0
        self.limit = limit

    def note(self, series: str, decision: Decision) -> None:
        """Remember where a series was put."""
        self.table.put(series, decision)
        if len(self.table) > self.limit:
            oldest = sorted(self.table, key=lambda key: (self.table[key].at, key))
            for key in oldest[: len(oldest) - self.limit + self.limit // 10]:
                self.table.drop(key)
                self.dropped += 1

    def jump(self, by: timedelta) -> None:
        """Let every decision be as long ago as it was."""
        self.table.rewrite(lambda one: replace(one, at=one.at + by))

    def of(self, series: str) -> Decision | None:
        """Return the last decision about a series."""
        return self.table.get(series)

    def of_all(self, series: Collection[str]) -> Iterator[tuple[str, Decision]]:
        """Yield the decisions about some series, in order of their names."""
        for one in sorted(series):
            decision = self.table.get(one)
            if decision is not None:
                yield one, decision

    def contradict(self, series: str) -> None:
        """Note that people judged otherwise."""
        self.table.put(series, replace(self.table[series], contradicted=True))

    def unopposed(self, count: int) -> list[Decision]:
        """Return so many decisions with which nobody disagreed, from all over, the same ones each time."""
        known = (self.table[series] for series in sorted(self.table))
        unopposed = [decision for decision in known if decision.weighed and not decision.contradicted]
        return unopposed[:: max(1, len(unopposed) // count)][:count]
