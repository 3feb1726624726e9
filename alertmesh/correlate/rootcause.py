"""Rank the things a group is about by how likely they are its root."""

from collections.abc import Collection, Sequence
from math import floor

import numpy as np
from msgspec import Struct

from alertmesh.core.group import Cause
from alertmesh.correlate.live import Live
from alertmesh.correlate.root_adapt import RootAdapter
from alertmesh.correlate.root_evidence import PIECES, Evidence, gather
from alertmesh.correlate.root_reason import Grounds, sentence
from alertmesh.correlate.root_view import View, view_of
from alertmesh.correlate.root_walk import Matrix
from alertmesh.correlate.root_words import Reader, RootWords
from alertmesh.correlate.topology import Topology

_STEP = 0.0001


class RootWeights(Struct, frozen=True, kw_only=True):
    """Set how much each piece of evidence, from 0 to 1, adds to the log odds of being the root.

    The first nineteen stand in the order of `PIECES`. The rest speak for a root that is not among
    the candidates: at all (`unseen`), the more of the group one of them explains, and the worse
    something tells of a fault of its own.
    """

    walk: float = 2.1
    down: float = 3.5
    resource: float = 3.0
    error: float = 2.8
    latency: float = 0.8
    traffic: float = -1.0
    other: float = -0.3
    variety: float = 0.3
    volume: float = -0.1
    early: float = -0.2
    covers: float = 3.1
    deepest: float = 0.4
    named: float = 0.4
    silent: float = -0.5
    frontier: float = -1.9
    indirect: float = -2.0
    node: float = -1.1
    carries: float = 4.0
    changed: float = 2.0
    unseen: float = 3.3
    unseen_explained: float = -0.9
    unseen_own_fault: float = -0.7


class Ranker:
    """Ranks candidates by a set of words and weights, and by what `adapter` learned from people of these."""

    def __init__(
        self,
        weights: RootWeights = RootWeights(),  # noqa: B008
        words: RootWords = RootWords(),  # noqa: B008
        adapter: RootAdapter | None = None,
    ) -> None:
        self.adapter = adapter or RootAdapter()
        self._reader = Reader(words)
        self._pieces = np.array([getattr(weights, piece) for piece in PIECES])
        self._group = np.array([weights.unseen, weights.unseen_explained, weights.unseen_own_fault])

    def view(self, live: Live, topology: Topology, places: Collection[str] = ()) -> View:
        """Return the view of an open group that `causes` ranks."""
        return view_of(live, topology, places, self._reader)

    def causes(self, view: View, limit: int = 5) -> tuple[Cause, ...]:
        """Return the likeliest roots, best first, each with its probability and why.

        What is missing to 1 are the candidates that are not returned and, as `unseen`, that the
        root is something no alert points to.
        """
        evidence = gather(view, self._reader)
        if not evidence.things:
            return ()
        weights = self._pieces * self.adapter.factors()
        odds = self._odds(evidence)
        likely = np.exp(odds - odds.max())
        likely /= likely.sum()
        things = evidence.things
        best = sorted(range(len(things)), key=lambda place: (-likely[place], things[place].name))[:limit]
        *scores, unseen = _told([*(float(likely[place]) for place in best), float(likely[-1])])
        grounds = [
            Grounds(things[place], evidence.pieces[place], evidence.pieces[place] * weights) for place in best
        ]
        return tuple(
            Cause(
                entity=one.thing.name,
                series=one.thing.series,
                score=score,
                reason=sentence(one),
                unseen=unseen,
            )
            for one, score in zip(grounds, scores, strict=True)
        )

    def learn(self, view: View, root: str, series: str = "") -> None:
        """Take a person's word that `root`, of which `series` tells, is the root of a group."""
        evidence = gather(view, self._reader)
        if not evidence.things:
            return
        about = next((one.entity for one in view.told if one.series == series and series), root)
        names = evidence.names
        named = names.get(root, names.get(about))
        self.adapter.learn(evidence.pieces * self._pieces, [*map(float, self._odds(evidence))], named)

    def _odds(self, evidence: Evidence) -> Matrix:
        """Return the log odds of each candidate, and last of none of them."""
        weights = self._pieces * self.adapter.factors()
        unseen = evidence.group @ self._group + self.adapter.bias
        odds: Matrix = np.append(evidence.pieces @ weights, unseen)
        return odds


def _told(likely: Sequence[float]) -> list[float]:
    """Cut to four digits so that the order can still be told and the sum stays under 1.

    The last of `likely` stands apart: that it is none of the others.
    """
    ranks = len(likely) - 1
    floors = [_STEP * (ranks - 1 - place) for place in range(ranks)] + [0.0]
    room = 1.0 - sum(floors)
    return [
        round(low + floor(one * room / _STEP) * _STEP, 4) for low, one in zip(floors, likely, strict=True)
    ]
