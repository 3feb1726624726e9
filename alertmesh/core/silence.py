"""What keeps alerts from paging for a while: a person's silence, a planned maintenance window."""

from collections.abc import Iterable
from datetime import date, datetime, time
from enum import StrEnum

from msgspec import Struct

from alertmesh.core.matchers import Matcher


class SilenceState(StrEnum):
    """Where a silence stands."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


class Condition(Struct, frozen=True):
    """One condition on one label, as it is stored; `op` is `=`, `!=`, `=~` or `!~`."""

    name: str
    op: str
    value: str

    @classmethod
    def of(cls, matcher: Matcher) -> "Condition":
        """Return what `matcher` asks for."""
        return cls(matcher.name, matcher.op, matcher.value)

    def matcher(self) -> Matcher:
        """Return what tests it; what an older version took and this one cannot read matches nothing."""
        return Matcher.kept(self.name, self.op, self.value)


class Silence(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """From `starts_at` until `ends_at` what all `matchers` accept pages nobody."""

    id: str
    matchers: tuple[Condition, ...]
    starts_at: datetime
    ends_at: datetime
    created_by: str
    comment: str
    updated_at: datetime

    def state(self, now: datetime) -> SilenceState:
        """Return where it stands at `now`."""
        if now >= self.ends_at:
            return SilenceState.EXPIRED
        return SilenceState.ACTIVE if now >= self.starts_at else SilenceState.PENDING

    def takes(self, draft: "Silence", now: datetime) -> bool:
        """Tell whether `draft` may change this one in place; else it has to be a new silence.

        What an active silence hid until now stays on record: its matchers and its start are
        fixed, and one that is over does not come back.
        """
        if draft.matchers != self.matchers:
            return False
        match self.state(now):
            case SilenceState.PENDING:
                return draft.starts_at >= now
            case SilenceState.ACTIVE:
                return draft.starts_at == self.starts_at
        return False


class Weekday(StrEnum):
    """The days of a recurring window."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Window(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A maintenance window: once from `starts_at` to `ends_at`, or on `days` from `begins` to `ends`.

    `begins` and `ends` are wall-clock times in `zone`, an IANA name; an end that is not later
    than the beginning is on the next day. `first_day` and `last_day` bound the days on which it
    begins.
    """

    name: str
    matchers: str
    comment: str = ""
    zone: str = "UTC"
    days: tuple[Weekday, ...] = tuple(Weekday)
    begins: time | None = None
    ends: time | None = None
    first_day: date | None = None
    last_day: date | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class Plan(Struct, frozen=True, kw_only=True):
    """A window as it stands: until when it holds (None: not now), when it does next, what it covers.

    `alerts` counts the firing alerts that it covers now.
    """

    window: Window
    until: datetime | None = None
    next_start: datetime | None = None
    next_end: datetime | None = None
    alerts: int = 0


def written(matchers: Iterable[Condition]) -> str:
    """Return conditions as people write them.

    >>> written([Condition("team", "=", "db"), Condition("severity", "=~", "warning|info")])
    'team="db", severity=~"warning|info"'
    """
    return ", ".join(str(one.matcher()) for one in matchers)
