"""Draw from counted pairs the graph of which kind of alert follows which."""

from collections.abc import Mapping, Sequence
from math import exp, log

from msgspec import Struct

from alertmesh.correlate.relation_counts import CHANCE, LAGS, MET, NEAR, WIDTHS

_TIE = 3  # classes of lags up to 5 s: clocks and polling say no order there
_LAST = len(LAGS) - 1  # the longest lags: what comes then has nothing to do with it
_TYPICAL_S = (0.0, 1.0, 3.0, 10.0, 30.0, 150.0, 500.0)
_FAINT = 0.1  # a class of lags with less than this share of the densest one says nothing
_SURE, _PER_DOUBT, _NEVER = 3.0, 0.3, 1e-4  # log-odds of a pair that always comes together; how they fall
_ORDER, _RARER = 2.5, 0.2  # what the order in time and being rarer weigh in the direction
_DAMPED = 10.0  # a pair says less and less about the order, however often it comes
_DOUBT = 2.0  # how hard it is to move a kind away from the middle of the order
_ROUNDS = 60


class Relation(Struct, frozen=True):
    """The kind `dst` follows `src`: how likely that is, after how long as a rule, how often they met."""

    src: str
    dst: str
    score: float
    lag_s: float
    count: float


class Pair(Struct, frozen=True, gc=False):
    """How often `dst` came after `src`: by class of lag, then by chance; on one thing, and beside it."""

    src: str
    dst: str
    own: list[float]
    beside: list[float]


def graph(sizes: Mapping[str, float], pairs: Mapping[tuple[str, str], Pair]) -> list[Relation]:
    """Return the relations, the surest first, for which it is likelier to gain than to lose by naming them.

    `sizes` tells how often each kind came, `pairs` what was counted, by the two kinds in order.
    """
    weights = [_signal([pair.own for pair in pairs.values()]), _signal([p.beside for p in pairs.values()])]
    together: dict[tuple[str, str], float] = {}
    for (src, dst), pair in pairs.items():
        key = (src, dst) if src < dst else (dst, src)
        together[key] = together.get(key, 0.0) + _weighed(pair, weights)
    order = _order(sizes, pairs, weights[0])
    found = []
    for (a, b), met in together.items():
        if met > 0.0:
            related = _related(met, min(sizes[a], sizes[b]))
            first = related * _sigmoid(_ORDER * (order[a] - order[b]) + _RARER * log(sizes[b] / sizes[a]))
            found += [_relation(a, b, first, pairs), _relation(b, a, related - first, pairs)]
    found.sort(key=lambda relation: (-relation.score, relation.src, relation.dst))
    return found[: _worth([relation.score for relation in found])]


def _signal(rows: Sequence[Sequence[float]]) -> list[float]:
    """Return how much each class of lags says: how dense it is over the longest lags, against the densest."""
    density = [sum(row[place] for row in rows) / WIDTHS[place] for place in range(len(LAGS))]
    top = max(density)
    over = [(value - density[_LAST]) / top if top else 0.0 for value in density]
    return [value if value > 0.0 else 0.0 for value in over]


def _related(met: float, rarer: float) -> float:
    """Return how likely two kinds are related that met so often, of the times the rarer one came."""
    return _sigmoid(_SURE + _PER_DOUBT * log(met / max(rarer, _NEVER) + _NEVER))


def _weighed(pair: Pair, weights: Sequence[Sequence[float]]) -> float:
    """Return how often two kinds came together, less what chance explains."""
    met = near = by_chance = 0.0
    for counts, weight in ((pair.own, weights[0]), (pair.beside, weights[1])):
        near += counts[MET]
        by_chance += counts[CHANCE]
        met += sum(value * share for value, share in zip(counts, weight, strict=False) if share >= _FAINT)
    return met * max(0.0, 1.0 - by_chance / near) if near else 0.0


def _order(
    sizes: Mapping[str, float], pairs: Mapping[tuple[str, str], Pair], weight: Sequence[float]
) -> dict[str, float]:
    """Place the kinds in an order of time: who comes before most others is high.

    This is the model of Bradley and Terry over who came first on the same thing. What came within
    a few seconds is a draw, so where there is little else the order says little.
    """
    games = []
    for (a, b), there in pairs.items():
        back = pairs.get((b, a))
        if back is not None and a > b:
            continue
        first, draws = _score(there.own, weight)
        second, more = _score(back.own, weight) if back is not None else (0.0, 0.0)
        draws += more
        scale = _DAMPED / (first + second + draws + _DAMPED)
        games.append((a, b, (first + draws / 2) * scale, (first + second + draws) * scale))
    place = dict.fromkeys(sizes, 0.0)
    for _ in range(_ROUNDS):
        pull = {kind: -_DOUBT * at for kind, at in place.items()}
        hold = dict.fromkeys(place, _DOUBT)
        for a, b, won, played in games:
            chance = _sigmoid(place[a] - place[b])
            pull[a] += won - played * chance
            pull[b] -= won - played * chance
            firm = played * chance * (1.0 - chance)
            hold[a] += firm
            hold[b] += firm
        for kind in place:
            place[kind] += 0.5 * pull[kind] / hold[kind]
    return place


def _score(counts: Sequence[float], weight: Sequence[float]) -> tuple[float, float]:
    """Return how often the first came clearly first, and how often they came at once."""
    shares = [value * share**0.5 for value, share in zip(counts, weight, strict=False)]
    return sum(shares[_TIE:NEAR]), sum(shares[:_TIE])


def _relation(src: str, dst: str, score: float, pairs: Mapping[tuple[str, str], Pair]) -> Relation:
    there = pairs.get((src, dst))
    if there is None:
        return Relation(src, dst, score, 0.0, 0.0)
    lags = [own + beside for own, beside in zip(there.own[:NEAR], there.beside[:NEAR], strict=True)]
    return Relation(src, dst, score, _middle(lags), sum(lags))


def _middle(lags: Sequence[float]) -> float:
    """Return the typical lag of the class in which the median lies."""
    half = sum(lags) / 2
    for place, count in enumerate(lags):
        half -= count
        if half <= 0.0:
            return _TYPICAL_S[place]
    return 0.0


def _worth(scores: Sequence[float]) -> int:
    """Return how many of the surest to name so that the expected F1 is greatest, the scores being chances."""
    true = sum(scores)
    best, most, right = 0.0, 0, 0.0
    for number, score in enumerate(scores, 1):
        right += score
        expected = 2.0 * right / (number + true)
        if expected > best:
            best, most = expected, number
    return most


def _sigmoid(value: float) -> float:
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, value))))
