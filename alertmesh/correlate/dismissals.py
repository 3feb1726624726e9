"""Remember which proposals people dismissed, so that they are not made again."""

from collections.abc import Collection, Iterable

from msgspec import Struct

from alertmesh.core.records import Records
from alertmesh.core.regrouping import RegroupKind

_SERIES = 64


class Dismissal(Struct, frozen=True, array_like=True, gc=False):
    """People's word that two sets of series should not be put together, or not be parted."""

    kind: RegroupKind
    left: tuple[str, ...]
    right: tuple[str, ...]


class Dismissals:
    """Hold up to `most` dismissals, by the series that they speak of rather than by groups, which end.

    `dropped` counts those that made room for newer ones.
    """

    def __init__(self, most: int) -> None:
        self.table = Records[int, Dismissal]("correlate_dismissal", Dismissal)
        self.dropped = 0
        self.most = most
        self._of: dict[str, set[int]] = {}

    def restored(self) -> None:
        """Rebuild the index from the table."""
        self._of = {}
        for number in self.table:
            self._index(number)

    def add(self, number: int, kind: RegroupKind, left: Iterable[str], right: Iterable[str]) -> None:
        """Remember a dismissal under the number of the suggestion."""
        sides = tuple(sorted(left)[:_SERIES]), tuple(sorted(right)[:_SERIES])
        self.table.put(number, Dismissal(kind, *sides))
        self._index(number)
        while len(self.table) > self.most:
            self._drop(min(self.table))
            self.dropped += 1

    def covers(self, kind: RegroupKind, left: Collection[str], right: Collection[str]) -> bool:
        """Tell whether people dismissed that series of `left` and of `right` be put together, or parted."""
        one, other = frozenset(left), frozenset(right)
        numbers = {number for series in one for number in self._of.get(series, ())}
        return any(self._is(self.table[number], kind, one, other) for number in numbers)

    @staticmethod
    def _is(known: Dismissal, kind: RegroupKind, one: frozenset[str], other: frozenset[str]) -> bool:
        if known.kind is not kind:
            return False
        straight = not one.isdisjoint(known.left) and not other.isdisjoint(known.right)
        return straight or (not one.isdisjoint(known.right) and not other.isdisjoint(known.left))

    def _index(self, number: int) -> None:
        known = self.table[number]
        for series in (*known.left, *known.right):
            self._of.setdefault(series, set()).add(number)

    def _drop(self, number: int) -> None:
        known = self.table[number]
        for series in (*known.left, *known.right):
            numbers = self._of.get(series)
            if numbers is not None:
                numbers.discard(number)
                if not numbers:
                    del self._of[series]
        self.table.drop(number)
