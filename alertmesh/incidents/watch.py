"""Keep the groups that do not deserve an incident yet: searchable, and ready to become one."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from math import inf

from msgspec import Struct

from alertmesh.core.alert import Priority
from alertmesh.core.group import Role
from alertmesh.core.incident import Member
from alertmesh.core.records import Records
from alertmesh.incidents.settings import IncidentSettings

_MEMBERS = 100


class Watched(Struct, kw_only=True, omit_defaults=True):
    """A group without an incident: its members, since when one fires, and since when it is clear.

    `bad_since` says by priority since when a reason to page at least so bad has been firing.
    """

    group: int
    members: dict[str, Member]
    since: datetime
    cleared_at: datetime | None = None
    fired_at: datetime | None = None
    bad_since: dict[Priority, datetime] = {}


class WatchList:
    """Hold watched groups. `dropped` counts members and groups let go because of a bound."""

    def __init__(self, settings: IncidentSettings) -> None:
        self.table = Records[int, Watched]("watch", Watched)
        self.dropped = 0
        self._settings = settings
        self._clear: dict[int, datetime] = {}
        self._due: list[tuple[datetime, int]] = []

    def adopt(self, settings: IncidentSettings) -> None:
        """Go by other settings from here on, and watch what is watched by them."""
        self._settings = settings
        self.restored()

    def restored(self) -> None:
        """Rebuild the order in which groups fall due."""
        clear = [(held.cleared_at, held.group) for held in self.table.values() if held.cleared_at is not None]
        self._clear = {group: at for at, group in sorted(clear)}
        self._due = []
        for held in self.table.values():
            self._plan(held)

    def jump(self, by: timedelta) -> None:
        """Move what groups fall due by."""
        for held in list(self.table.values()):
            held.since += by
            held.fired_at = held.fired_at and held.fired_at + by
            held.cleared_at = held.cleared_at and held.cleared_at + by
            held.bad_since = {level: since + by for level, since in held.bad_since.items()}
            self.table.put(held.group, held)
        self.restored()

    def take(self, group: int, member: Member, at: datetime) -> Watched:
        """Put a member of a watched group in its newest state; when full, the least of all makes room."""
        held = self.table.get(group) or Watched(group=group, members={}, since=at)
        held.members[member.series.id] = member
        if len(held.members) > _MEMBERS:
            self.dropped += 1
            newest_first = reversed(held.members.values())
            least = min(newest_first, key=lambda one: (one.is_pressing, one.series.is_on))
            del held.members[least.series.id]
        self.put(held, at)
        return held

    def unite(self, group: int, other: Watched, at: datetime) -> Watched:
        """Let a watched group have the members of another, which is watched no more, and its past."""
        for member in other.members.values():
            self.take(group, member, at)
        held = self.table[group]
        both = ((level, since) for level, since in other.bad_since.items() if level in held.bad_since)
        held.bad_since |= {level: min(since, held.bad_since[level]) for level, since in both}
        self.table.put(group, held)
        return held

    def put(self, held: Watched, at: datetime) -> None:
        """Store a watched group, and note whether it is clear."""
        firing = any(member.series.is_on for member in held.members.values())
        if firing:
            held.cleared_at = None
            self._clear.pop(held.group, None)
        elif held.cleared_at is None:
            held.cleared_at = at
            self._clear[held.group] = at
        # What flaps counts as firing, but it does not last.
        lasts = any(member.series.firing for member in held.members.values())
        held.fired_at = (held.fired_at or at) if lasts else None
        held.bad_since = {level: held.bad_since.get(level, at) for level in _levels(held)}
        self._plan(held)
        self.table.put(held.group, held)

    def release(self, group: int, series: str, at: datetime) -> None:
        """Let go of a series that belongs to a watched group no more."""
        held = self.table.get(group)
        if held is not None and held.members.pop(series, None) is not None:
            self.put(held, at)

    def pop(self, group: int) -> Watched | None:
        """Stop watching a group and return what was known of it."""
        held = self.table.get(group)
        self.table.drop(group)
        self._clear.pop(group, None)
        return held

    def is_worth(self, held: Watched, at: datetime) -> bool:
        """Tell whether a watched group deserves an incident by now: evidence, priority, or it lasts."""
        pressing = [member for member in held.members.values() if member.is_pressing]
        if not pressing:
            return False
        others = [
            m for m in held.members.values() if m.join.role is not Role.SUPPRESSED and not m.series.is_quiet
        ]
        if len(others) > 1 or not all(self._is_calm(member) for member in pressing):
            return True
        due = self._falls_due(held)
        return due is not None and due <= at

    def overdue(self, now: datetime) -> list[Watched]:
        """Return the watched groups that have been firing for as long as they may be watched."""
        found: dict[int, Watched] = {}
        while self._due and self._due[0][0] <= now:
            _, group = heappop(self._due)
            held = self.table.get(group)
            due = self._falls_due(held) if held is not None else None
            if held is not None and due is not None and due <= now:
                found[group] = held
        return [found[group] for group in sorted(found)]

    def deadline(self) -> datetime | None:
        """Return when the next group is overdue, or clear for so long that it is forgotten."""
        first = next(iter(self._clear.values()), None)
        forgotten = first + timedelta(seconds=self._settings.watch_s) if first is not None else None
        if self._due and (forgotten is None or self._due[0][0] < forgotten):
            return self._due[0][0]
        return forgotten

    def _is_calm(self, member: Member) -> bool:
        """Tell whether a series deserves no incident for itself alone."""
        priority, settings = member.series.priority, self._settings
        habitual = member.usual >= settings.habit_times.get(priority, inf)
        return habitual or priority in settings.watch_priorities

    def _falls_due(self, held: Watched) -> datetime | None:
        """Return until when a firing group may be watched; None: as long as it likes."""
        if held.fired_at is None:
            return None
        limits = [
            self._settings.watch_at_most[member.series.priority]
            for member in held.members.values()
            if member.is_pressing and member.series.priority in self._settings.watch_at_most
        ]
        return held.fired_at + timedelta(seconds=min(limits)) if limits else None

    def _plan(self, held: Watched) -> None:
        due = self._falls_due(held)
        if due is not None:
            heappush(self._due, (due, held.group))

    def expire(self, now: datetime) -> list[int]:
        """Forget the groups that have been clear for long, and those over the bound."""
        gone: list[int] = []
        due = now - timedelta(seconds=self._settings.watch_s)
        for group, cleared_at in self._clear.items():
            if cleared_at > due:
                break
            gone.append(group)
        excess = len(self.table) - len(gone) - self._settings.max_watched
        if excess > 0:
            over = self._oldest(frozenset(gone))[:excess]
            self.dropped += len(over)
            gone += over
        for group in gone:
            self.pop(group)
        return gone

    def _oldest(self, spared: Iterable[int]) -> list[int]:
        left = [held for held in self.table.values() if held.group not in spared]
        left.sort(key=lambda held: (held.cleared_at is None, held.cleared_at or held.since, held.group))
        return [held.group for held in left]


def _levels(held: Watched) -> list[Priority]:
    """Return the priorities that a watched group is at least as bad as, by what fires and does not flap."""
    pressing = (one.series.priority for one in held.members.values() if one.series.firing and one.is_pressing)
    worst = min(pressing, default=None)
    return [] if worst is None else [level for level in Priority if level >= worst]
