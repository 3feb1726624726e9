"""Taking back what could not be logged."""

from collections.abc import Callable
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.alert import Sighting
from alertmesh.dedup.repeats import Admission, RepeatFilter
from tests.dedup.fakes import DOOR, at, describe, firing, resolved

NAMES = st.sampled_from(["A", "B", "C"])
STARTS = st.one_of(st.none(), st.integers(0, 20).map(at))
FIRING = st.builds(firing, NAMES, starts=STARTS)
RESOLVED = st.builds(resolved, NAMES, ends=STARTS)
REQUESTS = st.lists(st.lists(FIRING | RESOLVED, max_size=4), max_size=6)


def story(known: RepeatFilter, requests: list[list[Sighting]], minute: float) -> list[Admission]:
    return [known.feed(DOOR, batch, at(minute + n / 4)) for n, batch in enumerate(requests)]


def answers(known: RepeatFilter, requests: list[list[Sighting]]) -> list[object]:
    """Return everything that can be seen of a filter from minute 40 on."""
    seen: list[object] = [(a.entries, a.repeats, a.stale) for a in story(known, requests, 40)]
    return [*seen, len(known), known.open_count, known.next_expiry(), known.expire(at(44)).entries]


def both(first: list[list[Sighting]], failed: list[list[Sighting]]) -> tuple[RepeatFilter, RepeatFilter]:
    """Return a filter to which `failed` never happened, and one with the admissions of it undone."""
    plain, other = RepeatFilter(describe), RepeatFilter(describe)
    story(plain, first, 21)
    story(other, first, 21)
    for admission in reversed(story(other, failed, 23)):
        other.undo(admission)
    return plain, other


@given(REQUESTS, st.lists(st.lists(RESOLVED, max_size=3), max_size=3), REQUESTS)
def test_undone_ends_never_were(
    first: list[list[Sighting]], failed: list[list[Sighting]], then: list[list[Sighting]]
) -> None:
    plain, other = both(first, failed)
    assert answers(other, then) == answers(plain, then)


@given(st.lists(FIRING, max_size=4), REQUESTS)
def test_undone_beginnings_never_were(failed: list[Sighting], then: list[list[Sighting]]) -> None:
    plain, other = both([], [failed])
    assert answers(other, then) == answers(plain, then)


@given(REQUESTS, REQUESTS, REQUESTS)
def test_undo_in_either_order_leaves_the_same_instances(
    first: list[list[Sighting]], failed: list[list[Sighting]], then: list[list[Sighting]]
) -> None:
    def left(order: Callable[[list[Admission]], list[Admission]]) -> list[object]:
        known = RepeatFilter(describe)
        story(known, first, 21)
        for admission in order(story(known, failed, 23)):
            known.undo(admission)
        return answers(known, then)

    assert left(lambda admissions: admissions) == left(lambda admissions: admissions[::-1])


def test_a_later_admission_stands_when_an_earlier_one_is_undone() -> None:
    known = RepeatFilter(describe)
    begin = known.feed(DOOR, [firing()], at(0))
    end = known.feed(DOOR, [resolved(ends=at(1))], at(1))
    known.undo(begin)
    assert (known.open_count, len(known)) == (0, 1)
    known.undo(end)
    assert len(known) == 0


def test_an_undone_expiry_comes_again() -> None:
    known = RepeatFilter(describe)
    known.feed(DOOR, [firing()], at(0))
    known.undo(known.expire(at(5)))
    assert known.next_expiry() == at(5)
    assert len(known.expire(at(6)).entries) == 1


def test_a_retry_after_undo_is_news_again() -> None:
    known = RepeatFilter(describe)

    def take(moment: datetime) -> Admission:
        return known.feed(DOOR, [firing()], moment)

    known.undo(take(at(0)))
    assert len(take(at(1)).entries) == 1


def test_what_is_durable_is_not_remembered_for_undoing() -> None:
    known = RepeatFilter(describe)
    admission = known.feed(DOOR, [firing("Down")], at(0))
    known.settle(admission)
    assert [one.instance.transition for one in admission.transitions] == [None]
