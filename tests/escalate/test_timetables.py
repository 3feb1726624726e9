"""Whole incidents on a manual clock."""

import pytest

from alertmesh.core.errors import BadCommand, StaleCommand
from alertmesh.core.oncall import single
from alertmesh.core.response import State
from tests.escalate.fakes import P2, P3, P4, T0, minutes, oncall, user
from tests.escalate.timetable import Timetable


@pytest.fixture
def table() -> Timetable:
    return Timetable()


def opened(table: Timetable) -> Timetable:
    """Open a P1 at 10:00; ann is paged at once."""
    return table.incident("opened").between("10:00", "10:00").page("ann")


def acked(table: Timetable) -> Timetable:
    return opened(table).at("10:01").person("ann", "ack").is_in(State.T1_ACKED)


def to_developers(table: Timetable) -> Timetable:
    """Let ann, ben and lea be paged in vain, and dan at 10:08."""
    opened(table).between("10:03", "10:03").page("ben")
    return table.between("10:06", "10:06").page("lea").between("10:08", "10:08:05").page("dan")


def test_an_unanswered_p1_goes_through_tier_1_and_on_to_the_developers(table):
    to_developers(table).is_in(State.T2_PAGING).silent_until("10:10:59")


def test_after_three_rounds_everybody_is_paged_again_and_again(table):
    to_developers(table)
    for start in (8, 19, 30):
        if start > 8:
            table.between(f"10:{start:02}", f"10:{start:02}").page("dan")
        table.between(f"10:{start + 3:02}", f"10:{start + 3:02}").page("eve")
        table.between(f"10:{start + 6}", f"10:{start + 6}").page("max")
    for moment in ("10:41", "10:56", "11:11"):
        for person in ("dan", "eve", "max", "lea"):
            table.between(moment, moment).page(person)
    table.is_in(State.EXHAUSTED).silent_until("11:25:59")


def test_an_ack_stops_the_paging(table):
    acked(table).silent_until("10:15")


def test_an_ack_without_triage_in_time_pages_the_developers(table):
    acked(table).between("10:16", "10:16").page("dan").is_in(State.T2_PAGING)


def test_the_developers_get_an_incident_that_is_escalated(table):
    acked(table).at("10:05").person("ann", "escalate").between("10:05", "10:05").page("dan")
    table.person("dan", "ack").is_in(State.T2_ACKED).between("10:05", "10:06").update("ann")
    table.silent_until("10:35")


def test_a_p1_with_the_developers_is_asked_for_news_and_its_lease_ends(table):
    opened(table).person("dan", "ack").is_in(State.T2_ACKED)
    table.between("10:30", "10:30").update("dan")
    table.between("11:00", "11:00").page("dan").is_in(State.T2_PAGING).silent_until("11:02")


def test_a_silent_owner_is_paged_again_with_who_is_on_duty(table):
    table.incident("opened", priority=P3).at("10:02:01").unexpected.clear()
    table.person("ben", "ack").between("10:17:01", "10:17:01").page("dan")


def test_the_reminder_comes_before_the_lease_ends(table):
    table.incident("opened", 1, P2).between("10:00:30", "10:00:30").page("ann")
    table.at("10:01").person("ann", "escalate").between("10:01", "10:01").page("dan")
    table.at("10:02").person("dan", "ack").between("10:50", "10:50").update("dan")
    table.between("11:02", "11:02").page("dan").silent_until("11:03")


def test_a_note_renews_the_lease(table):
    opened(table).person("dan", "ack").at("10:25").person("dan", "note", text="looking")
    table.between("10:55", "10:55").update("dan").silent_until("11:24").is_in(State.T2_ACKED)


def test_a_snooze_is_quiet_and_then_pages_owner_and_duty(table):
    acked(table).at("10:05").person("ann", "snooze", minutes="40").silent_until("10:45")
    table.between("10:45", "10:45").page("ann").is_in(State.T1_PAGING)


def test_no_snooze_is_longer_than_the_policy_allows(table):
    with pytest.raises(BadCommand, match="1 to 60 minutes"):
        acked(table).person("ann", "snooze", minutes="61")


def test_a_clear_that_lasts_resolves_and_closes(table):
    acked(table).at("10:05").incident("cleared").is_in(State.CLEARED)
    table.between("10:10", "10:10").closing("ann").is_in(State.RESOLVED).silent_until("10:40:01")
    assert table.retired == [1]


def test_a_clear_while_held_resolves_without_a_page(table):
    table.incident("opened", priority=P2).at("10:00:20").incident("cleared", priority=P2)
    table.is_in(State.RESOLVED).silent_until("10:29")


def test_what_healed_unpaged_and_fires_again_is_held_like_a_new_one(table):
    test_a_clear_while_held_resolves_without_a_page(table)
    table.incident("refired", priority=P2).between("10:29:30", "10:29:30").page("ann")


def test_the_bound_of_a_hold_counts_from_the_first_firing(table):
    watched = {"fires_since": T0 - minutes(4), "hold_until": T0 + minutes(9)}
    table.incident("opened", priority=P2, **watched).between("10:01", "10:01").page("ann")


def test_a_bound_that_is_over_when_an_incident_opens_holds_nothing(table):
    table.incident("opened", priority=P2, fires_since=T0 - minutes(5)).between("10:00", "10:00").page("ann")


def test_a_flap_while_acked_pages_nobody(table):
    acked(table).at("10:05").incident("cleared").at("10:07").incident("refired")
    table.is_in(State.T1_ACKED).silent_until("10:15")


def test_a_flap_while_paging_goes_on_where_it_stood(table):
    opened(table).at("10:01").incident("cleared").at("10:04").incident("refired")
    table.between("10:04", "10:04:01").page("ben").is_in(State.T1_PAGING)


def test_a_refire_soon_after_pages_the_last_owner_and_tier_1(table):
    acked(table).at("10:02").person("ben", "ack").between("10:02", "10:03").update("ann")
    table.incident("cleared").between("10:07", "10:09").closing("ann").at("10:20").incident("refired")
    table.between("10:20", "10:20").page("ben").between("10:20", "10:20").page("ann").silent_until("10:22")


def test_what_was_resolved_by_hand_and_still_fires_is_paged_again(table):
    acked(table).at("10:02").person("ann", "resolve").between("10:02", "10:03").closing("ann")
    table.silent_until("10:32").between("10:32", "10:32").page("ann")


def test_a_p4_is_never_paged(table):
    table.incident("opened", priority=P4).silent_until("2 10:00").is_in(State.HELD)


def test_a_p4_that_gets_worse_is_paged(table):
    table.incident("opened", priority=P4).at("10:20").incident("worse")
    table.between("10:20", "10:20").page("ann")


def test_a_raise_to_p1_voids_the_ack(table):
    table.incident("opened", priority=P2).between("10:00:30", "10:00:30").page("ann")
    table.person("ann", "ack").at("10:09").incident("worse").between("10:09", "10:09").page("ann")
    table.is_in(State.T1_PAGING).silent_until("10:11:59")


def test_an_ack_by_tier_1_does_not_stop_the_page_to_tier_2(table):
    to_developers(table).at("10:09").person("ann", "ack").is_in(State.T2_PAGING)
    table.between("10:11", "10:11").page("eve")


def test_a_return_pages_tier_1_anew(table):
    to_developers(table).at("10:09").person("dan", "return", text="not ours")
    table.between("10:09", "10:09").page("ann").is_in(State.T1_PAGING).silent_until("10:11:59")


def test_somebody_who_is_assigned_is_paged_until_they_ack(table):
    acked(table).at("10:05").person("ann", "assign", person="ben").between("10:05", "10:06").update("ann")
    table.between("10:05", "10:05").page("ben").silent_until("10:08")
    table.between("10:08", "10:08").page("ben").between("10:11", "10:11").page("ben")
    table.between("10:11", "10:11").page("lea").person("ben", "ack").silent_until("10:26")


def test_a_part_that_was_merged_in_and_is_split_off_again_is_paged_while_the_rest_keeps_its_owner(table):
    acked(table).incident("opened", 2).between("10:01", "10:01").page("ann").person("ben", "ack", number=2)
    table.incident("merged", 2, other=1).between("10:01", "10:01").update("ann")
    table.at("10:05").incident("split", 3, other=1).between("10:05", "10:05").page("ann")
    rest, part = table.stage.response(1), table.stage.response(3)
    assert (rest.state, rest.owner, rest.paged) == (State.T1_ACKED, "ann", ("ann",))
    assert (part.state, part.owner) == (State.T1_PAGING, "")
    assert table.stage.response(2).merged_into == 1


def test_who_cannot_passes_it_on_at_once(table):
    opened(table).at("10:01").person("ann", "unack").between("10:01", "10:01").page("ben")


def test_an_old_button_changes_nothing(table):
    acked(table)
    with pytest.raises(StaleCommand, match="t1_acked"):
        table.person("ben", "escalate", epoch=1)
    table.is_in(State.T1_ACKED).silent_until("10:15")


def test_a_button_of_the_first_page_still_acks_after_the_second(table):
    opened(table).between("10:03", "10:03").page("ben").person("ann", "ack", epoch=1).is_in(State.T1_ACKED)


def test_a_late_ack_does_not_bring_an_incident_back(table):
    acked(table).person("ann", "resolve").between("10:01", "10:02").closing("ann").person("ben", "ack")
    table.is_in(State.RESOLVED).silent_until("10:31")


def test_a_step_without_anybody_is_passed_at_once_and_the_lead_is_told():
    table = Timetable(oncall(single("ops", "ann", lead="lea"), users=(user("ann"),)))
    opened(table).between("10:03", "10:03").page("lea").silent_until("10:03")
    assert [line.kind for line in table.timeline].count("coverage_gap") == 1


def test_an_empty_tier_1_goes_on_to_the_developers_at_once():
    table = Timetable(oncall(single("ops", lead=""))).incident("opened")
    table.between("10:00", "10:00").page("dan").is_in(State.T2_PAGING)
    assert "coverage_gap" in [line.kind for line in table.timeline]


def test_a_page_that_no_channel_takes_goes_to_the_next_step(table):
    opened(table).at("10:00:20").report("ann", sent=False).between("10:00:20", "10:00:20").page("ben")
    assert "undeliverable" in [line.kind for line in table.timeline]


def test_a_page_that_arrived_waits_for_its_step(table):
    opened(table).at("10:00:20").report("ann", sent=True).silent_until("10:02:59")
    assert table.timeline[-1].kind == "sent"


def test_after_a_long_downtime_each_deadline_happens_once(table):
    opened(table).asleep_until("14:00").tick()
    table.between("14:00", "14:00").page("ben").between("14:00", "14:00").page("dan")
    table.silent_until("14:02:59").between("14:03", "14:03").page("eve").is_in(State.T2_PAGING)


@pytest.mark.parametrize("moment", ["10:00:30", "10:04", "10:07", "10:09", "10:20", "10:42"])
def test_a_restart_changes_no_page(moment):
    plain, broken = Timetable().incident("opened"), Timetable().incident("opened")
    broken.at(moment).restart()
    pages = [[attempt.id for attempt in run.at("11:30").attempts] for run in (plain, broken)]
    assert pages[0] == pages[1]
    assert len(set(pages[0])) == len(pages[0])
