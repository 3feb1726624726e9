"""Say in words, and as a maintenance window, when an alert usually comes."""

import re
from datetime import UTC, datetime

from alertmesh.core.alert import Priority
from alertmesh.core.digest import Noise, Proposal, Remedy
from alertmesh.core.series import Series
from alertmesh.dedup.rhythm import DAY, WEEK, Wall, Window
from alertmesh.dedup.routinekind import matchers_of
from alertmesh.dedup.wording import span

_DAYS = ("Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday")  # 1970 began on one
_HOUR = 3_600
_OWNERS = ("team", "owner", "service", "namespace", "cluster")
_LEAST_SEEN = 5
_EDGE_S = 120


def said_when(window: Window, wall: Wall) -> str:
    """Return when runs usually begin, as in `every day about 02:00 UTC`."""
    phase, period = round(window.phase_s / 60) * 60, window.period_s
    zone = wall.zone if window.zoned else "UTC"
    if period == WEEK:
        return f"every {_DAYS[phase // DAY % 7]} about {_time(phase)} {zone}"
    if period == DAY:
        return f"every day about {_time(phase)} {zone}"
    if period == _HOUR:
        return f"every hour about minute {phase // 60 % 60:02d}"
    if period > _HOUR and DAY % period == 0:
        return f"every {period // _HOUR:.0f} h, as about {_time(phase)} {zone}"
    return f"every {span(period)}"


def proposal(series: Series, window: Window, wall: Wall) -> Proposal | None:
    """Propose a maintenance window for a daily or weekly habit that is well known; else None."""
    if window.period_s < DAY or window.period_s not in (DAY, WEEK) or window.seen < _LEAST_SEEN:
        return None
    why = (
        f"comes {said_when(window, wall)} for {span(window.length_s)}, "
        f"seen {window.seen} of {window.of} times; a maintenance window would say that it is planned"
    )
    return Proposal(
        series=series.id,
        name=series.name,
        owner={label: series.labels[label] for label in _OWNERS if series.labels.get(label)},
        priority=Priority(window.priority),
        noise=Noise.ROUTINE,
        since=datetime.fromtimestamp(window.last - (window.of - 1) * window.period_s, UTC),
        numbers={"seen": window.seen, "of": window.of, "lasts_s": window.length_s},
        remedy=Remedy.MAINTENANCE,
        why=why,
        snippet=_snippet(series, window, wall),
    )


def _snippet(series: Series, window: Window, wall: Wall) -> str:
    """Return the window as a file of `rules/maintenance`."""
    begins = window.phase_s - window.tolerance_s - _EDGE_S
    ends = window.phase_s + window.tolerance_s + window.longest_s + _EDGE_S
    day = _DAYS[int(begins // DAY) % 7][:3].lower()
    matchers = matchers_of(series).replace("'", "''")
    lines = [
        "windows:",
        f"  - name: {_name(series.name, window.phase_s)}",
        f"    matchers: '{matchers}'",
        f"    comment: comes {said_when(window, wall)}",
        f"    zone: {wall.zone if window.zoned else 'UTC'}",
        *([f"    days: [{day}]"] if window.period_s == WEEK else []),
        f'    begins: "{_time(begins)}"',
        f'    ends: "{_time(ends)}"',
    ]
    return "\n".join(lines) + "\n"


def _name(alert: str, phase_s: float) -> str:
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", alert).strip("-._") or "alert"
    return f"routine-{plain[:48]}-{_time(phase_s).replace(':', '')}"


def _time(phase_s: float) -> str:
    minutes = round(phase_s / 60) % (DAY // 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
