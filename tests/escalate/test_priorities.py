"""People say how bad an incident is, and alerts say so; a new P1 root."""

import pytest

from alertmesh.core.alert import Priority
from alertmesh.core.errors import BadCommand
from alertmesh.core.oncall import Tier, single
from alertmesh.core.response import State, Timer, Word
from alertmesh.escalate.events import EventKind, MachineEvent, PageWanted, Tell
from alertmesh.escalate.machine import step
from tests.escalate.fakes import P1, P2, P3, P4, T0, after, oncall, policy, response, row
from tests.escalate.timetable import Timetable


@pytest.fixture
def table() -> Timetable:
    return Timetable()


def say(have, priority: Priority, now=T0, actor="ann"):
    return step(have, MachineEvent(kind=EventKind.PRIORITY, actor=actor, priority=priority), now)


def worse(have, priority: Priority, now=T0):
    return step(have, MachineEvent(kind=EventKind.WORSE, priority=priority), now)


def paged(done) -> bool:
    return any(isinstance(effect, PageWanted) for effect in done.effects)


def test_raising_to_p1_voids_the_ack_and_names_who_did_it(table):
    table.incident("opened", 1, P2).between("10:00:30", "10:00:30").page("ann").person("ann", "ack")
    table.at("10:05").person("ben", "priority", priority="P1", text="payments stand")
    table.between("10:05", "10:05").page("ann").is_in(State.T1_PAGING)
    [line] = [line for line in table.timeline if line.kind == "priority"]
    assert (line.text, line.actor) == ("ben says it is P1, not P2: payments stand", "ben")


def test_raising_below_p1_tells_the_owner():
    done = say(response(State.T1_ACKED, P3, owner="ben", deadlines={Timer.LEASE: after(480)}), P2)
    assert (done.response.deadlines, paged(done)) == ({Timer.LEASE: after(30)}, False)
    assert [effect.person for effect in done.effects if isinstance(effect, Tell)] == ["ben"]


@pytest.mark.parametrize("state", sorted(State))
@pytest.mark.parametrize("said", [P2, P3, P4], ids=["P2", "P3", "P4"])
def test_lowering_never_pages(state, said):
    have = response(state, P1, owner="ann", step=1, deadlines={Timer.STEP: after(3), Timer.TIER: after(5)})
    assert not paged(say(have, said))


def test_from_then_on_the_milder_row_applies(table):
    table.incident("opened").between("10:00", "10:00").page("ann").at("10:02")
    table.person("ann", "priority", priority="P2").between("10:09", "10:09").page("ben")
    table.between("10:17", "10:17").page("lea").between("10:27", "10:27").page("dan")


def test_lowered_to_what_is_not_paged_nobody_is(table):
    table.incident("opened").between("10:00", "10:00").page("ann").person("ann", "priority", priority="P4")
    table.is_in(State.HELD).silent_until("1 10:00")


def test_a_loud_incident_is_less_loud_when_lowered():
    have = response(State.EXHAUSTED, P1, step=0, deadlines={Timer.LOUD: after(1)})
    assert say(have, P3).response.deadlines == {Timer.LOUD: after(15)}


def test_lowered_while_clear_it_goes_on_milder_when_it_fires_again(table):
    table.incident("opened").between("10:00", "10:00").page("ann").at("10:01").incident("cleared")
    table.person("ann", "priority", priority="P2").at("10:02").incident("refired")
    table.between("10:08", "10:08").page("ben")


def test_without_a_tier_2_in_the_milder_row_tier_1_has_it_back():
    rows = {**policy().rows, P3: row(rnd_steps=(), to_rnd_after=None)}
    have = response(
        State.T2_PAGING, P1, tier=Tier.RND, policy=policy(rows=rows), owner="ann", ops_owner="ann"
    )
    assert say(have, P3).response.state is State.T1_ACKED
    alone = response(State.T2_PAGING, P1, tier=Tier.RND, policy=policy(rows=rows))
    done = say(alone, P3).response
    assert (done.state, done.deadlines) == (State.T1_PAGING, {Timer.LOOP: after(5)})


@pytest.mark.parametrize(
    ("before", "said", "then", "rule"),
    [
        pytest.param(P1, P3, P1, "PRI-9", id="no worse than it was then"),
        pytest.param(P2, P3, P1, "PRI-3", id="worse than it was then"),
        pytest.param(P3, P2, P3, "PRI-5", id="no worse than what was said"),
        pytest.param(P3, P2, P1, "PRI-3", id="worse than what was said"),
    ],
)
def test_a_word_stands_until_the_alerts_are_worse_than_they_were_then(before, said, then, rule):
    spoken = say(response(State.T1_ACKED, before, owner="ann"), said).response
    assert worse(spoken, then, after(5)).rule == rule


def test_alerts_that_catch_up_with_a_word_page_nobody():
    spoken = say(response(State.T1_ACKED, P3, owner="ann"), P1).response
    acked = step(spoken, MachineEvent(kind=EventKind.ACK, actor="ann"), after(1)).response
    done = worse(acked, P1, after(5))
    assert (paged(done), done.response.word, done.response.state) == (False, None, State.T1_ACKED)
    assert paged(worse(done.response, P1, after(60)))  # as bad again after it was better


def test_lowered_when_nothing_was_as_bad_any_more_it_is_paged_when_that_returns():
    eased = step(response(State.T1_ACKED, P1, owner="ann"), MachineEvent(kind=EventKind.EASED), T0).response
    spoken = say(eased, P3).response
    assert (spoken.word, paged(worse(spoken, P1, after(30)))) == (Word(P3, P3, "ann"), True)


def test_agreeing_with_the_alerts_again_takes_the_word_back():
    lowered = say(response(State.T1_ACKED, P1, owner="ann"), P3).response
    assert say(lowered, P1).response.word is None


def test_the_same_word_again_is_refused(table):
    table.incident("opened")
    with pytest.raises(BadCommand, match="it has that priority already"):
        table.person("ann", "priority", priority="P1")


@pytest.mark.parametrize("word", ["p1", "1", "", "P5"])
def test_a_word_that_is_no_priority_is_refused(table, word):
    with pytest.raises(BadCommand, match="priority must be one of P1 to P4"):
        table.incident("opened").person("ann", "priority", priority=word)


def test_a_restart_keeps_a_word(table):
    table.incident("opened").person("ann", "priority", priority="P3").restart()
    assert table.stage.response(1).word == Word(P3, P1, "ann")


def test_a_new_p1_root_pages_the_owner_and_the_tier_again(table):
    table.incident("opened").between("10:00", "10:00").page("ann").person("ben", "ack").at("10:05")
    table.incident("grew", root=P1, detail="DbDown").between("10:05", "10:05").page("ben")
    table.between("10:05", "10:05").page("ann").is_in(State.T1_PAGING)


@pytest.mark.parametrize("root", [None, P2], ids=["member", "milder"])
def test_what_else_joins_is_told_to_the_owner(table, root):
    table.incident("opened").between("10:00", "10:00").page("ann").person("ann", "ack").at("10:05")
    table.incident("grew", root=root, detail="DbDown").between("10:05", "10:05").update("ann")
    table.is_in(State.T1_ACKED).silent_until("10:15")


def test_a_new_p1_root_ends_a_word_that_made_it_less(table):
    table.incident("opened").between("10:00", "10:00").page("ann").person("ann", "priority", priority="P3")
    table.at("10:05").incident("grew", root=P1).between("10:05", "10:05").page("ann")
    assert (table.stage.response(1).priority, table.stage.response(1).word) == (P1, None)


def test_a_team_can_be_named_for_an_escalation():
    shop = Timetable(oncall(single("shop", "max"))).incident("opened").between("10:00", "10:00").page("ann")
    shop.person("ann", "escalate", team="shop").between("10:00", "10:00").page("max")
    with pytest.raises(BadCommand, match="team: there is no roster 'x'"):
        shop.person("ann", "escalate", team="x")


@pytest.mark.parametrize("back", [None, State.SNOOZED], ids=["snoozed", "cleared while snoozed"])
def test_raised_the_quiet_that_was_asked_for_ends_as_the_worse_row_allows(back):
    rows = {P2: row(max_snooze=after(30) - T0), P3: row(max_snooze=after(1440) - T0)}
    timers = {Timer.SNOOZE: after(1440)}
    state, kept = (State.SNOOZED, {}) if back is None else (State.CLEARED, {Timer.CLEAR: after(5)})
    have = response(
        state, P3, owner="ann", policy=policy(rows=rows), back=back, deadlines=kept or timers, paused=timers
    )
    raised = worse(have, P2).response
    assert (raised.paused if back else raised.deadlines)[Timer.SNOOZE] == after(30)
