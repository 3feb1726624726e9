"""Why the server refuses something: the `detail` of its answer, and each of the `problems` in it."""

import re

from alertmesh.chinese import faults, orders, payloads, refusals, requests
from alertmesh.chinese.forms import Catalogue, Place, is_chinese

_NOW = (
    (
        "{why}; incident {} is {state}, epoch {}; possible: {orders}",
        "{0}；事件 #{1} 现为{2}（第 {3} 版），可以：{4}",
    ),
)
_LONGEST = 1_000  # what is longer holds a text of somebody else, which no form is to be tried on
_PLACED = re.compile(r"(\S+:\d+:\d+) (.+)", re.DOTALL)
_NEXT = re.compile(r"; (?=\S+:\d+:\d+ )")
_KEYED = re.compile(r"(?!:)(?:line (\d+)\.?)?([\w.*/\[\]-]*): (.+)", re.DOTALL)


def detail_in(language: str, text: str) -> str:
    """Return why something is refused in a language; keys and places before it stay.

    >>> detail_in("zh", "ends_at: the silence would be over already"), detail_in("en", "is in the past")
    ('ends_at：静默的结束时间已过', 'is in the past')
    """
    return told(text) if is_chinese(language) else text


def told(text: str, _called: object = str) -> str:
    """Return in Chinese why something is refused, or as it came."""
    found = _NEXT.split(text)
    if len(found) > 1:
        return "；".join(map(told, found))
    if len(text) > _LONGEST:
        return text
    placed = _PLACED.fullmatch(text)
    if placed is not None:
        return f"{placed[1]} {told(placed[2])}"
    keyed = _KEYED.fullmatch(text)
    inner = told(keyed[3]) if keyed is not None else ""
    if keyed is not None and inner != keyed[3]:
        return f"{_key(keyed)}：{inner}"
    known = _PROBLEMS.told(text)
    if known is not None or keyed is not None:
        return known or text
    why = refusals.told(text)
    return why if why != text else faults.told(text)


def _key(keyed: re.Match[str]) -> str:
    line, key = keyed[1], keyed[2]
    return " ".join(filter(None, (f"第 {line} 行" if line else "", key)))


_INNER = Place(r".+", told)
_PROBLEMS = Catalogue(
    [*_NOW, *orders.FORMS, *requests.FORMS, *payloads.FORMS],
    why=_INNER,
    inner=_INNER,
    state=refusals.STATE,
    order=orders.ORDER,
    orders=orders.ORDERS,
    proposal=orders.PROPOSAL,
    cover=orders.COVER,
    sent=orders.SENT,
    part=requests.PART,
    fields=requests.FIELDS,
    type=payloads.TYPE,
    sort=payloads.SORT,
    malformed=payloads.MALFORMED,
)
