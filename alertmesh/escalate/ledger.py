"""Count, per group, how many instances fire and how many of them are covered."""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

_NONE: Mapping[str, int] = {}


class Part(Struct, gc=False):
    """What one series adds to its group; `inhibited` ones add nothing, since they never page."""

    group: int
    firing: int
    inhibited: bool
    covers: Mapping[str, int] = _NONE


class Tally(Struct):
    """The sums of one group; `covers` counts instances by the cover that lasts longest."""

    series: dict[str, None] = field(default_factory=dict)
    firing: int = 0
    covered: int = 0
    covers: dict[str, int] = field(default_factory=dict)

    def add(self, part: Part, by: int) -> None:
        """Count a part in (`by` 1) or out (`by` -1)."""
        if part.inhibited:
            return
        self.firing += by * part.firing
        for cover, count in part.covers.items():
            self.covered += by * count
            left = self.covers.get(cover, 0) + by * count
            self.covers[cover] = left
            if not left:
                del self.covers[cover]


class Ledger:
    """Keep the sums of all groups with firing series; a change costs nothing that grows with a group.

    `touched` collects the groups whose sums changed, for whoever reads them to empty.
    """

    def __init__(self) -> None:
        self.touched: dict[int, None] = {}
        self._parts: dict[str, Part] = {}
        self._tallies: dict[int, Tally] = {}

    def tally(self, group: int) -> Tally | None:
        """Return the sums of a group; None when nothing of it fires."""
        return self._tallies.get(group)

    def groups(self) -> Iterable[int]:
        """Return every group of which something fires."""
        return self._tallies

    def put(self, series: str, part: Part) -> None:
        """Set what a series adds; nothing when it does not fire."""
        self._take(series)
        self.touched[part.group] = None
        if part.firing:
            self._parts[series] = part
            tally = self._tallies.setdefault(part.group, Tally())
            tally.series[series] = None
            tally.add(part, 1)

    def reweigh(self, series: str, covers: Mapping[str, int]) -> None:
        """Set by what the instances of a series are covered."""
        part = self._parts.get(series)
        if part is not None:
            self.put(series, Part(part.group, part.firing, part.inhibited, covers))

    def rerole(self, series: str, inhibited: bool) -> None:
        """Set whether a series counts."""
        part = self._parts.get(series)
        if part is not None:
            self.put(series, Part(part.group, part.firing, inhibited, part.covers))

    def move(self, series: Iterable[str], group: int) -> None:
        """Give series to another group."""
        for one in list(series):
            part = self._parts.get(one)
            if part is not None:
                self.put(one, Part(group, part.firing, part.inhibited, part.covers))

    def merge(self, winner: int, loser: int) -> None:
        """Give everything of one group to another."""
        tally = self._tallies.get(loser)
        if tally is not None:
            self.move(tally.series, winner)

    def forget(self, group: int) -> None:
        """Drop a group with its series."""
        tally = self._tallies.pop(group, None)
        for series in tally.series if tally is not None else ():
            del self._parts[series]
        self.touched.pop(group, None)

    def _take(self, series: str) -> None:
        part = self._parts.pop(series, None)
        if part is None:
            return
        self.touched[part.group] = None
        tally = self._tallies[part.group]
        tally.add(part, -1)
        del tally.series[series]
        if not tally.series:
            del self._tallies[part.group]
