"""Learn how often things come by themselves, so that what always comes is no news."""

from datetime import timedelta
from math import log1p

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.records import Records

_HALF_LIFE_S = 43_200.0
_BURST_S = 300.0
_USUAL_SPAN = 5.0
_SPAN_WEIGHT = 0.05
_KNOWN_S = 4.0 * _HALF_LIFE_S  # by then the counts have settled; for how long after says nothing more


class Beat(Struct, array_like=True, gc=False):
    """Fading counts of arrivals over half a day and over minutes, when the last came, when the first.

    `span` is the fading mean of the logarithm of how many seconds alerts last.
    """

    count: float
    burst: float
    last: float
    first: float
    span: float = _USUAL_SPAN

    def faded(self, at: float) -> float:
        """Return the fading count over half a day."""
        return self.count * float(0.5 ** (self._ago(at) / _HALF_LIFE_S))

    def recent(self, at: float) -> float:
        """Return the fading count over some minutes."""
        return self.burst * float(0.5 ** (self._ago(at) / _BURST_S))

    def _ago(self, at: float) -> float:
        """Return how long ago the last came, none at all where the clock was set back since."""
        return max(0.0, at - self.last)

    def strike(self, at: float) -> None:
        """Count an arrival."""
        at = max(at, self.last)
        self.count, self.burst = self.faded(at) + 1.0, self.recent(at) + 1.0
        self.last = at


class Habit(Struct, frozen=True, gc=False):
    """What was known of an arrival just before it: all as logarithms of one plus the number.

    How often this series came in the last half day, the seconds since it last did, how often this
    kind came in its scope, how often anything came there lately and in half a day, for how many
    seconds the scope is known, two days at most, and how many seconds its alerts usually last.
    """

    own: float
    since: float
    kind: float
    lately: float
    scope: float
    known: float
    span: float


_NEVER_S = 1_000_000.0


class Tempo:
    """Count arrivals by series, by kind and scope, and by scope; at most `limit` counts are kept.

    `table` is the durable state; `dropped` counts what was forgotten because of the bound.
    """

    def __init__(self, limit: int) -> None:
        self.table = Records[str, Beat]("correlate_beat", Beat)
        self.dropped = 0
        self.limit = limit

    def jump(self, by: timedelta) -> None:
        """Go along with a jump of the clock: what came stays as long ago as it was."""
        by_s = by.total_seconds()
        self.table.rewrite(lambda beat: replace(beat, last=beat.last + by_s, first=beat.first + by_s))

    def arrive(self, series: str, kind: str, scope: str, at: float) -> Habit:
        """Count an arrival, and return what was known before it."""
        keys = _keys(series, kind, scope)
        beats = [self._beat(key, at) for key in keys]
        habit = _habit(beats, at)
        for key, beat in zip(keys, beats, strict=True):
            beat.strike(at)
            self.table.put(key, beat)
        if len(self.table) > self.limit:
            self._forget()
        return habit

    def known(self, series: str, kind: str, scope: str, at: float) -> Habit:
        """Return what is known of an arrival that is not counted: somebody only asks."""
        return _habit([self._beat(key, at) for key in _keys(series, kind, scope)], at)

    def cleared(self, scope: str, seconds: float) -> None:
        """Learn from an alert of a scope that was over after some seconds."""
        beat = self.table.get(f"{scope}|")
        if beat is not None:
            beat.span += _SPAN_WEIGHT * (log1p(max(0.0, seconds)) - beat.span)
            self.table.put(f"{scope}|", beat)

    def _beat(self, key: str, at: float) -> Beat:
        return self.table.get(key) or Beat(0.0, 0.0, at, at)

    def _forget(self) -> None:
        oldest = sorted(self.table, key=lambda key: (self.table[key].last, key))
        for key in oldest[: len(oldest) - self.limit + self.limit // 10]:
            self.table.drop(key)
            self.dropped += 1


def _keys(series: str, kind: str, scope: str) -> tuple[str, str, str]:
    return (series, f"{scope}|{kind}", f"{scope}|")


def _habit(beats: list[Beat], at: float) -> Habit:
    own, of_kind, anything = beats
    return Habit(
        log1p(own.faded(at)),
        log1p(min(_NEVER_S, max(0.0, at - own.last) if own.count else _NEVER_S)),
        log1p(of_kind.faded(at)),
        log1p(anything.recent(at)),
        log1p(anything.faded(at)),
        log1p(min(_KNOWN_S, max(0.0, at - anything.first))),
        anything.span,
    )
