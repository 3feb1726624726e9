"""Which pages are still under way, and whether anybody was reached."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec
from msgspec import Struct

from alertmesh.core.entries import Outcome, Reported
from alertmesh.core.page import Attempt
from alertmesh.core.records import Records


class Verdict(StrEnum):
    """What an outcome means for its page."""

    SENT = "sent"
    FAILED = "failed"  # other channels are under way, or one has succeeded
    LOST = "lost"  # the last channel failed and none succeeded
    NOBODY = "nobody"  # lost, and so are all pages of the step that is being paged


class OpenPage(Struct):
    """One page: the channels that have not answered, and those that took it."""

    tier: str
    channels: list[str]
    taken: list[str] = msgspec.field(default_factory=list)


class Delivery(Struct):
    """The pages of one incident; `current` are those of the newest step."""

    pages: dict[str, OpenPage] = msgspec.field(default_factory=dict)
    current: list[str] = msgspec.field(default_factory=list)


class Deliveries:
    """Follow pages until every channel has reported; at most `limit` pages an incident."""

    def __init__(self, limit: int) -> None:
        self.table = Records[int, Delivery]("delivery", Delivery)
        self.dropped = 0
        self._limit = limit

    def begin(self, incident: int, attempts: Mapping[str, list[Attempt]]) -> None:
        """Follow the pages of a new step, given as page id -> attempts."""
        delivery = self.table.get(incident) or Delivery()
        delivery.current = []
        self.table.put(incident, delivery)
        for page, sends in attempts.items():
            self.add(incident, page, sends)

    def add(self, incident: int, page: str, sends: list[Attempt]) -> None:
        """Follow one more page of the step that is being paged."""
        delivery = self.table.get(incident) or Delivery()
        delivery.pages[page] = OpenPage(sends[0].page.tier, [attempt.channel for attempt in sends])
        delivery.current.append(page)
        self._trim(delivery)
        self.table.put(incident, delivery)

    def settle(self, outcome: Outcome) -> Verdict | None:
        """Take a channel's final word; None when it is not awaited (any more)."""
        delivery = self.table.get(outcome.incident)
        page = delivery.pages.get(outcome.page) if delivery else None
        if delivery is None or page is None or outcome.channel not in page.channels:
            return None
        page.channels.remove(outcome.channel)
        if outcome.sent:
            page.taken.append(outcome.channel)
            verdict = Verdict.SENT
        else:
            verdict = self._verdict(delivery, outcome.page)
        self._trim(delivery)
        self.table.put(outcome.incident, delivery)
        return verdict

    def lose(self, report: Reported) -> Verdict | None:
        """Take a channel's word that what it took did not arrive; None when the page is not followed."""
        delivery = self.table.get(report.incident)
        page = delivery.pages.get(report.page) if delivery else None
        if delivery is None or page is None or report.channel not in page.taken:
            return None
        page.taken.remove(report.channel)
        self.table.put(report.incident, delivery)
        return self._verdict(delivery, report.page)

    def withdraw(self, incident: int, tier: str) -> None:
        """Follow the pages of `tier` no longer, or all of them when it is empty."""
        delivery = self.table.get(incident)
        if delivery is None:
            return
        delivery.pages = {name: page for name, page in delivery.pages.items() if tier not in ("", page.tier)}
        delivery.current = [name for name in delivery.current if name in delivery.pages]
        if delivery.pages:
            self.table.put(incident, delivery)
        else:
            self.table.drop(incident)

    def _verdict(self, delivery: Delivery, name: str) -> Verdict:
        page = delivery.pages[name]
        if page.taken or page.channels:
            return Verdict.FAILED
        step = [delivery.pages[other] for other in delivery.current if other in delivery.pages]
        if name in delivery.current and not any(other.taken or other.channels for other in step):
            return Verdict.NOBODY
        return Verdict.LOST

    def _trim(self, delivery: Delivery) -> None:
        """Forget settled pages of former steps, and the oldest beyond the limit."""
        done = [
            name
            for name, page in delivery.pages.items()
            if not page.channels and name not in delivery.current
        ]
        for name in done:
            del delivery.pages[name]
        for name in list(delivery.pages)[: max(len(delivery.pages) - self._limit, 0)]:
            del delivery.pages[name]
            self.dropped += 1
