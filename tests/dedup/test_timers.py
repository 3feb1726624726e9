"""Timers against a plain look at all moments."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alertmesh.dedup.timers import Timers
from tests.dedup.fakes import T0

KEYS = st.sampled_from("abc")
MOMENTS = st.integers(0, 5).map(lambda minute: T0 + timedelta(minutes=minute))
SETS = st.tuples(KEYS, st.none() | MOMENTS)


@given(st.lists(SETS | MOMENTS, max_size=30))
def test_the_next_moment_is_the_earliest_of_all(deeds: list[tuple[str, datetime | None] | datetime]) -> None:
    timers = Timers()
    plain: dict[str, datetime] = {}
    for deed in deeds:
        if isinstance(deed, datetime):
            due = sorted((moment, key) for key, moment in plain.items() if moment <= deed)
            assert timers.due(deed) == [key for _, key in due]
            plain = {key: moment for key, moment in plain.items() if moment > deed}
        else:
            key, moment = deed
            timers.set(key, moment)
            plain = {name: when for name, when in (plain | {key: moment}).items() if when is not None}
        assert timers.next() == min(plain.values(), default=None)
