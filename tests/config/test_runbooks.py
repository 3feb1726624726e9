"""Runbooks as people write them."""

from pathlib import Path

import pytest

from alertmesh.config import load
from alertmesh.core.sheet import Words
from tests.config.folders import problems, written

HEAD = "runbooks:\n  - name: r\n    title: Rows\n"
STEPS = "    steps: [{text: look}]\n"


def test_the_shipped_ones_are_told_in_both_languages() -> None:
    texts = [
        text
        for book in load(None, None, {}).section("runbooks")["runbooks"]
        for text in (book.title, *(step.text for step in book.steps))
    ]
    assert len(texts) > 40
    assert [text.en for text in texts if text.zh.isascii() or not text.en.isascii()] == []


def test_one_text_stands_for_both_languages(tmp_path: Path) -> None:
    folder = written(tmp_path, HEAD + "    alerts: [A]\n" + STEPS, "runbooks/a.yaml")
    [book] = load(None, folder, {}).section("runbooks")["runbooks"]
    assert (book.title, book.steps[0].text) == (Words("Rows", "Rows"), Words("look", "look"))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (STEPS, "runbooks/a.yaml:2:5 runbooks.0: should say what it is for"),
        ("    match: ' {} '\n" + STEPS, "should say what it is for"),
        ("    alerts: [A]\n    steps: []\n", "runbooks/a.yaml:5:12 runbooks.0.steps:"),
        ("    match: 'a=~\"(\"'\n" + STEPS, "runbooks/a.yaml:4:12 runbooks.0.match: bad regular expression"),
        ("    alerts: [A]\n    steps: [{text: {zh: x}}]\n", "runbooks.0.steps.0.text.en:"),
        ("    alerts: [A]\n    link: wiki\n" + STEPS, "runbooks/a.yaml:5:11 runbooks.0.link:"),
    ],
)
def test_says_what_is_wrong(tmp_path: Path, body: str, problem: str) -> None:
    assert problem in problems(written(tmp_path, HEAD + body, "runbooks/a.yaml"))[0]
