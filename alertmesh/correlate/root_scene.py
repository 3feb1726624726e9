"""Lay a group out: the things that may be its root, what each tells, and where the blame goes."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from alertmesh.correlate.root_view import MOST_THINGS, Told, View
from alertmesh.correlate.root_walk import Matrix, reaching
from alertmesh.correlate.root_words import Kind

CARRIED = 3
_MOST_PEERS, _MOST_PLACES, _MOST_FRONTIER = 16, 8, 16
_DELAYS_S = (90.0, 120.0, 60.0, 60.0, 180.0, 120.0)  # by kind: how long such an alert takes to be told
_EARLY_S = 120.0
_SLACK_S = 90.0
_PEER_SHARE = 0.8
_OUTWARD_SELF = 0.35
_FRONTIER_PULL = 0.15
_UNLIKE = 0.4
_HAND_ON = 0.5
_TRAFFIC_SELF = 0.3
_BARELY = 0.1


class Thing(Struct, gc=False):
    """A candidate: how many different alerts are about it, the most telling, and how many things lie on it.

    `series` is the one that stands for it: its own, or one that names it. The rest sums up how bad
    what it tells is: at worst by kind, of trouble of its own (`held`), of little traffic (`dry`),
    and, apart for errors and latency, of itself, of those it calls, and by others of calls to it.
    """

    name: str
    level: str
    series: str
    tells: int = 0
    worst: str = ""
    worst_kind: int = len(Kind)
    carries: int = 0
    early: float = float("inf")
    volume: float = 0.0
    held: float = 0.0
    dry: float = 0.0
    kinds: list[float] = field(default_factory=lambda: [0.0] * len(Kind))
    inward: list[float] = field(default_factory=lambda: [0.0, 0.0])
    outward: list[float] = field(default_factory=lambda: [0.0, 0.0])
    named: list[float] = field(default_factory=lambda: [0.0, 0.0])


class Scene:
    """The candidates of one group and what was told, laid out as arrays."""

    def __init__(self, view: View) -> None:
        self.things: list[Thing] = []
        self.place: dict[str, int] = {}
        self._aliases = _aliases(view.told)
        self._told = _distinct(view.told)
        self._meet(view)
        size = len(self.things)
        self.peers, self.lies = np.zeros((size, size)), np.zeros((size, size))
        self.calls, self.led = np.zeros((size, size)), np.zeros((size, size))
        for one in self._told:
            self._count(one)
        self._connect(view)
        things = self.things
        self.kinds = np.array([thing.kinds for thing in things])
        self.inward = np.array([thing.inward for thing in things]).T
        self.outward = np.array([thing.outward for thing in things]).T
        self.named = np.array([thing.named for thing in things]).T
        self.dry = np.array([thing.dry for thing in things])
        self.held = np.array([thing.held for thing in things])
        self.volume = np.array([thing.volume for thing in things])
        self.early = np.array([thing.early for thing in things])

    def find(self, name: str) -> int | None:
        """Return the place of a candidate by any of its names."""
        return self.place.get(self._aliases.get(name, name))

    def names(self) -> dict[str, int]:
        """Return the places of the candidates by all their names."""
        others = {alias: self.place[name] for alias, name in self._aliases.items() if name in self.place}
        return {**others, **self.place}

    def _meet(self, view: View) -> None:
        """Find the candidates: what alerts, what alerts name, what carries much, and what is called."""
        weights: dict[str, float] = {}
        first: dict[str, Told] = {}
        for one in self._told:
            weights[one.entity] = weights.get(one.entity, 0.0) + one.weight
            first.setdefault(one.entity, one)
        for name in sorted(weights, key=lambda name: (-weights[name], name))[:MOST_THINGS]:
            self._add(Thing(name, first[name].level, first[name].series))
        self._meet_peers()
        self._meet_places()
        self._meet_frontier(view)

    def _meet_peers(self) -> None:
        room = len(self.things) + _MOST_PEERS
        for one in self._told:
            for peer in one.peers:
                if len(self.things) < room:
                    self._add(Thing(self._aliases.get(peer, peer), "service", one.series))

    def _meet_places(self) -> None:
        on: dict[str, set[str]] = {}
        series: dict[str, str] = {}
        for one in self._told:
            for place in one.places:
                on.setdefault(place, set()).add(one.entity)
                series[place] = min(series.get(place, one.series), one.series)
        room = len(self.things) + _MOST_PLACES
        for place, lying in sorted(on.items(), key=lambda item: (-len(item[1]), item[0])):
            if len(lying) >= CARRIED and len(self.things) < room:
                self._add(Thing(place, "place", series[place]))
            at = self.find(place)
            if at is not None:
                self.things[at].carries = len(lying - {place})

    def _meet_frontier(self, view: View) -> None:
        near: dict[str, list[int]] = {}
        for caller, callee in view.calls:
            at = self.find(caller)
            if at is not None and self.find(callee) is None:
                near.setdefault(callee, []).append(at)
        first = sorted(near.items(), key=lambda item: (-len(item[1]), item[0]))[:_MOST_FRONTIER]
        for name, callers in first:
            self._add(Thing(name, "service", self.things[min(callers)].series))

    def _add(self, thing: Thing) -> None:
        if thing.name not in self.place:
            self.place[thing.name] = len(self.things)
            self.things.append(thing)

    def _count(self, one: Told) -> None:
        at = self.find(one.entity)
        if at is None:
            return
        weight = one.weight
        self.things[at].volume += weight
        for place in one.places:
            lies = self.find(place)
            if lies is not None and lies != at:
                self.lies[at, lies] = 1.0
        peers = [there for there in map(self.find, one.peers) if there is not None and there != at]
        for there in peers:
            self.peers[at, there] += weight / len(peers)
            self.things[there].named[one.kind is Kind.LATENCY] += weight / len(peers)
        if not peers:
            _tell(self.things[at], one)

    def _connect(self, view: View) -> None:
        for caller, callee in view.calls:
            a, b = self.find(caller), self.find(callee)
            if a is not None and b is not None and a != b:
                self.calls[a, b] = 1.0
        self.calls = np.maximum(self.calls, self.peers > 0)
        of = {one.series: self.find(one.entity) for one in view.told} if view.links else {}
        for link in view.links:
            a, b = of.get(link.effect), of.get(link.cause)
            if a is not None and b is not None and a != b:
                self.led[a, b] += link.weight

    def steps(self, indirect: NDArray[np.bool_]) -> Matrix:
        """Return where the blame goes from each thing, in shares."""
        silent = (self.volume == 0) & (self.named.sum(axis=0) == 0)
        shown = self.inward + 0.5 * self.outward + self.named
        alike = np.array([shown[0] + _UNLIKE * shown[1], shown[1] + _UNLIKE * shown[0]])
        pulls = np.where(silent, _FRONTIER_PULL, self.held + alike)
        own = self.held + self.inward.sum(axis=0)
        calls = self.calls * self.in_time() + self._handing_on(indirect)
        steps = np.zeros_like(self.calls)
        for pull, inward, outward in zip(pulls, self.inward, self.outward, strict=True):
            steps += _shared(inward, calls * pull, own + _BARELY)
            steps += _shared(outward, calls * pull, _OUTWARD_SELF * own + _BARELY)
        up = self.calls.T * np.where(silent, 0.0, pulls.max(axis=0))
        steps += _shared(self.dry, up, _TRAFFIC_SELF * (own + self.dry))
        carried = self.lies * (self.held * np.minimum(1.0, self.lies.sum(axis=0) / CARRIED) + self.common())
        steps += _shared(self.held, carried, self.held)
        steps += _PEER_SHARE * self.peers + self.led
        steps[np.diag_indices(len(steps))] += (1 - _PEER_SHARE) * self.peers.sum(axis=1)
        steps[np.diag_indices(len(steps))] += steps.sum(axis=1) == 0
        shares: Matrix = steps / steps.sum(axis=1, keepdims=True)
        return shares

    def common(self) -> Matrix:
        """Return half of how bad it is what fails on a place, where several things fail at once.

        That they all do by themselves is less likely than one fault beneath them.
        """
        failing = ((self.held > 0) @ self.lies) >= CARRIED
        return np.where(failing, self.held @ self.lies / 2, 0.0)

    def in_time(self) -> Matrix:
        """Return how well each thing may have caused trouble in another by when it began."""
        known = np.isfinite(self.early)
        began = np.where(known, self.early, 0.0)
        late = np.maximum(0.0, began[None, :] - began[:, None] - _SLACK_S)
        return np.where(known[None, :] & known[:, None], np.exp(-late / _EARLY_S), 1.0)

    def _handing_on(self, indirect: NDArray[np.bool_]) -> Matrix:
        """Return what may stand behind things that hand on, where nobody knows what does."""
        alone = indirect & ((self.calls * self.volume).sum(axis=1) == 0)
        if not alone.any():
            return np.zeros_like(self.calls)
        behind = ~(reaching(self.calls).T) & ~indirect[None, :]
        return np.where(alone[:, None] & behind, _HAND_ON, 0.0)


def _tell(thing: Thing, one: Told) -> None:
    kind, weight = one.kind, one.weight
    thing.tells += 1
    if kind < thing.worst_kind:
        thing.worst, thing.series, thing.worst_kind = one.name, one.series, kind
    thing.kinds[kind] = max(thing.kinds[kind], weight)
    thing.early = min(thing.early, one.onset - _DELAYS_S[kind])
    if kind is Kind.ERROR or kind is Kind.LATENCY:
        (thing.outward if one.outward else thing.inward)[kind is Kind.LATENCY] += weight
    elif kind is Kind.TRAFFIC:
        thing.dry += weight
    elif kind is Kind.OTHER:
        for side in (0, 1):
            (thing.outward if one.outward else thing.inward)[side] += weight / 2
    else:
        thing.held += weight


def _shared(mass: Matrix, pulls: Matrix, own: Matrix) -> Matrix:
    """Share the mass of each thing between itself and the others by how much they pull."""
    pulls = pulls.copy()
    pulls[np.diag_indices(len(pulls))] += own
    total = pulls.sum(axis=1, keepdims=True)
    shares: Matrix = np.where(total > 0, pulls / np.maximum(total, 1e-12), 0.0) * mass[:, None]
    return shares


def _aliases(told: Sequence[Told]) -> dict[str, str]:
    """Return other names of things, save those that stand for several."""
    found: dict[str, str] = {}
    entities = {one.entity for one in told}
    for one in told:
        for alias in one.aliases:
            if alias not in entities:
                found[alias] = one.entity if found.get(alias, one.entity) == one.entity else ""
    return {alias: entity for alias, entity in found.items() if entity}


def _distinct(told: Sequence[Told]) -> list[Told]:
    """Take alerts of equal name about one thing once, with the worst of them: replicas are no news."""
    found: dict[tuple[str, str, tuple[str, ...]], Told] = {}
    for one in told:
        held = found.setdefault((one.entity, one.name, one.peers), one)
        if held is not one and (-one.weight, one.onset, one.series) < (-held.weight, held.onset, held.series):
            found[one.entity, one.name, one.peers] = one
    return sorted(found.values(), key=lambda one: one.series)
