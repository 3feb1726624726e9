"""Find which firing instances are covered by a silence or window, and by which for the longest."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from alertmesh.core.matchers import matches_all
from alertmesh.escalate.silence import Cover

Firing = tuple[str, str, Mapping[str, str]]
"""A firing instance: its series, its fingerprint, its labels."""

_NONE: Mapping[str, int] = {}


class _Instance(Struct, gc=False):
    series: str
    labels: Mapping[str, str]
    covers: list[str] = field(default_factory=list)
    best: str = ""


class CoverIndex:
    """Match instances against all that holds.

    Only covered instances are remembered. An instance meets no more covers than those that ask
    for one of its own labels and those that ask for no exact label at all; a cover that begins
    looks once at everything that fires.
    """

    def __init__(self) -> None:
        self.covers: dict[str, Cover] = {}
        self._by_label: dict[tuple[str, str], dict[str, None]] = {}
        self._loose: dict[str, None] = {}
        self._instances: dict[str, _Instance] = {}
        self._hits: dict[str, dict[str, None]] = {}
        self._series: dict[str, dict[str, int]] = {}

    def of(self, series: str) -> Mapping[str, int]:
        """Return how many instances of a series are covered, by the cover that lasts longest."""
        counts = self._series.get(series)
        return _NONE if counts is None else dict(counts)

    def hits(self, cover: str) -> int:
        """Return how many firing instances a cover accepts."""
        return len(self._hits.get(cover, ()))

    def over(self, fingerprint: str) -> Sequence[str]:
        """Return the covers that accept a firing instance."""
        instance = self._instances.get(fingerprint)
        return () if instance is None else tuple(instance.covers)

    def start(self, cover: Cover, firing: Iterable[Firing]) -> list[str]:
        """Let a cover hold, or hold for another time than before; return the series it concerns."""
        if cover.id in self.covers:
            self.covers[cover.id] = cover
            return self._judge(self._hits[cover.id])
        self.covers[cover.id] = cover
        self._hits[cover.id] = {}
        self._shelf(cover)[cover.id] = None
        known = [(one.series, print, one.labels) for print, one in self._instances.items()]
        touched: dict[str, None] = {}
        for series, fingerprint, labels in (*known, *firing):
            if fingerprint not in self._hits[cover.id] and matches_all(cover.matchers, labels):
                self._cover(fingerprint, series, labels, [cover.id])
                touched[series] = None
        return list(touched)

    def end(self, id: str) -> list[str]:
        """Let a cover hold no more; return the series it concerns."""
        cover = self.covers.pop(id, None)
        if cover is None:
            return []
        key, shelf = _key(cover), self._shelf(cover)
        del shelf[id]
        if key is not None and not shelf:
            del self._by_label[key]
        touched = self._hits.pop(id)
        for fingerprint in touched:
            self._instances[fingerprint].covers.remove(id)
        return self._judge(touched)

    def fired(self, fingerprint: str, series: str, labels: Mapping[str, str]) -> None:
        """Take an instance that began to fire."""
        if not self.covers:
            return
        self.ended(fingerprint)
        found = [id for id in self._candidates(labels) if matches_all(self.covers[id].matchers, labels)]
        if found:
            self._cover(fingerprint, series, labels, found)

    def ended(self, fingerprint: str) -> None:
        """Forget an instance that fires no longer."""
        instance = self._instances.pop(fingerprint, None)
        if instance is not None:
            self._count(instance, -1)
            for id in instance.covers:
                del self._hits[id][fingerprint]

    def _candidates(self, labels: Mapping[str, str]) -> list[str]:
        found = list(self._loose)
        for pair in labels.items():
            found.extend(self._by_label.get(pair, ()))
        return found

    def _shelf(self, cover: Cover) -> dict[str, None]:
        key = _key(cover)
        return self._loose if key is None else self._by_label.setdefault(key, {})

    def _cover(self, fingerprint: str, series: str, labels: Mapping[str, str], covers: list[str]) -> None:
        instance = self._instances.get(fingerprint)
        if instance is None:
            instance = self._instances[fingerprint] = _Instance(series, labels)
        else:
            self._count(instance, -1)
        instance.covers += covers
        for id in covers:
            self._hits[id][fingerprint] = None
        self._choose(instance)
        self._count(instance, 1)

    def _judge(self, fingerprints: Iterable[str]) -> list[str]:
        """Find the longest cover of instances anew; return their series."""
        touched: dict[str, None] = {}
        for fingerprint in list(fingerprints):
            instance = self._instances[fingerprint]
            touched[instance.series] = None
            self._count(instance, -1)
            if instance.covers:
                self._choose(instance)
                self._count(instance, 1)
            else:
                del self._instances[fingerprint]
        return list(touched)

    def _choose(self, instance: _Instance) -> None:
        instance.best = max(instance.covers, key=lambda id: (self.covers[id].until, id))

    def _count(self, instance: _Instance, by: int) -> None:
        counts = self._series.setdefault(instance.series, {})
        counts[instance.best] = counts.get(instance.best, 0) + by
        if not counts[instance.best]:
            del counts[instance.best]
        if not counts:
            del self._series[instance.series]


def _key(cover: Cover) -> tuple[str, str] | None:
    """Return a label that everything the cover accepts has, None when it does not say."""
    return next(((one.name, one.value) for one in cover.matchers if one.op == "=" and one.value), None)
