"""When nobody could be paged: gaps that real pages fell into."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, tzinfo

from msgspec import Struct

from alertmesh.core.incident import TimelineEntry
from alertmesh.reports.account import Facts
from alertmesh.reports.figures import day_of

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


class DayGaps(Struct, frozen=True):
    """How many pages of one day found nobody."""

    day: date
    gaps: int


class CoverageReport(Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """The gaps of a span of time: how many of each kind, in how many incidents, by day, the newest first."""

    start: datetime
    end: datetime
    counts: dict[str, int]
    incidents: int
    gaps: list[Gap]
    days: list[DayGaps]


def report(
    lines: Iterable[TimelineEntry],
    facts: Mapping[int, Facts],
    start: datetime,
    end: datetime,
    zone: tzinfo = UTC,
) -> CoverageReport:
    """Gather the gaps that lines tell of; `facts` are those of their incidents, days those of `zone`."""
    found = [line for line in lines if line.kind in KINDS]
    found.sort(key=lambda line: line.at, reverse=True)
    days = Counter(day_of(line.at, zone) for line in found)
    return CoverageReport(
        start=start,
        end=end,
        counts={kind: sum(line.kind == kind for line in found) for kind in KINDS},
        incidents=len({line.incident for line in found}),
        gaps=[_gap(line, facts.get(line.incident, Facts())) for line in found[:MOST]],
        days=[DayGaps(day, count) for day, count in sorted(days.items())],
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
