"""Turn a tree of routes into a list that is asked from the top, as our policies are."""

from collections.abc import Iterator, Sequence
from itertools import product

from msgspec import Struct

from alertmesh.config.values import parse_duration
from alertmesh.core.errors import BadConfig
from alertmesh.importing.matching import Conditions, conditions, opposites
from alertmesh.importing.reading import Part, duration

_MOST_OUTCOMES = 300
_MOST_WAYS = 16
_DEFAULTS = {"group_wait": "30s", "repeat_interval": "4h"}


class Timing(Struct, frozen=True):
    """What a route inherits: how long the first page waits, and how often it is repeated."""

    group_wait: str
    repeat_interval: str


class Route(Struct, frozen=True):
    """One route of the tree, with what it inherits put in."""

    part: Part
    receiver: str
    matchers: Conditions
    timing: Timing
    goes_on: bool
    routes: tuple["Route", ...]


class Outcome(Struct, frozen=True):
    """Alerts that meet `matchers` go to `receivers`, unless an outcome before this one took them."""

    matchers: Conditions
    receivers: tuple[str, ...]
    timing: Timing


def read_route(part: Part, receiver: str = "", timing: Timing | None = None) -> Route:
    """Read a route and those below it; raises BadConfig for what cannot be read."""
    above = timing or Timing(**_DEFAULTS)
    own = Timing(
        duration(part, "group_wait", above.group_wait),
        duration(part, "repeat_interval", above.repeat_interval),
    )
    name = part.text("receiver", receiver)
    below = tuple(read_route(item, name, own) for item in part.each("routes"))
    return Route(part, name, conditions(part), own, part.flag("continue"), below)


def outcomes(root: Route) -> list[Outcome]:
    """Return who gets what, first match first; raises BadConfig when `continue` makes too many cases."""
    return _outcomes(root, ())


def _outcomes(route: Route, above: Conditions) -> list[Outcome]:
    """Return the outcomes of a route: those of the routes below it, then its own."""
    here = (*above, *route.matchers)
    return _reached([*_below(route.routes, here), Outcome(here, (route.receiver,), route.timing)])


def _below(routes: Sequence[Route], here: Conditions) -> list[Outcome]:
    """Return the outcomes of sibling routes; the first that matches takes all, unless it goes on."""
    if not routes:
        return []
    first, rest = routes[0], _below(routes[1:], here)
    found = _outcomes(first, here)
    if first.goes_on:
        found = [both for one in found for both in (*_together(one, rest), one)]
    kept = _reached([*found, *rest])
    if len(kept) > _MOST_OUTCOMES:
        raise BadConfig(
            [f"{first.part.place} `continue` makes more than {_MOST_OUTCOMES} cases of receivers"]
        )
    return kept


def _reached(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return the outcomes that can come about: no contradictions, nothing that one before takes whole."""
    kept: list[Outcome] = []
    before: list[frozenset[str]] = []
    for outcome in outcomes:
        asked = frozenset(map(str, outcome.matchers))
        if _is_possible(outcome.matchers) and not any(one <= asked for one in before):
            kept.append(outcome)
            before.append(asked)
        if len(kept) > _MOST_OUTCOMES:
            break
    return kept


def _is_possible(matchers: Conditions) -> bool:
    """Tell whether each value that is asked for is one that all other conditions take."""
    wanted = {one.name: one.value for one in matchers if one.op == "="}
    return all(one.matches(wanted) for one in matchers if one.name in wanted)


def _together(one: Outcome, rest: Sequence[Outcome]) -> Iterator[Outcome]:
    for other in rest:
        receivers = tuple(dict.fromkeys((*one.receivers, *other.receivers)))
        yield Outcome((*one.matchers, *other.matchers), receivers, _sooner(one.timing, other.timing))


def _sooner(one: Timing, other: Timing) -> Timing:
    """Return the shorter of each time, for nobody is to hear later than before."""
    return Timing(
        min(one.group_wait, other.group_wait, key=parse_duration),
        min(one.repeat_interval, other.repeat_interval, key=parse_duration),
    )


def reaching(root: Route, wanted: Route) -> list[Conditions] | None:
    """Return sets of conditions, one of which is met by just the alerts that end in a route.

    None when that cannot be told: too many sets, or `continue` on the way brings alerts to other
    routes as well.
    """
    path = _path(root, wanted)
    ways: list[Conditions] = [()]
    for above, route in zip((None, *path), path, strict=False):
        if above is not None:
            before = above.routes[: above.routes.index(route)]
            if route.goes_on or any(one.goes_on for one in before):
                return None
            ways = _apart(ways, before)
        ways = [(*way, *route.matchers) for way in ways]
    ways = _apart(ways, wanted.routes)
    return ways if len(ways) <= _MOST_WAYS else None


def _apart(ways: list[Conditions], others: Sequence[Route]) -> list[Conditions]:
    """Return ways that avoid what each of `others` takes."""
    for other in others:
        ways = [(*way, *avoided) for way, avoided in product(ways, opposites(other.matchers))]
        if len(ways) > _MOST_WAYS:
            break
    return ways


def _path(route: Route, wanted: Route) -> list[Route]:
    """Return the routes from `route` down to `wanted`, none when it is not there."""
    if route is wanted:
        return [route]
    for below in route.routes:
        found = _path(below, wanted)
        if found:
            return [route, *found]
    return []


def every(route: Route) -> Iterator[Route]:
    """Yield a route and all below it."""
    yield route
    for below in route.routes:
        yield from every(below)
