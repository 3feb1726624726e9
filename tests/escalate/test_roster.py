from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.core.oncall import Roster, Rotation, single
from alertmesh.escalate.roster import Rota
from tests.escalate.fakes import OPS, T0, oncall, user

ZONES = ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]


def local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def rota(rotation: str, zone: str, start: str | None = None) -> Roster:
    begin = local(start, zone).astimezone(UTC) if start else None
    return single("r", "a", "b", "c", rotation=Rotation(rotation), zone=zone, start=begin)


def on_duty(roster: Roster, moment: datetime) -> tuple[str, ...]:
    return Rota(oncall(roster)).duty(roster.name, moment).everybody


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        ("2026-03-28T08:59", "c"),
        ("2026-03-28T09:00", "a"),
        ("2026-03-29T08:59", "a"),  # the night the clock goes forward
        ("2026-03-29T09:00", "b"),
        ("2026-03-30T09:00", "c"),
    ],
)
def test_a_daily_turn_changes_at_the_same_local_time_across_a_clock_change(moment, first):
    roster = rota("daily", "Europe/Berlin", "2026-03-25T09:00")
    assert on_duty(roster, local(moment, "Europe/Berlin"))[0] == first


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        ("2026-10-26T08:59", "a"),
        ("2026-10-26T09:00", "b"),
        ("2026-11-02T08:59", "b"),
        ("2026-11-02T09:00", "c"),
    ],
)
def test_a_weekly_turn_changes_at_the_same_local_time_after_the_clock_goes_back(moment, first):
    roster = rota("weekly", "Europe/Berlin", "2026-10-19T09:00")
    assert on_duty(roster, local(moment, "Europe/Berlin"))[0] == first


@pytest.mark.parametrize(("minute", "first"), [(59, "a"), (60, "b")])
def test_a_skipped_time_means_the_end_of_the_gap(minute, first):
    roster = rota("daily", "Europe/Berlin", "2026-03-28T02:30")
    moment = datetime(2026, 3, 29, 0, 0, tzinfo=UTC) + timedelta(minutes=minute)
    assert on_duty(roster, moment)[0] == first


def test_a_time_that_occurs_twice_means_the_first():
    roster = rota("daily", "Europe/Berlin", "2026-10-24T02:30")
    assert on_duty(roster, datetime(2026, 10, 25, 0, 30, tzinfo=UTC))[0] == "b"


@pytest.mark.parametrize("fold", [0, 1])
def test_a_moment_told_in_local_time_is_the_same_moment(fold):
    rota_ = Rota(oncall(rota("daily", "Europe/Berlin", "2026-10-24T02:30")))
    moment = local("2026-10-25T02:10", "Europe/Berlin").replace(fold=fold)
    assert rota_.duty("r", moment).primary == "ab"[fold]
    assert rota_.shifts("r", moment, local("2026-10-25T12:00", "Europe/Berlin"))[-1].duty.primary == "b"


def test_the_others_follow_in_the_order_of_their_turns():
    assert on_duty(rota("daily", "UTC", "2026-11-22T00:00"), T0) == ("b", "c", "a")


def test_without_a_start_weekly_turns_change_on_monday():
    sunday, monday = local("2026-11-22T23:59", "UTC"), local("2026-11-23T00:00", "UTC")
    assert on_duty(rota("weekly", "UTC"), sunday)[0] != on_duty(rota("weekly", "UTC"), monday)[0]


def test_without_rotation_the_order_stays():
    assert on_duty(OPS, T0) == ("ann", "ben")


@settings(max_examples=100)
@given(st.sampled_from(ZONES), st.integers(0, 2 * 365 * 24 * 4))
def test_turns_follow_one_another_without_a_gap(zone, quarters):
    roster = rota("daily", zone, "2025-01-01T09:00")
    moment = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * quarters)
    before, after = on_duty(roster, moment)[0], on_duty(roster, moment + timedelta(minutes=15))[0]
    assert after in (before, {"a": "b", "b": "c", "c": "a"}[before])


@pytest.mark.parametrize(
    ("targets", "people", "missing"),
    [
        (("primary", "secondary"), ("ann", "ben"), ()),
        (("all", "lead"), ("ann", "ben", "lea"), ()),
        (("user:ann", "primary"), ("ann",), ()),
        (("user:nobody", "primary"), ("ann",), ("user:nobody",)),
        (("user:mute",), (), ("user:mute",)),
        (("tertiary",), (), ("tertiary",)),
    ],
    ids=lambda value: "+".join(value) or "none",
)
def test_targets_mean_each_reachable_person_once(targets, people, missing):
    mute = user("mute").__class__(name="mute")
    found = Rota(oncall(users=(mute,))).resolve(targets, "ops", T0)
    assert (found.people, found.missing) == (people, missing)


def test_no_roster_means_nobody():
    assert Rota(oncall()).resolve(("primary",), "none", T0).missing == ("primary",)
