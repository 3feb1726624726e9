"""Tell how a past incident went: how it ended, by whom, how long it took, what people wrote."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from alertmesh.core.incident import Incident, Similar, TimelineEntry
from alertmesh.core.response import Response

_NOTES = 3
_SAID = frozenset({"note", "close", "return"})
_ENDS = frozenset({"resolved", "close"})


class Ending(StrEnum):
    """How an incident ended."""

    BY_HAND = "by_hand"
    ALONE = "alone"
    OPEN = "open"


class NoteView(Struct, frozen=True, kw_only=True):
    """What somebody wrote about it, in a line of a `kind`: a note, or as it was closed or returned."""

    at: datetime
    by: str
    kind: str
    text: str


class PastView(Struct, frozen=True, kw_only=True):
    """A past incident like this one, and how it went.

    `ending` is `by_hand` when somebody resolved or closed it (`ended_by`), `alone` when its alerts cleared,
    `open` when it was reopened since. `lasted_s` is how long it fired. `root` is what a person named the root
    if one did (`root_by`), else the likeliest.
    """

    incident: int
    title: str
    score: float
    shared: str
    telling: bool
    priority: str
    opened_at: datetime
    closed_at: datetime
    lasted_s: float
    alerts: int
    series: int
    taken_by: str
    ending: str
    ended_by: str
    root: str
    root_by: str
    note: str
    notes: list[NoteView]


def told(
    similar: Similar, found: tuple[Incident, Response | None] | None, lines: Iterable[TimelineEntry]
) -> PastView | None:
    """Return how a past incident went; None for one that is not kept any more."""
    if found is None:
        return None
    incident, _ = found
    said = list(lines)
    end = incident.cleared_at or similar.closed_at
    taken = next((line.actor for line in said if line.kind == "ack" and line.actor), "")
    ended = next((line for line in reversed(said) if line.kind in _ENDS), None)
    root = next((line for line in reversed(said) if line.kind == "root"), None)
    return PastView(
        incident=incident.id,
        title=incident.title,
        score=similar.score,
        shared=similar.shared,
        telling=similar.telling,
        priority=incident.priority.name,
        opened_at=incident.opened_at,
        closed_at=similar.closed_at,
        lasted_s=max(0.0, (end - incident.opened_at).total_seconds()),
        alerts=incident.alerts,
        series=incident.series,
        taken_by=taken or similar.resolved_by,
        ending=_ending(incident, ended),
        ended_by=ended.actor if ended is not None else "",
        root=similar.root,
        root_by=root.actor if root is not None else "",
        note=similar.note,
        notes=[
            NoteView(at=one.at, by=one.actor, kind=one.kind, text=one.text)
            for one in said
            if one.kind in _SAID
        ][-_NOTES:],
    )


def _ending(incident: Incident, ended: TimelineEntry | None) -> Ending:
    if ended is None and not incident.archived:
        return Ending.OPEN
    return Ending.BY_HAND if ended is not None and ended.actor else Ending.ALONE
