"""Read the query parameters that lists have in common; each fault names its parameter."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from heapq import nsmallest
from typing import TypeVar

from aiohttp import web

from alertmesh.console.problems import Refused
from alertmesh.console.service import Service
from alertmesh.console.wording import ENGLISH, Wording
from alertmesh.core.errors import BadPayload
from alertmesh.core.matchers import Matcher, parse_matchers

T = TypeVar("T")

_PAGE = 50
_MOST_MATCHERS = 32
_LANGUAGES = ("en", "zh")


def page_size(request: web.Request, most: int) -> int:
    """Return `limit`, 50 unless told, never above `most`."""
    return min(number(request, "limit", _PAGE, least=1), most)


def number(request: web.Request, name: str, default: int, least: int = 0) -> int:
    """Return a whole-number parameter."""
    text = request.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 19) or int(text) < least:
        raise Refused(400, "bad-query", f"{name} must be a whole number from {least} on", name)
    return int(text)


def moment(request: web.Request, name: str, default: datetime) -> datetime:
    """Return a moment in UTC; a `+` of its offset may have become a space on the way."""
    text = request.query.get(name)
    if text is None:
        return default
    try:
        found = datetime.fromisoformat(text.strip().replace(" ", "+"))
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Refused(400, "bad-query", f"{name} must be a moment such as 2026-11-23T04:00:00Z", name)


def page(
    request: web.Request, items: Iterable[T], most: int, key: Callable[[T], str]
) -> tuple[list[T], str | None]:
    """Return the items whose keys come after `after`, in order, and the `after` of the next page if any.

    A key says all by which the items are ordered, so a page goes on where the one before ended even if
    its last item is gone by then, or stands elsewhere.
    """
    limit = page_size(request, most)
    after = request.query.get("after", "")
    found = nsmallest(limit + 1, (item for item in items if key(item) > after), key=key)
    return found[:limit], key(found[limit - 1]) if len(found) > limit else None


def sortable(at: datetime) -> str:
    """Return a moment in UTC as a part of a key: as text it is ordered as it is in time.

    >>> sortable(datetime(2026, 11, 23, 4, tzinfo=UTC))
    '2026-11-23T04:00:00.000000Z'
    """
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def choices(request: web.Request, name: str, known: Iterable[str]) -> frozenset[str]:
    """Return the wanted values of a parameter that may be repeated or hold commas; none: all."""
    wanted = frozenset(
        part.strip() for text in request.query.getall(name, []) for part in text.split(",") if part.strip()
    )
    possible = sorted(known)
    for value in sorted(wanted):
        if value not in possible:
            raise Refused(400, "bad-query", f"{name} is one of {', '.join(possible)}", name)
    return wanted


def matchers(request: web.Request) -> tuple[Matcher, ...]:
    """Return all conditions of the `filter` parameters, in Alertmanager's notation."""
    found: list[Matcher] = []
    try:
        for text in request.query.getall("filter", []):
            found.extend(parse_matchers(text))
    except BadPayload as error:
        raise Refused(400, "bad-query", str(error), "filter") from error
    if len(found) > _MOST_MATCHERS:
        raise Refused(400, "bad-query", f"at most {_MOST_MATCHERS} conditions", "filter")
    return tuple(found)


def wording(request: web.Request, service: Service) -> Wording:
    """Return how texts are told to a request: in its `language`, `en` unless told."""
    language = min(choices(request, "language", _LANGUAGES), default="en")
    if language == "en":
        return ENGLISH
    users = service.duties.oncall().users

    def called(name: str) -> str:
        user = users.get(name)
        return (user.display if user is not None else "") or name

    return Wording(language, called)
