"""Each baseline puts together what its definition says, and looks at nothing that comes later."""

from datetime import UTC, datetime, timedelta

import pytest

from alertmesh.recorded import RecordedAlert
from benchmarks.baseline_text import dbscan, dbstream, hdbscan
from benchmarks.baselines import baselines, gap, group_by, jaccard

START = datetime(2026, 11, 23, tzinfo=UTC)


def alerts(*told):
    """Return an alert for each (second, labels) or (second, labels, seconds until it ends)."""
    return [
        RecordedAlert(
            id=str(number),
            time=START + timedelta(seconds=at),
            status="firing",
            labels=dict(pair.split("=") for pair in labels.split()),
            ends_at=START + timedelta(seconds=at + lasts[0]) if lasts else None,
        )
        for number, (at, labels, *lasts) in enumerate(told)
    ]


@pytest.mark.parametrize(
    ("second", "groups"), [(119, [0, 0]), (120, [0, 1])], ids=["before the gap", "after the gap"]
)
def test_a_session_ends_with_a_gap(second, groups):
    assert gap(alerts((0, "cluster=a"), (second, "cluster=a")), "cluster", 120) == groups


def test_every_place_has_its_own_session():
    assert gap(alerts((0, "cluster=a"), (1, "cluster=b"), (2, "cluster=a")), "cluster", 120) == [0, 1, 0]


@pytest.mark.parametrize(
    ("second", "groups"), [(390, [0, 0]), (391, [0, 1])], ids=["idle for five minutes", "for longer"]
)
def test_equal_labels_are_one_group_until_it_was_over_for_five_minutes(second, groups):
    assert group_by(alerts((0, "cluster=a", 90), (second, "cluster=a")), ["cluster"]) == groups


def test_labels_that_nobody_groups_by_do_not_count():
    assert group_by(alerts((0, "cluster=a pod=x"), (1, "cluster=a pod=y")), ["cluster", "rack"]) == [0, 0]


@pytest.mark.parametrize(
    ("labels", "second", "groups"),
    [
        ("service=db node=n1 pod=p", 60, [0, 0]),
        ("service=web node=n2", 60, [0, 1]),
        ("service=db node=n1", 120, [0, 1]),
        ("alertname=Down severity=page", 60, [0, 1]),
    ],
    ids=["alike", "nothing shared", "too late", "what it says does not count"],
)
def test_labels_shared_within_the_window_bind(labels, second, groups):
    first = "service=db node=n1 alertname=Down severity=page"
    assert jaccard(alerts((0, first), (second, labels)), 0.5, 120) == groups


def test_words_and_time_bind_by_density():
    near, far = "cluster=a service=db", "cluster=b service=web"
    found = dbscan(alerts((0, near), (30, far), (60, near), (400, near)), 0.5, 120)
    assert found == [0, 1, 0, 2]


def test_equal_alerts_of_one_window_are_one_and_strangers_are_apart():
    told = [(second, f"service={name}") for second, name in enumerate(["db", "db", "web", "cache"])]
    found = hdbscan(alerts(*told, (700, "service=db")), 600)
    assert found[0] == found[1]
    assert len(set(found)) == 4


def test_the_stream_clusterer_gives_every_alert_a_number():
    assert len(dbstream(alerts((0, "service=db"), (1, "service=web")))) == 2


def test_only_settings_whose_labels_are_there_are_tried():
    titles = [baseline.title for baseline in baselines(alerts((0, "alertname=A host=h rule=r")))]
    assert [title for title in titles if title.startswith("group_by")] == [
        "group_by [alertname]",
        "group_by [host]",
        "group_by [host,rule]",
    ]
    assert "gap 120 s per host" in titles


def test_what_comes_later_changes_nothing():
    told = [(second * 20, f"alertname=A cluster=c{second % 2} pod=p{second % 3}") for second in range(12)]
    for grouped in (
        lambda a: gap(a, "cluster", 30),
        lambda a: jaccard(a, 0.2, 60),
        lambda a: group_by(a, ["pod"]),
    ):
        assert grouped(alerts(*told))[:7] == grouped(alerts(*told[:7]))
