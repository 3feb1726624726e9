"""Alerts whose severity changes while they fire."""

import pytest
from msgspec.structs import replace

from alertmesh.core.alert import Alert, Priority, Sighting
from alertmesh.core.entries import Fired
from alertmesh.core.series import ChangeKind
from alertmesh.dedup.repeats import Admission, RepeatFilter
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.stage import DedupStage
from tests.dedup.fakes import DOOR, OTHER, at, describe, fired, firing, resolved

NAMED = "0bf39cdaf49193f3"


def describe_keyed(door, sighting, now) -> Alert:
    return replace(describe(door, sighting, now), fingerprint=NAMED)


def seen(severity: str, **labels: str) -> Sighting:
    return replace(firing(severity=severity, **labels), identity=NAMED, keyed=True, revision=severity)


@pytest.fixture
def known() -> RepeatFilter:
    filter_ = RepeatFilter(describe_keyed)
    filter_.feed(DOOR, [seen("warning")], at(0))
    return filter_


def news(admission: Admission) -> list[str]:
    return [entry.alert.severity for entry in admission.entries if isinstance(entry, Fired)]


def test_another_severity_is_news_once(known):
    assert news(known.feed(DOOR, [seen("warning"), seen("critical"), seen("critical")], at(1))) == [
        "critical"
    ]
    assert news(known.feed(OTHER, [seen("critical")], at(2))) == []
    assert news(known.feed(DOOR, [seen("warning")], at(3))) == ["warning"]
    assert len(known) == 1


def test_its_episode_goes_on(known):
    [entry] = known.feed(DOOR, [seen("critical")], at(5)).entries
    assert (entry.alert.starts_at, entry.at) == (at(0), at(5))


def test_a_sender_that_does_not_know_it_changes_nothing(known):
    assert news(known.feed(DOOR, [replace(seen("critical"), revision="")], at(1))) == []


def test_what_could_not_be_logged_is_news_again(known):
    known.undo(known.feed(DOOR, [seen("critical")], at(1)))
    assert news(known.feed(DOOR, [seen("critical")], at(2))) == ["critical"]


def test_after_a_restart_the_last_severity_is_known(known):
    [entry] = known.feed(DOOR, [seen("critical")], at(1)).entries
    other = RepeatFilter(describe_keyed)
    other.restore([(entry.alert, None)], [], at(2))
    assert news(other.feed(DOOR, [seen("critical")], at(3))) == []
    assert news(other.feed(DOOR, [seen("warning")], at(3))) == ["warning"]


def test_so_it_is_when_the_log_tells_of_it(known):
    [entry] = known.feed(DOOR, [seen("critical")], at(1)).entries
    other = RepeatFilter(describe_keyed)
    other.restore([(describe_keyed(DOOR, seen("warning"), at(0)), None)], [], at(2))
    other.observe(entry)
    assert news(other.feed(DOOR, [seen("critical")], at(3))) == []


def test_after_an_end_its_severity_is_whatever_is_told(known):
    known.feed(DOOR, [replace(resolved(ends=at(1)), identity=NAMED)], at(1))
    assert news(known.feed(DOOR, [replace(seen("critical"), starts_at=at(2))], at(2))) == ["critical"]


def keyed(minutes: float, severity: str, name: str = NAMED) -> Fired:
    entry = fired(minutes, severity=severity)
    return Fired(replace(entry.alert, fingerprint=name), entry.at)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [("info", "critical", ChangeKind.WORSE), ("critical", "info", ChangeKind.EASED)],
)
def test_a_series_is_as_bad_as_its_only_alert_is_now(before, after, kind):
    stage = DedupStage(DedupSettings())
    stage.feed([keyed(0, before)], at(0))
    [change] = stage.feed([keyed(1, after)], at(1))
    assert (change.kind, change.series.firing, change.series.severity) == (kind, 1, after)
    assert change.fingerprint == ""
    assert [reading.severity for reading in change.series.readings] == [before, after]


def test_a_series_is_as_bad_as_the_worst_of_its_alerts_is_now():
    stage = DedupStage(DedupSettings())
    stage.feed([keyed(0, "info"), keyed(0, "warning", "f" * 16)], at(0))
    [up] = stage.feed([keyed(1, "critical")], at(1))
    [down] = stage.feed([keyed(2, "info")], at(2))
    assert (up.series.priority, down.series.priority) == (Priority.P1, Priority.P3)
    assert down.series.firing == 2
    [nothing] = stage.feed([keyed(3, "warning")], at(3))
    assert nothing.kind is ChangeKind.MARKED


def described_by_another_word(door, sighting, now) -> Alert:
    """Describe an alert whose priority comes from a word of its own, not from its severity."""
    return replace(describe_keyed(door, sighting, now), severity="SEV-1")


def test_repeats_of_a_revised_alert_are_repeats_whatever_word_its_priority_comes_from():
    known = RepeatFilter(described_by_another_word)
    [first] = known.feed(DOOR, [seen("warning")], at(0)).entries
    [revised] = known.feed(DOOR, [seen("critical")], at(1)).entries
    assert known.feed(DOOR, [seen("critical")], at(2)).entries == []
    restarted, follower = RepeatFilter(described_by_another_word), RepeatFilter(described_by_another_word)
    restarted.restore([(revised.alert, None)], [], at(3))
    for entry in (first, revised):
        follower.observe(entry)
    for after in (restarted, follower):
        assert after.feed(DOOR, [seen("critical")], at(4)).entries == []
