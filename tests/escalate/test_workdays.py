"""Which days are worked, and when work goes on."""

from datetime import date, time

import chinese_calendar
import pytest
from msgspec.structs import replace

from alertmesh.core.oncall import Calendar
from alertmesh.core.silence import Weekday
from alertmesh.escalate.workdays import is_workday, is_working, known_years, next_working
from tests.escalate.rosters import local, utc

CHINA = Calendar(name="china", country="cn", zone="Asia/Shanghai")
PLAIN = Calendar()


@pytest.mark.parametrize(
    ("calendar", "day", "worked"),
    [
        pytest.param(PLAIN, "2026-11-27", True, id="friday"),
        pytest.param(PLAIN, "2026-11-28", False, id="saturday"),
        pytest.param(CHINA, "2026-10-01", False, id="National Day"),
        pytest.param(CHINA, "2026-02-17", False, id="Spring Festival"),
        pytest.param(CHINA, "2026-10-10", True, id="Saturday worked for a holiday"),
        pytest.param(CHINA, "2026-11-28", False, id="plain Saturday in China"),
        pytest.param(CHINA, "2099-10-01", True, id="a year not known: the weekend alone decides"),
        pytest.param(CHINA, "2099-10-03", False, id="a weekend of a year not known"),
    ],
)
def test_a_day(calendar, day, worked):
    assert is_workday(calendar, date.fromisoformat(day)) is worked


@pytest.mark.parametrize("day", ["2026-10-01", "2026-10-10", "2026-11-27", "2026-11-28"])
def test_days_of_ones_own_overrule(day):
    one = date.fromisoformat(day)
    assert is_workday(replace(CHINA, workdays=(one,)), one)
    assert not is_workday(replace(CHINA, holidays=(one,)), one)


def test_a_weekend_of_ones_own_holds_between_the_holidays():
    six_days = replace(CHINA, weekend=(Weekday.SUN,))
    assert is_workday(six_days, date(2026, 11, 28))
    assert not is_workday(six_days, date(2026, 10, 1))


def test_the_known_years_are_those_of_the_library():
    last = known_years(CHINA)[-1]
    assert list(known_years(PLAIN)) == []
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(date(last + 1, 1, 1))


@pytest.mark.parametrize(
    ("at", "then"),
    [
        pytest.param("2026-11-27T10:00", "2026-11-27T10:00", id="at work"),
        pytest.param("2026-11-27T08:59", "2026-11-27T09:00", id="before"),
        pytest.param("2026-11-27T18:00", "2026-11-30T09:00", id="over the weekend"),
        pytest.param("2026-09-30T18:00", "2026-10-08T09:00", id="over a week of holidays"),
    ],
)
def test_work_goes_on(at, then):
    moment = local(at, "Asia/Shanghai")
    assert next_working(CHINA, moment) == local(then, "Asia/Shanghai")
    assert is_working(CHINA, moment) is (at == then)


def test_a_night_shift_ends_on_the_next_day():
    nights = replace(PLAIN, begins=time(22), ends=time(6))
    assert is_working(nights, utc("2026-11-28T05:59"))  # Friday's
    assert next_working(nights, utc("2026-11-28T06:00")) == utc("2026-11-30T22:00")


def test_a_calendar_without_work_keeps_nobody_waiting():
    idle = replace(PLAIN, weekend=tuple(Weekday))
    assert next_working(idle, utc("2026-11-28")) == utc("2026-11-28")
