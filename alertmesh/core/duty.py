"""Who has duty, as people and programs outside are told of it."""

from datetime import datetime

from msgspec import Struct


class OnDuty(Struct, frozen=True, kw_only=True):
    """Who has duty in a roster from `start` until just before `end`; None: as far as is known, for ever.

    `why` is the layer or override that makes the primary the primary, or the reason why there is none.
    """

    roster: str
    start: datetime
    end: datetime | None = None
    primary: str = ""
    secondary: str = ""
    others: tuple[str, ...] = ()
    why: str = ""

    def has(self, person: str) -> bool:
        """Tell whether a person would be paged first or second."""
        return person in (self.primary, self.secondary)


class DutyFault(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a roster from `start` to `end`; `text` says it in the roster's zone."""

    kind: str
    start: datetime
    end: datetime
    text: str
    person: str = ""


class DutyLoad(Struct, frozen=True, kw_only=True):
    """What somebody has as primary; `share` of all hours, of which `fair` would be each member's part."""

    person: str
    hours: float
    nights: int
    weekend_days: int
    share: float
    fair: float
