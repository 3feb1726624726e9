"""Who is paged, when and how: people, rosters and policies as plain values."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from alertmesh.core.alert import Priority


class Tier(StrEnum):
    """Who works an incident: operations first, then the developers who own the root."""

    OPS = "ops"
    RND = "rnd"


class User(Struct, frozen=True, kw_only=True):
    """A person who can be paged; `channels` are names from `rules/channels`, tried together."""

    name: str
    display: str = ""
    mobile: str = ""
    language: str = "en"
    channels: tuple[str, ...] = ()


class Rotation(StrEnum):
    """How often a roster's first person changes."""

    NONE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"


class Roster(Struct, frozen=True, kw_only=True):
    """The calendar of one tier of one team.

    `members` take turns in order from `start` on, changing at its local wall-clock time in
    `zone` (an IANA name) every day or week. `lead` is told when nobody else can be.
    """

    name: str
    members: tuple[str, ...]
    rotation: Rotation = Rotation.NONE
    zone: str = "UTC"
    start: datetime | None = None
    lead: str = ""


class Step(Struct, frozen=True):
    """Page `targets` when `after` has passed since the tier began to be paged.

    Targets: `primary`, `secondary`, `lead`, `all`, or `user:<name>`.
    """

    after: timedelta
    targets: tuple[str, ...]


class PolicyRow(Struct, frozen=True, kw_only=True):
    """How one priority is treated. A row without `ops_steps` never pages.

    `to_rnd_after` counts from the start of tier-1 paging; None means tier 2 only by hand.
    """

    hold: timedelta
    ops_steps: tuple[Step, ...]
    rnd_steps: tuple[Step, ...]
    to_rnd_after: timedelta | None
    triage: timedelta
    ops_lease: timedelta
    rnd_lease: timedelta
    max_snooze: timedelta
    loops: int
    loop_every: timedelta
    loud_every: timedelta


class Policy(Struct, frozen=True, kw_only=True):
    """Which rosters and rows an incident uses; an incident keeps the policy it opened with.

    `matchers` are Alertmanager's, over the incident's common labels; the first policy that
    accepts them is taken. `hold_bounds` is the longest that any hold may delay the first page.
    """

    name: str
    version: str
    matchers: str
    ops_roster: str
    rnd_roster: str
    rows: dict[Priority, PolicyRow]
    hold_bounds: dict[Priority, timedelta]
    clear_hold: timedelta
    reopen_window: timedelta


class OnCall(Struct, frozen=True, kw_only=True):
    """Everything that decides who is paged; swapped as a whole when rules change."""

    users: dict[str, User]
    rosters: dict[str, Roster]
    policies: tuple[Policy, ...]
