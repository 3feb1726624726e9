"""What can be set about missing heartbeats and silent sources, with the defaults that are shipped."""

from datetime import timedelta
from typing import Literal

from msgspec import Struct

from alertmesh.dedup.expected import Heartbeat

WATCHDOG = Heartbeat(name="Watchdog", matchers='alertname="Watchdog"')


class HeartbeatSettings(Struct, frozen=True, kw_only=True):
    """Which alerts must keep coming.

    A heartbeat that is missing for `forget` and not required is not expected any more. At most
    `max_streams` senders are followed, with `max_instances` of a heartbeat each.
    """

    expected: tuple[Heartbeat, ...] = (WATCHDOG,)
    forget: timedelta = timedelta(days=7)
    max_streams: int = 1_000
    max_instances: int = 64


class ContactSettings(Struct, frozen=True, kw_only=True):
    """When a sender that was talking counts as silent.

    It does after `factor` times the gap between requests that 99 % do not exceed, and `least` at least,
    if it left alerts firing that it should repeat, or always comes at like gaps; and before its
    alerts are ended because nobody repeats them, if `mass` or a heartbeat are among them and it was
    quiet for `quiet` and for `factor` times that gap. The usual gap is known after `learn` gaps;
    one above `longest` is none. `priority` is that of the alert; with `enabled` false none is
    raised.
    """

    enabled: bool = True
    least: timedelta = timedelta(minutes=10)
    quiet: timedelta = timedelta(minutes=3)
    factor: float = 3.0
    mass: int = 5
    learn: int = 20
    longest: timedelta = timedelta(hours=1)
    priority: Literal["P1", "P2", "P3", "P4"] = "P2"
