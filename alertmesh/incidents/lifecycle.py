"""Keep the facts of one open incident up to date, at a cost that does not grow with its size."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import IntEnum

from alertmesh.core.alert import Priority
from alertmesh.core.group import Cause
from alertmesh.core.incident import Condition, Incident, Member
from alertmesh.core.kubernetes import workload
from alertmesh.core.series import Mark, Series
from alertmesh.incidents.settings import IncidentSettings
from alertmesh.incidents.timeline import named

_LEVELS = tuple(Priority)
_SERVICES = ("service", "workload", "pod")


class Effect(IntEnum):
    """What a change did to its incident; several are added up as bits."""

    NONE = 0
    JOINED = 1
    GREW = 2
    WORSE = 4
    EASED = 8
    CLEARED = 16
    REFIRED = 32
    RELEASED = 64
    FLAPPING = 128


class Case:
    """One open incident in memory: counts over its members, so that no change walks them all.

    `facts()` gives the incident as it stands.
    """

    __slots__ = (
        "_firing",
        "_free",
        "_steady",
        "alerts",
        "base",
        "causes",
        "changed_at",
        "cleared_at",
        "eased_at",
        "labels",
        "members",
        "now_at",
        "priority",
        "services",
        "title",
    )

    def __init__(self, base: Incident) -> None:
        self.base = base
        self.members: dict[str, Member] = {}
        self.labels: dict[str, str] | None = None
        self.services: dict[str, None] = dict.fromkeys(base.services)
        self.priority = base.priority
        self.now_at: Priority | None = None
        self.alerts = 0
        self.causes: tuple[Cause, ...] = base.causes
        self.title = ""
        self.changed_at = base.changed_at
        self.cleared_at = base.cleared_at
        self.eased_at = base.eased_at
        self._firing = [0, 0, 0, 0, 0, 0]
        self._free = 0
        self._steady = 0

    @property
    def id(self) -> int:
        """Return the incident's number."""
        return self.base.id

    @property
    def firing(self) -> int:
        """Return how many member series fire, known noise left out."""
        return self._firing[0]

    @property
    def hold_until(self) -> datetime | None:
        """Return how long the first page may wait: not at all once a member wants no wait."""
        if self._free:
            return None
        wishes = [m.hold_until for m in self.members.values() if m.is_pressing and m.hold_until is not None]
        return max(wishes, default=None)

    @property
    def is_unsteady(self) -> bool:
        """Tell whether there is a reason to page, and each of them flaps."""
        return self.now_at is not None and not self._steady

    def take(self, member: Member, at: datetime, settings: IncidentSettings) -> int:
        """Put a member in its newest state and return the effects that had, as bits."""
        old = self.members.get(member.series.id)
        was_firing, was_free, was_unsteady = self.firing, self._free, self.is_unsteady
        if old is not None:
            self._count(old, -1)
        self.members[member.series.id] = member
        self._count(member, 1)
        self.changed_at = at
        effect: int = self._priority_moved(at, settings)
        if old is None:
            self._share(member.series.labels)
            effect |= Effect.JOINED | self._hit(member.series, settings.max_services)
        if self._free and not was_free and was_firing:
            effect |= Effect.RELEASED
        if self.is_unsteady and not was_unsteady and was_firing:
            effect |= Effect.FLAPPING
        if not self.firing and was_firing:
            self.cleared_at = at
            effect |= Effect.CLEARED
        elif self.firing and not was_firing and self.cleared_at is not None:
            self.cleared_at = None
            effect |= Effect.REFIRED
        return effect

    def release(self, series: Iterable[str], at: datetime) -> list[Member]:
        """Give members away and tell which; what is shared is worked out anew."""
        gone = [self.members.pop(one) for one in series if one in self.members]
        for member in gone:
            self._count(member, -1)
        self.labels = None
        for member in self.members.values():
            self._share(member.series.labels)
        self.now_at = self._worst()
        if self._is_eased and self.eased_at is None:
            self.eased_at = at
        self.changed_at = at
        if not self.firing and self.cleared_at is None:
            self.cleared_at = at
        return gone

    def explain(self, causes: tuple[Cause, ...]) -> None:
        """Set the root candidates and name the incident after the best of them."""
        self.causes = causes
        telling = next((cause.series for cause in causes if cause.series in self.members), "")
        if self.members:
            self.title = named(self.members[telling or min(self.members)].series)

    @classmethod
    def resumed(cls, incident: Incident, members: Iterable[Member]) -> "Case":
        """Take up an incident again after a restart, as it stood."""
        case = cls(incident)
        for member in members:
            case.members[member.series.id] = member
            case._count(member, 1)
        case.labels = dict(incident.labels)
        case.title = incident.title.removesuffix(f" (+{incident.series - 1})")
        case.now_at = case._worst()
        return case

    def facts(self) -> Incident:
        """Return the incident as it stands."""
        base, count = self.base, len(self.members)
        first = self._lead()
        return Incident(
            id=base.id,
            group=base.group,
            title=f"{self.title} (+{count - 1})" if count > 1 else self.title,
            priority=self.priority,
            condition=Condition.FIRING if self.firing else Condition.CLEARED,
            opened_at=base.opened_at,
            changed_at=self.changed_at,
            labels=dict(self.labels or {}),
            series=count,
            firing=self.firing,
            alerts=self.alerts,
            services=tuple(self.services),
            causes=self.causes,
            summary=first.summary if first else base.summary,
            runbook_url=first.runbook_url if first else base.runbook_url,
            cleared_at=self.cleared_at,
            eased_at=self.eased_at,
            merged_into=base.merged_into,
            previous=base.previous,
            archived=base.archived,
            similar=base.similar,
            recurrence=base.recurrence,
            together=base.together,
        )

    def _lead(self) -> Series | None:
        for cause in self.causes:
            if cause.series in self.members:
                return self.members[cause.series].series
        return None

    def _count(self, member: Member, by: int) -> None:
        series = member.series
        self.alerts += by * series.instances
        if not series.is_on or series.is_quiet:
            return
        self._firing[0] += by
        if member.is_pressing:
            self._firing[series.priority] += by
            self._free += by * (member.hold_until is None)
            self._steady += by * (Mark.FLAPPING not in series.marks)

    @property
    def _is_eased(self) -> bool:
        return self.now_at is None or self.now_at > self.priority

    def _priority_moved(self, at: datetime, settings: IncidentSettings) -> Effect:
        before, self.now_at = self.now_at, self._worst()
        if self._is_eased:
            self.eased_at = self.eased_at or at
            fell = self.now_at is not None and before is not None and self.now_at > before
            return Effect.EASED if fell else Effect.NONE
        eased_at, self.eased_at = self.eased_at, None
        if self.now_at is not None and self.now_at < self.priority:
            self.priority = self.now_at
            return Effect.WORSE
        for_long = eased_at is not None and (at - eased_at).total_seconds() >= settings.again_s
        return Effect.WORSE if for_long and self.priority <= Priority.P2 else Effect.NONE

    def _worst(self) -> Priority | None:
        for level in _LEVELS:
            if self._firing[level]:
                return level
        return None

    def _share(self, labels: Mapping[str, str]) -> None:
        if self.labels is None:
            self.labels = dict(sorted(labels.items()))
            return
        for name in [name for name, value in self.labels.items() if labels.get(name) != value]:
            del self.labels[name]

    def _hit(self, series: Series, max_services: int) -> Effect:
        name = service(series)
        if not name or name in self.services or len(self.services) >= max_services:
            return Effect.NONE
        self.services[name] = None
        return Effect.GREW


def service(series: Series) -> str:
    """Return the service or workload that a series hits, or nothing when it names none."""
    for label in ("service", "app", "deployment", "statefulset", "daemonset", "workload"):
        if series.labels.get(label):
            return series.labels[label]
    name = series.entity.name if series.entity.kind in _SERVICES else ""
    return workload(name) if series.entity.kind == "pod" else name
