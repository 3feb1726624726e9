"""The engine: forms, each an English template and its Chinese one, and the places in them.

History is written in English, once and for good; it is told in another language where somebody reads it.
`{}` takes a name or a number, `{*}` a thing with spaces in its name, `{**}` anything; they stay as they are.
A place with a name, such as `{span}`, is told in a way of its own. In Chinese the places stand in the same
order or have numbers, `{1}`. What has no form is told as it came.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

Called = Callable[[str], str]
"""What people are called, by their name in the rules."""

Teller = Callable[[str, Called], str | None]
"""Tells a part in Chinese; None when the form does not fit after all."""

Forms = Iterable[tuple[str, str]]

_MARK = re.compile(r"\{(\**|[a-z_]+)\}")
_TIERS = {"ops": "一线", "rnd": "研发"}
_UNITS = {"s": "秒", "min": "分钟", "h": "小时", "days": "天"}
_UNIT = re.compile(r"\b(?:days|min|h|s)\b")
_SOON = {"a moment": "片刻", "seconds": "几秒"}
_ON = re.compile(r"(.+) on (\S+)", re.DOTALL)


class Place(NamedTuple):
    """A place of a form: the expression of what it takes, and how that is told."""

    pattern: str
    tell: Teller


def as_it_is(text: str, _called: Called = str) -> str:
    """Return a part as it came."""
    return text


def is_chinese(language: str) -> bool:
    """Tell whether a language (`zh`, `zh-CN`, ...) is Chinese."""
    return language.lower().startswith("zh")


def one_of(words: Mapping[str, str]) -> Place:
    """Return a place that takes one of some words."""
    longest_first = sorted(words, key=len, reverse=True)
    return Place("|".join(map(re.escape, longest_first)), lambda text, _called: words[text])


def _series(text: str, _called: Called) -> str:
    found = _ON.fullmatch(text)
    return f"{found[2]} 的 {found[1]}" if found else text


def _span(text: str, _called: Called) -> str:
    return _SOON.get(text) or _UNIT.sub(lambda unit: _UNITS[unit[0]], text)


PLACES: Mapping[str, Place] = {
    "": Place(r"[^\s;]+", as_it_is),
    "*": Place(r"[^;]+?", as_it_is),
    "**": Place(r".+", as_it_is),
    "person": Place(r"[^\s;]+", lambda text, called: called(text)),
    "series": Place(r".*", _series),
    "span": Place(r"a moment|seconds|-?[\d.]+ (?:s|min|h|days)(?: \d+ (?:s|min))?", _span),
    "tier": one_of(_TIERS),
}


class _Form(NamedTuple):
    begins: str
    pattern: re.Pattern[str]
    tellers: tuple[Teller, ...]
    chinese: str


class Catalogue:
    """Forms that are tried in their order; `places` are places of their own, beside `PLACES`.

    >>> Catalogue([("{} times in {span}", "{1}内 {0} 次")]).told("3 times in 5 min")
    '5 分钟内 3 次'
    """

    def __init__(self, forms: Forms, **places: Place) -> None:
        self._given = tuple(forms)
        self._places = {**PLACES, **places}

    @cached_property
    def _forms(self) -> list[_Form]:
        """Return the forms, made when the first text is told: who reads no Chinese does not wait for them."""
        return [_compiled(english, chinese, self._places) for english, chinese in self._given]

    def told(self, text: str, called: Called = str) -> str | None:
        """Return a text in Chinese, None when it has no form here."""
        for form in self._forms:
            found = text.startswith(form.begins) and form.pattern.fullmatch(text)
            if found:
                parts = [tell(part, called) for tell, part in zip(form.tellers, found.groups(), strict=True)]
                if None not in parts:
                    return form.chinese.format(*parts)
        return None

    def place(self, pattern: str = r".+") -> Place:
        """Return a place that is told by these forms, or as it came."""
        return Place(pattern, lambda text, called: self.told(text, called) or text)


def _compiled(english: str, chinese: str, places: Mapping[str, Place]) -> _Form:
    texts, names = _MARK.split(english)[::2], _MARK.split(english)[1::2]
    pattern = re.escape(texts[0])
    for name, text in zip(names, texts[1:], strict=True):
        pattern += f"({places[name].pattern}){re.escape(text)}"
    tellers = tuple(places[name].tell for name in names)
    return _Form(texts[0], re.compile(pattern, re.DOTALL), tellers, chinese)
