"""How a firing alert stands at this moment: where it is, what hides it, who would hear of it."""

from datetime import datetime

from msgspec import Struct


class Standing(Struct, frozen=True, kw_only=True, gc=False):
    """What became of a firing alert so far.

    `covers` are the ids of silences and of maintenance windows (`maintenance/NAME`) that accept it,
    `hider` the series that hides it by an inhibition rule. `policy` is that of its incident, or the
    one it would get. `last_seen` is None when that is not known.
    """

    series: str
    incident: int | None
    policy: str
    covers: tuple[str, ...] = ()
    hider: str | None = None
    last_seen: datetime | None = None
    expires_at: datetime | None = None
