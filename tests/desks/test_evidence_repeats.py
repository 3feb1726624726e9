"""How often a series was heard is remembered for some hours, within bounds."""

from datetime import timedelta

from alertmesh.core.ports import Count
from alertmesh.core.series import Change, ChangeKind
from alertmesh.desks.evidence_repeats import BUCKETS, EVERY, Repeats, Span
from tests.console.fakes import a_member
from tests.fakes import NOW

SERIES = a_member(1).series


def heard(most=3):
    return Repeats(lambda fingerprint: fingerprint.partition("/")[0], NOW, most)


def change(kind, at, **facts):
    return Change(kind=kind, series=SERIES, fingerprint="s1/a", at=at, **facts)


def test_only_what_was_heard_since_is_counted():
    repeats = heard()
    repeats.count([Count("s1/a", 500, NOW)])
    repeats.count([Count("s1/a", 507, NOW), Count("s1/b", 9, NOW)])
    assert repeats.counts("s1", NOW, NOW) == [1 + 7 + 1]


def test_an_episode_that_begins_counts_from_nothing():
    repeats = heard()
    repeats.count([Count("s1/a", 500, NOW)])
    repeats.change(change(ChangeKind.OPENED, NOW))
    repeats.count([Count("s1/a", 2, NOW)])
    assert repeats.counts("s1", NOW, NOW) == [1 + 1 + 2]


def test_a_counter_that_is_given_up_is_nothing_heard():
    repeats = heard()
    repeats.count([Count("s1/a", 0, NOW)])
    assert repeats.counts("s1", NOW, NOW) == [0]


def test_what_is_older_than_the_ring_is_forgotten():
    repeats, late = heard(), NOW + EVERY * BUCKETS
    repeats.count([Count("s1/a", 1, NOW), Count("s1/a", 3, NOW + EVERY)])
    repeats.count([Count("s1/a", 4, late)])
    counts = repeats.counts("s1", NOW, late)
    assert (counts[:2], counts[-1], sum(counts)) == ([0, 2], 1, 3)


def test_silence_leaves_nothing_of_an_earlier_turn():
    repeats, late = heard(), NOW + EVERY * (3 * BUCKETS + 5)
    repeats.count([Count("s1/a", number, NOW + EVERY * number) for number in range(BUCKETS)])
    repeats.count([Count("s1/a", 100, late)])
    assert sum(repeats.counts("s1", late - EVERY * (BUCKETS - 1), late)) == 100 - BUCKETS + 1


def test_what_was_heard_longest_ago_makes_room():
    repeats = heard(most=2)
    for place, series in enumerate(("s1", "s2", "s1", "s3")):
        repeats.count([Count(f"{series}/a", place + 1, NOW + EVERY * place)])
    kept = [bool(sum(repeats.counts(one, NOW, NOW + EVERY * 3))) for one in ("s1", "s2", "s3")]
    assert (kept, repeats.dropped) == ([True, False, True], 1)


def test_when_it_fired_is_told():
    repeats, later = heard(), NOW + timedelta(minutes=7)
    repeats.change(change(ChangeKind.OPENED, NOW))
    repeats.change(change(ChangeKind.CLEARED, later, ended_at=later - timedelta(minutes=1)))
    over = Span(SERIES.opened_at, later - timedelta(minutes=1))
    assert repeats.spans(SERIES) == [over, Span(SERIES.opened_at, None)]
