"""Hold the groups that are open, and find them again by the values that their series carry."""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from alertmesh.core.alert import Priority
from alertmesh.core.group import Join
from alertmesh.correlate.attributes import Attribute, Part, Profile


class Belonging(Struct, kw_only=True, omit_defaults=True):
    """Where a series belongs and why; the durable state of a membership.

    Group 0 holds the series that never make an incident. `weak` says that only time and
    namespace speak for it, so that it must not pull others after it by where it lies.
    """

    group: int
    join: Join
    joined_at: datetime
    name: str
    profile: Profile
    priority: Priority = Priority.P3
    firing: bool = True
    weak: bool = False
    rules: tuple[tuple[str, str], ...] = ()
    targets: tuple[tuple[str, str], ...] = ()


class Standing(Struct, kw_only=True, omit_defaults=True):
    """The durable facts of a group that its members do not tell."""

    id: int
    cluster: str
    opened_at: datetime
    active_at: datetime
    cleared_at: datetime | None = None


class Subject(Struct, gc=False):
    """One thing that a group's alerts are about: how many, and the first of them."""

    level: str
    series: str
    first_at: datetime
    count: int = 0


class Presence:
    """How many series of one group carry one value, by part; how many of the owners fire."""

    __slots__ = ("firing", "parts", "subjects")

    def __init__(self) -> None:
        self.parts = [0, 0, 0]
        self.firing = 0
        self.subjects: dict[str, int] = {}

    def add(self, part: Part, subject: str, firing: bool, by: int) -> None:
        """Count a series in (`by` 1) or out (`by` -1)."""
        self.parts[part] += by
        if part is Part.OWN and firing:
            self.firing += by
        if part is Part.PLACE:
            left = self.subjects.get(subject, 0) + by
            self.subjects[subject] = left
            if not left:
                del self.subjects[subject]

    @property
    def empty(self) -> bool:
        """Tell whether nobody carries the value any more."""
        return not any(self.parts)


class Live:
    """One open group in memory: its members and what can be said of them without asking each."""

    __slots__ = ("firing", "members", "names", "namespaces", "sides", "standing", "strong", "subjects")

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.members: dict[str, Belonging] = {}
        self.names: dict[str, int] = {}
        self.namespaces: dict[str, int] = {}
        self.subjects: dict[str, Subject] = {}
        self.sides: dict[int, int] = {}
        self.firing = 0
        self.strong = 0

    @property
    def id(self) -> int:
        """Return the group's number."""
        return self.standing.id


class LiveGroups:
    """The open groups and the inverted index from values to them."""

    def __init__(self) -> None:
        self.groups: dict[int, Live] = {}
        self._index: dict[str, dict[int, Presence]] = {}

    def open(self, standing: Standing) -> Live:
        """Begin to hold a group."""
        live = Live(standing)
        self.groups[standing.id] = live
        return live

    def carrying(self, token: str) -> dict[int, Presence]:
        """Return the groups that carry a value."""
        return self._index.get(token, {})

    def enter(self, live: Live, series: str, belonging: Belonging) -> None:
        """Count a series in."""
        live.members[series] = belonging
        self._count(live, belonging, 1)
        subject = live.subjects.get(belonging.profile.subject)
        at = belonging.joined_at
        if subject is None:
            live.subjects[belonging.profile.subject] = Subject(belonging.profile.level, series, at, 1)
            return
        subject.count += 1
        if (at, series) < (subject.first_at, subject.series):
            subject.series, subject.first_at = series, at

    def leave(self, live: Live, series: str) -> Belonging:
        """Count a series out."""
        belonging = live.members.pop(series)
        self._count(live, belonging, -1)
        self._leave_subject(live, series, belonging.profile.subject)
        return belonging

    def refire(self, live: Live, belonging: Belonging, firing: bool) -> None:
        """Note that a member began or stopped firing."""
        if belonging.firing == firing:
            return
        belonging.firing = firing
        by = 1 if firing else -1
        live.firing += by
        for attribute in belonging.profile.attributes:
            if attribute.part is Part.OWN:
                self._index[attribute.token][live.id].firing += by

    def close(self, live: Live) -> None:
        """Forget a group with all its members."""
        for belonging in live.members.values():
            for attribute in _indexed(belonging):
                self._index_count(live.id, attribute, belonging, -1)
        del self.groups[live.id]

    def _count(self, live: Live, belonging: Belonging, by: int) -> None:
        profile = belonging.profile
        live.firing += by if belonging.firing else 0
        live.strong += 0 if belonging.weak else by
        _tally(live.names, belonging.name, by)
        _tally(live.namespaces, profile.namespace, by)
        for attribute in _indexed(belonging):
            self._index_count(live.id, attribute, belonging, by)

    def _index_count(self, group: int, attribute: Attribute, belonging: Belonging, by: int) -> None:
        held = self._index.setdefault(attribute.token, {})
        presence = held.get(group)
        if presence is None:
            presence = held[group] = Presence()
        presence.add(attribute.part, belonging.profile.subject, belonging.firing, by)
        if by < 0 and presence.empty:
            del held[group]
            if not held:
                del self._index[attribute.token]

    @staticmethod
    def _leave_subject(live: Live, series: str, name: str) -> None:
        subject = live.subjects[name]
        subject.count -= 1
        if not subject.count:
            del live.subjects[name]
        elif subject.series == series:
            rest = [(at.joined_at, key) for key, at in live.members.items() if at.profile.subject == name]
            subject.first_at, subject.series = min(rest)


def _tally(counts: dict[str, int], name: str, by: int) -> None:
    left = counts.get(name, 0) + by
    counts[name] = left
    if not left:
        del counts[name]


def _indexed(belonging: Belonging) -> Iterable[Attribute]:
    attributes = belonging.profile.attributes
    if not belonging.weak:
        return attributes
    return [attribute for attribute in attributes if attribute.part is Part.OWN]
