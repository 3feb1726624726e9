"""A message that was begun, and what its attempts become."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field
from msgspec.structs import replace

from alertmesh.core.alert import Priority
from alertmesh.core.entries import LogEntry, Outcome, Reported
from alertmesh.core.page import Attempt, AttemptState, PageKind, Receipt, Report, Withdrawal
from alertmesh.notify.bundle import Rank, is_urgent, rank

_TOLD = "not yet sent: "
ARRIVED = frozenset({AttemptState.SENT, AttemptState.DELIVERED, AttemptState.READ})
# What a channel says later counts when it says more than what is known, in whatever order it comes.
_SAYS_MORE = {
    state: place
    for place, state in enumerate(
        (AttemptState.SENT, AttemptState.FAILED, AttemptState.DELIVERED, AttemptState.READ)
    )
}


class OutboxSettings(Struct, frozen=True, kw_only=True):
    """Bounds of trying.

    `lease` is how long the claim of a crashed worker is left alone. After `tell_after` without
    success the pipeline hears of a P1 or P2 page, while tries go on until `max_tries`. A provider is
    asked for `ask_for` about a message whose answer was lost, every `ask_every`.
    """

    lease: timedelta = timedelta(seconds=20)
    max_tries: int = 12
    tell_after: timedelta = timedelta(seconds=30)
    ask_for: timedelta = timedelta(seconds=20)
    ask_every: timedelta = timedelta(seconds=5)


class Job(Struct, kw_only=True):
    """One message with its key and attempts.

    `message` is empty until it was claimed once. `maybe_sent` says that an earlier try may have
    arrived, by `robot` if the channel has several; `lost_at` is when its answer was lost. `revoked`
    are attempts that were withdrawn while the message was being sent, `heard` what the channel
    reported meanwhile.
    """

    key: str
    attempts: list[Attempt]
    due_at: datetime
    message: bytes = b""
    maybe_sent: bool = False
    tries: int = 0
    robot: str = ""
    lost_at: datetime | None = None
    revoked: set[str] = field(default_factory=set)
    heard: Report | None = None

    @property
    def urgent(self) -> bool:
        """Tell whether it carries the first page of a P1 incident."""
        return any(is_urgent(attempt) for attempt in self.attempts)

    @property
    def worst(self) -> Priority:
        """Return the worst priority it carries."""
        return min(attempt.page.priority for attempt in self.attempts)

    @property
    def rank(self) -> Rank:
        """Return the rank of its most pressing attempt."""
        return min(rank(attempt) for attempt in self.attempts)

    def split(self, ids: set[str]) -> list[Attempt]:
        """Take the attempts of `ids` out and return them; key and message stay as they are."""
        gone = [attempt for attempt in self.attempts if attempt.id in ids]
        self.attempts = [attempt for attempt in self.attempts if attempt.id not in ids]
        return gone

    def claimed(self, message: bytes, now: datetime) -> list[Attempt]:
        """Return the attempts as they are written before the message leaves."""
        return [
            replace(
                attempt,
                state=AttemptState.CLAIMED,
                key=self.key,
                message=message,
                claimed_at=now,
                tries=self.tries + 1,
                robot=self.robot,
            )
            for attempt in self.attempts
        ]

    def requeued(self, receipt: Receipt) -> list[Attempt]:
        """Return the attempts as they wait for another try at `due_at`."""
        state = AttemptState.UNKNOWN if self.maybe_sent else AttemptState.QUEUED
        return [
            replace(
                attempt,
                state=state,
                due_at=self.due_at,
                tries=self.tries,
                error=attempt.error if is_told(attempt) else receipt.error,
            )
            for attempt in self.attempts
        ]


def resumed(attempts: Sequence[Attempt], lease: timedelta) -> Job:
    """Rebuild a message that was begun before a restart; a claim is left alone for `lease`."""
    first = attempts[0]
    claimed = first.state is AttemptState.CLAIMED and first.claimed_at is not None
    return Job(
        key=first.key,
        attempts=list(attempts),
        due_at=first.claimed_at + lease if claimed and first.claimed_at is not None else first.due_at,
        message=first.message,
        maybe_sent=first.state is not AttemptState.QUEUED,
        tries=first.tries,
        robot=first.robot,
        lost_at=first.claimed_at if first.state is not AttemptState.QUEUED else None,
    )


def says_more(report: AttemptState, known: AttemptState) -> bool:
    """Tell whether a report changes what is known of an attempt; what was withdrawn stays so.

    Delivered outweighs failed: somebody has it, whatever another part of the network says.
    """
    return known in _SAYS_MORE and _SAYS_MORE.get(report, 0) > _SAYS_MORE[known]


def unbegun(attempt: Attempt) -> Attempt:
    """Return a claimed attempt, whose message never left, as if it had not been claimed."""
    return replace(attempt, state=AttemptState.QUEUED, key="", message=b"", claimed_at=None, tries=0)


def covers(withdrawal: Withdrawal, attempt: Attempt) -> bool:
    """Tell whether a withdrawal is about this attempt; only pages are withdrawn, news is not."""
    page = attempt.page
    if page.kind is not PageKind.PAGE or page.incident != withdrawal.incident:
        return False
    return withdrawal.tier in ("", page.tier)


def is_told(attempt: Attempt) -> bool:
    """Tell whether the pipeline heard already that this attempt has trouble."""
    return attempt.error.startswith(_TOLD)


def told(attempts: Sequence[Attempt], error: str) -> list[Attempt]:
    """Return the P1 and P2 pages that the pipeline has not heard of yet, marked as heard of."""
    return [
        replace(attempt, error=_TOLD + error)
        for attempt in attempts
        if not is_told(attempt)
        and attempt.page.kind is PageKind.PAGE
        and attempt.page.priority <= Priority.P2
    ]


def outcomes(attempts: Sequence[Attempt], now: datetime) -> list[LogEntry]:
    """Return what the pipeline hears of attempts, by their state and error."""
    return [
        Outcome(
            attempt=attempt.id,
            incident=attempt.page.incident,
            page=attempt.page.id,
            channel=attempt.channel,
            person=attempt.page.person,
            sent=attempt.state in ARRIVED,
            at=now,
            error=attempt.error,
        )
        for attempt in attempts
        if attempt.page.kind is not PageKind.TEST
    ]


def reported(attempts: Sequence[Attempt], now: datetime) -> list[LogEntry]:
    """Return what the pipeline hears of attempts that had left, after their channel reported on them."""
    return [
        Reported(
            attempt=attempt.id,
            incident=attempt.page.incident,
            page=attempt.page.id,
            channel=attempt.channel,
            person=attempt.page.person,
            state=attempt.state,
            at=now,
            error=attempt.error,
        )
        for attempt in attempts
        if attempt.page.kind is not PageKind.TEST
    ]
