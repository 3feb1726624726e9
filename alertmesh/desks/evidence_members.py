"""Order the series of an incident by how much they tell, and say of all of them what a few cannot."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from heapq import nsmallest

from msgspec import Struct

from alertmesh.core.group import Role
from alertmesh.core.incident import Member

MOST_VALUES = 12
"""How many values of a label are told; a label with more of them tells nothing that all have in common."""

Order = tuple[bool, bool, int, datetime, str]


class SeriesKind(Struct, frozen=True, kw_only=True):
    """The series of one name: how many there are and fire, how bad the worst is, and when it began.

    `root` says that one of them is the likely root.
    """

    name: str
    series: int
    firing: int
    priority: str
    began: datetime
    root: bool


class Ranking:
    """The order of an incident's series: the likely root, what fires, the worst, the earliest."""

    def __init__(self, likeliest: str) -> None:
        self._likeliest = likeliest

    def order(self, member: Member) -> Order:
        """Return what the series are ordered by."""
        series = member.series
        return not self.is_root(member), not series.firing, series.priority, series.opened_at, series.id

    def is_root(self, member: Member) -> bool:
        """Tell whether a series is the likely root."""
        return member.join.role is Role.ROOT or member.series.id == self._likeliest

    def foremost(self, members: Iterable[Member], each: int) -> list[Member]:
        """Return the first of each name, at most `each` of it."""
        found: list[Member] = []
        for some in _by_name(members).values():
            found += nsmallest(each, some, key=self.order)
        return found

    def kinds(self, members: Iterable[Member]) -> list[SeriesKind]:
        """Return the names of the series: the likely root, what fires, the worst, the most."""
        found = [self._kind(name, some) for name, some in _by_name(members).items()]
        return sorted(
            found, key=lambda one: (not one.root, not one.firing, one.priority, -one.series, one.name)
        )

    def _kind(self, name: str, some: Sequence[Member]) -> SeriesKind:
        return SeriesKind(
            name=name,
            series=len(some),
            firing=sum(one.series.firing > 0 for one in some),
            priority=min(one.series.priority for one in some).name,
            began=min(one.series.opened_at for one in some),
            root=any(map(self.is_root, some)),
        )


def common(members: Iterable[Member]) -> dict[str, list[str]]:
    """Return each label that all of the series have, with its values, unless they are more than a few."""
    found: dict[str, set[str]] | None = None
    for member in members:
        labels = member.series.labels
        if found is None:
            found = {name: set() for name in labels}
        for name in list(found):
            found[name].add(labels.get(name, ""))
            if not labels.get(name) or len(found[name]) > MOST_VALUES:
                del found[name]
    return {name: sorted(values) for name, values in (found or {}).items()}


def _by_name(members: Iterable[Member]) -> Mapping[str, list[Member]]:
    found: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        found[member.series.name].append(member)
    return found
