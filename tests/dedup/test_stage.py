"""What transitions do to series."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.entries import Ended, Fired, Tick
from alertmesh.core.series import Change, ChangeKind
from alertmesh.dedup.settings import DedupSettings
from alertmesh.dedup.stage import DedupStage
from tests.dedup.fakes import at, ended, fired

Entry = Fired | Ended | Tick


def fed(stage: DedupStage, *entries: Entry) -> list[Change]:
    return stage.feed(entries, entries[-1].at)


def kinds(*entries: Entry) -> list[str]:
    return [change.kind.value for change in fed(DedupStage(DedupSettings()), *entries)]


@pytest.mark.parametrize(
    ("entries", "wanted"),
    [
        pytest.param([fired(0)], ["opened"], id="one fires"),
        pytest.param([fired(0), fired(1)], ["opened"], id="fires twice"),
        pytest.param([ended(0)], [], id="unknown ends"),
        pytest.param([fired(0), ended(1), ended(2)], ["opened", "cleared"], id="ends twice"),
        pytest.param([fired(0), ended(1), fired(2)], ["opened", "cleared", "opened"], id="again"),
        pytest.param([fired(0, replica="a"), fired(1, replica="b")], ["opened", "grew"], id="second"),
        pytest.param(
            [fired(0, replica="a"), fired(1, replica="b"), ended(2, replica="a")],
            ["opened", "grew", "shrank"],
            id="one of two ends",
        ),
        pytest.param(
            [fired(0, severity="warning"), fired(1, severity="critical"), ended(2, severity="critical")],
            ["opened", "worse", "eased"],
            id="worse and back",
        ),
        pytest.param(
            [fired(0, severity="critical"), fired(1, severity="info"), ended(2, severity="info")],
            ["opened", "grew", "shrank"],
            id="a milder one comes and goes",
        ),
        pytest.param([fired(0, instance="a"), fired(1, instance="b")], ["opened", "opened"], id="two hosts"),
    ],
)
def test_kinds_of_change(entries: list[Entry], wanted: list[str]) -> None:
    assert kinds(*entries) == wanted


def test_the_series_shows_the_worst_that_fires() -> None:
    stage = DedupStage(DedupSettings())
    mild, bad = fired(0, severity="warning"), fired(1, {"summary": "99%"}, severity="critical")
    worst = fed(stage, mild, bad)[-1].series
    assert (worst.priority, worst.severity, worst.summary, worst.firing) == (
        Priority.P1,
        "critical",
        "99%",
        2,
    )
    eased = fed(stage, ended(2, severity="critical"))[-1].series
    assert (eased.priority, eased.severity, eased.firing, eased.instances) == (Priority.P3, "warning", 1, 2)


def test_a_series_remembers_how_severity_and_value_went() -> None:
    stage = DedupStage(DedupSettings())
    alarm = {"instance": "a"}
    fed(
        stage,
        fired(0, severity="warning", value="81", **alarm),
        fired(1, severity="critical", value="95", **alarm),
    )
    [series] = stage.series.values()
    assert [(one.severity, one.value) for one in series.readings] == [("warning", "81"), ("critical", "95")]
    assert series.value == "95"


def test_a_series_that_stays_as_it_was_has_no_readings() -> None:
    stage = DedupStage(DedupSettings())
    fed(stage, fired(0, instance="a"), ended(1, instance="a"), fired(2, instance="a"))
    assert [one.readings for one in stage.series.values()] == [()]


def test_only_the_last_readings_are_kept() -> None:
    stage = DedupStage(DedupSettings())
    fed(stage, *(fired(minute, instance="a", value=str(minute)) for minute in range(40)))
    [series] = stage.series.values()
    assert (len(series.readings), series.readings[-1].value) == (16, "39")


def test_a_cleared_series_keeps_its_last_priority() -> None:
    [_, cleared] = fed(
        DedupStage(DedupSettings()), fired(0, severity="critical"), ended(1, severity="critical")
    )
    assert (cleared.series.priority, cleared.series.firing) == (Priority.P1, 0)


@pytest.mark.parametrize(
    ("annotations", "summary"),
    [
        pytest.param({"summary": "s", "description": "d"}, "s", id="summary first"),
        pytest.param({"summary": "", "description": "d"}, "d", id="an empty one is none"),
        pytest.param({"message": "m"}, "m", id="message last"),
        pytest.param({}, "", id="nothing"),
    ],
)
def test_summary(annotations: dict[str, str], summary: str) -> None:
    [change] = fed(DedupStage(DedupSettings()), fired(0, {**annotations, "runbook_url": "http://r"}))
    assert (change.series.summary, change.series.runbook_url) == (summary, "http://r")


def test_an_expired_end_says_so() -> None:
    [_, cleared] = fed(DedupStage(DedupSettings()), fired(0), replace(ended(5), expired=True))
    assert (cleared.kind, cleared.expired) == (ChangeKind.CLEARED, True)


def test_a_new_episode_of_a_remembered_series() -> None:
    again = fed(DedupStage(DedupSettings()), fired(0), ended(1), fired(9))[-1].series
    assert (again.episodes, again.instances, again.opened_at) == (2, 1, at(9))


def test_a_series_is_forgotten_with_its_last_instance() -> None:
    stage = DedupStage(DedupSettings(remember=timedelta(minutes=30)))
    fed(stage, fired(0, replica="a"), fired(1, replica="b"), ended(2, replica="a"), ended(10, replica="b"))
    fed(stage, Tick(at(33)))
    assert [series.instances for series in stage.series.values()] == [1]
    fed(stage, Tick(at(40)))
    assert (len(stage.series), len(stage.tracker.instances)) == (0, 0)


def test_the_deadline_is_when_something_is_to_be_forgotten() -> None:
    stage = DedupStage(DedupSettings(remember=timedelta(minutes=30)))
    stage.rules = ()
    fed(stage, fired(0))
    assert stage.deadline() is None
    fed(stage, ended(1))
    due = stage.deadline()
    assert due is not None
    assert due >= at(31)
    fed(stage, Tick(due))
    assert (stage.deadline(), len(stage.series)) == (None, 0)


def test_a_tick_forgets_a_bounded_number() -> None:
    stage = DedupStage(DedupSettings(forget_per_tick=2))
    hosts = ["a", "b", "c"]
    fed(stage, *(fired(0, instance=host) for host in hosts), *(ended(1, instance=host) for host in hosts))
    fed(stage, Tick(at(60)))
    assert len(stage.series) == 1


def test_ended_instances_make_room_for_new_ones() -> None:
    stage = DedupStage(DedupSettings(max_instances=2))
    fed(stage, fired(0, instance="a"), ended(1, instance="a"), fired(2, instance="b"), fired(3, instance="c"))
    assert (len(stage.tracker.instances), stage.dropped) == (2, 1)


LABELS = st.fixed_dictionaries(
    {"severity": st.sampled_from(["critical", "warning", "info"]), "instance": st.sampled_from("ab")}
)
MOVES = st.lists(st.tuples(st.booleans(), LABELS), max_size=30)


def entries(moves: list[tuple[bool, dict[str, str]]]) -> list[Entry]:
    return [
        fired(minute, None, **labels) if fires else ended(minute, **labels)
        for minute, (fires, labels) in enumerate(moves)
    ]


def state(stage: DedupStage) -> object:
    return (
        {name: stage.series[name] for name in stage.series},
        {name: stage.tracker.instances[name] for name in stage.tracker.instances},
        stage.deadline(),
    )


@given(MOVES)
def test_every_entry_twice_is_as_good_as_once(moves: list[tuple[bool, dict[str, str]]]) -> None:
    once, twice = DedupStage(DedupSettings()), DedupStage(DedupSettings())
    for entry in entries(moves):
        assert fed(once, entry) == fed(twice, entry, entry)
    assert state(once) == state(twice)


@given(MOVES)
def test_batches_do_not_matter(moves: list[tuple[bool, dict[str, str]]]) -> None:
    one, many = DedupStage(DedupSettings()), DedupStage(DedupSettings())
    every = entries(moves)
    singly = [change for entry in every for change in fed(many, entry)]
    assert one.feed(every, at(60)) == singly
    assert state(one) == state(many)


@given(MOVES)
def test_a_series_is_the_worst_of_its_firing_instances(moves: list[tuple[bool, dict[str, str]]]) -> None:
    stage = DedupStage(DedupSettings())
    stage.feed(entries(moves), at(60))
    for name in stage.series:
        series = stage.series[name]
        firing = [
            s.alert for s in stage.tracker.instances.values() if s.series == name and s.ended_at is None
        ]
        assert series.firing == len(firing)
        assert not firing or series.priority == min(alert.priority for alert in firing)
    assert stage.firing == sum(series.firing for series in stage.series.values())


@given(MOVES)
def test_the_order_of_labels_does_not_matter(moves: list[tuple[bool, dict[str, str]]]) -> None:
    turned = [(fires, dict(reversed(labels.items()))) for fires, labels in moves]
    one, other = DedupStage(DedupSettings()), DedupStage(DedupSettings())
    assert one.feed(entries(moves), at(60)) == other.feed(entries(turned), at(60))
