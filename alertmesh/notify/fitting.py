"""Make a message fit into what a channel takes, counted in bytes; links and mentions stay whole.

A list of many incidents must name each of them, whatever the channel takes: nobody hears of the others else.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence

from alertmesh.core.page import Message

CUT = "…"
_LABEL = "AlertMesh"
_NARROWEST = 24  # bytes that name an incident: `P1 #1234 NodeDisk`

Fits = Callable[[Sequence[str]], bool]
Link = tuple[str, str]  # label, address


def cut(text: str, limit: int) -> str:
    """Return a text of at most `limit` bytes of UTF-8, with a mark where its end was left out.

    >>> cut("磁盘已满", 9), cut("full", 4)
    ('磁盘…', 'full')
    """
    body = text.encode()
    if len(body) <= limit:
        return text
    return body[: max(0, limit - len(CUT.encode()))].decode(errors="ignore") + CUT


def fitted(lines: Sequence[str], fits: Fits) -> list[str]:
    """Return what fits of some lines: the longest are cut first, so that each still says what it is about.

    When there are too many for that, those from the first on, and as much of the next as there is room for.

    >>> fitted(["node-7", "is full " * 9, "since noon"], lambda shown: len("".join(shown)) <= 50)
    ['node-7', 'is full is full is full is full i…', 'since noon']
    """
    if fits(lines):
        return list(lines)
    width = _most(
        max(len(line.encode()) for line in lines) if lines else 0,
        lambda most: fits([cut(line, most) for line in lines]),
    )
    if width >= _NARROWEST:
        return [cut(line, width) for line in lines]
    whole = _most(len(lines), lambda count: fits([*lines[:count], CUT]))
    kept, rest = list(lines[:whole]), lines[whole] if whole < len(lines) else ""
    letters = _most(len(rest), lambda count: fits([*kept, rest[:count] + CUT]))
    return [*kept, rest[:letters] + CUT]


def parted(message: Message) -> tuple[list[str], list[Link]]:
    """Return the lines of a message that may be cut, and its links, each address once."""
    lines, links = [], dict[str, str]()
    for line in message.text.split("\n"):
        if message.url and line.endswith(message.url):
            links[message.url] = line.removesuffix(message.url).rstrip(" :：") or _LABEL
        elif line.strip():
            lines.append(line.rstrip())
    if message.url:
        links.setdefault(message.url, _LABEL)
    for label, address in message.links:
        links.setdefault(address, label)
    return lines, [(label, address) for address, label in links.items()]


def _most(count: int, fits: Callable[[int], bool]) -> int:
    """Return the largest number up to `count` that still fits; 0 when none does."""
    return bisect_left(range(1, count + 1), True, key=lambda number: not fits(number))
