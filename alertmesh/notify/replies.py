"""Read what people write back, in English or Chinese, by SMS or in a group.

`1` takes what they were last paged for, `2` passes it on to the developers, `3` says that they cannot;
`ack 42`, `升级 42`, `snooze 42 30` name the incident, a code names a message.
"""

import re
import unicodedata
from enum import StrEnum

from msgspec import Struct

from alertmesh.notify.codes import LENGTH, tidied


class Verb(StrEnum):
    """What somebody wants."""

    ACK = "ack"
    UNACK = "unack"
    ESCALATE = "escalate"
    RESOLVE = "resolve"
    SNOOZE = "snooze"
    NOTE = "note"
    WHO = "who"
    LIST = "list"
    HELP = "help"


class Wish(Struct, frozen=True, kw_only=True):
    """What a reply asks for: of an incident, of the message with a code, or of the last one to its sender."""

    verb: Verb
    incident: int | None = None
    code: str = ""
    minutes: int = 0
    text: str = ""


_FIRM: dict[str, Verb] = {
    word: verb
    for verb, words in {
        Verb.ACK: ("ack", "确认", "收到", "认领", "接手"),
        Verb.ESCALATE: ("escalate", "升级", "转研发"),
        Verb.UNACK: ("unack", "取消确认"),
        Verb.RESOLVE: ("resolve", "解决", "已解决"),
        Verb.SNOOZE: ("snooze", "延后", "静音", "暂停"),
        Verb.NOTE: ("note", "备注", "记录"),
        Verb.WHO: ("who", "oncall", "谁值班", "谁在值班", "今天谁值班", "值班"),
        Verb.LIST: ("list", "列表", "未处理"),
        Verb.HELP: ("help", "帮助"),
    }.items()
    for word in words
}
"""Words that say what is wanted, whatever follows them."""

_CASUAL: dict[str, Verb] = {
    word: verb
    for verb, words in {
        Verb.ACK: ("1", "ok", "yes", "好", "好的"),
        Verb.ESCALATE: ("2", "pass"),
        Verb.UNACK: ("3", "no", "cannot", "can't", "不行", "不能"),
        Verb.RESOLVE: ("fixed", "resolved", "恢复"),
        Verb.HELP: ("?", "怎么用"),
    }.items()
    for word in words
}
"""Words that people also begin other sentences with: these count alone, or before a number or code."""

_LONGEST_FIRST = sorted((word for word in _FIRM if not word.isascii()), key=len, reverse=True)
_PHRASES = re.compile(r"who(?:'s| is)? on(?: |-)?call", re.IGNORECASE)
_MENTION = re.compile(r"@\S+")
_NUMBER = re.compile(r"[#＃]?(\d{1,9})")
# All of it in capitals, or with a digit: `ack tomorrow` names no message.
_CODE = re.compile(rf"(?=.*\d)[0-9A-Za-z]{{{LENGTH}}}|[A-Z]{{{LENGTH}}}")
_BEGINNING = re.compile(r"^[ ,、:;]+")
_ENDING = re.compile(r"[。.!? ]+$")
_MINUTES = re.compile(r"(\d{1,5})\s*(m|min|minutes|分钟|分|h|hours?|小时)?", re.IGNORECASE)
_AN_HOUR = 60
_NAMES_WHAT = frozenset({Verb.ACK, Verb.ESCALATE, Verb.UNACK, Verb.RESOLVE, Verb.SNOOZE, Verb.NOTE})


def understand(text: str) -> Wish | None:
    """Return what a reply asks for, None when that cannot be told. What follows is its text."""
    said = unicodedata.normalize("NFKC", _MENTION.sub(" ", text)).strip()
    plain = _ENDING.sub("", said) or said
    if _PHRASES.search(plain):
        return Wish(verb=Verb.WHO)
    verb, rest = _verb(plain)
    if verb is None:
        return None
    if verb not in _NAMES_WHAT:
        return Wish(verb=verb)
    incident, code, rest = _target(rest)
    minutes = 0
    if verb is Verb.SNOOZE:
        minutes, rest = _minutes(rest)
    return Wish(verb=verb, incident=incident, code=code, minutes=minutes, text=rest)


def _verb(plain: str) -> tuple[Verb | None, str]:
    first, _, rest = plain.partition(" ")
    if first.lower() in _FIRM:
        return _FIRM[first.lower()], rest.strip()
    if first.lower() in _CASUAL and _is_target(rest.strip()):
        return _CASUAL[first.lower()], rest.strip()
    for word in _LONGEST_FIRST:  # Chinese is written without spaces: 确认42, and 解决不了 is no 解决
        rest = plain.removeprefix(word)
        if rest != plain and not rest[:1].isalpha():
            return _FIRM[word], _BEGINNING.sub("", rest)
    return None, plain


def _is_target(rest: str) -> bool:
    return not rest or bool(_NUMBER.fullmatch(rest) or _CODE.fullmatch(rest))


def _target(rest: str) -> tuple[int | None, str, str]:
    first, _, after = rest.partition(" ")
    if _CODE.fullmatch(first) and not first.isdecimal():
        return None, tidied(first), after.strip()
    number = _NUMBER.match(rest)
    if number is None:
        return None, "", rest
    return int(number[1]), "", rest[number.end() :].strip()


def _minutes(rest: str) -> tuple[int, str]:
    found = _MINUTES.match(rest)
    if found is None:
        return 0, rest
    factor = _AN_HOUR if (found[2] or "").lower() in {"h", "hour", "hours", "小时"} else 1
    return int(found[1]) * factor, rest[found.end() :].strip()
