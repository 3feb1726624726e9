"""Write the message that carries some attempts, from what is known at this moment."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from msgspec import Struct

from alertmesh.core.incident import Incident
from alertmesh.core.oncall import Tier, User
from alertmesh.core.page import Attempt, Message, Page, PageKind
from alertmesh.core.ports import Channel
from alertmesh.core.records import Row
from alertmesh.core.response import Response, State
from alertmesh.notify.bundle import rank
from alertmesh.notify.codes import Codes
from alertmesh.notify.facts import Briefing, Style, facts_of
from alertmesh.notify.render import of_facts
from alertmesh.notify.templates import Templates

Lookup = Callable[[int], tuple[Incident, Response] | None]
People = Callable[[str], User | None]

TEST_LIFETIME = timedelta(minutes=10)
"""How long a test message waits for its turn, before it is withdrawn."""

_OVER = frozenset({State.RESOLVED, State.CLOSED, State.MERGED})
_ACKED: dict[str, State] = {Tier.OPS: State.T1_ACKED, Tier.RND: State.T2_ACKED}


@runtime_checkable
class Speaking(Protocol):
    """A channel with a language of its own, whatever its readers prefer."""

    language: str


class Composer(Struct):
    """Everything that messages are written from. `lookup` and `people` answer for this moment.

    With `codes`, whoever is paged may answer by a code or a link. `templates` write what they are there for,
    by the kind of channel in `kinds`; the built-in texts write everything else.
    """

    lookup: Lookup
    people: People
    external_url: str = ""
    codes: Codes | None = None
    templates: Templates | None = None
    kinds: Mapping[str, str] = {}

    def compose(self, attempts: Sequence[Attempt], key: str, channel: Channel, now: datetime) -> Message:
        """Write one message for all `attempts`, worst incident first."""
        by_incident: dict[int, list[Page]] = {}
        for attempt in sorted(attempts, key=rank):
            by_incident.setdefault(attempt.page.incident, []).append(attempt.page)
        briefings = [self._briefing(number, pages) for number, pages in by_incident.items()]
        names = dict.fromkeys(page.person for briefing in briefings for page in briefing.pages)
        people = tuple(user for name in names if (user := self.people(name)) is not None)
        style = Style(
            key=key,
            now=now,
            people=people,
            language=self._language(channel, people),
            external_url=self.external_url.rstrip("/"),
            code=self._code(attempts, key),
            channel=channel.name,
            kind=self.kinds.get(channel.name, ""),
        )
        return self.say(briefings, style)

    def say(self, briefings: Sequence[Briefing], style: Style) -> Message:
        """Write a message, by its template if there is one."""
        facts = facts_of(briefings, style)
        told = of_facts(facts, style)
        return told if self.templates is None else self.templates.dress(told, facts, style.kind)

    def language(self, attempts: Sequence[Attempt], channel: Channel) -> str:
        """Return the language of the message that carries `attempts`."""
        users = (self.people(attempt.page.person) for attempt in sorted(attempts, key=rank))
        return self._language(channel, tuple(user for user in users if user is not None))

    def rows(self, attempts: Sequence[Attempt], key: str, now: datetime) -> list[Row]:
        """Return what is written with the claim of a message, so that it can be answered."""
        return [] if self.codes is None else self.codes.rows(key, attempts, now)

    def _code(self, attempts: Sequence[Attempt], key: str) -> str:
        asks = any(attempt.page.kind is PageKind.PAGE for attempt in attempts)
        return self.codes.code(key) if asks and self.codes is not None else ""

    def is_stale(self, page: Page, now: datetime) -> bool:
        """Tell whether a page asks for somebody who is no longer needed, or tests what nobody waits for.

        The pipeline withdraws such pages; this also holds between its commit and the
        withdrawal, and after a crash between the two.
        """
        if page.kind is PageKind.TEST:
            return now - page.at > TEST_LIFETIME
        found = self.lookup(page.incident)
        if page.kind is not PageKind.PAGE or found is None:
            return False
        response = found[1]
        if response.state in _OVER:
            return True
        acked = response.state is _ACKED.get(page.tier)
        return acked and page.at < response.since

    def _briefing(self, number: int, pages: Sequence[Page]) -> Briefing:
        found = self.lookup(number)
        incident, response = found if found is not None else (None, None)
        return Briefing(pages=tuple(pages), incident=incident, response=response)

    def _language(self, channel: Channel, people: Sequence[User]) -> str:
        own = channel.language if isinstance(channel, Speaking) else ""
        return own or (people[0].language if people else "en")
