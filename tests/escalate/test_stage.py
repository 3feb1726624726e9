from datetime import timedelta

import pytest

from alertmesh.core.entries import Tick
from alertmesh.core.errors import BadCommand, StaleCommand
from alertmesh.core.oncall import single
from alertmesh.core.page import AttemptState, PageKind, Withdrawal
from alertmesh.core.response import State
from alertmesh.escalate.events import EventKind, MachineEvent
from alertmesh.escalate.stage import EscalateStage
from tests.escalate.fakes import (
    P1,
    P2,
    P3,
    T0,
    after,
    command,
    happened,
    minutes,
    oncall,
    outcome,
    policy,
    user,
)


@pytest.fixture
def stage() -> EscalateStage:
    return EscalateStage(oncall())


def paged(out) -> list[str]:
    return [attempt.page.person for attempt in out.attempts if attempt.page.kind is PageKind.PAGE]


def test_a_page_is_one_attempt_per_channel_with_a_telling_id():
    stage = EscalateStage(oncall(users=(user("ann", "ding", "sms", "ding"),)))
    out = stage.feed([happened("opened")], T0)
    assert [attempt.id for attempt in out.attempts] == [
        "1-1-ops-0-0-ann-page/ding",
        "1-1-ops-0-0-ann-page/sms",
    ]


def test_an_attempt_is_queued_and_due_at_once(stage):
    [attempt] = stage.feed([happened("opened")], T0).attempts
    assert (attempt.state, attempt.due_at, attempt.page.epoch) == (AttemptState.QUEUED, T0, 1)


def test_a_person_behind_two_targets_is_paged_once():
    stage = EscalateStage(oncall(single("ops", "ann", lead="ann")))
    stage.feed([happened("opened")], T0)
    assert paged(stage.feed([Tick(after(6))], after(6))).count("ann") == 1


@pytest.mark.parametrize(
    ("priority", "wish", "due"),
    [(P2, None, 0.5), (P2, 2, 2), (P2, 60, 5), (P3, None, 2), (P3, 25, 25), (P3, 60, 30)],
    ids=["row", "wish", "bound", "row-p3", "wish-p3", "bound-p3"],
)
def test_the_hold_is_the_longer_of_row_and_wish_within_the_bound(stage, priority, wish, due):
    until = None if wish is None else after(wish)
    stage.feed([happened("opened", 1, priority, hold_until=until)], T0)
    assert stage.deadline() == after(due)


def test_the_bound_counts_from_the_first_firing(stage):
    late = happened("opened", 1, P2, hold_until=after(9), incident={"opened_at": after(-4)})
    stage.feed([late], T0)
    assert stage.deadline() == after(1)


def test_a_p1_is_not_held_whatever_is_wished(stage):
    assert paged(stage.feed([happened("opened", hold_until=after(9))], T0)) == ["ann"]


def test_a_withdrawal_reaches_pages_of_the_same_answer(stage):
    stage.feed([happened("opened", 1, P2)], T0)
    out = stage.feed([happened("merged", 1, P2, other=2)], after(1))
    assert (out.attempts, Withdrawal(incident=1) in out.withdrawals) == ([], True)


def test_a_merge_carries_owner_and_people_over(stage):
    stage.feed([happened("opened", 1), happened("opened", 2)], T0)
    stage.command(command("ack", "ann", 1), after(1))
    stage.feed([happened("merged", 1, other=2)], after(2))
    heir = stage.response(2)
    assert (heir.state, heir.owner, heir.paged) == (State.T1_ACKED, "ann", ("ann",))


def test_a_merged_incident_says_where_it_goes_on(stage):
    stage.feed([happened("opened", 1), happened("opened", 2), happened("merged", 1, other=2)], T0)
    assert (stage.response(1).state, stage.response(1).merged_into) == (State.MERGED, 2)


def test_a_part_that_was_split_off_is_paged_without_a_hold(stage):
    assert paged(stage.feed([happened("split", 3, P2, other=1)], T0)) == ["ann"]


@pytest.mark.parametrize("kind", ["refired", "grew", "worse"])
def test_a_sign_of_life_of_a_forgotten_incident_opens_it(stage, kind):
    assert paged(stage.feed([happened(kind, 9)], T0)) == ["ann"]


@pytest.mark.parametrize("kind", ["cleared", "eased", "merged"])
def test_the_end_of_a_forgotten_incident_is_counted_only(stage, kind):
    out = stage.feed([happened(kind, 9)], T0)
    assert (out.timeline, stage.dropped) == ([], 1)


def test_the_policy_is_kept_and_people_are_looked_up_live(stage):
    stage.feed([happened("opened")], T0)
    changed = oncall(single("ops", "ann", "eve"), policies=(policy(version="2"),))
    stage.swap(changed)
    assert paged(stage.feed([Tick(after(3))], after(3))) == ["eve"]
    assert stage.response(1).policy.version == "1"


def test_a_refused_command_says_what_is_possible(stage):
    stage.feed([happened("opened")], T0)
    with pytest.raises(BadCommand, match=r"t1_paging, epoch 1; possible: ack, unack, escalate"):
        stage.command(command("snooze", minutes="5"), T0)


@pytest.mark.parametrize("args", [{"minutes": "long"}, {"minutes": "-1"}, {"minutes": "٣"}, {"minutes": "0"}])
def test_an_argument_that_is_no_number_is_refused(stage, args):
    stage.feed([happened("opened")], T0)
    with pytest.raises(BadCommand, match="minutes must be a whole number"):
        stage.command(command("snooze", **args), T0)


def test_nobody_is_assigned_who_cannot_be_paged(stage):
    stage.feed([happened("opened")], T0)
    with pytest.raises(BadCommand, match="no person 'bob'"):
        stage.command(command("assign", person="bob"), T0)


def test_a_command_on_an_unknown_incident_is_refused(stage):
    with pytest.raises(BadCommand, match="incident 7 is not open"):
        stage.command(command("ack", number=7), T0)


@pytest.mark.parametrize("epoch", [0, 2])
def test_a_merge_is_checked_for_its_epoch(stage, epoch):
    stage.feed([happened("opened")], T0)
    with pytest.raises(StaleCommand):
        stage.command(command("merge", epoch=epoch, into="2"), T0)


def test_what_was_due_before_a_refused_command_is_not_lost(stage):
    stage.feed([happened("opened")], T0)
    with pytest.raises(BadCommand):
        stage.command(command("close"), after(3))
    assert paged(stage.feed([], after(3))) == ["ben"]


def test_a_suppression_comes_as_a_machine_event(stage):
    stage.feed([happened("opened", 1, P2)], T0)
    stage.apply(1, MachineEvent(kind=EventKind.SUPPRESS, until=after(60), text="upgrade"), T0)
    assert (stage.response(1).state, stage.deadline()) == (State.SUPPRESSED, after(60))


def test_a_page_with_one_channel_left_is_not_lost_yet():
    stage = EscalateStage(oncall(users=(user("ann", "ding", "sms"),)))
    ding, sms = stage.feed([happened("opened")], T0).attempts
    assert paged(stage.feed([outcome(ding, sent=False)], T0)) == []
    assert paged(stage.feed([outcome(sms, sent=False)], T0)) == ["ben"]


def test_a_repeated_outcome_does_not_skip_another_step(stage):
    [attempt] = stage.feed([happened("opened")], T0).attempts
    stage.feed([outcome(attempt, sent=False)], T0)
    assert paged(stage.feed([outcome(attempt, sent=False)], T0)) == []


def test_after_a_restart_a_policy_is_one_object_again(stage):
    stage.feed([happened("opened", number) for number in (1, 2)], T0)
    rows = {table.table: table.drain() for table in stage.tables}
    again = EscalateStage(oncall())
    for table in again.tables:
        table.restore((row.key, row.body) for row in rows[table.table])
    again.restored()
    assert again.response(1).policy is again.response(2).policy
    assert not any(table.drain() for table in again.tables)


def test_an_archived_incident_is_told_and_forgotten(stage):
    stage.feed([happened("opened", 1, P2), happened("cleared", 1, P2)], T0)
    out = stage.feed([], after(30))
    assert (out.retired, list(stage.responses()), stage.deadline()) == ([1], [], None)


def test_overdue_deadlines_happen_worst_first(stage):
    both = [happened("opened", 1, P3), happened("opened", 2, P2, hold_until=after(2))]
    stage.feed(both, T0)
    out = stage.feed([], after(2))
    assert [attempt.page.incident for attempt in out.attempts] == [2, 1]


def test_a_deadline_done_punctually_does_not_drift(stage):
    stage.feed([happened("opened")], T0)
    stage.feed([], after(3) + timedelta(seconds=20))
    assert stage.deadline() == after(3) + minutes(3)


def test_nobody_anywhere_is_said_aloud():
    nobody = [single(name) for name in ("ops", "rnd")]
    out = EscalateStage(oncall(*nobody)).feed([happened("opened", 1, P1)], T0)
    assert "undeliverable" in [line.kind for line in out.timeline]


def test_a_tick_stands_in_the_timeline_by_name(stage):
    stage.feed([happened("opened")], T0)
    args = {"runbook": "disk-full", "step": "2", "done": "true", "text": "make room"}
    out = stage.command(command("step", "ann", **args), after(1))
    [line] = [line for line in out.timeline if line.kind == "step"]
    assert (line.text, line.actor) == ("make room", "ann")
    assert {name: line.data[name] for name in ("runbook", "step", "done")} == {
        "runbook": "disk-full",
        "step": "2",
        "done": "true",
    }


@pytest.mark.parametrize("args", [{"runbook": "disk-full"}, {"step": "2"}, {"runbook": "a", "step": "0"}])
def test_a_tick_needs_its_runbook_and_step(stage, args):
    stage.feed([happened("opened")], T0)
    with pytest.raises(BadCommand, match="step"):
        stage.command(command("step", "ann", **args), after(1))
