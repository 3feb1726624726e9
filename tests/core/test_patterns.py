import re
import time

import pytest
import yaml

from alertmesh.core.errors import BadPayload
from alertmesh.core.matchers import Matcher, parse_matchers
from alertmesh.core.patterns import Pattern
from alertmesh.core.silence import Condition, written
from tests.source import ROOT


@pytest.mark.parametrize(
    "text",
    ["(.+)+x", "(a*)*b", "(a|aa)+b", "(.*)(.*)(.*)(.*)(.*)x", ".*a.{1000}", "(.?){500}b", "((.*){31}){31}b"],
)
def test_no_pattern_takes_longer_than_its_value_is_long(text):
    pattern = Pattern(text)
    began = time.process_time()
    assert not pattern.fits("a" * 200)
    assert time.process_time() - began < 2  # Python's own take hours for the first of them


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("(" * 3_000, "missing )"),
        ("a)|(b", "unexpected )"),
        ("(?=a)b", "invalid perl operator: (?=, which RE2 does not have"),
        (r"(a)\1", r"invalid escape sequence: \1, which RE2 does not have"),
        ("(a{1000}){1000}", "invalid repetition size"),
        (r"(\pL{100}){10}", "pattern too large"),
        ("a\ud800.*", "invalid UTF-8"),
    ],
)
def test_what_is_no_pattern_is_refused_in_few_words(text, why, capfd):
    with pytest.raises(BadPayload, match=re.escape(why)) as caught:
        Pattern(text)
    assert len(str(caught.value)) < 700
    assert capfd.readouterr() == ("", "")  # nor is anything told past our log


@pytest.mark.parametrize(
    ("text", "fits", "not_fits"),
    [
        ("warning|critical", ["warning", "critical"], ["", "warning|critical", "warning "]),
        ("a|", ["a", ""], ["|"]),
        (r"node-1\.lan|node-2\.lan", ["node-1.lan", "node-2.lan"], ["node-1xlan"]),
        (r"a\|b", ["a|b"], ["a", "b"]),
        ("crit.*", ["critical"], ["a critical one", "crit\nical"]),
        ("a|b.*", ["a", "bc"], ["ac"]),
        ("(?i:ÄRGER|磁盘.*)", ["ärger", "磁盘满"], ["磁"]),
        ("(?i)a|b", ["A", "B"], ["AB"]),
        ("", [""], ["a"]),
        (r"\pN+\z", ["12"], ["a"]),
        (".", ["磁", "\ud800"], [""]),
    ],
)
def test_a_pattern_is_held_against_the_whole_value(text, fits, not_fits):
    pattern = Pattern(text)
    assert [value for value in (*fits, *not_fits) if pattern.fits(value)] == fits


def test_what_was_stored_before_and_is_refused_by_now_matches_nothing():
    for op in ("=~", "!~"):
        matcher = Condition("alertname", op, "(?!Disk).*").matcher()
        assert not matcher.matches({"alertname": "Cpu"})
        assert not matcher.matches({"alertname": "Disk"})
        assert "RE2" in matcher.fault
    assert written([Condition("alertname", "!~", "(?!Disk).*")]) == 'alertname!~"(?!Disk).*"'
    assert [one.fault for one in parse_matchers('a="b", c=~"d.*"', Matcher.kept)] == ["", ""]


def test_every_shipped_pattern_means_the_same_as_before():
    """The shipped table was written for Python's expressions; what either takes is held against both."""
    patterns = {
        matcher.value
        for path in sorted((ROOT / "rules").rglob("*.yaml"))
        for text in _texts(yaml.safe_load(path.read_text()))
        for matcher in _matchers(text)
        if matcher.op.endswith("~")
    }
    values = {"", *(word for text in patterns for word in re.findall(r"[\w-]{3,}", text))}
    assert len(patterns) > 40
    for text in patterns:
        pattern, former = Pattern(text), re.compile(f"(?:{text})")
        assert [v for v in values if pattern.fits(v)] == [v for v in values if former.fullmatch(v)]


def _texts(node):
    if isinstance(node, dict | list):
        return [text for one in (node.values() if isinstance(node, dict) else node) for text in _texts(one)]
    return [node] if isinstance(node, str) and "~" in node else []


def _matchers(text):
    try:
        return parse_matchers(text)
    except BadPayload:
        return ()
