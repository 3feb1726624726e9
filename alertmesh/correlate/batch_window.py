"""Take down what is active, in plain values that another thread may look at for as long as it likes."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterator
from datetime import datetime, timedelta
from heapq import nlargest

from msgspec import Struct, field

from alertmesh.core.regrouping import Regrouping
from alertmesh.correlate.attributes import Attribute, Part, Profile
from alertmesh.correlate.batchsettings import BatchSettings
from alertmesh.correlate.live import Belonging, Live
from alertmesh.correlate.memory import Memory
from alertmesh.correlate.rarity import Rarity
from alertmesh.correlate.relations import BESIDE, SCOPE, Relations
from alertmesh.correlate.topology import Topology

_KINDS = 64
_CAPS = {Part.OWN: 0.8, Part.PEER: 0.6, Part.PLACE: 0.5}


class Item(Struct, frozen=True, gc=False):
    """One series of the window: where it is, what it is about, what it carries, and when it fired.

    `shared` are the values that it carries, each with how telling it is; `near` are the things one
    step from what it is about. Moments are seconds; `cleared` is None while it fires. Its group
    holds `of` series in all; `usual` is how often it came before, as a logarithm.
    """

    series: str
    group: int
    kind: str
    cluster: str
    namespace: str
    subject: str
    shared: tuple[tuple[str, float], ...]
    near: tuple[str, ...]
    began: float
    cleared: float | None
    of: int
    usual: float = 0.0


class Affinity(Struct, frozen=True, gc=False):
    """How much beyond chance the kinds come together, one step apart and in the same scope.

    Of a kind that is not among `kinds` nothing is known.
    """

    kinds: tuple[str, ...] = ()
    beside: tuple[tuple[float, ...], ...] = ()
    scope: tuple[tuple[float, ...], ...] = ()

    def between(self, kinds: Collection[str]) -> "Affinity":
        """Return what is known of these kinds, in order of their names."""
        known = sorted((kind, place) for place, kind in enumerate(self.kinds) if kind in kinds)
        places = [place for _, place in known]
        beside, scope = (
            tuple(tuple(table[row][column] for column in places) for row in places)
            for table in (self.beside, self.scope)
        )
        return Affinity(tuple(kind for kind, _ in known), beside, scope)


class Seen:
    """What came of parts of the last window, by all that it depends on: it would come of them again.

    Only what was asked for in the window before is kept, so it takes no more than that did.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[Regrouping, ...]] = {}
        self._last: dict[Hashable, tuple[Regrouping, ...]] = {}

    def turn(self) -> None:
        """Begin with another window."""
        self._last, self._known = self._known, {}

    def get(self, key: Hashable) -> tuple[Regrouping, ...] | None:
        """Return what came of a part of the last window, and remember it for the next one."""
        found = self._last.get(key)
        if found is not None:
            self._known[key] = found
        return found

    def put(self, key: Hashable, found: tuple[Regrouping, ...]) -> None:
        """Remember what came of a part of this window."""
        self._known[key] = found


class Window(Struct, frozen=True):
    """What was active at a moment, and what was `seen` of it before.

    `left_out` counts series that a bound kept out.
    """

    at: float
    items: tuple[Item, ...]
    affinity: Affinity = Affinity()
    left_out: int = 0
    seen: Seen = field(default_factory=Seen)


class Lookout:
    """Look at the open groups; changes nothing, and takes time for `max_series` series at most."""

    def __init__(self, memory: Memory, rarity: Rarity, topology: Topology, relations: Relations) -> None:
        self._memory = memory
        self._rarity = rarity
        self._topology = topology
        self._relations = relations
        self._seen = Seen()

    def window(self, now: datetime, settings: BatchSettings) -> Window:
        """Return the series that began to fire lately, in groups that are open."""
        since = now - timedelta(seconds=settings.window_s)
        found: list[tuple[float, str, Belonging]] = []
        left_out = 0
        for live in self._memory.groups.groups.values():
            if live.standing.active_at < since:
                continue
            if len(live.members) > settings.max_group:
                left_out += len(live.members)
            else:
                found += _lately(live, since)
        latest = nlargest(settings.max_series, found)
        items = self._items(latest, now)
        kinds = tuple(kind for kind, _ in _most_common(item.kind for item in items))
        left_out += len(found) - len(latest)
        return Window(now.timestamp(), items, self._affinity(kinds), left_out, self._seen)

    def _items(self, found: list[tuple[float, str, Belonging]], now: datetime) -> tuple[Item, ...]:
        number = self._rarity.window(now)
        shared: dict[tuple[int, str], tuple[tuple[str, float], ...]] = {}
        near: dict[str, tuple[str, ...]] = {}
        items = []
        for began, series, belonging in sorted(found):
            profile = belonging.profile
            key = (id(profile), belonging.pod)
            if key not in shared:
                shared[key] = tuple(self._shared(profile, belonging.pod, number))
            subject = f"{profile.cluster}|{profile.subject}"
            if subject not in near:
                near[subject] = self._near(profile)
            cleared = belonging.cleared_at
            items.append(
                Item(
                    series=series,
                    group=belonging.group,
                    kind=belonging.sort,
                    cluster=profile.cluster,
                    namespace=profile.namespace,
                    subject=subject,
                    shared=shared[key],
                    near=near[subject],
                    began=began,
                    cleared=None if cleared is None else cleared.timestamp(),
                    of=len(self._memory.groups.groups[belonging.group].members),
                    usual=round(belonging.usual, 3),
                )
            )
        return tuple(items)

    def _shared(self, profile: Profile, pod: str, number: int) -> Iterator[tuple[str, float]]:
        active = self._rarity.active(profile.cluster, number)
        weights: dict[str, float] = {}
        for attribute in profile.attributes:
            weight = self._weight(attribute, active, number)
            weights[attribute.token] = max(weight, weights.get(attribute.token, 0.0))
        if pod:
            weights[pod] = _CAPS[Part.OWN]
        yield from sorted((token, round(weight, 4)) for token, weight in weights.items() if weight > 0.0)

    def _weight(self, attribute: Attribute, active: float, number: int) -> float:
        return _CAPS[attribute.part] * self._rarity.of(attribute, active, number)

    def _near(self, profile: Profile) -> tuple[str, ...]:
        names = {neighbour.name for neighbour in self._topology.near(profile)}
        names |= {item.value for item in profile.attributes if item.part is Part.PEER}
        names |= {profile.node}
        return tuple(
            sorted(f"{profile.cluster}|{name}" for name in names if name not in ("", profile.subject))
        )

    def _affinity(self, kinds: tuple[str, ...]) -> Affinity:
        return Affinity(kinds, self._lifts(kinds, BESIDE), self._lifts(kinds, SCOPE))

    def _lifts(self, kinds: tuple[str, ...], hop: int) -> tuple[tuple[float, ...], ...]:
        affinity = self._relations.affinity
        size = range(len(kinds))
        half = [[affinity(kinds[row], kinds[column], hop)[0] for column in range(row + 1)] for row in size]
        return tuple(tuple(half[max(row, column)][min(row, column)] for column in size) for row in size)


def _lately(live: Live, since: datetime) -> Iterator[tuple[float, str, Belonging]]:
    for series, belonging in live.members.items():
        if belonging.began >= since:
            yield belonging.began.timestamp(), series, belonging


def _most_common(kinds: Iterator[str]) -> list[tuple[str, int]]:
    return sorted(Counter(kinds).items(), key=lambda pair: (-pair[1], pair[0]))[:_KINDS]
