"""Look again at everything that is active, every so often: in a worker, and through the ordered log."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from alertmesh.core.clock import Clock
from alertmesh.core.entries import Proposed
from alertmesh.core.ports import Batch
from alertmesh.correlate.batch import propose
from alertmesh.journal import Journal
from alertmesh.pipeline import Pipeline

Look = Callable[[Pipeline, datetime], Proposed]
"""Has a look at everything active and says what it would change."""

log = structlog.get_logger()


class Rhythm:
    """Tell when the next look is due: at whole multiples of the pause, and only after something changed."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._suggestions = pipeline.correlate.suggestions
        self._seen = pipeline.moves
        self._due: datetime | None = None

    def due(self, reached: datetime) -> datetime | None:
        """Return when the next look is due, once time has come to `reached`; None while nothing changed."""
        every_s = self._suggestions.settings.every_s
        if not every_s or self._pipeline.moves == self._seen:
            self._due = None
        else:
            begun = datetime.fromtimestamp(reached.timestamp() // every_s * every_s, UTC)
            following = begun + timedelta(seconds=every_s)
            self._due = min(self._due or following, following)  # the clock may have been set back since
        return self._due

    def looked(self) -> None:
        """Note that a look was had at all that changed so far."""
        self._seen, self._due = self._pipeline.moves, None


def look(pipeline: Pipeline, now: datetime) -> Proposed:
    """Look at once, in this very thread: for a replay, which has all the time there is."""
    suggestions = pipeline.correlate.suggestions
    return Proposed(at=now, proposals=propose(suggestions.window(now), suggestions.settings))


class SecondLook:
    """Take down what is active, have a worker look at it, and log what it proposes; one at a time.

    The log has an entry only when there is something to decide: a proposal, or suggestions that
    may have to end.
    """

    def __init__(self, pipeline: Pipeline, journal: Journal, clock: Clock) -> None:
        self._suggestions = pipeline.correlate.suggestions
        self._rhythm = Rhythm(pipeline)
        self._journal = journal
        self._clock = clock

    async def beat(self) -> None:
        """Look if it is time; StoreUnavailable leaves what was seen unsaid until the next change."""
        now = self._clock.now()
        due = self._rhythm.due(now)
        if due is None or due > now:
            return
        self._rhythm.looked()
        settings = self._suggestions.settings
        window = self._suggestions.window(now)
        proposals = await asyncio.to_thread(propose, window, settings)
        if window.left_out:
            log.info("second_look_left_out", series=len(window.items), left_out=window.left_out)
        if proposals or self._suggestions.table:
            await self._journal.append(Batch(entries=[Proposed(at=self._clock.now(), proposals=proposals)]))
