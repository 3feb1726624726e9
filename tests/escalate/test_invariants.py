"""Whatever happens in whatever order: what must hold of pages, acks, leases, quiet and restarts.

Two runs live through the same: one is never restarted, the other whenever the machine likes, and then
knows only the rows that were written. Both must page the same people at the same moments.
"""

from collections import defaultdict
from contextlib import suppress
from datetime import time, timedelta

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from alertmesh.core.entries import HandoverSigned, Tick
from alertmesh.core.errors import BadCommand, StaleCommand
from alertmesh.core.oncall import Calendar, DutyRole, Layer, Roster, Rotation, Step, When
from alertmesh.core.page import Attempt, PageKind
from alertmesh.core.response import Response, State, Timer
from alertmesh.escalate.events import EventKind, MachineEvent
from alertmesh.escalate.outbound import Escalated
from tests.escalate.fakes import (
    P1,
    P2,
    P3,
    P4,
    T0,
    command,
    happened,
    minutes,
    oncall,
    outcome,
    row,
    steps,
    user,
)
from tests.escalate.fakes import policy as a_policy
from tests.escalate.timetable import Timetable

HOURLY = Layer(members=("ann", "cai"), rotation=Rotation.HOURLY, start=T0 - minutes(20))
OPS = Roster(name="ops", layers=(HOURLY, Layer(members=("ben",), role=DutyRole.SECONDARY)), lead="lea")
RND = Roster(name="rnd", layers=(Layer(members=("dan", "eve"), rotation=Rotation.DAILY),), lead="max")
ROWS = {
    P1: row(),
    P2: row(
        hold=minutes(0.5),
        ops_steps=(Step(minutes(0), ("primary",), When.WORKING), *steps(0, 3, 6)[1:]),
        rnd_when=When.WORKING,
        triage=minutes(45),
        ops_lease=minutes(120),
        rnd_lease=minutes(240),
    ),
    P3: row(hold=minutes(2), loops=1, loop_every=minutes(30), triage=minutes(90), ops_lease=minutes(120)),
    P4: row(ops_steps=(), rnd_steps=(), to_rnd_after=None),
}
PEOPLE = oncall(
    OPS, RND, users=(user("cai"),), policies=(a_policy(rows=ROWS, calendar=Calendar(begins=time(12))),)
)
LONGEST_WAIT = minutes(30)  # between two pages of what nobody has, by these rows
LONGEST_LEASE = minutes(240)
LONGEST_SNOOZE = minutes(60)
NUMBERS = st.sampled_from([1, 2])
OWNED = {State.T1_ACKED, State.T2_ACKED}
OVER = {State.RESOLVED, State.CLOSED, State.MERGED}
PAGING = {State.T1_PAGING, State.T2_PAGING, State.EXHAUSTED}
HAPPENS = ["worse", "eased", "cleared", "refired", "refired", "grew", "flapping", "released"]
OTHERS = ["unack", "escalate", "return", "assign", "note", "snooze", "priority"]
ACTIONS = ["ack", "ack", "ack", *OTHERS, *OTHERS, "resolve"]
ARGS = {
    "assign": {"person": "ben"},
    "snooze": {"minutes": "40"},
    "return": {"text": "not ours"},
    "note": {"text": "hm"},
}


class Run(Timetable):
    """A timetable that looks at every single thing given out."""

    def __init__(self) -> None:
        super().__init__(PEOPLE)
        self.alive_at: dict[int, object] = {}  # the last thing a person did to it
        self.was: dict[int, Response] = {}
        self.withdrawn: list[str] = []  # the tiers whose pages the last thing took back

    def _keep(self, out: Escalated) -> None:
        super()._keep(out)
        self.withdrawn = [withdrawal.tier for withdrawal in out.withdrawals]
        pages = defaultdict(list)
        for attempt in out.attempts:
            if attempt.page.kind is PageKind.PAGE:
                pages[attempt.page.incident].append(attempt)
        for have in self.stage.responses():
            self._look(have, pages[have.incident])
            self.was[have.incident] = have

    def _look(self, have: Response, pages: list[Attempt]) -> None:
        if have.state in OVER or have.state is State.HELD:
            assert not pages, "nothing is paged before its time or after the end"
        if have.state in OWNED | {State.SNOOZED}:
            unasked = [a for a in pages if not is_hand_over(a)]
            assert not unasked, "what somebody has is paged to hand it over only"
        before = self.was.get(have.incident)
        ended = before is not None and before.state is State.SUPPRESSED and have.state in PAGING
        assert pages or not ended, "what was put off is paged"


def is_hand_over(attempt: Attempt) -> bool:
    return "hand-over from" in attempt.page.reason or "did not take it over" in attempt.page.reason


class Invariants(RuleBasedStateMachine):
    """Two incidents, a team that changes every hour, and people who do as they like."""

    @initialize(
        always=st.booleans(),
        may_merge=st.booleans(),
        first=st.sampled_from([P1, P2, P3]),
        second=st.sampled_from([P1, P2, P3]),
    )
    def begin(self, always, may_merge, first, second):
        self.runs = [Run(), Run()]
        self.always = always  # restart after every single thing
        self.may_merge = may_merge
        self.epochs = {1: [0], 2: [0]}
        self.outcomes = []
        for number, priority in ((1, first), (2, second)):
            self.feed(happened("opened", number, priority))

    def each(self, deed) -> None:
        for run in self.runs:
            deed(run)
        if self.always:
            self.runs[1].restart()

    def feed(self, *items) -> None:
        self.each(lambda run: run._keep(run.stage.feed(items, run.now)))

    @property
    def plain(self) -> Run:
        return self.runs[0]

    @rule(seconds=st.sampled_from([1, 60, 200, 400, 1200, 2400]))
    def time_passes(self, seconds):
        def wait(run: Run) -> None:
            run._pass(run.now + timedelta(seconds=seconds))
            run._keep(run.stage.feed([Tick(run.now)], run.now))

        self.each(wait)

    @rule(number=NUMBERS, kind=st.sampled_from(HAPPENS), priority=st.sampled_from([P1, P2, P3]))
    def something_happens(self, number, kind, priority):
        assume(self.plain.stage.response(number) is not None)
        root = priority if kind == "grew" else None
        self.feed(happened(kind, number, priority, root=root, unsteady=kind == "flapping"))

    @rule(
        number=NUMBERS,
        action=st.sampled_from(ACTIONS),
        actor=st.sampled_from(["ann", "ben", "cai", "dan", "lea"]),
        priority=st.sampled_from(["P1", "P2", "P3", "P4"]),
        back=st.sampled_from([None, None, 0, 1, 3]),
    )
    def somebody_acts(self, number, action, actor, priority, back):
        """Also by a button of some epochs ago: a stale one changes nothing."""
        have = self.plain.stage.response(number)
        assume(have is not None)
        args = {"priority": {"priority": priority}}.get(action, ARGS.get(action, {}))
        known = self.epochs[number]
        epoch = None if back is None else known[max(len(known) - 1 - back, 0)]
        answers = []

        def act(run: Run) -> None:
            ordered = command(action, actor, number, epoch, **args)
            before = run.stage.response(number)
            try:
                run._keep(run.stage.command(ordered, run.now))
                answers.append("done")
                run.alive_at[number] = run.now
                if before.state is State.T2_PAGING and action in ("ack", "note") and actor in ("ann", "ben"):
                    assert set(run.withdrawn) <= {"ops"}, "tier 1 stops no page to tier 2"
            except BadCommand as refused:
                answers.append(str(refused))
                assert run.stage.response(number) is before, "what is refused changes nothing"
            assert epoch is None or epoch >= before.fresh_epoch or answers[-1] != "done"

        self.each(act)
        assert answers[0] == answers[1]

    @rule(number=NUMBERS, actor=st.sampled_from(["ann", "cai", "dan"]), then=st.sampled_from([3, 20, 45, 70]))
    def somebody_takes_it_for_a_while(self, number, actor, then):
        have = self.plain.stage.response(number)
        assume(have is not None and have.state in PAGING)

        def take(run: Run) -> None:
            run._keep(run.stage.command(command("ack", actor, number), run.now))
            run.alive_at[number] = run.now
            run._pass(run.now + minutes(then))

        self.each(take)

    @rule(number=NUMBERS, action=st.sampled_from(["ack", "escalate", "resolve"]))
    def somebody_presses_twice(self, number, action):
        """The second press of a button comes too late, and changes nothing."""
        have = self.plain.stage.response(number)
        assume(have is not None)
        pressed = command(action, "ann", number, have.epoch)

        def press(run: Run) -> None:
            try:
                run._keep(run.stage.command(pressed, run.now))
            except BadCommand:
                return
            run.alive_at[number] = run.now
            after, count = run.stage.response(number), len(run.attempts)
            with suppress(StaleCommand):
                run._keep(run.stage.command(pressed, run.now))
            same = run.stage.response(number)
            assert after is None or same is after or same.epoch == after.epoch
            assert len(run.attempts) == count

        self.each(press)

    @rule(sent=st.booleans(), which=st.integers(0, 5))
    def a_channel_answers(self, sent, which):
        """Also late, twice and out of order."""
        assume(self.plain.attempts)
        attempt = self.plain.attempts[-1 - which % len(self.plain.attempts)]
        self.feed(outcome(attempt, sent))

    @rule(number=NUMBERS, length=st.sampled_from([5, 40]))
    def maintenance_begins(self, number, length):
        assume(self.plain.stage.response(number) is not None)

        def hide(run: Run) -> None:
            until = run.now + minutes(length)
            event = MachineEvent(kind=EventKind.SUPPRESS, until=until, text="upgrade")
            run._keep(run.stage.apply(number, event, run.now))

        self.each(hide)

    @rule(number=NUMBERS)
    def maintenance_ends_early(self, number):
        have = self.plain.stage.response(number)
        assume(have is not None and have.state is State.SUPPRESSED)
        ended = MachineEvent(kind=EventKind.UNSUPPRESS)
        self.each(lambda run: run._keep(run.stage.apply(number, ended, run.now)))

    @precondition(lambda self: self.may_merge)
    @rule()
    def the_two_become_one(self):
        both = [self.plain.stage.response(number) for number in (1, 2)]
        assume(all(have is not None and have.state is not State.MERGED for have in both))
        worst = min(have.priority for have in both if have is not None)
        self.feed(happened("merged", 2, both[1].priority, other=1), happened("worse", 1, worst))

    @rule(outgoing=st.sampled_from(["ann", "cai"]))
    def who_comes_signs(self, outgoing):
        incoming = {"ann": "cai", "cai": "ann"}[outgoing]

        def sign(run: Run) -> None:
            entry = HandoverSigned(roster="ops", actor=incoming, outgoing=outgoing, text="see", at=run.now)
            run._keep(run.stage.order(entry, run.now))
            for number in run.stage.handovers()[-1].incidents:
                run.alive_at[number] = run.now

        self.each(sign)

    @precondition(lambda self: not self.always)
    @rule()
    def the_program_restarts(self):
        self.runs[1].restart()

    @invariant()
    def a_restart_changes_no_page(self):
        if hasattr(self, "runs"):
            plain, restarted = self.runs
            assert [a.id for a in plain.attempts] == [a.id for a in restarted.attempts]
            assert plain.attempts[-5:] == restarted.attempts[-5:]
            ids = [a.id for a in plain.attempts]
            assert len(ids) == len(set(ids))

    @invariant()
    def buttons_are_drawn(self):
        for number, known in getattr(self, "epochs", {}).items():
            have = self.plain.stage.response(number)
            if have is not None and have.epoch != known[-1]:
                known.append(have.epoch)

    @invariant()
    def nothing_waits_for_ever(self):
        for have in self.plain.stage.responses() if hasattr(self, "runs") else ():
            due = min(have.deadlines.values(), default=None)
            assert due is None or due > self.plain.now - minutes(1), "what is due is done"
            if have.state in PAGING and have.priority <= P2:
                assert due is not None
                assert due <= self.plain.now + LONGEST_WAIT, "what nobody has goes on being paged"

    @invariant()
    def no_ack_and_no_quiet_lasts_for_ever(self):
        for have in self.plain.stage.responses() if hasattr(self, "runs") else ():
            if have.state in OWNED:
                alive = self.plain.alive_at.get(have.incident, T0)
                assert have.deadlines[Timer.LEASE] <= max(alive, have.since) + LONGEST_LEASE
            if have.state is State.SNOOZED:
                assert have.deadlines[Timer.SNOOZE] <= self.plain.now + LONGEST_SNOOZE


Invariants.TestCase.settings = settings(
    max_examples=120,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
TestInvariants = Invariants.TestCase
