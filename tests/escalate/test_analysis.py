"""What is wrong with a roster in the time ahead."""

from datetime import time, timedelta

import pytest

from alertmesh.core.oncall import DutyRole, Hours, Layer, Override, Roster, Rotation, User
from alertmesh.core.silence import Weekday
from alertmesh.escalate.analysis import analyse, gaps, loads
from alertmesh.escalate.roster import Rota
from tests.escalate.fakes import oncall, user
from tests.escalate.rosters import DAY, utc

MONDAY = utc("2027-01-04T09:00")
WEEKLY = Layer(members=("xin", "yan", "zoe"), rotation=Rotation.WEEKLY, start=MONDAY)
OFFICE = Hours(begins=time(9), ends=time(18), days=(Weekday.MON, Weekday.TUE))
USERS = (User(name="mute"), *map(user, ("xin", "yan", "zoe")))


def findings(
    *layers: Layer, days: int = 21, others: tuple[Roster, ...] = (), stand_in: tuple = ()
) -> list[str]:
    roster = Roster(name="r", layers=layers)
    overrides = [
        Override(id="o", roster="r", starts_at=start, ends_at=end, person=who, created_at=MONDAY)
        for who, start, end in stand_in
    ]
    rota = Rota(oncall(roster, *others, users=USERS), overrides)
    found = analyse(rota, "r", MONDAY, MONDAY + days * DAY)
    return [f"{one.kind} {one.person} {one.start:%a %H} {one.end:%a %H}" for one in found]


@pytest.mark.parametrize(
    ("layers", "days", "wanted"),
    [
        pytest.param((WEEKLY,), 21, [], id="all is well"),
        pytest.param(
            (Layer(members=("xin",), hours=(OFFICE,)),),
            2,
            ["gap  Mon 18 Tue 09", "gap  Tue 18 Wed 09"],
            id="nights without anybody",
        ),
        pytest.param((Layer(members=("mute",)),), 2, ["gap  Mon 09 Wed 09"], id="nobody who can be reached"),
        pytest.param((Layer(members=("nobody", "xin")),), 2, ["empty_turn  Mon 09 Wed 09"], id="empty"),
        pytest.param((Layer(members=("xin",)),), 8, ["too_long xin Mon 09 Tue 09"], id="more than a week"),
        pytest.param(
            (Layer(members=("xin",)), Layer(members=("xin",), role=DutyRole.SECONDARY)),
            2,
            ["alone xin Mon 09 Wed 09"],
            id="primary and secondary",
        ),
    ],
)
def test_findings(layers, days, wanted):
    assert findings(*layers, days=days) == wanted


def test_a_short_rest_between_two_turns():
    shifts = Layer(members=("xin", "yan"), rotation=Rotation.HOURLY, every=8, start=MONDAY)
    assert "short_rest xin Mon 17 Tue 01" in findings(shifts, days=2)


def test_a_week_of_a_clock_change_is_no_more_than_a_week():
    berlin = Layer(members=("xin", "yan"), rotation=Rotation.WEEKLY, zone="Europe/Berlin")
    rota = Rota(oncall(Roster(name="r", layers=(berlin,)), users=USERS))
    assert analyse(rota, "r", utc("2026-10-18T22:00"), utc("2026-11-01T23:00")) == []


def test_whoever_has_far_more_than_the_others_is_named():
    more = [("xin", MONDAY + 7 * number * DAY, MONDAY + 7 * (number + 1) * DAY) for number in (1, 2, 4, 5)]
    found = findings(WEEKLY, days=42, stand_in=tuple(more))
    assert [line for line in found if "too_much" in line and "xin" not in line] == []
    assert found.count("too_much xin Mon 09 Mon 09") == 3  # hours, nights and weekend days


def test_the_primary_of_two_rosters_at_once():
    other = Roster(name="s", layers=(Layer(members=("yan",)),))
    assert findings(WEEKLY, others=(other,)) == ["two_rosters yan Mon 09 Mon 09"]


def test_loads_add_up():
    rota = Rota(oncall(Roster(name="r", layers=(WEEKLY,)), users=USERS))
    found = loads(rota, "r", MONDAY, MONDAY + 28 * DAY)
    assert [(one.person, one.hours, one.nights, one.weekend_days) for one in found] == [
        ("xin", 336, 14, 4),
        ("yan", 168, 7, 2),
        ("zoe", 168, 7, 2),
    ]
    assert [round(one.share, 2) for one in found] == [0.5, 0.25, 0.25]
    assert {round(one.fair, 2) for one in found} == {0.33}


def test_a_night_counts_for_who_has_half_of_it_or_more():
    midnight = Layer(members=("xin", "yan"), rotation=Rotation.DAILY, start=utc("2027-01-04"))
    rota = Rota(oncall(Roster(name="r", layers=(midnight,)), users=USERS))
    assert [one.nights for one in loads(rota, "r", utc("2027-01-04"), utc("2027-01-14"))] == [5, 5]


def test_a_finding_tells_the_times_of_the_roster():
    shanghai = Layer(members=("xin",), zone="Asia/Shanghai", until=utc("2027-01-05T01:00"))
    rota = Rota(oncall(Roster(name="r", layers=(shanghai,)), users=USERS))
    [gap] = gaps(rota, "r", MONDAY, MONDAY + timedelta(days=2))
    assert gap.text == (
        "nobody can be reached from 2027-01-05 09:00 to 2027-01-06 17:00 (Asia/Shanghai): no layer holds"
    )
