"""Remember what was changed lately, for those who look for the root of what alerts now."""

from collections.abc import Collection, Hashable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from alertmesh.core.changes import ChangeEvent
from alertmesh.core.records import Records
from alertmesh.correlate.settings import CorrelateSettings

_Likeness = tuple[str, str, str, str]
_Key = TypeVar("_Key", bound=Hashable)
_ROLLOUT = timedelta(minutes=10)
_TOUCHED = 64
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
        self._like: dict[_Likeness, set[str]] = {}

    def adopt(self, settings: CorrelateSettings) -> None:
        """Go by other settings from here on."""
        self._settings = settings

    def restored(self) -> None:
        """Rebuild what is kept in memory only, after the table was restored."""
        self._of, self._like = {}, {}
        for event in self.table.values():
            self._index(event)

    def note(self, event: ChangeEvent, now: datetime) -> None:
        """Remember a change; what is older than the settings say, or over the bound, is let go of."""
        oldest = now - timedelta(days=self._settings.change_days)
        if event.at < oldest:
            return
        self.table.put(event.id, event)
        self._index(event)
        if len(self.table) > self._settings.max_changes:
            self._forget(oldest)

    def before(self, names: Collection[str], cluster: str, until: datetime) -> Iterator[ChangeEvent]:
        """Yield the last change of each of some things shortly before a moment, in order of name."""
        for name in sorted(names):
            found = self.lately((name,), cluster, until)
            if found:
                yield max(found, key=_age)

    def lately(self, names: Collection[str], cluster: str, until: datetime) -> list[ChangeEvent]:
        """Return every change to some things shortly before a moment."""
        since = until - timedelta(seconds=self._settings.change_reach_s)
        return [
            event
            for name in sorted(names)
            for event in (self.table[one] for one in self._of.get(name, ()))
            if since <= event.at <= until + _SLACK and event.cluster in ("", cluster)
        ]

    def touched(self, event: ChangeEvent) -> list[str]:
        """Return the things that a change touched, its own first: those of events equal in all but the thing.

        They lie within ten minutes. Events that name no author, no text and no address are no one change.
        """
        alike = [self.table[one] for one in self._like.get(_likeness(event), ())] if _says(event) else []
        names = {
            other.entity
            for other in alike
            if abs(other.at - event.at) <= _ROLLOUT
            and (other.cluster == event.cluster or not (other.cluster and event.cluster))
        }
        return [event.entity, *sorted(names - {event.entity})[: _TOUCHED - 1]]

    def events(self) -> Iterable[ChangeEvent]:
        """Return every change that is remembered."""
        return self.table.values()

    def _forget(self, oldest: datetime) -> None:
        """Let go of what is too old, and of a tenth if that is not enough: not at each new one."""
        by_age = sorted(self.table.values(), key=_age)
        surplus = len(by_age) - self._settings.max_changes * 9 // 10
        for place, event in enumerate(by_age):
            if event.at >= oldest and place >= surplus:
                break
            self.dropped += event.at >= oldest
            self._drop(event)

    def _index(self, event: ChangeEvent) -> None:
        self._of.setdefault(event.entity, set()).add(event.id)
        self._like.setdefault(_likeness(event), set()).add(event.id)

    def _drop(self, event: ChangeEvent) -> None:
        self.table.drop(event.id)
        _discard(self._of, event.entity, event.id)
        _discard(self._like, _likeness(event), event.id)


def _likeness(event: ChangeEvent) -> _Likeness:
    return (event.kind, event.actor, event.summary, event.url)


def _says(event: ChangeEvent) -> bool:
    return bool(event.actor or event.summary or event.url)


def _age(event: ChangeEvent) -> tuple[datetime, str]:
    return (event.at, event.id)


def _discard(index: dict[_Key, set[str]], key: _Key, one: str) -> None:
    held = index[key]
    held.discard(one)
    if not held:
        del index[key]
