"""What can be set about incidents, with the defaults that are shipped."""

from msgspec import Struct

from alertmesh.core.alert import Priority


class IncidentSettings(Struct, frozen=True, kw_only=True):
    """Set what deserves an incident and how much of it is told.

    A group whose only series has one of `watch_priorities` is watched, not opened; a watched
    group that has been clear for `watch_s` seconds is forgotten. After `told_joins` joins the
    timeline tells of every doubling only. At most `max_services` names are listed and at most
    `max_watched` groups watched. What is P1 or P2 again, after it was better for `again_s` seconds
    at least, counts as having become worse; a wobble does not.
    """

    watch_priorities: frozenset[Priority] = frozenset({Priority.P4})
    watch_s: float = 900.0
    again_s: float = 600.0
    told_joins: int = 50
    max_services: int = 50
    max_watched: int = 20_000
