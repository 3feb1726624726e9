"""Paths into bodies, and texts with holes."""

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertmesh.core.errors import BadPayload
from alertmesh.expressions import BODY, Expression, text_of

WHOLE = {"site": "c1", "alerts": [{"host": "web-01:9100"}]}
SCOPE = {
    "host": "web-01:9100",
    "empty": "",
    "a-b": "dash",
    "tags": ["x", "y"],
    "more": {"k": "v"},
    "code": 3,
    "text": '[{"instanceId":"i-1"}]',
    "loose": "{userId=12, instanceId=i-2}",
    BODY: WHOLE,
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("host", "web-01:9100"),
        ("empty || missing || 'last'", "last"),
        ("'it is'", "it is"),
        ("'cost $'", "cost $"),
        ("$.site", "c1"),
        ("$.alerts[0].host", "web-01:9100"),
        ("tags[-1]", "y"),
        ('"a-b"', "dash"),
        ("host(host)", "web-01"),
        ("split(host, ':')[1]", "9100"),
        ("split('a b', '')[0]", "a"),
        ("lower('ABC')", "abc"),
        ("object(text).instanceId", "i-1"),
        ("object(loose).instanceId", "i-2"),
        ("object(host)", None),
        ("host(missing)", None),
        ("nothing.at.all", None),
        ("{{ host(host) }}/{{ missing }}{{ code }}", "web-01/3"),
        ("{{missing}} on {{empty}}", None),
    ],
)
def test_an_expression_finds(text, found):
    assert Expression(text).find(SCOPE) == found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "cannot be empty"),
        ("a[", "Incomplete expression"),
        ("a..b", "column 2"),
        ("a b", 'column 2, token "b"'),
        ("`a`", "write a literal text as"),
        ("hosts(a)", "there is no function 'hosts'; known: abs"),
        ("[a, nofunc(b)]", "there is no function 'nofunc'"),
        ("{{ a", "not closed"),
        ("{{ a[ }}", "Incomplete"),
        ("[" * 5_000, "nested too deep"),
    ],
)
def test_what_is_no_expression_is_said(text, why):
    with pytest.raises(ValueError, match=why.replace("[", r"\[")):
        Expression(text)


@pytest.mark.parametrize("text", ["host(code)", "join(',', more)", "split(host)", "{{ lower(tags) }}"])
def test_a_function_refuses_what_it_cannot_take(text):
    with pytest.raises(BadPayload):
        Expression(text).find(SCOPE)


FIELDS = st.sampled_from(
    ["host", "empty", "missing", "more", "more.k", "code", "tags", "'x'", "''", "`0`", "no"]
)


@given(st.lists(FIELDS, min_size=1, max_size=4).map(" || ".join), st.sampled_from([SCOPE, {}, {"no": False}]))
def test_plain_paths_find_what_the_library_finds(text, scope):
    assert Expression(text).find(scope) == jmespath.search(text, scope)


def test_more_than_a_plain_value_is_no_text():
    with pytest.raises(BadPayload, match="got an object"):
        text_of({})
    with pytest.raises(BadPayload, match="got a list"):
        text_of([["a"]])


def tried(text):
    """Return what an expression finds, or why it cannot; nothing else may be raised."""
    try:
        return Expression(text).find(SCOPE)
    except (ValueError, BadPayload) as error:
        return str(error)


@given(st.text(max_size=40) | st.text("ab.[]{}()|&@'`\"$*:, 01", max_size=20))
def test_any_text_is_an_expression_or_said_to_be_none(text):
    assert repr(tried(text)) == repr(tried(text))
