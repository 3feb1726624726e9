"""When nobody could be paged: gaps that real pages fell into."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from alertmesh.core.incident import TimelineEntry
from alertmesh.reports.account import Facts

KINDS = ("coverage_gap", "undelivered", "undeliverable")
"""The lines that tell of a gap: nobody had duty, a person was not reached, a whole step was not."""

MOST = 500
"""How many gaps a report holds at most, the newest."""


class Gap(Struct, frozen=True, kw_only=True):
    """One page that found nobody."""

    at: datetime
    incident: int
    priority: str
    title: str
    kind: str
    text: str


class CoverageReport(Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """The gaps of a span of time: how many of each kind, in how many incidents, and the newest first."""

    start: datetime
    end: datetime
    counts: dict[str, int]
    incidents: int
    gaps: list[Gap]


def report(
    lines: Iterable[TimelineEntry], facts: Mapping[int, Facts], start: datetime, end: datetime
) -> CoverageReport:
    """Gather the gaps that lines tell of; `facts` are those of their incidents."""
    found = [line for line in lines if line.kind in KINDS]
    found.sort(key=lambda line: line.at, reverse=True)
    return CoverageReport(
        start=start,
        end=end,
        counts={kind: sum(line.kind == kind for line in found) for kind in KINDS},
        incidents=len({line.incident for line in found}),
        gaps=[_gap(line, facts.get(line.incident, Facts())) for line in found[:MOST]],
    )


def _gap(line: TimelineEntry, facts: Facts) -> Gap:
    return Gap(
        at=line.at,
        incident=line.incident,
        priority=facts.priority.name,
        title=facts.title,
        kind=line.kind,
        text=line.text,
    )
