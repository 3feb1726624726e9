"""What can be set about incidents, with the defaults that are shipped."""

from msgspec import Struct, field

from alertmesh.core.alert import Priority


class SimilarSettings(Struct, frozen=True, kw_only=True):
    """Set how many past incidents are remembered, and which of them are named.

    The newest `remembered` are. An incident names up to `shown` of those with a score of at least
    `score`; from `telling` on the likest stands in its page too. The same thing as likely root
    within `recurs_days` days is counted. A search looks at no more than `lookups` entries of the
    index, rare features first; a signature at the first `members` series, with up to `features`
    features of each facet.
    """

    remembered: int = 10_000
    shown: int = 3
    score: float = 0.5
    telling: float = 0.7
    recurs_days: int = 30
    lookups: int = 500
    members: int = 256
    features: int = 32


# The bounds within which a first page may wait; what is P4 is read in the morning.
_HABIT_TIMES = {Priority.P1: 6.0, Priority.P2: 6.0, Priority.P3: 1.0}
_AT_MOST = {Priority.P1: 300.0, Priority.P2: 300.0, Priority.P3: 1800.0}


class IncidentSettings(Struct, frozen=True, kw_only=True):
    """Set what deserves an incident and how much of it is told.

    A group whose only series has one of `watch_priorities`, or came as often lately as `habit_times` says for
    its priority (each coming counts half after 12 h), is watched, not opened, until it fires for longer
    than `watch_at_most` says, in seconds by priority. A watched group that has been clear for `watch_s`
    seconds is forgotten. After `told_joins` joins the timeline tells of every doubling only. At most
    `max_services` names are listed and at most `max_watched` groups watched. What is P1 or P2 again,
    after it was better for `again_s` seconds at least, counts as having become worse; a wobble does not.
    """

    watch_priorities: frozenset[Priority] = frozenset({Priority.P4})
    habit_times: dict[Priority, float] = field(default_factory=lambda: dict(_HABIT_TIMES))
    watch_at_most: dict[Priority, float] = field(default_factory=lambda: dict(_AT_MOST))
    watch_s: float = 900.0
    again_s: float = 600.0
    told_joins: int = 50
    max_services: int = 50
    max_watched: int = 20_000
    similar: SimilarSettings = SimilarSettings()
