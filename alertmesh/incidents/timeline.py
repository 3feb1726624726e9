"""Write the lines of an incident's history: short, in plain words, each with its rule."""

from collections.abc import Callable
from datetime import datetime

from alertmesh.core.group import Join
from alertmesh.core.incident import TimelineEntry
from alertmesh.core.series import Series

Line = Callable[[int, datetime, Series], TimelineEntry]


def opened(incident: int, at: datetime, series: Series) -> TimelineEntry:
    """Tell that an incident began."""
    text = f"opened at P{series.priority.value} by {named(series)}"
    return TimelineEntry(incident=incident, at=at, kind="opened", text=text, rule="INC-01")


def joined(incident: int, at: datetime, series: Series, join: Join) -> TimelineEntry:
    """Tell that a series joined, and the strongest reason for it."""
    text = f"{named(series)} joined, score {join.score:.2f}: {reason(join)}"
    data = {"series": series.id, "role": join.role.value}
    return TimelineEntry(incident=incident, at=at, kind="joined", text=text, rule="INC-02", data=data)


def grown(incident: int, at: datetime, count: int) -> TimelineEntry:
    """Tell of many joins in one line."""
    text = f"{count} series have joined by now; each keeps its own reason"
    return TimelineEntry(incident=incident, at=at, kind="joined", text=text, rule="INC-03")


def cleared(incident: int, at: datetime, series: Series) -> TimelineEntry:
    """Tell that nothing fires any more, but perhaps what is known to be noise."""
    text = f"every alert has cleared, the last was {named(series)}"
    if series.firing:
        text = f"nothing fires any more but known noise: {named(series)}"
    return TimelineEntry(incident=incident, at=at, kind="cleared", text=text, rule="INC-04")


def refired(incident: int, at: datetime, series: Series) -> TimelineEntry:
    """Tell that it fires again."""
    text = f"fires again: {named(series)}"
    return TimelineEntry(incident=incident, at=at, kind="refired", text=text, rule="INC-05")


def worse(incident: int, at: datetime, series: Series) -> TimelineEntry:
    """Tell that the priority rose."""
    text = f"raised to P{series.priority.value} by {named(series)}"
    return TimelineEntry(incident=incident, at=at, kind="worse", text=text, rule="INC-06")


def merged(incident: int, other: int, at: datetime, join: Join, actor: str) -> TimelineEntry:
    """Tell on the survivor that `other` ended in it."""
    text = f"incident {other} was merged into this one: {reason(join)}"
    return TimelineEntry(incident=incident, at=at, kind="merged", text=text, rule="INC-07", actor=actor)


def ended_in(incident: int, other: int, at: datetime, join: Join, actor: str) -> TimelineEntry:
    """Tell on the loser that it goes on as `other`."""
    text = f"merged into incident {other}: {reason(join)}"
    return TimelineEntry(incident=incident, at=at, kind="merged", text=text, rule="INC-08", actor=actor)


def split(incident: int, other: int, count: int, at: datetime, actor: str) -> TimelineEntry:
    """Tell that `count` series went on as incident `other`."""
    text = f"{count} series were split off into incident {other}"
    return TimelineEntry(incident=incident, at=at, kind="split", text=text, rule="INC-09", actor=actor)


def split_from(incident: int, other: int, count: int, at: datetime, actor: str) -> TimelineEntry:
    """Tell that an incident began as a part of `other`."""
    text = f"split off from incident {other} with {count} series"
    return TimelineEntry(incident=incident, at=at, kind="split", text=text, rule="INC-10", actor=actor)


def named(series: Series) -> str:
    """Return a series in a few words: its kind and the thing it is about."""
    return f"{series.name or 'an alert'} on {series.entity.name}" if series.entity.name else series.name


def reason(join: Join) -> str:
    """Return the strongest reason of a join."""
    return join.reasons[0].text if join.reasons else "no reason was kept"
