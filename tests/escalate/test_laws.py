"""What must hold after any sequence of events, whatever the order."""

from contextlib import suppress
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.core.alert import Priority
from alertmesh.core.errors import BadCommand
from alertmesh.core.oncall import Tier
from alertmesh.core.page import PageKind
from alertmesh.core.response import Response, State, Timer
from alertmesh.escalate.events import Archive, EventKind, MachineEvent, PageWanted, Withdraw
from alertmesh.escalate.machine import TIMER_EVENTS, step
from alertmesh.escalate.outbound import Escalated
from alertmesh.escalate.stage import EscalateStage
from tests.escalate.fakes import P1, P2, T0, happened, minutes, oncall, response
from tests.escalate.timetable import Timetable

TIMERS = {kind: timer for timer, kind in TIMER_EVENTS.items()}
QUIET = {State.RESOLVED, State.CLOSED, State.MERGED, State.SNOOZED, State.CLEARED, State.SUPPRESSED}
TIER_OF = {State.T1_ACKED: Tier.OPS, State.T2_ACKED: Tier.RND}
MUST_WAKE = frozenset(State) - {State.HELD, State.MERGED}
HANDING_OVER = {"HND-1", "HND-4", "GAP-4", "MRG-3", "REF-1"}
PEOPLE = {"ann": Tier.OPS, "dan": Tier.RND, "zoe": None}


@st.composite
def events(draw):
    actor = draw(st.sampled_from(sorted(PEOPLE)))
    return MachineEvent(
        kind=draw(st.sampled_from(EventKind)),
        actor=actor,
        tier=PEOPLE[actor],
        person=draw(st.sampled_from(sorted(PEOPLE))),
        text=draw(st.sampled_from(["", "because"])),
        step=draw(st.sampled_from([None, 0, 2, 9])),
        minutes=draw(st.integers(0, 100)),
        until=T0 + minutes(draw(st.integers(0, 500))),
        into=2,
        priority=draw(st.sampled_from(Priority)),
        unsteady=draw(st.sampled_from([None, False, True])),
    )


runs = st.lists(st.tuples(st.integers(0, 40), events()), max_size=40)
starts = st.sampled_from(Priority)


def walk(priority: Priority, run):
    """Yield (before, event, done, now); a deadline happens only where it runs."""
    now, have = T0, response(State.HELD, priority, epoch=0, step=-1)
    for wait, event in [(0, MachineEvent(kind=EventKind.OPENED)), *run]:
        now += minutes(wait)
        timer = TIMERS.get(event.kind)
        if timer is not None and timer not in have.deadlines:
            continue
        done = step(have, event, now)
        yield have, event, done, now
        if any(isinstance(effect, Archive) for effect in done.effects):
            return
        have = done.response


TAKEN = {
    State.RESOLVED: {""},
    State.MERGED: {""},
    State.T1_ACKED: {"", "ops"},
    State.T2_ACKED: {"", "rnd"},
}


def pages(done) -> list[PageWanted]:
    return [effect for effect in done.effects if isinstance(effect, PageWanted)]


@settings(max_examples=100)
@given(starts, runs)
def test_nothing_is_paged_when_quiet_or_to_a_tier_that_acked(priority, run):
    for _, _, done, _ in walk(priority, run):
        state = done.response.state
        may_page = done.rule in HANDING_OVER and state is not State.CLEARED
        assert may_page or not (pages(done) and (state in QUIET or state in TIER_OF))


@settings(max_examples=100)
@given(starts, runs)
def test_the_epoch_grows_by_one_with_every_change(priority, run):
    for before, _, done, _ in walk(priority, run):
        grown = done.response.epoch - before.epoch
        assert grown == (not done.refused and done.response is not before)


@settings(max_examples=100)
@given(starts, runs)
def test_every_state_that_must_move_on_has_a_deadline(priority, run):
    for _, _, done, _ in walk(priority, run):
        have = done.response
        archived = done.rule in ("END-1", "END-2") and have.state in QUIET
        assert have.deadlines or have.state not in MUST_WAKE or archived


def lease_bound(have: Response) -> timedelta:
    row = have.policy.rows[have.priority]
    return max(row.ops_lease, row.rnd_lease)


@settings(max_examples=100)
@given(starts, runs)
def test_no_lease_or_snooze_is_longer_than_the_policy(priority, run):
    for _, _, done, now in walk(priority, run):
        have = done.response
        row = have.policy.rows[have.priority]
        assert have.deadlines.get(Timer.LEASE, now) <= now + lease_bound(have)
        assert have.deadlines.get(Timer.SNOOZE, now) <= now + row.max_snooze


@settings(max_examples=100)
@given(starts, runs)
def test_no_page_is_wanted_twice(priority, run):
    wanted = [
        (done.response.cycle, page.tier, page.step, page.loop)
        for _, _, done, _ in walk(priority, run)
        for page in pages(done)
    ]
    assert len(wanted) == len(set(wanted))


@settings(max_examples=100)
@given(starts, runs)
def test_an_event_seen_twice_with_its_epoch_changes_nothing_the_second_time(priority, run):
    for before, event, done, now in walk(priority, run):
        replayed = MachineEvent(kind=event.kind, epoch=before.epoch, actor=event.actor)
        if done.response.epoch == before.epoch or done.response.fresh_epoch != done.response.epoch:
            continue
        assert step(done.response, replayed, now).response is done.response


@settings(max_examples=100)
@given(starts, runs)
def test_an_end_and_an_ack_withdraw_the_queued_pages(priority, run):
    for before, event, done, _ in walk(priority, run):
        state = done.response.state
        if state is before.state or state not in TAKEN or event.kind is EventKind.REFIRED:
            continue
        withdrawn = {effect.tier for effect in done.effects if isinstance(effect, Withdraw)}
        assert withdrawn & TAKEN[state]


FEEDS = ["opened", "grew", "worse", "cleared", "refired"]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 3), st.sampled_from(FEEDS)), max_size=20))
def test_the_stage_gives_out_no_attempt_twice_and_none_after_the_end(feeds):
    stage, now, seen = EscalateStage(oncall()), T0, set()
    for wait, number, kind in feeds:
        now += minutes(wait)
        out: Escalated = stage.feed([happened(kind, number)], now)
        fresh = [attempt.id for attempt in out.attempts]
        assert seen.isdisjoint(fresh)
        assert len(fresh) == len(set(fresh))
        seen.update(fresh)
        assert not any(has_ended(stage, attempt) for attempt in out.attempts)


def has_ended(stage: EscalateStage, attempt) -> bool:
    have = stage.response(attempt.page.incident)
    is_page = attempt.page.kind is PageKind.PAGE
    return is_page and have is not None and have.state in (State.RESOLVED, State.CLOSED, State.MERGED)


DEEDS = ["opened", "worse", "cleared", "refired", "ack", "escalate", "note", "fails", "arrives"]


def live(run, restarts: frozenset[int]) -> list[str]:
    """Let incident 1 live through `run` and restart after the given deeds; return all attempts."""
    table = Timetable()
    for number, (wait, deed) in enumerate(run):
        table.at(f"{(table.now - T0) // minutes(1440)} {table.now + minutes(wait):%H:%M}")
        if deed in ("fails", "arrives"):
            for person in {attempt.page.person for attempt in table.attempts[-1:]}:
                table.report(person, sent=deed == "arrives")
        elif deed in ("ack", "escalate", "note"):
            with suppress(BadCommand):
                table.person("ann", deed, text="hm")
        else:
            table.incident(deed, 1, P2 if deed == "opened" else P1, incident={"opened_at": T0})
        if number in restarts:
            table.restart()
    return [attempt.id for attempt in table.at("2 00:00").attempts]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from(DEEDS)), max_size=15),
    st.frozensets(st.integers(0, 14)),
)
def test_restarts_change_no_attempt(run, restarts):
    assert live(run, restarts) == live(run, frozenset())
