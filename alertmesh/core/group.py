"""Series judged to have one cause, with the reasons."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from alertmesh.core.series import Change


class Role(StrEnum):
    """What a series is within its group."""

    ROOT = "root"
    MEMBER = "member"
    SUPPRESSED = "suppressed"  # inhibited: on the timeline, never a reason to page


class Reason(Struct, frozen=True, gc=False):
    """One piece of evidence: which feature, what it said in one sentence, how much it counted."""

    feature: str
    text: str
    weight: float


class Join(Struct, frozen=True, gc=False):
    """Why a series is in its group: the score in 0..1 and what made it."""

    score: float
    reasons: tuple[Reason, ...] = ()
    role: Role = Role.MEMBER


class Cause(Struct, frozen=True, gc=False):
    """A candidate root of a group: the entity, how likely in 0..1, and why in one sentence."""

    entity: str
    series: str
    score: float
    reason: str


class Grouped(Struct, frozen=True, kw_only=True, gc=False):
    """A change and the group it landed in; `opened` says that the group is new.

    `join` stands for the series' membership as it is now; it is repeated on every change.
    """

    group: int
    change: Change
    join: Join
    opened: bool = False


class Reroled(Struct, frozen=True, kw_only=True, gc=False):
    """A member's role changed without a change of its own, for example its inhibitor cleared."""

    group: int
    series: str
    join: Join
    at: datetime


class GroupsMerged(Struct, frozen=True, kw_only=True, gc=False):
    """Everything of `loser` now belongs to `winner`; `actor` is empty when the machine did it."""

    winner: int
    loser: int
    join: Join
    at: datetime
    actor: str = ""


class GroupSplit(Struct, frozen=True, kw_only=True, gc=False):
    """The named series left `group` and are now `part`, a new group."""

    group: int
    part: int
    series: tuple[str, ...]
    at: datetime
    actor: str = ""


GroupEvent = Grouped | Reroled | GroupsMerged | GroupSplit
