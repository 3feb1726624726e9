"""Learn how long alerts live before they clear alone, a kind at a time.

It is the Kaplan-Meier estimate over bins of age: what is still open, or ended in a way that proves
nothing, counts as alive up to the age it was seen at. Old outcomes fade. Memory does not grow with
the number of alerts, only with that of kinds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from math import ceil, log, sqrt
from statistics import NormalDist

from msgspec import Struct

from alertmesh.core.records import Records
from alertmesh.dedup.selfhealsettings import SelfhealSettings

_FIRST_S, _LAST_S, _EDGES = 5.0, 172_800.0, 32
EDGES: tuple[float, ...] = tuple(_FIRST_S * (_LAST_S / _FIRST_S) ** (n / (_EDGES - 1)) for n in range(_EDGES))
"""The ends of the bins, in seconds; what lives longer than the last is in one more."""

_ALL = ""
_SCARCE = 0.5  # with less than this at risk, nothing is known of a bin
_EVICTED = 0.1
_LEAST_SHARE = 1e-9
_DAY_S = 86_400.0
_ENOUGH = 1 / 3  # who was seen for so much of the time in question tells something


class KindLives(Struct, gc=False):
    """How many of a kind cleared alone at which age, and how many were lost sight of, faded to `at`."""

    since: datetime
    at: datetime
    healed: list[float]
    lost: list[float]

    def weight(self, now: datetime, half_life: timedelta) -> float:
        """Return how much all outcomes together count now."""
        return (sum(self.healed) + sum(self.lost)) * _faded(now - self.at, half_life)


class Outlook(Struct, frozen=True, gc=False):
    """How likely an alert is to clear alone within its bound, and when it should have.

    `sure` is the lower confidence bound of the chance. By `until_s` from its beginning, to the bin,
    `healed` of the `known` outcomes had cleared.
    """

    chance: float
    sure: float
    until_s: float
    healed: float
    known: float


class Ages(Struct, frozen=True, gc=False):
    """The question: how old the alert is, how old it may become, and who else of its kind is open.

    `open_kind` and `open_here` are the beginnings of the open alerts of the kind, in all clusters
    and in its own, in order, as seconds since 1970.
    """

    lived_s: float
    bound_s: float
    open_kind: Sequence[float] = ()
    open_here: Sequence[float] = ()


class Survival:
    """The lives of all kinds. `dropped` counts kinds given up because too many were known."""

    def __init__(self, settings: SelfhealSettings) -> None:
        self.dropped = 0
        self.kinds = Records[str, KindLives]("heal_kinds", KindLives)
        self.adopt(settings)

    def adopt(self, settings: SelfhealSettings) -> None:
        """Go by other settings from here on; what was learned stays."""
        self._settings = settings
        self._z = NormalDist().inv_cdf(settings.confidence)

    def healed(self, kind: str, cluster: str, life_s: float, at: datetime) -> None:
        """Learn that an alert of a kind cleared alone at this age."""
        for lives in self._touched(kind, cluster, at):
            lives.healed[bisect_left(EDGES, life_s)] += 1.0

    def lost(self, kind: str, cluster: str, life_s: float, at: datetime) -> None:
        """Learn that an alert of a kind still fired at this age, and no more than that."""
        for lives in self._touched(kind, cluster, at):
            lives.lost[bisect_left(EDGES, life_s)] += 1.0

    def outlook(self, kind: str, cluster: str, ages: Ages, now: datetime) -> Outlook | None:
        """Judge an alert of a kind; None when too few outcomes are known to say anything."""
        everywhere = self._exposed(kind, ages.open_kind, now)
        if everywhere is None:
            return None
        enough_s = ages.lived_s + _ENOUGH * (ages.bound_s - ages.lived_s)
        known = everywhere.known(ages.lived_s, enough_s)
        if round(known) < self._settings.least:
            return None
        every = self._exposed(_ALL, (), now)
        hazards = everywhere.hazards(every.hazards(None, 1.0) if every is not None else None, 1.0)
        if not cluster:
            return self._judged(_alive(hazards), ages, known, everywhere)
        here = self._exposed(_join(kind, cluster), ages.open_here, now)
        if here is None:
            return self._judged(_alive(hazards), ages, min(self._settings.strength, known), everywhere)
        local = here.known(ages.lived_s, enough_s)
        trusted = local + min(self._settings.strength, max(0.0, known - local))
        shown = here if round(local) >= self._settings.least else everywhere
        return self._judged(_alive(here.refined(hazards, self._settings.strength)), ages, trusted, shown)

    def usual(self, kind: str, cluster: str, span_s: float, now: datetime) -> float:
        """Return how many alerts of a kind use to begin in a cluster within a span of time."""
        lives = self.kinds.get(_join(kind, cluster) if cluster else kind)
        if lives is None:
            return 0.0
        half_life = self._settings.half_life
        seen_s = half_life.total_seconds() / log(2) * (1 - _faded(now - lives.since, half_life))
        return lives.weight(now, half_life) * span_s / max(seen_s, _DAY_S)

    def _touched(self, kind: str, cluster: str, at: datetime) -> list[KindLives]:
        """Return what is known of a kind at each level, faded to `at`, to be changed."""
        keys = _keys(kind, cluster)
        self._make_room(keys, at)
        found: list[KindLives] = []
        for key in keys:
            lives = self.kinds.get(key) or KindLives(at, at, [0.0] * (_EDGES + 1), [0.0] * (_EDGES + 1))
            if at > lives.at:
                factor = _faded(at - lives.at, self._settings.half_life)
                lives.healed = [count * factor for count in lives.healed]
                lives.lost = [count * factor for count in lives.lost]
                lives.at = at
            self.kinds.put(key, lives)
            found.append(lives)
        return found

    def _exposed(self, key: str, open_since: Sequence[float], now: datetime) -> "_Exposed | None":
        lives = self.kinds.get(key)
        if lives is None:
            return None
        factor = _faded(now - lives.at, self._settings.half_life)
        healed = [count * factor for count in lives.healed]
        lost = [count * factor for count in lives.lost]
        if open_since:
            moment = now.timestamp()
            older = [bisect_left(open_since, moment - edge) for edge in EDGES]
            before = len(open_since)
            for slot, left in enumerate([*older, 0]):
                lost[slot] += before - left
                before = left
        return _Exposed(healed, lost)

    def _judged(self, alive: list[float], ages: Ages, known: float, shown: "_Exposed") -> Outlook:
        start = max(_at(alive, ages.lived_s), _LEAST_SHARE)
        chance = 1 - _at(alive, ages.bound_s) / start
        wanted = start * (1 - self._settings.quantile * chance)
        until_s = min(_when(alive, wanted), ages.bound_s)
        told_s = EDGES[min(bisect_left(EDGES, until_s), _EDGES - 1)]
        return Outlook(
            chance=chance,
            sure=wilson(chance, known, self._z),
            until_s=until_s,
            healed=shown.healed_between(ages.lived_s, told_s),
            known=shown.known(ages.lived_s, told_s),
        )

    def _make_room(self, wanted: tuple[str, ...], now: datetime) -> None:
        """Give up a tenth of all kinds, those that count least, when `wanted` do not fit in."""
        most = self._settings.max_kinds
        excess = len(self.kinds) + sum(1 for key in wanted if key not in self.kinds) - most
        if excess <= 0:
            return
        half_life = self._settings.half_life
        others = [key for key in self.kinds if key != _ALL and key not in wanted]
        others.sort(key=lambda key: (self.kinds[key].weight(now, half_life), key))
        for key in others[: max(excess, ceil(most * _EVICTED))]:
            self.kinds.drop(key)
            self.dropped += 1


class _Exposed:
    """Counts of one level, ready to be asked."""

    def __init__(self, healed: list[float], lost: list[float]) -> None:
        self._healed = healed
        self._lost = lost
        ends = [one + other for one, other in zip(healed, lost, strict=True)]
        self._left = [*accumulate(reversed(ends))][::-1]

    def hazards(self, parent: list[float] | None, strength: float) -> list[float]:
        """Return for each bin which part of those that reach it clear in it, shrunk towards `parent`.

        Where hardly anybody was at risk, nothing is hoped for.
        """
        shrunk = self.refined(parent or [0.0] * len(self._healed), strength)
        return [hazard if self._risk(slot) >= _SCARCE else 0.0 for slot, hazard in enumerate(shrunk)]

    def refined(self, parent: list[float], strength: float) -> list[float]:
        """Return the same, but where nobody was at risk the parent speaks."""
        return [
            (healed + strength * parent[slot]) / (self._risk(slot) + strength)
            for slot, healed in enumerate(self._healed)
        ]

    def _risk(self, slot: int) -> float:
        return self._left[slot] - self._lost[slot] / 2

    def healed_between(self, start_s: float, end_s: float) -> float:
        """Return how many cleared alone between two ages."""
        return _upto(self._healed, end_s) - _upto(self._healed, start_s)

    def known(self, start_s: float, end_s: float) -> float:
        """Return of how many it is known whether they cleared between two ages."""
        beyond = self._left[0] - _upto(self._healed, end_s) - _upto(self._lost, end_s)
        return self.healed_between(start_s, end_s) + beyond


def wilson(share: float, known: float, z: float) -> float:
    """Return the lower bound of a share seen in `known` outcomes; 0 when nothing is known.

    >>> round(wilson(8 / 9, 9, 1.04), 2), wilson(1.0, 0, 1.04)
    (0.74, 0.0)
    """
    if known <= 0:
        return 0.0
    square = z * z / known
    middle = share + square / 2
    width = z * sqrt(max(0.0, share * (1 - share)) / known + square / (4 * known))
    return max(0.0, (middle - width) / (1 + square))


def _keys(kind: str, cluster: str) -> tuple[str, ...]:
    return (_ALL, kind, _join(kind, cluster)) if cluster else (_ALL, kind)


def _join(kind: str, cluster: str) -> str:
    return f"{kind}\x1f{cluster}"


def _faded(age: timedelta, half_life: timedelta) -> float:
    return float(0.5 ** max(0.0, age / half_life))


def _share(age_s: float) -> tuple[int, float]:
    """Return the bin of an age, and how much of that bin lies before it."""
    slot = min(bisect_right(EDGES, age_s), _EDGES)
    if slot == _EDGES:
        return slot, 0.0
    low = EDGES[slot - 1] if slot else 0.0
    return slot, (age_s - low) / (EDGES[slot] - low)


def _upto(counts: Sequence[float], age_s: float) -> float:
    slot, part = _share(age_s)
    return sum(counts[:slot]) + part * counts[slot]


def _alive(hazards: Sequence[float]) -> list[float]:
    """Return the share that is alive at the beginning of each bin, and at the end of the last."""
    alive = [1.0]
    for hazard in hazards:
        alive.append(alive[-1] * (1 - min(1.0, hazard)))
    return alive


def _at(alive: Sequence[float], age_s: float) -> float:
    slot, part = _share(age_s)
    return alive[slot] + part * (alive[slot + 1] - alive[slot])


def _when(alive: Sequence[float], share: float) -> float:
    """Return the age at which no more than `share` are alive."""
    for slot in range(_EDGES):
        if alive[slot + 1] <= share:
            low = EDGES[slot - 1] if slot else 0.0
            drop = alive[slot] - alive[slot + 1]
            part = (alive[slot] - share) / drop if drop > 0 else 0.0
            return low + max(0.0, part) * (EDGES[slot] - low)
    return EDGES[-1]
