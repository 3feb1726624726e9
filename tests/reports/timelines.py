"""Timelines written by hand, in minutes from ten o'clock."""

from datetime import UTC, datetime, timedelta

from alertmesh.core.alert import Priority
from alertmesh.core.incident import TimelineEntry
from alertmesh.reports.account import Account, Facts
from alertmesh.reports.course import Course, read

START = datetime(2026, 11, 23, 10, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """Return a moment."""
    return START + timedelta(minutes=minutes)


def line(minutes: float, kind: str, state: str = "", actor: str = "", **more: str) -> TimelineEntry:
    """Return a line; `rule`, `text` and `incident` may be given, everything else is data."""
    fields = {name: more.pop(name) for name in ("rule", "text") if name in more}
    data = {"state": state, **more} if state else more
    number = int(data.pop("incident", "1"))
    return TimelineEntry(
        incident=number, at=at(minutes), kind=kind, text=fields.get("text", ""), rule=fields.get("rule", ""),
        actor=actor, data=data,
    )  # fmt: skip


def page(minutes: float, person: str = "wang", tier: str = "ops", incident: int = 1) -> TimelineEntry:
    """Return the line of a page."""
    return line(minutes, "page", person=person, tier=tier, incident=str(incident))


def course(*lines: TimelineEntry) -> Course:
    """Return the course of an incident that begins at ten, by its other lines."""
    number = lines[0].incident if lines else 1
    return read([TimelineEntry(incident=number, at=START, kind="opened", text=""), *lines])


def account(found: Course, priority: Priority = Priority.P1, **labels: str) -> Account:
    """Return a course with facts."""
    facts = Facts(title="trouble", priority=priority, labels=labels, rosters=("ops", "rnd"))
    return Account(course=found, facts=facts)
