"""What the repeat filter keeps of one instance, and how a transition of it is taken back."""

from collections.abc import Container, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from alertmesh.dedup.expected import Pace

NEVER = datetime.max.replace(tzinfo=UTC)
"""End of the lease of an alert that only an explicit end can end."""

DoorKey = tuple[str, str]
"""Source and name of a door."""

_LEAST_ALIASES = 1024


class Instance:
    """One full label set, as it stands.

    `known` is False before its first transition and once it is forgotten. `starts_at` is the
    earliest and `latest_start` the latest start that a sender gave for the present or last
    episode, `seen_start` the one given last. `ended_at` is the last end, `told` whether a sender
    told it, `told_at` when we learnt of it. `due` is when the lease will be looked at. `pace` bounds
    the lease of an alert that must keep coming; `door` is the door it last became known at.
    `revision` is what the sender called its present description, which is its severity, if that can change.
    """

    __slots__ = (
        "door",
        "due",
        "ended_at",
        "expires_at",
        "fingerprint",
        "firing",
        "idle",
        "known",
        "last_seen",
        "latest_start",
        "pace",
        "repeats",
        "revision",
        "seen_start",
        "starts_at",
        "told",
        "told_at",
        "transition",
    )

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint
        self.known = False
        self.firing = False
        self.starts_at = NEVER
        self.latest_start = NEVER
        self.seen_start: datetime | None = None
        self.expires_at = NEVER
        self.ended_at: datetime | None = None
        self.told = False
        self.told_at = NEVER
        self.repeats = 0
        self.revision = ""
        self.last_seen = NEVER
        self.idle = True
        self.due = NEVER
        self.pace: Pace | None = None
        self.door: DoorKey | None = None
        self.transition: Transition | None = None

    def open(self, starts_at: datetime, seen_start: datetime | None, expires_at: datetime) -> None:
        """Begin an episode."""
        self.known = self.firing = True
        self.starts_at = self.latest_start = starts_at
        self.seen_start = seen_start
        self.expires_at = expires_at
        self.repeats = 0

    def end(self, ended_at: datetime, told_at: datetime, told: bool) -> None:
        """End the episode."""
        self.known, self.firing = True, False
        self.ended_at, self.told_at, self.told = ended_at, told_at, told

    def widen(self, start: datetime | None) -> None:
        """Note another start that a sender gives for the present episode."""
        self.seen_start = start
        if start is not None:
            self.starts_at = min(self.starts_at, start)
            self.latest_start = max(self.latest_start, start)

    def shift(self, by: timedelta, now: datetime) -> None:
        """Go along with a jump of the clock by `by` to `now`: the lease keeps the time it had left.

        What happened is not yet to come, or whatever is told next would seem to be older.
        """
        self.expires_at = _shifted(self.expires_at, by)
        for name in ("told_at", "last_seen"):
            moment = getattr(self, name)
            if moment != NEVER:
                setattr(self, name, min(_shifted(moment, by), now))
        if self.known:
            self.starts_at = min(self.starts_at, now)
            self.latest_start = min(self.latest_start, now)
            self.ended_at = self.ended_at and min(self.ended_at, now)

    def is_past(self, ended_at: datetime, now: datetime) -> bool:
        """Tell whether an end is that of an earlier episode, told late or once more.

        The newest start is what counts, since its firing may have overtaken the end of the episode
        before; but not one that some sender's clock puts into the future.
        """
        began = self.latest_start if self.latest_start <= now else self.starts_at
        return ended_at < began or (self.ended_at is not None and ended_at <= self.ended_at)

    def began_later(self, start: datetime | None) -> bool:
        """Tell whether a start is that of a later episode than the last that is known."""
        return start is not None and start > self.latest_start

    def ran_out(self, since: datetime) -> bool:
        """Tell whether the last episode ended at `since` or later because nobody repeated it."""
        return self.known and not self.firing and not self.told and self.told_at >= since

    def save(self) -> tuple[Any, ...] | None:
        """Return the state for `load`; None when there is none yet."""
        if not self.known:
            return None
        episode = (self.firing, self.starts_at, self.latest_start, self.seen_start, self.expires_at)
        return (*episode, self.ended_at, self.told, self.told_at, self.repeats, self.revision)

    def load(self, saved: tuple[Any, ...] | None) -> None:
        """Go back to a saved state."""
        if saved is None:
            self.known = self.firing = False
            return
        self.known = True
        self.firing, self.starts_at, self.latest_start, self.seen_start, self.expires_at = saved[:5]
        self.ended_at, self.told, self.told_at, self.repeats, self.revision = saved[5:]


class Transition:
    """A change of an instance's state that can be taken back, before or after later ones.

    Only the newest is reachable from the instance; the older ones live as long as somebody may
    still take them back.
    """

    __slots__ = ("before", "instance", "later", "undone")

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.before = instance.save()
        self.later: Transition | None = None
        self.undone = False
        if instance.transition is not None:
            instance.transition.later = self
        instance.transition = self

    def take_back(self) -> bool:
        """Undo it; return whether the instance changed, which it does not while a later one stands."""
        self.undone = True
        later = self.later
        while later is not None and later.undone:
            later = later.later
        if later is not None:
            later.before = self.before
            return False
        self.instance.load(self.before)
        return True


def _shifted(moment: datetime, by: timedelta) -> datetime:
    """Return a moment that is later by `by`; what is as good as never becomes never."""
    return NEVER if moment > NEVER - abs(by) else moment + by


class Aliases:
    """The keys under which the sender at one door names its instances: a cache, never the truth.

    Those of alerts that must keep coming stand in `paced`, so that the others pay nothing for them.
    """

    __slots__ = ("_room", "known", "paced")

    def __init__(self) -> None:
        self.known: dict[str | int, Instance] = {}
        self.paced: dict[str | int, Instance] = {}
        self._room = _LEAST_ALIASES

    def find(self, identity: str | int) -> Instance | None:
        """Return the instance that has this key here."""
        return self.known.get(identity) or self.paced.get(identity)

    def instances(self) -> Iterator[Instance]:
        """Return every instance that has a key here."""
        return chain(self.known.values(), self.paced.values())

    def renew(self, paced: Container[str]) -> None:
        """Sort anew those whose `pace` is up to date, by fingerprint; the others have to be found again."""
        keys = {
            key: one for key, one in chain(self.known.items(), self.paced.items()) if one.fingerprint in paced
        }
        self.known.clear()
        self.paced.clear()
        for key, one in keys.items():
            (self.known if one.pace is None else self.paced)[key] = one

    def add(self, identity: str | int, instance: Instance, limit: int) -> None:
        """Remember a key; when full, give up those of forgotten instances, and all above `limit`."""
        if instance.pace is not None:
            if len(self.paced) >= limit:
                self.paced.clear()
            self.paced[identity] = instance
            return
        known = self.known
        if len(known) >= min(self._room, limit):
            live = {key: value for key, value in known.items() if value.known}
            known.clear()
            if len(live) < limit:
                known.update(live)
            self._room = max(_LEAST_ALIASES, 2 * len(known))
        known[identity] = instance
