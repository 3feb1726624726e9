from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.core.alert import Entity, Priority
from alertmesh.core.group import Cause, Departed, Grouped, Join, Reason, Role
from alertmesh.core.incident import Condition, Incident, IncidentEventKind
from alertmesh.core.series import ChangeKind, Mark
from alertmesh.incidents import IncidentSettings, IncidentStage
from tests.incidents.fakes import Desk, at, cleared, grouped, merged, reroled, split


@pytest.mark.parametrize(
    ("events", "kinds"),
    [
        pytest.param([grouped(1, "A")], [("opened", 1)], id="opens"),
        pytest.param([grouped(1, "A", 4)], [], id="lone-p4-is-watched"),
        pytest.param([grouped(1, "A", 4), grouped(1, "B", 4)], [("opened", 1)], id="second-series-opens"),
        pytest.param(
            [grouped(1, "A", 4), grouped(1, "A", 3, kind=ChangeKind.WORSE)], [("opened", 1)], id="worse-opens"
        ),
        pytest.param([grouped(1, "A", 1, role=Role.SUPPRESSED)], [], id="suppressed-only-is-watched"),
        pytest.param([grouped(1, "A"), cleared(1, "A")], [("opened", 1), ("cleared", 1)], id="clears"),
        pytest.param(
            [grouped(1, "A"), cleared(1, "A"), grouped(1, "A")],
            [("opened", 1), ("cleared", 1), ("refired", 1)],
            id="refires",
        ),
        pytest.param([grouped(1, "A"), grouped(1, "B")], [("opened", 1), ("grew", 1)], id="new-service"),
        pytest.param([grouped(1, "A"), grouped(1, "B", service="a")], [("opened", 1)], id="known-service"),
        pytest.param(
            [grouped(1, "A", 3), grouped(1, "A", 1, kind=ChangeKind.WORSE)],
            [("opened", 1), ("worse", 1)],
            id="worse",
        ),
        pytest.param(
            [grouped(1, "A", 1), grouped(1, "A", 3, kind=ChangeKind.EASED)],
            [("opened", 1), ("eased", 1)],
            id="eased",
        ),
        pytest.param(
            [grouped(1, "A"), grouped(2, "B"), merged(1, 2)],
            [("opened", 1), ("opened", 2), ("merged", 2)],
            id="merged",
        ),
    ],
)
def test_what_paging_is_told(events: list[Grouped], kinds: list[tuple[str, int]]) -> None:
    desk = Desk()
    desk.feed(*events)
    assert desk.kinds() == kinds


def test_an_opened_incident_waits_for_the_longest_hold() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A", 4, hold_s=300), grouped(1, "B", 4, hold_s=60))
    assert desk.events[0].hold_until == at(300)


def test_priority_is_the_worst_and_never_lowered() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A", 1), grouped(1, "B", 3), cleared(1, "A", 1))
    assert desk.one().priority is Priority.P1


def test_a_suppressed_member_does_not_raise_the_priority() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A", 3), grouped(1, "B", 1, role=Role.SUPPRESSED))
    assert desk.one().priority is Priority.P3


def test_a_member_freed_from_its_inhibitor_raises_the_priority() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A", 3), grouped(1, "B", 1, role=Role.SUPPRESSED), reroled(1, "B", Role.MEMBER))
    assert (desk.one().priority, desk.kinds()[-1]) == (Priority.P1, ("worse", 1))


def test_a_watched_series_freed_from_its_inhibitor_opens() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A", 1, role=Role.SUPPRESSED), reroled(1, "A", Role.MEMBER))
    assert desk.kinds() == [("opened", 1)]


def test_the_facts_of_an_incident() -> None:
    desk = Desk()
    desk.root = "B"
    desk.feed(grouped(1, "A", zone="z"), grouped(1, "B", zone="z"), cleared(1, "A"))
    incident = desk.one()
    assert (incident.title, incident.series, incident.firing, incident.alerts) == ("B on b (+1)", 2, 1, 2)
    assert incident.labels == {"cluster": "prod", "zone": "z"}
    assert (incident.services, incident.condition) == (("a", "b"), Condition.FIRING)


def test_each_join_has_a_line_with_its_reason() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(1, "B"))
    assert [(line.kind, line.rule) for line in desk.lines] == [("opened", "INC-01"), ("joined", "INC-02")]
    assert desk.lines[1].text == "B on b joined, score 0.80: as member"


def test_many_joins_are_told_by_doublings() -> None:
    desk = Desk(told_joins=5)
    desk.feed(*(grouped(1, f"A{n}", service="a") for n in range(45)))
    lines = [line.text[:9] for line in desk.lines if line.rule == "INC-03"]
    assert (len(lines), lines[0]) == (3, "10 series")


def test_every_member_keeps_its_join() -> None:
    desk = Desk(told_joins=1)
    desk.feed(grouped(1, "A"), grouped(1, "B"))
    assert [member.join.reasons[0].text for member in desk.stage.members(1)] == ["as member", "as member"]


def test_the_older_incident_survives_a_merge_by_the_machine() -> None:
    desk = Desk()
    desk.feed(grouped(1, "W", 4), grouped(2, "B"), grouped(1, "W", 2, kind=ChangeKind.WORSE), merged(1, 2))
    survivor = desk.stage.of_group(1)
    assert survivor is not None
    assert (survivor.id, desk.names(1), desk.stage.incident(2)) == (1, ["B", "W"], None)


def test_people_choose_the_survivor() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(2, "B"), merged(2, 1, actor="ann"))
    event = desk.events[-1]
    assert (event.kind, event.incident.id, event.other) == (IncidentEventKind.MERGED, 1, 2)
    assert (event.incident.merged_into, event.incident.archived) == (2, True)


def test_a_merge_takes_the_worst_priority() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A", 3), grouped(2, "B", 1), merged(1, 2))
    assert (desk.one().priority, desk.kinds()[-1]) == (Priority.P1, ("worse", 1))


@pytest.mark.parametrize(("winner", "loser"), [(1, 2), (2, 1)], ids=["watched-loses", "watched-wins"])
def test_a_watched_group_merges_into_an_incident(winner: int, loser: int) -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(2, "B", 4), merged(winner, loser))
    survivor = desk.stage.of_group(winner)
    assert (survivor and survivor.id, desk.names(1), list(desk.stage.watched())) == (1, ["A", "B"], [])


def test_two_watched_groups_become_an_incident() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A", 4), grouped(2, "B", 4), merged(1, 2))
    assert (desk.kinds(), desk.names(1)) == ([("opened", 1)], ["A", "B"])


def test_a_split_makes_a_new_incident() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(1, "B"), split(1, 2, "B"))
    event = desk.events[-1]
    assert (event.kind, event.incident.id, event.other) == (IncidentEventKind.SPLIT, 2, 1)
    assert (desk.names(1), desk.names(2), desk.one().title) == (["A"], ["B"], "A on a")


def test_what_is_left_of_a_split_may_be_clear() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(1, "B"), cleared(1, "A"), split(1, 2, "B"))
    assert desk.kinds()[-2:] == [("split", 2), ("cleared", 1)]


def test_a_retired_incident_is_archived_with_its_members() -> None:
    desk = Desk()
    desk.feed(grouped(7, "A"), cleared(7, "A"))
    assert desk.stage.retire([1, 99], at(100)) == [7]
    desk.write()
    body, live = desk.store["incident"][1]
    assert (msgspec.msgpack.decode(body, type=Incident).archived, live) == (True, False)
    assert [(key, live) for key, (_, live) in desk.store["member"].items()] == [("0000000001/A", False)]


def test_numbers_are_not_used_twice() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"))
    desk.stage.retire([1], at(1))
    desk.write()
    desk.restart()
    desk.feed(grouped(2, "B"))
    assert desk.kinds()[-1] == ("opened", 2)


def test_a_clear_watched_group_is_forgotten_in_time() -> None:
    desk = Desk(watch_s=100)
    desk.feed(grouped(1, "A", 4), cleared(1, "A", 4, seconds=10))
    assert desk.stage.deadline() == at(110)
    assert (desk.stage.retire([], at(109)), desk.stage.retire([], at(110))) == ([], [1])


@pytest.mark.parametrize("hour_s", [3600, -3600], ids=["forward", "back"])
def test_when_the_clock_is_set_groups_are_watched_as_long_as_they_would_have_been(hour_s: int) -> None:
    desk = Desk(watch_priorities=frozenset({Priority.P3, Priority.P4}), watch_s=100)
    desk.feed(grouped(1, "A", 3), grouped(2, "B", 4), cleared(2, "B", 4, seconds=10))
    desk.stage.jump(timedelta(seconds=hour_s))
    assert desk.stage.deadline() == at(110 + hour_s)
    assert desk.stage.retire([], at(110 + hour_s)) == [2]
    assert desk.stage.deadline() == at(1800 + hour_s)


def test_an_incident_tells_since_when_what_made_it_one_fires() -> None:
    desk = Desk(watch_priorities=frozenset({Priority.P2, Priority.P3, Priority.P4}), watch_at_most={})
    desk.feed(grouped(1, "A", 4), grouped(1, "A", 2, seconds=3600))
    desk.restart()
    desk.feed(grouped(1, "B", 3, seconds=3700))
    assert (desk.one().priority, desk.events[-1].fires_since) == (Priority.P2, at(3600))


def test_what_was_clear_or_hidden_meanwhile_counts_from_when_it_fires_again() -> None:
    desk = Desk(watch_priorities=frozenset({Priority.P3}), watch_at_most={})
    desk.feed(grouped(1, "A", 3), cleared(1, "A", 3), grouped(1, "A", 3, role=Role.SUPPRESSED, seconds=90))
    desk.feed(grouped(1, "A", 3, seconds=100), grouped(1, "B", 3, seconds=120))
    assert desk.events[-1].fires_since == at(100)


def test_when_the_clock_is_set_what_is_watched_has_been_firing_as_long_as_before() -> None:
    desk = Desk(watch_priorities=frozenset({Priority.P3}), watch_at_most={})
    desk.feed(grouped(1, "A", 3))
    desk.stage.jump(timedelta(hours=1))
    desk.feed(grouped(1, "B", 3, seconds=3610))
    assert desk.events[-1].fires_since == at(3600)


def test_two_watched_groups_keep_the_longer_past_when_they_become_one() -> None:
    desk = Desk(watch_priorities=frozenset({Priority.P3}), watch_at_most={})
    desk.feed(grouped(1, "A", 3, seconds=50), grouped(2, "B", 3), merged(1, 2))
    assert desk.events[-1].fires_since == at(0)


def test_watched_groups_are_bounded() -> None:
    desk = Desk(max_watched=2)
    desk.feed(*(grouped(n, f"A{n}", 4) for n in range(1, 4)), cleared(2, "A2", 4))
    assert (desk.stage.retire([], at(61)), desk.stage.dropped) == ([2], 1)


STEP = st.tuples(
    st.integers(1, 2),
    st.sampled_from("ABC"),
    st.integers(1, 4),
    st.sampled_from([*Role]),
    st.sampled_from(["up", "down"]),
)


def events_of(steps: list[tuple[int, str, int, Role, str]]) -> list[Grouped]:
    found = []
    for place, (group, name, priority, role, way) in enumerate(steps):
        kind = ChangeKind.OPENED if way == "up" else ChangeKind.CLEARED
        found.append(grouped(group, f"{name}{group}", priority, kind=kind, role=role, seconds=place))
    return found


@settings(max_examples=80, deadline=None)
@given(st.lists(STEP, max_size=25), st.integers(0, 25))
def test_a_restart_decides_as_if_it_had_not_been(
    steps: list[tuple[int, str, int, Role, str]], cut: int
) -> None:
    events, whole, broken = events_of(steps), Desk(), Desk()
    whole.feed(*events)
    broken.feed(*events[:cut])
    broken.restart()
    broken.feed(*events[cut:])
    assert (broken.events, broken.lines) == (whole.events, whole.lines)
    assert broken.stage.incidents() == whole.stage.incidents()


@settings(max_examples=80, deadline=None)
@given(st.lists(STEP, max_size=25))
def test_counts_are_those_of_the_members(steps: list[tuple[int, str, int, Role, str]]) -> None:
    desk = Desk()
    desk.feed(*events_of(steps))
    for incident in desk.stage.incidents():
        members = desk.stage.members(incident.id)
        assert incident.series == len(members)
        assert incident.firing == sum(member.series.firing > 0 for member in members)
        assert (
            (incident.condition is Condition.FIRING) == (incident.firing > 0) == (incident.cleared_at is None)
        )


def flapping(name: str, seconds: float, kind: ChangeKind = ChangeKind.MARKED) -> Grouped:
    """Make the news that a series flaps; its first page waits."""
    news = grouped(1, name, 3, kind=kind, seconds=seconds, hold_s=1800)
    series = replace(news.change.series, marks=(Mark.FLAPPING,))
    return replace(news, change=replace(news.change, series=series))


def test_an_incident_in_which_all_flaps_is_unsteady() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A", 3), flapping("A", 60))
    event = desk.events[-1]
    assert (event.kind, event.unsteady, event.hold_until) == (IncidentEventKind.FLAPPING, True, at(1800))


def test_one_that_fires_steadily_is_enough() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A", 3), grouped(1, "B", 3), flapping("A", 60))
    assert IncidentEventKind.FLAPPING not in [event.kind for event in desk.events]


def test_what_flaps_no_more_and_fires_is_released() -> None:
    desk = Desk()
    desk.feed(flapping("A", 0, ChangeKind.OPENED), grouped(1, "A", 3, kind=ChangeKind.MARKED, seconds=600))
    event = desk.events[-1]
    assert (event.kind, event.unsteady, event.hold_until) == (IncidentEventKind.RELEASED, False, None)


def test_a_flapping_member_keeps_its_hold_while_it_is_marked() -> None:
    desk = Desk()
    desk.feed(flapping("A", 0, ChangeKind.OPENED))
    clear = flapping("A", 30, ChangeKind.CLEARED)
    desk.feed(replace(clear, change=replace(clear.change, hold_until=None)))
    assert desk.stage.members(1)[0].hold_until == at(1800)


@pytest.mark.parametrize("restart", [False, True], ids=["on", "restart"])
@pytest.mark.parametrize(
    ("priority", "pause_s", "again"),
    [(1, 600, True), (2, 600, True), (1, 599, False), (3, 3600, False)],
    ids=["P1", "P2", "wobble", "P3"],
)
def test_what_is_bad_again_after_a_while_is_worse(
    priority: int, pause_s: float, again: bool, restart: bool
) -> None:
    desk = Desk()
    desk.feed(grouped(1, "A", priority), grouped(1, "B", 4), cleared(1, "A", priority))
    if restart:
        desk.restart()
    desk.feed(grouped(1, "A", priority, seconds=60 + pause_s))
    assert (desk.kinds()[-1] == ("worse", 1)) == again


def test_the_root_is_looked_for_at_each_join_at_first_and_of_a_large_one_when_it_clears() -> None:
    stage, asked = IncidentStage(IncidentSettings()), list[int]()

    def causes(group: int) -> tuple[Cause, ...]:
        asked.append(group)
        return ()

    names = [f"A{number:02}" for number in range(22)]
    stage.feed([grouped(1, name) for name in names], causes, at(0))
    assert len(asked) == 8  # 1 to 4, 6, 9, 14 and 21: half more each time
    stage.feed([cleared(1, name) for name in names], causes, at(0))
    assert len(asked) == 9


@pytest.mark.parametrize(
    ("first", "role", "told"),
    [("B", Role.MEMBER, Priority.P1), ("A", Role.MEMBER, None), ("B", Role.SUPPRESSED, None)],
    ids=["root", "another-is", "hidden"],
)
def test_a_service_that_joins_tells_how_bad_it_is_if_it_is_the_likely_root(
    first: str, role: Role, told: Priority | None
) -> None:
    stage = IncidentStage(IncidentSettings())

    def causes(group: int) -> tuple[Cause, ...]:
        return (Cause(f"service/{first}", first, 0.9, "it was first"),)

    stage.feed([grouped(1, "A")], causes, at(0))
    events = stage.feed([grouped(1, "B", 1, role=role)], causes, at(0)).events
    assert [event.root for event in events if event.kind is IncidentEventKind.GREW] == [told]


@pytest.mark.parametrize(
    ("kind", "where", "told"),
    [("node", "n1", [Priority.P1]), ("node", "n0", []), ("service", "n1", [])],
    ids=["new-node", "same-node", "same-service"],
)
def test_a_new_p1_root_that_is_of_no_service_tells_that_it_grew_as_well(
    kind: str, where: str, told: list[Priority]
) -> None:
    stage = IncidentStage(IncidentSettings())

    def causes(group: int) -> tuple[Cause, ...]:
        return (Cause("node/n1", "B", 0.9, "the others stand on it"),)

    stage.feed([_about(grouped(1, "A", service="a"), "node", "n0")], causes, at(0))
    labels = {"service": "a"} if kind == "service" else {"service": ""}
    event = _about(grouped(1, "B", 1, **labels), kind, where)
    events = stage.feed([event], causes, at(0)).events
    assert [event.root for event in events if event.kind is IncidentEventKind.GREW] == told


def _about(event: Grouped, kind: str, name: str) -> Grouped:
    series = replace(event.change.series, entity=Entity(kind, name, "prod"))
    return replace(event, change=replace(event.change, series=series))


def test_it_keeps_what_spoke_for_the_one_that_joined_last() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"))
    assert desk.one(1).together is None
    desk.feed(grouped(1, "B"))
    together = desk.one(1).together
    assert together is not None
    assert (together.score, [reason.text for reason in together.reasons]) == (0.8, ["as member"])


def test_a_message_tells_what_counts_and_no_makeweight() -> None:
    weights = {"time": 8.0, "relation": 1.1, "likeness": 2.0, "shape": 4.0, "habit": -3.0, "prior": -6.0}
    join = Join(0.9, tuple(Reason(name, name, weight) for name, weight in weights.items()))
    assert [reason.feature for reason in join.telling(3)] == ["time", "likeness"]


def test_what_presses_has_room_in_a_watched_group_that_is_full_of_what_does_not() -> None:
    desk = Desk()
    desk.feed(*(grouped(1, f"S{one}", 4, role=Role.SUPPRESSED) for one in range(120)))
    assert desk.kinds() == []
    desk.feed(grouped(1, "Down", 1))
    assert (desk.kinds(), "Down" in desk.names(1)) == ([("opened", 1)], True)


def test_a_watched_group_that_is_full_lets_go_of_what_is_over_first() -> None:
    desk = Desk()
    desk.feed(*(grouped(1, f"S{one}", 4, role=Role.SUPPRESSED) for one in range(100)))
    desk.feed(replace(cleared(1, "S7", 4), join=grouped(1, "S7", role=Role.SUPPRESSED).join))
    desk.feed(grouped(1, "New", 4, role=Role.SUPPRESSED))
    [held] = desk.stage.watched()
    assert (len(held.members), "S7" in held.members, "New" in held.members) == (100, False, True)


@pytest.mark.parametrize("actor", ["", "ann"])
@pytest.mark.parametrize("into", [1, 2])
def test_a_merge_keeps_the_present_state_of_a_series_that_is_in_both(actor: str, into: int) -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(2, "S", seconds=10), grouped(2, "B", seconds=11))
    desk.feed(cleared(1, "A", seconds=20), cleared(2, "B", seconds=20), cleared(2, "S", seconds=30))
    desk.feed(Departed(group=2, series="S", at=at(60)), grouped(1, "S", seconds=60))
    desk.feed(merged(into, 3 - into, actor))
    [survivor] = desk.stage.incidents()
    assert (survivor.condition, survivor.firing, desk.names(survivor.id)) == (
        Condition.FIRING,
        1,
        ["A", "B", "S"],
    )


def test_a_series_that_was_moved_while_it_fires_does_so_after_a_merge() -> None:
    desk = Desk()
    desk.feed(grouped(1, "A"), grouped(2, "S"), grouped(2, "B"))
    desk.feed(Departed(group=2, series="S", at=at(60)), grouped(1, "S"))
    desk.feed(merged(1, 2))
    assert [one.firing for one in desk.stage.incidents()] == [3]
