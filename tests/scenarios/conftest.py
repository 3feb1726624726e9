"""Give each test a timetable, and hold it to the rule that nobody is paged unasked."""

from collections.abc import Iterator

import pytest

from tests.scenarios.timetable import Timetable


@pytest.fixture
def table() -> Iterator[Timetable]:
    """Return a timetable; whatever reached people and no line expected fails the test at its end."""
    timetable = Timetable()
    yield timetable
    assert [str(left) for left in timetable.unexpected] == []
