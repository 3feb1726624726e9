"""What people say moves the weights the right way, a little at a time."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from alertmesh.core.entries import Action
from alertmesh.core.judgement import Judgement, Party
from alertmesh.correlate.adapt import Adapter
from alertmesh.correlate.decisions import Decision, Decisions, Weighed
from alertmesh.correlate.features import FAMILIES
from alertmesh.correlate.teach import MOST_LESSONS, Teacher
from tests.correlate.fakes import START

BASE = -1.0
NEAR = (2.0, -1.5, 0.0, -0.3, 0.0)
ALIKE = (-1.0, 2.5, 0.0, -0.3, 0.0)


def odds(adapter: Adapter, terms: tuple[float, ...]) -> float:
    return BASE + adapter.odds(dict(zip(FAMILIES, terms, strict=True)))


def share(value: float) -> float:
    return 1.0 / (1.0 + 2.718281828459045**-value)


class School:
    """A teacher, with decisions to learn from made on the spot."""

    def __init__(self) -> None:
        self.adapter = Adapter()
        self.decisions = Decisions(1000)
        self.teacher = Teacher(self.decisions, self.adapter)
        self.number = 0

    def place(self, series: str, group: int, terms: tuple[float, ...] = NEAR, joins: bool = True) -> Party:
        """Have a series weighed against a group, and put there or not."""
        self.number += 1
        weights = tuple(self.adapter.weight(family) for family in FAMILIES)
        said = tuple(term * weight for term, weight in zip(terms, weights, strict=True))
        weighed = Weighed(group, share(sum(said) + BASE + self.adapter.bias), said)
        at = START + timedelta(seconds=self.number)
        decision = Decision(at, group if joins else 0, (weighed,), (*weights, self.adapter.bias))
        self.decisions.note(series, decision)
        return Party(series)

    def open(self, series: str) -> Party:
        """Have a series begin a group, with nothing to weigh."""
        self.number += 1
        self.decisions.note(series, Decision(START + timedelta(seconds=self.number), 0, ()))
        return Party(series)

    def say(self, action: Action, left: list[Party], right: list[Party], groups: tuple[int, int]) -> None:
        """Have a person judge."""
        self.teacher.learn(
            Judgement(
                at=START,
                actor="ann",
                action=action,
                left=tuple(left),
                right=() if action is Action.MOVE else tuple(right),
                behind=tuple(right) if action is Action.MOVE else (),
                groups=groups,
            )
        )


def split(school: School, number: int) -> None:
    """Put two things together for being close in time alone; a person splits them."""
    first = school.open(f"a{number}")
    school.say(Action.SPLIT, [school.place(f"b{number}", number)], [first], (number, number))


def merge(school: School, number: int) -> None:
    """Leave two things apart that are alike; a person merges them."""
    first = school.open(f"a{number}")
    apart = school.place(f"b{number}", number, ALIKE, joins=False)
    school.say(Action.MERGE, [apart], [first], (number + 1000, number))


def test_twenty_splits_make_the_machine_more_careful() -> None:
    school = School()
    before = odds(school.adapter, NEAR)
    for number in range(1, 21):
        split(school, number)
    assert odds(school.adapter, NEAR) < before - 0.3
    assert school.adapter.weight("time") < 1.0 < school.adapter.weight("likeness")


def test_twenty_merges_make_it_bolder_where_they_were_alike() -> None:
    school = School()
    before = odds(school.adapter, ALIKE)
    for number in range(1, 21):
        merge(school, number)
    assert odds(school.adapter, ALIKE) > before + 0.3


def test_what_is_not_about_the_same_evidence_hardly_moves() -> None:
    school = School()
    before = odds(school.adapter, ALIKE)
    for number in range(1, 21):
        split(school, number)
    assert odds(school.adapter, ALIKE) > before - 0.1


def test_contradictions_leave_the_boundary_about_where_it_was() -> None:
    school = School()
    terms = (1.0, 0.3, 0.0, -0.3, 0.0)  # even odds: both answers are as wrong
    before = odds(school.adapter, terms)
    for number in range(1, 21):
        first, other = school.open(f"a{number}"), school.place(f"b{number}", number, terms)
        school.say(Action.MERGE if number % 2 else Action.SPLIT, [other], [first], (number, number))
    assert odds(school.adapter, terms) == pytest.approx(before, abs=0.05)


def test_what_was_right_already_teaches_little() -> None:
    sure, wrong = School(), School()
    for school, terms in ((sure, (3.0, 3.0, 0.0, 1.0, 0.0)), (wrong, NEAR)):
        first = school.open("a")
        school.say(Action.MERGE, [school.place("b", 1, terms)], [first], (1, 1))
    assert abs(sure.adapter.weight("time") - 1.0) < abs(wrong.adapter.weight("time") - 1.0) / 10


def test_one_click_on_a_large_incident_teaches_a_bounded_number() -> None:
    school = School()
    staying = [school.open("a"), *(school.place(f"s{n}", 1) for n in range(50))]
    leaving = [school.place(f"l{n:02}", 1) for n in range(50)]
    school.say(Action.SPLIT, leaving, staying, (1, 1))
    assert school.adapter.lessons == MOST_LESSONS


def test_the_strongest_disagreement_comes_first() -> None:
    school = School()
    first = school.open("a")
    weak = [school.place(f"b{n}", 1, (1.0, 0.0, 0.0, 0.0, 0.0)) for n in range(MOST_LESSONS)]
    strong = school.place("z", 1, (1.0, 0.0, 0.0, 3.0, 0.0))
    school.say(Action.SPLIT, [*weak, strong], [first], (1, 1))
    assert school.adapter.weight("relation") < 1.0


def test_if_the_first_leaves_the_one_that_came_to_it_teaches() -> None:
    school = School()
    first = school.open("a")
    came, later = school.place("b", 1), school.place("c", 1)
    school.say(Action.SPLIT, [first], [came, later], (1, 1))
    assert (school.adapter.lessons, school.adapter.weight("time") < 1.0) == (1, True)


def test_a_move_teaches_of_both_places() -> None:
    school = School()
    here, there = school.open("a"), school.open("x")
    school.place("b", 1)
    decision = school.decisions.of("b")
    assert decision is not None
    other = Weighed(2, 0.2, ALIKE)
    school.decisions.note("b", replace(decision, weighed=(*decision.weighed, other)))
    school.teacher.learn(
        Judgement(
            at=START,
            actor="ann",
            action=Action.MOVE,
            left=(Party("b"),),
            right=(there,),
            behind=(here,),
            groups=(1, 2),
        )
    )
    assert school.adapter.lessons == 2
    assert school.adapter.weight("time") < 1.0 < school.adapter.weight("likeness")


@pytest.mark.parametrize("action", [Action.ROOT, Action.MERGE, Action.SPLIT])
def test_series_that_nobody_weighed_teach_nothing(action: Action) -> None:
    school = School()
    school.say(action, [Party("p")], [Party("q")], (1, 2))
    assert school.adapter.lessons == 0


def test_the_order_of_judgements_hardly_matters() -> None:
    one, other = School(), School()
    for number in range(1, 11):
        split(one, number)
    for number in range(11, 21):
        merge(one, number)
    for number in range(11, 21):
        merge(other, number)
    for number in range(1, 11):
        split(other, number)
    for terms in (NEAR, ALIKE):
        assert odds(one.adapter, terms) == pytest.approx(odds(other.adapter, terms), abs=0.1)


def moved(school: School, splits: int) -> float:
    """Return how far so many splits move the odds of what is near in time."""
    before = odds(school.adapter, NEAR)
    for number in range(1, splits + 1):
        split(school, number)
    return odds(school.adapter, NEAR) - before


def test_what_nobody_objected_to_holds_splits_back() -> None:
    alone, among = School(), School()
    for number in range(200):
        among.place(f"good-{number}", 1000 + number)
    assert moved(alone, 50) < 2 * moved(among, 50) < 0.0


def test_what_people_disagreed_with_is_not_rehearsed() -> None:
    school = School()
    school.place("good", 1000)
    split(school, 1)
    assert [decision.group for decision in school.decisions.unopposed(9)] == [1000]
    assert school.adapter.lessons == 1


def test_a_bad_day_cannot_turn_it_upside_down() -> None:
    school = School()
    for number in range(1, 1001):
        split(school, number)
    assert all(0.5 <= school.adapter.weight(family) <= 1.5 for family in FAMILIES)
