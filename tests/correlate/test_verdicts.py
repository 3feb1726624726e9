"""What people parted holds pair by pair, and the groups know which side they hold."""

from collections import Counter
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from alertmesh.correlate.live import Live, Standing
from alertmesh.correlate.verdicts import Verdicts
from tests.correlate.fakes import START


class Room:
    """Verdicts over one group that holds everything that was put into it."""

    def __init__(self, most: int = 100) -> None:
        self.live = Live(Standing(id=1, cluster="prod", opened_at=START, active_at=START))
        self._numbers = Counter[str]()
        self.verdicts = Verdicts(most, self._next, self._home)

    def enter(self, series: str) -> None:
        self.live.members[series] = None  # type: ignore[assignment]
        self.verdicts.entered(self.live, series)

    def leave(self, series: str) -> None:
        del self.live.members[series]
        self.verdicts.left(self.live, series)

    def apart(self) -> set[tuple[str, str]]:
        """Return every pair that is parted, by the names of the series."""
        pairs = (product(verdict.left, verdict.right) for verdict in self.verdicts.table.values())
        return {(min(pair), max(pair)) for some in pairs for pair in some}

    def _next(self, name: str) -> int:
        self._numbers[name] += 1
        return self._numbers[name]

    def _home(self, series: str) -> Live | None:
        return self.live if series in self.live.members else None


def test_a_group_knows_the_sides_it_holds_as_long_as_it_holds_them() -> None:
    room = Room()
    room.verdicts.part(["a", "b"], ["x"])
    room.enter("a")
    room.enter("b")
    room.leave("a")
    assert room.live.sides == room.verdicts.of("b") == {1: 0}
    room.leave("b")
    assert room.live.sides == {}


def test_only_what_is_of_a_series_and_old_enough_is_outlived() -> None:
    room = Room()
    room.verdicts.part(["a", "b"], ["x"], 10.0)
    room.verdicts.part(["a"], ["y"], 20.0)
    room.enter("x")
    room.verdicts.outlive("a", 10.0)
    assert room.apart() == {("b", "x"), ("a", "y")}
    assert (room.verdicts.of("a"), room.verdicts.of("x"), room.live.sides) == ({2: 0}, {1: 1}, {1: 1})
    room.verdicts.outlive("b", 10.0)
    assert (room.apart(), room.verdicts.of("x"), room.live.sides) == ({("a", "y")}, {}, {})


def test_a_verdict_reaches_a_group_that_is_there_already() -> None:
    room = Room()
    room.enter("x")
    room.verdicts.part(["a"], ["x"])
    assert (room.live.sides, room.verdicts.against(room.live, ["a"])) == ({1: 1}, {"x"})


def test_the_oldest_goes_over_the_bound_and_is_counted() -> None:
    room = Room(most=1)
    room.enter("x")
    room.verdicts.part(["a"], ["x"])
    room.verdicts.part(["b"], ["y"])
    assert (room.apart(), room.live.sides, room.verdicts.dropped) == ({("b", "y")}, {}, 1)


def test_the_first_named_are_kept_of_very_many() -> None:
    room = Room()
    room.verdicts.part([f"a{n}" for n in range(600)], ["x"])
    assert ("a0", "x") in room.apart()
    assert room.verdicts.dropped == 88


_SERIES = st.sets(st.sampled_from("abcdef"), min_size=1, max_size=3)


@given(st.lists(st.tuples(_SERIES, _SERIES), max_size=4), _SERIES, _SERIES)
def test_lifting_takes_just_the_pairs_that_were_meant(
    parted: list[tuple[set[str], set[str]]], one: set[str], other: set[str]
) -> None:
    room = Room()
    for left, right in parted:
        room.verdicts.part(sorted(left - right), sorted(right - left))
    before = room.apart()
    room.verdicts.lift(one, other)
    meant = {(min(pair), max(pair)) for pair in product(one, other)}
    assert room.apart() == before - meant
    assert all(room.verdicts.of(series) for pair in room.apart() for series in pair)
