"""Shifts as calendars of other programs read them."""

from datetime import timedelta

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.oncall import DutyRole, Layer, Override, Roster, Rotation
from alertmesh.escalate.ical import person_calendar, roster_calendar
from alertmesh.escalate.roster import Rota
from tests.escalate.fakes import oncall
from tests.escalate.rosters import DAY, utc

START = utc("2027-01-04T09:00")
WEEKS = Layer(members=("ann", "ben"), rotation=Rotation.WEEKLY, start=START)
BACKUP = Layer(members=("ben",), role=DutyRole.SECONDARY)
ROTA = Rota(oncall(Roster(name="ops", layers=(WEEKS, BACKUP))))


def events(text: str) -> list[icalendar.Event]:
    return icalendar.Calendar.from_ical(text).walk("VEVENT")


def test_each_shift_is_an_event_by_the_name_of_its_primary():
    [first, second] = events(roster_calendar(ROTA, "ops", START, START + 8 * DAY, START))
    assert [str(first["SUMMARY"]), str(second["SUMMARY"])] == ["ann", "ben"]
    assert [first["DTSTART"].dt, first["DTEND"].dt] == [START, START + 7 * DAY]
    assert "secondary: ben" in str(first["DESCRIPTION"])


def test_the_ids_are_the_same_whenever_it_is_asked():
    early = events(roster_calendar(ROTA, "ops", START, START + 30 * DAY, START))
    late = events(roster_calendar(ROTA, "ops", START + 3 * DAY, START + 30 * DAY, START + 3 * DAY))
    assert [str(event["UID"]) for event in early] == [str(event["UID"]) for event in late]
    assert len({str(event["UID"]) for event in early}) == len(early)


def test_a_shift_that_never_ends_has_one_id():
    rota = Rota(oncall(Roster(name="ops", layers=(Layer(members=("ann",)),))))
    ids = {
        str(events(roster_calendar(rota, "ops", at, at + DAY, at))[0]["UID"]) for at in (START, START + DAY)
    }
    assert len(ids) == 1


def test_a_person_sees_each_stretch_of_a_role_once():
    found = events(person_calendar(ROTA, "ben", START, START + 13 * DAY, START))
    assert [(str(event["SUMMARY"]), event["DTSTART"].dt) for event in found] == [
        ("ops: primary", START + 7 * DAY),
        ("ops: secondary", START - 70 * DAY),
    ]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=200))
def test_any_name_comes_through_in_lines_of_75_octets(name):
    stand_in = Override(
        id="1", roster="ops", starts_at=START, ends_at=START + DAY, person=name, created_at=START
    )
    text = roster_calendar(Rota(oncall(Roster(name="ops")), [stand_in]), "ops", START, START + DAY, START)
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    [event] = events(text)
    assert str(event["SUMMARY"]) == name


@pytest.mark.parametrize("roster", ["none", "empty"])
def test_nobody_has_an_empty_calendar(roster):
    rota = Rota(oncall(Roster(name="empty", layers=(Layer(members=()),))))
    assert events(roster_calendar(rota, roster, START, START + timedelta(days=9), START)) == []
