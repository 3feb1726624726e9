"""How fast a channel may be used, remembered over restarts."""

import sys
from collections import Counter, deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec
from msgspec import Struct

from alertmesh.core.records import Row

TABLE = "breaker"
WINDOW = timedelta(seconds=60)
_SLACK = timedelta(seconds=2)  # claims and arrivals are not equally far apart
RESERVE = 5  # of a minute, kept for the first pages of P1 incidents
_LONGEST_BACKOFF_S = 60.0


class Pace(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What must outlive a restart of one channel: its last minute of sends, and its penalty."""

    sends: tuple[datetime, ...] = ()
    paused_at: datetime | None = None
    paused_for_s: float = 0.0
    error: str = ""


class Gate:
    """Let at most `per_minute` messages through in any rolling minute, and none during a penalty.

    The last few of a minute (5 of 18) are kept for the first pages of P1 incidents. Every send
    counts, also the second of the same message.
    """

    def __init__(self, channel: str, per_minute: int) -> None:
        self.channel = channel
        self.error = ""
        self.limit(per_minute)
        self._sends: deque[datetime] = deque()
        self._paused_at: datetime | None = None
        self._paused_for = timedelta()

    def limit(self, per_minute: int) -> None:
        """Set the most messages of a minute; 0 means no limit."""
        self._per_minute = per_minute
        self._reserve = min(RESERVE, per_minute // 3)

    @property
    def per_minute(self) -> int:
        """Return the most messages of a minute; 0 means no limit."""
        return self._per_minute

    def restore(self, body: bytes | None, claims: Iterable[datetime]) -> None:
        """Take back what the store remembers: this channel's own row, and the claims of every worker."""
        pace = Pace() if body is None else msgspec.msgpack.decode(body, type=Pace)
        known = Counter(pace.sends) | Counter(claims)
        self._sends = deque(sorted(known.elements()))
        self._paused_at = pace.paused_at
        self._paused_for = timedelta(seconds=pace.paused_for_s)
        self.error = pace.error

    def refresh(self, body: bytes | None) -> None:
        """Count what other workers sent meanwhile, and serve the penalty that one of them was given."""
        if body is None:
            return
        pace = msgspec.msgpack.decode(body, type=Pace)
        known = Counter(pace.sends) | Counter(self._sends)
        self._sends = deque(sorted(known.elements()))
        if pace.paused_at is not None and (self._paused_at is None or pace.paused_at > self._paused_at):
            self._paused_at = pace.paused_at
            self._paused_for = timedelta(seconds=pace.paused_for_s)
            self.error = pace.error

    def row(self) -> Row:
        """Return what must be written together with each claim and each penalty."""
        pace = Pace(
            sends=tuple(self._sends),
            paused_at=self._paused_at,
            paused_for_s=self._paused_for.total_seconds(),
            error=self.error,
        )
        return Row(TABLE, self.channel, msgspec.msgpack.encode(pace))

    def note(self, now: datetime) -> None:
        """Count a send at `now`."""
        if self._per_minute:
            self._forget(now)
            self._sends.append(now)

    def room(self, now: datetime) -> int:
        """Return how many first pages of P1 incidents may leave now."""
        if not self._per_minute:
            return sys.maxsize
        self._forget(now)
        return max(0, self._per_minute - len(self._sends))

    def common_room(self, now: datetime) -> int:
        """Return how many other messages may leave now."""
        return max(0, self.room(now) - self._reserve)

    def opens_at(self, now: datetime) -> datetime:
        """Return the next moment at which there is more room than now."""
        self._forget(now)
        return self._sends[0] + WINDOW + _SLACK if self._sends else now

    def pause(self, now: datetime, seconds: float, error: str) -> None:
        """Let nothing through for `seconds`."""
        self._paused_at = now
        self._paused_for = timedelta(seconds=seconds)
        self.error = error

    def paused_until(self, now: datetime) -> datetime | None:
        """Return when the penalty ends, or None when there is none."""
        if self._paused_at is None:
            return None
        if self._paused_at > now:  # the wall clock was set back: start the penalty anew, once
            self._paused_at = now
        end = self._paused_at + self._paused_for
        if end <= now:
            self._paused_at = None
            self.error = ""
            return None
        return end

    def _forget(self, now: datetime) -> None:
        while self._sends and self._sends[0] + WINDOW + _SLACK <= now:
            self._sends.popleft()
        if self._sends and self._sends[-1] > now:  # the wall clock was set back
            self._sends = deque(min(moment, now) for moment in self._sends)


def backoff(tries: int, key: str, wish_s: float = 0.0) -> timedelta:
    """Return how long to wait after try number `tries`, at least what the channel wished for.

    Doubles from one second to a minute; the spread of a quarter either way comes from the key,
    so that a replay waits as long as the original.
    """
    plain = min(_LONGEST_BACKOFF_S, 2.0 ** (tries - 1))
    draw = int.from_bytes(sha256(f"{key}/{tries}".encode()).digest()[:4]) / 2**32
    return timedelta(seconds=max(wish_s, plain * (0.75 + draw / 2)))
