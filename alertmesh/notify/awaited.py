"""Messages that left and of which their channel should soon report that they arrived."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from alertmesh.core.alert import Priority
from alertmesh.core.page import Attempt, PageKind
from alertmesh.core.ports import Channel, Reporting


class _Message(Struct):
    attempts: list[Attempt]
    late_at: datetime


class Awaited:
    """Follow P1 pages of a reporting channel until they are delivered or late."""

    def __init__(self, channel: Channel) -> None:
        self._messages: dict[str, _Message] = {}
        self.adopt(channel)

    def adopt(self, channel: Channel) -> None:
        """Go by another configuration of the channel."""
        self._patience = timedelta(seconds=channel.report_s) if isinstance(channel, Reporting) else None

    def left(self, attempts: Sequence[Attempt], at: datetime) -> None:
        """Follow a message that left `at`, if anything in it is worth it."""
        urgent = [attempt for attempt in attempts if _is_urgent(attempt)]
        if self._patience is not None and urgent:
            self._messages[urgent[0].key] = _Message(urgent, at + self._patience)

    def settled(self, key: str) -> None:
        """Follow a message no longer."""
        self._messages.pop(key, None)

    def late(self, now: datetime) -> list[Attempt]:
        """Take what should have been reported by now."""
        due = [key for key, message in self._messages.items() if message.late_at <= now]
        return [attempt for key in due for attempt in self._messages.pop(key).attempts]

    def next_late(self) -> datetime | None:
        """Return when the next message is late, None if none is followed."""
        return min((message.late_at for message in self._messages.values()), default=None)


def _is_urgent(attempt: Attempt) -> bool:
    return attempt.page.kind is PageKind.PAGE and attempt.page.priority is Priority.P1
