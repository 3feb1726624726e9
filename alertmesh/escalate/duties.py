"""Who has duty, as plain values."""

from datetime import datetime

from msgspec import Struct


class Duty(Struct, frozen=True, kw_only=True):
    """Who has duty at one moment, the primary first; `others` come after in the order of their turns.

    `why` says in one sentence what makes the primary the primary: a layer, or an override; or why
    there is none. `layer` is that layer, named where a roster has several; `override` is the id of the
    override, and `covered` whom the primary stands in for, empty for whoever was primary.
    """

    primary: str = ""
    secondary: str = ""
    others: tuple[str, ...] = ()
    why: str = ""
    layer: str = ""
    override: str = ""
    covered: str = ""

    @property
    def everybody(self) -> tuple[str, ...]:
        """Return all of them once."""
        return tuple(dict.fromkeys(name for name in (self.primary, self.secondary, *self.others) if name))


class Shift(Struct, frozen=True, kw_only=True):
    """From `start` until just before `end` the same people have duty, for the same reason.

    A shift with nobody in its duty is a gap.
    """

    start: datetime
    end: datetime
    duty: Duty
