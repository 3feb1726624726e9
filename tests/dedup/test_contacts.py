"""Senders that fall silent, and how far their clocks are off."""

from datetime import timedelta

import pytest

from alertmesh.core.alert import Sighting
from alertmesh.core.contact import TEST_DOOR
from alertmesh.core.entries import Ended, Fired, Tick
from alertmesh.core.ports import Door
from alertmesh.dedup.heartbeatsettings import ContactSettings
from alertmesh.dedup.settings import DedupSettings
from tests.dedup.fakes import DOOR, FOREVER, firing, resolved
from tests.dedup.watchroom import Watchroom, notes, own

FOUR_MIN = timedelta(minutes=4)
SECOND = Door("prom-b", "prometheus", timedelta(minutes=5))
ALERTMANAGER = Door("am", "alertmanager", timedelta(hours=24))


def talks(
    watch: Watchroom, first: int, last: int, alerts: int, every: int = 1, door: Door = DOOR, skip: int = 0
) -> None:
    """Have a Prometheus repeat its alerts every minute, each with a lease of four."""
    for minute in range(first, last + 1, every):
        watch.post(minute, *some(watch, minute, alerts, skip), door=door)


def some(watch: Watchroom, minute: int, alerts: int, skip: int = 0) -> list[Sighting]:
    ends = watch.at(minute) + FOUR_MIN
    return [firing("Down", ends=ends, instance=f"h{number}") for number in range(skip, alerts + skip)]


def told(watch: Watchroom) -> list[tuple[str, str]]:
    return [(c.series.labels["instance"], c.kind.value) for c in own(watch.changes)]


def silent_after(watch: Watchroom) -> float | None:
    """Return how many minutes into the story somebody was found silent."""
    return next(((c.at - watch.at(0)) / timedelta(minutes=1) for c in own(watch.changes)), None)


@pytest.fixture
def busy() -> Watchroom:
    """A room where a Prometheus repeated 40 alerts every minute from 0:00 to 0:30."""
    watch = Watchroom()
    talks(watch, 0, 30, 40)
    return watch


def test_a_dead_prometheus_is_lost_and_its_alerts_did_not_heal(busy: Watchroom) -> None:
    busy.wait(60)
    first, *ends = [entry for entry in busy.log[40:] if not isinstance(entry, Tick)]
    assert isinstance(first, Fired)
    assert first.alert.labels == {"alertname": "SourceSilent", "source": "prometheus", "instance": "prom"}
    assert {entry.lost for entry in ends if isinstance(entry, Ended)} == {"prometheus/prom"}
    why = "Source lost: prometheus/prom fell silent; this end does not mean that it healed."
    assert [note for note in notes(busy.changes) if note[0] == "HB-4"] == [("HB-4", why)] * 40


def test_a_dead_prometheus_is_told_once_until_it_is_back(busy: Watchroom) -> None:
    busy.wait(120)
    talks(busy, 121, 130, 40)
    assert told(busy) == [("prom", "opened"), ("prom", "cleared")]


def test_it_is_told_as_soon_as_its_alerts_run_out(busy: Watchroom) -> None:
    busy.wait(60)
    assert silent_after(busy) == pytest.approx(34, abs=0.1)


def test_it_says_since_when_and_how_much_was_open(busy: Watchroom) -> None:
    busy.wait(60)
    [note] = [text for rule, text in notes(busy.changes) if rule == "HB-3"]
    assert "prometheus/prom since 04:30 UTC" in note
    assert note.endswith("40 of its alerts fired then.")


def test_the_other_prometheus_is_not_meant(busy: Watchroom) -> None:
    for minute in range(31, 60):
        talks(busy, minute, minute, 5, door=SECOND, skip=50)
    assert told(busy) == [("prom", "opened")]
    assert all(entry.lost for entry in busy.log if isinstance(entry, Ended))


def test_few_alerts_that_run_out_are_no_sign_but_long_silence_is() -> None:
    watch = Watchroom()
    talks(watch, 0, 30, 2)
    watch.wait(60)
    assert silent_after(watch) == pytest.approx(40, abs=0.1)
    assert [entry.lost for entry in watch.log if isinstance(entry, Ended)] == ["", ""]


def test_a_heartbeat_among_few_is_a_sign() -> None:
    watch = Watchroom()
    for minute in range(31):
        watch.post(minute, firing("Watchdog", ends=watch.at(minute) + FOUR_MIN, severity="info"))
    watch.wait(34.5)
    assert told(watch) == [("prom", "opened")]


def test_alerts_that_run_out_while_their_sender_talks_are_over(busy: Watchroom) -> None:
    talks(busy, 31, 60, 2)
    assert own(busy.changes) == []
    assert {entry.lost for entry in busy.log if isinstance(entry, Ended)} == {""}


def test_a_sender_whose_alerts_were_all_told_to_have_ended_may_be_silent(busy: Watchroom) -> None:
    ends = [resolved("Down", ends=busy.at(31), instance=f"h{number}") for number in range(40)]
    for minute in range(31, 46):
        busy.post(minute, *ends)
    busy.wait(300)
    assert own(busy.changes) == []


def test_a_sender_that_tells_each_event_once_may_be_silent() -> None:
    watch = Watchroom()
    for minute in (0, 1, 3, 4, 9, 11, 30, 31, 33, 50, 60, 61, 64, 90, 99, 100, 120, 121, 122, 140, 141, 150):
        watch.post(minute, firing("Problem", trigger=str(minute)), door=FOREVER)
    watch.wait(1_000)
    assert own(watch.changes) == []


def test_a_regular_sender_with_long_leases_is_missed() -> None:
    watch = Watchroom()
    for minute in range(0, 200, 5):
        watch.post(minute, firing("Down"), door=ALERTMANAGER)
    watch.wait(300)
    usual = watch.contacts.statuses()[0].usual_gap_s
    assert usual is not None
    assert silent_after(watch) == pytest.approx(195 + 3 * usual / 60, abs=0.1)


def test_one_that_came_a_few_times_only_is_not_missed() -> None:
    watch = Watchroom()
    talks(watch, 0, 10, 40)
    watch.wait(60)
    assert own(watch.changes) == []


def test_nobody_is_missed_when_it_was_us_who_were_away(busy: Watchroom) -> None:
    later = busy.restarted(90)
    talks(later, 91, 120, 40)
    assert own(later.changes) == []
    assert [entry for entry in later.log if isinstance(entry, Ended)] == []


def test_one_that_died_while_we_were_away_is_missed(busy: Watchroom) -> None:
    later = busy.restarted(90)
    later.wait(99)
    assert told(later) == []
    later.wait(100.1)
    assert told(later) == [("prom", "opened")]


def test_one_that_is_missing_is_so_after_a_restart_and_told_once(busy: Watchroom) -> None:
    busy.wait(60)
    later = busy.restarted(90)
    later.wait(120)
    talks(later, 121, 125, 40)
    assert told(later) == [("prom", "cleared")]


def test_a_machine_that_stood_still_misses_nobody(busy: Watchroom) -> None:
    busy.sleep(90)
    busy.wait(90.1)
    assert own(busy.changes) == []


def test_it_can_be_switched_off() -> None:
    watch = Watchroom(DedupSettings(contacts=ContactSettings(enabled=False)))
    talks(watch, 0, 30, 40)
    watch.wait(120)
    assert own(watch.changes) == []


@pytest.mark.parametrize("skew_s", [0, 90, -600], ids=["right", "behind", "ahead"])
def test_how_far_a_clock_is_off_is_estimated(skew_s: float) -> None:
    watch = Watchroom()
    for minute in range(20):
        starts = watch.at(minute) - timedelta(seconds=skew_s + minute % 3)
        watch.post(minute, firing(starts=starts, instance=f"h{minute}"))
    watch.post(21, firing(starts=watch.at(-3_000), instance="old"))
    [status] = watch.contacts.statuses()
    assert status.skew_s == pytest.approx(skew_s + 1, abs=1)


def test_what_came_is_counted() -> None:
    watch = Watchroom()
    talks(watch, 0, 3, 5)
    [status] = watch.contacts.statuses()
    assert (status.requests, status.alerts, status.last_seen) == (4, 20, watch.at(3))
    assert (status.usual_gap_s, status.skew_s, status.silent_since) == (None, 0.0, None)
    assert (status.requests_per_minute, status.alerts_per_minute) == (0.8, 4.0)


def test_what_is_refused_is_counted() -> None:
    watch = Watchroom()
    watch.post(1, firing(), firing("bad"))
    watch.contacts.misheard(DOOR, watch.at(2), "body: is no JSON")
    [status] = watch.contacts.statuses()
    assert (status.alerts, status.rejected, status.unreadable) == (2, 1, 1)
    assert status.last_seen == watch.at(1)
    assert [(one.whole, one.at) for one in status.refusals] == [(True, watch.at(2)), (False, watch.at(1))]
    assert status.refusals[0].why == "body: is no JSON"


def test_of_refusals_the_last_few_are_told() -> None:
    watch = Watchroom()
    watch.post(1, firing("bad"))
    for second in range(2, 99):
        watch.contacts.misheard(DOOR, watch.at(second), "x" * 9_999)
    [status] = watch.contacts.statuses()
    assert (len(status.refusals), status.refusals[0].at, status.unreadable) == (8, watch.at(98), 97)
    assert all(len(one.why) <= 300 for one in status.refusals)


def test_a_test_is_no_sender() -> None:
    watch = Watchroom()
    watch.post(1, firing(), door=Door(TEST_DOOR, "prometheus", timedelta(minutes=1)))
    assert watch.contacts.statuses() == []


def test_it_is_written_once_a_minute_at_most(busy: Watchroom) -> None:
    busy.contacts.rows(busy.at(31))
    assert [len(busy.contacts.rows(busy.at(31.5))), len(busy.contacts.rows(busy.at(32.1)))] == [0, 0]
    talks(busy, 33, 33, 40)
    assert len(busy.contacts.rows(busy.at(34))) == 1
