"""Which groups are covered: the counts kept in passing against a look at everything."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertmesh.core.response import State, Timer
from alertmesh.core.silence import Window
from alertmesh.escalate.events import EventKind, Line, MachineEvent, PageWanted
from alertmesh.escalate.suppression import Hidden, step_under
from tests.escalate.covering import World
from tests.escalate.fakes import T0, after, response

SERIES = st.sampled_from(["s0", "s1", "s2"])
GROUPS = st.integers(1, 3)
OWN = {"x": 'a="0"', "y": 'a=~"0|1"', "z": 'b!="1"'}
IDS = st.sampled_from(sorted(OWN))
VALUES = st.sampled_from(["0", "1"])
OTHERS = st.sampled_from(['b="0",a="1"', 'c=""', 'a="1"'])
MINUTES = st.integers(1, 9)
FIRES = st.builds(
    lambda s, n, a, b: ("fire", (s, n), {"a": a, "b": b}), SERIES, st.integers(0, 1), VALUES, VALUES
)
SILENCES = st.builds(lambda i, t: ("silence", (i, OWN[i], t), {}), IDS, MINUTES)
DEEDS = st.one_of(
    FIRES,
    FIRES,
    SILENCES,
    SILENCES,
    st.builds(lambda s, n: ("end", (s, n), {}), SERIES, st.integers(0, 1)),
    st.builds(lambda s, i: ("inhibit", (s, i), {}), SERIES, st.booleans()),
    st.builds(lambda w, x: ("merge", (w, x), {}), GROUPS, GROUPS),
    st.builds(lambda s, g: ("split", (s, g), {}), SERIES, GROUPS),
    st.builds(lambda i, m, t: ("silence", (i, m, t), {}), IDS, OTHERS, MINUTES),
    st.builds(lambda i: ("expire", (i,), {}), IDS),
    st.builds(lambda t: ("wait", (t,), {}), st.integers(1, 4)),
    st.just(("settle", (), {})),
)
RUNS = st.lists(DEEDS, min_size=8, max_size=40)


@settings(max_examples=100)
@given(RUNS)
def test_what_is_hidden_is_what_a_look_at_everything_finds(run):
    world = World()
    for deed, args, labels in run:
        getattr(world, deed)(*args, **labels)
        assert [world.until(group) for group in (1, 2, 3)] == [world.counted(group) for group in (1, 2, 3)]


@settings(max_examples=50)
@given(RUNS, st.sets(st.integers(0, 39)))
def test_a_restart_finds_the_same(run, restarts):
    world = World()
    for number, (deed, args, labels) in enumerate(run):
        getattr(world, deed)(*args, **labels)
        if number in restarts:
            world.restart()
        assert [world.until(group) for group in (1, 2, 3)] == [world.counted(group) for group in (1, 2, 3)]


@settings(max_examples=50)
@given(RUNS)
def test_nothing_is_remembered_of_what_is_over(run):
    world = World()
    for deed, args, labels in run:
        getattr(world, deed)(*args, **labels)
    for name in sorted(world.places):
        for number in range(2):
            world.end(name, number)
    world.wait(100)
    index, ledger = world.suppression.index, world.suppression._ledger
    assert (index._instances, index._series, index._hits, index._by_label) == ({}, {}, {}, {})
    assert (ledger._parts, ledger._tallies) == ({}, {})


def test_half_of_a_series_is_not_enough():
    world = World()
    world.fire("s0", 0, severity="warning")
    world.fire("s0", 1, severity="critical")
    world.silence("x", 'severity="warning"', 10)
    assert world.until(1) is None


def test_the_first_end_of_those_that_cover_it_counts():
    world = World()
    world.silence("x", 'a="0"', 10)
    world.silence("y", 'a="1"', 20)
    world.fire("s0", 0, a="0")
    world.fire("s0", 1, a="1")
    assert world.until(1) == after(10)


def test_a_silence_made_shorter_gives_way_to_the_next():
    world = World()
    world.fire("s0", 0, a="0")
    world.silence("x", 'a="0"', 10)
    world.silence("y", 'a=~"0|1"', 5)
    world.silence("x", 'a="0"', 2)
    assert world.until(1) == after(5)


def test_what_only_inhibited_series_have_is_not_hidden():
    world = World()
    world.silence("x", 'a="0"', 10)
    world.fire("s0", 0, a="0")
    world.inhibit("s0", True)
    assert world.until(1) is None


def test_a_silence_tells_how_much_it_covers():
    world = World()
    world.fire("s0", 0, a="0")
    world.silence("x", 'a="0"', 10)
    world.fire("s1", 0, a="0")
    assert [(one.id, alerts) for one, alerts in world.suppression.silences()] == [("x", 2)]


def test_a_window_is_shown_with_its_next_time():
    world = World()
    midnight = T0.replace(hour=0)
    world.suppression.book.adopt([Window(name="w", matchers="a=b", begins=T0.time(), ends=midnight.time())])
    world.suppression.place(T0)
    [plan] = world.suppression.plans(T0)
    assert (plan.until, plan.next_start) == (after(14 * 60), after(24 * 60))


def test_what_is_suppressed_is_followed_though_nothing_holds_any_more():
    world = World()
    world.fire("s0", 0, a="0")
    world.silence("x", 'a="0"', 10)
    put_off = response(State.SUPPRESSED, deadlines={Timer.WINDOW: after(60)})
    world.suppression.heed(put_off)
    world.end("s0", 0)
    world.expire("x")
    world.settle()
    world.fire("s0", 0, a="0")
    [(_, event)] = world.suppression.settle(lambda _: put_off, world.now)
    assert event.kind is EventKind.UNSUPPRESS


HIDDEN = Hidden(after(60), "silence x")
PAGES = [
    pytest.param(State.HELD, "opened", id="new"),
    pytest.param(State.RESOLVED, "refired", id="back-after-the-end"),
    pytest.param(State.CLEARED, "refired", id="back-after-clearing"),
    pytest.param(State.T1_ACKED, "lease_due", id="silent-owner"),
    pytest.param(State.SNOOZED, "snooze_due", id="snooze-over"),
    pytest.param(State.T1_ACKED, "unack", id="given-back"),
]


@pytest.mark.parametrize(("state", "kind"), PAGES)
def test_what_would_page_a_hidden_incident_suppresses_it(state, kind):
    have = response(
        state, firing=state is not State.CLEARED, owner="ann", paged=("ann",), back=State.T1_PAGING
    )
    done = step_under(HIDDEN, have, MachineEvent(kind=EventKind(kind), actor="ann"), T0)
    assert (done.response.state, done.response.deadlines) == (State.SUPPRESSED, {Timer.WINDOW: after(60)})
    assert not [effect for effect in done.effects if isinstance(effect, PageWanted)]
    assert Line("suppressed", f"by silence x until {after(60):%Y-%m-%d %H:%M} UTC") in done.effects


@pytest.mark.parametrize(
    ("state", "kind"),
    [(State.SUPPRESSED, "escalate"), (State.T1_PAGING, "step_due"), (State.T1_ACKED, "ack")],
)
def test_what_a_person_wants_and_what_was_begun_goes_on(state, kind):
    have, event = response(state), MachineEvent(kind=EventKind(kind), actor="ann")
    assert step_under(HIDDEN, have, event, T0) == step_under(None, have, event, T0)


def test_a_window_that_ends_under_another_goes_on():
    have = response(State.SUPPRESSED, deadlines={Timer.WINDOW: T0})
    done = step_under(HIDDEN, have, MachineEvent(kind=EventKind.WINDOW_DUE), T0)
    assert (done.rule, done.response.deadlines) == ("SUP-4", {Timer.WINDOW: after(60)})
