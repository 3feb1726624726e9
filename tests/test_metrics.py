import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from alertmesh.core.alert import Priority
from alertmesh.core.errors import StoreUnavailable
from alertmesh.core.ports import ChannelLevel, Levels, Storm
from alertmesh.metrics import Metrics
from alertmesh.zabbix.gauges import LinksCollector
from tests.console.fakes import an_attempt

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"alertmesh_{name}", labels)


def names(metrics: Metrics) -> Iterator[str]:
    for family in metrics.registry.collect():
        yield family.name + ("_total" if family.type == "counter" else "")


def test_the_document_has_every_name_and_no_other(metrics: Metrics) -> None:
    metrics.registry.register(LinksCollector(()))
    told = re.findall(r"^\| `(alertmesh_\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(told) == sorted(names(metrics))


def test_every_name_has_our_prefix(metrics: Metrics) -> None:
    assert [name for name in names(metrics) if not name.startswith("alertmesh_")] == []


def test_two_processes_share_nothing(metrics: Metrics) -> None:
    Metrics().expired(5)
    assert value(metrics, "leases_expired_total") == 0


def test_a_door_is_bound_once(metrics: Metrics) -> None:
    assert metrics.door("zabbix") is metrics.door("zabbix")


def test_counts_what_the_filter_made_of_a_request(metrics: Metrics) -> None:
    metrics.admitted("zabbix", SimpleNamespace(entries=[1, 2], repeats=5, stale=1))
    found = [
        value(metrics, f"ingest_alerts_{name}_total", source="zabbix")
        for name in ("changed", "repeated", "stale")
    ]
    assert found == [2, 5, 1]


def test_times_a_write_and_counts_its_entries(metrics: Metrics) -> None:
    with metrics.writing(entries=3):
        pass
    assert (value(metrics, "log_entries_total"), value(metrics, "store_write_seconds_count")) == (3, 1)


def fail(during: AbstractContextManager[None]) -> None:
    with during:
        raise StoreUnavailable("disk")


def test_counts_a_failed_write_only_as_failed(metrics: Metrics) -> None:
    with pytest.raises(StoreUnavailable):
        fail(metrics.writing(entries=3))
    assert (value(metrics, "log_entries_total"), value(metrics, "store_write_failures_total")) == (0, 1)


def test_counts_pages_by_channel_and_kind(metrics: Metrics) -> None:
    metrics.decided(SimpleNamespace(changes=[1, 2], attempts=[an_attempt(1)]))
    assert value(metrics, "pages_total", channel="ding", kind="page") == 1
    assert value(metrics, "pipeline_changes_total") == 2


def test_times_a_batch(metrics: Metrics) -> None:
    with metrics.deciding(4):
        pass
    assert (value(metrics, "pipeline_entries_total"), value(metrics, "pipeline_batch_seconds_count")) == (
        4,
        1,
    )


def test_a_bad_reload_keeps_the_moment_of_the_good_one(metrics: Metrics) -> None:
    metrics.reload_succeeded(datetime(2026, 1, 1, tzinfo=UTC))
    metrics.reload_failed()
    assert value(metrics, "config_last_reload_successful") == 0
    assert value(metrics, "config_last_reload_success_timestamp_seconds") == 1767225600


def test_levels_are_read_at_each_scrape(metrics: Metrics) -> None:
    depths = iter([3, 7])
    metrics.watch(lambda: Levels(queue=next(depths)))
    assert b"alertmesh_pipeline_queue_depth 3.0" in metrics.render()
    assert b"alertmesh_pipeline_queue_depth 7.0" in metrics.render()


@pytest.mark.parametrize(
    ("name", "labels", "wanted"),
    [
        ("incidents", {"priority": "P1"}, 2),
        ("incidents", {"priority": "P4"}, 0),
        ("dropped_total", {"stage": "dedup"}, 9),
        ("channel_waiting", {"channel": "ding"}, 4),
        ("channel_limited", {"channel": "ding"}, 1),
        ("channel_broken", {"channel": "ding"}, 0),
    ],
)
def test_levels_with_labels(metrics: Metrics, name: str, labels: dict[str, str], wanted: int) -> None:
    levels = Levels(
        incidents={Priority.P1: 2},
        dropped={"dedup": 9},
        channels={"ding": ChannelLevel(waiting=4, limited=True)},
    )
    metrics.watch(lambda: levels)
    assert value(metrics, name, **labels) == wanted


def test_storms_are_told_by_source(metrics: Metrics) -> None:
    since = datetime(2026, 3, 1, tzinfo=UTC)
    storm = Storm(source="zabbix", since=since, per_minute=240, usual_per_minute=3)
    metrics.watch(lambda: Levels(storms=(storm,)))
    assert (value(metrics, "storm", source="zabbix"), value(metrics, "storm", source="all")) == (1, 0)
