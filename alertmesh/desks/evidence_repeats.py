"""Remember for some hours how often each series was heard, for whoever looks at its course."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from alertmesh.core.ports import Count
from alertmesh.core.series import Change, ChangeKind, Series

EVERY = timedelta(minutes=5)
BUCKETS = 72
_EVERY_S = int(EVERY.total_seconds())
_MOST = 65_535
_SPANS = 12
_BEGINS = frozenset({ChangeKind.OPENED, ChangeKind.GREW})


class Span(Struct, frozen=True):
    """One time that a series fired; `ended` is null while it does."""

    began: datetime
    ended: datetime | None


class Heard(Struct, frozen=True, kw_only=True):
    """How often a series was heard in each bucket, the oldest first, and when it fired."""

    series: str
    name: str
    total: int
    counts: list[int]
    spans: list[Span]


class HeardKind(Struct, frozen=True, kw_only=True):
    """The same for all series whose alerts have one name."""

    name: str
    series: int
    total: int
    counts: list[int]


class Course(Struct, frozen=True, kw_only=True):
    """How often the series of an incident were heard, in buckets of `every_s` seconds from `begins` on.

    What was before `since` is not known. `left_out` counts series for which there was no room; their kinds
    count them all the same.
    """

    since: datetime
    begins: datetime
    every_s: int
    kinds: list[HeardKind]
    series: list[Heard]
    left_out: int


class _Track(Struct, gc=False):
    """A ring of buckets; `newest` is the number of the last one that counts."""

    counts: "array[int]"
    newest: int
    spans: list[tuple[datetime, datetime | None]]


class Repeats:
    """Count what is heard of each series, the last `BUCKETS` buckets, of at most `most` series.

    `series_of` finds the series of an alert. What was heard longest ago makes room; `dropped` counts that.

    >>> at = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    >>> heard = Repeats(lambda fingerprint: "s1", at)
    >>> heard.count([Count("f", 3, at)]), heard.count([Count("f", 5, at + EVERY)])
    (None, None)
    >>> heard.counts("s1", at, at + EVERY)
    [1, 2]
    """

    def __init__(self, series_of: Callable[[str], str | None], since: datetime, most: int = 20_000) -> None:
        self.since = since
        self.dropped = 0
        self._series_of = series_of
        self._most = most
        self._tracks: dict[str, _Track] = {}
        self._told: dict[str, int] = {}

    def count(self, counts: Iterable[Count]) -> None:
        """Take the counters of what was repeated lately, each the sum of its whole episode."""
        at, bucket = None, 0
        for one in counts:
            if not one.repeats:  # nobody's any more, or of an episode that just begins
                continue
            if one.last_seen is not at:  # those of one request share it
                at, bucket = one.last_seen, _bucket(one.last_seen)
            before = self._told.get(one.fingerprint)
            # Of an alert that repeated before we began to listen, only the newest repeat has a time.
            more = 1 if before is None else max(0, one.repeats - before)
            self._remember(one.fingerprint, one.repeats)
            series = self._series_of(one.fingerprint)
            if series is not None:
                self._add(series, bucket, more)

    def change(self, change: Change) -> None:
        """Take what happened to a series: an alert of it began, or none fires any more."""
        series, at = change.series, change.at
        if change.kind in _BEGINS:
            self._remember(change.fingerprint, 0)
            self._add(series.id, _bucket(at), 1)
        track = self._tracks.get(series.id)
        if track is None:
            return
        if change.kind is ChangeKind.OPENED:
            track.spans.append((series.opened_at, None))
            del track.spans[:-_SPANS]
        elif change.kind is ChangeKind.CLEARED and track.spans and track.spans[-1][1] is None:
            track.spans[-1] = (track.spans[-1][0], change.ended_at or at)

    def counts(self, series: str, begins: datetime, until: datetime) -> list[int]:
        """Return how often a series was heard in each bucket from that of `begins` to that of `until`."""
        track = self._tracks.get(series)
        first, last = _bucket(begins), _bucket(until)
        if track is None:
            return [0] * (last - first + 1)
        oldest = track.newest - BUCKETS
        return [
            track.counts[one % BUCKETS] if oldest < one <= track.newest else 0
            for one in range(first, last + 1)
        ]

    def spans(self, series: Series) -> list[Span]:
        """Return when a series fired, as far as that was seen, and since when it does now."""
        track = self._tracks.get(series.id)
        found = [Span(*span) for span in track.spans] if track is not None else []
        if series.firing and not (found and found[-1].ended is None):
            found.append(Span(series.opened_at, None))
        return found

    def course(self, members: Sequence[Series], began: datetime, now: datetime, most: int) -> Course:
        """Return the course of series from shortly before `began` on, of the loudest `most` one by one."""
        begins = _start(max(self.since, now - EVERY * (BUCKETS - 1), began - EVERY * 2))
        begins = min(begins, _start(now))
        heard = [self._heard(one, begins, now) for one in members]
        kinds: dict[str, HeardKind] = {}
        for one in heard:
            kinds[one.name] = _joined(kinds.get(one.name), one)
        heard.sort(key=lambda one: (-one.total, one.name, one.series))
        return Course(
            since=self.since,
            begins=begins,
            every_s=_EVERY_S,
            kinds=sorted(kinds.values(), key=lambda one: (-one.total, one.name)),
            series=heard[:most],
            left_out=max(0, len(heard) - most),
        )

    def _heard(self, series: Series, begins: datetime, now: datetime) -> Heard:
        counts = self.counts(series.id, begins, now)
        return Heard(
            series=series.id, name=series.name, total=sum(counts), counts=counts, spans=self.spans(series)
        )

    def _add(self, series: str, bucket: int, more: int) -> None:
        track = self._tracks.get(series)
        if track is None:
            track = self._tracks[series] = _Track(array("H", bytes(2 * BUCKETS)), bucket, [])
            if len(self._tracks) > self._most:
                del self._tracks[next(iter(self._tracks))]
                self.dropped += 1
        elif bucket > track.newest:
            for passed in range(max(track.newest + 1, bucket - BUCKETS + 1), bucket + 1):
                track.counts[passed % BUCKETS] = 0
            track.newest = bucket
            self._tracks[series] = self._tracks.pop(series)  # the last to make room
        elif bucket <= track.newest - BUCKETS:
            return
        place = bucket % BUCKETS
        track.counts[place] = min(_MOST, track.counts[place] + more)

    def _remember(self, fingerprint: str, repeats: int) -> None:
        self._told[fingerprint] = repeats
        if len(self._told) > 4 * self._most:
            del self._told[next(iter(self._told))]


def _joined(kind: HeardKind | None, one: Heard) -> HeardKind:
    if kind is None:
        return HeardKind(name=one.name, series=1, total=one.total, counts=one.counts)
    counts = [a + b for a, b in zip(kind.counts, one.counts, strict=True)]
    return HeardKind(name=one.name, series=kind.series + 1, total=kind.total + one.total, counts=counts)


def _bucket(at: datetime) -> int:
    return int(at.timestamp()) // _EVERY_S


def _start(at: datetime) -> datetime:
    return datetime.fromtimestamp(_bucket(at) * _EVERY_S, UTC)
