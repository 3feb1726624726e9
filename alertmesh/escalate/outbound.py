"""What a stage gives out: attempts, withdrawals and timeline lines, collected in order."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from alertmesh.core.alert import Priority
from alertmesh.core.incident import TimelineEntry
from alertmesh.core.oncall import Reach, User
from alertmesh.core.page import Attempt, AttemptState, Page, PageKind, Withdrawal
from alertmesh.core.response import Response
from alertmesh.escalate.events import PageWanted


class Escalated(Struct):
    """Everything that was decided, in order.

    Withdrawals concern pages given out earlier: they are to be applied before `attempts` are
    added. `retired` are the incidents whose response was archived.
    """

    attempts: list[Attempt] = msgspec.field(default_factory=list)
    withdrawals: list[Withdrawal] = msgspec.field(default_factory=list)
    timeline: list[TimelineEntry] = msgspec.field(default_factory=list)
    retired: list[int] = msgspec.field(default_factory=list)

    def withdraw(self, incident: int, tier: str) -> None:
        """Withdraw the queued pages of `tier`, or of both when it is empty."""
        withdrawal = Withdrawal(incident=incident, tier=tier)
        self.withdrawals.append(withdrawal)
        strike(self.attempts, withdrawal)


def strike(attempts: list[Attempt], withdrawal: Withdrawal) -> None:
    """Take out the pages that a withdrawal covers, before anybody saw them.

    To be used wherever the answers of several entries are put together.
    """
    attempts[:] = [attempt for attempt in attempts if not _covers(withdrawal, attempt.page)]


def _covers(withdrawal: Withdrawal, page: Page) -> bool:
    is_page = page.kind is PageKind.PAGE and page.incident == withdrawal.incident
    return is_page and withdrawal.tier in ("", page.tier)


def page_for(response: Response, person: str, wanted: PageWanted, at: datetime) -> Page:
    """Return the page that `wanted` means for `person`; the same decision gives the same id."""
    parts = (response.incident, response.cycle, wanted.tier, wanted.step, wanted.loop, person, PageKind.PAGE)
    return Page(
        id="-".join(map(str, parts)),
        incident=response.incident,
        epoch=response.epoch,
        cycle=response.cycle,
        kind=PageKind.PAGE,
        tier=wanted.tier,
        step=wanted.step,
        loop=wanted.loop,
        person=person,
        priority=response.priority,
        at=at,
        reason=wanted.reason,
    )


def news_for(response: Response, person: str, kind: PageKind, text: str, at: datetime) -> Page:
    """Return a message that asks for no ack; each epoch has its own."""
    step = max(response.step, 0)
    parts = (response.incident, response.cycle, response.tier, step, response.loop, person, kind)
    return Page(
        id="-".join(map(str, (*parts, response.epoch))),
        incident=response.incident,
        epoch=response.epoch,
        cycle=response.cycle,
        kind=kind,
        tier=response.tier,
        step=step,
        loop=response.loop,
        person=person,
        priority=response.priority,
        at=at,
        reason=text,
    )


def attempts_of(page: Page, users: Mapping[str, User]) -> list[Attempt]:
    """Return the queued attempts to reach the page's person, each due when its channel's turn comes.

    News asks for nothing, so it takes the mildest way that the person has, and only the first of it.
    """
    user = users.get(page.person)
    if user is None:
        return []
    ways = ways_to(user, page.priority if page.kind is PageKind.PAGE else Priority.P4)
    if page.kind is not PageKind.PAGE:
        ways = ways[:1]
    first: dict[str, datetime] = {}
    for way in ways:
        for channel in way.channels:
            first.setdefault(channel, page.at + way.after)
    return [
        Attempt(id=f"{page.id}/{channel}", page=page, channel=channel, state=AttemptState.QUEUED, due_at=due)
        for channel, due in first.items()
    ]


def ways_to(user: User, priority: Priority) -> tuple[Reach, ...]:
    """Return the ways by which a page of `priority` goes to somebody, in order."""
    nearest = sorted(user.reach, key=lambda other: (other > priority, abs(other - priority)))
    return user.reach[nearest[0]] if nearest else (Reach(timedelta(), user.channels),)
