"""Severity words and service classes become priorities as the shipped table says."""

import pytest

from alertmesh.core.alert import Priority
from alertmesh.core.errors import BadConfig
from alertmesh.ingest.priority import PriorityRules, PriorityTable, ServiceClass
from tests.ingest.samples import table

P1, P2, P3, P4 = Priority

SHIPPED = {
    P1: ["critical", "page", "disaster", "emergency", "fatal", "P1", "严重", "紧急", "灾难"],
    P2: ["error", "major", "high", "P2", "错误", "重要"],
    P3: ["warning", "warn", "average", "minor", "P3", "警告", "告警", "一般"],
    P4: ["info", "information", "none", "debug", "P4", "信息", "提示"],
}
WORDS = [(word, priority) for priority, words in SHIPPED.items() for word in words]


@pytest.mark.parametrize(("word", "priority"), WORDS, ids=lambda value: str(value))
def test_a_word_has_its_priority(word, priority):
    assert PriorityRules(table()).judge({"severity": word}) == (word, priority)


@pytest.mark.parametrize("word", ["CRITICAL", "Critical", " critical "], ids=repr)
def test_case_and_blanks_do_not_matter(word):
    assert PriorityRules(table()).judge({"severity": word})[1] is P1


@pytest.mark.parametrize(
    ("labels", "word", "priority"),
    [
        ({"severity": "warning", "priority": "P1"}, "warning", P3),
        ({"level": "error"}, "error", P2),
        ({"severity": "odd", "priority": "P1"}, "P1", P1),
        ({"severity": "odd", "level": "odder"}, "odd", P3),
        ({"level": "odder"}, "odder", P3),
        ({}, "", P3),
    ],
    ids=["first label", "second label", "first known", "none known", "unknown", "no word"],
)
def test_the_first_known_word_counts(labels, word, priority):
    assert PriorityRules(table()).judge(labels) == (word, priority)


@pytest.mark.parametrize(
    ("word", "environment", "priority"),
    [("critical", "dev", P2), ("info", "test", P4), ("critical", "prod", P1), ("warning", "qa", P4)],
)
def test_outside_production_an_alert_counts_one_less(word, environment, priority):
    assert PriorityRules(table()).judge({"severity": word, "environment": environment})[1] is priority


def test_a_class_can_raise_but_not_beyond_p1():
    rules = PriorityRules(PriorityTable(words={"P2": ("x",)}, classes=(ServiceClass('tier="gold"', -3),)))
    assert rules.judge({"severity": "x", "tier": "gold"})[1] is P1


def test_the_first_matching_class_counts():
    classes = (ServiceClass('a="1"', -1), ServiceClass('b="1"', 1))
    rules = PriorityRules(PriorityTable(words={"P2": ("x",)}, classes=classes))
    assert rules.judge({"severity": "x", "a": "1", "b": "1"})[1] is P1


def test_unknown_words_are_counted_up_to_a_limit():
    rules = PriorityRules(table(), unknown_limit=2)
    for word in ("odd", " Odd", "odder", "oddest", "critical", ""):
        rules.judge({"severity": word})
    assert (rules.unknown_words, rules.unknown_alerts) == ({"odd": 2, "odder": 1}, 4)


def test_a_long_unknown_word_is_cut():
    rules = PriorityRules(table())
    rules.judge({"severity": "odd" * 1_000})
    assert [len(word) for word in rules.unknown_words] == [64]


def test_other_rules_go_on_counting_what_is_still_unknown():
    before = PriorityRules(PriorityTable())
    for word in ("odd", "bad", "bad"):
        before.judge({"severity": word})
    rules = PriorityRules(PriorityTable(words={"P1": ("Bad",)}))
    rules.go_on(before)
    assert (rules.unknown_words, rules.unknown_alerts) == ({"odd": 1}, 3)


def test_every_fault_of_a_table_is_told():
    bad = PriorityTable(
        words={"P1": ("x",), "P2": ("X",), "P9": ("y",)}, unknown="P0", classes=(ServiceClass("a~b", 1),)
    )
    with pytest.raises(BadConfig) as refused:
        PriorityRules(bad)
    assert [problem.partition(": ")[0] for problem in refused.value.problems] == [
        *("priority.words", "priority.words", "priority.unknown", "priority.classes")
    ]
