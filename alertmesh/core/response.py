"""What people are doing about an incident: state, owner, deadlines."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from alertmesh.core.alert import Priority
from alertmesh.core.oncall import Policy, Tier


class State(StrEnum):
    """The response to an incident; its condition and visibility are facts of their own."""

    HELD = "held"
    T1_PAGING = "t1_paging"
    T1_ACKED = "t1_acked"
    T2_PAGING = "t2_paging"
    T2_ACKED = "t2_acked"
    SNOOZED = "snoozed"
    CLEARED = "cleared"  # the condition is gone; hold-down before it counts as resolved
    EXHAUSTED = "exhausted"
    SUPPRESSED = "suppressed"
    MERGED = "merged"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Timer(StrEnum):
    """The kinds of deadline that a response can carry."""

    HOLD = "hold"
    STEP = "step"
    TIER = "tier"  # tier 2 is due
    LOOP = "loop"
    TRIAGE = "triage"
    LEASE = "lease"
    REMINDER = "reminder"
    SNOOZE = "snooze"
    CLEAR = "clear"
    REOPEN = "reopen"
    LOUD = "loud"
    WINDOW = "window"  # end of the silence or maintenance that suppresses it
    HANDOVER = "handover"  # whoever came on duty must have taken it over


class Word(Struct, frozen=True):
    """What `by` said how bad an incident is, while its alerts made it `against`; worse ones end the word."""

    priority: Priority
    against: Priority
    by: str


class Handover(Struct, frozen=True, kw_only=True):
    """Whoever came on duty signed for what `outgoing` had: `incidents`, with the notes that were left."""

    roster: str
    outgoing: str
    actor: str
    at: datetime
    text: str
    incidents: tuple[int, ...] = ()


class Response(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The response to one incident as it stands; `deadlines` are data, told to nobody else.

    `opened_at` is what the bounds of a hold count from: since when what opened the incident has been firing
    at its priority, the time it was only watched included. `epoch` grows with every transition; a timer,
    button or command of another epoch does nothing but leave a line. `cycle` grows when paging begins anew.
    `owner` has the incident now; `ops_owner` stays when the developers are paged or take it. `back` is the
    state that a snooze, a clear or a suppression returns to, with the deadlines of `paused`. `step` is the
    last step paged in this round, -1 before the first. `unsteady` tells that all that fires flaps,
    `put_off` which deadlines passed meanwhile without a page. A button drawn at `fresh_epoch` or later
    still means what it says: since then no person acted and neither state nor cycle changed. `rnd_roster`
    is the roster that tier 2 is paged from in this cycle, for the reason of `rnd_why`; empty while that is
    not decided. `rnd_asked` tells that a person named it, so that it stays; `rnd_loop` is the round it was
    paged in last. `word` is what a person said how bad it is, `eased` that nothing fires any more that is
    as bad as its alerts once were. `assignee` is paged with every step until somebody acks. `incoming` is
    who came on duty and is asked to take it over from its owner; empty while nobody is.
    """

    incident: int
    state: State
    epoch: int
    cycle: int
    priority: Priority
    policy: Policy
    since: datetime
    opened_at: datetime
    tier: Tier = Tier.OPS
    step: int = 0
    loop: int = 0
    firing: bool = True
    owner: str = ""
    ops_owner: str = ""
    back: State | None = None
    deadlines: dict[Timer, datetime] = {}
    paged: tuple[str, ...] = ()
    fresh_epoch: int = 0
    paused: dict[Timer, datetime] = {}
    flaps: int = 0
    unsteady: bool = False
    put_off: tuple[Timer, ...] = ()
    merged_into: int | None = None
    window_rule: str = ""
    rnd_roster: str = ""
    rnd_why: str = ""
    rnd_asked: bool = False
    rnd_loop: int = 0
    word: Word | None = None
    eased: bool = False
    assignee: str = ""
    incoming: str = ""
