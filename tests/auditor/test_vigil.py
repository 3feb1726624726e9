"""What only passes is not told, what lasts is not told all the time, and the end is told once."""

from itertools import pairwise

import pytest

from alertmesh.auditor.look import Check, Finding
from alertmesh.auditor.vigil import Vigil
from tests.auditor.fakes import ago

REPEAT_S, EVERY_S = 900.0, 15.0


def one(check, incident=0, sure=False):
    return Finding(check=check, since=ago(60), incident=incident, sure=sure)


LATE, OTHER, LOST, LOST_TOO = (
    one(Check.OVERDUE, 1),
    one(Check.OVERDUE, 2),
    one(Check.UNPAGED, 1),
    one(Check.UNPAGED, 2),
)
AWAY = one(Check.SERVER, sure=True)


def said(*rounds, arrives=True, clean=None):
    """Return (round, word, checks) of everything that is said, one round every 15 seconds."""
    vigil, out = Vigil(REPEAT_S), []
    for number, findings in enumerate(rounds):
        at_s = number * EVERY_S
        saying = vigil.note(tuple(findings), at_s, is_clean=not findings if clean is None else clean)
        if saying is not None:
            out.append((number, str(saying.word), [finding.check for finding in saying.findings]))
            if arrives:
                vigil.told(saying, at_s)
    return out


@pytest.mark.parametrize(
    ("rounds", "wanted"),
    [
        pytest.param([[]] * 5, [], id="quiet while all is well"),
        pytest.param([[LATE], [], [LATE], []], [], id="what passes is not told"),
        pytest.param([[LATE], [OTHER], [LATE]], [], id="another one each time is a race with the writer"),
        pytest.param([[LATE], [LATE]], [(1, "new", ["overdue"])], id="two rounds are believed"),
        pytest.param([[AWAY]], [(0, "new", ["server"])], id="what is sure is told at once"),
        pytest.param([[LATE, AWAY]], [(0, "new", ["server"])], id="only what is believed is told"),
        pytest.param(
            [[LATE]] * 3 + [[]] * 4,
            [(1, "new", ["overdue"]), (4, "over", [])],
            id="the end is told once, after two rounds",
        ),
        pytest.param(
            [[LATE], [LATE], [], [LATE], [LATE], [], []],
            [(1, "new", ["overdue"]), (6, "over", [])],
            id="one good round is not the end",
        ),
        pytest.param(
            [[LATE], [LATE]] + [[LATE, OTHER]] * 20, [(1, "new", ["overdue"])], id="more of the same"
        ),
        pytest.param(
            [[LATE], [LATE]] + [[LATE, AWAY]] * 9,
            [(1, "new", ["overdue"]), (5, "new", ["overdue", "server"])],
            id="another kind is told, a minute later at the soonest",
        ),
        pytest.param(
            [[LOST], [LOST]] + [[LOST, LOST_TOO]] * 9,
            [(1, "new", ["unpaged"]), (5, "new", ["unpaged", "unpaged"])],
            id="each incident that nobody was told of is news",
        ),
        pytest.param(
            [[LATE]] * 63,
            [(1, "new", ["overdue"]), (61, "still", ["overdue"])],
            id="after a quarter of an hour again",
        ),
        pytest.param(
            [[LATE]] * 2 + [[]] * 2 + [[LATE]] * 2,
            [(1, "new", ["overdue"]), (3, "over", []), (5, "new", ["overdue"])],
            id="it comes back",
        ),
    ],
)
def test_what_is_said_when(rounds, wanted):
    assert said(*rounds) == wanted


def test_what_did_not_arrive_is_tried_each_round():
    assert [number for number, *_ in said(*[[LATE]] * 5, arrives=False)] == [1, 2, 3, 4]


def test_the_end_of_what_nobody_heard_of_is_not_told():
    assert [word for _, word, _ in said(*[[LATE]] * 2, *[[]] * 9, arrives=False)] == ["new"]


def test_it_is_not_over_while_something_is_amiss_that_is_no_finding_yet():
    assert [word for _, word, _ in said([AWAY], [], [], [], clean=False)] == ["new"]


def test_nothing_is_said_more_often_than_once_a_minute():
    kinds = [one(check) for check in Check]
    rounds = [kinds[: 1 + number // 2] for number in range(2 * len(kinds))]
    moments = [number * EVERY_S for number, *_ in said(*rounds)]
    assert len(moments) > 3
    assert all(later - earlier >= 60 for earlier, later in pairwise(moments))
