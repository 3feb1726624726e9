"""Remember closed incidents, and find those that an open one is like: what it was, who handled it, how."""

import math
from bisect import bisect_left
from datetime import datetime, timedelta
from heapq import nlargest
from itertools import islice

from msgspec import Struct
from msgspec.structs import force_setattr, replace

from alertmesh.core.incident import Recurrence, Similar
from alertmesh.core.records import Records
from alertmesh.incidents.settings import SimilarSettings
from alertmesh.incidents.signature import Signature

_CANDIDATES = 16
_NAMED = 3

Facets = tuple[tuple[str, ...], ...]


class _Facet(Struct, frozen=True):
    """A part of a signature: how much it counts, and how one says that two incidents share it.

    Which alerts there are and what the root is count more than on which hosts.
    """

    name: str
    weight: float
    said: str


_FACETS = (
    _Facet("kinds", 0.27, "the same alerts: {}"),
    _Facet("pairs", 0.27, "the same alerts in the same place: {}"),
    _Facet("roots", 0.15, "the same likely root: {}"),
    _Facet("places", 0.10, "the same places: {}"),
    _Facet("words", 0.10, "the same words: {}"),
    _Facet("labels", 0.06, "the same labels: {}"),
    _Facet("levels", 0.05, "things of the same kind: {}"),
)


class Posting(Struct, gc=False):
    """The incidents that have a feature, in order of their closing."""

    feature: str
    incidents: list[int] = []


Index = tuple[dict[str, Posting], ...]


class Past(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A closed incident as it is remembered; `turn` counts closings, `place` is where its root was.

    `lasted_s` is how long it fired, `alerts` how many alerts it stood for.
    """

    incident: int
    title: str
    opened_at: datetime
    closed_at: datetime
    facets: Facets
    turn: int = 0
    root: str = ""
    place: str = ""
    resolved_by: str = ""
    note: str = ""
    lasted_s: float = 0.0
    alerts: int = 0


class _Rarity(dict[str, float]):
    """What the features of one facet weigh in one search, worked out when asked for."""

    def __init__(self, postings: dict[str, Posting], remembered: int) -> None:
        super().__init__()
        self._postings = postings
        self._remembered = remembered

    def __missing__(self, feature: str) -> float:
        posting = self._postings.get(feature)
        having = len(posting.incidents) if posting is not None else 0
        rarity = self[feature] = math.log(1 + (self._remembered + 1) / (having + 1))
        return rarity


class _Search:
    """One signature held against the index."""

    def __init__(self, facets: Facets, index: Index, remembered: int) -> None:
        self._facets = facets
        self._index = index
        self._sets = [frozenset(features) for features in facets]
        self._rarity = [_Rarity(postings, remembered) for postings in index]
        self._totals = [
            sum(map(rarity.__getitem__, features))
            for rarity, features in zip(self._rarity, facets, strict=True)
        ]

    def candidates(self, lookups: int) -> list[int]:
        """Return the incidents that share most, found by the rarest features, newest first."""
        found: dict[int, float] = {}
        for having, share, posting in self._steps():
            if lookups <= 0:
                break
            for incident in islice(reversed(posting.incidents), lookups):
                found[incident] = found.get(incident, 0.0) + share
            lookups -= having
        best = nlargest(_CANDIDATES, [(share, incident) for incident, share in found.items()])
        return [incident for _, incident in best]

    def _steps(self) -> list[tuple[int, float, Posting]]:
        steps = []
        for place, features in enumerate(self._facets):
            for feature in features:
                posting = self._index[place].get(feature)
                if posting is not None:
                    share = _FACETS[place].weight * self._rarity[place][feature] / self._totals[place]
                    steps.append((len(posting.incidents), share, posting))
        steps.sort(key=lambda step: (step[0], -step[1], step[2].feature))
        return steps

    def score(self, other: Facets) -> float:
        """Return how alike: in each facet the weight of what both have, to what each has."""
        together = weights = 0.0
        for place, features in enumerate(other):
            if not place or (features and self._facets[place]):
                weighed = self._rarity[place].__getitem__
                both = sum(map(weighed, self._both(place, other)))
                theirs = sum(map(weighed, features))
                weights += _FACETS[place].weight
                together += _FACETS[place].weight * both / math.sqrt(self._totals[place] * theirs or 1)
        return together / weights

    def shared(self, other: Facets) -> str:
        """Return what two incidents have in common, what counted most first."""
        both = {facet.name: self._both(place, other) for place, facet in enumerate(_FACETS)}
        if both["pairs"]:
            both["kinds"] = both["places"] = []  # said by the pairs already
        said = []
        for place, facet in enumerate(_FACETS):
            weighed, features = self._rarity[place].__getitem__, both[facet.name]
            if features:
                counted = facet.weight * sum(map(weighed, features)) / self._totals[place]
                telling = sorted(features, key=lambda feature: (-weighed(feature), feature))[:_NAMED]
                more = f" and {len(features) - _NAMED} more" if len(features) > _NAMED else ""
                said.append((-counted, place, facet.said.format(", ".join(telling) + more)))
        return "; ".join(text for _, _, text in sorted(said)[:_NAMED])

    def _both(self, place: int, other: Facets) -> list[str]:
        mine = self._sets[place]
        return [feature for feature in other[place] if feature in mine]


class PastIncidents:
    """Hold the newest closed incidents and an index of their features.

    A feature counts by how few of them have it (idf), within its facet; a facet that one side
    lacks says nothing, but for the first. `forgotten` counts those that made room for newer ones.
    """

    def __init__(self, settings: SimilarSettings) -> None:
        self.table = Records[int, Past]("past_incident", Past)
        self.forgotten = 0
        self.settings = settings
        self._turn = 0
        self._queue: dict[int, None] = {}
        self._index: Index = tuple({} for _ in _FACETS)
        self._places: dict[str, list[datetime]] = {}

    def __len__(self) -> int:
        return len(self.table)

    @property
    def entries(self) -> int:
        """Return how many entries the index has."""
        return sum(len(posting.incidents) for postings in self._index for posting in postings.values())

    def restored(self) -> None:
        """Rebuild the index after the table was restored."""
        self._queue.clear()
        self._places.clear()
        for postings in self._index:
            postings.clear()
        for past in sorted(self.table.values(), key=lambda past: past.turn):
            self._enter(past)

    def remember(self, past: Past) -> None:
        """Take in an incident that is closed, and forget the oldest if there are too many."""
        while len(self._queue) >= max(1, self.settings.remembered):
            self._leave(next(iter(self._queue)))
            self.forgotten += 1
        numbered = replace(past, turn=self._turn + 1)
        self._enter(numbered)
        self.table.put(numbered.incident, numbered)

    def like(self, found: Signature) -> tuple[Similar, ...]:
        """Return the past incidents that one with this signature is like, the likest first."""
        if not self._queue:
            return ()
        search = _Search(facets_of(found), self._index, len(self._queue))
        scored: list[tuple[float, int, Past]] = []
        for incident in search.candidates(self.settings.lookups):
            past = self.table[incident]
            score = round(search.score(past.facets), 4)
            if score >= self.settings.score:
                scored.append((score, past.turn, past))
        best = nlargest(self.settings.shown, scored, key=lambda item: item[:2])
        return tuple(self._named(past, score, search) for score, _, past in best)

    def recurrence(self, entity: str, place: str, at: datetime) -> Recurrence | None:
        """Return how often the thing at `place` was the likely root of late, None the first time."""
        days = self.settings.recurs_days
        closed = self._places.get(place, ())
        times = len(closed) - bisect_left(closed, at - timedelta(days=days))
        return Recurrence(entity, times + 1, days) if place and times else None

    def _named(self, past: Past, score: float, search: "_Search") -> Similar:
        return Similar(
            incident=past.incident,
            score=score,
            title=past.title,
            closed_at=past.closed_at,
            root=past.root,
            resolved_by=past.resolved_by,
            note=past.note,
            shared=search.shared(past.facets),
            telling=score >= self.settings.telling,
        )

    def _enter(self, past: Past) -> None:
        self._turn = past.turn
        self._queue[past.incident] = None
        kept = []
        for postings, features in zip(self._index, past.facets, strict=True):
            known = [
                postings.get(feature) or postings.setdefault(feature, Posting(feature))
                for feature in features
            ]
            for posting in known:
                posting.incidents.append(past.incident)
            kept.append(tuple([posting.feature for posting in known]))
        force_setattr(past, "facets", tuple(kept))  # equal texts, each held once
        self._places.setdefault(past.place, []).append(past.closed_at)

    def _leave(self, incident: int) -> None:
        past = self.table[incident]
        del self._queue[incident]
        for postings, features in zip(self._index, past.facets, strict=True):
            for feature in features:
                postings[feature].incidents.remove(incident)  # the oldest, so the first
                if not postings[feature].incidents:
                    del postings[feature]
        closed = self._places[past.place]
        closed.remove(past.closed_at)
        if not closed:
            del self._places[past.place]
        self.table.drop(incident)


def facets_of(found: Signature) -> Facets:
    """Return the features of a signature in the order of the facets."""
    return tuple(getattr(found, facet.name) for facet in _FACETS)
