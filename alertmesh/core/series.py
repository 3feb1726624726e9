"""The instances with equal identity labels, and what happened to them."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from alertmesh.core.alert import Entity, Priority


class ChangeKind(StrEnum):
    """What a change did to its series."""

    OPENED = "opened"  # it fires, and did not before
    GREW = "grew"  # one more instance fires
    WORSE = "worse"  # its worst firing severity rose
    EASED = "eased"  # its worst firing severity fell
    SHRANK = "shrank"  # one instance ended, others fire on
    CLEARED = "cleared"  # none fires any more
    MARKED = "marked"  # nothing began or ended; what the rules know of it changed


class Mark(StrEnum):
    """What the dedup rules know of a series; a mark hides nothing by itself."""

    FLAPPING = "flapping"  # changes too often to be told of each change
    HEALING = "healing"  # likely to clear alone; the first page waits
    ROUTINE = "routine"  # comes at its usual time, as long and as bad as usual
    CHRONIC = "chronic"  # always on or always flapping, and nobody acts
    EXPECTED = "expected"  # fires to show that its sender lives; its absence is the alarm


_QUIET = frozenset({Mark.ROUTINE, Mark.CHRONIC, Mark.EXPECTED})


class Note(Struct, frozen=True, gc=False):
    """Why a rule did something, in one sentence for the timeline; `rule` is the id of its branch."""

    rule: str
    text: str


class Reading(Struct, frozen=True, gc=False):
    """How bad a series was from a moment on, and the value its alert told, empty when it told none."""

    at: datetime
    severity: str
    value: str = ""


class Series(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A series as it stood at one moment.

    `id` is the xxh3 hash of the identity labels; `labels` are those of the newest instance,
    `firing` counts instances that fire now, `instances` all that are remembered. `priority` is
    the worst firing one (the last known one once cleared). `opened_at` is when the sender says
    the present episode began, `first_seen_at` when we learnt of it. `value` is the newest that its
    alerts told; `readings` are the last changes of severity or value, none while nothing changed.
    """

    id: str
    name: str
    labels: dict[str, str]
    entity: Entity
    source: str
    priority: Priority
    firing: int
    opened_at: datetime
    first_seen_at: datetime
    changed_at: datetime
    instances: int = 1
    episodes: int = 1
    severity: str = ""
    marks: tuple[Mark, ...] = ()
    value: str = ""
    readings: tuple[Reading, ...] = ()
    summary: str = ""
    runbook_url: str = ""
    generator_url: str = ""

    @property
    def is_on(self) -> bool:
        """Tell whether it fires, or counts as firing because it will again in a moment."""
        return self.firing > 0 or Mark.FLAPPING in self.marks

    @property
    def is_quiet(self) -> bool:
        """Tell whether it is known noise, or a sign of life, which gives nobody a reason to be paged."""
        return not _QUIET.isdisjoint(self.marks)


class Change(Struct, frozen=True, kw_only=True, gc=False):
    """Something that happened to a series: the only thing that dedup tells the correlator.

    `fingerprint` names the instance that began or ended, and is empty when none did. `hold_until`
    is how long paging should wait for this series to clear alone; None means no hold. `notes` say
    what the rules did and why. `lost` names the sender whose silence let the instance's lease run out.
    `ended_at` is when the instance stopped, if it did, which may be long before we learnt of it.
    """

    kind: ChangeKind
    series: Series
    fingerprint: str
    at: datetime
    expired: bool = False
    hold_until: datetime | None = None
    notes: tuple[Note, ...] = ()
    lost: str = ""
    ended_at: datetime | None = None
