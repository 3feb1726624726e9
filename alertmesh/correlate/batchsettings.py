"""What can be set about the second look at the open groups, with the defaults that are shipped."""

from msgspec import Struct


class BatchSettings(Struct, frozen=True, kw_only=True):
    """Set how often and how far back the batch pass looks, and what it may do by itself.

    Durations are in seconds. Every `every_s` (0: never) the series that began to fire within
    `window_s` are looked at, the latest `max_series` of them; a group of more than `max_group`
    series is left out. What is at least as sure as `apply` is done, what is at least as sure as
    `suggest` is suggested. At most `max_proposals` come of one pass; at most `max_suggestions` are
    kept, each until it was not made again for `keep_s`, and `max_dismissed` of those that people
    dismissed.
    """

    every_s: float = 300.0
    window_s: float = 1800.0
    max_series: int = 1_500
    max_group: int = 2_000
    apply: float = 0.95
    suggest: float = 0.8
    keep_s: float = 1800.0
    max_proposals: int = 50
    max_suggestions: int = 500
    max_dismissed: int = 2_000
