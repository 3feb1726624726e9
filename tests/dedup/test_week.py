"""What a week of a series comes to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.dedup.week import DAY_S, DAYS, Week, week_from

START = 20_000 * DAY_S
HOUR = 3_600.0


def week(*hours: float) -> Week:
    """Return the week of a series that fired and cleared in turns at these hours, first firing."""
    made = week_from(START)
    for number, hour in enumerate(hours):
        made.advance(START + hour * HOUR, firing=number % 2 == 1)
        if number % 2 == 0:
            made.begin()
    return made


def test_seconds_go_to_their_days() -> None:
    assert [seconds / HOUR for seconds in week(20, 30).on_s] == [6, 4]


def test_episodes_go_to_the_day_on_which_they_began() -> None:
    assert week(1, 2, 3, 30, 31, 32).episodes == [1, 2]


def test_a_long_silence_leaves_nothing() -> None:
    made = week(1, 2, 3, 4)
    made.advance(START + 40 * DAY_S, firing=False)
    assert (sum(made.on_s), made.begun()) == (0, 0)


def test_a_long_firing_fills_every_day() -> None:
    made = week(0)
    made.advance(START + 40 * DAY_S, firing=True)
    assert (made.share(), len(made.on_s)) == (1.0, DAYS + 1)


@pytest.mark.parametrize(("hours", "share"), [(6.9 * 24, 0.0), (7 * 24, 1.0), (7.5 * 24, 1.0)])
def test_a_share_needs_seven_days(hours: float, share: float) -> None:
    made = week(0, hours)
    assert made.share() == pytest.approx(share)


def test_busy_days() -> None:
    assert week(*(hour / 4 for hour in range(240))).busy_days(40) == 2


@pytest.mark.parametrize("hours", [30.0, 400.0, -30.0])
def test_time_passed_over_counts_as_none(hours: float) -> None:
    made = week(0, 6.9 * 24)
    made.pass_over(hours * HOUR, START + 10_000 * HOUR)
    assert (made.until - START) / HOUR == pytest.approx(6.9 * 24 + hours)
    assert (made.share(), made.until - made.first) == (0.0, pytest.approx(6.9 * DAY_S))


def test_no_more_is_passed_over_than_there_was() -> None:
    made = week(0, 10)
    made.pass_over(30 * HOUR, START + 20 * HOUR)
    assert ((made.until - START) / HOUR, sum(made.on_s) / HOUR) == (20, 10)


@given(st.lists(st.floats(0.1, 50), min_size=1, max_size=20))
def test_it_never_fires_more_than_all_the_time(gaps: list[float]) -> None:
    hours = [sum(gaps[: number + 1]) for number in range(len(gaps))]
    made = week(*hours)
    assert all(0 <= seconds <= DAY_S + 1e-3 for seconds in made.on_s)
    assert 0 <= made.share() <= 1.000_001
