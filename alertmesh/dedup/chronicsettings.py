"""What can be set about chronic noise, with the defaults that are shipped."""

from datetime import timedelta

from msgspec import Struct


class ChronicSettings(Struct, frozen=True, kw_only=True):
    """When a series is noise that nobody acts on, and when it is not any more.

    It is, once it fired for `on_for` without a pause, or for `on_share` of the last seven days, or
    began at least `episodes` times on each of `days` of these days, not counting what came at its
    usual time. It is not any more once it
    became worse, once it fires `factor` times as long as it uses to and `longer_min` at least, or
    once it is clear `factor` times as long as it uses to: no sooner than `clear_min`, no later
    than `clear_max`. What was always on, or became worse, is not chronic again for `on_for`.

    A P1 never is, nor what one of `never`, a list of matchers, accepts. `owner_labels` tell whom
    to ask. `max_series` bounds how many are watched.
    """

    enabled: bool = True
    on_for: timedelta = timedelta(hours=24)
    on_share: float = 0.8
    episodes: int = 10
    days: int = 3
    factor: float = 3.0
    longer_min: timedelta = timedelta(minutes=10)
    clear_min: timedelta = timedelta(hours=1)
    clear_max: timedelta = timedelta(hours=24)
    never: tuple[str, ...] = ('alertname=~"Watchdog|InfoInhibitor|DeadMansSwitch"',)
    owner_labels: tuple[str, ...] = ("team", "owner", "service", "namespace", "cluster")
    max_series: int = 100_000
