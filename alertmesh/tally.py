"""Count what a pipeline decided: changes, marks, incidents and who was paged when."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from msgspec import Struct, field

from alertmesh.core.alert import Priority
from alertmesh.core.comparison import RunFigures
from alertmesh.core.group import Grouped, GroupEvent, GroupsMerged, GroupSplit, Role, SeriesMoved
from alertmesh.core.incident import Incident, IncidentEvent, IncidentEventKind
from alertmesh.core.page import Attempt, Page, PageKind
from alertmesh.core.series import Change, ChangeKind, Mark
from alertmesh.pipeline import Decisions

_BEGINS = frozenset({ChangeKind.OPENED, ChangeKind.GREW, ChangeKind.WORSE})
_EVER = datetime.min.replace(tzinfo=UTC)


class Firing(NamedTuple):
    """One firing of one instance: the same whatever the rules make of it."""

    fingerprint: str
    at: datetime


class Account(Struct, kw_only=True):
    """One incident at the end of the count, with those that were merged into it.

    `messages` are everything sent about it, by page id and in order of time; updates and closing
    messages too. `firings` are the firings that it stands for.
    """

    incident: Incident
    messages: list[Page] = field(default_factory=list)
    firings: set[Firing] = field(default_factory=set)

    @property
    def pages(self) -> list[Page]:
        """Return what asked for an ack."""
        return [page for page in self.messages if page.kind is PageKind.PAGE]

    @property
    def first_page(self) -> datetime | None:
        """Return when somebody was first paged."""
        return min((page.at for page in self.pages), default=None)


class MarkSpan(NamedTuple):
    """The marks that a series carried from `at` on."""

    at: datetime
    marks: tuple[Mark, ...]


class Tally:
    """Follow a replay and count what happens from `since` on.

    What came before is followed too, so that incidents open by then are known. `held` counts
    changes with a wish to wait, `rules` the notes of each dedup rule by its id; `series` are names by
    id.
    """

    def __init__(self, since: datetime = _EVER) -> None:
        self.since = since
        self.changes: Counter[ChangeKind] = Counter()
        self.held = 0
        self.rules: Counter[str] = Counter()
        self.series: dict[str, str] = {}
        self.suppressed: set[str] = set()
        self.spans: dict[str, list[MarkSpan]] = {}
        self._members: dict[int, dict[str, list[Firing]]] = {}
        self._survivors: dict[int, int] = {}
        self._groups: dict[int, int] = {}
        self._ended_in: dict[int, int] = {}
        self._bodies: dict[int, bytes] = {}
        self._messages: dict[int, dict[str, Page]] = {}

    def sent(self, attempts: Sequence[Attempt]) -> None:
        """Take the attempts of one entry; the channels of one page are one message."""
        for attempt in attempts:
            page = attempt.page
            if page.at >= self.since:
                self._messages.setdefault(page.incident, {}).setdefault(page.id, page)

    def decided(self, out: Decisions) -> None:
        """Take what a run of entries led to."""
        for change in out.changes:
            self._change(change)
        for event in out.groups:
            self._group(event)
        for happened in out.incidents:
            self._incident(happened)
        for row in out.rows:
            if row.table == "incident" and row.body is not None:
                self._bodies[int(row.key)] = row.body

    def accounts(self) -> list[Account]:
        """Return the incidents that opened, or about which somebody was told, since `since`."""
        decode = msgspec.msgpack.Decoder(Incident).decode
        found = {
            number: Account(incident=decode(body))
            for number, body in sorted(self._bodies.items())
            if number not in self._ended_in
        }
        for number, messages in sorted(self._messages.items()):
            found[_last(self._ended_in, number)].messages.extend(messages.values())
        owners = self._owners()
        for group, members in self._members.items():
            owner = found.get(owners.get(group, 0))
            if owner is not None:
                owner.firings.update(firing for firings in members.values() for firing in firings)
        for account in found.values():
            account.messages.sort(key=lambda page: (page.at, page.id))
        return [kept for kept in found.values() if kept.messages or kept.incident.opened_at >= self.since]

    def watched(self) -> int:
        """Return how many groups that fired since `since` never became an incident."""
        owners = self._owners()
        unowned = (members for group, members in self._members.items() if group not in owners)
        return sum(1 for members in unowned if any(self._counts(firings) for firings in members.values()))

    def marked(self, mark: Mark) -> set[str]:
        """Return the series that carried a mark at any time since `since`."""
        return {
            series
            for series, spans in self.spans.items()
            if any(mark in span.marks and span.at >= self.since for span in spans)
        }

    def homes(self) -> dict[Firing, str]:
        """Return the series of each firing."""
        return {
            firing: series
            for members in self._members.values()
            for series, firings in members.items()
            for firing in firings
        }

    def _counts(self, firings: Iterable[Firing]) -> bool:
        return any(firing.at >= self.since for firing in firings)

    def _owners(self) -> dict[int, int]:
        """Return the incident of each group that has one, as things stand now."""
        return {
            _last(self._survivors, group): _last(self._ended_in, number)
            for number, group in sorted(self._groups.items(), reverse=True)
        }

    def _change(self, change: Change) -> None:
        name, marks = change.series.id, change.series.marks
        spans = self.spans.get(name)
        if marks if spans is None else spans[-1].marks != marks:
            self.spans.setdefault(name, []).append(MarkSpan(change.at, marks))
        if change.at < self.since:
            return
        self.changes[change.kind] += 1
        self.series[name] = change.series.name
        self.held += change.hold_until is not None
        self.rules.update(note.rule for note in change.notes)

    def _group(self, event: GroupEvent) -> None:
        match event:
            case Grouped(group=group, change=change, join=join):
                firings = self._members.setdefault(group, {}).setdefault(change.series.id, [])
                if change.kind in _BEGINS and change.fingerprint:
                    firings.append(Firing(change.fingerprint, change.at))
                    if join.role is Role.SUPPRESSED and change.at >= self.since:
                        self.suppressed.add(change.series.id)
            case GroupsMerged(winner=winner, loser=loser):
                self._survivors[loser] = winner
                kept = self._members.setdefault(winner, {})
                for series, firings in self._members.pop(loser, {}).items():
                    kept.setdefault(series, []).extend(firings)
            case (
                GroupSplit(group=group, part=part, series=moved)
                | SeriesMoved(group=group, into=part, series=moved)
            ):
                left = self._members.get(group, {})
                taken = {series: left.pop(series) for series in moved if series in left}
                self._members.setdefault(part, {}).update(taken)

    def _incident(self, event: IncidentEvent) -> None:
        if event.kind in (IncidentEventKind.OPENED, IncidentEventKind.SPLIT):
            self._groups[event.incident.id] = event.incident.group
        elif event.kind is IncidentEventKind.MERGED and event.other is not None:
            self._ended_in[event.incident.id] = event.other


def counts(tally: Tally) -> RunFigures:
    """Return the figures of a count."""
    accounts = tally.accounts()
    pages = [page for account in accounts for page in account.pages]
    opened = [account for account in accounts if account.incident.opened_at >= tally.since]
    priorities = Counter(account.incident.priority.name for account in opened)
    people = Counter(page.person for page in pages)
    return RunFigures(
        series=len(tally.series),
        changes=tally.changes.total(),
        held=tally.held,
        marked={mark.value: len(tally.marked(mark)) for mark in Mark},
        incidents=len(opened),
        priorities={priority.name: priorities[priority.name] for priority in Priority},
        paged=sum(1 for account in accounts if account.pages),
        pages=len(pages),
        people=dict(sorted(people.items())),
        watched=tally.watched(),
        suppressed=len(tally.suppressed),
        rules=dict(sorted(tally.rules.items())),
    )


def _last(follow: dict[int, int], number: int) -> int:
    while number in follow:
        number = follow[number]
    return number
