"""When a recurring window holds, the days on which clocks change among them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.silence import Weekday, Window
from alertmesh.escalate.windows import Occurrence, occurrence


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def window(begins: str, ends: str, zone: str = "Europe/Berlin", **more) -> Window:
    times = {"begins": time.fromisoformat(begins), "ends": time.fromisoformat(ends)}
    return Window(name="w", matchers='a="b"', zone=zone, **times, **more)


def spans(of: Window, now: str) -> str | None:
    found = occurrence(of, moment(now))
    return found and f"{found.start:%m-%d %H:%M} {found.end:%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("begins", "ends", "now", "wanted"),
    [
        pytest.param("02:00", "04:00", "2026-01-10 00:00", "01-10 01:00 01-10 03:00", id="winter"),
        pytest.param("02:00", "04:00", "2026-07-10 00:30", "07-10 00:00 07-10 02:00", id="summer"),
        pytest.param("22:00", "04:00", "2026-01-10 01:00", "01-09 21:00 01-10 03:00", id="over-midnight"),
        pytest.param("00:00", "00:00", "2026-01-10 12:00", "01-09 23:00 01-10 23:00", id="whole-day"),
        pytest.param("02:00", "04:00", "2026-03-29 00:00", "03-29 01:00 03-29 02:00", id="shorter-in-spring"),
        pytest.param("02:10", "02:40", "2026-03-29 00:00", "03-30 00:10 03-30 00:40", id="swallowed"),
        pytest.param("01:00", "04:00", "2026-10-24 23:30", "10-24 23:00 10-25 03:00", id="longer-in-autumn"),
        pytest.param("02:30", "02:45", "2026-10-25 00:00", "10-25 00:30 10-25 00:45", id="first-of-two"),
    ],
)
def test_a_window_in_berlin(begins, ends, now, wanted):
    assert spans(window(begins, ends), now) == wanted


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-07-01"])
def test_a_window_in_shanghai_never_moves(day):
    found = spans(window("02:00", "04:00", "Asia/Shanghai"), f"{day} 00:00")
    before = date.fromisoformat(day)
    assert found == f"{before:%m-%d} 18:00 {before:%m-%d} 20:00"


def test_only_the_named_days_count():
    nights = window("23:00", "05:00", "UTC", days=(Weekday.FRI,))
    assert spans(nights, "2026-11-23 00:00") == "11-27 23:00 11-28 05:00"


def test_the_day_on_which_it_begins_is_the_day_that_counts():
    nights = window("23:00", "05:00", "UTC", days=(Weekday.FRI,), last_day=date(2026, 11, 27))
    assert spans(nights, "2026-11-28 04:59") == "11-27 23:00 11-28 05:00"
    assert spans(nights, "2026-11-28 05:00") is None


def test_it_does_not_begin_before_its_first_day():
    assert spans(window("02:00", "04:00", "UTC", first_day=date(2027, 5, 1)), "2026-11-23 00:00") == (
        "05-01 02:00 05-01 04:00"
    )


@pytest.mark.parametrize(("now", "there"), [("2026-12-01 00:00", True), ("2026-12-05 22:00", False)])
def test_a_window_that_takes_place_once(now, there):
    once = Window(
        name="w", matchers="a=b", starts_at=moment("2026-12-05 20:00"), ends_at=moment("2026-12-05 22:00")
    )
    assert (occurrence(once, moment(now)) is not None) is there


TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
WINDOWS = st.builds(
    lambda begins, ends, zone, days: Window(
        name="w", matchers="a=b", begins=begins, ends=ends, zone=zone, days=tuple(days)
    ),
    TIMES,
    TIMES,
    st.sampled_from(["Europe/Berlin", "Asia/Shanghai", "America/New_York", "UTC"]),
    st.sets(st.sampled_from(list(Weekday)), min_size=1),
)
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda m: moment("2026-01-01 00:00") + timedelta(minutes=m))


@given(WINDOWS, MOMENTS)
def test_each_occurrence_ends_later_than_now_and_begins_at_its_wall_clock_time(of, now):
    found = occurrence(of, now)
    assert isinstance(found, Occurrence)
    assert max(found.start, now) < found.end
    local = found.start.astimezone(ZoneInfo(of.zone))
    skipped = local.utcoffset() != (found.start - timedelta(seconds=1)).astimezone(local.tzinfo).utcoffset()
    assert skipped or local.time() == of.begins
