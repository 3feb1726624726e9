"""What is wrong with rules is told in Chinese: our own faults are read from the loader, others are made."""

import re
from importlib import import_module
from pkgutil import iter_modules

import pytest
from pydantic_core import PydanticKnownError

import alertmesh.config
from alertmesh import coverage, expressions
from alertmesh.chinese.faults import problem_in
from alertmesh.config import load
from alertmesh.config.document import Document
from alertmesh.config.problems import unknown
from alertmesh.core.errors import BadConfig, BadPayload
from alertmesh.core.patterns import Pattern
from tests.chinese.english import english
from tests.chinese.written import Source

SAMPLES = {
    "unknown": "there is no roster X; none is known",
    "text": "X",
    "first": "X",
    "reason": "X",
    "kind": "roster",
}
MODULES = [import_module(f"alertmesh.config.{one.name}") for one in iter_modules(alertmesh.config.__path__)]
_OTHERS = frozenset({"alertmesh.config.oidc", "alertmesh.config.auditor"})
"""They read the main file, which the console does not edit."""

_PLAIN = ("int_parsing", "int_type", "int_from_float", "float_parsing", "float_type", "finite_number")
_TYPES = ("string_type", "bool_parsing", "bool_type", "list_type", "tuple_type", "dict_type", "set_type")
GAP = "nobody can be reached from 2026-11-27 10:00 to 2026-11-28 10:00 (UTC): no layer holds"


def is_told(text: str) -> bool:
    """Tell whether a fault is Chinese; keys and examples stay, which are one word at a time."""
    told = problem_in("zh-CN", text)
    return told != text and re.search("[a-z]{2,} [a-z]{2,}", told) is None


def of_loader() -> set[str]:
    """Return every fault that the loader words."""
    found: set[str] = set()
    for module in MODULES:
        if module.__name__ in _OTHERS:
            continue
        source = Source(module, **SAMPLES)
        for call in ("ValueError", "fault"):
            found.update(source.given(call))
        found.update(text for _, text in source.said("_fault"))
    found.update(f"'X' {text}" for text in Source(expressions, **SAMPLES).given("ValueError"))
    return {text for text in found if english(text)}


def of_library() -> list[str]:
    """Return the common faults of pydantic as the loader has them."""
    length = {"actual_length": 5, "field_type": "Tuple"}
    kinds = [
        *(PydanticKnownError(kind) for kind in (*_PLAIN, *_TYPES)),
        PydanticKnownError("greater_than", {"gt": 0}),
        PydanticKnownError("greater_than_equal", {"ge": 0}),
        PydanticKnownError("less_than", {"lt": 9}),
        PydanticKnownError("less_than_equal", {"le": 9}),
        PydanticKnownError("literal_error", {"expected": "'A', 'B' or 'C'"}),
        PydanticKnownError("enum", {"expected": "'A'"}),
        PydanticKnownError("string_too_short", {"min_length": 1}),
        PydanticKnownError("string_too_long", {"max_length": 20}),
        PydanticKnownError("string_pattern_mismatch", {"pattern": "^A$"}),
        PydanticKnownError("too_short", {"min_length": 1, **length}),
        PydanticKnownError("too_long", {"max_length": 2, **length}),
    ]
    return [kind.message().replace("Input should be", "should be") for kind in kinds]


def of_yaml() -> list[str]:
    """Return what is wrong with texts that people write by mistake."""
    texts = ["A: B: C", "A\nB: C", "- A\nB: C", "A:\n\tB: C", 'A: "B', "A: 1\nA: 2", "A: [1\nB: 2"]
    found = []
    for text in texts:
        with pytest.raises(BadConfig) as caught:
            Document.parse("X", text)
        found += [problem.partition(" ")[2] for problem in caught.value.problems]
    return found


@pytest.mark.parametrize("text", sorted(of_loader()))
def test_a_fault_of_the_loader_is_told_in_chinese(text):
    assert is_told(text)


@pytest.mark.parametrize("text", of_library())
def test_a_common_fault_of_the_library_is_told_in_chinese(text):
    assert is_told(text)


@pytest.mark.parametrize("text", of_yaml())
def test_a_common_fault_of_yaml_is_told_in_chinese(text):
    assert is_told(text)


@pytest.mark.parametrize("kind", ["roster", "user", "channel", "policy", "calendar", "kind of channel"])
@pytest.mark.parametrize("known", [[], ["OPS"], ["XA"]])
def test_a_name_that_there_is_not_is_told_in_chinese(kind, known):
    assert is_told(unknown(kind, "XAB", known))


def test_a_table_of_priorities_without_words_is_told_in_chinese(tmp_path):
    (tmp_path / "priority.yaml").write_text("unknown: P2")
    [text] = load(None, tmp_path, {}).warnings
    assert is_told(text.partition(" ")[2])


def test_a_gap_of_tier_1_is_told_in_chinese():
    [text, more] = [text for text in Source(coverage, gap=GAP).yielded("_of_roster") if english(text)]
    assert is_told(text.partition(" ")[2].replace("GAP", GAP))
    assert is_told(more.partition(" ")[2])


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("policies.0.loops: should be greater than 0", "policies.0.loops：应大于 0"),
        ("flap.windows: unknown key; did you mean 'window'?", "flap.windows：未知的键；是否应为 'window'？"),
        ("match: something new is wrong", "match：something new is wrong"),
        ("something new is wrong", "something new is wrong"),
        (
            "matchers: expected a comma at character 4 of 'a=1 b=2'; write matchers as a=\"1\"",
            "matchers：'a=1 b=2' 的第 4 个字符处缺少逗号；匹配条件应写作 a=\"1\"",
        ),
    ],
)
def test_keys_stay_and_so_does_what_has_no_form(text, chinese):
    assert problem_in("zh", text) == chinese


@pytest.mark.parametrize(
    "text", ["(?=a)", r"(a)\1", "(", "a)", "[", "a**", "*", "a{1001}", r"(\pL{100}){10}", "(?P<>a)"]
)
def test_what_is_wrong_with_an_expression_is_told_in_chinese(text):
    with pytest.raises(BadPayload) as caught:
        Pattern(text)
    assert is_told(str(caught.value).replace(text, "X"))


def test_english_stays_as_it_is():
    assert problem_in("en", "is missing") == "is missing"
