"""Read the query parameters of Alertmanager's API."""

from collections.abc import Sequence

from aiohttp import web
from msgspec import Struct

from alertmesh.console.alertmanager_forms import Unfit
from alertmesh.core.errors import BadPayload
from alertmesh.core.matchers import Matcher, parse_matchers
from alertmesh.core.patterns import Pattern

_TRUE = frozenset(("true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"))
_MOST_MATCHERS = 32


class Wanted(Struct, frozen=True, kw_only=True):
    """Which alerts are asked for."""

    conditions: Sequence[Matcher]
    receiver: Pattern | None
    active: bool
    silenced: bool
    inhibited: bool
    muted: bool
    unprocessed: bool


def wanted(request: web.Request) -> Wanted:
    """Return which alerts a request asks for; raises Unfit for a matcher or an expression that is none."""
    return Wanted(
        conditions=matchers(request),
        receiver=_receiver(request.query.get("receiver", "")),
        active=_flag(request, "active"),
        silenced=_flag(request, "silenced"),
        inhibited=_flag(request, "inhibited"),
        muted=_flag(request, "muted"),
        unprocessed=_flag(request, "unprocessed"),
    )


def matchers(request: web.Request) -> tuple[Matcher, ...]:
    """Return all conditions of the `filter` parameters."""
    found: list[Matcher] = []
    for text in request.query.getall("filter", []):
        try:
            found.extend(parse_matchers(text))
        except BadPayload as error:
            raise Unfit(400, f"bad matcher format: {text[:200]}: {error}") from error
    if len(found) > _MOST_MATCHERS:
        raise Unfit(400, f"at most {_MOST_MATCHERS} matchers may be given")
    return tuple(found)


def _flag(request: web.Request, name: str) -> bool:
    """Return a parameter that is true unless told otherwise; any unknown word means false, as there."""
    text = request.query.get(name, "")
    return not text or text.lower() in _TRUE


def _receiver(text: str) -> Pattern | None:
    try:
        return Pattern(text) if text else None
    except BadPayload as error:
        raise Unfit(400, f"failed to parse receiver param: error parsing regexp: {error}") from error
