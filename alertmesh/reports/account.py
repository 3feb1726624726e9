"""One incident as reports count it: its course, and the facts by which it is sorted."""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo

from msgspec import Struct

from alertmesh.core.alert import Priority
from alertmesh.reports.course import Course
from alertmesh.reports.figures import day_of

_TEAM_LABELS = ("team", "owner")
_NOBODY = "none"


class Facts(Struct, frozen=True, kw_only=True, gc=False):
    """What an incident is about. `rosters` are those that its policy pages, tier 1 first."""

    title: str = ""
    priority: Priority = Priority.P4
    labels: Mapping[str, str] = {}
    rosters: tuple[str, ...] = ()

    @property
    def team(self) -> str:
        """Return whom it belongs to by its common labels, or "none"."""
        return next((self.labels[name] for name in _TEAM_LABELS if self.labels.get(name)), _NOBODY)


class Account(Struct, frozen=True, kw_only=True, gc=False):
    """A course with its facts."""

    course: Course
    facts: Facts


Key = Callable[[Account], str]

KEYS: Mapping[str, Key] = {
    "priority": lambda one: one.facts.priority.name,
    "week": lambda one: week_of(one.course.opened_at),
    "team": lambda one: one.facts.team,
    "roster": lambda one: one.facts.rosters[0] if one.facts.rosters else _NOBODY,
}
"""The ways to part a report that do not depend on where one looks from, by name."""

DAY = "day"
"""The way to part a report by the day of the opening, in a zone."""


def key_of(by: str, zone: tzinfo) -> Key:
    """Return what parts a report: one of KEYS, or DAY."""
    return (lambda one: day_of(one.course.opened_at, zone).isoformat()) if by == DAY else KEYS[by]


def week_of(moment: datetime) -> str:
    """Return the ISO week of a moment, in UTC.

    >>> from datetime import UTC
    >>> week_of(datetime(2026, 11, 23, tzinfo=UTC))
    '2026-W48'
    """
    year, week, _ = moment.isocalendar()
    return f"{year}-W{week:02d}"
