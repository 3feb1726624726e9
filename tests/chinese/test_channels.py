"""What is wrong with channels, templates and trained files is told in Chinese, in editors and refusals."""

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import pytest

import alertmesh.notify
from alertmesh import channels, learned
from alertmesh.chinese.faults import problem_in
from alertmesh.chinese.problems import detail_in
from alertmesh.correlate import model
from alertmesh.escalate import policy
from alertmesh.ingest import priority
from tests.chinese.english import english
from tests.chinese.written import Source

MODULES = [import_module(f"alertmesh.notify.{one.name}") for one in iter_modules(alertmesh.notify.__path__)]
_OTHERS = frozenset({"alertmesh.notify.preview"})
"""What they say is never of a setting."""


def is_told(text: str) -> bool:
    """Tell whether a fault is Chinese in an editor and in a refusal; settings stay, one word at a time."""
    told = [problem_in("zh", text), detail_in("zh", text)]
    kept = [re.sub("`[^`]*`", "", one) for one in told]
    return text not in told and not any(re.search("[a-z]{2,} [a-z]{2,}", one) for one in kept)


def of_settings() -> Iterator[str]:
    """Yield what is wrong with a setting of a channel, or with a template."""
    for module in MODULES:
        if module.__name__ not in _OTHERS:
            source = Source(module)
            for name, place in (("fault", 1), ("ValueError", 0)):
                yield from (f"channel X: url: {text}" for text in source.given(name, place) if english(text))
            yield from (f"channel X: url: is required: {text}" for text in source.given("required", 1))
            for name, place in (("Fault", 1), ("Fault", 2), ("_whole", 0)):
                yield from (text for text in source.given(name, place) if english(text))
    yield from (text for text in Source(channels).given("append") if english(text))


def of_files() -> Iterator[str]:
    """Yield what is wrong with priorities, policies and what was trained."""
    yield from Source(priority).given("append")
    for module in (policy, model, learned):
        yield from Source(module).given("BadConfig")


WRITTEN = sorted(text for text in {*of_settings(), *of_files()} if english(text.rpartition(": ")[2]))


def test_the_sentences_are_found_in_the_sources():
    assert {
        "channel X: url: must be an https address",
        "channel X: url: is required: the mail server",
        "channel X: kind ack is none of X",
        "there is no X to say; there are X",
        "priority.X: X is none of P1, P2, P3, P4",
        "X: tree X: has no nodes",
        "rules/policies: at least one policy is needed",
    } <= set(WRITTEN)


@pytest.mark.parametrize("text", WRITTEN)
def test_what_is_wrong_with_a_channel_is_told_in_chinese(text):
    assert is_told(text)


def test_keys_and_names_stay():
    text = "channel ding: webhook_2: is required beside the rest of that robot"
    assert problem_in("zh", text) == "渠道 ding：webhook_2：写了该机器人的其他设置时，不能缺少此项"
