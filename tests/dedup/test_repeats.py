"""The filter at the door: what is news, what is a repeat, what comes too late."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from alertmesh.core.alert import Sighting
from alertmesh.core.entries import Ended, Fired
from alertmesh.core.labels import fingerprint
from alertmesh.core.ports import Count, Door
from alertmesh.dedup.repeats import Admission, RepeatFilter
from tests.dedup.fakes import DOOR, FOREVER, OTHER, T0, at, describe, firing, resolved


def told(known: RepeatFilter, minutes: float, *sightings: Sighting, door: Door = DOOR) -> Admission:
    return known.feed(door, sightings, at(minutes))


@pytest.fixture
def known() -> RepeatFilter:
    """A filter that knows one alert, firing since 0:00."""
    filter_ = RepeatFilter(describe)
    told(filter_, 0, firing())
    return filter_


def test_the_first_sighting_is_news() -> None:
    [entry] = told(RepeatFilter(describe), 0, firing()).entries
    assert isinstance(entry, Fired)
    assert (entry.alert.name, entry.at) == ("Disk", T0)


def test_a_repeat_is_no_news(known: RepeatFilter) -> None:
    admission = told(known, 1, firing(), firing())
    assert (admission.entries, admission.repeats) == ([], 2)


def test_another_start_while_it_fires_is_a_repeat(known: RepeatFilter) -> None:
    assert told(known, 1, firing(starts=at(0.9))).repeats == 1


def test_a_repeat_is_never_described() -> None:
    calls: list[str] = []

    def counted(door: Door, sighting: Sighting, now: object) -> object:
        calls.append(door.name)
        return describe(door, sighting, T0)

    known = RepeatFilter(counted)  # type: ignore[arg-type]
    for minute in range(3):
        told(known, minute, firing())
    assert calls == ["prom"]


def test_the_same_alert_by_another_door_is_a_repeat(known: RepeatFilter) -> None:
    by_other_key = replace(firing(), identity=12345)
    admission = told(known, 1, by_other_key, door=OTHER)
    assert (admission.entries, admission.repeats, len(known)) == ([], 1, 1)


def test_an_end_by_the_other_door_ends_it(known: RepeatFilter) -> None:
    [entry] = told(known, 2, resolved(ends=at(1.5)), door=OTHER).entries
    assert isinstance(entry, Ended)
    assert (entry.ended_at, entry.expired) == (at(1.5), False)


def test_default_labels_of_a_door_make_another_instance(known: RepeatFilter) -> None:
    door = Door("b", "prometheus", timedelta(minutes=5), {"cluster": "b"})
    assert len(told(known, 1, firing(), door=door).entries) == 1


def test_keys_are_forgotten_when_a_door_is_defined_anew(known: RepeatFilter) -> None:
    changed = Door("prom", "prometheus", timedelta(minutes=5), {"cluster": "b"})
    assert len(told(known, 1, firing(), door=changed).entries) == 1


def test_ends_told_again_are_repeats(known: RepeatFilter) -> None:
    again = told(known, 2, resolved(ends=at(1)), resolved(ends=at(1)), resolved(ends=at(1)))
    assert (len(again.entries), again.repeats) == (1, 2)


def test_an_end_of_an_earlier_episode_is_stale() -> None:
    known = RepeatFilter(describe)
    told(known, 9, firing(starts=at(9)))
    late = told(known, 10, resolved(ends=at(5)))
    assert (late.entries, late.stale) == ([], 1)


def test_the_end_told_before_does_not_end_the_next_episode(known: RepeatFilter) -> None:
    told(known, 2, resolved(ends=at(1)))
    told(known, 3, firing())
    assert told(known, 4, resolved(ends=at(1))).stale == 1


def test_an_end_in_the_future_is_taken_as_now(known: RepeatFilter) -> None:
    [entry] = told(known, 2, resolved(ends=at(60))).entries
    assert isinstance(entry, Ended)
    assert entry.ended_at == at(2)


@pytest.mark.parametrize(
    ("minute", "starts", "news"),
    [
        pytest.param(2.2, T0, 0, id="same episode within the window"),
        pytest.param(2.6, T0, 1, id="same episode after the window"),
        pytest.param(2.2, at(2.1), 1, id="a later start within the window"),
        pytest.param(2.2, None, 1, id="no start given"),
    ],
)
def test_a_firing_that_its_end_overtook(known: RepeatFilter, minute: float, starts: None, news: int) -> None:
    told(known, 2, resolved(ends=at(1.9)))
    admission = told(known, minute, firing(starts=starts))
    assert (len(admission.entries), admission.stale) == (news, 1 - news)


def test_an_end_by_lease_never_makes_a_firing_stale(known: RepeatFilter) -> None:
    known.expire(at(5))
    assert len(told(known, 5.1, firing()).entries) == 1


def test_an_end_before_its_own_firing() -> None:
    known = RepeatFilter(describe)
    first = told(known, 1, resolved(ends=at(0.9)))
    late = told(known, 1.2, firing())
    assert (first.entries, first.stale, late.entries, late.stale) == ([], 1, [], 1)


def test_a_bad_alert_is_refused_alone(known: RepeatFilter) -> None:
    admission = told(known, 1, firing("New"), firing("bad"), firing())
    assert admission.refused == [(1, "no such alert")]
    assert (len(admission.entries), admission.repeats) == (1, 1)


def test_a_lease_given_by_the_sender_is_kept() -> None:
    known = RepeatFilter(describe)
    [entry] = told(known, 0, firing(ends=at(4))).entries
    assert isinstance(entry, Fired)
    assert (entry.alert.expires_at, known.next_expiry()) == (at(4), at(4))


def test_a_lease_that_ends_in_the_past_is_the_doors() -> None:
    known = RepeatFilter(describe)
    told(known, 10, firing(ends=at(4)))
    assert known.next_expiry() == at(15)


def test_a_repeat_extends_the_lease(known: RepeatFilter) -> None:
    told(known, 3, firing())
    assert known.expire(at(7.9)).entries == []
    [entry] = known.expire(at(8)).entries
    assert isinstance(entry, Ended)
    assert (entry.ended_at, entry.expired) == (at(8), True)


def test_a_repeat_never_shortens_the_lease(known: RepeatFilter) -> None:
    told(known, 1, firing(ends=at(2)))
    assert known.next_expiry() == at(5)


def test_the_next_episode_may_have_a_shorter_lease() -> None:
    known = RepeatFilter(describe)
    told(known, 0, firing(ends=at(30)))
    told(known, 1, resolved(ends=at(1)))
    told(known, 2, firing(starts=at(2), ends=at(6)))
    assert known.next_expiry() == at(6)


def test_a_door_without_lease_waits_for_the_end() -> None:
    known = RepeatFilter(describe)
    [entry] = told(known, 0, firing(), door=FOREVER).entries
    assert isinstance(entry, Fired)
    assert (entry.alert.expires_at, known.next_expiry()) == (None, None)


def test_counters_are_drained_once(known: RepeatFilter) -> None:
    admission = told(known, 1, firing(), firing(), firing("Other"))
    assert known.drain_counts() == [Count(fingerprint({"alertname": "Disk"}), 2, at(1))]
    assert (known.drain_counts(), len(admission.entries)) == ([], 1)


def test_counters_begin_anew_with_each_episode(known: RepeatFilter) -> None:
    told(known, 1, firing(), firing())
    told(known, 2, resolved(ends=at(2)))
    told(known, 3, firing(starts=at(3)), firing(starts=at(3)))
    assert [count.repeats for count in known.drain_counts()] == [1]


def test_a_counter_is_zero_when_an_episode_begins_and_when_its_instance_is_forgotten(
    known: RepeatFilter,
) -> None:
    name = fingerprint({"alertname": "Disk"})
    told(known, 1, firing())
    told(known, 2, resolved(ends=at(2)))
    assert known.drain_counts() == [Count(name, 1, at(1))]
    told(known, 3, firing(starts=at(3)))
    assert known.drain_counts() == [Count(name, 0, at(3))]
    told(known, 4, firing(starts=at(3)), resolved(ends=at(4)))
    known.forget(at(34))
    assert known.drain_counts() == [Count(name, 0, at(4))]


def test_ended_instances_are_forgotten(known: RepeatFilter) -> None:
    told(known, 1, resolved(ends=at(1)))
    known.expire(at(30.9))
    assert (len(known), known.open_count) == (1, 0)
    known.expire(at(31))
    assert len(known) == 0


def test_new_alerts_pass_when_full() -> None:
    known = RepeatFilter(describe, max_instances=3)
    names = [f"A{number}" for number in range(5)]
    told(known, 0, *(firing(name) for name in names[:3]))
    told(known, 1, resolved("A0", ends=at(1)), resolved("A1", ends=at(1)))
    admission = told(known, 2, *(firing(name) for name in names[3:]))
    assert (len(admission.entries), len(known), known.open_count, known.dropped) == (2, 3, 3, 2)


def test_firing_instances_are_never_forgotten() -> None:
    known = RepeatFilter(describe, max_instances=1)
    told(known, 0, firing("A"), firing("B"))
    assert (known.open_count, told(known, 1, firing("A"), firing("B")).repeats) == (2, 2)
