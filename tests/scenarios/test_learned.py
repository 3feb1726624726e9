"""With the shipped model, too, the troubles that people would tell apart are told apart."""

from collections.abc import Iterator

import pytest

from alertmesh.config import load
from tests.scenarios import test_grouping
from tests.scenarios.people import staffed
from tests.scenarios.timetable import Timetable

# To be taken away with a model that was trained on more than two shops and a slice of a fleet.


@pytest.fixture
def table() -> Iterator[Timetable]:
    """Return a timetable under the shipped model, with nothing left that reached people unasked."""
    timetable = Timetable(staffed("chat", load(None, None, {}).models))
    yield timetable
    assert [str(left) for left in timetable.unexpected] == []


def test_three_overlapping_causes_are_three_incidents(table):
    test_grouping.test_three_overlapping_causes_are_three_incidents_with_one_first_page_each(table)


def test_what_shares_nothing_and_comes_a_minute_later_is_another_incident(table):
    test_grouping._two(table).ack("wang", incident=1).ack("wang", incident=2)


def test_what_fires_again_goes_back_to_its_incident(table):
    table.fires("HighErrorRate", namespace="shop", service="checkout").between("10:00", "10:00").page("wang")
    table.ack("wang").at("10:03").clears("HighErrorRate", namespace="shop", service="checkout")
    table.at("10:05").fires("HighErrorRate", namespace="shop", service="checkout")
    assert table.numbers() == [1]
