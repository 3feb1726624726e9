"""Examples in rule files are run, and what comes out otherwise is said with its place."""

import pytest

from alertmesh.config import load
from alertmesh.examples import failures

GIVEN = '{at: "10:00", labels: {alertname: ServiceSlow, service: web, severity: warning}}'


def run(tmp_path, expect, given=GIVEN):
    text = f"examples:\n  - name: mine\n    given:\n      - {given}\n    expect: {{{expect}}}\n"
    (tmp_path / "dedup").mkdir(exist_ok=True)
    (tmp_path / "dedup" / "a.yaml").write_text(text)
    return [problem.replace(f"{tmp_path}/", "") for problem in failures(load(None, tmp_path, {}))]


def test_the_shipped_examples_hold():
    config = load(None, None, {})
    assert len(config.examples) > 5
    assert failures(config) == []


@pytest.mark.parametrize(
    "expect",
    [
        'at: "10:10", series: 1, incidents: 1, priority: P3, watched: 0, suppressed: 0',
        'at: "10:10", paged: 1, pages: 1, first_page: "10:02"',
        'at: "10:01", pages: 0, first_page: null',
        "marks: {ServiceSlow: []}",
    ],
)
def test_what_holds_is_not_told(tmp_path, expect):
    assert run(tmp_path, expect) == []


@pytest.mark.parametrize(
    ("expect", "problem"),
    [
        ('at: "10:10", incidents: 2', "5:38 example 'mine': incidents should be 2, came out 1"),
        (
            'at: "10:10", first_page: "10:05"',
            "5:39 example 'mine': first_page should be 10:05:00, came out 10:02:00",
        ),
        (
            'at: "10:10", first_page: null',
            "5:39 example 'mine': first_page should be none, came out 10:02:00",
        ),
        ("priority: P1", "5:24 example 'mine': priority should be P1, came out P3"),
        (
            "marks: {ServiceSlow: [routine]}",
            "5:21 example 'mine': marks should be ServiceSlow routine, came out no mark",
        ),
        ("marks: {Other: []}", "5:21 example 'mine': marks should be those of Other, came out no such alert"),
    ],
)
def test_what_does_not_hold_is_told_with_its_place(tmp_path, expect, problem):
    assert run(tmp_path, expect) == [f"dedup/a.yaml:{problem}"]


def test_an_alert_may_come_again(tmp_path):
    given = '{at: "10:00", every: 1h, times: 3, labels: {alertname: A, service: web, severity: info}}'
    assert run(tmp_path, 'at: "2d 10:00", series: 1, watched: 1', given) == []


def test_what_is_given_later_than_looked_at_does_not_count(tmp_path):
    assert run(tmp_path, 'at: "09:00", incidents: 0, first_page: null') == []
