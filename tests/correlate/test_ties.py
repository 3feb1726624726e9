"""What people said belongs together is known, directly or by way of others, until it is untied."""

import pytest

from alertmesh.correlate.live import Live, Standing
from alertmesh.correlate.ties import Ties
from tests.correlate.fakes import START


def group(*members: str) -> Live:
    live = Live(Standing(id=1, cluster="prod", opened_at=START, active_at=START))
    live.members = dict.fromkeys(members)  # type: ignore[assignment]
    return live


def tied(*sets: str) -> Ties:
    ties = Ties()
    for number, series in enumerate(sets, 1):
        ties.tie(number, set(series))
    return ties


@pytest.mark.parametrize(
    ("sets", "members", "bound"),
    [
        pytest.param(("ab",), "abc", "ab", id="directly"),
        pytest.param(("ab", "bc"), "abc", "abc", id="by-way-of-others"),
        pytest.param(("ab", "bc"), "ac", "a", id="not-by-way-of-what-is-elsewhere"),
        pytest.param(("a",), "abc", "a", id="alone"),
        pytest.param((), "abc", "a", id="nothing-said"),
    ],
)
def test_what_is_bound(sets: tuple[str, ...], members: str, bound: str) -> None:
    assert tied(*sets).bound(group(*members), "a") == set(bound)


def test_what_is_untied_binds_nothing_and_others_stay_tied() -> None:
    ties = tied("ab", "abcd")
    ties.untie("b")
    assert [sorted(ties.bound(group(*"abcd"), one)) for one in "ab"] == [["a", "c", "d"], ["b"]]
    assert len(ties.table) == 1


def test_ties_are_known_again_after_a_restart() -> None:
    ties, again = tied("ab", "cd"), Ties()
    again.table.restore((row.key, row.body) for row in ties.table.drain())  # type: ignore[misc]
    again.restored()
    again.untie("c")
    assert again.bound(group(*"abcd"), "a") == {"a", "b"}
    assert len(again.table) == 1
