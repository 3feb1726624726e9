"""Which series flap, and when they stop."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.core.entries import Ended, Fired, Tick
from alertmesh.core.records import Row
from alertmesh.core.series import Change, Mark
from alertmesh.dedup.flap import FlapRule
from alertmesh.dedup.flapsettings import FlapException, FlapSettings, FlapWindow
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.stage import DedupStage
from tests.dedup.fakes import at, ended, fired

Entry = Fired | Ended | Tick
OFF = FlapSettings(enabled=False)


def alone(chosen: DedupSettings) -> DedupStage:
    """Return a stage with no rule but this one."""
    stage = DedupStage(chosen)
    stage.rules = (FlapRule(chosen),)
    return stage


class Story:
    """A stage whose clock ticks whenever it is due, and every change that it told of."""

    def __init__(self, flap: FlapSettings | None = None) -> None:
        self.stage = alone(DedupSettings(flap=flap or FlapSettings()))
        self.told: list[Change] = []

    def until(self, minutes: float) -> "Story":
        """Let time pass."""
        while (due := self.stage.deadline()) is not None and due <= at(minutes):
            self._feed(Tick(due))
        return self

    def turn(self, *minutes: float, **labels: str) -> "Story":
        """Let it fire and clear in turns at these times, beginning with a firing."""
        for number, minute in enumerate(minutes):
            self.until(minute)
            self._feed(ended(minute, **labels) if number % 2 else fired(minute, **labels))
        return self

    def _feed(self, entry: Entry) -> None:
        self.told += self.stage.feed((entry,), entry.at)

    def notes(self) -> list[tuple[float, str]]:
        """Return what was noted, by minute and rule."""
        return [
            ((c.at - at(0)).total_seconds() / 60, note.rule)
            for c in self.told
            for note in c.notes
            if note.rule.startswith("FLAP")
        ]

    def texts(self) -> list[str]:
        return [note.text for change in self.told for note in change.notes if note.rule.startswith("FLAP")]

    @property
    def flaps(self) -> bool:
        return any(Mark.FLAPPING in series.marks for series in self.stage.series.values())

    @property
    def rule(self) -> FlapRule:
        return next(rule for rule in self.stage.rules if isinstance(rule, FlapRule))

    def holds(self) -> list[datetime | None]:
        """Return until when each change wished to wait."""
        return [change.hold_until for change in self.told]


def every(on: float, off: float, times: int) -> list[float]:
    """Return the changes of `times` episodes of equal length."""
    return list(accumulate([0.0, *([on, off] * times)][: 2 * times]))


@pytest.mark.parametrize(
    ("minutes", "entered"),
    [
        pytest.param([0, 2], [], id="one episode"),
        pytest.param([0, 2, 5, 7], [], id="two episodes"),
        pytest.param([0, 2, 5, 7, 10], [(10, "FLAP-1")], id="the third in 10 min"),
        pytest.param([0, 9, 18, 27, 36], [], id="five changes in 36 min"),
        pytest.param(every(10, 20, 5), [(100, "FLAP-1")], id="slow, for hours"),
        pytest.param(every(2, 50, 8), [], id="hourly is a habit, no flapping"),
    ],
)
def test_when_it_begins(minutes: list[float], entered: list[tuple[float, str]]) -> None:
    assert Story().turn(*minutes).notes() == entered


def test_it_is_told_once_at_entry_and_once_at_exit() -> None:
    story = Story().turn(*every(2, 3, 20)).until(200)
    assert story.notes() == [(10, "FLAP-1"), (112, "FLAP-2")]


def test_every_change_is_passed_on() -> None:
    story = Story().turn(*every(2, 3, 20))
    assert [change.kind.value for change in story.told] == ["opened", "cleared"] * 20


def test_the_notes_give_numbers() -> None:
    texts = Story().turn(*every(2, 3, 4)).until(60).texts()
    assert texts[0].startswith("flapping: changed 5 times in 10 min")
    assert "clear since 04:17 UTC, for 15 min; it flapped for 7 min with 8 changes" in texts[1]


def test_the_mark_stays_while_it_is_clear_for_a_moment() -> None:
    story = Story().turn(*every(2, 3, 6))
    assert (story.told[-1].kind.value, story.flaps) == ("cleared", True)


def test_a_slow_one_may_pause_as_long_as_it_uses_to() -> None:
    story = Story().turn(*every(5, 18, 8))
    assert story.flaps
    assert [rule for _, rule in story.notes()] == ["FLAP-1"]


def test_a_flapper_that_stays_on_is_released_soon() -> None:
    story = Story().turn(*every(2, 3, 8), 40).until(60)
    assert story.notes()[-1] == (46, "FLAP-3")
    assert "now stays firing: since 04:40 UTC, for 6 min, where 2 min was usual" in story.texts()[-1]


def test_seconds_long_flaps_still_have_two_minutes() -> None:
    story = Story().turn(*every(0.1, 0.1, 8), 2).until(60)
    assert story.notes()[-1] == (4, "FLAP-3")


def test_without_a_habit_an_outage_takes_the_stable_time() -> None:
    assert Story().turn(*every(2, 3, 2), 10).until(60).notes() == [(10, "FLAP-1"), (25, "FLAP-3")]


def test_no_flapper_fires_longer_than_the_most() -> None:
    story = Story().turn(*every(25, 5, 8), 240).until(300)
    assert story.notes()[-1] == (270, "FLAP-3")


def test_it_may_flap_again_two_changes_after_the_end_of_an_outage() -> None:
    story = Story().turn(*every(2, 3, 8), 40, 60, 61, 62)
    assert story.notes()[-2:] == [(46, "FLAP-3"), (62, "FLAP-1")]


def test_the_end_of_an_outage_is_told() -> None:
    story = Story().turn(*every(2, 3, 8), 40, 60)
    assert (story.told[-1].kind.value, story.flaps) == ("cleared", False)


def test_it_stops_when_it_changes_seldom() -> None:
    window = FlapWindow(length=timedelta(minutes=10), high=5, low=3)
    story = Story(FlapSettings(windows=(window,))).turn(0, 1, 2, 3, 4, 13, 23)
    assert story.notes() == [(4, "FLAP-1"), (13, "FLAP-4")]


def test_instances_of_one_series_are_not_counted() -> None:
    stage = alone(DedupSettings())
    for minute in range(10):
        stage.feed((fired(minute, replica=str(minute)),), at(minute))
    assert not any(series.marks for series in stage.series.values())


@pytest.mark.parametrize(
    ("rule", "entered"),
    [
        pytest.param(FlapException(matchers='alertname="Disk"', enabled=False), [], id="off"),
        pytest.param(FlapException(matchers='alertname="Disk"', min_changes=8), [(17, "FLAP-1")], id="later"),
        pytest.param(
            FlapException(matchers='alertname="Net"', enabled=False), [(10, "FLAP-1")], id="another"
        ),
    ],
)
def test_exceptions(rule: FlapException, entered: list[tuple[float, str]]) -> None:
    assert Story(FlapSettings(rules=(rule,))).turn(*every(2, 3, 5)).notes() == entered


def test_ends_by_a_silent_sender_do_not_count() -> None:
    stage = alone(DedupSettings())
    for number, minute in enumerate(every(2, 3, 8)):
        gone = replace(ended(minute), expired=True, lost="prometheus")
        stage.feed((gone if number % 2 else fired(minute),), at(minute))
    assert not any(series.marks for series in stage.series.values())


def test_switched_off_it_marks_nothing() -> None:
    assert Story(OFF).turn(*every(2, 3, 20)).notes() == []


def test_what_flaps_is_released_when_it_is_switched_off() -> None:
    story = Story().turn(*every(2, 3, 4))
    story.stage.adopt(DedupSettings(flap=OFF))
    assert story.until(18).notes()[-1] == (17, "FLAP-5")
    assert (story.flaps, len(story.rule.states)) == (False, 0)


def test_memory_is_bounded() -> None:
    story = Story(FlapSettings(max_series=3))
    for number in range(6):
        story.turn(number, number + 0.5, instance=str(number))
    assert (len(story.rule.states), story.rule.dropped) == (3, 3)


def test_what_flaps_is_not_given_up() -> None:
    story = Story(FlapSettings(max_series=1)).turn(*every(2, 3, 5))
    story.turn(23, 23.5, instance="other")
    assert story.flaps
    assert story.until(60).notes()[-1][1] == "FLAP-2"


def test_old_news_is_forgotten() -> None:
    story = Story().turn(0, 1, instance="old").turn(300, 301, instance="new")
    assert len(story.rule.states) == 1


def test_a_longer_window_of_an_exception_is_remembered_while_others_change() -> None:
    daily = FlapWindow(length=timedelta(days=1), high=7, low=2)
    rule = FlapException(matchers='instance="slow"', windows=(daily,), min_changes=7)
    story = Story(FlapSettings(rules=(rule,))).turn(*every(1, 4, 3), instance="slow")
    story.turn(299, 299.5, instance="busy").turn(300, instance="slow")
    assert story.notes() == [(300, "FLAP-1")]


def test_a_change_keeps_so_many_moments_at_most() -> None:
    story = Story().turn(*every(0.5, 0.5, 100))
    assert max(len(state.changes) for state in story.rule.states.values()) <= 32


GAPS = st.lists(st.sampled_from([0.2, 1.0, 3.0, 12.0, 40.0]), min_size=1, max_size=30)


def moments(gaps: Sequence[float]) -> list[float]:
    return list(accumulate(gaps))


@settings(max_examples=60)
@given(GAPS)
def test_nothing_flaps_for_ever(gaps: list[float]) -> None:
    story = Story().turn(*moments(gaps))
    story.until(moments(gaps)[-1] + 24 * 60)
    assert not story.flaps


@settings(max_examples=60)
@given(GAPS)
def test_beginnings_and_ends_of_flapping_take_turns(gaps: list[float]) -> None:
    rules = [rule for _, rule in Story().turn(*moments(gaps)).until(10_000).notes()]
    assert [rule == "FLAP-1" for rule in rules] == [number % 2 == 0 for number in range(len(rules))]


def restarted(stage: DedupStage, disk: dict[tuple[str, str | int], Row]) -> DedupStage:
    fresh = alone(stage.settings)
    for table in fresh.tables:
        rows = [(str(k), row.body) for (name, k), row in disk.items() if name == table.table]
        table.restore((key, body) for key, body in rows if body is not None)
    fresh.restored()
    return fresh


@settings(max_examples=40)
@given(GAPS, st.integers(0, 30))
def test_a_restart_is_not_noticed(gaps: list[float], cut: int) -> None:
    plain, cruel = Story(), Story()
    disk: dict[tuple[str, str | int], Row] = {}
    for number, minute in enumerate(moments(gaps)):
        entry = ended(minute) if number % 2 else fired(minute)
        for story in (plain, cruel):
            story.until(minute)._feed(entry)
        for table in cruel.stage.tables:
            disk.update({(row.table, row.key): row for row in table.drain()})
        if number == cut:
            cruel.stage = restarted(cruel.stage, disk)
    assert plain.until(2_000).told == cruel.until(2_000).told


@settings(max_examples=40)
@given(GAPS)
def test_the_order_of_labels_does_not_matter(gaps: list[float]) -> None:
    one = Story().turn(*moments(gaps), instance="a", zone="b")
    other = Story().turn(*moments(gaps), zone="b", instance="a")
    assert one.notes() == other.notes()


def test_a_late_tick_releases_all_the_same() -> None:
    story = Story().turn(*every(2, 3, 6))
    late: datetime = at(300)
    [change] = [c for c in story.stage.feed((Tick(late),), late) if c.notes]
    assert (change.kind.value, change.series.marks, change.notes[0].rule) == ("marked", (), "FLAP-2")


def test_a_series_that_was_forgotten_early_gets_its_mark_back() -> None:
    story = Story().turn(*every(2, 3, 6))
    story.stage.tracker.settings = replace(story.stage.tracker.settings, max_instances=0)
    story.turn(28, instance="other")
    story.turn(29)
    assert Mark.FLAPPING in story.told[-1].series.marks


def test_the_first_page_waits_for_the_bound_from_the_first_change_on() -> None:
    story = Story().turn(*every(2, 2, 3))
    assert story.holds() == [None, None, None, None, at(30), None]
    assert story.texts()[0].endswith("; the first page waits until 04:30 UTC")


def test_a_priority_without_a_bound_does_not_wait() -> None:
    story = Story(FlapSettings(bounds={})).turn(*every(2, 2, 3))
    assert story.holds()[4] == at(0)
    assert "waits" not in story.texts()[0]
