"""Judge to which open group a newcomer belongs, and how sure that is."""

from collections.abc import Callable, Sequence
from datetime import datetime
from math import exp

import numpy as np
from msgspec import Struct

from alertmesh.correlate.adapt import Adapter
from alertmesh.correlate.features import FAMILIES, FEATURES, Crowd, Newcomer, Reader
from alertmesh.correlate.forest import Forest
from alertmesh.correlate.live import Live, LiveGroups
from alertmesh.correlate.model import GroupingModel
from alertmesh.correlate.weighing import Candidate


class Option(Struct, gc=False):
    """One group that a newcomer may join, and the log-odds that it belongs there.

    `terms` are what each family of evidence says, `odds` what all say together. `likeness` is what the
    two share, and None when nothing was found.
    """

    live: Live
    features: list[float]
    likeness: Candidate | None = None
    terms: tuple[float, ...] = ()
    odds: float = 0.0

    @property
    def probability(self) -> float:
        """Return how likely the newcomer belongs there."""
        return probability(self.odds)


class Judge:
    """Weigh the groups that share something with a newcomer, and those active in its scope lately."""

    def __init__(self, model: GroupingModel, groups: LiveGroups, reader: Reader, adapter: Adapter) -> None:
        self._forest = Forest(model.trees, [FAMILIES.index(FEATURES[name]) for name in model.features])
        self._groups = groups
        self._reader = reader
        self._adapter = adapter
        self.threshold = model.threshold

    def options(
        self, newcomer: Newcomer, alike: Sequence[Candidate], also: Sequence[Live] = ()
    ) -> list[Option]:
        """Return every group worth a look, and `also` those, likeliest first; ties go to the older group."""
        looked_at = self._looked_at(newcomer, alike, also)
        if not looked_at:
            return []
        best, second = _two_best(alike)
        options = []
        for rank, (live, likeness) in enumerate(looked_at):
            score = likeness.score if likeness is not None else 0.0
            rival = second if score >= best else best
            crowd = Crowd(score, rival, rank, len(looked_at))
            options.append(Option(live, self._reader.read(newcomer, live, crowd), likeness))
        weights = [self._adapter.weight(family) for family in FAMILIES]
        terms = self._forest.terms(np.array([option.features for option in options])) * weights
        odds = terms.sum(axis=1) + self.prior
        for option, said, value in zip(options, terms.tolist(), odds.tolist(), strict=True):
            option.terms, option.odds = tuple(said), value
        options.sort(key=lambda option: (-option.odds, option.live.id))
        return options

    @property
    def weights(self) -> tuple[float, ...]:
        """Return what people taught: how much each family counts, then the bias; empty if nothing."""
        adapter = self._adapter
        return (*map(adapter.weight, FAMILIES), adapter.bias) if adapter.lessons else ()

    @property
    def prior(self) -> float:
        """Return the log-odds before anything is known of the two."""
        return self._forest.base + self._adapter.bias

    def _looked_at(
        self, newcomer: Newcomer, alike: Sequence[Candidate], also: Sequence[Live]
    ) -> list[tuple[Live, Candidate | None]]:
        """Return the groups to be weighed, the one that took a series last first."""
        found: dict[int, tuple[Live, Candidate | None]] = {
            live.id: (live, None) for live in (*self._groups.active(newcomer.profile.scope), *also)
        }
        home = self._groups.groups.get(newcomer.home)
        if home is not None:
            found[home.id] = (home, None)
        for candidate in alike:
            found[candidate.live.id] = (candidate.live, candidate)
        return sorted(found.values(), key=_latest, reverse=True)


Trace = Callable[[Newcomer, Sequence[Option]], None]
"""Somebody who is shown what was weighed, for training."""


def probability(odds: float) -> float:
    """Return the probability that log-odds stand for."""
    return 1.0 / (1.0 + exp(-odds)) if odds > -700.0 else 0.0


def _latest(item: tuple[Live, Candidate | None]) -> tuple[datetime, int]:
    return (item[0].standing.active_at, item[0].id)


def _two_best(alike: Sequence[Candidate]) -> tuple[float, float]:
    scores = sorted((candidate.score for candidate in alike), reverse=True)
    return (scores[0] if scores else 0.0), (scores[1] if len(scores) > 1 else 0.0)
