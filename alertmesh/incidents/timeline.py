"""Write the lines of an incident's history: short, in plain words, each with its rule."""

from collections.abc import Callable
from datetime import datetime

from alertmesh.core.group import GroupSplit, Join
from alertmesh.core.incident import TimelineEntry
from alertmesh.core.regrouping import RegroupKind, Suggestion
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
    data = {"other": str(other)}
    return TimelineEntry(
        incident=incident, at=at, kind="merged", text=text, rule="INC-07", actor=actor, data=data
    )


def ended_in(incident: int, other: int, at: datetime, join: Join, actor: str) -> TimelineEntry:
    """Tell on the loser that it goes on as `other`."""
    text = f"merged into incident {other}: {reason(join)}"
    data = {"other": str(other)}
    return TimelineEntry(
        incident=incident, at=at, kind="merged", text=text, rule="INC-08", actor=actor, data=data
    )


def split(incident: int, other: int, moved: GroupSplit) -> TimelineEntry:
    """Tell that series went on as incident `other`."""
    why = f": {reason(moved.join)}" if moved.join is not None else ""
    text = f"{len(moved.series)} series were split off into incident {other}{why}"
    at, actor = moved.at, moved.actor
    return TimelineEntry(incident=incident, at=at, kind="split", text=text, rule="INC-09", actor=actor)


def split_from(incident: int, other: int, count: int, at: datetime, actor: str) -> TimelineEntry:
    """Tell that an incident began as a part of `other`."""
    text = f"split off from incident {other} with {count} series"
    return TimelineEntry(incident=incident, at=at, kind="split", text=text, rule="INC-10", actor=actor)


def moved_out(incident: int, other: int | None, at: datetime, what: str, actor: str) -> TimelineEntry:
    """Tell that a person took series out of this incident."""
    text = f"{what} went to {_place(other)}"
    return TimelineEntry(incident=incident, at=at, kind="moved", text=text, rule="INC-11", actor=actor)


def moved_in(incident: int, other: int | None, at: datetime, what: str, actor: str) -> TimelineEntry:
    """Tell that a person put series into this incident."""
    text = f"{what} came from {_place(other)}"
    return TimelineEntry(incident=incident, at=at, kind="moved", text=text, rule="INC-12", actor=actor)


def root_marked(incident: int, entity: str, at: datetime, actor: str) -> TimelineEntry:
    """Tell that a person named the root."""
    text = f"the root is {entity}"
    data = {"entity": entity}
    return TimelineEntry(
        incident=incident, at=at, kind="root", text=text, rule="INC-13", actor=actor, data=data
    )


def unrelated(incident: int, other: int | None, at: datetime, actor: str) -> TimelineEntry:
    """Tell that a person parted this incident from another for good."""
    text = f"not related to {_place(other)}"
    return TimelineEntry(incident=incident, at=at, kind="unrelated", text=text, rule="INC-14", actor=actor)


def suggested(incident: int, other: int | None, made: Suggestion, at: datetime) -> TimelineEntry:
    """Tell what a second look would change, and leave it to people."""
    text = (
        f"suggestion {made.number}: {_what(made, other)}, {made.told.confidence:.0%} sure: {made.told.reason}"
    )
    return TimelineEntry(incident=incident, at=at, kind="suggested", text=text, rule="INC-15")


def dismissed(incident: int, other: int | None, made: Suggestion, at: datetime, actor: str) -> TimelineEntry:
    """Tell that a person wants nothing of a suggestion."""
    text = f"suggestion {made.number} was dismissed: {_what(made, other)}"
    return TimelineEntry(incident=incident, at=at, kind="dismissed", text=text, rule="INC-16", actor=actor)


def named(series: Series) -> str:
    """Return a series in a few words: its kind and the thing it is about."""
    return f"{series.name or 'an alert'} on {series.entity.name}" if series.entity.name else series.name


def reason(join: Join) -> str:
    """Return the strongest reason of a join."""
    return join.reasons[0].text if join.reasons else "no reason was kept"


def _what(made: Suggestion, other: int | None) -> str:
    if made.told.kind is RegroupKind.MERGE:
        return f"be one with {_place(other)}"
    return f"split off {len(made.told.series)} series"


def _place(incident: int | None) -> str:
    return "what is only watched" if incident is None else f"incident {incident}"
