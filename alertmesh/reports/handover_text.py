"""Write the draft of a hand-over as a text that a person goes on from."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from alertmesh.reports.figures import Spread
from alertmesh.reports.handover import Cover, Draft, Event, Note, Open, Quiet
from alertmesh.reports.handover_words import HandoverWords, handover_words
from alertmesh.reports.response import Part


def write(draft: Draft, language: str = "en") -> str:
    """Return a draft as a text; sections that would be empty are left out, but for what is open."""
    words = handover_words(language)
    writer = _Writer(draft.zone, words)
    sections = (
        writer.head(draft),
        writer.section(words.response, map(writer.figures, draft.response)),
        writer.section(words.open, map(writer.open, draft.open)) or words.none_open,
        writer.section(words.resolved, map(writer.event, draft.resolved)),
        writer.section(words.follow_ups, map(writer.event, draft.follow_ups)),
        writer.section(words.notes, map(writer.note, draft.notes)),
        writer.section(words.silences, map(writer.quiet, draft.silences)),
        writer.section(words.maintenance, map(writer.quiet, draft.maintenance)),
        writer.section(words.covers, map(writer.cover, draft.overrides)),
        writer.before(draft),
    )
    return "\n\n".join(section for section in sections if section) + "\n"


class _Writer:
    """Write lines in one language, with times of one zone."""

    def __init__(self, zone: str, words: HandoverWords) -> None:
        self._zone = ZoneInfo(zone)
        self._words = words

    def head(self, draft: Draft) -> str:
        """Tell whose shift it was, and what it was like."""
        words = self._words
        head = words.head.format(
            roster=draft.roster,
            who=words.and_.join(draft.outgoing) or words.nobody,
            start=self._at(draft.start),
            end=self._at(draft.end),
            zone=draft.zone,
            after=words.and_.join(draft.incoming) or words.nobody,
        )
        numbers = words.numbers.format(
            opened=len(draft.opened),
            acked=len(draft.acked),
            resolved=len(draft.resolved),
            escalated=len(draft.escalated),
            open=len(draft.open),
        )
        return f"{head}\n{numbers}"

    def section(self, title: str, lines: Iterable[str]) -> str:
        """Return lines under a title, nothing when there are none."""
        found = [f"- {line}" for line in lines]
        return "\n".join((self._words.title.format(title=title), *found)) if found else ""

    def figures(self, part: Part) -> str:
        """Tell how fast the incidents of one priority were taken and ended."""
        found = part.figures
        return self._words.figures.format(
            key=part.key,
            count=found.incidents,
            unacked=found.unacked,
            ack=self._minutes(found.to_ack_s),
            end=self._minutes(found.to_resolve_s),
        )

    def open(self, one: Open) -> str:
        """Tell how an open incident stands."""
        words = self._words
        asked = words.asked.format(who=one.incoming) if one.incoming else ""
        due = words.due.format(timer=one.deadline, at=self._at(one.due_at)) if one.due_at else ""
        flaps = words.flapping.format(names=", ".join(one.flapping)) if one.flapping else ""
        told = words.has_it.format(name=_name(one), state=one.state, owner=one.owner or words.nobody)
        return f"{told}{asked}{due}{flaps}"

    def event(self, one: Event) -> str:
        """Tell what became of an incident."""
        return self._words.event.format(name=_name(one), at=self._at(one.at))

    def note(self, one: Note) -> str:
        """Tell what somebody wrote."""
        return f"#{one.incident} {self._at(one.at)} {one.actor}: {one.text}"

    def quiet(self, one: Quiet) -> str:
        """Tell when something begins or ends to be quiet."""
        words = self._words
        return words.quiet.format(
            name=one.name,
            begins=words.begins.format(at=self._at(one.starts_at)) if one.starts_at else "",
            ends=words.ends.format(at=self._at(one.ends_at)) if one.ends_at else "",
            matchers=one.matchers,
            said=words.said.format(comment=one.comment) if one.comment else "",
        )

    def cover(self, one: Cover) -> str:
        """Tell who stands in for whom."""
        words = self._words
        return words.cover.format(
            who=one.person or words.nobody_yet,
            whom=one.covered or words.primary,
            start=self._at(one.starts_at),
            end=self._at(one.ends_at),
            state=one.state,
        )

    def before(self, draft: Draft) -> str:
        """Return the last hand-over, nothing when there was none."""
        last = draft.last
        if last is None:
            return ""
        head = self._words.before.format(outgoing=last.outgoing, incoming=last.incoming)
        return f"{head}\n{last.text}".rstrip()

    def _minutes(self, found: Spread) -> str:
        if found.median is None:
            return self._words.unknown
        return self._words.minutes.format(n=f"{found.median / 60:.0f}")

    def _at(self, moment: datetime) -> str:
        return f"{moment.astimezone(self._zone):%Y-%m-%d %H:%M}"


def _name(one: Open | Event) -> str:
    return f"#{one.incident} {one.priority} {one.title}"
