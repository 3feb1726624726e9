"""Hold the groups that are open, and find them again by the values that their series carry."""

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from math import expm1

from msgspec import Struct
from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.group import Join
from alertmesh.correlate.attributes import Part, Profile
from alertmesh.correlate.words import word_token

_LATELY = 6
_ACTIVE = 8


class Belonging(Struct, kw_only=True, omit_defaults=True, gc=False):
    """Where a series belongs and why; the durable state of a membership.

    Group 0 holds the series that never make an incident. `weak` says that only time and
    namespace speak for it, so that it must not pull others after it by where it lies. `pod` is the
    index key of the pod it is about, `fired_at` when it last began to fire, `cleared_at` when it
    stopped. `usual` is how often it came before, as the logarithm of one plus a fading count. `kind` is
    its alertname without the names of things; empty when that is the alertname. `words` are those of its
    text that tell most.
    """

    group: int
    join: Join
    joined_at: datetime
    name: str
    profile: Profile
    priority: Priority = Priority.P3
    firing: bool = True
    cleared_at: datetime | None = None
    weak: bool = False
    rules: tuple[tuple[str, str], ...] = ()
    targets: tuple[tuple[str, str], ...] = ()
    pod: str = ""
    fired_at: datetime | None = None
    usual: float = 0.0
    kind: str = ""
    words: tuple[str, ...] = ()

    def moved(self, by: timedelta) -> "Belonging":
        """Return it with every moment moved by `by`."""
        fired_at, cleared_at = self.fired_at and self.fired_at + by, self.cleared_at and self.cleared_at + by
        return replace(self, joined_at=self.joined_at + by, fired_at=fired_at, cleared_at=cleared_at)

    @property
    def began(self) -> datetime:
        """Return when it last began to fire."""
        return self.fired_at or self.joined_at

    @property
    def times(self) -> float:
        """Return about how often it had come in the half day before."""
        return round(expm1(self.usual), 1)

    @property
    def sort(self) -> str:
        """Return the kind of alert it is."""
        return self.kind or self.name


class Standing(Struct, kw_only=True, omit_defaults=True):
    """The durable facts of a group that its members do not tell; `scope` is that of its first series."""

    id: int
    cluster: str
    opened_at: datetime
    active_at: datetime
    cleared_at: datetime | None = None
    scope: str = ""

    def moved(self, by: timedelta) -> "Standing":
        """Return it with every moment moved by `by`."""
        cleared_at = self.cleared_at and self.cleared_at + by
        opened_at, active_at = self.opened_at + by, self.active_at + by
        return replace(self, opened_at=opened_at, active_at=active_at, cleared_at=cleared_at)


class Subject(Struct, gc=False):
    """One thing that a group's alerts are about: how many, and the first of them."""

    level: str
    series: str
    first_at: datetime
    count: int = 0


class Presence(Struct, gc=False):
    """How many series of one group carry one value, by part; how many of the owners fire.

    `subjects` counts, by what they are about, the series for which the value is a place; `said`, by
    alertname, those that say it in their text.
    """

    live: "Live"
    own: int = 0
    peer: int = 0
    place: int = 0
    firing: int = 0
    subjects: dict[str, int] | None = None
    said: dict[str, int] | None = None

    @property
    def total(self) -> int:
        """Return how many series carry the value, one that carries it twice counted twice."""
        return self.own + self.peer + self.place + (sum(self.said.values()) if self.said else 0)

    def part_that_carries(self) -> float:
        """Return which part of the group carries it as a label, the half of it counting as all."""
        carry = self.own + self.peer + self.place
        return 1.0 if self.own else min(1.0, 2 * carry / (self.live.strong or 1))

    def part_that_says(self, name: str) -> float:
        """Return which part of the group says it, half counting as all; no alerts called `name`."""
        if not self.said:
            return 0.0
        say = sum(self.said.values()) - self.said.get(name, 0)
        return min(1.0, 2 * say / (self.live.strong or 1))

    def say(self, name: str, by: int) -> None:
        """Count in (`by` 1) or out (`by` -1) an alert whose text says it."""
        if self.said is None:
            self.said = {}
        _tally(self.said, name, by)

    def add(self, part: Part, belonging: Belonging, by: int) -> None:
        """Count a series in (`by` 1) or out (`by` -1)."""
        if part is Part.OWN:
            self.own += by
            if belonging.firing:
                self.firing += by
        elif part is Part.PEER:
            self.peer += by
        else:
            self.place += by
            if self.subjects is None:
                self.subjects = {}
            _tally(self.subjects, belonging.profile.subject, by)


Latest = tuple[datetime, str, str, float]
"""The last alert about a thing: when it began, its series, its kind, and how often it came before."""


class Live:
    """One open group in memory: its members and what can be said of them without asking each.

    `lately` are the things that its alerts were about most lately, each with when, which series, and
    of which kind. `usual` sums up how often its members came before they joined.
    """

    __slots__ = (
        "firing",
        "id",
        "lately",
        "members",
        "names",
        "namespaces",
        "sides",
        "standing",
        "strong",
        "subjects",
        "usual",
    )

    def __init__(self, standing: Standing) -> None:
        self.id = standing.id
        self.standing = standing
        self.members: dict[str, Belonging] = {}
        self.names: dict[str, int] = {}
        self.namespaces: dict[str, int] = {}
        self.subjects: dict[str, Subject] = {}
        self.sides: dict[int, int] = {}
        self.lately: dict[str, Latest] = {}
        self.firing = 0
        self.strong = 0
        self.usual = 0.0

    def note(self, series: str, belonging: Belonging) -> None:
        """Keep what a series is about among the latest things, whatever the order of telling."""
        subject = belonging.profile.subject
        latest = (belonging.began, series, belonging.sort, belonging.usual)
        known = self.lately.get(subject)
        if known is None or known < latest:
            self.lately[subject] = latest
        if len(self.lately) > _LATELY:
            del self.lately[min(self.lately, key=self.lately.__getitem__)]

    def renote(self) -> None:
        """Find the latest things anew, after a series left."""
        self.lately = {}
        for series, belonging in self.members.items():
            self.note(series, belonging)


class LiveGroups:
    """The open groups and the inverted index from values to them."""

    def __init__(self) -> None:
        self.groups: dict[int, Live] = {}
        self._active: dict[str, list[tuple[datetime, int]]] = {}
        self._places: dict[int, tuple[datetime, int]] = {}
        # Most values, such as the names of pods, are carried by one group only.
        self._index: dict[str, Presence | dict[int, Presence]] = {}

    def open(self, standing: Standing) -> Live:
        """Begin to hold a group."""
        live = Live(standing)
        self.groups[standing.id] = live
        return live

    def active(self, cluster: str) -> Collection[Live]:
        """Return the groups of a cluster that took a series most lately, the last one last."""
        return [self.groups[group] for _, group in self._active.get(cluster, ())[-_ACTIVE:]]

    def touch(self, live: Live) -> None:
        """Note when a group last took a series; what is kept is the same after a restart."""
        self._forget(live)
        place = (live.standing.active_at, live.id)
        insort(self._active.setdefault(live.standing.scope, []), place)
        self._places[live.id] = place

    def _forget(self, live: Live) -> None:
        place = self._places.pop(live.id, None)
        if place is None:
            return
        active = self._active[live.standing.scope]
        del active[bisect_left(active, place)]
        if not active:
            del self._active[live.standing.scope]

    def carrying(self, token: str) -> Collection[Presence]:
        """Return the presence of a value in each group that carries it."""
        held = self._index.get(token)
        if held is None:
            return ()
        return held.values() if isinstance(held, dict) else (held,)

    def presence(self, token: str, group: int) -> Presence | None:
        """Return the presence of a value in one group."""
        held = self._index.get(token)
        if isinstance(held, dict):
            return held.get(group)
        return held if held is not None and held.live.id == group else None

    def enter(self, live: Live, series: str, belonging: Belonging) -> None:
        """Count a series in."""
        live.members[series] = belonging
        self._count(live, belonging, 1)
        live.note(series, belonging)
        self._enter_subject(live, series, belonging)

    def leave(self, live: Live, series: str) -> Belonging:
        """Count a series out."""
        belonging = live.members.pop(series)
        self._count(live, belonging, -1)
        known = live.lately.get(belonging.profile.subject)
        if known is not None and known[1] == series:
            live.renote()
        self._leave_subject(live, series, belonging.profile.subject)
        return belonging

    def leave_all(self, live: Live, gone: Iterable[str]) -> None:
        """Count many series out at the cost of looking at each member once."""
        for series in gone:
            self._count(live, live.members.pop(series), -1)
        live.renote()
        live.subjects = {}
        for series, belonging in live.members.items():
            self._enter_subject(live, series, belonging)

    def refire(self, live: Live, belonging: Belonging, firing: bool) -> None:
        """Note that a member began or stopped firing."""
        if belonging.firing == firing:
            return
        belonging.firing = firing
        by = 1 if firing else -1
        live.firing += by
        for attribute in belonging.profile.attributes:
            if attribute.part is Part.OWN:
                self._refire(attribute.token, live.id, by)
        if belonging.pod:
            self._refire(belonging.pod, live.id, by)

    def close(self, live: Live) -> None:
        """Forget a group with all its members."""
        for belonging in live.members.values():
            self._carry(live, belonging, -1)
        del self.groups[live.id]
        self._forget(live)

    def _count(self, live: Live, belonging: Belonging, by: int) -> None:
        live.firing += by if belonging.firing else 0
        live.usual += by * belonging.usual
        live.strong += 0 if belonging.weak else by
        _tally(live.names, belonging.name, by)
        _tally(live.namespaces, belonging.profile.namespace, by)
        self._carry(live, belonging, by)

    def _carry(self, live: Live, belonging: Belonging, by: int) -> None:
        weak = belonging.weak
        for attribute in belonging.profile.attributes:
            if not weak or attribute.part is Part.OWN:
                self._count_value(attribute.token, live, attribute.part, belonging, by)
        if belonging.pod:
            self._count_value(belonging.pod, live, Part.OWN, belonging, by)
        for word in belonging.words:
            token = word_token(belonging.profile.cluster, word)
            presence = self._present(token, live)
            presence.say(belonging.name, by)
            if by < 0 and not presence.total:
                self._vanish(token, live.id)

    def _count_value(self, token: str, live: Live, part: Part, belonging: Belonging, by: int) -> None:
        presence = self._present(token, live)
        presence.add(part, belonging, by)
        if by < 0 and not presence.total:
            self._vanish(token, live.id)

    def _present(self, token: str, live: Live) -> Presence:
        held = self._index.get(token)
        presence = held.get(live.id) if isinstance(held, dict) else held
        if presence is None or presence.live is not live:
            presence = self._arrive(token, live)
        return presence

    def _arrive(self, token: str, live: Live) -> Presence:
        presence = Presence(live)
        held = self._index.get(token)
        if held is None:
            self._index[token] = presence
        elif isinstance(held, dict):
            held[live.id] = presence
        else:
            self._index[token] = {held.live.id: held, live.id: presence}
        return presence

    def _vanish(self, token: str, group: int) -> None:
        held = self._index[token]
        if isinstance(held, dict):
            del held[group]
        if not isinstance(held, dict) or not held:
            del self._index[token]

    def _refire(self, token: str, group: int, by: int) -> None:
        presence = self.presence(token, group)
        if presence is not None:
            presence.firing += by

    @staticmethod
    def _enter_subject(live: Live, series: str, belonging: Belonging) -> None:
        profile, at = belonging.profile, belonging.joined_at
        subject = live.subjects.get(profile.subject)
        if subject is None:
            live.subjects[profile.subject] = Subject(profile.level, series, at, 1)
            return
        subject.count += 1
        if (at, series) < (subject.first_at, subject.series):
            subject.series, subject.first_at = series, at

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
