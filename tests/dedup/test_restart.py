"""A restart in the middle of a story is not noticed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.alert import Sighting
from alertmesh.core.entries import Ended, Fired, LogEntry
from alertmesh.core.ports import Count
from alertmesh.core.records import Row
from alertmesh.core.series import Change
from alertmesh.dedup.repeats import RepeatFilter
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.stage import DedupStage
from tests.dedup.fakes import DOOR, FOREVER, T0, at, describe, fired, firing, resolved

SEVERITIES = st.sampled_from(["critical", "warning"])
FIRING = st.builds(
    lambda name, severity: firing(name, starts=None, severity=severity), st.sampled_from("AB"), SEVERITIES
)
RESOLVED = st.builds(
    lambda name, severity: resolved(name, severity=severity), st.sampled_from("AB"), SEVERITIES
)
STORY = st.lists(FIRING | RESOLVED, max_size=12)


class Door:
    """The filter and the stage behind it, with what they wrote to disk."""

    def __init__(self) -> None:
        self.filter = RepeatFilter(describe)
        self.stage = DedupStage(DedupSettings())
        self.disk: dict[tuple[str, str | int], Row] = {}

    def tell(self, minute: float, sighting: Sighting) -> list[Change]:
        entries = self.filter.feed(FOREVER, [sighting], at(minute)).entries
        changes = self.stage.feed([e for e in entries if isinstance(e, Fired | Ended)], at(minute))
        for table in self.stage.tables:
            self.disk.update({(row.table, row.key): row for row in table.drain()})
        return changes

    def restarted(self, minute: float) -> "Door":
        fresh = Door()
        fresh.disk = self.disk
        for table in fresh.stage.tables:
            rows = [(str(k), row.body) for (name, k), row in self.disk.items() if name == table.table]
            table.restore((key, body) for key, body in rows if body is not None)
        fresh.stage.restored()
        fresh.filter.restore(fresh.stage.alerts(), [], at(minute))
        return fresh


@given(STORY, STORY)
def test_the_story_goes_on_as_if_nothing_happened(before: list[Sighting], after: list[Sighting]) -> None:
    door = Door()
    for minute, sighting in enumerate(before):
        door.tell(minute, sighting)
    fresh = door.restarted(20)
    for minute, sighting in enumerate(after):
        assert fresh.tell(21 + minute, sighting) == door.tell(21 + minute, sighting)
    assert fresh.filter.open_count == door.filter.open_count


def known_after(downtime: float) -> RepeatFilter:
    """A filter restored after a time in which an alert with a lease of 5 minutes was known."""
    [entry] = RepeatFilter(describe).feed(DOOR, [firing()], T0).entries
    assert isinstance(entry, Fired)
    known = RepeatFilter(describe)
    known.restore([(entry.alert, None)], [Count(entry.alert.fingerprint, 7, T0)], at(downtime))
    return known


def test_every_lease_gets_a_full_period_of_grace() -> None:
    known = known_after(60)
    assert known.expire(at(64.9)).entries == []
    assert len(known.expire(at(65)).entries) == 1


def test_counters_go_on() -> None:
    known = known_after(60)
    known.feed(DOOR, [firing()], at(61))
    assert [count.repeats for count in known.drain_counts()] == [8]


def test_counters_of_an_episode_before_do_not() -> None:
    known, entry = RepeatFilter(describe), fired(10)
    known.restore([(entry.alert, None)], [Count(entry.alert.fingerprint, 7, at(9))], at(11))
    known.feed(DOOR, [firing()], at(12))
    assert known.drain_counts() == [Count(entry.alert.fingerprint, 1, at(12))]


def test_counters_of_what_is_forgotten_or_over_become_zero() -> None:
    known, entry = RepeatFilter(describe), fired(10)
    forgotten = Count("f" * 16, 9, at(9))
    known.restore([(entry.alert, None)], [Count(entry.alert.fingerprint, 7, at(9)), forgotten], at(11))
    zeros = known.drain_counts()
    assert [(count.fingerprint, count.repeats) for count in zeros] == [
        (entry.alert.fingerprint, 0),
        (forgotten.fingerprint, 0),
    ]


FAR = datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("ends", [FAR, FAR - timedelta(days=1), FAR - timedelta(seconds=1)])
def test_an_end_as_good_as_never_survives_a_restart_and_a_jump(ends: datetime) -> None:
    before = RepeatFilter(describe)
    [entry] = before.feed(DOOR, [firing(ends=ends)], at(0)).entries
    assert isinstance(entry, Fired)
    after = RepeatFilter(describe)
    after.restore([(entry.alert, None)], [], at(1))
    after.jump(timedelta(days=9), [(entry.alert, None)], at(2) + timedelta(days=9))
    assert after.expire(at(3) + timedelta(days=900)).entries == []


def test_the_tail_of_the_log_is_followed() -> None:
    known = known_after(60)
    [other] = RepeatFilter(describe).feed(DOOR, [firing("Other")], at(1)).entries
    assert isinstance(other, Fired)
    end: LogEntry = Ended(other.alert.fingerprint, at(2), at(2))
    known.observe(other)
    assert (known.open_count, known.next_expiry()) == (2, at(65))
    known.observe(end)
    assert (known.open_count, len(known)) == (1, 2)


def test_an_end_by_lease_is_still_one_after_a_restart() -> None:
    before, stage = RepeatFilter(describe), DedupStage(DedupSettings())
    entries = [*before.feed(DOOR, [firing()], T0).entries, *before.expire(at(5)).entries]
    stage.feed([e for e in entries if isinstance(e, Fired | Ended)], at(5))
    known = RepeatFilter(describe)
    known.restore(stage.alerts(), [], at(5.1))
    assert len(known.feed(DOOR, [firing()], at(5.2)).entries) == 1
