"""A group that people work on: the facts of its condition, and its timeline."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from alertmesh.core.alert import Priority
from alertmesh.core.group import Cause, Join, Role
from alertmesh.core.series import Series


class Condition(StrEnum):
    """What the sources say."""

    FIRING = "firing"
    CLEARED = "cleared"


class Similar(Struct, frozen=True, kw_only=True, gc=False):
    """A past incident that was like this one: how alike in 0..1, who handled it and how.

    `shared` says in one sentence what they have in common. `telling` marks one that is alike
    enough to be named in a message.
    """

    incident: int
    score: float
    title: str
    closed_at: datetime
    root: str = ""
    resolved_by: str = ""
    note: str = ""
    shared: str = ""
    telling: bool = False


class Recurrence(Struct, frozen=True, gc=False):
    """The same thing was the likely root `times` times within `days` days, this time included."""

    entity: str
    times: int
    days: int


class Incident(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An incident as it stood at one moment.

    `priority` is the worst it has been while open. `series` counts member series, `firing`
    those that fire now, `alerts` the instances they stand for. `labels` are those shared by
    every member. `services` are the distinct service or workload names hit. Since `eased_at`
    nothing fires that is as bad as `priority`; None while something does. `similar` are past
    incidents like this one, the likest first; `recurrence` is None the first time. `together` is what
    spoke most for the series that joined last, and how sure that was; None while nothing joined.
    """

    id: int
    group: int
    title: str
    priority: Priority
    condition: Condition
    opened_at: datetime
    changed_at: datetime
    labels: dict[str, str]
    series: int = 0
    firing: int = 0
    alerts: int = 0
    services: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    summary: str = ""
    runbook_url: str = ""
    cleared_at: datetime | None = None
    eased_at: datetime | None = None
    merged_into: int | None = None
    previous: int | None = None
    archived: bool = False
    similar: tuple[Similar, ...] = ()
    recurrence: Recurrence | None = None
    together: Join | None = None


class Member(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A series' place in an incident: its newest state and why it is here.

    `hold_until` is how long this series alone would have the first page wait; None: not at all. `usual`
    is about how often it had come in the half day before.
    """

    incident: int
    series: Series
    join: Join
    joined_at: datetime
    hold_until: datetime | None = None
    usual: float = 0.0

    @property
    def is_pressing(self) -> bool:
        """Tell whether it is a reason to page: it is on, not hidden by its cause, not known noise."""
        return self.series.is_on and self.join.role is not Role.SUPPRESSED and not self.series.is_quiet


class IncidentEventKind(StrEnum):
    """What happened to an incident, as far as paging cares."""

    OPENED = "opened"
    GREW = "grew"  # a service not hit before joined it, or a P1 that is its likely root by now
    WORSE = "worse"
    EASED = "eased"
    RELEASED = "released"  # a series that nothing holds back fires in it
    FLAPPING = "flapping"  # from now on, every reason to page in it flaps
    CLEARED = "cleared"
    REFIRED = "refired"
    MERGED = "merged"  # `incident` ended in `other`, the survivor
    SPLIT = "split"  # `incident` is a new part of `other`


class IncidentEvent(Struct, frozen=True, kw_only=True):
    """One thing that happened to an incident.

    `hold_until` is the longest wish of its firing series; `unsteady` tells that all of them flap. `root` is
    how bad the series is that made it grow, if that is its likely root by now and a reason to page. With
    OPENED, `fires_since` is since when something as bad as the incident has been firing, which may be long
    before: it was watched till then.
    """

    kind: IncidentEventKind
    incident: Incident
    at: datetime
    hold_until: datetime | None = None
    unsteady: bool = False
    fires_since: datetime | None = None
    root: Priority | None = None
    other: int | None = None
    detail: str = ""


class TimelineEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of an incident's history; never changed once written.

    `kind` is a word of `docs/words.md`, `rule` the id of the branch that was taken.
    """

    incident: int
    at: datetime
    kind: str
    text: str
    rule: str = ""
    actor: str = ""
    data: Mapping[str, str] = {}
