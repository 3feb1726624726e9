"""The desk that tells what each rule took away: compressed, held, marked, and what of it never paged."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil

import structlog
from msgspec import Struct

from alertmesh.core.clock import Clock
from alertmesh.core.errors import StoreUnavailable
from alertmesh.core.ports import Batch, Store
from alertmesh.core.records import Row
from alertmesh.core.series import Mark
from alertmesh.desks.noise_kinds import KINDS, Mechanism, kept_back, mechanism, parts
from alertmesh.desks.noise_ledger import HOUR, Hour, Ledger, hour_of, read, total
from alertmesh.pipeline import Decisions
from alertmesh.wiring import Wiring

_SAVE_S = 10.0
_HOURLY = timedelta(days=3)
_DAY = timedelta(days=1)

log = structlog.get_logger()


class Funnel(Struct, frozen=True, kw_only=True):
    """What is left from stage to stage: alerts that came, those that were news, series that began, incidents.

    `pages` counts each person that was paged. `since` is when counting began, for a span that begins earlier.
    """

    since: datetime
    alerts: int
    changes: int
    series: int
    incidents: int
    pages: int


class NoiseFound(Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """What became of alerts in a span of time, which begins with a full hour.

    `since` is when what is only counted was first counted, None when there is nothing yet. `moments` are
    the beginnings of the `parts` of each mechanism.
    """

    start: datetime
    end: datetime
    since: datetime | None
    funnel: Funnel
    moments: list[datetime]
    mechanisms: list[Mechanism]


class Noise:
    """Count what is decided, and say what became of it."""

    def __init__(self, store: Store, wiring: Wiring, clock: Clock) -> None:
        self._store = store
        self._wiring = wiring
        self._clock = clock
        self._ledger = Ledger()
        self._rows: list[Row] = []
        self._turn = asyncio.Lock()
        self._saving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Go on counting."""
        self._ledger.begin(self._store, self._clock.now())
        self._saving = asyncio.create_task(self._save_loop(), name="noise")

    async def stop(self) -> None:
        """Write what was counted."""
        if self._saving is not None:
            self._saving.cancel()
            await asyncio.gather(self._saving, return_exceptions=True)
            try:
                await self.save()
            except StoreUnavailable as error:
                log.warning("noise_not_written", error=str(error))

    def decided(self, out: Decisions) -> None:
        """Count what was decided."""
        self._rows += self._ledger.take(out, self._clock.now())

    async def save(self) -> None:
        """Make durable what was counted; StoreUnavailable when it was not, and nothing is lost."""
        came = sum(sender.alerts for sender in self._wiring.contacts.statuses())
        self._rows += self._ledger.heard(came, self._clock.now())
        rows, self._rows = [*self._rows, *self._ledger.rows()], []
        if not rows:
            return
        try:
            await self._store.write(Batch(rows=rows))
        except StoreUnavailable:
            self._rows = [*rows, *self._rows]
            raise

    async def report(self, start: datetime, end: datetime) -> NoiseFound:
        """Return what became of alerts from the hour of `start` until `end`."""
        await self.save()
        start = hour_of(start)
        marked = Counter(mark for one in self._wiring.pipeline.dedup.series.values() for mark in one.marks)
        async with self._turn:
            return await asyncio.to_thread(self._read, start, end, marked)

    def _read(self, start: datetime, end: datetime, marked: Mapping[Mark, int]) -> NoiseFound:
        with self._store.aside() as past:
            hours = read(past, start, end)
            held = kept_back(past, start, end)
        size = HOUR if end - start <= _HOURLY else _DAY
        moments = [start + size * place for place in range(max(1, ceil((end - start) / size)))]
        whole = total(hour for _, hour in hours) if hours else Hour(since=end)
        places = [(min(int((at - start) / size), len(moments) - 1), hour) for at, hour in hours]
        return NoiseFound(
            start=start,
            end=end,
            since=whole.since if hours else None,
            funnel=Funnel(
                since=max(start, whole.since),
                alerts=whole.alerts,
                changes=whole.changes,
                series=whole.opened,
                incidents=whole.incidents,
                pages=whole.pages,
            ),
            moments=moments,
            mechanisms=[
                mechanism(kind, whole, held[kind.name], marked, parts(kind, places, len(moments)))
                for kind in KINDS
            ],
        )

    async def _save_loop(self) -> None:
        while True:
            try:
                await self.save()
            except StoreUnavailable as error:
                log.warning("noise_not_written", error=str(error))
            await asyncio.sleep(_SAVE_S)
