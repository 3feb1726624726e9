"""Pages by person and night."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from alertmesh.core.incident import TimelineEntry
from alertmesh.core.oncall import Layer, OnCall, Roster
from alertmesh.reports.load import night_of, report, zones

START, END = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC)


def page(at: datetime, person: str, incident: int = 1) -> TimelineEntry:
    data = {"person": person, "tier": "ops"}
    return TimelineEntry(incident=incident, at=at, kind="page", text="", data=data)


@pytest.mark.parametrize(
    ("moment", "zone", "night"),
    [
        ((23, 21, 59), "UTC", None),
        ((23, 22, 0), "UTC", date(2026, 11, 23)),
        ((24, 0, 0), "UTC", date(2026, 11, 23)),
        ((24, 7, 59), "UTC", date(2026, 11, 23)),
        ((24, 8, 0), "UTC", None),
        ((23, 14, 0), "Asia/Shanghai", date(2026, 11, 23)),
        ((24, 0, 0), "Asia/Shanghai", None),
    ],
)
def test_when_it_is_night(moment, zone, night):
    assert night_of(datetime(2026, 11, *moment, tzinfo=UTC), ZoneInfo(zone)) == night


def test_two_pages_of_one_night_interrupt_one_night():
    at = [datetime(2026, 11, 23, 22, 30, tzinfo=UTC), datetime(2026, 11, 24, 3, tzinfo=UTC)]
    day = datetime(2026, 11, 24, 12, tzinfo=UTC)
    found = report([page(at[0], "li"), page(at[1], "li", 2), page(day, "li")], lambda _: "UTC", START, END)
    [li] = found.people
    assert (li.pages, li.incidents, li.night_pages, li.nights_interrupted) == (3, 2, 2, 1)
    assert (found.pages, found.night_pages) == (3, 2)


def test_who_bears_most_at_night_comes_first():
    night, day = datetime(2026, 11, 23, 23, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC)
    lines = [page(day, "a"), page(day, "a"), page(night, "b"), page(day, "c")]
    assert [one.person for one in report(lines, lambda _: "UTC", START, END).people] == ["b", "a", "c"]


def test_the_zone_of_a_person_is_that_of_their_first_roster():
    layers = {
        "b": Layer(members=("li",), zone="Asia/Tokyo"),
        "a": Layer(members=("li",), zone="Asia/Shanghai"),
    }
    rosters = {name: Roster(name=name, layers=(layer,), lead="boss") for name, layer in layers.items()}
    zone_of = zones(OnCall(users={}, rosters=rosters, policies=()))
    assert [zone_of(name) for name in ("li", "boss", "guest")] == ["Asia/Shanghai", "Asia/Shanghai", "UTC"]
