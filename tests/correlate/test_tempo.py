"""What is known of an arrival: counts that fade, and for how long a scope is known."""

import pytest

from alertmesh.correlate.tempo import Habit, Tempo

_DAY = 86_400.0


def _known_after(seconds: float) -> Habit:
    tempo = Tempo(1000)
    tempo.arrive("first", "Kind", "scope", 0.0)
    return tempo.arrive("second", "Kind", "scope", seconds)


def test_a_scope_is_known_for_two_days_at_most():
    assert _known_after(_DAY).known < _known_after(2 * _DAY).known == _known_after(30 * _DAY).known


@pytest.mark.parametrize("weeks", [1, 4, 52])
def test_what_lies_weeks_back_leaves_no_trace_but_when_it_last_came(weeks):
    old, month = _known_after(weeks * 7 * _DAY), _known_after(30 * _DAY)
    assert (old.own, round(old.kind, 3), round(old.scope, 3)) == (0.0, 0.0, 0.0)
    assert (old.known, old.span) == (month.known, month.span)
