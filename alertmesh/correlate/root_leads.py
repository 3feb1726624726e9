"""Find in a group which thing's alerts usually come before which other's, as learned from the stream."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from alertmesh.correlate.root_view import Lead, Told

MOST_KINDS = 16
"""Of so many kinds of a group it is asked which leads which; those on most things come first."""

_MOST_THINGS, _MOST_USUAL = 24, 24
_WITHIN_S = 900.0


class Lag(Struct, frozen=True, gc=False):
    """One kind usually comes `lag_s` seconds before another."""

    lag_s: float
    count: float


class Lags(Protocol):
    """Knows which kinds follow which."""

    def lead(self, src: str, dst: str) -> Lag | None:
        """Return how long before `dst` the kind `src` usually comes to another thing, if it does."""
        ...


def leads_of(told: tuple[Told, ...], kinds: Mapping[str, str], lags: Lags) -> tuple[Lead, ...]:
    """Return one lead for each pair of things that has any, the one met most often; a bounded number.

    `kinds` are the kinds of the series by which relations are learned.
    """
    came = _came(told, kinds)
    usual = _usual(sorted(came), lags)
    best: dict[tuple[str, str], Lead] = {}
    for (first, then), lag in usual:
        for leader, began in came[first].items():
            for follower, followed in came[then].items():
                if leader != follower and 0.0 < followed.onset - began.onset <= _WITHIN_S:
                    lead = Lead(leader, follower, began.name, followed.name, lag.lag_s)
                    best.setdefault((leader, follower), lead)
    return tuple(best.values())


def _came(told: tuple[Told, ...], kinds: Mapping[str, str]) -> dict[str, dict[str, Told]]:
    """Return of each kind its first alert about each thing; the commonest kinds, the things told of most."""
    first: dict[str, dict[str, Told]] = {}
    things: dict[str, int] = {}
    for one in sorted(told, key=lambda one: (one.onset, one.series)):
        first.setdefault(kinds.get(one.series, one.name), {}).setdefault(one.entity, one)
        things[one.entity] = things.get(one.entity, 0) + 1
    largest = frozenset(sorted(things, key=lambda name: (-things[name], name))[:_MOST_THINGS])
    commonest = sorted(first, key=lambda kind: (-len(first[kind]), kind))[:MOST_KINDS]
    return {
        kind: {thing: one for thing, one in first[kind].items() if thing in largest} for kind in commonest
    }


def _usual(kinds: Sequence[str], lags: Lags) -> list[tuple[tuple[str, str], Lag]]:
    """Return which kinds usually come before which, those that met most often first."""
    found = [((a, b), lag) for a in kinds for b in kinds if a != b and (lag := lags.lead(a, b)) is not None]
    return sorted(found, key=lambda item: (-item[1].count, item[0]))[:_MOST_USUAL]
