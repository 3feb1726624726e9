"""Remember what was changed lately, for those who look for the root of what alerts now."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from alertmesh.core.changes import ChangeEvent
from alertmesh.core.records import Records
from alertmesh.correlate.settings import CorrelateSettings

_SLACK = timedelta(seconds=60)  # clocks differ, and a change takes a moment to be told


class Changes:
    """Hold change events for some days, and at most so many; `dropped` counts those over the bound.

    `table` is the durable state.
    """

    def __init__(self, settings: CorrelateSettings) -> None:
        self.table = Records[str, ChangeEvent]("correlate_change", ChangeEvent)
        self.dropped = 0
        self._settings = settings
        self._of: dict[str, set[str]] = {}

    def adopt(self, settings: CorrelateSettings) -> None:
        """Go by other settings from here on."""
        self._settings = settings

    def restored(self) -> None:
        """Rebuild what is kept in memory only, after the table was restored."""
        self._of = {}
        for event in self.table.values():
            self._of.setdefault(event.entity, set()).add(event.id)

    def note(self, event: ChangeEvent, now: datetime) -> None:
        """Remember a change; what is older than the settings say, or over the bound, is let go of."""
        oldest = now - timedelta(days=self._settings.change_days)
        if event.at < oldest:
            return
        self.table.put(event.id, event)
        self._of.setdefault(event.entity, set()).add(event.id)
        if len(self.table) > self._settings.max_changes:
            self._forget(oldest)

    def before(self, names: Collection[str], cluster: str, until: datetime) -> Iterator[ChangeEvent]:
        """Yield the last change of each of some things shortly before a moment, in order of name."""
        since = until - timedelta(seconds=self._settings.change_reach_s)
        for name in sorted(names):
            found = [
                event
                for event in (self.table[one] for one in self._of.get(name, ()))
                if since <= event.at <= until + _SLACK and event.cluster in ("", cluster)
            ]
            if found:
                yield max(found, key=lambda event: (event.at, event.id))

    def events(self) -> Iterable[ChangeEvent]:
        """Return every change that is remembered."""
        return self.table.values()

    def _forget(self, oldest: datetime) -> None:
        """Let go of what is too old, and of a tenth if that is not enough: not at each new one."""
        by_age = sorted(self.table.values(), key=lambda event: (event.at, event.id))
        surplus = len(by_age) - self._settings.max_changes * 9 // 10
        for place, event in enumerate(by_age):
            if event.at >= oldest and place >= surplus:
                break
            self.dropped += event.at >= oldest
            self._drop(event)

    def _drop(self, event: ChangeEvent) -> None:
        self.table.drop(event.id)
        held = self._of[event.entity]
        held.discard(event.id)
        if not held:
            del self._of[event.entity]
