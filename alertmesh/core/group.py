"""Series judged to have one cause, with the reasons."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from alertmesh.core.regrouping import Suggestion
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

    def telling(self, limit: int) -> tuple[Reason, ...]:
        """Return what speaks most for the series being here, the strongest first, for a message."""
        told = [one for one in self.reasons if one.weight > 0 and one.feature not in _UNTOLD]
        told.sort(key=lambda one: (-one.weight, one.feature))
        return tuple(one for one in told[:limit] if one.weight >= _TELLING * told[0].weight)


_UNTOLD = frozenset({"first", "inhibited", "prior", "shape", "rest"})
"""Features that count but tell a reader in a hurry nothing."""

_TELLING = 0.2  # what counts less than this part of the strongest reason is not worth a reader's time


class Cause(Struct, frozen=True, gc=False, omit_defaults=True):
    """A candidate root of a group: the entity, how likely in 0..1, and why in one sentence.

    `unseen`, the same for all candidates of a group, is how likely its root is none of the things
    that alert or that alerts point to. `changed` tells of the last change made to the entity shortly
    before, empty when there was none.
    """

    entity: str
    series: str
    score: float
    reason: str
    unseen: float = 0.0
    changed: str = ""


class Grouped(Struct, frozen=True, kw_only=True, gc=False):
    """A change and the group it landed in; `opened` says that the group is new.

    `join` stands for the series' membership as it is now; it is repeated on every change. `usual` is
    about how often the series had come in the half day before.
    """

    group: int
    change: Change
    join: Join
    opened: bool = False
    usual: float = 0.0


class Departed(Struct, frozen=True, kw_only=True, gc=False):
    """A series that was clear, or let go over a bound, came back in another group, and left `group`."""

    group: int
    series: str
    at: datetime


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
    """The named series left `group` and are now `part`, a new group; `join` says why the machine did it."""

    group: int
    part: int
    series: tuple[str, ...]
    at: datetime
    actor: str = ""
    join: Join | None = None


class SeriesMoved(Struct, frozen=True, kw_only=True, gc=False):
    """A person moved the named series from `group` to `into`; `joins` are their places there."""

    group: int
    into: int
    series: tuple[str, ...]
    joins: tuple[Join, ...]
    at: datetime
    actor: str


class GroupsParted(Struct, frozen=True, kw_only=True, gc=False):
    """A person said that `group` has nothing to do with `other`, or a series of it with one of the other."""

    group: int
    other: int
    at: datetime
    actor: str


class RootMarked(Struct, frozen=True, kw_only=True, gc=False):
    """A person said that `entity`, of which `series` tells, is the root of a group.

    `again` says that this was the root by people's word before.
    """

    group: int
    entity: str
    at: datetime
    actor: str
    series: str = ""
    again: bool = False


class Suggested(Struct, frozen=True, kw_only=True, gc=False):
    """A merge or a split of `group` was suggested, or dismissed by `actor`."""

    group: int
    suggestion: Suggestion
    at: datetime
    actor: str = ""


GroupEvent = (
    Grouped
    | Departed
    | Reroled
    | GroupsMerged
    | GroupSplit
    | SeriesMoved
    | GroupsParted
    | RootMarked
    | Suggested
)
