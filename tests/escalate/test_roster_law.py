"""The schedule law: in every zone, at every moment of two years, exactly the declared people have duty."""

import time as clock_time
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.core.oncall import Calendar, DayKind, DutyRole, Hours, Layer, Override, Roster, Rotation
from alertmesh.core.silence import Weekday
from alertmesh.escalate.roster import Rota, Shift
from alertmesh.escalate.workdays import is_workday
from tests.escalate.fakes import oncall
from tests.escalate.rosters import DAY, MINUTE, local, read, utc

START, END = utc("2027-01-01"), utc("2029-01-01")  # a leap day is among them
INSTANT = timedelta(seconds=1)
ZONES = sorted(available_timezones())
ODD = ["Africa/Casablanca", "Antarctica/Troll", "Australia/Lord_Howe", "Europe/Dublin", "America/St_Johns"]
NEXT = {"a": "b", "b": "c", "c": "a"}
CHANGE = time(2, 30)  # the hour at which most clocks change


def team(zone: str, *more: Layer, rotation: str = "daily", every: int = 1) -> Roster:
    start = local("2026-12-28T02:30", zone).astimezone(UTC)
    turns = Layer(members=("a", "b", "c"), rotation=Rotation(rotation), every=every, zone=zone, start=start)
    return Roster(name="r", layers=(turns, *more))


def holds_at_edges(rota: Rota, shifts: list[Shift], start: datetime, end: datetime) -> None:
    """Make sure that shifts fill a time, and that the duty is another one from each edge on."""
    assert [shifts[0].start, shifts[-1].end] == [start, end]
    for before, after in pairwise(shifts):
        assert before.start < before.end == after.start
        assert before.duty != after.duty
        edge = after.start
        assert [rota.duty("r", edge - INSTANT), rota.duty("r", edge)] == [before.duty, after.duty]
        later = min(edge + 40 * MINUTE, after.end - INSTANT)  # the clock may show an earlier time again
        assert rota.duty("r", later) == after.duty


@pytest.mark.parametrize("part", range(8))
def test_daily_turns_in_every_zone_for_two_years(part):
    for key in ZONES[part::8]:
        rota, zone = Rota(oncall(team(key))), ZoneInfo(key)
        shifts = rota.shifts("r", START, END)
        assert sum(((shift.end - shift.start) for shift in shifts), timedelta()) == END - START
        assert len(shifts) in (731, 732)
        for shift in shifts[part % 4 :: 4]:
            assert rota.duty("r", shift.start) == rota.duty("r", shift.end - INSTANT) == shift.duty
        for before, after in pairwise(shifts):
            assert before.end == after.start
            assert after.duty.primary == NEXT[before.duty.primary]
            shown = after.start.astimezone(zone)
            if shown.time() != CHANGE or shown.fold:
                last = (after.start - INSTANT).astimezone(zone).replace(tzinfo=None)
                assert last.time() < CHANGE < shown.time()  # skipped: it is the end of the gap
                assert shown.replace(tzinfo=None) - last > INSTANT


def clock_changes(zone: ZoneInfo) -> list[datetime]:
    """Return the days before which the clock of a zone changed."""
    days = [START + number * DAY for number in range((END - START) // DAY)]
    return [b for a, b in pairwise(days) if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()]


@pytest.mark.parametrize("part", range(8))
def test_hours_and_turns_around_each_clock_change_of_every_zone(part):
    for key in ZONES[part::8]:
        sundays = Hours(begins=time(2, 45), ends=time(6), days=(Weekday.SUN,))
        hours = (Hours(begins=time(22), ends=time(2, 15)), sundays)
        nights = Layer(members=("n", "m"), rotation=Rotation.HOURLY, every=5, zone=key, hours=hours)
        rota = Rota(oncall(team(key, nights)))
        for day in [*clock_changes(ZoneInfo(key)), utc("2028-03-01")]:
            start, end = day - 3 * DAY, day + 2 * DAY
            holds_at_edges(rota, rota.shifts("r", start, end), start, end)


@pytest.mark.parametrize("zone", [*ODD, "Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize(("rotation", "every"), [("hourly", 7), ("daily", 1), ("weekly", 2)])
def test_turns_agree_at_each_edge_of_two_years(zone, rotation, every):
    rota = Rota(oncall(team(zone, rotation=rotation, every=every)))
    holds_at_edges(rota, rota.shifts("r", START, END), START, END)


def test_a_day_that_a_zone_leaves_out_is_nobodys():
    rota = Rota(oncall(team("Pacific/Apia")))
    start, end = utc("2011-12-28"), utc("2012-01-02")
    shifts = rota.shifts("r", start, end)
    holds_at_edges(rota, shifts, start, end)
    assert all(shift.end - shift.start <= DAY for shift in shifts)


@pytest.fixture
def elsewhere(monkeypatch):
    """Return what moves the process to another zone, and move it back at the end."""

    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        clock_time.tzset()

    yield move
    monkeypatch.undo()
    clock_time.tzset()


@pytest.mark.parametrize("server", ["America/New_York", "Asia/Kathmandu", "Pacific/Apia"])
def test_the_zone_of_the_server_does_not_matter(elsewhere, server):
    nights = Layer(members=("n",), zone="Europe/Berlin", hours=(Hours(begins=time(20)),))
    roster = team("Europe/Berlin", nights)
    elsewhere("UTC")
    wanted = Rota(oncall(roster)).shifts("r", START, END)
    elsewhere(server)
    assert Rota(oncall(roster)).shifts("r", START, END) == wanted


CALENDAR = Calendar(country="cn", holidays=(utc("2026-10-23").date(),), workdays=(utc("2026-10-25").date(),))
clock = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
hours = st.builds(
    Hours,
    begins=clock,
    ends=clock,
    days=st.lists(st.sampled_from(Weekday), min_size=1, max_size=7, unique=True).map(tuple),
    on=st.sampled_from(DayKind),
)
CHANGES = [utc("2026-03-29"), utc("2026-10-04"), utc("2026-10-25")]  # in Europe and on Lord Howe
near = st.builds(
    lambda day, quarters: day + quarters * timedelta(minutes=15),
    st.sampled_from(CHANGES),
    st.integers(-6 * 96, 6 * 96),
)
layer = st.builds(
    Layer,
    members=st.lists(st.sampled_from("abcd"), max_size=3).map(tuple),
    role=st.sampled_from(DutyRole),
    rotation=st.sampled_from(Rotation),
    every=st.integers(1, 5),
    zone=st.sampled_from([*ODD, "Asia/Shanghai", "Europe/Berlin", "America/New_York"]),
    start=st.none() | near,
    begins_then=st.booleans(),
    until=st.none() | near,
    hours=st.lists(hours, max_size=2).map(tuple),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(layer, min_size=1, max_size=4), st.sampled_from(CHANGES), st.integers(-24, 0))
def test_random_layers_are_as_a_plain_reading_has_them(layers, day, hour):
    roster = Roster(name="r", layers=tuple(layers), calendar=CALENDAR)
    start = day + timedelta(hours=hour)
    end = start + 2 * DAY
    days = [day.date() + number * DAY for number in range(-5, 6)]
    found = []
    for shift in Rota(oncall(roster)).shifts("r", start, end):
        told = shift.duty.primary, shift.duty.secondary, shift.duty.others
        found += [told] * ((shift.end - shift.start) // MINUTE)
    assert found == read(roster, start, end, {one for one in days if is_workday(CALENDAR, one)})


override = st.builds(
    Override,
    id=st.sampled_from("123"),
    roster=st.just("r"),
    starts_at=near,
    ends_at=near,
    covered=st.sampled_from(["", *"abcd"]),
    person=st.sampled_from("abcde"),
    in_return=st.none() | st.tuples(near, near),
    created_at=near,
)


@settings(max_examples=50, deadline=None)
@given(st.lists(layer, min_size=1, max_size=4), st.lists(override, max_size=5), near)
def test_random_layers_and_overrides_agree_at_each_edge(layers, overrides, start):
    roster = Roster(name="r", layers=tuple(layers), calendar=CALENDAR)
    rota = Rota(oncall(roster), overrides)
    shifts = rota.shifts("r", start, start + 9 * DAY)
    holds_at_edges(rota, shifts, start, start + 9 * DAY)
    ahead = rota.next_change("r", start)
    assert ahead == shifts[0].end if len(shifts) > 1 else ahead is None or ahead >= start + 8 * DAY
