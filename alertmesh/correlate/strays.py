"""Remember where series belonged that were forgotten while they fired, so that their end gets there."""

from collections.abc import Iterable

from msgspec import Struct

from alertmesh.core.group import Join
from alertmesh.core.records import Records


class Stray(Struct, array_like=True, gc=False):
    """The group of a series that was let go, why it was there, and how often it had come before."""

    group: int
    join: Join
    usual: float


class Strays:
    """Hold at most `most` of them, by series; `dropped` counts those of the oldest groups let go beyond that.

    `table` is the durable state.

    >>> strays = Strays(most=10)
    >>> strays.note("a", Stray(1, Join(1.0), 0.0))
    >>> strays.merged(1, 7)
    >>> strays.take("a"), strays.take("a")
    (7, 0)
    """

    def __init__(self, most: int) -> None:
        self.table = Records[str, Stray]("correlate_stray", Stray)
        self.dropped = 0
        self.most = most
        self._of: dict[int, set[str]] = {}

    def restored(self) -> None:
        """Rebuild the index from the table."""
        self._of = {}
        for series in self.table:
            self._of.setdefault(self.table[series].group, set()).add(series)

    def note(self, series: str, stray: Stray) -> None:
        """Remember where a series belonged."""
        self.table.put(series, stray)
        self._of.setdefault(stray.group, set()).add(series)
        while len(self.table) > self.most:
            self.dropped += self._forget(min(self._of))

    def take(self, series: str) -> int:
        """Forget where a series belonged, and return it; 0 for one that was not let go."""
        stray = self.table.get(series)
        if stray is None:
            return 0
        self.table.drop(series)
        held = self._of[stray.group]
        held.remove(series)
        if not held:
            del self._of[stray.group]
        return stray.group

    def merged(self, loser: int, winner: int) -> None:
        """Let what belonged to one group belong to another."""
        moved = self._of.pop(loser, set())
        for series in sorted(moved):
            known = self.table[series]
            self.table.put(series, Stray(winner, known.join, known.usual))
        if moved:
            self._of.setdefault(winner, set()).update(moved)

    def closed(self, groups: Iterable[int]) -> None:
        """Forget what belonged to groups that nobody works on any more."""
        for group in groups:
            self._forget(group)

    def _forget(self, group: int) -> int:
        """Forget what belonged to a group; return how many series that were."""
        gone = sorted(self._of.pop(group, ()))
        for series in gone:
            self.table.drop(series)
        return len(gone)
