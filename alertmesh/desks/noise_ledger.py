"""Count hour by hour what became of alerts, so that it can be told how much each rule took away.

The timeline tells of incidents alone. What never became one is counted here as it is decided, from the
day on which AlertMesh was first started with this. A crash loses the last seconds of it at most.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec import Struct, field
from msgspec.structs import fields

from alertmesh.core.group import Grouped, Role
from alertmesh.core.incident import TimelineEntry
from alertmesh.core.past import Past
from alertmesh.core.records import Row
from alertmesh.core.series import ChangeKind
from alertmesh.pipeline import Decisions

HOUR = timedelta(hours=1)
KEPT = timedelta(days=92)
"""How long an hour is remembered."""

_TABLE = "noise_hour"
_BEGINS = frozenset({ChangeKind.OPENED, ChangeKind.GREW, ChangeKind.WORSE})


class Hour(Struct, kw_only=True, omit_defaults=True):
    """What was counted in one hour, from `since` on: its beginning, or when counting began.

    `alerts` came in, `changes` were news, `opened` began a series. `joined` series came into a group
    that was there, `inhibited` ones were explained by another alert. `held` changes asked for the page to
    wait. `pages` counts each person, `silenced` and `maintained` incidents that were suppressed. `under`
    counts changes of series by the mark they carried, `rules` what the dedup rules did by id of the branch.
    """

    since: datetime
    alerts: int = 0
    changes: int = 0
    opened: int = 0
    joined: int = 0
    inhibited: int = 0
    held: int = 0
    incidents: int = 0
    pages: int = 0
    silenced: int = 0
    maintained: int = 0
    under: dict[str, int] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)

    def take(self, out: Decisions) -> None:
        """Count what a run of entries led to."""
        for change in out.changes:
            if change.fingerprint:
                self.changes += 1
                for mark in change.series.marks:
                    _count(self.under, mark.value)
            self.opened += change.kind is ChangeKind.OPENED
            self.held += change.hold_until is not None
            for note in change.notes:
                _count(self.rules, note.rule)
        for event in out.groups:
            if isinstance(event, Grouped) and event.change.kind in _BEGINS:
                hidden = event.join.role is Role.SUPPRESSED
                self.inhibited += hidden
                self.joined += not hidden and not event.opened and event.change.kind is ChangeKind.OPENED
        for line in out.timeline:
            self.incidents += line.kind == "opened"
            self.pages += line.kind == "page"
            self.silenced += is_silenced(line)
            self.maintained += is_maintained(line)


class Ledger:
    """Keep the present hour, and read the ones before."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._hour: Hour | None = None
        self._alerts: int | None = None
        self._moved = False

    def begin(self, past: Past, now: datetime) -> None:
        """Go on with the hour that was counted last, if it is still that hour."""
        self._at = hour_of(now)
        body = past.row(_TABLE, _key(self._at))
        self._hour = _decode(body) if body is not None else Hour(since=now)
        self._moved = body is None

    def take(self, out: Decisions, now: datetime) -> list[Row]:
        """Count what was decided; return the hour before as a row when that is over."""
        ended = self._turn(now)
        if self._hour is not None:
            self._hour.take(out)
            self._moved = True
        return ended

    def heard(self, alerts: int, now: datetime) -> list[Row]:
        """Take how many alerts came since the process began; return rows as `take` does."""
        ended = self._turn(now)
        if self._hour is not None and self._alerts is not None and alerts != self._alerts:
            self._hour.alerts += max(0, alerts - self._alerts)
            self._moved = True
        self._alerts = alerts
        return ended

    def rows(self) -> list[Row]:
        """Return the present hour as a row, if anything was counted since it was asked for last."""
        if self._at is None or self._hour is None or not self._moved:
            return []
        self._moved = False
        return [_row(self._at, self._hour)]

    def _turn(self, now: datetime) -> list[Row]:
        at = hour_of(now)
        if self._at is None or self._hour is None or at <= self._at:
            return []
        ended = [_row(self._at, self._hour), Row(_TABLE, _key(at - KEPT), None)]
        self._at, self._hour, self._moved = at, Hour(since=at), True
        return ended


def read(past: Past, start: datetime, end: datetime) -> list[tuple[datetime, Hour]]:
    """Return the hours from the one that holds `start` until `end`, in order."""
    first = _key(hour_of(start))
    wanted = int((end - hour_of(start)) / HOUR) + 1
    found = past.scan(_TABLE, _key(hour_of(end)) + 1, wanted)
    return [
        (datetime.fromtimestamp(key, UTC), _decode(body)) for key, body in reversed(found) if key >= first
    ]


def is_silenced(line: TimelineEntry) -> bool:
    """Tell whether a line says that a silence hides an incident."""
    return line.kind == "suppressed" and line.text.startswith("by silence ")


def is_maintained(line: TimelineEntry) -> bool:
    """Tell whether a line says that a maintenance window hides an incident."""
    return line.kind == "suppressed" and line.text.startswith("by maintenance ")


def hour_of(moment: datetime) -> datetime:
    """Return when the hour of a moment began.

    >>> hour_of(datetime(2026, 11, 23, 4, 59, tzinfo=UTC)).minute
    0
    """
    return moment.replace(minute=0, second=0, microsecond=0)


def total(hours: Iterable[Hour]) -> Hour:
    """Return the sum of hours, since the first of them."""
    parts = list(hours)
    whole = Hour(since=min(part.since for part in parts))
    for part in parts:
        for name in _NUMBERS:
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
        for name in ("under", "rules"):
            for key, count in getattr(part, name).items():
                _count(getattr(whole, name), key, count)
    return whole


def _count(counts: dict[str, int], key: str, by: int = 1) -> None:
    counts[key] = counts.get(key, 0) + by


def _row(at: datetime, hour: Hour) -> Row:
    return Row(_TABLE, _key(at), _encode(hour), live=False)


def _key(at: datetime) -> int:
    return int(at.timestamp())


_NUMBERS = tuple(one.name for one in fields(Hour) if one.type is int)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Hour).decode
