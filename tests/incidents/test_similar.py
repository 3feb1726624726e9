"""An incident names the past ones that it is like: what it was, who handled it, how."""

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.core.entries import Action
from alertmesh.core.group import GroupEvent
from alertmesh.core.incident import Incident, Recurrence
from alertmesh.incidents.settings import SimilarSettings
from alertmesh.incidents.signature import Signature
from alertmesh.incidents.similar import Past, PastIncidents, facets_of
from tests.incidents.fakes import START, Desk, at, cleared, grouped, merged, split

DISK = Signature(kinds=("DiskFull",), roots=("node-7",), places=("node-7",), words=("disk", "full"))
LOOP = Signature(kinds=("PodCrashLooping",), roots=("cart",), places=("cart",), words=("restarted",))


def past(number: int, found: Signature, days: float = 0, place: str = "") -> Past:
    moment = START - timedelta(days=days)
    return Past(
        incident=number, title="", opened_at=moment, closed_at=moment, facets=facets_of(found), place=place
    )


def memory(*found: Signature, **limits: float) -> PastIncidents:
    made = PastIncidents(SimilarSettings(**limits))  # type: ignore[arg-type]
    for number, one in enumerate(found, 1):
        made.remember(past(number, one))
    return made


def numbers(made: PastIncidents, found: Signature) -> list[int]:
    return [one.incident for one in made.like(found)]


def test_the_same_is_wholly_alike() -> None:
    [found] = memory(DISK, LOOP).like(DISK)
    assert (found.incident, found.score, found.telling) == (1, 1.0, True)


def test_what_they_share_is_said_in_a_sentence() -> None:
    [found] = memory(DISK, LOOP).like(DISK)
    assert found.shared == (
        "the same alerts: DiskFull; the same likely root: node-7; the same places: node-7"
    )


def test_the_same_alerts_and_root_count_more_than_the_same_hosts() -> None:
    trouble = Signature(kinds=("DiskFull",), roots=("db",), places=("node-1",))
    kin = Signature(kinds=("DiskFull",), roots=("db",), places=("node-2",))
    neighbour = Signature(kinds=("LinkDown",), roots=("switch",), places=("node-1",))
    made = memory(neighbour, kin, DISK, LOOP, score=0.0)
    assert numbers(made, trouble)[0] == 2


def test_a_rare_feature_tells_more_than_a_common_one() -> None:
    common = [Signature(kinds=("Watchful", f"Other{n}")) for n in range(20)]
    made = memory(*common, Signature(kinds=("Rare", "Elsewhere")), score=0.0)
    assert numbers(made, Signature(kinds=("Rare", "Watchful")))[0] == 21


def test_of_equals_the_newest_come_first() -> None:
    assert numbers(memory(DISK, DISK, DISK, DISK, shown=2), DISK) == [4, 3]


def test_what_is_not_alike_enough_is_not_named() -> None:
    assert memory(LOOP).like(DISK) == ()


def test_nothing_in_common_but_words_is_not_alike() -> None:
    assert memory(Signature(words=("full",))).like(Signature(words=("full",))) == ()


def test_a_search_looks_at_a_bounded_number_of_entries() -> None:
    made = memory(*[DISK] * 50, lookups=3, shown=10)
    assert numbers(made, DISK) == [50, 49, 48]


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ([], None),
        ([40], None),
        ([40, 29], Recurrence("node-7", 2, 30)),
        ([3, 2, 1], Recurrence("node-7", 4, 30)),
    ],
    ids=["never", "long ago", "once of late", "often"],
)
def test_what_comes_back_is_counted(days: list[float], told: Recurrence | None) -> None:
    made = memory()
    for number, ago in enumerate(days):
        made.remember(past(number, DISK, ago, "prod/node-7"))
    assert made.recurrence("node-7", "prod/node-7", START) == told


def test_the_same_name_elsewhere_is_no_recurrence() -> None:
    made = memory()
    made.remember(past(1, DISK, 1, "prod/node-7"))
    assert made.recurrence("node-7", "east/node-7", START) is None


def test_the_oldest_is_forgotten_and_counted() -> None:
    made = memory(DISK, LOOP, LOOP, remembered=2)
    assert (list(made.table), made.forgotten, numbers(made, DISK)) == ([2, 3], 1, [])


def test_memory_is_bounded_whatever_closes() -> None:
    chance = random.Random(4)
    made = PastIncidents(SimilarSettings(remembered=200))
    for number in range(100_000):
        words = tuple(str(chance.randrange(10**6)) for _ in range(3))
        made.remember(past(number, Signature(kinds=words[:1], words=words), place=words[0]))
    assert (len(made), made.forgotten, made.entries) == (200, 99_800, 800)


@settings(max_examples=50)
@given(st.lists(st.sampled_from([DISK, LOOP, Signature(kinds=("DiskFull", "LinkDown"))]), max_size=12))
def test_a_restart_changes_no_answer(found: list[Signature]) -> None:
    made, again = memory(*found, remembered=5), memory(remembered=5)
    again.table.restore((row.key, row.body) for row in made.table.drain() if row.body)  # type: ignore[misc]
    again.restored()
    assert [again.like(one) for one in (DISK, LOOP)] == [made.like(one) for one in (DISK, LOOP)]


# In the stage


def seen(desk: Desk, number: int) -> list[tuple[int, str, str]]:
    return [(one.incident, one.resolved_by, one.note) for one in desk.one(number).similar]


def before(root: str = "A") -> Desk:
    """Return a desk at which incident 1, of A and B, was handled and closed."""
    desk = Desk()
    desk.root = root
    desk.feed(grouped(1, "A"), grouped(1, "B"))
    desk.does("wang", Action.RESOLVE, "rolled back cart")
    desk.feed(cleared(1, "A"), cleared(1, "B"))
    desk.close(1)
    return desk


def test_an_incident_names_its_like_when_it_opens() -> None:
    desk = before()
    desk.feed(grouped(2, "A"))
    assert seen(desk, 2) == [(1, "wang", "rolled back cart")]
    assert desk.events[-1].incident.similar == desk.one(2).similar


def test_it_names_them_anew_as_it_grows() -> None:
    desk = before("")
    desk.feed(grouped(2, "X"))
    assert seen(desk, 2) == []
    desk.feed(grouped(2, "A"), grouped(2, "B"), grouped(2, "C", service="b"))
    assert seen(desk, 2) == [(1, "wang", "rolled back cart")]


def test_it_tells_that_the_root_came_back() -> None:
    desk = before()
    desk.feed(grouped(2, "A"))
    assert desk.one(2).recurrence == Recurrence("a", 2, 30)


def test_the_first_of_its_kind_names_nothing() -> None:
    desk = before()
    desk.root = "X"
    desk.feed(grouped(2, "X", service="x"))
    assert (desk.one(2).similar, desk.one(2).recurrence) == ((), None)


def test_what_was_named_stays_after_a_restart_and_after_the_end() -> None:
    desk = before()
    desk.feed(grouped(2, "A"))
    told = desk.one(2)
    desk.restart()
    assert desk.one(2) == told


def test_a_part_that_was_split_off_looks_back_itself() -> None:
    desk = before()
    desk.feed(grouped(2, "X", service="x"), grouped(2, "A"), split(2, 3, "A"))
    assert (seen(desk, 2), seen(desk, 3)) == ([], [(1, "wang", "rolled back cart")])


def test_the_survivor_of_a_merge_has_what_was_done_to_the_other() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(2, "B"))
    desk.does("wang", Action.ACK, incident=2)
    desk.does("wang", Action.NOTE, "it is the disk", incident=2)
    desk.feed(merged(1, 2))
    desk.close(1)
    desk.feed(grouped(3, "A"), grouped(3, "B"))
    assert seen(desk, 3) == [(1, "wang", "it is the disk")]


EVENTS = [
    *(grouped(2, name, seconds=number) for number, name in enumerate("ABCDEFGH")),
    cleared(2, "A"),
    grouped(3, "A", 1),
    grouped(3, "Q"),
]


def after(cuts: set[int], restarts: bool) -> list[Incident]:
    """Feed the same events in other batches, with restarts between them or without."""
    desk, batch = before(), list[GroupEvent]()
    for place, event in enumerate(EVENTS):
        batch.append(event)
        if place in cuts:
            desk.feed(*batch)
            batch.clear()
            if restarts:
                desk.restart()
    desk.feed(*batch)
    return [desk.one(2), desk.one(3)]


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, len(EVENTS) - 1)), st.booleans())
def test_neither_batches_nor_restarts_change_what_is_named(cuts: set[int], restarts: bool) -> None:
    assert after(cuts, restarts) == after(set(), restarts=False)


@pytest.mark.parametrize("count", [1, 3])
def test_the_stage_tells_how_many_it_remembers(count: int) -> None:
    desk = Desk(similar=SimilarSettings(remembered=2))
    for number in range(1, count + 1):
        desk.feed(grouped(number, "A"))
        desk.close(number, seconds=number)
    assert (desk.stage.remembered, desk.stage.forgotten) == (min(count, 2), max(0, count - 2))


def test_the_moment_of_closing_is_told() -> None:
    desk = before()
    desk.feed(grouped(2, "A"))
    assert desk.one(2).similar[0].closed_at == at(3600)
