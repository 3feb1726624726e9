"""Know a storm when it comes: new alerts, many times as fast as this source usually has them.

A storm drops nothing and holds nothing back. It is shown, and series that open in it say so.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from alertmesh.core.ports import Storm
from alertmesh.core.records import Records
from alertmesh.core.series import Change, ChangeKind, Note
from alertmesh.dedup.rates import ALL, Rate, rate_from, terms_of
from alertmesh.dedup.rule import Verdict
from alertmesh.dedup.settings import DedupSettings


class StormRule:
    """Follow how fast series open. `dropped` counts alerts of sources too many to be followed."""

    name = "storm"

    def __init__(self, settings: DedupSettings) -> None:
        self.dropped = 0
        self.rates = Records[str, Rate]("storm_rates", Rate)
        self.tables: tuple[Records[Any, Any], ...] = (self.rates,)
        self._raging: dict[str, None] = {}
        self._look_at: datetime | None = None
        self.adopt(settings)

    def adopt(self, settings: DedupSettings) -> None:
        """Go by other settings; what is usual stays known."""
        self._settings = settings.storm
        self._terms = terms_of(settings.storm)

    def restored(self) -> None:
        """Rebuild what follows from the table."""
        self._raging = {source: None for source in sorted(self.rates) if self.rates[source].since}
        self._look_at = self._next()

    def observe(self, change: Change) -> Verdict | None:
        """Count a series that opens, and say so on it when it does in a storm."""
        if change.kind is not ChangeKind.OPENED or not self._settings.enabled:
            return None
        series = change.series
        if change.at - series.opened_at <= self._settings.fresh:
            now = change.at.timestamp()
            self._count(ALL, now)
            self._count(series.source, now)
        if not self._raging or series.episodes > 1:
            return None
        storm = series.source if series.source in self._raging else ALL
        if storm not in self._raging:
            return None
        rate = self.rates[storm]
        whose = f" of {storm}" if storm else ""
        rates = f"{rate.per_minute():.0f} alerts in a minute, usually {rate.usual * 60:.0f}"
        text = f"opened in a storm{whose}: {rates}"
        return Verdict(series=series.id, notes=(Note("STM-1", text),))

    def jump(self, by: timedelta) -> None:
        """Go along with a jump of the clock."""
        for source in list(self.rates):
            self.rates[source].shift(by.total_seconds())
            self.rates.put(source, self.rates[source])
        self._look_at = self._next()

    def deadline(self) -> datetime | None:
        """Return when to look whether a storm is over."""
        return self._look_at

    def tick(self, now: datetime) -> Sequence[Verdict]:
        """End the storms that are over; nothing is said about any series."""
        for source in list(self._raging):
            rate = self.rates[source]
            if rate.next_look() <= now.timestamp():
                rate.look(now.timestamp(), self._terms)
                self._put(source, rate)
        self._look_at = self._next()
        return ()

    def storms(self) -> tuple[Storm, ...]:
        """Return the storms that rage now; the source of the one of all together is empty."""
        return tuple(_storm(source, self.rates[source]) for source in sorted(self._raging))

    def _count(self, source: str, now: float) -> None:
        rate = self.rates.get(source)
        if rate is None:
            if len(self.rates) > self._settings.max_sources:
                self.dropped += 1
                return
            rate = rate_from(now)
        raged, slot = rate.since, rate.slot
        rate.count(now, self._terms)
        self._put(source, rate)
        if rate.since and (raged != rate.since or slot != rate.slot):
            self._look_at = self._next()

    def _put(self, source: str, rate: Rate) -> None:
        self.rates.put(source, rate)
        if rate.since:
            self._raging[source] = None
        else:
            self._raging.pop(source, None)

    def _next(self) -> datetime | None:
        looks = [self.rates[source].next_look() for source in self._raging]
        return datetime.fromtimestamp(min(looks), UTC) if looks else None


def _storm(source: str, rate: Rate) -> Storm:
    since = datetime.fromtimestamp(rate.since, UTC)
    return Storm(source=source, since=since, per_minute=rate.per_minute(), usual_per_minute=rate.usual * 60)
