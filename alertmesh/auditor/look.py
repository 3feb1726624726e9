"""What one look at the pager shows, and what can be found wrong with it: plain values."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from alertmesh.config.auditor import AuditorConfig
from alertmesh.core.incident import Incident
from alertmesh.core.page import Attempt
from alertmesh.core.response import Response
from alertmesh.notify.probing import Probe


class Check(StrEnum):
    """Everything that is asserted; each is a heading of `docs/auditor.md`."""

    STORE = "store"
    SERVER = "server"
    UNDECIDED = "undecided"
    OVERDUE = "overdue"
    STUCK = "stuck"
    UNHANDLED = "unhandled"
    UNPAGED = "unpaged"
    UNDELIVERED = "undelivered"
    CLAIMED = "claimed"
    WAITING = "waiting"
    LATE_PAGE = "late_page"
    ENDLESS = "endless"
    NAMELESS = "nameless"
    CHANNEL = "channel"
    CLOCK = "clock"
    DISK = "disk"


INVARIANTS: Mapping[Check, str] = {
    Check.OVERDUE: "I2",
    Check.STUCK: "I2",
    Check.UNHANDLED: "I1",
    Check.UNPAGED: "I1",
    Check.UNDELIVERED: "I1",
    Check.CLAIMED: "I6",
    Check.WAITING: "I7",
    Check.LATE_PAGE: "I3",
    Check.ENDLESS: "I4",
    Check.NAMELESS: "I10",
    Check.CLOCK: "I11",
}
"""Which promise of the pager a check is about; the others are about what all promises need."""

NOBODY_TOLD = frozenset({Check.UNHANDLED, Check.UNPAGED, Check.UNDELIVERED})
"""Checks whose every incident is news: what the auditor says stands in for the page."""


class Finding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong since `since`; `incident` 0 when it is about none.

    `subject` tells several of one check apart: the deadline, the channel, the attempt. `facts` are what the
    sentence about it needs. `sure` says that it need not be seen twice to be believed.
    """

    check: Check
    since: datetime
    incident: int = 0
    subject: str = ""
    facts: Mapping[str, str] = {}
    sure: bool = False

    @property
    def key(self) -> tuple[str, int, str]:
        """Return what makes it the same finding in the next round."""
        return self.check, self.incident, self.subject


class Bounds(Struct, frozen=True, kw_only=True):
    """From when on something counts as wrong."""

    overdue: timedelta = timedelta(seconds=60)
    unpaged: timedelta = timedelta(seconds=90)
    waiting: timedelta = timedelta(seconds=120)
    undecided: timedelta = timedelta(seconds=60)
    server: timedelta = timedelta(seconds=60)
    disk_bytes: int = 200 * 1024 * 1024


class Paging(Struct, frozen=True):
    """What was done to reach somebody about an incident: every attempt, and when all of them failed last."""

    attempts: tuple[Attempt, ...] = ()
    undeliverable_at: datetime | None = None


class ServerState(Struct, frozen=True):
    """Why the server does not take work, and since when it does not; `trouble` empty when it does."""

    trouble: str = ""
    since: datetime | None = None


class Look(Struct, frozen=True, kw_only=True):
    """Everything that is judged, as it was at one moment.

    `paging` is there for each incident of which it must be known. `recent` are the attempts that each
    channel was given lately, the newest claim first. `paused` are channels that serve a penalty, and until
    when. `probes` are what channels said when they were asked. `lost` are incidents that fire and have no
    response. `undecided_at` is when the oldest entry of the log came that no decision accounts for,
    `newest_at` when the newest one came. None is unknown.
    """

    at: datetime
    responses: Mapping[int, Response] = {}
    lost: tuple[Incident, ...] = ()
    paging: Mapping[int, Paging] = {}
    open_attempts: tuple[Attempt, ...] = ()
    recent: Mapping[str, tuple[Attempt, ...]] = {}
    paused: Mapping[str, datetime] = {}
    probes: Mapping[str, Probe] = {}
    undecided_at: datetime | None = None
    newest_at: datetime | None = None
    disk_free: int | None = None
    server: ServerState = ServerState()

    def __repr__(self) -> str:
        """Say little: asyncio writes out what a task returned, and all of it would take seconds."""
        return f"Look({self.at:%H:%M:%S}, {len(self.responses)} responses)"


def bounds_of(config: AuditorConfig) -> Bounds:
    """Return the bounds that were configured."""
    return Bounds(
        overdue=timedelta(seconds=config.overdue_s),
        unpaged=timedelta(seconds=config.unpaged_s),
        waiting=timedelta(seconds=config.waiting_s),
        undecided=timedelta(seconds=config.undecided_s),
        server=timedelta(seconds=config.server_s),
        disk_bytes=config.disk_mb * 1024 * 1024,
    )
