"""Each thing that can be wrong in a store is found, and nothing is found in one where all is well."""

from datetime import timedelta
from itertools import count

import pytest
from msgspec.structs import replace

from alertmesh.auditor.checks import LONGEST_CLAIM, judge
from alertmesh.auditor.look import INVARIANTS, Bounds, Check, Look, ServerState
from alertmesh.core.alert import Priority
from alertmesh.core.entries import Tick
from alertmesh.core.incident import Condition
from alertmesh.core.oncall import Step, When
from alertmesh.core.page import AttemptState, PageKind
from alertmesh.core.ports import Batch
from alertmesh.core.response import State, Timer
from tests.auditor.fakes import (
    NOW,
    ago,
    found,
    healthy,
    incident,
    kept,
    page,
    penalty,
    probe_row,
    response,
    rows,
    undeliverable,
)
from tests.escalate.fakes import policy, row
from tests.reference import DOCS

QUEUED, CLAIMED, SENT, FAILED, UNKNOWN = (
    AttemptState.QUEUED,
    AttemptState.CLAIMED,
    AttemptState.SENT,
    AttemptState.FAILED,
    AttemptState.UNKNOWN,
)
P2, P3 = Priority.P2, Priority.P3
PAGE = (DOCS / "auditor.md").read_text(encoding="utf-8")


def as_response(**changes):
    return Batch(rows=rows(response(**changes)))


def paged(*attempts, **changes):
    """Return incident 2 with these attempts only."""
    other = [replace(one, page=replace(one.page, incident=2)) for one in attempts]
    return Batch(rows=rows(response(incident=2, **changes)), attempts=other)


def in_state(state, *timers, **changes):
    return as_response(state=state, deadlines={timer: ago(-60) for timer in timers}, **changes)


def by_steps(*steps):
    return policy(rows={Priority.P1: row(ops_steps=steps), Priority.P4: row(ops_steps=())})


def failing(number, states, **changes):
    return Batch(attempts=[page(f"c{number}{i}", s, at_s=100 - i, **changes) for i, s in enumerate(states)])


def probed(since_s, asked_s):
    return Batch(rows=[probe_row("ding", since_s, asked_s)])


_turn = count()
WELL = {
    "nothing else": Batch(),
    "a deadline due a minute ago": as_response(deadlines={Timer.STEP: ago(60)}),
    "a P4 that is held for ever": as_response(
        priority=Priority.P4, state=State.HELD, deadlines={}, policy=by_steps()
    ),
    "a first page that is queued": paged(page("b", QUEUED, at_s=80), since=ago(80)),
    "a page that waits for a penalty": Batch(rows=[penalty(300)], attempts=[page("w", QUEUED, at_s=600)]),
    "a page that waits for a penalty of all robots": Batch(
        rows=[penalty(300, "ding#1"), penalty(200, "ding#2")], attempts=[page("w", QUEUED, at_s=600)]
    ),
    "a page that another channel took": Batch(
        attempts=[replace(page("w", QUEUED, at_s=600), channel="voice", page=page("a").page)]
    ),
    "a page that arrived": Batch(attempts=[page("a", AttemptState.DELIVERED)]),
    "a page that was read": Batch(attempts=[page("a", AttemptState.READ)]),
    "a P3 page that waits": paged(
        replace(page("w", QUEUED, at_s=600), page=replace(page().page, priority=P3, at=ago(600))), priority=P3
    ),
    "a first step that comes later": paged(policy=by_steps(Step(timedelta(minutes=5), ("primary",)))),
    "a step that waits for its hours": paged(policy=by_steps(Step(timedelta(), ("primary",), When.WORKING))),
    "an ack": in_state(State.T1_ACKED, Timer.LEASE, Timer.TRIAGE),
    "an ack just before its page left": Batch(
        rows=rows(response(state=State.T1_ACKED, deadlines={Timer.LEASE: ago(-60)}, since=ago(200)))
    ),
    "a page to tier 1 after tier 2 took it": Batch(
        rows=rows(response(state=State.T2_ACKED, deadlines={Timer.LEASE: ago(-60)}, since=ago(900)))
    ),
    "news after the end": Batch(
        rows=rows(response(state=State.RESOLVED, deadlines={Timer.REOPEN: ago(-9)}, since=ago(900))),
        attempts=[page("a", SENT, kind=PageKind.CLOSING)],
    ),
    "an incident that cleared without response": Batch(
        rows=rows(incidents=[incident(id=9, condition=Condition.CLEARED)])
    ),
    "an entry undecided for a minute": Batch(entries=[Tick(ago(59))]),
    "a failure before a success": failing(next(_turn), [FAILED, FAILED, FAILED, SENT]),
    "a channel that was sick once": probed(200, 200),
    "a channel that nobody asked for an hour": probed(4000, 3600),
    "a channel that is well": Batch(rows=[probe_row("ding", 900, 60, healthy=True)]),
    "another sick channel": Batch(rows=[probe_row("sms", 900, 60)]),
    "a test message that failed once": failing(next(_turn), [FAILED], kind=PageKind.TEST, incident=0),
    "two failures": failing(next(_turn), [FAILED, FAILED]),
}  # fmt: skip
WRONG = [
    ("a deadline that passed", as_response(deadlines={Timer.STEP: ago(61)}), Check.OVERDUE),
    ("a P3 deadline too", as_response(priority=P3, deadlines={Timer.STEP: ago(61)}), Check.OVERDUE),
    ("held for ever", in_state(State.HELD), Check.STUCK),
    ("paging without a next step", in_state(State.T1_PAGING), Check.STUCK),
    ("tier 2 with the deadline of tier 1", in_state(State.T2_PAGING, Timer.TIER), Check.STUCK),
    ("an ack without lease", in_state(State.T1_ACKED, Timer.TRIAGE), Check.STUCK),
    ("a quiet without end", in_state(State.SNOOZED), Check.STUCK),
    ("exhausted and not loud", in_state(State.EXHAUSTED), Check.STUCK),
    ("suppressed without end", in_state(State.SUPPRESSED, window_rule="night"), Check.STUCK),
    ("suppressed by nothing", in_state(State.SUPPRESSED, Timer.WINDOW), Check.NAMELESS),
    ("an ack that lasts too long", as_response(
        state=State.T1_ACKED, deadlines={Timer.LEASE: NOW + timedelta(minutes=32)}), Check.ENDLESS),
    ("a quiet that lasts too long", as_response(
        state=State.SNOOZED, deadlines={Timer.SNOOZE: NOW + timedelta(minutes=62)}), Check.ENDLESS),
    ("a P1 nobody was paged about", paged(), Check.UNPAGED),
    ("a P2 of which the page only waits", paged(page("b", QUEUED, at_s=100), priority=P2), Check.UNPAGED),
    ("a page of the cycle before", paged(page("b", SENT), cycle=2), Check.UNPAGED),
    ("exhausted and unheard", paged(
        page("b", FAILED), state=State.EXHAUSTED, deadlines={Timer.LOUD: ago(-9)}), Check.UNPAGED),
    ("news is no page", paged(page("b", SENT, kind=PageKind.UPDATE)), Check.UNPAGED),
    ("a P1 that nobody can be told of", Batch(
        rows=rows(response(incident=1, cycle=2)), timeline=[undeliverable(ago(170))]), Check.UNDELIVERED),
    ("an old failure excuses nothing", Batch(
        rows=rows(response(incident=1, cycle=2)), timeline=[undeliverable(ago(400))]), Check.UNPAGED),
    ("an incident without response", Batch(rows=rows(incidents=[incident(id=9)])), Check.UNHANDLED),
    ("a message on its way for ever", Batch(attempts=[page("b", CLAIMED, at_s=61)]), Check.CLAIMED),
    ("a page that does not leave", Batch(attempts=[page("b", QUEUED, at_s=121)]), Check.WAITING),
    ("after the penalty too", Batch(
        rows=[penalty(-1)], attempts=[page("b", UNKNOWN, at_s=121)]), Check.WAITING),
    ("one robot of two serves no penalty", Batch(
        rows=[penalty(300, "ding#1"), penalty(-1, "ding#2")],
        attempts=[page("b", QUEUED, at_s=121)]), Check.WAITING),
    ("a page that was taken and then lost", Batch(attempts=[page("a", FAILED)]), Check.UNPAGED),
    ("a page after the ack", Batch(rows=rows(
        response(state=State.T1_ACKED, deadlines={Timer.LEASE: ago(-60)}, since=ago(241)))), Check.LATE_PAGE),
    ("a page after the end", Batch(rows=rows(
        response(state=State.RESOLVED, deadlines={Timer.REOPEN: ago(-9)}, since=ago(900)))), Check.LATE_PAGE),
    ("a page of what was merged", Batch(rows=rows(
        response(state=State.MERGED, deadlines={Timer.REOPEN: ago(-9)}, since=ago(900)))), Check.LATE_PAGE),
    ("a page to tier 2 after its ack", Batch(
        rows=rows(response(state=State.T2_ACKED, deadlines={Timer.LEASE: ago(-60)}, since=ago(900))),
        attempts=[page("b", SENT, tier="rnd")]), Check.LATE_PAGE),
    ("an entry nobody decides", Batch(entries=[Tick(ago(61)), Tick(ago(1))]), Check.UNDECIDED),
    ("an entry of the future", Batch(entries=[Tick(ago(-31))]), Check.CLOCK),
    ("a channel that fails each time", failing(next(_turn), [SENT, FAILED, FAILED, FAILED]), Check.CHANNEL),
    ("a channel that says it takes nothing", probed(260, 80), Check.CHANNEL),
    ("a channel that is dead", failing(
        next(_turn), [SENT, FAILED], error="dead after 1 tries: token is not exist"), Check.CHANNEL),
    ("a message that fails again and again", failing(
        next(_turn), [UNKNOWN, UNKNOWN, UNKNOWN], tries=3, error="no answer in time"), Check.CHANNEL),
]  # fmt: skip


@pytest.mark.parametrize("more", WELL.values(), ids=WELL)
def test_where_all_is_well_nothing_is_found(tmp_path, more):
    assert found(kept(tmp_path, healthy(), more)) == []


@pytest.mark.parametrize(("more", "check"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_is_wrong_is_found_and_nothing_else(tmp_path, more, check):
    assert {finding.check for finding in found(kept(tmp_path, healthy(), more))} == {check}


def test_a_finding_tells_the_incident_and_since_when(tmp_path):
    more = as_response(deadlines={Timer.STEP: ago(61), Timer.TIER: ago(99)})
    findings = found(kept(tmp_path, healthy(), more))
    assert [(one.incident, one.subject, one.since) for one in findings] == [
        (1, "step", ago(61)),
        (1, "tier", ago(99)),
    ]


@pytest.mark.parametrize(("away_s", "checks"), [(59, []), (60, [Check.SERVER])])
def test_a_server_may_be_away_for_a_while(away_s, checks):
    look = Look(at=NOW, server=ServerState("HTTP 503", ago(away_s)))
    assert [finding.check for finding in judge(look, Bounds())] == checks


def test_a_disk_needs_room(tmp_path):
    url = kept(tmp_path, healthy())
    assert [one.check for one in found(url, Bounds(disk_bytes=1 << 62))] == [Check.DISK]


def test_a_claim_is_left_alone_for_longer_than_its_lease():
    assert timedelta(seconds=20) < LONGEST_CLAIM


@pytest.mark.parametrize("check", Check)
def test_a_check_is_explained_with_its_invariant(check):
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| `{check}` |"))
    assert INVARIANTS.get(check, "") in line.split("|")[2]


def test_every_wrong_thing_in_a_store_has_a_case():
    outside = {Check.STORE, Check.SERVER, Check.DISK}  # not in the rows
    assert {case[2] for case in WRONG} == set(Check) - outside
