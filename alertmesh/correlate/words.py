"""Read from what an alert says in free text the words that may tell which trouble it is about."""

import re
from collections.abc import Iterable, Iterator, Mapping

from alertmesh.core.series import Series

_TEXT = 512
_MOST = 24
_LONGEST = 64
_CHINESE = "\u3400-\u9fff"
_WORD = re.compile(rf"[^\W{_CHINESE}]+(?:[-.][^\W{_CHINESE}]+)*|[{_CHINESE}]+")
_UNIT = r"(?:ns|us|µs|ms|s|sec|m|min|h|d|w|y|x|b|bps|[kmgtp]i?(?:b|bps)?)"
_MEASURED = re.compile(rf"(?:\d+(?:\.\d+)?(?:e-?\d+)?{_UNIT}?)+(?:[-.]\d+)?")
_UNIT_AFTER = re.compile(
    rf"\s*(?:[%‰°℃毫微秒分时小天次个条万亿]|(?:{_UNIT}|bytes?|bits?|seconds?|minutes?|hours?|days?)\b)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_NUMBER = re.compile(r"\d{6,20}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}.*|\d{2}z|1\d{9}(?:\d{3})?|20\d{6}(?:\d{6})?")


def spoken(series: Series) -> tuple[str, ...]:
    """Return the words of an alert's text that its labels do not hold, each once, in order of the text.

    Names such as `db-07` stay whole, Chinese comes in pairs of characters. What was measured and when
    is left out, and so is every word of a label's value: what that says is weighed as a label.
    """
    says = _text(series)
    if not says:
        return ()
    known = _held(series.labels, series.name if says[1] else "")
    found: dict[str, None] = {}
    for word in words(says[0]):
        if word not in known:
            found[word] = None
            if len(found) == _MOST:
                break
    return tuple(found)


def words(text: str) -> Iterator[str]:
    """Yield the words of a text, case-folded, without numbers that were measured.

    >>> list(words("Disk /data01 of DB-07 95.5% full for 1h30m at 2026-11-26T04:00:00Z, order 88213377"))
    ['disk', 'data01', 'of', 'db-07', 'full', 'for', 'at', 'order', '88213377']
    >>> list(words("磁盘 /data01 空间不足"))
    ['磁盘', 'data01', '空间', '间不', '不足']
    """
    for match in _WORD.finditer(text, 0, _TEXT):
        word = match[0].casefold()
        if "\u3400" <= word[0] <= "\u9fff":
            yield from (word[place : place + 2] for place in range(len(word) - 1))
        elif 1 < len(word) <= _LONGEST and not _is_measured(word, text, match.end()):
            yield word


def is_name(word: str) -> bool:
    """Tell whether a word looks like the name of one thing rather than a word of the language.

    >>> [is_name(word) for word in ("db-07", "ora-01555", "sda1", "timeout", "磁盘")]
    [True, True, True, False, False]
    """
    return not word.isalpha()


def word_token(cluster: str, word: str) -> str:
    """Return the key of a word in the index of values."""
    return f"{cluster}|word|{word}"


def _is_measured(word: str, text: str, end: int) -> bool:
    if not word[0].isdigit():
        return word.startswith("0x") or not any(sign.isalnum() for sign in word)
    if _ADDRESS.fullmatch(word):
        return False
    if _MOMENT.fullmatch(word):
        return True
    if _NUMBER.fullmatch(word):
        return _UNIT_AFTER.match(text, end) is not None
    return _MEASURED.fullmatch(word) is not None


def _text(series: Series) -> tuple[str, bool] | tuple[()]:
    """Return what an alert says, and whether its name is a sentence, as the triggers of some monitors are."""
    name, summary = series.name, series.summary
    sentence = " " in name or not name.isascii()
    text = f"{summary} {name}" if sentence and name not in summary else summary
    return (text, sentence) if text else ()


def _held(labels: Mapping[str, str], but: str) -> set[str]:
    """Return the words of every label's value; `but` is a name that is itself a text."""
    return set(_all(value for value in labels.values() if value != but))


def _all(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        yield value.casefold()
        yield from (match[0].casefold() for match in _WORD.finditer(value))
        if not value.isascii():
            yield from words(value)
