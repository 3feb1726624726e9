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
