"""What the response machine is told, and what it asks for: plain values both ways."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from alertmesh.core.alert import Priority
from alertmesh.core.oncall import Tier
from alertmesh.core.response import Response, Timer


class EventKind(StrEnum):
    """Everything that can happen to a response: to its incident, its deadlines, by people."""

    OPENED = "opened"
    HOLD_DUE = "hold_due"
    STEP_DUE = "step_due"
    TIER_DUE = "tier_due"
    LOOP_DUE = "loop_due"
    TRIAGE_DUE = "triage_due"
    LEASE_DUE = "lease_due"
    REMINDER_DUE = "reminder_due"
    SNOOZE_DUE = "snooze_due"
    CLEAR_DUE = "clear_due"
    REOPEN_DUE = "reopen_due"
    LOUD_DUE = "loud_due"
    WINDOW_DUE = "window_due"
    HANDOVER_DUE = "handover_due"
    ACK = "ack"
    UNACK = "unack"
    ESCALATE = "escalate"
    RESOLVE = "resolve"
    SNOOZE = "snooze"
    ASSIGN = "assign"
    RETURN = "return"
    NOTE = "note"
    CLOSE = "close"
    PRIORITY = "priority"
    STEP = "step"
    CLEARED = "cleared"
    REFIRED = "refired"
    GREW = "grew"
    WORSE = "worse"
    EASED = "eased"
    RELEASED = "released"
    FLAPPING = "flapping"
    MERGED = "merged"
    ABSORBED = "absorbed"  # another incident ended in this one
    SPLIT = "split"
    SUPPRESS = "suppress"
    UNSUPPRESS = "unsuppress"
    NOBODY = "nobody"  # a page could not be given to anyone
    SHIFT_ENDED = "shift_ended"  # its owner has no duty any more; `person` has it now


TIMER_EVENTS: Mapping[Timer, EventKind] = {timer: EventKind(f"{timer}_due") for timer in Timer}
PEOPLE_EVENTS = frozenset(
    {
        EventKind.ACK,
        EventKind.UNACK,
        EventKind.ESCALATE,
        EventKind.RESOLVE,
        EventKind.SNOOZE,
        EventKind.ASSIGN,
        EventKind.RETURN,
        EventKind.NOTE,
        EventKind.CLOSE,
        EventKind.PRIORITY,
        EventKind.STEP,
    }
)
HARMLESS_EVENTS = frozenset({EventKind.STEP})
"""What people do that leaves every button that is drawn meaning what it says."""


class MachineEvent(Struct, frozen=True, kw_only=True):
    """One thing that happened, as of `epoch` (None: whatever it is now).

    `tier` is the tier of `actor` or `person` when their rosters tell. `until` is the end of a
    window, the longest wished hold, or the lease that an absorbed incident brings along. `unsteady`
    tells whether all that fires flaps (None: as before). `new_root` says that what joined is the likely
    root by now, and a P1. `team` is the roster of tier 2 that a person asked for. `data` is what the line
    about it holds besides its text.
    """

    kind: EventKind
    actor: str = ""
    epoch: int | None = None
    text: str = ""
    person: str = ""
    tier: Tier | None = None
    step: int | None = None
    minutes: int = 0
    until: datetime | None = None
    into: int | None = None
    priority: Priority | None = None
    unsteady: bool | None = None
    new_root: bool = False
    team: str = ""
    data: Mapping[str, str] = {}


class PageWanted(Struct, frozen=True, kw_only=True):
    """Page whoever `targets` of the roster of `tier` are at this moment."""

    tier: Tier
    targets: tuple[str, ...]
    step: int
    loop: int
    reason: str


class Withdraw(Struct, frozen=True):
    """Stop the queued pages of `tier`, or of both when it is empty."""

    tier: str = ""


class Tell(Struct, frozen=True):
    """Let one person know; asks for no ack."""

    person: str
    text: str


class Closing(Struct, frozen=True):
    """Tell everybody who was paged that it is over."""

    text: str


class Line(Struct, frozen=True):
    """Write one line on the timeline; `data` are facts in it that are read by name."""

    kind: str
    text: str
    data: Mapping[str, str] = {}


class Archive(Struct, frozen=True):
    """Forget the response; it stays readable in the store."""


Effect = PageWanted | Withdraw | Tell | Closing | Line | Archive
Move = tuple[Response, tuple[Effect, ...]]
