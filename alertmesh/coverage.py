"""Refuse rosters of tier 1 that have nobody at some time ahead, before they come into force."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from alertmesh.config import Config
from alertmesh.core.errors import BadConfig
from alertmesh.escalate.analysis import gaps
from alertmesh.escalate.roster import Rota
from alertmesh.escalate.workdays import known_years

LOOK_AHEAD = timedelta(weeks=8)
_TOLD = 3  # of a roster; a layer that is missing may leave one each night


def uncovered(config: Config, now: datetime) -> list[str]:
    """Return a problem for each stretch of the next eight weeks in which tier 1 has nobody.

    Overrides are not looked at: they come and go without anybody checking the rules again.
    """
    rota = Rota(config.oncall)
    rosters = dict.fromkeys(policy.ops_roster for policy in config.oncall.policies)
    return [problem for roster in rosters for problem in _of_roster(config, rota, roster, now)]


def refuse_gaps(config: Config, now: datetime) -> None:
    """Raise BadConfig when tier 1 has nobody at some time ahead."""
    problems = uncovered(config, now)
    if problems:
        raise BadConfig(problems)


def unknown_years(config: Config, now: datetime) -> list[str]:
    """Return a warning for each calendar in use whose public holidays are not known that far ahead."""
    oncall = config.oncall
    used = [policy.calendar for policy in oncall.policies]
    used += [roster.calendar for roster in oncall.rosters.values()]
    last = (now + LOOK_AHEAD).year
    return [
        f"calendar {one.name!r}: the public holidays of {last} are not known to this version, so that the "
        "weekend alone decides; name days in `workdays` and `holidays`, or install a newer chinesecalendar"
        for one in dict.fromkeys(used)
        if one.country and last not in known_years(one)
    ]


def _of_roster(config: Config, rota: Rota, roster: str, now: datetime) -> Iterator[str]:
    place = config.roster_places.get(roster, "rosters:1:1")
    found = gaps(rota, roster, now, now + LOOK_AHEAD)
    for gap in found[:_TOLD]:
        yield f"{place} roster {roster!r} is tier 1, and {gap.text}; add members, or a layer for that time"
    more = len(found) - _TOLD
    if more > 0:
        yield f"{place} roster {roster!r} has {more} more gaps in the next {LOOK_AHEAD.days} days"
