"""Know which series fire, since when, and for which of them the first page waits."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from alertmesh.core.records import Records
from alertmesh.core.series import Series
from alertmesh.dedup.timers import Timers


class Episode(Struct, gc=False, omit_defaults=True):
    """One firing of a series.

    `by` is the rule id of the hold that it got, `hold_until` its end, or when paging stopped to
    wait. `held` says that paging waits now, `crowded` that too many fire for that. `due` is when
    it is looked at next. `broken` says that its end will prove nothing.
    """

    kind: str
    cluster: str
    source: str
    started: datetime
    by: str = ""
    hold_until: datetime | None = None
    held: bool = False
    crowded: bool = False
    due: datetime | None = None
    broken: bool = False

    @property
    def place(self) -> tuple[str, str]:
        """Return the kind and the cluster, within which alerts make a crowd."""
        return (self.kind, self.cluster)


class Episodes:
    """The open episodes by series, and by what is asked of them.

    In `table` are those of which there is more to know than their series tells.
    """

    def __init__(self) -> None:
        self._plain: dict[str, Episode] = {}
        self.table = Records[str, Episode]("heal_episodes", Episode)
        self._timers = Timers()
        self._since: dict[tuple[str, ...], list[float]] = {}
        self._sources: dict[str, int] = {}
        self._waiting: dict[tuple[str, str], dict[str, None]] = {}
        self._held: dict[tuple[str, str], dict[str, None]] = {}

    def __len__(self) -> int:
        return len(self._plain) + len(self.table)

    def restored(self) -> None:
        """Rebuild what follows from the table."""
        self._timers.clear()
        self._plain, self._since, self._sources, self._waiting, self._held = {}, {}, {}, {}, {}
        for name in sorted(self.table):
            self._enter(self.table[name])
            self._file(name, self.table[name])

    def get(self, series: str) -> Episode | None:
        """Return the open episode of a series that is known."""
        return self._plain.get(series) or self.table.get(series)

    def open(self, series: Series, kind: str, started: datetime) -> Episode:
        """Begin an episode, which follows from its series until more is said of it."""
        episode = Episode(kind, series.entity.cluster, series.source, started)
        self._enter(episode)
        self._plain[series.id] = episode
        return episode

    def keep(self, name: str) -> None:
        """Store an episode as it is, before its series becomes one from which it would not follow."""
        episode = self._plain.pop(name, None)
        if episode is not None:
            self.table.put(name, episode)

    def put(self, name: str, episode: Episode) -> None:
        """Store what was changed in an episode."""
        self._plain.pop(name, None)
        self.table.put(name, episode)
        self._file(name, episode)

    def close(self, name: str) -> Episode | None:
        """End an episode and return it."""
        episode = self._plain.pop(name, None)
        if episode is None:
            episode = self.table.get(name)
            if episode is None:
                return None
            self.table.drop(name)
            self._timers.set(name, None)
            self._leave(name, episode)
        for key in _groups(episode):
            self._remove(key, episode.started.timestamp())
        left = self._sources[episode.source] - 1
        if left:
            self._sources[episode.source] = left
        else:
            del self._sources[episode.source]
        return episode

    def open_since(self, *key: str) -> Sequence[float]:
        """Return since when the open alerts of a kind fire, in order; of one cluster if it is named."""
        return self._since.get(key, ())

    def of_source(self, source: str) -> int:
        """Return how many series of a source fire."""
        return self._sources.get(source, 0)

    def waiting(self, place: tuple[str, str]) -> int:
        """Return how many series of a kind in a cluster are within the time of their hold."""
        return len(self._waiting.get(place, ()))

    def held(self, place: tuple[str, str]) -> list[str]:
        """Return those of them for which paging waits, and that are not too many."""
        return list(self._held.get(place, ()))

    def next(self) -> datetime | None:
        """Return when the next episode is to be looked at."""
        return self._timers.next()

    def jump(self, by: timedelta) -> None:
        """Let every time to look be later by `by`."""
        for name in list(self.table):
            episode = self.table[name]
            episode.due = episode.due and episode.due + by
            episode.hold_until = episode.hold_until and episode.hold_until + by
            self.table.put(name, episode)
            self._timers.set(name, episode.due)

    def due(self, now: datetime) -> list[str]:
        """Take out the series that are to be looked at, in order."""
        return self._timers.due(now)

    def _enter(self, episode: Episode) -> None:
        moment = episode.started.timestamp()
        for key in _groups(episode):
            since = self._since.get(key)
            if since is None:
                self._since[key] = [moment]
            elif since[-1] <= moment:
                since.append(moment)
            else:
                insort(since, moment)
        self._sources[episode.source] = self._sources.get(episode.source, 0) + 1

    def _file(self, name: str, episode: Episode) -> None:
        self._timers.set(name, episode.due)
        if episode.due is None:
            self._leave(name, episode)
        else:
            self._waiting.setdefault(episode.place, {})[name] = None
            if episode.held and not episode.crowded:
                self._held.setdefault(episode.place, {})[name] = None
            else:
                _discard(self._held, episode.place, name)

    def _leave(self, name: str, episode: Episode) -> None:
        _discard(self._waiting, episode.place, name)
        _discard(self._held, episode.place, name)

    def _remove(self, key: tuple[str, ...], since: float) -> None:
        all_since = self._since[key]
        del all_since[bisect_left(all_since, since)]
        if not all_since:
            del self._since[key]


def _discard(shelves: dict[tuple[str, str], dict[str, None]], place: tuple[str, str], name: str) -> None:
    there = shelves.get(place)
    if there is not None:
        there.pop(name, None)
        if not there:
            del shelves[place]


def _groups(episode: Episode) -> tuple[tuple[str, ...], ...]:
    return ((episode.kind,), episode.place) if episode.cluster else ((episode.kind,),)
