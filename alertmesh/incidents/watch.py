"""Keep the groups that do not deserve an incident yet: searchable, and ready to become one."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from alertmesh.core.group import Role
from alertmesh.core.incident import Member
from alertmesh.core.records import Records
from alertmesh.incidents.settings import IncidentSettings

_MEMBERS = 100


class Watched(Struct, kw_only=True, omit_defaults=True):
    """A group without an incident: its members, and since when it is clear."""

    group: int
    members: dict[str, Member]
    since: datetime
    cleared_at: datetime | None = None


class WatchList:
    """Hold watched groups. `dropped` counts members and groups let go because of a bound."""

    def __init__(self, settings: IncidentSettings) -> None:
        self.table = Records[int, Watched]("watch", Watched)
        self.dropped = 0
        self._settings = settings
        self._clear: dict[int, datetime] = {}

    def restored(self) -> None:
        """Rebuild the order in which clear groups fall due."""
        clear = [(held.cleared_at, held.group) for held in self.table.values() if held.cleared_at is not None]
        self._clear = {group: at for at, group in sorted(clear)}

    def take(self, group: int, member: Member, at: datetime) -> Watched:
        """Put a member of a watched group in its newest state."""
        held = self.table.get(group) or Watched(group=group, members={}, since=at)
        if len(held.members) < _MEMBERS or member.series.id in held.members:
            held.members[member.series.id] = member
        else:
            self.dropped += 1
        self.put(held, at)
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
        self.table.put(held.group, held)

    def pop(self, group: int) -> Watched | None:
        """Stop watching a group and return what was known of it."""
        held = self.table.get(group)
        self.table.drop(group)
        self._clear.pop(group, None)
        return held

    def is_worth(self, held: Watched) -> bool:
        """Tell whether a watched group deserves an incident by now."""
        pressing = [member for member in held.members.values() if member.is_pressing]
        if not pressing:
            return False
        others = [
            m for m in held.members.values() if m.join.role is not Role.SUPPRESSED and not m.series.is_quiet
        ]
        calm = self._settings.watch_priorities
        return len(others) > 1 or any(member.series.priority not in calm for member in pressing)

    def deadline(self) -> datetime | None:
        """Return when the next clear group is forgotten."""
        first = next(iter(self._clear.values()), None)
        return first + timedelta(seconds=self._settings.watch_s) if first is not None else None

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
