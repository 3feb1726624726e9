"""What comes at its usual time is marked, and nothing else is."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.config import default_rules_dir
from alertmesh.config.deduprules import RoutineEntry
from alertmesh.config.maintenance import MaintenanceFile
from alertmesh.core.alert import Alert, Entity, Priority
from alertmesh.core.entries import Ended, Fired, Tick
from alertmesh.core.series import Change, ChangeKind, Mark
from alertmesh.dedup.chronicsettings import ChronicSettings
from alertmesh.dedup.flapsettings import FlapSettings
from alertmesh.dedup.rhythm import last_run
from alertmesh.dedup.routine import RoutineRule
from alertmesh.dedup.routinebook import HabitBook
from alertmesh.dedup.routinekind import kind_of, matchers_of
from alertmesh.dedup.routinesettings import RoutineSettings
from alertmesh.dedup.selfhealsettings import SelfhealSettings
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.stage import DedupStage

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
DAY = 24 * 60
TWO = 2 * 60
WORDS = {Priority.P1: "critical", Priority.P2: "error", Priority.P3: "warning", Priority.P4: "info"}


def alone(**changed: object) -> DedupSettings:
    """The settings under which no other rule has a say."""
    return DedupSettings(
        routine=RoutineSettings(**changed),  # type: ignore[arg-type]
        flap=FlapSettings(enabled=False),
        selfheal=SelfhealSettings(enabled=False),
        chronic=ChronicSettings(enabled=False),
    )


def at(minutes: float) -> datetime:
    return MIDNIGHT + timedelta(minutes=minutes)


class Fleet:
    """A stage, and short ways to tell it what fires and ends, in minutes from midnight."""

    def __init__(self, **changed: object) -> None:
        self.stage = DedupStage(alone(**changed))
        self.disk: dict[tuple[str, str | int], bytes | None] = {}

    @property
    def book(self) -> HabitBook:
        return next(rule.book for rule in self.stage.rules if isinstance(rule, RoutineRule))

    def tell(self, *items: Fired | Ended | Tick) -> list[Change]:
        changes = self.stage.feed(items, items[-1].at)
        for table in self.stage.tables:
            self.disk.update({(row.table, row.key): row.body for row in table.drain()})
        return changes

    def adopt(self, chosen: DedupSettings) -> None:
        self.stage.adopt(chosen)

    def restart(self, chosen: DedupSettings | None = None) -> None:
        self.stage = DedupStage(chosen or self.stage.settings)
        for table in self.stage.tables:
            rows = [(str(key), body) for (name, key), body in self.disk.items() if name == table.table]
            table.restore((key, body) for key, body in reversed(rows) if body is not None)
        self.stage.restored()

    def fires(self, minute: float, who: str = "db", priority: Priority = Priority.P3) -> Change:
        return self.tell(fired(minute, who, priority))[-1]

    def ends(self, minute: float, who: str = "db") -> Change:
        return self.tell(Ended(f"{who}/{Priority.P3}", at(minute), at(minute)))[-1]

    def runs(self, starts: Iterable[float], lasts: float = 12, who: str = "db") -> None:
        for start in starts:
            self.fires(start, who)
            self.ends(start + lasts, who)


def fired(minute: float, who: str = "db", priority: Priority = Priority.P3) -> Fired:
    labels = {"alertname": "Backup", "namespace": "ops", "pod": who, "severity": WORDS[priority]}
    alert = Alert(
        fingerprint=f"{who}/{priority}",
        source="prometheus",
        labels=labels,
        annotations={},
        starts_at=at(minute),
        received_at=at(minute),
        priority=priority,
        entity=Entity("pod", who, "", "ops"),
        severity=WORDS[priority],
    )
    return Fired(alert, at(minute))


def nightly(days: int, minute: float = TWO) -> list[float]:
    return [day * DAY + minute for day in range(days)]


def is_routine(change: Change) -> bool:
    return Mark.ROUTINE in change.series.marks


def rules(change: Change) -> list[str]:
    return [note.rule for note in change.notes]


@pytest.fixture
def week() -> Fleet:
    """A week in which the backup fired each night at two, for twelve minutes."""
    fleet = Fleet()
    fleet.runs(nightly(7))
    return fleet


def test_the_usual_time_is_routine(week: Fleet) -> None:
    change = week.fires(7 * DAY + TWO + 1)
    assert is_routine(change)
    assert [note.text for note in change.notes] == [
        "routine: comes every day about 02:00 UTC for 12 min, seen 7 of 7 times; not paged until 02:21 UTC"
    ]
    assert change.hold_until == at(7 * DAY + TWO + 21)


def test_it_was_never_marked_before_it_was_known() -> None:
    fleet = Fleet()
    fleet.runs(nightly(2))
    assert not is_routine(fleet.fires(2 * DAY + TWO))


def test_another_time_is_not_routine(week: Fleet) -> None:
    change = week.fires(7 * DAY + 5 * 60)
    assert (is_routine(change), rules(change)) == (False, ["RTN-3"])


def test_a_mark_of_last_night_does_not_stay(week: Fleet) -> None:
    week.runs([7 * DAY + TWO])
    assert not is_routine(week.fires(7 * DAY + TWO + 30))


def test_longer_than_usual_is_not_routine(week: Fleet) -> None:
    week.fires(7 * DAY + TWO)
    due = week.stage.deadline()
    assert due == at(7 * DAY + TWO + 20)
    [change] = week.tell(Tick(due))
    assert (change.kind, is_routine(change), change.notes[0].text) == (
        ChangeKind.MARKED,
        False,
        "not routine any more: still fires after 20 min, usually over within 12 min",
    )


def test_within_its_usual_length_it_stays_routine(week: Fleet) -> None:
    week.fires(7 * DAY + TWO)
    assert is_routine(week.ends(7 * DAY + TWO + 15))


@pytest.mark.parametrize("priority", [Priority.P1, Priority.P2])
def test_worse_from_the_start_is_not_routine(week: Fleet, priority: Priority) -> None:
    assert not is_routine(week.fires(7 * DAY + TWO, priority=priority))


def test_becoming_worse_ends_it(week: Fleet) -> None:
    week.fires(7 * DAY + TWO)
    change = week.fires(7 * DAY + TWO + 2, priority=Priority.P2)
    assert (change.kind, is_routine(change), rules(change)) == (ChangeKind.WORSE, False, ["RTN-2"])


def test_a_severity_raised_in_place_ends_it(week: Fleet) -> None:
    entry = fired(7 * DAY + TWO)
    week.tell(entry)
    worse = replace(entry.alert, priority=Priority.P1, severity="critical")
    [change] = week.tell(Fired(worse, at(7 * DAY + TWO + 2)))
    assert (change.kind, is_routine(change), rules(change)) == (ChangeKind.WORSE, False, ["RTN-2"])
    week.ends(7 * DAY + TWO + 12)
    [habit] = week.book.known()
    assert last_run(habit.runs)[2:] == (1, Priority.P1)


def test_more_than_usual_ends_it_for_all(week: Fleet) -> None:
    week.fires(7 * DAY + TWO)
    second = week.fires(7 * DAY + TWO + 1, who="db-1")
    [first] = week.tell(Tick(at(7 * DAY + TWO + 1)))
    assert (is_routine(second), is_routine(first), first.kind) == (False, False, ChangeKind.MARKED)
    assert first.notes[0].text == "not routine any more: 2 fire at once, usually 1 at most"


def test_each_run_may_have_a_pod_of_its_own() -> None:
    fleet = Fleet()
    for day in range(5):
        fleet.runs([day * DAY + TWO], who=f"db-2839104{day}-x7k2{'bcdfg'[day]}")
    assert is_routine(fleet.fires(5 * DAY + TWO, who="db-28391049-zzzzz"))


def test_another_workload_is_not_routine(week: Fleet) -> None:
    assert not is_routine(week.fires(7 * DAY + TWO, who="web"))


def test_p1_is_never_routine() -> None:
    fleet = Fleet()
    for day in range(7):
        fleet.tell(fired(day * DAY + TWO, priority=Priority.P1))
        minute = at(day * DAY + TWO + 5)
        fleet.tell(Ended(f"db/{Priority.P1}", minute, minute))
    change = fleet.fires(7 * DAY + TWO, priority=Priority.P1)
    assert (is_routine(change), rules(change)) == (False, ["RTN-4"])


def test_what_usually_outlasts_its_bound_is_told_but_not_marked() -> None:
    fleet = Fleet()
    fleet.runs(nightly(7), lasts=45)
    change = fleet.fires(7 * DAY + TWO)
    assert (is_routine(change), rules(change)) == (False, ["RTN-4"])


def test_what_is_sometimes_over_within_its_bound_waits_for_it() -> None:
    fleet = Fleet()
    for night, start in enumerate(nightly(9)):
        fleet.runs([start], lasts=(28, 32, 36)[night % 3])
    change = fleet.fires(9 * DAY + TWO)
    assert (rules(change), change.hold_until) == (["RTN-1"], at(9 * DAY + TWO + 30))


def test_a_habit_that_is_never_marked_is_not_forgotten() -> None:
    fleet = Fleet()
    fleet.runs(nightly(15), lasts=45)
    assert rules(fleet.fires(15 * DAY + TWO)) == ["RTN-4"]


def test_the_mark_ends_at_the_bound_of_the_priority() -> None:
    fleet = Fleet(bounds={"P3": timedelta(minutes=13)})
    fleet.runs(nightly(7))
    assert fleet.fires(7 * DAY + TWO).hold_until == at(7 * DAY + TWO + 13)


def test_one_long_night_does_not_make_the_next_one_usual(week: Fleet) -> None:
    week.runs([7 * DAY + TWO], lasts=300)
    assert week.fires(8 * DAY + TWO).hold_until == at(8 * DAY + TWO + 20)


def test_missed_nights_are_no_matter(week: Fleet) -> None:
    assert is_routine(week.fires(10 * DAY + TWO))


def test_a_habit_given_up_is_none(week: Fleet) -> None:
    assert not is_routine(week.fires(20 * DAY + TWO))


def test_a_sender_that_fell_silent_says_nothing_of_the_length(week: Fleet) -> None:
    week.fires(7 * DAY + TWO)
    end = at(7 * DAY + TWO + 5)
    week.tell(Ended(f"db/{Priority.P3}", end, end, expired=True, lost="prometheus"))
    assert [habit.total for habit in week.book.known()] == [7]


@pytest.mark.parametrize(
    ("starts", "text"),
    [
        pytest.param([h * 60 + 5 for h in range(8)], "every hour about minute 05", id="hourly"),
        pytest.param([h * 360 + 10 for h in range(8)], "every 6 h, as about 00:10 UTC", id="six hours"),
        pytest.param([d * 7 * DAY + TWO for d in range(4)], "every Sunday about 02:00 UTC", id="weekly"),
        pytest.param([i * 95.0 for i in range(8)], "every 95 min", id="free"),
        pytest.param([i * 15.0 for i in range(8)], "every 15 min", id="quarter"),
        pytest.param([*nightly(7), *nightly(7, 300)], "every day about 02:00 UTC", id="twice a day"),
        pytest.param(
            [s for s in nightly(12) if s // DAY % 7 not in (0, 6)], "every day about", id="weekdays"
        ),
    ],
)
def test_periods(starts: list[float], text: str) -> None:
    fleet = Fleet()
    fleet.runs(sorted(starts), lasts=2)
    gap = sorted(starts)[1] - sorted(starts)[0] if "day" not in text else DAY
    last = max(s for s in starts if s % DAY == TWO) if "about 02:00 UTC" in text else starts[-1]
    step = 7 * DAY if "Sunday" in text else gap
    assert text in fleet.fires(last + step).notes[0].text


def local_two(days: Iterable[int], zone: str) -> list[float]:
    """Two in the morning on the wall clock, in minutes from midnight UTC of the first day."""
    there = ZoneInfo(zone)
    moments = [datetime(2026, 3, 20, 2, tzinfo=there) + timedelta(days=day) for day in days]
    return [(moment.astimezone(UTC) - MIDNIGHT).total_seconds() / 60 for moment in moments]


def test_daily_habits_follow_the_wall_clock() -> None:
    # Clocks go forward in Berlin on 29 March 2026.
    fleet = Fleet(zone="Europe/Berlin")
    fleet.runs(local_two(range(12), "Europe/Berlin")[:9])
    [_, after] = local_two([8, 10], "Europe/Berlin")
    assert "about 02:00 Europe/Berlin" in fleet.fires(after).notes[0].text


def test_a_job_in_utc_is_known_whatever_the_zone() -> None:
    fleet = Fleet(zone="Europe/Berlin")
    fleet.runs([19 * DAY + start for start in nightly(16)])
    assert "about 02:00 UTC" in fleet.fires(35 * DAY + TWO).notes[0].text


def test_a_maintenance_window_is_proposed(week: Fleet) -> None:
    [said] = week.stage.digest()
    [window] = MaintenanceFile.model_validate(yaml.safe_load(said.snippet)).windows
    assert (window.name, window.matchers) == (
        "routine-Backup-0200",
        'alertname="Backup", namespace="ops", pod="db"',
    )
    assert (window.begins, window.ends, window.zone) == (time(1, 55), time(2, 17), "UTC")


def test_a_weekly_window_is_proposed_for_its_day() -> None:
    fleet = Fleet()
    fleet.runs([week * 7 * DAY + 30 for week in range(6)])
    assert "days: [sun]" in fleet.stage.digest()[0].snippet


def test_it_can_be_switched_off(week: Fleet) -> None:
    week.fires(7 * DAY + TWO)
    week.stage.adopt(alone(enabled=False))
    change = week.fires(7 * DAY + TWO + 1, who="db-1")
    grown = week.tell(fired(7 * DAY + TWO + 2, priority=Priority.P4))[-1]
    assert (is_routine(change), is_routine(grown)) == (False, False)


@pytest.mark.parametrize("anew", [Fleet.adopt, Fleet.restart])
def test_what_is_marked_pages_when_it_is_switched_off(week: Fleet, anew: Callable[..., None]) -> None:
    week.fires(7 * DAY + TWO)
    anew(week, alone(enabled=False))
    [change] = week.tell(Tick(at(7 * DAY + TWO + 1)))
    assert (change.kind, change.series.marks, change.notes[0].text) == (
        ChangeKind.MARKED,
        (),
        "routine is not looked for any more",
    )
    assert week.stage.deadline() is None


def test_memory_is_bounded_and_habits_outlive_strangers(week: Fleet) -> None:
    week.stage.adopt(alone(max_habits=3))
    for number in range(10):
        week.runs([7 * DAY + number], lasts=0.5, who=f"stranger{number}x")
    assert (len(week.book.habits), week.stage.dropped) == (3, 8)
    assert is_routine(week.fires(7 * DAY + TWO))


def test_the_shipped_settings_are_the_defaults() -> None:
    shipped = yaml.safe_load((default_rules_dir() / "dedup" / "routine.yaml").read_text(encoding="utf-8"))
    entry = RoutineEntry.model_validate(shipped["routine"])
    assert msgspec.convert(entry.model_dump(), RoutineSettings) == RoutineSettings()


@given(st.permutations(["alertname", "namespace", "pod", "severity"]))
def test_the_order_of_labels_does_not_matter(names: list[str]) -> None:
    series = Fleet().fires(0, who="db-28391040-x7k2p").series
    turned = replace(series, labels={name: series.labels[name] for name in names})
    assert (kind_of(turned), matchers_of(turned)) == (kind_of(series), matchers_of(series))


GAPS = st.lists(st.tuples(st.integers(1, 400), st.integers(1, 60), st.sampled_from("abc")), max_size=25)


@settings(max_examples=50)
@given(GAPS, st.integers(0, 40))
def test_a_restart_is_not_noticed(gaps: list[tuple[int, int, str]], cut: int) -> None:
    one, other = Fleet(), Fleet()
    items: list[Fired | Ended] = [item for start in nightly(6) for item in run(start, "a")]
    minute = 6 * DAY
    for gap, lasts, who in gaps:
        minute += gap
        items += run(minute, who, lasts)
    for number, item in enumerate(sorted(items, key=lambda item: item.at)):
        if number == cut:
            other.restart()
        assert one.tell(item) == other.tell(item)
        assert one.stage.deadline() == other.stage.deadline()


def run(start: float, who: str, lasts: float = 12) -> list[Fired | Ended]:
    return [fired(start, who), Ended(f"{who}/{Priority.P3}", at(start + lasts), at(start + lasts))]


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.floats(20, 2_000))
def test_what_comes_by_chance_is_hardly_ever_routine(seed: int, mean: float) -> None:
    chance, fleet, minute, marked = Random(seed), Fleet(), 0.0, 0
    for _ in range(40):
        minute += 3 + chance.expovariate(1 / mean)
        marked += is_routine(fleet.fires(minute))
        minute += 1 + chance.random()
        fleet.ends(minute)
    assert marked <= 2


@settings(max_examples=60)
@given(
    st.integers(0, 2**32),
    st.sampled_from([60, 240, 720, DAY, 7 * DAY]),
    st.floats(0, 0.02),
    st.floats(0, 0.2),
)
def test_what_is_regular_is_found(seed: int, period: int, jitter: float, missed: float) -> None:
    chance, fleet = Random(seed), Fleet()
    marked = came = 0
    for number in range(20):
        if chance.random() < missed:
            continue
        start = number * period + TWO + chance.uniform(-1, 1) * min(10, jitter * period)
        came += number >= 10
        marked += is_routine(fleet.fires(start)) and number >= 10
        fleet.ends(start + 1)
    assert marked >= 0.7 * came


@settings(max_examples=60)
@given(st.integers(-11 * 60, 11 * 60).filter(lambda shift: abs(shift) > 5))
def test_no_other_time_is_marked(shift: int) -> None:
    fleet = Fleet()
    fleet.runs(nightly(8))
    assert not is_routine(fleet.fires(8 * DAY + TWO + shift))


@settings(max_examples=40)
@given(st.integers(2, 24), st.integers(1, 200))
def test_nothing_stays_marked_for_much_longer_than_usual(lasts: int, later: int) -> None:
    fleet = Fleet()
    fleet.runs(nightly(8), lasts=lasts)
    fleet.fires(8 * DAY + TWO)
    end = 1.5 * lasts + 2
    changes = fleet.tell(Tick(at(8 * DAY + TWO + end + later)))
    assert [is_routine(change) for change in changes] == [False]
