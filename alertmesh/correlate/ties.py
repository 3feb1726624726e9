"""Remember which series people said belong together, as long as their group lives."""

from collections.abc import Collection

from alertmesh.core.records import Records
from alertmesh.correlate.live import Live


class Ties:
    """Hold the ties, each a set of series that a person put together.

    No bound is needed: a series is in ties while it is in a group, and those are bounded.
    """

    def __init__(self) -> None:
        self.table = Records[int, tuple[str, ...]]("correlate_tie", tuple[str, ...])
        self._of: dict[str, set[int]] = {}

    def restored(self) -> None:
        """Rebuild the index from the table."""
        self._of = {}
        for number in self.table:
            self._index(number)

    def tie(self, number: int, series: Collection[str]) -> None:
        """Remember that these belong together."""
        if len(series) > 1:
            self.table.put(number, tuple(sorted(series)))
            self._index(number)

    def untie(self, series: Collection[str]) -> None:
        """Take series out of every tie; a tie of one is none."""
        gone = frozenset(series)
        for number in sorted({number for one in gone for number in self._of.get(one, ())}):
            left = tuple(one for one in self.table[number] if one not in gone)
            if len(left) > 1:
                self.table.put(number, left)
            else:
                self.table.drop(number)
                self._release(left, number)
        for one in gone:
            self._of.pop(one, None)

    def bound(self, live: Live, series: str) -> set[str]:
        """Return the series and those of its group that are tied to it, directly or by way of others."""
        found, new, seen = {series}, [series], set[int]()
        while new:
            for number in self._of.get(new.pop(), set()) - seen:
                seen.add(number)
                more = [one for one in self.table[number] if one not in found and one in live.members]
                found.update(more)
                new.extend(more)
        return found

    def _index(self, number: int) -> None:
        for one in self.table[number]:
            self._of.setdefault(one, set()).add(number)

    def _release(self, series: Collection[str], number: int) -> None:
        for one in series:
            self._of[one].discard(number)
