"""Remember which series people parted, so that the machine does not put them together again."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta

from msgspec import Struct

from alertmesh.core.records import Records
from alertmesh.correlate.live import Live

_SERIES = 512
LEFT, RIGHT = 0, 1


class Verdict(Struct, array_like=True):
    """People's word, at `said` seconds since 1970, that the left do not belong with the right."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    said: float = 0.0


class Verdicts:
    """Hold what people parted, and mark each open group with the sides that it holds.

    No group ever holds both sides of a verdict: the machine keeps them apart, and people who put
    them together lift it. `dropped` counts verdicts and names of series let go because of a bound.
    """

    def __init__(self, most: int, number: Callable[[str], int], home: Callable[[str], Live | None]) -> None:
        self.table = Records[int, Verdict]("correlate_verdict", Verdict)
        self.dropped = 0
        self.most = most
        self._number = number
        self._home = home
        self._sides: dict[str, dict[int, int]] = {}

    def restored(self) -> None:
        """Rebuild the index from the table; the groups are marked as their members enter."""
        self._sides = {}
        for number in sorted(self.table):
            self._index(number)

    def jump(self, by: timedelta) -> None:
        """Let what was said stay as long ago as it was."""
        by_s = by.total_seconds()
        self.table.rewrite(lambda one: Verdict(one.left, one.right, one.said + by_s))

    def of(self, series: str) -> dict[int, int]:
        """Return the verdicts that name a series, and on which side."""
        return self._sides.get(series, {})

    def entered(self, live: Live, series: str) -> None:
        """Mark a group that a series came into."""
        if series in self._sides:
            live.sides.update(self._sides[series])

    def left(self, live: Live, series: str) -> None:
        """Take from a group the marks that only a series, which left it, had brought."""
        for number, side in self.of(series).items():
            verdict = self.table[number]
            named = verdict.right if side == RIGHT else verdict.left
            if not any(one in live.members for one in named):
                live.sides.pop(number, None)

    def against(self, live: Live, these: Iterable[str]) -> set[str]:
        """Return the members of a group that do not belong with some of `these`."""
        found: set[str] = set()
        for series in these:
            for number, side in self.of(series).items():
                if live.sides.get(number, side) != side:
                    verdict = self.table[number]
                    found.update(verdict.left if side == RIGHT else verdict.right)
        return found.intersection(live.members)

    def part(self, left: Sequence[str], right: Sequence[str], said: float = 0.0) -> None:
        """Remember that nothing on the left belongs with anything on the right, the first named for sure."""
        if not left or not right:
            return
        self.dropped += max(0, len(left) - _SERIES) + max(0, len(right) - _SERIES)
        self._add(tuple(left[:_SERIES]), tuple(right[:_SERIES]), said)
        for number in sorted(self.table)[: max(0, len(self.table) - self.most)]:
            self._drop(number)
            self.dropped += 1

    def outlive(self, series: str, said: float) -> None:
        """Forget what people said of a series, that does not fire, until a moment."""
        for number in [number for number in self.of(series) if self.table[number].said <= said]:
            verdict = self.table[number]
            sides = (verdict.left, verdict.right)
            left, right = (tuple(one for one in side if one != series) for side in sides)
            if left and right:
                self.table.put(number, Verdict(left, right, verdict.said))
                self._release(series, number)
            else:
                self._drop(number)

    def lift(self, one: Collection[str], other: Collection[str]) -> None:
        """Forget that series of `one` do not belong with series of `other`, and no more than that."""
        for these, those in ((frozenset(one), frozenset(other)), (frozenset(other), frozenset(one))):
            fewer = min(these, those, key=len)
            for number in sorted({number for series in fewer for number in self.of(series)}):
                self._lift(number, these, those)

    def _lift(self, number: int, these: frozenset[str], those: frozenset[str]) -> None:
        verdict = self.table[number]
        if these.isdisjoint(verdict.left) or those.isdisjoint(verdict.right):
            return
        self._drop(number)
        rest = tuple(series for series in verdict.right if series not in those)
        for left, right in (
            (tuple(series for series in verdict.left if series not in these), verdict.right),
            (tuple(series for series in verdict.left if series in these), rest),
        ):
            if left and right:
                self._add(left, right, verdict.said)

    def _add(self, left: tuple[str, ...], right: tuple[str, ...], said: float) -> None:
        number = self._number("verdict")
        self.table.put(number, Verdict(left, right, said))
        self._index(number)
        for series in (*left, *right):
            live = self._home(series)
            if live is not None:
                live.sides[number] = self._sides[series][number]

    def _drop(self, number: int) -> None:
        verdict = self.table[number]
        for series in (*verdict.left, *verdict.right):
            self._release(series, number)
            live = self._home(series)
            if live is not None:
                live.sides.pop(number, None)
        self.table.drop(number)

    def _release(self, series: str, number: int) -> None:
        known = self._sides[series]
        del known[number]
        if not known:
            del self._sides[series]

    def _index(self, number: int) -> None:
        verdict = self.table[number]
        for side, named in _sided(verdict):
            for series in named:
                self._sides.setdefault(series, {})[number] = side


def _sided(verdict: Verdict) -> Iterable[tuple[int, tuple[str, ...]]]:
    return ((LEFT, verdict.left), (RIGHT, verdict.right))
