"""What is known of those who report: the alerts that must keep coming, and the senders themselves."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

TEST_DOOR = "alertmesh-test"
"""Name of the door of alerts that only try the way; it is no sender and is not missed."""

MODULE_SOURCE = "module"
"""Source of the alerts of PaaS modules; a module that has nothing to say is not missed."""

OWN_SOURCE = "alertmesh"
"""Source of the alerts that are about alerting itself."""


class Pulse(StrEnum):
    """How it stands with an alert that must keep coming."""

    WAITING = "waiting"  # declared, and nothing came yet
    ALIVE = "alive"
    LATE = "late"  # it stopped; whether it is missing is decided at `due`
    MISSING = "missing"


class HeartbeatStatus(Struct, frozen=True, kw_only=True):
    """One heartbeat of one sender at this moment.

    `labels` tell whose it is. `since` is when its state began. `due` is when it is or was wanted
    next; None while nothing is wanted of it.
    """

    name: str
    labels: Mapping[str, str]
    state: Pulse
    every_s: float
    grace_s: float
    since: datetime | None = None
    last_seen: datetime | None = None
    due: datetime | None = None


class Refusal(Struct, frozen=True):
    """Something of a sender that was not taken, and why: one alert, or with `whole` a body."""

    at: datetime
    why: str
    whole: bool = False


class UnknownWord(Struct, frozen=True):
    """A severity word that `rules/priority.yaml` does not know, and how many alerts came with it."""

    word: str
    alerts: int


class SourceStatus(Struct, frozen=True, kw_only=True):
    """One sender at this moment; the counts are those since the start of the process.

    `usual_gap_s` is the gap between its requests that 99 % do not exceed, None until enough came.
    `skew_s` is how far its clock is behind ours, the way of an alert to us included; negative when
    it is ahead, None until a fresh alert came. `silent_since` is when it was last heard, for a
    sender that is missing. `unreadable` counts bodies that were refused as a whole. The rates are
    those of the last five minutes. `refusals` are the last few, the newest first.
    """

    name: str
    source: str
    last_seen: datetime
    requests: int
    alerts: int
    rejected: int
    usual_gap_s: float | None = None
    skew_s: float | None = None
    silent_since: datetime | None = None
    unreadable: int = 0
    requests_per_minute: float = 0.0
    alerts_per_minute: float = 0.0
    refusals: tuple[Refusal, ...] = ()
