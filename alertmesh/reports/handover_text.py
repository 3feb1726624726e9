"""Write the draft of a hand-over as a text that a person goes on from."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from alertmesh.reports.figures import Spread
from alertmesh.reports.handover import Cover, Draft, Event, Note, Open, Quiet
from alertmesh.reports.response import Part


def write(draft: Draft) -> str:
    """Return a draft as a text; sections that would be empty are left out, but for what is open."""
    writer = _Writer(draft.zone)
    sections = (
        writer.head(draft),
        writer.section("Response to what was opened", map(_figures, draft.response)),
        writer.section("Still open", map(writer.open, draft.open)) or "Still open: nothing.",
        writer.section("Resolved", map(writer.event, draft.resolved)),
        writer.section("To follow up: the cause is not told", map(writer.event, draft.follow_ups)),
        writer.section("Notes", map(writer.note, draft.notes)),
        writer.section("Silences that end in the next shift", map(writer.quiet, draft.silences)),
        writer.section("Maintenance in the next shift", map(writer.quiet, draft.maintenance)),
        writer.section("Standing in for others in the next shift", map(writer.cover, draft.overrides)),
        _before(draft),
    )
    return "\n\n".join(section for section in sections if section) + "\n"


class _Writer:
    """Write lines with times of one zone."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def head(self, draft: Draft) -> str:
        """Tell whose shift it was, and what it was like."""
        who, after = " and ".join(draft.outgoing) or "nobody", " and ".join(draft.incoming) or "nobody"
        numbers = (
            f"Opened {len(draft.opened)}, acked {len(draft.acked)}, resolved {len(draft.resolved)}, "
            f"escalated {len(draft.escalated)}, still open {len(draft.open)}."
        )
        times = f"{self._at(draft.start)} to {self._at(draft.end)} {draft.zone}"
        return f"{draft.roster}: the shift of {who}, {times}. Next: {after}.\n{numbers}"

    def section(self, title: str, lines: Iterable[str]) -> str:
        """Return lines under a title, nothing when there are none."""
        found = [f"- {line}" for line in lines]
        return "\n".join((f"{title}:", *found)) if found else ""

    def open(self, one: Open) -> str:
        """Tell how an open incident stands."""
        owner = one.owner or "nobody"
        asked = f", {one.incoming} is asked to take it over" if one.incoming else ""
        due = f", {one.deadline} at {self._at(one.due_at)}" if one.due_at else ""
        flaps = f"; flapping: {', '.join(one.flapping)}" if one.flapping else ""
        return f"#{one.incident} {one.priority} {one.title}: {one.state}, {owner} has it{asked}{due}{flaps}"

    def event(self, one: Event) -> str:
        """Tell what became of an incident."""
        return f"#{one.incident} {one.priority} {one.title} ({self._at(one.at)})"

    def note(self, one: Note) -> str:
        """Tell what somebody wrote."""
        return f"#{one.incident} {self._at(one.at)} {one.actor}: {one.text}"

    def quiet(self, one: Quiet) -> str:
        """Tell when something begins or ends to be quiet."""
        begins = f"from {self._at(one.starts_at)} " if one.starts_at else ""
        ends = f"until {self._at(one.ends_at)}" if one.ends_at else ""
        said = f" ({one.comment})" if one.comment else ""
        return f"{one.name} {begins}{ends}: {one.matchers}{said}"

    def cover(self, one: Cover) -> str:
        """Tell who stands in for whom."""
        who, whom = one.person or "nobody yet", one.covered or "the primary"
        return f"{who} for {whom}, {self._at(one.starts_at)} to {self._at(one.ends_at)} ({one.state})"

    def _at(self, moment: datetime) -> str:
        return f"{moment.astimezone(self._zone):%Y-%m-%d %H:%M}"


def _figures(part: Part) -> str:
    found = part.figures
    return (
        f"{part.key}: {found.incidents} incidents, {found.unacked} nobody took; "
        f"to the ack {_minutes(found.to_ack_s)}, to the end {_minutes(found.to_resolve_s)}"
    )


def _minutes(found: Spread) -> str:
    return "unknown" if found.median is None else f"{found.median / 60:.0f} min"


def _before(draft: Draft) -> str:
    if draft.last is None:
        return ""
    last = draft.last
    return f"Handed over last by {last.outgoing} to {last.incoming}:\n{last.text}".rstrip()
