"""Incidents follow what people say of their groups."""

import pytest

from alertmesh.core.group import GroupsParted, GroupSplit, Join, Reason, RootMarked, SeriesMoved, Suggested
from alertmesh.core.incident import Condition
from alertmesh.core.regrouping import Regrouping, RegroupKind, Suggestion
from tests.incidents.fakes import Desk, at, cleared, grouped

PUT = Join(1.0, (Reason("person", "ann put it here", 1.0),))


def moved(group: int, into: int, *series: str) -> SeriesMoved:
    joins = (PUT,) * len(series)
    return SeriesMoved(group=group, into=into, series=series, joins=joins, at=at(90), actor="ann")


def told(desk: Desk) -> list[tuple[int, str, str]]:
    """Return the lines since the openings and joins: incident, rule and text."""
    return [(one.incident, one.rule, one.text) for one in desk.lines if one.rule not in ("INC-01", "INC-02")]


def test_a_series_moves_to_the_other_incident_with_its_reason() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(1, "B"), grouped(2, "C"), moved(1, 2, "B"))
    assert (desk.names(1), sorted(desk.names(2))) == (["A"], ["B", "C"])
    assert {member.series.id: member.join for member in desk.stage.members(2)}["B"] == PUT


def test_both_timelines_say_where_from_and_where_to() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(1, "B"), grouped(2, "C"), moved(1, 2, "B"))
    assert told(desk) == [
        (1, "INC-11", "B on b went to incident 2"),
        (2, "INC-12", "B on b came from incident 1"),
    ]


def test_of_many_that_move_one_is_named() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(1, "B"), grouped(1, "C"), grouped(2, "D"), moved(1, 2, "B", "C"))
    assert told(desk)[0][2] == "B on b and 1 more went to incident 2"


def test_what_fires_and_leaves_clears_the_incident_it_left() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(1, "B"), cleared(1, "A"), grouped(2, "C", 3), moved(1, 2, "B"))
    assert (desk.one(1).condition, desk.one(2).condition) == (Condition.CLEARED, Condition.FIRING)
    assert ("cleared", 1) in desk.kinds()


def test_a_worse_series_makes_the_other_incident_worse() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(1, "B", 1), grouped(2, "C", 3), moved(1, 2, "B"))
    assert (desk.one(2).priority, desk.kinds()[-1]) == (1, ("grew", 2))
    assert ("worse", 2) in desk.kinds()


def test_a_watched_series_moves_into_an_incident() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A", 4), grouped(2, "C"), moved(1, 2, "A"))
    assert (sorted(desk.names(1)), desk.stage.watching) == (["A", "C"], 0)
    assert told(desk) == [(1, "INC-12", "A on a came from what is only watched")]


def test_a_series_that_moves_to_what_is_watched_makes_an_incident_of_it() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(1, "B"), grouped(2, "C", 4), moved(1, 2, "B"))
    assert sorted(desk.names(2)) == ["B", "C"]
    assert desk.kinds()[-1] == ("opened", 2)


def test_moves_between_watched_groups_are_silent() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A", 4), grouped(1, "B", 4), cleared(1, "A", 4), cleared(1, "B", 4))
    desk.feed(grouped(2, "C", 4), cleared(2, "C", 4), moved(1, 2, "B"))
    assert [(one.group, sorted(one.members)) for one in desk.stage.watched() if one.group == 2] == [
        (2, ["B", "C"])
    ]


def test_what_moved_is_there_after_a_restart() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(1, "B"), grouped(2, "C"), moved(1, 2, "B"))
    before = (desk.one(1), desk.one(2), desk.names(1), desk.names(2))
    desk.restart()
    assert (desk.one(1), desk.one(2), desk.names(1), desk.names(2)) == before


def test_a_named_root_gives_the_incident_its_title_and_a_line() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(1, "B"))
    desk.root = "B"
    desk.feed(RootMarked(group=1, entity="b", at=at(90), actor="ann"))
    assert (desk.one().title, desk.one().causes[0].entity) == ("B on b (+1)", "b")
    assert told(desk) == [(1, "INC-13", "the root is b")]
    assert desk.lines[-1].data == {"entity": "b"}


@pytest.mark.parametrize(
    ("priority", "lines"),
    [
        pytest.param(
            2,
            [(1, "INC-14", "not related to incident 2"), (2, "INC-14", "not related to incident 1")],
            id="two incidents",
        ),
        pytest.param(4, [(1, "INC-14", "not related to what is only watched")], id="one watched"),
    ],
)
def test_unrelated_incidents_say_so(priority: int, lines: list[tuple[int, str, str]]) -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(2, "B", priority))
    desk.feed(GroupsParted(group=1, other=2, at=at(90), actor="ann"))
    assert told(desk) == lines


def test_a_word_on_a_group_that_is_watched_tells_nobody() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A", 4), RootMarked(group=1, entity="a", at=at(90), actor="ann"))
    assert (desk.events, desk.lines) == ([], [])


@pytest.mark.parametrize(
    ("kind", "groups", "text"),
    [
        (RegroupKind.MERGE, (1, 2), "suggestion 3: be one with incident 2, 80% sure: It looks so"),
        (RegroupKind.MERGE, (1, 9), "suggestion 3: be one with what is only watched, 80% sure: It looks so"),
        (RegroupKind.SPLIT, (1,), "suggestion 3: split off 1 series, 80% sure: It looks so"),
    ],
    ids=["merge", "merge with what is watched", "split"],
)
def test_a_suggestion_stands_on_the_timeline(kind: RegroupKind, groups: tuple[int, ...], text: str) -> None:
    desk = Desk()
    looked = Regrouping(kind=kind, groups=groups, series=("B",), confidence=0.8, reason="It looks so")
    made = Suggestion(number=3, at=at(60), seen_at=at(60), told=looked)
    desk.feed(grouped(1, "A"), grouped(2, "C"), Suggested(group=1, suggestion=made, at=at(60)))
    assert told(desk) == [(1, "INC-15", text)]
    desk.feed(Suggested(group=1, suggestion=made, at=at(70), actor="ann"))
    assert (told(desk)[-1][1], desk.lines[-1].actor) == ("INC-16", "ann")


def test_what_the_machine_splits_off_says_why() -> None:
    desk = Desk()
    why = Join(0.96, (Reason("batch", "It looks so", 0.96),))
    parted = GroupSplit(group=1, part=2, series=("B",), at=at(60), join=why)
    desk.feed(grouped(1, "A"), grouped(1, "B"), parted)
    assert told(desk)[0][1:] == ("INC-09", "1 series were split off into incident 2: It looks so")


def test_a_root_that_people_name_brings_back_past_ones_like_it() -> None:
    desk = Desk()
    desk.root = "A"
    desk.feed(grouped(1, "A", service="db"))
    desk.close(1)
    desk.root = ""
    desk.feed(grouped(2, "X", service="x"), grouped(2, "A", service="db"))
    desk.root = "A"
    desk.feed(RootMarked(group=2, entity="db", at=at(90), actor="ann"))
    again = desk.one(2).recurrence
    assert again is not None
    assert again.times == 2
