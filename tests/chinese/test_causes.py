"""Why something is likely to be the root is told in the reader's language, whatever the correlator words."""

import ast
import re
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from alertmesh.chinese.causes import cause_in, change_in
from alertmesh.core.changes import ChangeEvent
from alertmesh.correlate import root_reason, roots

BEGAN = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def _texts(value):
    match value:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return ["".join(made) for made in product(*map(_texts, values))]
        case ast.IfExp(body=body, orelse=orelse):
            return _texts(body) + _texts(orelse)
    return ["X"]


def written(function):
    """Return what a function of the correlator can say, with X for each part that is not known."""
    module = ast.parse(Path(root_reason.__file__).read_text(encoding="utf-8"))
    body = next(node for node in module.body if getattr(node, "name", "") == function)
    found = [node.value for node in ast.walk(body) if isinstance(node, ast.Return)]
    found += [value for node in ast.walk(body) if isinstance(node, ast.Dict) for value in node.values]
    return sorted({text for value in found for text in _texts(value) if re.search("[a-z]{3}", text)})


OPENINGS = [f"X {text}" for text in written("_opening")] + ["X tells of X and X more"]


@pytest.mark.parametrize("text", [*OPENINGS, *written("_facts")])
def test_what_the_correlator_says_of_a_root_is_told_in_chinese(text):
    assert re.findall("[a-z]{2,}", cause_in("zh-CN", text)) == []


def test_the_texts_are_found_in_the_source():
    assert (len(written("_opening")), len(written("_facts"))) == (4, 6)


@pytest.mark.parametrize(
    ("before_s", "actor", "summary", "told"),
    [
        (14, "li", "cart v1.4.2", "deploy，告警前 14 秒，li：cart v1.4.2"),
        (20_000, "", "cart", "deploy，告警前 5.6 小时：cart"),
        (0, "li", "", "deploy，与告警同时，li"),
        (400_000, "", "", "deploy，告警前 4.6 天"),
    ],
)
def test_a_change_is_told_in_chinese(before_s, actor, summary, told):
    event = ChangeEvent(
        id="1",
        kind="deploy",
        level="service",
        entity="cart",
        at=BEGAN - timedelta(seconds=before_s),
        actor=actor,
        summary=summary,
    )
    assert change_in("zh", roots._told(event, BEGAN)) == told


def test_what_has_no_form_stays_as_it_came():
    assert cause_in("zh", "first to fire, and 6 others run on it") == "first to fire, and 6 others run on it"
    assert change_in("zh", "somebody did something") == "somebody did something"


def test_english_stays_as_it_is():
    assert cause_in("en", "wang said so") == "wang said so"
