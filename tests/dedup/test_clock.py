"""When the clock is set, what the rules know of the last hours stays as long ago as it was."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.core.entries import Ended, Fired, Tick
from alertmesh.dedup.heartbeatsettings import WATCHDOG, HeartbeatSettings
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.stage import DedupStage
from alertmesh.dedup.stormsettings import StormSettings
from tests.dedup.fakes import T0, ended, fired

NONE = timedelta()
HOUR = timedelta(hours=1)
both_ways = pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["forward", "back"])


class Day:
    """A stage that ticks whenever it is due; `told` has what it said, after how much time."""

    def __init__(self, chosen: DedupSettings) -> None:
        self.stage = DedupStage(chosen)
        self.told: list[tuple[timedelta, str, str, tuple[str, ...]]] = []
        self.shift = NONE

    def until(self, minute: float) -> None:
        end = T0 + timedelta(minutes=minute) + self.shift
        while (due := self.stage.deadline()) is not None and due <= end:
            self._feed(Tick(due))
        self._feed(Tick(end))

    def take(self, minute: float, entry: Fired | Ended) -> None:
        self.until(minute)
        moment = T0 + timedelta(minutes=minute) + self.shift
        if isinstance(entry, Fired):
            self._feed(Fired(replace(entry.alert, starts_at=moment), moment))
        else:
            self._feed(Ended(entry.fingerprint, moment, moment))

    def jump(self, by: timedelta) -> None:
        self.stage.jump(by)
        self.shift += by

    @property
    def storms(self) -> int:
        return len(self.stage.storms())

    def _feed(self, entry: Fired | Ended | Tick) -> None:
        for change in self.stage.feed((entry,), entry.at):
            passed = change.at - T0 - self.shift
            self.told.append((passed, change.kind, change.series.name, change.series.marks))


def flapping(by: timedelta, jump_at: int, turns: list[int]) -> Day:
    day, minute = Day(DedupSettings()), 0
    for number, wait in enumerate(turns):
        minute += wait
        day.take(minute, ended(0) if number % 2 else fired(0))
        if number == jump_at:
            day.jump(by)
    day.until(minute + 120)
    return day


@both_ways
@settings(max_examples=30, deadline=None)
@given(jump_at=st.integers(1, 9), turns=st.lists(st.integers(1, 5), min_size=10, max_size=16))
def test_a_series_flaps_and_is_stable_again_as_it_would_have(by, jump_at, turns):
    assert flapping(by, jump_at, turns).told == flapping(NONE, jump_at, turns).told


def test_there_is_flapping_to_be_disturbed():
    assert any("flapping" in marks for *_, marks in flapping(NONE, 1, [1] * 12).told)


def always_on(by: timedelta) -> Day:
    """Let an alert fire for an hour, then the clock be set; others came and went before."""
    day = Day(DedupSettings())
    day.take(0, fired(0))
    for number in range(6):
        day.take(5 + 5 * number, ended(0, instance="b") if number % 2 else fired(0, instance="b"))
    day.until(60)
    day.jump(by)
    day.until(3 * 24 * 60)
    return day


@pytest.mark.parametrize("by", [HOUR, -HOUR, 400 * 24 * HOUR, -400 * 24 * HOUR])
def test_a_series_is_always_on_after_as_much_time_as_it_would_have_been(by):
    [*_, (passed, *_, marks)] = always_on(by).told
    assert (passed, marks) == (24 * HOUR, ("chronic",))
    assert always_on(by).told == always_on(NONE).told


def quiet_then(count: int, by: timedelta) -> Day:
    """Let an alert come every minute for three hours, then the clock be set, then `count` of them at once."""
    day = Day(DedupSettings(storm=StormSettings()))
    for number in range(180):
        day.take(number, fired(number, alertname=f"Disk{number}"))
    day.jump(by)
    for number in range(count):
        day.take(181 + number / 60, fired(0, alertname=f"Burst{number}"))
    return day


@both_ways
def test_a_jump_is_no_storm_and_hides_none(by):
    day = quiet_then(0, by)
    for number in range(60):
        day.take(181 + number, fired(0, alertname=f"Later{number}"))
    assert day.storms == 0
    assert quiet_then(200, by).storms == quiet_then(200, NONE).storms > 0


@both_ways
def test_a_heartbeat_that_is_late_is_missed_within_its_time_and_not_at_once(by):
    day = Day(DedupSettings(heartbeat=HeartbeatSettings(expected=(WATCHDOG,))))
    day.take(0, fired(0, alertname="Watchdog"))
    day.take(10, ended(0, alertname="Watchdog"))
    day.jump(by)
    day.until(11)
    missed = [name for _, _, name, _ in day.told if name == "HeartbeatMissing"]
    assert missed == []
    day.until(12.1 + (WATCHDOG.every + WATCHDOG.grace) / timedelta(minutes=1))
    assert [name for _, _, name, _ in day.told][-1] == "HeartbeatMissing"
