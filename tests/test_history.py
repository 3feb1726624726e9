"""Incidents are found whether they are open or long over."""

import pytest

from alertmesh.core.response import State
from tests.scenarios.timetable import Timetable


@pytest.fixture
def table():
    """Return a timetable whose messages nobody checks."""
    return Timetable()


def test_an_open_incident_is_read_with_its_response(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang")
    incident, response = table.program.history.incident(1)
    assert (incident.title, response.state) == ("NodeDown on n1", State.T1_PAGING)


def test_an_incident_that_is_over_is_read_from_the_store(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang")
    table.at("10:01").clears("NodeDown", node="n1").between("10:06", "10:06").closing("wang")
    incident, response = table.at("11:00").program.history.incident(1)
    assert table.program.pipeline.incidents.incident(1) is None
    assert incident.archived
    assert response.state in (State.RESOLVED, State.CLOSED)
    assert len(table.program.history.members(1)) == 1


def test_what_never_was_is_not_found(table):
    assert table.program.history.incident(7) is None
    assert table.program.history.briefing(7) is None


def test_incidents_come_newest_first_in_pages(table):
    for number in range(5):
        table.fires("Down", service=f"s{number}")
    history = table.program.history
    assert [incident.id for incident, _ in history.incidents(None, 2)] == [5, 4]
    assert [incident.id for incident, _ in history.incidents(4, 2)] == [3, 2]


def test_the_timeline_is_read_in_pages(table):
    table.fires("NodeDown", node="n1").between("10:00", "10:00").page("wang").ack("wang")
    history = table.program.history
    lines = history.timeline(1, 0, 100)
    assert history.timeline(1, lines[0].number, 1) == lines[1:2]


def test_why_names_incidents_by_their_numbers(table):
    table.fires("NodeDown", node="n1").fires("Slow", service="cart")
    series = {member.series.name: member.series.id for member in table.program.history.members(2)}
    assert table.program.history.why(series["Slow"]).group == 2
    told = table.program.history.why_apart(1, 2)
    assert told.answer.startswith("Nobody weighed the two")
    assert any(fact.startswith("Incident 2 began") for fact in told.facts)


def test_what_is_over_has_no_why(table):
    table.fires("NodeDown", node="n1")
    assert (table.program.history.why("nobody"), table.program.history.why_apart(1, 9)) == (None, None)
