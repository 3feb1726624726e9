"""What can be set about storms, with the defaults that are shipped."""

from datetime import timedelta

from msgspec import Struct


class StormSettings(Struct, frozen=True, kw_only=True):
    """When new alerts come so fast that it is a storm, and when it is over.

    The usual rate of a source is learned over `memory`. A storm begins when `least` alerts came
    within a minute, and a rate of `factor` times the usual one explains the newest alerts better
    than the usual one does by `evidence` (a logarithm: 20 is once in 500 million). It is over when
    the rate was below `over` times the usual one for `calm`, or after `longest`: then the new rate
    is the usual one.

    No usual rate counts as less than `least` / `factor` a minute. Of a source seen for the first
    time, or again after a silence, the first `settle` does not count; of one never seen before there
    is no storm before `warmup`. An alert that began longer than `fresh` ago is old
    news and does not count. Rates are known of `max_sources` sources, and of all together.
    """

    enabled: bool = True
    memory: timedelta = timedelta(minutes=30)
    least: int = 20
    factor: float = 4.0
    evidence: float = 20.0
    over: float = 2.0
    calm: timedelta = timedelta(minutes=3)
    longest: timedelta = timedelta(hours=1)
    settle: timedelta = timedelta(minutes=2)
    warmup: timedelta = timedelta(minutes=15)
    fresh: timedelta = timedelta(minutes=6)
    max_sources: int = 64
