"""Who has duty, as people and programs outside are told of it."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class OnDuty(Struct, frozen=True, kw_only=True):
    """Who has duty in a roster from `start` until just before `end`; None: as far as is known, for ever.

    `why` is the layer or override that makes the primary the primary, or the reason why there is none.
    `layer` is that layer, named where the roster has several; `override` is the id of the override, and
    `covered` whom the primary stands in for, empty for whoever was primary.
    """

    roster: str
    start: datetime
    end: datetime | None = None
    primary: str = ""
    secondary: str = ""
    others: tuple[str, ...] = ()
    why: str = ""
    layer: str = ""
    override: str = ""
    covered: str = ""

    def has(self, person: str) -> bool:
        """Tell whether a person would be paged first or second."""
        return person in (self.primary, self.secondary)


class DutyFaultKind(StrEnum):
    """What is wrong with a roster."""

    GAP = "gap"  # nobody who can be reached is primary or secondary
    EMPTY_TURN = "empty_turn"  # the primary cannot be reached, the secondary can
    TOO_MUCH = "too_much"  # far more than a fair share
    TOO_LONG = "too_long"  # more than seven days in a row
    SHORT_REST = "short_rest"  # less than eleven hours between two turns
    ALONE = "alone"  # primary and secondary at once
    TWO_ROSTERS = "two_rosters"  # primary of two rosters at once


class DutyFault(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a roster from `start` to `end`; `text` says it in the roster's zone."""

    kind: DutyFaultKind
    start: datetime
    end: datetime
    text: str
    person: str = ""


class DutyLoad(Struct, frozen=True, kw_only=True):
    """What somebody has as primary: hours, nights (22 to 8) and weekend days of which they have half or more.

    `share` is the part of all hours that anybody has, `fair` what each member's part would be.
    """

    person: str
    hours: float
    nights: int
    weekend_days: int
    share: float
    fair: float
