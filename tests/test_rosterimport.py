"""Plans of other tools, read from iCalendar files."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.errors import BadPayload
from alertmesh.core.oncall import Rotation, single
from alertmesh.escalate.ical import roster_calendar
from alertmesh.escalate.roster import Rota
from alertmesh.rosterimport import Planned, differing, planned
from tests.escalate.fakes import oncall, user
from tests.escalate.rosters import utc

USERS = {name: user(name) for name in ("ann", "ben")}
USERS["ann"] = USERS["ann"].__class__(name="ann", display="Ann Li", channels=("ding",))
START, END = utc("2027-01-01"), utc("2027-05-01")


def calendar(*events: str) -> str:
    blocks = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{blocks}END:VCALENDAR\n"


def shifts(*events: str, zone: str = "Europe/Berlin") -> list[str]:
    found = planned(calendar(*events), USERS, zone, START, END)
    return [f"{one.person} {one.start:%m-%d %H:%M} {one.end:%m-%d %H:%M}" for one in found]


SHORT = "SUMMARY:ben\nDTSTART:20270104T080000Z\nDTEND:20270104T200000Z"


@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        pytest.param(SHORT, ["ben 01-04 08:00 01-04 20:00"], id="utc"),
        pytest.param(
            "SUMMARY:Ann Li\nDTSTART:20270104T090000\nDURATION:PT12H",
            ["ann 01-04 08:00 01-04 20:00"],
            id="no zone",
        ),
        pytest.param(
            "SUMMARY:x\nATTENDEE;CN=Ann LI:mailto:a@x.org\nDTSTART;VALUE=DATE:20270105",
            ["ann 01-04 23:00 01-05 23:00"],
            id="whole day, by attendee",
        ),
        pytest.param(
            "SUMMARY:x\nATTENDEE:mailto:ben@x.org\n" + SHORT.partition("\n")[2],
            ["ben 01-04 08:00 01-04 20:00"],
            id="by address",
        ),
        pytest.param(
            "SUMMARY:ben\nDTSTART;TZID=America/New_York:20270312T200000\n"
            "DTEND;TZID=America/New_York:20270313T080000\nRRULE:FREQ=DAILY;COUNT=3",
            ["ben 03-13 01:00 03-13 13:00", "ben 03-14 01:00 03-14 12:00", "ben 03-15 00:00 03-15 12:00"],
            id="daily by the wall clock",
        ),
        pytest.param(
            "UID:1\nSUMMARY:ben\nDTSTART;TZID=Europe/Berlin:20270104T090000\nDURATION:P1W\n"
            "RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20270215T080000Z\nEXDATE;TZID=Europe/Berlin:20270118T090000",
            ["ben 01-04 08:00 01-11 08:00", "ben 02-01 08:00 02-08 08:00", "ben 02-15 08:00 02-22 08:00"],
            id="every other week, one left out",
        ),
        pytest.param(SHORT + "\nSTATUS:CANCELLED", [], id="cancelled"),
        pytest.param("SUMMARY:ben\nDTSTART:20260101T000000Z\nDURATION:P1D", [], id="long past"),
    ],
)
def test_an_event_is_read(event, wanted):
    assert shifts(event) == wanted


def test_a_moved_occurrence_stands_for_the_one_it_was():
    series = "UID:1\nSUMMARY:ben\nDTSTART:20270104T080000Z\nDURATION:PT8H\nRRULE:FREQ=DAILY;COUNT=2"
    moved = "UID:1\nRECURRENCE-ID:20270105T080000Z\nSUMMARY:ann\nDTSTART:20270105T100000Z\nDURATION:PT1H"
    assert shifts(series, moved) == ["ben 01-04 08:00 01-04 16:00", "ann 01-05 10:00 01-05 11:00"]
    taken = moved.replace("T100000Z", "T080000Z")  # somebody else, at the same time
    assert shifts(series, taken) == ["ben 01-04 08:00 01-04 16:00", "ann 01-05 08:00 01-05 09:00"]


@pytest.mark.parametrize(
    ("event", "said"),
    [
        pytest.param(SHORT.replace("ben", "bob"), "line 9: 'bob' is nobody's name", id="unknown person"),
        pytest.param(SHORT + "\nRRULE:FREQ=MONTHLY", "line 12: repeated MONTHLY", id="monthly"),
        pytest.param(SHORT + "\nRDATE:20270110T080000Z", "line 12: RDATE is not read", id="dates"),
        pytest.param("SUMMARY:ben", "line 8: an event needs a DTSTART", id="no start"),
        pytest.param(
            SHORT.replace("DTEND:20270104", "DTEND:20270103"),
            "line 11: a shift should end after",
            id="ends first",
        ),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(event, said):
    with pytest.raises(BadPayload, match=said):
        shifts(SHORT, event)


@pytest.mark.parametrize("text", ["", "hello", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n"])
def test_no_calendar_is_refused(text):
    with pytest.raises(BadPayload, match="no iCalendar"):
        planned(text, USERS, "UTC", START, END)


ROSTER = single("ops", "ann", "ben", rotation=Rotation.WEEKLY, zone="Europe/Berlin", start=utc("2027-01-04"))


def test_our_own_export_is_read_as_the_same_shifts():
    rota = Rota(oncall(ROSTER))
    text = roster_calendar(rota, "ops", START, END, START)
    found = [(one.start, one.end, one.person) for one in planned(text, USERS, "UTC", START, END)]
    wanted = [(one.start, one.end, one.duty.primary) for one in rota.shifts("ops", utc("2026-12-28"), END)]
    assert found == wanted


def test_only_what_differs_from_the_roster_is_left():
    plan = planned(calendar(SHORT, SHORT.replace("SUMMARY:ben", "SUMMARY:ann")), USERS, "UTC", START, END)
    shifts = Rota(oncall(ROSTER)).shifts("ops", START, END)
    standing = [Planned(shift.start, shift.end, shift.duty.primary) for shift in shifts]
    [left] = differing(plan, standing)
    assert (left.person, left.start) == ("ben", utc("2027-01-04T08:00"))


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading(text):
    with suppress(BadPayload):
        shifts(SHORT + "\n" + text)
