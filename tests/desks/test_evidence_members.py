"""An incident's series are told the most telling first, and what all of them have in common is said."""

from datetime import timedelta
from random import Random

import pytest
from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.group import Join, Role
from alertmesh.desks.evidence_members import MOST_VALUES, Ranking, common
from tests.console.fakes import NOW, a_member

JOIN = Join(0.5, (), Role.MEMBER)


def a_series(id, name="PodNotReady", *, root=False, **facts):
    made = a_member(1)
    series = replace(made.series, id=id, name=name, priority=facts.pop("priority", Priority.P3), **facts)
    return replace(made, series=series, join=made.join if root else JOIN)


def ids(members):
    return [one.series.id for one in members]


EARLY = NOW - timedelta(minutes=1)
IN_ORDER = [
    a_series("f", firing=0, root=True),
    a_series("e", firing=0),
    a_series("d", priority=Priority.P1),
    a_series("c", opened_at=EARLY),
    a_series("a"),
    a_series("b"),
    a_series("0", firing=0, priority=Priority.P1),
]


def test_the_likely_root_comes_first_then_what_fires_the_worst_and_the_earliest():
    mixed = Random(7).sample(IN_ORDER, len(IN_ORDER))
    assert ids(sorted(mixed, key=Ranking("e").order)) == ids([IN_ORDER[1], IN_ORDER[0], *IN_ORDER[2:]])


def test_of_each_name_there_are_the_foremost():
    others = [a_series(f"x{one}", "DiskFull", opened_at=NOW + timedelta(seconds=one)) for one in range(9)]
    found = Ranking("x8").foremost([*others, *reversed(IN_ORDER)], 2)
    assert ids(found) == ["x8", "x0", "f", "d"]


def test_each_name_says_how_many_how_bad_since_when_and_whether_it_is_the_root():
    others = [a_series(f"x{one}", "DiskFull", firing=one) for one in range(3)]
    names = Ranking("x0").kinds([*IN_ORDER[1:], *others])
    told = [(one.name, one.series, one.firing, one.priority, one.began, one.root) for one in names]
    assert told == [("DiskFull", 3, 2, "P3", NOW, True), ("PodNotReady", 6, 4, "P1", EARLY, False)]


@pytest.mark.parametrize(
    ("first", "second", "before"),
    [
        ({"firing": 0, "priority": Priority.P1}, {"priority": Priority.P4}, False),
        ({"priority": Priority.P1}, {}, True),
        ({}, {}, True),
    ],
)
def test_names_that_fire_come_first_then_the_worst(first, second, before):
    found = Ranking("").kinds([a_series("1", "B", **second), a_series("2", "A", **first)])
    assert (found[0].name == "A") == before


def test_of_two_names_alike_the_one_with_more_comes_first():
    found = Ranking("").kinds([a_series("1", "A"), a_series("2", "B"), a_series("3", "B")])
    assert [one.name for one in found] == ["B", "A"]


def test_labels_that_all_have_are_common_with_their_few_values():
    labels = [
        {"cluster": "east", "pod": f"p{one}", "rack": str(one % MOST_VALUES), "zone": "", **more}
        for one, more in enumerate([{"team": "db"}, *[{}] * (MOST_VALUES + 1)])
    ]
    found = common(a_series(str(one), labels=some) for one, some in enumerate(labels))
    assert found == {"cluster": ["east"], "rack": sorted(map(str, range(MOST_VALUES)))}


def test_nothing_has_nothing_in_common():
    assert common([]) == {}
