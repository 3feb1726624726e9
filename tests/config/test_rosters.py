"""Rosters and calendars in files."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from alertmesh.config import load
from alertmesh.core.oncall import Calendar, DayKind, DutyRole, Hours, Layer, Roster, Rotation
from alertmesh.core.silence import Weekday
from tests.config.folders import problems, written

LAYERS = """
rosters:
  - name: ops
    lead: operator
    calendar: mill
    layers:
      - members: [operator, developer]
        rotation: weekly
        every: 2
        zone: Asia/Shanghai
        start: 2026-01-05T09:00:00
      - name: nights
        members: [developer]
        role: secondary
        start: 2026-01-05T00:00:00Z
        begins_then: true
        until: 2026-02-05T00:00:00Z
        hours: [{begins: "22:00", ends: "06:00", days: [fri], on: workdays}]
  - {name: rnd, members: [developer], rotation: hourly}
"""
MILL = "calendars: [{name: mill, weekend: [sun], holidays: [2026-12-24], begins: '06:00', ends: '24:00'}]"


def folder(path: Path, rosters: str = LAYERS, calendars: str = MILL) -> Path:
    written(path, calendars, "calendars.yaml")
    return written(path, rosters, "rosters/a.yaml")


def test_layers_are_read(tmp_path):
    found = load(None, folder(tmp_path), {}).oncall.rosters
    start = datetime(2026, 1, 5, tzinfo=UTC)
    hours = Hours(begins=time(22), ends=time(6), days=(Weekday.FRI,), on=DayKind.WORKDAYS)
    week = Layer(
        members=("operator", "developer"),
        rotation=Rotation.WEEKLY,
        every=2,
        zone="Asia/Shanghai",
        start=start.replace(hour=1),
    )
    nights = Layer(
        members=("developer",),
        name="nights",
        role=DutyRole.SECONDARY,
        start=start,
        begins_then=True,
        until=datetime(2026, 2, 5, tzinfo=UTC),
        hours=(hours,),
    )
    mill = Calendar(
        name="mill", weekend=(Weekday.SUN,), holidays=(date(2026, 12, 24),), begins=time(6), ends=time(0)
    )
    assert found["ops"] == Roster(name="ops", layers=(week, nights), lead="operator", calendar=mill)
    assert found["rnd"].layers == (Layer(members=("developer",), rotation=Rotation.HOURLY),)
    assert found["rnd"].calendar == Calendar()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("r: mill", "r: mil", "a.yaml:5:15 there is no calendar 'mil'; did you", id="calendar"),
        pytest.param("[operator, dev", "[dev, dev", "a.yaml:7:19 there is no user 'dev'", id="member"),
        pytest.param("lead:", "members: [a]\n    lead:", "3:5 rosters.0: write `members` inside", id="both"),
        pytest.param("        start: 2026-01-05T00:00:00Z\n", "", "`begins_then` needs", id="no start"),
        pytest.param("until: 2026-02", "until: 2026-01", "`until` should be after `start`", id="ends first"),
        pytest.param("[fri]", "[]", "rosters.0.layers.1.hours.0.days", id="no day"),
        pytest.param('"22:00"', "22", "should be a time of day such as 02:00", id="hours"),
        pytest.param("every: 2", "every: 0", "rosters.0.layers.0.every", id="every"),
        pytest.param("2026-01-05T09", "0001-01-05T09", "should be a moment of the years 1970", id="year"),
        pytest.param("every: 2", "name: nights", "different names", id="names"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path, old, new, said):
    assert LAYERS.count(old) == 1
    found = problems(folder(tmp_path, LAYERS.replace(old, new)))
    assert any(said in line for line in found), found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("weekend: [mon, tue, wed, thu, fri, sat, sun]", "`weekend` should leave a day"),
        ("workdays: [2026-12-24], holidays: [2026-12-24]", "2026-12-24 cannot be both"),
        ("country: xx", "country"),
    ],
)
def test_a_calendar_that_cannot_be(tmp_path, text, said):
    [found] = problems(written(tmp_path, f"calendars: [{{name: a, {text}}}]", "calendars.yaml"))
    assert said in found


UNREACHED = """
users:
  - {name: wang, channels: [console]}
  - {name: mute, channels: []}
rosters:
  - {name: ops, members: [wang, mute], lead: wang}
  - {name: rnd, members: [wang], lead: mute}
"""


def test_people_on_a_roster_whom_no_page_reaches_are_named(tmp_path):
    assert problems(written(tmp_path, UNREACHED, "rosters/a.yaml")) == [
        "rosters/a.yaml:6:33 'mute' cannot be paged; name a channel in `channels` of that user",
        "rosters/a.yaml:7:40 'mute' cannot be paged; name a channel in `channels` of that user",
    ]


def test_somebody_without_a_channel_may_be_on_no_roster(tmp_path):
    text = UNREACHED.replace(", mute]", "]").replace("lead: mute", "lead: wang")
    assert load(None, written(tmp_path, text, "rosters/a.yaml"), {}).oncall.users["mute"].channels == ()


def test_a_tier_whose_steps_reach_nobody_is_a_dead_end(tmp_path):
    text = "rosters: [{name: ops, members: [operator]}, {name: rnd, layers: [{members: []}]}]"
    found = problems(written(tmp_path, text, "rosters/a.yaml"))
    assert len(found) == 3  # P1, P2 and P3; P4 has no steps
    assert all("no step ever reaches anybody: roster 'rnd' has no all and no lead" in line for line in found)
