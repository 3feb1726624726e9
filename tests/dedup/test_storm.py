"""A storm is seen at once, and an ordinary day is none."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import pi, sin
from random import Random

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.config import default_rules_dir
from alertmesh.config.deduprules import StormEntry
from alertmesh.core.alert import Entity, Priority
from alertmesh.core.series import Change, ChangeKind, Series
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.storm import StormRule
from alertmesh.dedup.stormsettings import StormSettings

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = 3_600.0
KNOWN = 2 * HOUR  # enough to know what is usual


def opened(second: float, source: str = "prometheus", **changed: object) -> Change:
    at = START + timedelta(seconds=second)
    values = {"opened_at": at, **changed}
    series = Series(
        id=f"{source}{second}",
        name="Disk",
        labels={},
        entity=Entity("host", "a"),
        source=source,
        priority=Priority.P3,
        firing=1,
        first_seen_at=at,
        changed_at=at,
        **values,  # type: ignore[arg-type]
    )
    return Change(kind=ChangeKind.OPENED, series=series, fingerprint="", at=at)


class Sky:
    """A rule, and when it said that storms begin and end, in seconds."""

    def __init__(self, **changed: object) -> None:
        self.rule = StormRule(DedupSettings(storm=StormSettings(**changed)))  # type: ignore[arg-type]
        self.log: list[tuple[float, tuple[str, ...]]] = []

    def sources(self) -> tuple[str, ...]:
        return tuple(storm.source for storm in self.rule.storms())

    def pass_to(self, second: float) -> None:
        now = START + timedelta(seconds=second)
        while (due := self.rule.deadline()) is not None and due <= now:
            self.rule.tick(due)
            self._note((due - START).total_seconds())

    def tell(self, change: Change) -> list[str]:
        second = (change.at - START).total_seconds()
        self.pass_to(second)
        verdict = self.rule.observe(change)
        self._note(second)
        return [note.text for note in verdict.notes] if verdict is not None else []

    def steady(self, start: float, end: float, gap: float, source: str = "prometheus") -> None:
        second = start
        while second < end:
            self.tell(opened(second, source))
            second += gap

    def _note(self, second: float) -> None:
        if not self.log or self.log[-1][1] != self.sources():
            self.log.append((second, self.sources()))

    def storms(self) -> list[float]:
        return [second for second, sources in self.log if sources]


def poisson(chance: Random, start: float, end: float, rate: float, swing: float = 0.0) -> Iterator[float]:
    """Moments of a Poisson stream; with a swing of 0.5 its rate is three times as high by day as by night."""
    second = start
    while True:
        second += chance.expovariate(rate * (1 + swing))
        if second >= end:
            return
        if chance.random() * (1 + swing) < 1 + swing * sin(2 * pi * second / (24 * HOUR)):
            yield second


def ordinary() -> Sky:
    """Two hours of three alerts a minute."""
    sky = Sky()
    sky.steady(0, KNOWN, 20)
    return sky


def test_a_storm_is_told_with_its_numbers() -> None:
    sky = ordinary()
    sky.steady(KNOWN, KNOWN + 60, 0.25)
    assert sky.tell(opened(KNOWN + 60)) == [
        "opened in a storm of prometheus: 201 alerts in a minute, usually 3",
    ]


def test_a_storm_is_shown_for_its_source_and_for_all() -> None:
    sky = ordinary()
    sky.steady(KNOWN, KNOWN + 60, 0.25)
    [overall, source] = sky.rule.storms()
    assert (overall.source, source.source, source.per_minute) == ("", "prometheus", 240)
    assert round(source.usual_per_minute, 1) == 3.0


def test_only_the_first_change_of_a_series_says_so() -> None:
    sky = ordinary()
    sky.steady(KNOWN, KNOWN + 60, 0.25)
    assert sky.tell(opened(KNOWN + 60, episodes=2)) == []


def test_one_cause_with_some_alerts_is_no_storm() -> None:
    sky = ordinary()
    sky.steady(KNOWN, KNOWN + 12, 1)
    assert sky.storms() == []


def test_a_storm_of_one_source_is_none_of_another() -> None:
    sky = ordinary()
    sky.steady(0, KNOWN, 20, "zabbix")
    sky.steady(KNOWN, KNOWN + 60, 0.25)
    assert "zabbix" not in sky.sources()


@pytest.mark.parametrize("source", ["prometheus", "zabbix"])
def test_the_first_minutes_are_no_storm(source: str) -> None:
    sky = Sky()
    sky.steady(0, 14 * 60, 0.5, source)
    assert sky.storms() == []


def test_a_busy_source_is_not_stormy_once_it_is_known() -> None:
    sky = Sky()
    sky.steady(0, 3 * HOUR, 0.5)
    assert sky.storms() == []


def test_all_that_fires_sent_at_the_start_does_not_spoil_what_is_usual() -> None:
    sky = Sky()
    sky.steady(0, 60, 0.05)
    sky.steady(60, KNOWN, 20)
    sky.steady(KNOWN, KNOWN + 30, 0.25)
    assert sky.storms() != []


def test_old_news_is_no_storm() -> None:
    sky = ordinary()
    for number in range(500):
        sky.tell(opened(KNOWN + number / 10, opened_at=START + timedelta(seconds=KNOWN - HOUR)))
    assert sky.storms() == []


def test_what_comes_after_our_own_downtime_is_no_storm() -> None:
    sky = ordinary()
    sky.steady(KNOWN + HOUR, KNOWN + HOUR + 60, 0.25)
    assert sky.storms() == []


def test_what_lasts_becomes_usual() -> None:
    sky = ordinary()
    sky.steady(KNOWN, KNOWN + 5 * HOUR, 0.5)
    begun, over = sky.storms()[0], sky.log[-1]
    assert (over[1], over[0] - begun <= HOUR + 10) == ((), True)


def test_it_can_be_switched_off() -> None:
    sky = Sky(enabled=False)
    sky.steady(0, KNOWN, 20)
    sky.steady(KNOWN, KNOWN + 60, 0.1)
    assert sky.storms() == []


def test_sources_are_bounded_and_all_together_still_counted() -> None:
    sky = Sky(max_sources=1)
    for number in range(10):
        sky.tell(opened(number, f"s{number}"))
    assert (sorted(sky.rule.rates), sky.rule.dropped) == (["", "s0"], 9)


def test_the_shipped_settings_are_the_defaults() -> None:
    shipped = yaml.safe_load((default_rules_dir() / "dedup" / "storm.yaml").read_text(encoding="utf-8"))
    entry = StormEntry.model_validate(shipped["storm"])
    assert msgspec.convert(entry.model_dump(), StormSettings) == StormSettings()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32), st.floats(0.5, 8))
def test_an_ordinary_day_has_no_storm(seed: int, per_minute: float) -> None:
    sky = Sky()
    for second in poisson(Random(seed), 0, 24 * HOUR, per_minute / 60, swing=0.5):
        sky.tell(opened(second))
    assert sky.storms() == []


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.floats(8, 60))
def test_ten_times_as_many_are_seen_within_half_a_minute(seed: int, per_minute: float) -> None:
    sky, chance, rate = Sky(), Random(seed), per_minute / 60
    for second in poisson(chance, 0, KNOWN, rate):
        sky.tell(opened(second))
    for second in poisson(chance, KNOWN, KNOWN + 120, 10 * rate):
        sky.tell(opened(second))
    for second in poisson(chance, KNOWN + 120, KNOWN + HOUR, rate):
        sky.tell(opened(second))
    began = sky.storms()[0]
    over = next(second for second, sources in sky.log if second > began and not sources)
    assert began - KNOWN <= 30
    assert over - (KNOWN + 120) <= 6 * 60


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 400))
def test_a_restart_is_not_noticed(seed: int, cut: int) -> None:
    one, other, chance = Sky(), Sky(), Random(seed)
    seconds = [*poisson(chance, 0, 2_000, 0.1), *poisson(chance, 2_000, 2_200, 3)]
    for number, second in enumerate(seconds):
        one.tell(opened(second))
        other.tell(opened(second))
        if number == cut:
            fresh = StormRule(DedupSettings())
            rows = [(str(row.key), row.body) for row in other.rule.rates.drain()]
            fresh.rates.restore((key, body) for key, body in rows if body is not None)
            fresh.restored()
            other.rule = fresh
    assert (one.log, one.rule.storms()) == (other.log, other.rule.storms())
