"""Learn how long alerts live before they clear alone, a kind at a time.

It is the Kaplan-Meier estimate over bins of age: what is still open, or ended in a way that proves
nothing, counts as alive up to the age it was seen at. Old outcomes fade. Memory does not grow with
the number of alerts, only with that of kinds.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil, log, sqrt
from statistics import NormalDist

from msgspec import Struct

from alertmesh.core.records import Records
from alertmesh.dedup.lifetable import EDGES, Counts, Exposed, age_when, alive_at_edges, share_alive
from alertmesh.dedup.selfhealsettings import SelfhealSettings

_ALL = ""
_EVICTED = 0.1
_CACHED = 1_024
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

    `sure` is the lower confidence bound of the chance, from `trusted` outcomes. By `until_s` from
    its beginning, to the bin, `healed` of the `known` outcomes had cleared.
    """

    chance: float
    sure: float
    until_s: float
    healed: float
    known: float
    trusted: float


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
        self._faded: dict[str, tuple[datetime, Counts]] = {}
        self.adopt(settings)

    def adopt(self, settings: SelfhealSettings) -> None:
        """Go by other settings from here on; what was learned stays."""
        self._settings = settings
        self._faded.clear()
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
        reach = bisect_left(EDGES, ages.bound_s) + 3  # what is older than the bound is not asked for
        everywhere = self._exposed(kind, ages.open_kind, now, reach)
        if everywhere is None:
            return None
        enough_s = ages.lived_s + _ENOUGH * (ages.bound_s - ages.lived_s)
        known = everywhere.known(ages.lived_s, enough_s)
        if round(known) < self._settings.least:
            return None
        hazards = everywhere.hazards(self._of_all(now, reach), 1.0)
        if not cluster:
            return self._judged(alive_at_edges(hazards), ages, known, everywhere)
        here = self._exposed(_join(kind, cluster), ages.open_here, now, reach)
        if here is None:
            return self._judged(
                alive_at_edges(hazards), ages, min(self._settings.strength, known), everywhere
            )
        local = here.known(ages.lived_s, enough_s)
        trusted = local + min(self._settings.strength, max(0.0, known - local))
        shown = here if round(local) >= self._settings.least else everywhere
        return self._judged(
            alive_at_edges(here.refined(hazards, self._settings.strength)), ages, trusted, shown
        )

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
            lives = self.kinds.get(key) or KindLives(
                at, at, [0.0] * (len(EDGES) + 1), [0.0] * (len(EDGES) + 1)
            )
            if at > lives.at:
                factor = _faded(at - lives.at, self._settings.half_life)
                lives.healed = [count * factor for count in lives.healed]
                lives.lost = [count * factor for count in lives.lost]
                lives.at = at
            self.kinds.put(key, lives)
            self._faded.pop(key, None)
            found.append(lives)
        return found

    def _exposed(self, key: str, open_since: Sequence[float], now: datetime, reach: int) -> Exposed | None:
        """Return the counts of the youngest `reach` bins, those that are open now among the lost."""
        counts = self._at(key, now)
        if counts is None:
            return None
        lost = counts.lost[:reach]
        before = len(open_since)
        moment = now.timestamp()
        for slot in range(min(reach, len(EDGES))):
            if not before:
                break
            older = bisect_left(open_since, moment - EDGES[slot], 0, before)
            lost[slot] += before - older
            before = older
        return Exposed(counts.healed[:reach], lost, counts.total + len(open_since))

    def _of_all(self, now: datetime, reach: int) -> list[float]:
        """Return the hazards of all kinds together."""
        counts = self._at(_ALL, now)
        if counts is None:
            return [0.0] * min(reach, len(EDGES) + 1)
        known = counts.hazards.get(reach)
        if known is None:
            every = Exposed(counts.healed[:reach], counts.lost[:reach], counts.total)
            known = counts.hazards[reach] = every.hazards([0.0] * min(reach, len(EDGES) + 1), 1.0)
        return known

    def _at(self, key: str, now: datetime) -> Counts | None:
        """Return what is known at a key, faded to the minute: within one, storms ask thousands of times."""
        minute = now.replace(second=0, microsecond=0)
        found = self._faded.get(key)
        if found is not None and found[0] == minute:
            return found[1]
        lives = self.kinds.get(key)
        if lives is None:
            return None
        if len(self._faded) >= _CACHED:
            self._faded.clear()
        factor = _faded(minute - lives.at, self._settings.half_life)
        healed = [count * factor for count in lives.healed]
        lost = [count * factor for count in lives.lost]
        counts = Counts(healed, lost, sum(healed) + sum(lost))
        self._faded[key] = (minute, counts)
        return counts

    def _judged(self, alive: list[float], ages: Ages, known: float, shown: Exposed) -> Outlook:
        start = max(share_alive(alive, ages.lived_s), _LEAST_SHARE)
        chance = 1 - share_alive(alive, ages.bound_s) / start
        wanted = start * (1 - self._settings.quantile * chance)
        until_s = min(age_when(alive, wanted), ages.bound_s)
        told_s = EDGES[min(bisect_left(EDGES, until_s), len(EDGES) - 1)]
        return Outlook(
            chance=chance,
            sure=wilson(chance, known, self._z),
            until_s=until_s,
            healed=shown.healed_between(ages.lived_s, told_s),
            known=shown.known(ages.lived_s, told_s),
            trusted=known,
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
            self._faded.pop(key, None)
            self.dropped += 1


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
