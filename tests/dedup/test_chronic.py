"""Which series are set aside as noise, and when they are not any more."""

from datetime import timedelta
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.core.alert import Priority
from alertmesh.core.digest import Noise, Remedy
from alertmesh.core.entries import Ended, Fired, Tick
from alertmesh.core.records import Row
from alertmesh.core.series import Change, Mark
from alertmesh.dedup.chronic import ChronicRule
from alertmesh.dedup.chronicsettings import ChronicSettings
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.stage import DedupStage
from tests.dedup.fakes import at, ended, fired

Entry = Fired | Ended | Tick
DAY = 24 * 60.0


def alone(chosen: DedupSettings) -> DedupStage:
    """Return a stage with no rule but this one."""
    stage = DedupStage(chosen)
    stage.rules = (ChronicRule(chosen, stage.series),)
    return stage


class Story:
    """A stage whose clock ticks whenever it is due, and every change that it told of."""

    def __init__(self, chronic: ChronicSettings | None = None) -> None:
        self.stage = alone(DedupSettings(chronic=chronic or ChronicSettings()))
        self.told: list[Change] = []

    def until(self, minutes: float) -> "Story":
        """Let time pass."""
        while (due := self.stage.deadline()) is not None and due <= at(minutes):
            self.feed(Tick(due))
        return self

    def turn(self, *minutes: float, **labels: str) -> "Story":
        """Let it fire and clear in turns at these times, beginning with a firing."""
        for number, minute in enumerate(minutes):
            self.until(minute).feed(ended(minute, **labels) if number % 2 else fired(minute, **labels))
        return self

    def feed(self, entry: Entry) -> None:
        self.told += self.stage.feed((entry,), entry.at)

    def notes(self) -> list[tuple[float, str]]:
        """Return what was noted, by hour and rule."""
        return [
            (round((c.at - at(0)).total_seconds() / 3600, 1), note.rule)
            for c in self.told
            for note in c.notes
            if note.rule.startswith("CHR")
        ]

    def text(self) -> str:
        return [note.text for change in self.told for note in change.notes][-1]

    @property
    def is_chronic(self) -> bool:
        """Tell whether the last change was of a series set aside."""
        return Mark.CHRONIC in self.told[-1].series.marks

    @property
    def rule(self) -> ChronicRule:
        return next(rule for rule in self.stage.rules if isinstance(rule, ChronicRule))


def daily(days: float, on: float = 5, off: float = 55, start: float = 0) -> list[float]:
    """Return the changes of episodes of equal length over some days."""
    times = int(days * DAY / (on + off))
    return [start + minute for minute in accumulate([0.0, *([on, off] * times)][: 2 * times])]


def test_a_day_without_a_pause() -> None:
    story = Story().turn(0).until(DAY - 1)
    assert story.notes() == []
    assert story.until(DAY + 1).notes() == [(24.0, "CHR-1")]
    assert "fires for 24 h without a pause" in story.text()


def test_four_fifths_of_a_week() -> None:
    story = Story().turn(*daily(9, on=1_200, off=120))
    assert story.notes()[0][1] == "CHR-1"
    assert story.notes()[0][0] >= 7 * 24
    assert "fired 89% of the last 7 days" in story.text()


def test_many_episodes_a_day_for_days() -> None:
    story = Story().turn(*daily(4))
    assert [rule for _, rule in story.notes()][:1] == ["CHR-1"]
    assert 48 < story.notes()[0][0] < 72
    assert "clears within 5 min" in story.text()


@pytest.mark.parametrize(
    "minutes",
    [
        pytest.param(daily(1.5), id="many on one day and a half"),
        pytest.param(daily(6, on=5, off=235), id="six a day"),
        pytest.param(daily(6, on=600, off=840), id="ten hours a day"),
    ],
)
def test_what_is_not_noise(minutes: list[float]) -> None:
    assert Story().turn(*minutes).notes() == []


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param({"severity": "critical"}, id="a P1"),
        pytest.param({"alertname": "Watchdog"}, id="a heartbeat"),
    ],
)
def test_what_never_is(labels: dict[str, str]) -> None:
    story = Story()
    story.feed(fired(0, None, **labels))
    assert story.until(10 * DAY).notes() == []


def test_it_stays_so_while_it_keeps_to_its_habit() -> None:
    story = Story().turn(*daily(7))
    assert [rule for _, rule in story.notes() if rule != "CHR-1"] == []
    assert story.is_chronic


def test_a_series_that_came_back_says_again_why_it_pages_nobody() -> None:
    story = Story().turn(*daily(4, on=5, off=55))
    assert len(story.notes()) > 2
    assert story.told[-2].kind.value == "opened"
    assert story.told[-2].notes[0].text.startswith("set aside as noise: began")


def test_an_hour_of_quiet_ends_what_was_always_on() -> None:
    story = Story().turn(0, 2 * DAY, 2 * DAY + 90)
    assert story.notes() == [(24.0, "CHR-1")]
    assert not story.is_chronic
    assert story.until(4 * DAY).notes()[-1] == (73.5, "CHR-1")


def test_a_long_quiet_is_told_while_the_series_is_known() -> None:
    story = Story(ChronicSettings(clear_min=at(20) - at(0))).turn(0, 2 * DAY).until(3 * DAY)
    assert story.notes()[-1] == (48.3, "CHR-2")


def test_firing_longer_than_usual_pages_again() -> None:
    story = Story().turn(*daily(4), 4 * DAY).until(5 * DAY)
    assert story.notes()[-1] == (96.2, "CHR-5")
    assert "clears within 5 min, but now fires for 15 min" in story.text()


def test_worse_than_usual_pages_at_once() -> None:
    story = Story().turn(0).until(2 * DAY)
    story.feed(fired(2 * DAY, severity="critical"))
    assert (story.told[-1].kind.value, story.is_chronic, story.notes()[-1][1]) == ("worse", False, "CHR-3")


def test_what_became_worse_is_no_noise_for_a_day() -> None:
    story = Story().turn(0).until(2 * DAY)
    story.feed(fired(2 * DAY, severity="critical"))
    story.feed(ended(2 * DAY + 1, severity="critical"))
    assert story.until(4 * DAY).notes()[-1] == (72.0, "CHR-1")


def test_many_more_alerts_than_usual_page_at_once() -> None:
    story = Story().turn(0, replica="0").until(2 * DAY)
    for number in range(1, 3):
        story.feed(fired(2 * DAY + number, replica=str(number)))
    assert story.notes()[-1][1] == "CHR-4"
    assert not story.is_chronic


def test_switched_off_it_gives_everything_back() -> None:
    story = Story().turn(0).until(2 * DAY)
    story.stage.adopt(DedupSettings(chronic=ChronicSettings(enabled=False)))
    assert story.until(2 * DAY).notes()[-1][1] == "CHR-6"
    assert (len(story.rule.habits), story.stage.digest()) == (0, [])


def test_a_rule_that_says_never_holds_from_the_next_change() -> None:
    story = Story().turn(*daily(4))
    never = ChronicSettings(never=('alertname="Disk"',))
    story.stage.adopt(DedupSettings(chronic=never))
    story.turn(4 * DAY)
    assert (story.is_chronic, story.notes()[-1][1]) == (False, "CHR-6")


@pytest.mark.parametrize(
    ("minutes", "severity", "noise", "remedy", "why"),
    [
        pytest.param([0.0], "warning", Noise.ALWAYS_ON, Remedy.FIX, "mend what it tells of", id="fix"),
        pytest.param([0.0], "info", Noise.ALWAYS_ON, Remedy.DROP, "priority P4", id="drop"),
        pytest.param(daily(4), "warning", Noise.RECURRING, Remedy.TUNE, "`for: 6m`", id="tune"),
        pytest.param(
            daily(4, on=30, off=60), "warning", Noise.RECURRING, Remedy.FIX, "within 30 min", id="long ones"
        ),
    ],
)
def test_proposals(minutes: list[float], severity: str, noise: Noise, remedy: Remedy, why: str) -> None:
    story = Story().turn(*minutes, severity=severity, team="db", instance="a").until(4 * DAY)
    [found] = story.stage.digest()
    assert (found.noise, found.remedy, found.owner, found.name) == (noise, remedy, {"team": "db"}, "Disk")
    assert why in found.why


def test_the_digest_is_in_the_order_of_owners() -> None:
    story = Story()
    for team in ("web", "db", "net"):
        story.feed(fired(0, team=team))
    assert [one.owner["team"] for one in story.until(2 * DAY).stage.digest()] == ["db", "net", "web"]


def test_a_digest_is_not_older_than_a_day() -> None:
    story = Story().turn(0).until(5 * DAY)
    [found] = story.stage.digest()
    assert found.numbers["firing_s"] >= 4 * DAY * 60
    assert found.priority is Priority.P3


def test_memory_is_bounded() -> None:
    story = Story(ChronicSettings(max_series=3))
    for number in range(6):
        story.turn(number, number + 0.5, instance=str(number))
    assert (len(story.rule.habits), story.rule.dropped) == (3, 3)


def test_what_fires_is_not_given_up_for_what_is_new() -> None:
    story = Story(ChronicSettings(max_series=1)).turn(0, instance="a").turn(1, instance="b")
    assert (story.rule.watched, story.rule.dropped) == (1, 1)
    assert story.until(2 * DAY).notes() == [(24.0, "CHR-1")]


def test_what_was_quiet_for_a_week_is_forgotten() -> None:
    story = Story().turn(0, 1, instance="old").turn(9 * DAY, instance="new")
    assert len(story.rule.habits) == 1


GAPS = st.lists(st.sampled_from([3.0, 40.0, 200.0, 1_500.0]), min_size=1, max_size=40)


def restarted(stage: DedupStage, disk: dict[tuple[str, str | int], Row]) -> DedupStage:
    fresh = alone(stage.settings)
    for table in fresh.tables:
        rows = [(str(k), row.body) for (name, k), row in disk.items() if name == table.table]
        table.restore((key, body) for key, body in rows if body is not None)
    fresh.restored()
    return fresh


@settings(max_examples=40)
@given(GAPS, st.integers(0, 40))
def test_a_restart_is_not_noticed(gaps: list[float], cut: int) -> None:
    plain, cruel = Story(), Story()
    disk: dict[tuple[str, str | int], Row] = {}
    for number, minute in enumerate(accumulate(gaps)):
        entry = ended(minute) if number % 2 else fired(minute)
        for story in (plain, cruel):
            story.until(minute).feed(entry)
        for table in cruel.stage.tables:
            disk.update({(row.table, row.key): row for row in table.drain()})
        if number == cut:
            cruel.stage = restarted(cruel.stage, disk)
    end = sum(gaps) + 3 * DAY
    assert plain.until(end).told == cruel.until(end).told
    assert plain.stage.digest() == cruel.stage.digest()


def interrupted(minutes: list[float], away: float) -> Story:
    """Return a story that stood still after these turns, and went on with what was on disk."""
    story = Story().turn(*minutes)
    rows = {(row.table, row.key): row for table in story.stage.tables for row in table.drain()}
    story.stage = restarted(story.stage, rows)
    story.feed(Tick(at(minutes[-1] + away)))
    return story


@pytest.mark.parametrize("days", [1.1, 30])
def test_time_in_which_nobody_looked_is_no_firing(days: float) -> None:
    away = days * DAY
    story = interrupted([0, 1, 2], away)
    assert story.until(2 + away + DAY - 1).notes() == []
    assert [rule for _, rule in story.until(2 + away + DAY).notes()] == ["CHR-1"]


def test_nor_is_it_a_pause_that_ends_what_is_chronic() -> None:
    story = interrupted(daily(4), 3 * DAY)
    assert len(story.stage.digest()) == 1
    assert story.until(8 * DAY).stage.digest() == []


def test_a_restart_after_the_clock_was_set_is_not_noticed() -> None:
    plain, cruel = Story(), Story()
    for story in (plain, cruel):
        story.turn(0, instance="a").turn(0, 5, 10, instance="b").until(60)
        story.stage.jump(timedelta(days=10))
    rows = {(row.table, row.key): row for table in cruel.stage.tables for row in table.drain()}
    cruel.stage = restarted(cruel.stage, rows)
    assert plain.until(12 * DAY).told == cruel.until(12 * DAY).told
    assert plain.notes() == [(11 * 24.0, "CHR-1"), (11 * 24.0 + 0.2, "CHR-1")]


def test_a_short_absence_counts_like_any_time() -> None:
    assert interrupted([0], 59).until(DAY + 1).notes() == [(24.0, "CHR-1")]


def test_what_is_looked_at_again_after_a_calm_week_began_when_it_did() -> None:
    story = Story().turn(0, 1).until(20 * DAY)
    story.rule.habits.drop(next(iter(story.rule.habits)))
    assert story.turn(30 * DAY).until(31 * DAY).notes() == [(31 * 24.0, "CHR-1")]


@settings(max_examples=40)
@given(GAPS)
def test_nothing_that_cleared_stays_chronic(gaps: list[float]) -> None:
    minutes = list(accumulate(gaps))
    story = Story().turn(*minutes[: len(minutes) // 2 * 2]).until(sum(gaps) + 3 * DAY)
    assert story.stage.digest() == []


@settings(max_examples=40)
@given(GAPS)
def test_the_order_of_labels_does_not_matter(gaps: list[float]) -> None:
    one = Story().turn(*accumulate(gaps), team="a", zone="b")
    other = Story().turn(*accumulate(gaps), zone="b", team="a")
    assert (one.notes(), one.stage.digest()) == (other.notes(), other.stage.digest())


def test_what_comes_by_the_clock_is_not_chronic() -> None:
    story = Story()
    story.stage = DedupStage(DedupSettings())
    hourly = [minute for hour in range(5 * 24) for minute in (60.0 * hour, 60.0 * hour + 5)]
    assert story.turn(*hourly).notes() == []
