from collections import defaultdict

import pytest

from alertmesh.core.oncall import Tier
from alertmesh.core.response import State, Timer
from alertmesh.escalate.events import EventKind, Line, MachineEvent, PageWanted, Tell, Withdraw
from alertmesh.escalate.machine import STALE, TABLE, next_deadline, possible, step
from alertmesh.escalate.table import Refusal, Rule, Table
from tests.escalate.fakes import P1, P2, P3, T0, after, response
from tests.escalate.matrix import matrix, on_page

PAIRS = [(state, kind) for state in State for kind in EventKind]


def event(kind: str, **fields) -> MachineEvent:
    return MachineEvent(kind=EventKind(kind), **fields)


@pytest.mark.parametrize(("state", "kind"), PAIRS, ids=lambda word: word.value)
def test_every_pair_is_a_rule_or_a_named_refusal(state, kind):
    entry = TABLE.pairs[state, kind]
    assert entry.id
    assert entry.does if isinstance(entry, Rule) else entry.why


def test_an_id_has_one_meaning():
    meanings = defaultdict(set)
    for entry in [*TABLE.pairs.values(), *TABLE.refusals]:
        meanings[entry.id].add(entry.why if isinstance(entry, Refusal) else entry.does)
    assert {name: found for name, found in meanings.items() if len(found) > 1} == {}


def test_the_page_shows_the_table_as_it_is():
    assert on_page() == matrix(), "write it anew: python -m tests.escalate.matrix"


def test_a_pair_is_taken_once_only():
    table = Table()
    table.refuse("A-1", EventKind.ACK, [State.HELD], "no")
    with pytest.raises(ValueError, match="taken by A-1"):
        table.refuse("A-2", EventKind.ACK, [State.HELD], "no")


@pytest.mark.parametrize("kind", ["step_due", "lease_due", "cleared"])
def test_what_is_meant_for_another_epoch_leaves_a_line_only(kind):
    held = response(State.T1_PAGING)
    done = step(held, event(kind, epoch=4), T0)
    assert (done.response, done.rule, [type(effect) for effect in done.effects]) == (held, STALE, [Line])


def test_every_change_raises_the_epoch():
    done = step(response(State.T1_PAGING), event("grew", text="more"), T0)
    assert (done.rule, done.response.epoch) == ("GRW-3", 6)


def test_a_step_does_not_outdate_a_button():
    paging = response(State.T1_PAGING, fresh_epoch=5, deadlines={Timer.STEP: T0})
    later = step(paging, event("step_due"), T0).response
    assert step(later, event("ack", actor="ann", epoch=5), T0).rule == "ACK-1"


def test_another_persons_action_outdates_a_button():
    acked = response(State.T1_ACKED, owner="ann", fresh_epoch=5)
    noted = step(acked, event("note", actor="ann", text="hm"), T0).response
    assert step(noted, event("escalate", actor="ben", epoch=5), T0).rule == STALE


def test_an_ack_withdraws_and_starts_lease_reminder_and_triage():
    done = step(response(State.T1_PAGING), event("ack", actor="ann", tier=Tier.OPS), T0)
    expected = {Timer.LEASE: after(30), Timer.REMINDER: after(24), Timer.TRIAGE: after(15)}
    assert (done.response.deadlines, Withdraw() in done.effects) == (expected, True)


def test_an_ack_by_tier_1_leaves_the_pages_to_tier_2():
    paging = response(State.T2_PAGING, tier=Tier.RND, deadlines={Timer.STEP: after(3)})
    done = step(paging, event("ack", actor="ann", tier=Tier.OPS), T0)
    assert Withdraw("ops") in done.effects
    assert (done.response.state, done.response.deadlines[Timer.STEP]) == (State.T2_PAGING, after(3))


def test_a_raise_below_p1_tells_the_owner_and_shortens_the_lease():
    acked = response(State.T1_ACKED, P3, owner="ann", deadlines={Timer.LEASE: after(480)})
    done = step(acked, event("worse", priority=P2), T0)
    assert done.response.deadlines == {Timer.LEASE: after(30)}
    assert any(isinstance(effect, Tell) for effect in done.effects)


@pytest.mark.parametrize(("state", "priority"), [(State.T1_ACKED, P3), (State.T1_PAGING, P2)])
def test_a_raise_that_is_none_is_refused(state, priority):
    """What was P2, or was paged as P2 this very moment, is not paged for it again."""
    done = step(response(state, P2, owner="ann"), event("worse", priority=priority), T0)
    assert done.rule == "PRI-5"


@pytest.mark.parametrize("state", [State.T1_ACKED, State.SNOOZED, State.EXHAUSTED, State.T2_PAGING])
def test_what_is_p1_again_pages_again(state):
    done = step(response(state, P1, owner="ann"), event("worse", priority=P1), after(12))
    [page] = [effect for effect in done.effects if isinstance(effect, PageWanted)]
    assert page.targets == ("user:ann", "primary")


@pytest.mark.parametrize(("kind", "timer"), [("step_due", Timer.STEP), ("loop_due", Timer.LOOP)])
@pytest.mark.parametrize(("priority", "is_paged"), [(P2, True), (P3, False)], ids=["P2", "P3"])
def test_what_only_flaps_is_not_paged_further_below_p2(kind, timer, priority, is_paged):
    paging = response(State.T1_PAGING, priority, unsteady=True, deadlines={timer: T0})
    done = step(paging, event(kind), T0)
    assert any(isinstance(effect, PageWanted) for effect in done.effects) == is_paged
    assert done.response.deadlines


def test_what_was_put_off_happens_once_something_stays_firing():
    paging = response(State.T1_PAGING, P3, unsteady=True, deadlines={Timer.STEP: T0, Timer.TIER: after(90)})
    waiting = step(paging, event("step_due"), T0).response
    done = step(waiting, event("released", unsteady=False), after(10))
    assert (done.rule, done.response.deadlines) == ("REL-3", {Timer.STEP: after(10), Timer.TIER: after(90)})


def test_what_was_put_off_happens_when_it_comes_back_and_stays():
    paging = response(
        State.T1_PAGING, P3, unsteady=True, put_off=(Timer.STEP,), deadlines={Timer.STEP: after(30)}
    )
    clear = step(paging, event("cleared"), T0).response
    back = step(clear, event("refired", unsteady=False), after(2))
    assert (back.rule, back.response.deadlines) == ("REF-1", {Timer.STEP: after(2)})


def test_a_flapping_incident_is_held_as_long_as_it_wishes():
    held = response(State.HELD, P3, deadlines={Timer.HOLD: after(2)})
    done = step(held, event("flapping", until=after(25), unsteady=True), after(1))
    assert (done.rule, done.response.deadlines) == ("FLP-1", {Timer.HOLD: after(25)})


@pytest.mark.parametrize("state", [State.HELD, State.T1_PAGING, State.T2_PAGING, State.EXHAUSTED])
def test_a_suppression_stops_paging_until_its_end(state):
    done = step(response(state), event("suppress", until=after(60), text="upgrade"), T0)
    assert (done.response.state, done.response.deadlines) == (State.SUPPRESSED, {Timer.WINDOW: after(60)})


def test_a_suppression_without_an_end_is_refused():
    assert step(response(State.HELD), event("suppress"), T0).rule == "SUP-3"


@pytest.mark.parametrize(("firing", "state"), [(True, State.T1_PAGING), (False, State.RESOLVED)])
def test_the_end_of_a_suppression_pages_what_still_fires(firing, state):
    hidden = response(State.SUPPRESSED, firing=firing, deadlines={Timer.WINDOW: T0})
    assert step(hidden, event("window_due"), T0).response.state is state


def test_a_merge_carries_the_ack_over_to_what_is_no_worse():
    paging = response(State.T1_PAGING, P2)
    carried = event("absorbed", actor="ann", tier=Tier.OPS, priority=P1, into=2, until=after(7))
    done = step(paging, carried, T0).response
    assert (done.state, done.owner, done.deadlines[Timer.LEASE]) == (State.T1_ACKED, "ann", after(7))


def test_a_merge_into_what_somebody_has_is_a_change_of_its_own():
    acked = response(State.T1_ACKED, owner="ann", deadlines={Timer.LEASE: after(7)})
    done = step(acked, event("absorbed", priority=P2, into=2), T0)
    assert (done.rule, done.response.epoch) == ("MRG-4", acked.epoch + 1)


def test_a_merge_does_not_silence_what_is_worse():
    carried = event("absorbed", actor="ann", tier=Tier.OPS, priority=P2, into=2)
    assert step(response(State.T1_PAGING, P1), carried, T0).response.state is State.T1_PAGING


def test_a_silent_tier_1_owner_is_replaced_while_tier_2_is_paged():
    paging = response(
        State.T2_PAGING, tier=Tier.RND, owner="ann", ops_owner="ann", deadlines={Timer.STEP: after(3)}
    )
    done = step(paging, event("lease_due"), T0)
    [page] = [effect for effect in done.effects if isinstance(effect, PageWanted)]
    assert (page.tier, page.targets, done.response.owner) == (Tier.OPS, ("user:ann", "primary"), "")


def test_a_return_needs_a_word():
    assert step(response(State.T2_ACKED, tier=Tier.RND), event("return", actor="dan"), T0).rule == "RET-2"


@pytest.mark.parametrize(("text", "rule"), [("", "CLO-2"), ("a full disk", "CLO-1")])
def test_a_p1_is_closed_with_its_cause(text, rule):
    assert step(response(State.RESOLVED), event("close", actor="dan", text=text), T0).rule == rule


def test_an_escalation_can_ask_for_a_step():
    done = step(response(State.T1_PAGING), event("escalate", actor="ann", step=2), T0)
    assert [e.targets for e in done.effects if isinstance(e, PageWanted)] == [("lead",)]


def test_the_possible_actions_are_told():
    assert possible(response(State.RESOLVED)) == (EventKind.ACK, EventKind.NOTE, EventKind.CLOSE)


def test_the_next_deadline_is_the_earliest():
    waiting = response(deadlines={Timer.STEP: after(3), Timer.TIER: after(8)})
    assert (next_deadline(waiting), next_deadline(response())) == (after(3), None)


def test_a_tick_is_a_sign_of_life_and_outdates_no_button():
    acked = response(State.T1_ACKED, owner="ann", fresh_epoch=5, deadlines={Timer.LEASE: after(1)})
    data = {"runbook": "disk-full", "step": "2", "done": "true"}
    done = step(acked, event("step", actor="ann", text="made room", data=data), after(1))
    assert done.effects == (Line("step", "made room", data),)
    assert done.response.deadlines[Timer.LEASE] > after(1)
    assert step(done.response, event("escalate", actor="ann", epoch=5), after(1)).rule != STALE


def test_a_tick_of_what_nobody_has_leaves_a_line_only():
    paging = response(State.T1_PAGING)
    assert step(paging, event("step", actor="ann"), T0).response == paging


@pytest.mark.parametrize("state", [State.RESOLVED, State.CLOSED])
def test_what_people_ended_and_still_fires_is_paged_anew(state):
    over = response(state, owner="ann", firing=True, deadlines={Timer.REOPEN: T0})
    done = step(over, event("reopen_due"), T0)
    assert (done.response.state, any(isinstance(one, PageWanted) for one in done.effects)) == (
        State.T1_PAGING,
        True,
    )


@pytest.mark.parametrize(("firing", "state"), [(True, State.T1_PAGING), (False, State.RESOLVED)])
def test_a_part_that_was_split_off_is_paged_if_it_fires(firing, state):
    part = response(State.HELD, firing=firing)
    done = step(part, event("split"), T0)
    pages = [one for one in done.effects if isinstance(one, PageWanted)]
    assert (done.rule, done.response.state, bool(pages)) == ("OPN-2", state, firing)
    assert firing or step(done.response, event("refired"), T0).rule == "REF-2"
