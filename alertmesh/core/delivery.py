"""How channels do, as people see it."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct


class RobotStatus(Struct, frozen=True, kw_only=True):
    """One robot of a channel.

    `room` is how many more messages this minute may hold, of `per_minute`; both None without limit.
    """

    name: str
    room: int | None
    per_minute: int | None
    paused_until: datetime | None
    why: str


class QuotaStatus(Struct, frozen=True):
    """At most `count` messages to each number or address in any rolling `window_s` seconds."""

    count: int
    window_s: float


class ChannelStatus(Struct, frozen=True, kw_only=True):
    """A channel as it stands, and what became of its messages lately.

    `reports` tells whether it says later what became of a message. `waiting` are attempts, of which the one
    due longest waits `oldest_s`. `sends`, `refusals` by reason and the latencies, from when a message was due
    until it was taken, are those of the last day, of the newest messages alone. `healthy` is what the last
    probe said, None for a channel that cannot be probed.
    """

    name: str
    kind: str
    reports: bool
    waiting: int
    oldest_s: float
    paused_until: datetime | None
    why: str
    robots: tuple[RobotStatus, ...]
    quotas: tuple[QuotaStatus, ...]
    sends: int
    delivered: int
    refusals: Mapping[str, int]
    latency_p50_s: float | None
    latency_p95_s: float | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_error: str
    healthy: bool | None
    probed_at: datetime | None
    probe_since: datetime | None
    probe_error: str
