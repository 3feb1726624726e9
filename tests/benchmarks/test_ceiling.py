"""What is folded together cannot be parted again, and all else may be placed as well as one likes."""

import pytest

from benchmarks.ceiling import ceiling, runs
from tests.benchmarks.test_baselines import alerts


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ([(0, "a=1"), (60, "a=1"), (120, "a=1")], [0, 0, 0]),
        ([(0, "a=1"), (61, "a=1")], [0, 1]),
        ([(0, "a=1"), (0, "a=2"), (1, "a=1")], [0, 1, 0]),
        ([(0, "a=1", 5), (6, "a=1")], [0, 1]),
    ],
    ids=["each extends it", "too late", "other labels", "it was over"],
)
def test_a_repeat_within_the_lease_stays_where_the_first_is(told, found):
    assert runs(alerts(*told), 60) == found


def test_runs_of_one_incident_each_leave_nothing_to_lose():
    assert ceiling([0, 1, 0, 2], ["a", "a", "a", ""]).incident_f1 == 1


def test_a_run_over_two_incidents_costs_one_of_them():
    scores = ceiling([0, 0, 0, 1], ["a", "a", "b", "b"])
    assert 0.5 < scores.incident_f1 < 1
