"""What waits for one channel: attempts that were never begun, messages that were, the one under way."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from alertmesh.core.page import Attempt, AttemptState, Withdrawal
from alertmesh.notify.job import Job, covers, resumed, unbegun


class Queue:
    """The attempts of one channel. `moved` changed in memory and is not yet written so."""

    def __init__(self) -> None:
        self.fresh: dict[str, Attempt] = {}
        self.begun: dict[str, Job] = {}
        self.flying: Job | None = None
        self.moved: list[Attempt] = []

    def add(self, attempt: Attempt) -> None:
        """Queue an attempt that was never begun; one that is known already stays as it is."""
        jobs = [*self.begun.values(), *([self.flying] if self.flying else [])]
        if not any(attempt.id == other.id for job in jobs for other in job.attempts):
            self.fresh.setdefault(attempt.id, attempt)

    def resume(self, attempts: Sequence[Attempt], lease: timedelta) -> None:
        """Take back a message that was begun before a restart."""
        job = resumed(attempts, lease)
        self.begun[job.key] = job

    def withdraw(self, withdrawal: Withdrawal) -> None:
        """Stop the queued pages of an incident at once; it is written before the next claim."""
        gone = [attempt for attempt in self.fresh.values() if covers(withdrawal, attempt)]
        for attempt in gone:
            del self.fresh[attempt.id]
        self.moved.extend(gone)
        for job in list(self.begun.values()):
            self._thin_out(job, {attempt.id for attempt in job.attempts if covers(withdrawal, attempt)})
        if self.flying is not None:
            hit = {attempt.id for attempt in self.flying.attempts if covers(withdrawal, attempt)}
            self.flying.revoked |= hit

    def due(self, now: datetime) -> list[Attempt]:
        """Return the attempts that were never begun and may leave now."""
        return [attempt for attempt in self.fresh.values() if attempt.due_at <= now]

    def waiting(self) -> list[Attempt]:
        """Return everything that waits, whether it was begun or not."""
        return [*self.fresh.values(), *(one for job in self.begun.values() for one in job.attempts)]

    def later(self, pages: set[str], now: datetime) -> list[Attempt]:
        """Return what waits for its time, of these pages."""
        return [one for one in self.fresh.values() if one.page.id in pages and one.due_at > now]

    def jump(self, by: timedelta) -> None:
        """Move the time of everything that waits."""
        self.fresh = {name: replace(one, due_at=one.due_at + by) for name, one in self.fresh.items()}
        for job in self.begun.values():
            job.due_at += by

    def times(self) -> list[datetime]:
        """Return when everything that waits is due."""
        return [
            *(attempt.due_at for attempt in self.fresh.values()),
            *(job.due_at for job in self.begun.values()),
        ]

    def take(self, job: Job) -> None:
        """Take a message out, to be sent."""
        self.flying = job
        self.begun.pop(job.key, None)
        for attempt in job.attempts:
            self.fresh.pop(attempt.id, None)

    def give_back(self, job: Job, without: set[str], began: bool) -> None:
        """Queue a message again that did not leave this time, without what is not wanted any more."""
        self.flying = None
        if began:
            self.begun[job.key] = job
            self._thin_out(job, set(without))
            job.revoked = set()
            return
        self.moved.extend(job.split(set(without)))
        back = [unbegun(attempt) for attempt in job.attempts]
        self.fresh.update((attempt.id, attempt) for attempt in back)
        self.moved.extend(back)

    def as_written(self, attempt: Attempt, now: datetime) -> Attempt:
        """Return a moved attempt as it is to be written: queued, or withdrawn."""
        if attempt.id in self.fresh:
            return attempt
        return replace(attempt, state=AttemptState.WITHDRAWN, settled_at=now)

    def _thin_out(self, job: Job, ids: set[str]) -> None:
        self.moved.extend(job.split(ids))
        if not job.attempts:
            self.begun.pop(job.key, None)
