"""What a dedup rule is: it looks at every change of a series, and says what it knows.

A rule never withholds a change. It marks the series, wishes the first page to wait, and says why.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from alertmesh.core.digest import Proposal
from alertmesh.core.entries import Ended, Fired
from alertmesh.core.records import Records
from alertmesh.core.series import Change, Mark, Note, Series
from alertmesh.dedup.settings import DedupSettings


class Verdict(Struct, frozen=True, kw_only=True):
    """What a rule says about one series: marks to add and to take away, a hold, and why."""

    series: str
    add: tuple[Mark, ...] = ()
    remove: tuple[Mark, ...] = ()
    hold_until: datetime | None = None
    notes: tuple[Note, ...] = ()


class Rule(Protocol):
    """One rule of the stage. Pure: no clock, no disk; deterministic; bounded memory."""

    name: str

    @property
    def dropped(self) -> int:
        """Return how much was forgotten because of a bound."""
        ...

    @property
    def tables(self) -> tuple[Records[Any, Any], ...]:
        """Return the durable state."""
        ...

    def adopt(self, settings: DedupSettings) -> None:
        """Go by other settings from here on; what was learned stays."""
        ...

    def restored(self) -> None:
        """Rebuild what is kept in memory only, after the tables were restored."""
        ...

    def observe(self, change: Change) -> Verdict | None:
        """Look at one change, whose series carries the marks so far; `change.at` is now."""
        ...

    def deadline(self) -> datetime | None:
        """Return when `tick` next has something to say; None for never."""
        ...

    def tick(self, now: datetime) -> Sequence[Verdict | Fired | Ended]:
        """Return what time alone brought, in order: verdicts, or alerts of the rule's own making."""
        ...


@runtime_checkable
class Jumper(Protocol):
    """A rule that a jump of the clock would mislead."""

    def jump(self, by: timedelta) -> None:
        """Go along with a jump of the clock by `by`: what is due keeps the time it had left."""
        ...


@runtime_checkable
class Heeder(Protocol):
    """A rule that has nothing to do with heartbeats."""

    def heed(self, series: Series) -> None:
        """Take in that a series became a heartbeat while it fires, or is none any more."""
        ...


@runtime_checkable
class Proposer(Protocol):
    """A rule that knows noise, and what to do about it."""

    def proposals(self) -> list[Proposal]:
        """Return what should be done, for the digest, in any order."""
        ...
