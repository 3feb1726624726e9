"""The made-up week is the same for the same seed, and its truth is about what it holds."""

import csv
from collections import Counter
from itertools import pairwise

import pytest

from benchmarks.cluster_ground import DAY_S, Shape, moment
from benchmarks.cluster_week import Week, write_truth

SHAPE = Shape(nodes=200, days=2, warmup_days=2)


@pytest.fixture(scope="module")
def week():
    return Week(1, SHAPE)


def test_the_same_seed_gives_the_same_week(week):
    assert list(Week(1, SHAPE).alerts()) == list(week.alerts())


def test_another_seed_gives_another_week(week):
    assert list(Week(2, SHAPE).alerts()) != list(week.alerts())


def test_lines_are_in_order_of_time(week):
    times = [line.time for line in week.alerts()]
    assert times == sorted(times)


def test_each_firing_ends_once(week):
    ids = Counter(line.id.rpartition("-")[0] for line in week.alerts())
    assert set(ids.values()) == {2}


def test_the_truth_counts_every_line(week, tmp_path):
    write_truth(tmp_path / "truth.csv", week)
    with (tmp_path / "truth.csv").open() as rows:
        firings = sum(int(row["firings"]) for row in csv.DictReader(rows))
    assert 2 * firings == sum(1 for _ in week.alerts())


@pytest.mark.parametrize("kind", ["healing", "routine", "flapping", "chronic", "trouble"])
def test_every_kind_happens(week, kind):
    assert any(episode.kind == kind for episode in week.episodes)


@pytest.mark.parametrize(
    "case",
    [
        "disk keeps filling",
        "job overruns",
        "job at another time",
        "job is worse",
        "flapper stays down",
        "many nodes at once",
        "chronic gets worse",
    ],
)
def test_every_look_alike_must_page(week, case):
    found = [episode for episode in week.episodes if episode.case == case]
    assert found
    assert all(episode.kind == "trouble" and episode.demands for episode in found)


def test_only_trouble_must_page(week):
    assert all(bool(episode.demands) == (episode.kind == "trouble") for episode in week.episodes)


def test_a_demand_lies_within_its_episode(week):
    spans = [(one.start, demand.at, one.end) for one in week.episodes for demand in one.demands]
    assert all(start <= at <= end for start, at, end in spans)


def test_trouble_waits_for_the_evaluated_days(week):
    assert all(one.start >= SHAPE.begin for one in week.episodes if one.kind == "trouble")


def test_noise_of_one_label_set_does_not_overlap(week):
    seen: dict[tuple[tuple[str, str], ...], list[tuple[int, int]]] = {}
    for episode in week.episodes:
        for alarm in episode.alarms if episode.kind != "trouble" else ():
            seen.setdefault(tuple(sorted(alarm.labels.items())), []).append((alarm.start, alarm.end))
    for spans in seen.values():
        spans.sort()
        assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_the_week_scales_with_nodes_and_days():
    assert Shape(nodes=1000, days=14).share(10) == Shape(nodes=2000, days=7).share(10)


def test_seconds_count_from_a_monday():
    assert (moment(0).weekday(), moment(DAY_S).weekday()) == (0, 1)
