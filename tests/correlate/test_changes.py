"""Change events are kept for a while, and what was changed shortly before is likelier the root."""

from datetime import timedelta

import pytest

from alertmesh.core.changes import ChangeEvent
from alertmesh.correlate import CorrelateSettings
from alertmesh.correlate.changes import Changes
from tests.correlate.fakes import START, Bench, at, fires


def change(name: str, seconds: float, entity: str = "b", cluster: str = "") -> ChangeEvent:
    return ChangeEvent(
        id=name, at=at(seconds), entity=entity, level="service", kind="deploy", cluster=cluster
    )


def told(changes: Changes, until: float = 0.0) -> list[str]:
    return [event.id for event in changes.before({"a", "b"}, "prod", at(until))]


def noted(*events: ChangeEvent, **settings: float) -> Changes:
    changes = Changes(CorrelateSettings(**settings))  # type: ignore[arg-type]
    for event in events:
        changes.note(event, max(event.at, START))
    return changes


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (change("x", -60), ["x"]),
        (change("x", -60, cluster="prod"), ["x"]),
        (change("x", -60, cluster="other"), []),
        (change("x", -60, entity="z"), []),
        (change("x", -7200), []),
        (change("x", 30), ["x"]),
        (change("x", 300), []),
    ],
    ids=["before", "same cluster", "other cluster", "other thing", "long before", "just after", "after"],
)
def test_a_change_counts_for_its_thing_in_its_time(event: ChangeEvent, found: list[str]) -> None:
    assert told(noted(event)) == found


def test_of_several_the_last_counts() -> None:
    assert told(noted(change("x", -600), change("y", -60), change("z", -300))) == ["y"]


def test_the_same_change_told_twice_is_one() -> None:
    changes = noted(change("x", -60), change("x", -60))
    assert len(list(changes.events())) == 1


def test_what_is_old_is_not_taken() -> None:
    assert told(noted(change("x", -86_400 * 8))) == []


def test_over_the_bound_the_oldest_go_and_are_counted() -> None:
    changes = noted(*(change(f"x{n}", n, entity=f"e{n}") for n in range(101)), max_changes=100)
    assert (len(changes.table), changes.dropped) == (90, 11)
    assert min(event.at for event in changes.events()) == at(11)


def test_they_survive_a_restart() -> None:
    changes, again = noted(change("x", -60)), Changes(CorrelateSettings())
    again.table.restore([(str(row.key), row.body or b"") for row in changes.table.drain()])
    again.restored()
    assert told(again) == ["x"]


def test_a_thing_changed_shortly_before_is_the_likelier_root_and_says_so() -> None:
    bench = Bench()
    deploy = ChangeEvent(
        id="1", at=START - timedelta(minutes=4), entity="b", level="service", kind="deploy", actor="li"
    )
    bench.stage.changes.note(deploy, START)
    alike = {"namespace": "s"}
    bench.feed(fires(0, "HighLatency", service="a", **alike), fires(9, "HighLatency", service="b", **alike))
    first, *_ = bench.stage.causes(1)
    assert (first.entity, first.changed) == ("b", "deploy 4 min before by li")
    assert "it was changed shortly before" in first.reason
