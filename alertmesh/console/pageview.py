"""What the page behind a link shows of an incident: short pieces in the reader's language and zone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from alertmesh.console.pagewords import PageWords
from alertmesh.core.incident import Incident
from alertmesh.core.oncall import User
from alertmesh.core.page import Attempt, AttemptState
from alertmesh.core.response import Response, State, Timer
from alertmesh.notify.facts import Briefing, Facts, Style, facts_of

OVER = frozenset({State.RESOLVED, State.CLOSED, State.MERGED})
"""The states in which there is nothing left to answer."""

_MOST_SENDS = 12
_MOST_DUE = 2
_MARKS = {
    AttemptState.DELIVERED: "ok",
    AttemptState.READ: "ok",
    AttemptState.FAILED: "bad",
    AttemptState.WITHDRAWN: "idle",
}


class Due(Struct, frozen=True, kw_only=True):
    """What comes next: in words with the time of day, and with a blank for what is left until `at`."""

    at: datetime
    text: str
    counting: str


class Sent(Struct, frozen=True, kw_only=True):
    """A message that went to somebody; `mark` is `ok`, `bad`, `idle` or empty while it is under way."""

    who: str
    how: str
    mark: str


class Told(Struct, frozen=True, kw_only=True):
    """A line about an incident; `at` is the moment that its text names."""

    name: str
    text: str
    at: datetime | None = None


class Shown(Struct, frozen=True, kw_only=True):
    """An incident as the page shows it; `owners` have it."""

    id: int
    priority: str
    title: str
    summary: str
    told: tuple[Told, ...]
    due: tuple[Due, ...]
    sent: tuple[Sent, ...]
    runbook: str
    is_open: bool
    owners: tuple[str, ...]


class Reader(Struct, frozen=True, kw_only=True):
    """Who reads, when, in which words and zone; `users` are those whose names are known."""

    words: PageWords
    zone: str
    now: datetime
    users: Mapping[str, User]

    def clock(self, at: datetime) -> str:
        """Return a moment as their clock shows it, with the date when it is not today."""
        zone = ZoneInfo(self.zone)
        local = at.astimezone(zone)
        same = local.date() == self.now.astimezone(zone).date()
        return f"{local:%H:%M} ({self.zone})" if same else f"{local:%Y-%m-%d %H:%M} ({self.zone})"

    def called(self, name: str) -> str:
        """Return what a person is called."""
        user = self.users.get(name)
        return user.display if user is not None and user.display else name


def view(incident: Incident, response: Response | None, pages: Sequence[Attempt], reader: Reader) -> Shown:
    """Return what is shown of an incident for which these pages were sent."""
    style = Style(key="", now=reader.now, language=reader.words.language)
    facts = facts_of([Briefing(pages=(pages[-1].page,), incident=incident, response=response)], style)
    return Shown(
        id=incident.id,
        priority=f"P{(response or incident).priority:d}",
        title=facts.title,
        summary=facts.summary,
        told=tuple(_told(facts, incident, response, reader)),
        due=tuple(_due(response, reader)) if response is not None else (),
        sent=tuple(_sent(pages[-_MOST_SENDS:], reader)),
        runbook=facts.runbook if facts.runbook.startswith(("http://", "https://")) else "",
        is_open=response is not None and response.state not in OVER,
        owners=() if response is None else tuple(name for name in (response.owner,) if name),
    )


def _told(facts: Facts, incident: Incident, response: Response | None, reader: Reader) -> Iterable[Told]:
    """Yield what is told of an incident, each with what it is; what is not known is left out."""
    words = reader.words
    impact = words.impact_told.format(alerts=facts.alerts, series=facts.series, firing=facts.firing)
    if incident.services:
        impact = words.services.format(told=impact, count=len(incident.services))
    lines = [
        Told(name=words.where, text=facts.where),
        Told(name=words.since, text=reader.clock(incident.opened_at), at=incident.opened_at),
        Told(name=words.impact, text=impact),
    ]
    if response is not None:
        state, owner = words.states[response.state], reader.called(response.owner)
        told = words.owner.format(state=state, owner=owner) if response.owner else state
        lines += [Told(name=words.state, text=told), Told(name=words.team, text=response.rnd_roster)]
    if facts.root is not None:
        root = words.root_told.format(entity=facts.root.entity, percent=facts.root.percent)
        lines += [Told(name=words.root, text=root), Told(name=words.changed, text=facts.root.changed)]
        lines += [Told(name=words.why, text=facts.root.reason)]
    return (line for line in lines if line.text)


def _due(response: Response, reader: Reader) -> Iterable[Due]:
    """Yield what comes next, the soonest first."""
    if response.state in OVER:
        return
    timers: list[tuple[datetime, Timer]] = sorted(
        (at, timer) for timer, at in response.deadlines.items() if timer in reader.words.due
    )
    for at, timer in timers[:_MOST_DUE]:
        what = reader.words.due[timer]
        yield Due(
            at=at,
            text=reader.words.due_at.format(what=what, at=reader.clock(at)),
            counting=reader.words.due_in.format(what=what, left="{left}"),
        )


def _sent(sends: Iterable[Attempt], reader: Reader) -> Iterable[Sent]:
    """Yield who was paged and what became of it, the newest first."""
    words = reader.words
    for one in reversed(list(sends)):
        state = AttemptState(one.state)
        tier = words.tiers.get(one.page.tier, one.page.tier)
        yield Sent(
            who=words.paged.format(person=reader.called(one.page.person), tier=tier),
            how=words.by.format(channel=one.channel, state=words.sends[state]),
            mark=_MARKS.get(state, ""),
        )
