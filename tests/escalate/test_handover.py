"""What is open when a shift ends, on a manual clock: ann has duty until 10:30, then cai, then dee."""

from datetime import timedelta

import pytest

from alertmesh.core.entries import HandoverSigned, OverrideEnded, OverrideSet
from alertmesh.core.errors import BadCommand
from alertmesh.core.oncall import DutyRole, Layer, OnCall, Override, Roster, Rotation
from alertmesh.core.response import State, Timer
from alertmesh.escalate.handover import KEPT
from tests.escalate.fakes import P2, P3, RND, T0, after, oncall, policy, row, user
from tests.escalate.timetable import Timetable

TURNS = Layer(members=("ann", "cai", "dee"), rotation=Rotation.HOURLY, start=T0 - timedelta(minutes=30))
SECOND = Layer(members=("ben",), role=DutyRole.SECONDARY)
PATIENT = row(triage=timedelta(hours=9), ops_lease=timedelta(hours=8), rnd_lease=timedelta(hours=8))


def people(*, layers: tuple[Layer, ...] = (TURNS, SECOND), **changes) -> OnCall:
    rows = {P3: PATIENT, P2: PATIENT, **changes.pop("rows", {})}
    ops = Roster(name="ops", layers=layers, lead="lea")
    added = (user("cai"), user("dee"))
    base = policy()
    return oncall(ops, users=added, policies=(policy(rows={**base.rows, **rows}),), **changes)


@pytest.fixture
def table() -> Timetable:
    return Timetable(people())


def owned(table: Timetable, number: int = 1, owner: str = "ann") -> Timetable:
    table.incident("opened", number, P2).between("10:00", "10:02").page("ann")
    return table.person(owner, "ack", number=number)


def kinds(table: Timetable) -> list[str]:
    return [line.text for line in table.timeline if line.kind == "handover"]


def sign(table: Timetable, actor: str = "cai", text: str = "", outgoing: str = "ann", roster: str = "ops"):
    entry = HandoverSigned(roster=roster, actor=actor, outgoing=outgoing, text=text, at=table.now)
    table._keep(table.stage.order(entry, table.now))
    return table


def test_who_comes_on_duty_is_paged_and_an_ack_takes_it_over(table):
    owned(table).between("10:30", "10:30").page("cai").is_in(State.T1_ACKED)
    assert (table.stage.response(1).owner, table.attempts[-1].page.reason) == ("ann", "hand-over from ann")
    table.at("10:35").person("cai", "ack").between("10:35", "10:35").update("ann").silent_until("11:29")
    assert kinds(table)[-1] == "cai took it over from ann"


def test_what_nobody_takes_over_pages_who_had_it_and_the_lead_once(table):
    owned(table).between("10:30", "10:30").page("cai")
    table.between("10:40", "10:40").page("ann").between("10:40", "10:40").page("lea")
    assert kinds(table)[-1] == "cai did not take it over from ann"
    table.is_in(State.T1_ACKED).silent_until("11:30")


def test_a_sign_of_life_afterwards_keeps_it(table):
    owned(table).at("10:41").unexpected.clear()
    table.person("ann", "note", text="nearly done")
    assert (table.stage.response(1).incoming, kinds(table)[-1]) == ("", "ann keeps it")


def test_a_note_before_the_deadline_is_part_of_the_handing_over(table):
    owned(table).between("10:30", "10:30").page("cai").at("10:32").person("ann", "note", text="see the graph")
    assert table.stage.response(1).deadlines[Timer.HANDOVER] == after(40)


def test_an_ack_by_the_owner_keeps_it_and_the_other_hears(table):
    owned(table).between("10:30", "10:30").page("cai").at("10:32").person("ann", "ack")
    table.between("10:32", "10:32").update("cai").silent_until("11:00")
    assert table.stage.response(1).owner == "ann"


def test_an_old_button_of_the_first_page_is_out_of_date_after_the_hand_over(table):
    owned(table)
    before = table.stage.response(1).epoch
    table.between("10:30", "10:30").page("cai")
    assert table.stage.response(1).fresh_epoch > before


def test_the_owner_who_has_duty_still_keeps_it(table):
    table.incident("opened", 1, P2).at("10:01").unexpected.clear()
    table.person("ben", "ack").silent_until("11:29")


def test_a_secondary_whose_shift_ends_hands_over_to_the_primary():
    seconds = Layer(
        members=("ben", "dee"),
        role=DutyRole.SECONDARY,
        rotation=Rotation.HOURLY,
        start=T0 - timedelta(minutes=30),
    )
    table = Timetable(people(layers=(Layer(members=("ann",)), seconds)))
    owned(table, owner="ben").between("10:30", "10:30").page("ann").silent_until("10:39")


def test_what_is_owned_by_tier_1_while_tier_2_is_paged_is_handed_over_too(table):
    owned(table).at("10:29").person("ann", "escalate").between("10:29", "10:29").page("dan")
    table.is_in(State.T2_PAGING).between("10:30", "10:30").page("cai").between("10:32", "10:32").page("eve")
    table.at("10:33").person("cai", "ack").between("10:33", "10:33").update("ann").is_in(State.T2_PAGING)
    assert (table.stage.response(1).ops_owner, table.stage.response(1).incoming) == ("cai", "")


def test_a_deadline_to_take_over_goes_on_when_tier_2_is_paged(table):
    owned(table).between("10:30", "10:30").page("cai").at("10:31").person("ann", "escalate")
    assert table.stage.response(1).deadlines[Timer.HANDOVER] == after(40)


def test_quiet_that_was_asked_for_goes_on_and_is_handed_over(table):
    owned(table).person("ann", "snooze", minutes="55").between("10:30", "10:30").page("cai")
    table.is_in(State.SNOOZED).person("cai", "ack").between("10:30", "10:30").update("ann")
    table.is_in(State.T1_ACKED)


def test_what_has_cleared_is_handed_over_only_when_it_fires_again(table):
    owned(table).at("10:28").incident("cleared", 1, P2).silent_until("10:31")
    table.incident("refired", 1, P2).between("10:31", "10:31").page("cai").is_in(State.T1_ACKED)


def test_with_nobody_coming_on_duty_owner_and_lead_are_paged_at_once():
    layer = Layer(members=("ann",), until=after(30))
    table = owned(Timetable(people(layers=(layer,))))
    table.between("10:30", "10:30").page("ann").between("10:30", "10:30").page("lea").silent_until("11:00")


def test_who_comes_on_duty_and_cannot_be_reached_costs_no_time():
    nobody = people()
    del nobody.users["cai"]
    table = owned(Timetable(nobody))
    table.between("10:30", "10:30").page("ann").between("10:30", "10:30").page("lea").silent_until("11:00")


def test_a_page_to_hand_over_that_no_channel_takes_costs_no_time_either(table):
    owned(table).between("10:30", "10:30").page("cai").at("10:30:20").report("cai", sent=False)
    table.between("10:30:20", "10:30:20").page("ann").between("10:30:20", "10:30:20").page("lea")


@pytest.mark.parametrize("tier", ["ops", "rnd"])
def test_only_the_roster_that_has_it_counts(tier):
    turns = Layer(members=("dan", "max"), rotation=Rotation.HOURLY, start=T0 - timedelta(minutes=30))
    rnd = Roster(name="rnd", layers=(turns, SECOND), lead="lea") if tier == "rnd" else RND
    ops = Roster(name="ops", layers=(Layer(members=("ann",)),), lead="lea")
    rows = policy(rows={**policy().rows, P2: PATIENT})
    table = Timetable(oncall(ops, rnd, policies=(rows,)))
    owned(table, owner="dan").is_in(State.T2_ACKED)
    if tier == "rnd":
        table.between("10:30", "10:30").page("max")
    table.silent_until("10:40")


def test_a_change_during_downtime_is_seen_once_after_the_restart(table):
    owned(table).restart().asleep_until("10:50").tick().between("10:50", "10:50").page("cai")
    table.restart().tick().silent_until("11:00")
    assert len(kinds(table)) == 1


def test_two_changes_during_downtime_hand_over_to_who_has_duty_now(table):
    owned(table).asleep_until("11:40").tick().between("11:40", "11:40").page("dee").silent_until("11:50")


def test_several_are_several_pages_at_one_moment(table):
    owned(owned(table), 2).between("10:30", "10:30")
    table.at("10:31")
    assert [(a.page.incident, a.page.person, a.page.at) for a in table.unexpected] == [
        (1, "cai", after(30)),
        (2, "cai", after(30)),
    ]


def test_after_a_restart_they_come_in_the_same_order(table):
    owned(owned(table, 2), 1).restart().at("10:31")
    assert [attempt.page.incident for attempt in table.unexpected] == [1, 2]


def test_the_begin_and_the_end_of_an_override_are_changes_of_duty(table):
    owned(table)
    override = Override(
        id="o1", roster="ops", starts_at=after(5), ends_at=after(20), person="dee", created_at=T0
    )
    table._keep(table.stage.order(OverrideSet(override=override, at=table.now), table.now))
    table.between("10:05", "10:05").page("dee").person("dee", "ack").between("10:05", "10:05").update("ann")
    ended = OverrideEnded(id="o1", actor="dee", at=after(15))
    table.at("10:15")._keep(table.stage.order(ended, table.now))
    table.between("10:15", "10:15").page("ann").silent_until("10:25")


def test_an_incident_merged_in_brings_its_hand_over_along(table):
    owned(table).between("10:30", "10:30").page("cai").incident("opened", 2, P2)
    table.between("10:30", "10:30").page("cai")
    table.incident("merged", 1, P2, other=2).between("10:30", "10:30").page("cai")
    assert (table.stage.response(2).owner, table.stage.response(2).incoming) == ("ann", "cai")


def test_whoever_signs_takes_over_all_that_waits_and_it_is_kept(table):
    owned(owned(table), 2).at("10:33").unexpected.clear()
    sign(table, text="disks of shop").between("10:33", "10:33")
    [kept] = table.restart().stage.handovers()
    assert (kept.actor, kept.text, kept.incidents) == ("cai", "disks of shop", (1, 2))
    assert {table.stage.response(number).owner for number in (1, 2)} == {"cai"}


def test_words_are_kept_when_nothing_waits(table):
    assert sign(table, text="all quiet").stage.handovers()[0].incidents == ()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"actor": "zoe"}, "actor: .*'zoe'"),
        ({"roster": "x"}, "roster: .*'x'"),
        ({}, "text: nothing of 'ann'"),
    ],
    ids=["actor", "roster", "nothing"],
)
def test_what_cannot_be_signed_is_refused(table, wrong, why):
    with pytest.raises(BadCommand, match=why):
        sign(table, **wrong)
    assert table.stage.handovers() == []


def test_the_oldest_hand_overs_make_room(table):
    for number in range(KEPT + 2):
        sign(table, text=f"night {number}")
    kept = table.restart().stage.handovers()
    assert (len(kept), kept[0].text, kept[-1].text) == (KEPT, "night 2", f"night {KEPT + 1}")
